"""Where nobody moved anything nothing is mended, whatever a table holds and whatever people type."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.conflicts.detection import Expectation, repair_of
from seat_report.workbook.sheets_api.requests import RowFormula, update_cells
from seat_report.workbook.sheets_api.snapshot import Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import Addition, DesiredRows
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import SHEET_ID, LocalTab

COLUMNS = (
    Column("id", "ID", Kind.TEXT, "", is_key=True),
    Column("seats", "Seats", Kind.COUNT, ""),
    Column("checked", "Checked", Kind.MOMENT, "", counts=False),
    Column("trend", "Trend", Kind.TEXT, ""),
)
HEADERS = [column.header for column in COLUMNS]

# Few of each kind, so that ours and people's are often the same.
constants = st.sampled_from([None, 0, 1, 12, 0.1 + 0.2, 46026.25, True, False, "x", "Current", "#N/A", "é" * 5_000])
formulas = st.sampled_from(["=B{row}*2", "=SUM(B2:B5)", "=RAND()", "=NOW()", "=1/0", "=B2"]).map(RowFormula)
whatever: st.SearchStrategy[Value] = constants | formulas
ours = st.fixed_dictionaries({}, optional={"seats": constants, "checked": constants, "trend": formulas})


@st.composite
def tables(draw: st.DrawFn) -> tuple[LocalTab, Expectation]:
    """A tab in which rows may have the same key or none, and a patch for it that is yet to be written."""
    keys = draw(st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=7))
    rows = [[key, *(draw(whatever) for _ in range(5))] for key in keys]
    header: list[Value] = [*HEADERS, draw(st.sampled_from(["Notes", None])), draw(st.sampled_from(["Notes", "Left"]))]
    order = draw(st.permutations(range(6)))
    local = LocalTab([[row[at] for at in order] for row in [header, *rows]])
    table = ObservedTable(COLUMNS, local.tab)
    keyed = [index for index, key in enumerate(keys, start=1) if key]
    going = frozenset(draw(st.sets(st.sampled_from(keyed)))) if keyed else frozenset()
    updates = {index: draw(ours) for index in keyed if index not in going}
    coming = [Addition({"id": key, **draw(ours)}) for key in draw(st.sets(st.sampled_from(["e", "f"])))]
    return local, Expectation.of(Patch(table, DesiredRows(frozenset(keyed), updates, coming, going)))


@settings(max_examples=100)
@given(tables())
def test_a_write_that_nobody_disturbed_leaves_nothing_to_mend(made: tuple[LocalTab, Expectation]) -> None:
    """Also among rows of the same key, formulas whose values change, and what people keep in rows of their own."""
    local, memory = made
    local.apply(request for step in memory.steps() for request in step.requests)
    assert repair_of(memory, local.tab) is None


@settings(max_examples=100)
@given(tables(), st.booleans(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1), whatever), min_size=1))
def test_what_people_type_meanwhile_is_left_alone(
    made: tuple[LocalTab, Expectation], is_written: bool, typed: list[tuple[int, int, Any]]
) -> None:
    """In columns and rows of their own, whether the write was done or not."""
    local, memory = made
    if is_written:
        local.apply(request for step in memory.steps() for request in step.requests)
    table = ObservedTable(COLUMNS, local.tab)
    own = [column for column in range(6) if column not in table.our_indexes]
    for row, which, value in typed:
        at = 1 + row % (local.tab.row_count - 1)
        local.apply([update_cells(SHEET_ID, at, own[which], [[value]])])
    there = local.tab
    done = repair_of(memory, there)
    assert done is None or all(column not in own for _, column in done.cells)
    assert done is None or not (done.rows or done.columns)
