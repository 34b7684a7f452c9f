"""Changed rows as lines, by customer, and as JSON members."""

import json

import pytest

from seat_report.domain.scope import RunRequest
from seat_report.reporting.result import RunResult
from seat_report.reporting.row_changes import (
    MOST_IN_JSON,
    as_json,
    by_customer,
    changed_rows,
    in_a_line,
    left_out_of_json,
)
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.diff import CellChange, RowChange
from tests.support.clocks import NOON

ASSIGNED = Column("assigned", "Assigned seats", Kind.COUNT, "")
AVAILABLE = Column("available", "Available seats", Kind.COUNT, "")
UTILISATION = Column("utilisation", "Utilisation", Kind.SHARE, "")
STATUS = Column("status", "Status", Kind.TEXT, "")
DETAIL = Column("detail", "Detail", Kind.TEXT, "")
ROW = {"customer": "Contoso", "customer_id": "c-1", "tenant_type": "Microsoft 365", "tenant": "Contoso"}


def result_with(*changes: RowChange) -> RunResult:
    """The result of a preview with these changes."""
    return RunResult(RunRequest(dry_run=True), started=NOON, finished=NOON, rows=changes)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            RowChange("updated", 4, ROW, (CellChange(ASSIGNED, 120, 124), CellChange(UTILISATION, 0.8, 0.82))),
            "Contoso · Microsoft 365 · assigned 120 → 124",
        ),
        (
            RowChange("updated", 4, {**ROW, "tenant": "EU"}, (CellChange(AVAILABLE, 1200.0, None),)),
            "Contoso · Microsoft 365 · EU · available 1,200 → nothing",
        ),
        (
            RowChange("updated", 4, ROW, (CellChange(UTILISATION, 0.8, 0.825),)),
            "Contoso · Microsoft 365 · utilisation 80.0% → 82.5%",
        ),
        (
            RowChange("updated", 4, ROW, (CellChange(STATUS, "Current", "Stale"), CellChange(DETAIL, "", "Why"))),
            "Contoso · Microsoft 365 · status Current → Stale",
        ),
        (
            RowChange("updated", 4, ROW, (CellChange(DETAIL, "Why", None),)),
            "Contoso · Microsoft 365 · detail Why → nothing",
        ),
        (
            RowChange("added", None, ROW, (CellChange(ASSIGNED, None, 1), CellChange(STATUS, None, "Current"))),
            "Contoso · Microsoft 365 · new: assigned 1, status Current",
        ),
        (
            RowChange("added", None, {**ROW, "customer": ""}, (CellChange(STATUS, None, "No data"),)),
            "c-1 · Microsoft 365 · Contoso · new: status No data",
        ),
        (RowChange("removed", 4, ROW), "Contoso · Microsoft 365 · row 5 removed"),
        (RowChange("removed", 4, {}), "row 5 removed"),
        (
            RowChange("updated", 4, {"customer": "x" * 101}, (CellChange(STATUS, "a\nb " * 200, "Current"),)),
            f"{'x' * 99}… · status {('a b ' * 200)[:299]}… → Current",
        ),
    ],
)
def test_changed_rows(change: RowChange, line: str) -> None:
    """A line names the row and what changes, or has changed, without derived columns."""
    assert [in_a_line(row) for row in changed_rows(result_with(change))] == [line]


def test_rows_are_grouped_by_customer() -> None:
    """In the order in which each comes first."""
    rows = [RowChange("removed", number, {"customer": name}) for number, name in enumerate(("B", "A", "B"))]
    groups = by_customer(changed_rows(result_with(*rows)))
    assert [(name, [row.row for row in found]) for name, found in groups] == [("B", [1, 3]), ("A", [2])]


def test_customers_of_one_name_are_kept_apart() -> None:
    """By their IDs, of which GUIDs are the same in any case; a customer that was renamed is still one."""
    guid = "9B2F6C1E-0000-4000-8000-000000000001"
    named = [("a", "Contoso"), (guid, "Contoso"), ("a", "Contoso Ltd"), (guid.lower(), "Contoso")]
    rows = [RowChange("removed", row, {"customer_id": one, "customer": name}) for row, (one, name) in enumerate(named)]
    groups = by_customer(changed_rows(result_with(*rows)))
    assert [(name, [row.row for row in found]) for name, found in groups] == [("Contoso", [1, 3]), ("Contoso", [2, 4])]


def test_json_has_values_before_and_after() -> None:
    """Of all changed cells, also derived ones; the type as in every other member; null for what is blank."""
    cells = (CellChange(ASSIGNED, 120, 124), CellChange(UTILISATION, None, 0.5), CellChange(STATUS, "Stale", ""))
    (row,) = as_json(result_with(RowChange("updated", 4, {**ROW, "tenant_id": "t-1"}, cells)))
    assert json.loads(json.dumps(row)) == {
        "change": "updated",
        "customer_id": "c-1",
        "tenant_type": "microsoft-365",
        "tenant_id": "t-1",
        "cells": [
            {"column": "Assigned seats", "before": 120, "after": 124},
            {"column": "Utilisation", "before": None, "after": 0.5},
            {"column": "Status", "before": "Stale", "after": None},
        ],
    }


@pytest.mark.parametrize("tenant_type", ["", "Fax", 7])
def test_json_of_a_row_without_a_type(tenant_type: str | int) -> None:
    """Such as that of a customer without tenants."""
    (row,) = as_json(result_with(RowChange("removed", 4, {"customer_id": "c-1", "tenant_type": tenant_type})))
    assert row == {"change": "removed", "customer_id": "c-1", "tenant_type": None, "tenant_id": None, "cells": []}


@pytest.mark.parametrize("more", [0, 3])
def test_json_says_how_many_rows_it_left_out(more: int) -> None:
    """The rows listed and the number left out add up, so that no response is too large for the platform."""
    result = result_with(*(RowChange("removed", 4, ROW),) * (MOST_IN_JSON + more))
    assert (len(as_json(result)), left_out_of_json(result)) == (MOST_IN_JSON, more)


def test_an_id_that_a_cell_holds_as_a_number() -> None:
    """It reads as people see it."""
    (row,) = as_json(result_with(RowChange("removed", 4, {"customer_id": 12.0})))
    assert row["customer_id"] == "12"


def test_long_texts_are_shortened_in_json() -> None:
    """What people typed into a cell of ours may be of any length."""
    (row,) = as_json(result_with(RowChange("updated", 4, ROW, (CellChange(DETAIL, "x\n" * 9_000, ""),))))
    assert len(row["cells"][0]["before"]) == 300
