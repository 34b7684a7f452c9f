"""One warm instance through months of runs, changes and faults: it leaks nothing, the report stays right and small."""

from collections.abc import Sequence
from statistics import linear_regression
from typing import Any

import pytest

from tests.proof.instance import RUNS_KEPT, Instance, ResourceUsage, RunReport, warm_instance
from tests.proof.sampling import many
from tests.proof.simulation import Simulation, simulation

_RUNS = many(4, 500)
# Runs until everything has happened once, so that late imports, compiled code and caches are in place.
_WARM_UP = many(2, 150)
# Bytes of objects that a run may leave behind: less than its smallest product, the result of a run without customers.
# A few runs are too few to tell this from what is kept once; there, less than what a run reads of the workbook.
_MAX_BYTES_PER_RUN = many(32_768, 256)
# A leak outside Python's objects would only begin to show: this many bytes of a hundred million.
_MAX_RESIDENT_GROWTH = 8 * 1024 * 1024
_MONTH_SECONDS = 32 * 86_400.0
_HISTORY_MONTHS = 3
_CONCURRENCY = 6
# A connection to AvePoint for each worker, one to Sheets, and the pipe to this test.
_MAX_SOCKETS = _CONCURRENCY + 2
# Room for the longest Overview of nine customers; these rows are never removed.
_MAX_OVERVIEW_ROWS = 150
_REMARK = "asked on Monday"


def test_months_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing grows in the instance from run to run; in the end the workbook is right and no larger than before."""
    with simulation(seed=8) as simulated:
        monkeypatch.setenv("HISTORY_MONTHS", str(_HISTORY_MONTHS))
        monkeypatch.setenv("AVEPOINT_CONCURRENCY", str(_CONCURRENCY))
        monkeypatch.setenv("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "0.3")
        for name, value in simulated.settings.items():
            monkeypatch.setenv(name, value)
        with warm_instance("2026-01-05 06:00") as instance:
            for _ in range(_HISTORY_MONTHS):
                _assert_ok(instance.run_after(_MONTH_SECONDS))
            simulated.remark(_REMARK)
            before = _sizes(simulated.document())
            usages = [_eventful_run(simulated, instance).usage for _ in range(_RUNS)]
            simulated.recover()
            # Until the last month of removed tenants has left the History: the first of these months, in which they end
            # with 0 if the runs before could not see that they are gone.
            for _ in range(_HISTORY_MONTHS + 1):
                last = _assert_ok(instance.run_after(_MONTH_SECONDS))
        _assert_nothing_kept(usages[_WARM_UP:])
        _assert_right(simulated, last)
        document = simulated.document()
    assert _sizes(document) == before
    assert _height(document, "Overview") <= _MAX_OVERVIEW_ROWS


def _eventful_run(simulated: Simulation, instance: Instance) -> RunReport:
    """A run after changes and perhaps with a fault; its status is a documented one."""
    simulated.recover()
    simulated.change()
    simulated.inject_faults()
    report = instance.run_after(simulated.gap())
    assert report.status in (200, 409, 502, 503), report.body
    return report


def _assert_ok(report: RunReport) -> RunReport:
    assert (report.status, report.body["outcome"]) == (200, "ok"), report.body
    return report


def _assert_nothing_kept(usages: Sequence[ResourceUsage]) -> None:
    assert {usage.threads for usage in usages} == {1}
    assert max(usage.sockets for usage in usages) <= _MAX_SOCKETS
    assert len({usage.files - usage.sockets for usage in usages}) == 1
    growth = linear_regression(range(len(usages)), [usage.memory for usage in usages]).slope
    assert growth < _MAX_BYTES_PER_RUN
    assert usages[-1].resident - usages[0].resident < _MAX_RESIDENT_GROWTH


def _assert_right(simulated: Simulation, last: RunReport) -> None:
    seats = simulated.seats()
    report = simulated.rows("Seat Report")
    keys = [(row["Customer ID"], row["Tenant type"], row["Tenant ID"]) for row in report]
    assert sorted(keys) == sorted(seats)
    for key, row in zip(keys, report, strict=True):
        shown = row["Customer"], row["Tenant"], row["Assigned seats"], row["Available seats"]
        assert (row["Status"], shown) == ("Current", seats[key])
    first = simulated.customers[0].tenants[0].id
    # The column of the remark has no header.
    assert {row["Tenant ID"]: row[""] for row in report if row[""]} == {first: _REMARK}

    assigned = {key: counts[2] for key, counts in seats.items()}
    totals = {row["Customer ID"]: row["Assigned seats"] for row in simulated.rows("By Customer")}
    assert totals == {
        customer.id: sum(count for key, count in assigned.items() if key[0] == customer.id)
        for customer in simulated.customers
    }
    history = simulated.rows("History")
    months = [header for header in history[0] if header[:2] == "20"]
    assert len(months) == _HISTORY_MONTHS
    newest = {
        (row["Customer ID"], row["Tenant type"], row["Tenant ID"]): row[max(months)]
        for row in history
        if row["Seats"] == "Assigned"
    }
    assert newest == assigned

    runs = simulated.rows("Runs")
    assert len(runs) == RUNS_KEPT
    assert runs[0]["Run ID"] == last.body["run_id"]
    assert (runs[0]["Assigned seats"], runs[0]["Outcome"]) == (sum(assigned.values()), "ok")
    assert "Running" not in {row["Outcome"] for row in runs}


def _sizes(document: dict[str, Any]) -> dict[str, int]:
    """The size of all that a run might enlarge.

    Of a table's rows, only those below the last one with content; of a tab's metadata, what a key has more than once,
    as a tab has an entry from when there is something to keep.
    """
    sizes = {"names": len(document["namedRanges"])}
    for sheet in document["sheets"]:
        title, (data,) = sheet["properties"]["title"], sheet["data"]
        grid = sheet["properties"]["gridProperties"]
        filled = max((number for number, row in enumerate(data.get("rowData", ()), 1) if _is_filled(row)), default=0)
        sizes[f"{title}, columns"] = grid["columnCount"]
        if title not in ("Customers", "Overview"):
            sizes[f"{title}, spare rows"] = grid["rowCount"] - filled
        sizes |= {f"{title}, {name}": len(part) for name, part in sheet.items() if isinstance(part, list)}
        columns = data.get("columnMetadata", [])
        sizes[f"{title}, marks"] = sum(len(column.get("developerMetadata", ())) for column in columns)
        entries = sheet.get("developerMetadata", [])
        sizes[f"{title}, developerMetadata"] = len(entries) - len({entry["metadataKey"] for entry in entries})
    return sizes


def _height(document: dict[str, Any], title: str) -> int:
    (properties,) = [sheet["properties"] for sheet in document["sheets"] if sheet["properties"]["title"] == title]
    height: int = properties["gridProperties"]["rowCount"]
    return height


def _is_filled(row: dict[str, Any]) -> bool:
    return any("userEnteredValue" in cell for cell in row.get("values", ()))
