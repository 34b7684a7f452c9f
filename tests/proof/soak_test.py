"""One warm instance through months of runs, churn and faults: it keeps nothing, the report stays right and small."""

import json
from collections.abc import Sequence
from statistics import linear_regression
from typing import Any

import pytest

from tests.proof.instance import RUNS_KEPT, Instance, Lived, Vitals, born
from tests.proof.life import Life, begun
from tests.proof.sampling import many

_RUNS = many(12, 500)
# So long until everything has happened once: what is imported late, compiled or cached for good is there then.
_WARM_UP = many(6, 150)
# Bytes of objects that may stay of each run: less than the least that it makes, the result of a run without customers.
# A few runs are not enough to tell that from what is kept once; there, less than what it reads of the workbook.
_STAYING = many(32_768, 256)
# Of memory outside Python's objects just the beginnings of a leak would show: this many bytes, of a hundred million.
_MOST_MORE_RESIDENT = 8 * 1024 * 1024
_MONTH = 32 * 86_400.0
_HISTORY_MONTHS = 3
_CONCURRENCY = 6
# A connection for each worker to AvePoint, one to Sheets, and the pipe to this test.
_MOST_SOCKETS = _CONCURRENCY + 2
# Room for the longest that the Overview ever had to say about nine customers; it is never given back.
_MOST_OVERVIEW_ROWS = 150
_REMARK = "asked on Monday"


def test_a_long_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing grows in the instance from run to run, and in the end the workbook is right and no larger than before."""
    with begun(seed=8) as life:
        monkeypatch.setenv("HISTORY_MONTHS", str(_HISTORY_MONTHS))
        monkeypatch.setenv("AVEPOINT_CONCURRENCY", str(_CONCURRENCY))
        monkeypatch.setenv("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "0.3")
        for name, value in life.settings.items():
            monkeypatch.setenv(name, value)
        with born("2026-01-05 06:00") as instance:
            for _ in range(_HISTORY_MONTHS):
                _good(instance.run_after(_MONTH))
            life.remark(_REMARK)
            before = _sizes(life.document())
            held = [_eventful(life, instance).vitals for _ in range(_RUNS)]
            life.recover()
            # So long until the last month of those who have gone has left the History.
            for _ in range(_HISTORY_MONTHS):
                last = _good(instance.run_after(_MONTH))
        _keeps_nothing(held[_WARM_UP:])
        _is_right(life, last)
        document = life.document()
    assert _sizes(document) == before
    assert _height(document, "Overview") <= _MOST_OVERVIEW_ROWS


def _eventful(life: Life, instance: Instance) -> Lived:
    """A run for which the world has changed and something may fail; whatever happens, it answers as promised."""
    life.recover()
    life.go_on()
    life.fail()
    lived = instance.run_after(life.gap())
    assert lived.status in (200, 409, 502, 503), lived.answer
    return lived


def _good(lived: Lived) -> Lived:
    assert (lived.status, lived.answer["outcome"]) == (200, "ok"), lived.answer
    return lived


def _keeps_nothing(held: Sequence[Vitals]) -> None:
    assert {vitals.threads for vitals in held} == {1}
    assert max(vitals.sockets for vitals in held) <= _MOST_SOCKETS
    assert len({vitals.files - vitals.sockets for vitals in held}) == 1
    grown = linear_regression(range(len(held)), [vitals.memory for vitals in held]).slope
    assert grown < _STAYING
    assert held[-1].resident - held[0].resident < _MOST_MORE_RESIDENT


def _is_right(life: Life, last: Lived) -> None:
    seats = life.seats()
    report = life.rows("Seat Report")
    keys = [(row["Customer ID"], row["Tenant type"], row["Tenant ID"]) for row in report]
    assert sorted(keys) == sorted(seats)
    for key, row in zip(keys, report, strict=True):
        shown = row["Customer"], row["Tenant"], row["Assigned seats"], row["Available seats"]
        assert (row["Status"], shown) == ("Current", seats[key])
    first = life.customers[0].tenants[0].id
    # The remark stands under no header.
    assert {row["Tenant ID"]: row[""] for row in report if row[""]} == {first: _REMARK}

    assigned = {key: counts[2] for key, counts in seats.items()}
    totals = {row["Customer ID"]: row["Assigned seats"] for row in life.rows("By Customer")}
    assert totals == {
        customer.id: sum(count for key, count in assigned.items() if key[0] == customer.id)
        for customer in life.customers
    }
    history = life.rows("History")
    months = [header for header in history[0] if header[:2] == "20"]
    assert len(months) == _HISTORY_MONTHS
    newest = {
        (row["Customer ID"], row["Tenant type"], row["Tenant ID"]): row[max(months)]
        for row in history
        if row["Seats"] == "Assigned"
    }
    assert newest == assigned

    runs = life.rows("Runs")
    assert len(runs) == RUNS_KEPT
    assert runs[0]["Run ID"] == last.answer["run_id"]
    assert (runs[0]["Assigned seats"], runs[0]["Outcome"]) == (sum(assigned.values()), "ok")
    assert "Running" not in {row["Outcome"] for row in runs}


def _sizes(document: dict[str, Any]) -> dict[str, int]:
    """How much of everything there is that a run might add to; of a table's rows only those below the last filled."""
    found = {"marks": json.dumps(document).count('"metadataId"'), "names": len(document["namedRanges"])}
    for sheet in document["sheets"]:
        title, (data,) = sheet["properties"]["title"], sheet["data"]
        grid = sheet["properties"]["gridProperties"]
        filled = max((place for place, row in enumerate(data.get("rowData", ()), 1) if _is_filled(row)), default=0)
        found[f"{title}, columns"] = grid["columnCount"]
        if title not in ("Customers", "Overview"):
            found[f"{title}, spare rows"] = grid["rowCount"] - filled
        found |= {f"{title}, {name}": len(part) for name, part in sheet.items() if isinstance(part, list)}
    return found


def _height(document: dict[str, Any], title: str) -> int:
    (properties,) = [one["properties"] for one in document["sheets"] if one["properties"]["title"] == title]
    height: int = properties["gridProperties"]["rowCount"]
    return height


def _is_filled(row: dict[str, Any]) -> bool:
    return any("userEnteredValue" in cell for cell in row.get("values", ()))
