"""Cells that a formula of people's elsewhere fills are never written, not even to repair what a write hit."""

from collections.abc import Sequence

import pytest

from seat_report.workbook.conflicts.detection import Expectation, repair_of
from seat_report.workbook.sheets_api.requests import Request, RowFormula, insert
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.desired import DesiredRows
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import SHEET_ID, LocalTab
from tests.support.sample_table import COLUMNS

HEADER: list[Value] = ["ID", "Seats", "Checked", "Filled"]
FORMULA = "=SEQUENCE(4)*100"
FILLED = [100, 200, 300, 400]


def filled_tab() -> LocalTab:
    """A table of four rows with a column that one formula of a person's fills."""
    rows: list[list[Value]] = [[name, 1, 10] for name in "abcd"]
    return LocalTab([HEADER, [*rows[0], RowFormula(FORMULA)], *rows[1:]])


def move_column(source: int, to: int) -> Request:
    """Move a column, as a person."""
    span = {"sheetId": SHEET_ID, "dimension": "COLUMNS", "startIndex": source, "endIndex": source + 1}
    return {"moveDimension": {"source": span, "destinationIndex": to}}


@pytest.mark.parametrize(
    ("meanwhile", "column"),
    [
        ([move_column(3, 1)], 1),
        ([move_column(3, 0)], 0),
        ([insert(SHEET_ID, "ROWS", 0, 1, inherit_from_before=False)], 3),
    ],
)
def test_a_formula_that_fills_cells_still_does_after_a_repair(meanwhile: Sequence[Request], column: int) -> None:
    """Cells of it that a write hit are cleared, so that the formula fills them again."""
    local = filled_tab()
    updates = {row: {"seats": 7, "checked": 20} for row in range(1, 5)}
    table = ObservedTable(COLUMNS, local.tab)
    patch = Patch(table, DesiredRows(frozenset(updates), updates))
    expectation = Expectation.of(patch)
    local.apply(meanwhile)
    local.write(patch)
    if repair := repair_of(expectation, local.tab):
        for step in repair.steps():
            local.apply(step.requests)
    (anchor,) = [(row, cells) for row, cells in enumerate(local.tab.rows) if any(cell.formula for cell in cells)]
    top, _ = anchor
    cells = [local.tab.cell(row, column) for row in range(top, top + 4)]
    assert [cell.value for cell in cells] == FILLED
    assert [cell.is_spilled for cell in cells] == [False, True, True, True]


def test_nothing_vouches_for_a_number_that_a_formula_of_peoples_fills_in() -> None:
    """When it was checked is not written beside it."""
    columns = (*COLUMNS[:2], COLUMNS[2]._replace(name="last_checked"))
    header = [Cell(value) for value in HEADER]
    rows = [header, [Cell("a"), Cell(5, is_spilled=True), Cell(10)], [Cell("b"), Cell(1), Cell(10)]]
    tab = Tab(SHEET_ID, "Seats", 5, 8, 1, rows)
    updates = {row: {"seats": 7, "last_checked": 20} for row in (1, 2)}
    patch = Patch(ObservedTable(columns, tab), DesiredRows(frozenset(updates), updates))
    assert {row: [change.after for change in changes] for row, changes in patch.changed.items()} == {2: [7, 20]}


def test_a_cell_of_our_column_that_a_formula_fills_is_not_written() -> None:
    """Writing into it would break the formula."""
    local = LocalTab([HEADER, ["a", RowFormula("=SEQUENCE(2)"), 10], ["b", None, 10]])
    updates = {1: {"seats": 7}, 2: {"seats": 8}}
    patch = Patch(ObservedTable(COLUMNS, local.tab), DesiredRows(frozenset(updates), updates))
    assert list(patch.changed) == [1]
