"""Where nobody moved anything nothing is repaired, whatever a table holds and whatever people type."""

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
from tests.proof.sampling import many
from tests.support.local_tab import SHEET_ID, LocalTab

COLUMNS = (
    Column("id", "ID", Kind.TEXT, "", is_key=True),
    Column("seats", "Seats", Kind.COUNT, ""),
    Column("checked", "Checked", Kind.MOMENT, "", counts=False),
    Column("trend", "Trend", Kind.TEXT, ""),
)
HEADERS = [column.header for column in COLUMNS]

# Few of each kind, so that our values often equal those of people.
constants = st.sampled_from([None, 0, 1, 12, 0.1 + 0.2, 46026.25, True, False, "x", "Current", "#N/A", "é" * 5_000])
formulas = st.sampled_from(["=SEQUENCE(2)", "=B{row}*2", "=SUM(B2:B5)", "=RAND()", "=NOW()", "=1/0", "=B2"]).map(
    RowFormula
)
any_value: st.SearchStrategy[Value] = constants | formulas
ours = st.fixed_dictionaries({}, optional={"seats": constants, "checked": constants, "trend": formulas})


@st.composite
def tables(draw: st.DrawFn) -> tuple[LocalTab, Expectation]:
    """A tab in which rows may share a key or have none, and the expectation of a patch that is not written yet."""
    keys = draw(st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=7))
    rows = [[key, *(draw(any_value) for _ in range(5))] for key in keys]
    header: list[Value] = [*HEADERS, draw(st.sampled_from(["Notes", None])), draw(st.sampled_from(["Notes", "Left"]))]
    order = draw(st.permutations(range(6)))
    local = LocalTab([[row[at] for at in order] for row in [header, *rows]])
    table = ObservedTable(COLUMNS, local.tab)
    keyed = [index for index, key in enumerate(keys, start=1) if key]
    removals = frozenset(draw(st.sets(st.sampled_from(keyed)))) if keyed else frozenset()
    updates = {index: draw(ours) for index in keyed if index not in removals}
    additions = [Addition({"id": key, **draw(ours)}) for key in draw(st.sets(st.sampled_from(["e", "f"])))]
    return local, Expectation.of(Patch(table, DesiredRows(frozenset(keyed), updates, additions, removals)))


@settings(max_examples=many(30, 300))
@given(tables())
def test_an_undisturbed_write_needs_no_repair(case: tuple[LocalTab, Expectation]) -> None:
    """Not even among rows with the same key, formulas whose values change, and users' rows."""
    local, expectation = case
    local.apply(request for step in expectation.steps() for request in step.requests)
    assert repair_of(expectation, local.tab) is None


@settings(max_examples=many(30, 300))
@given(tables(), st.booleans(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1), any_value), min_size=1))
def test_what_people_type_meanwhile_is_left_alone(
    case: tuple[LocalTab, Expectation], is_applied: bool, typed: list[tuple[int, int, Any]]
) -> None:
    """In users' columns and rows, whether the write was applied or not."""
    local, expectation = case
    if is_applied:
        local.apply(request for step in expectation.steps() for request in step.requests)
    table = ObservedTable(COLUMNS, local.tab)
    user_columns = [column for column in range(6) if column not in table.our_indexes]
    for row, place, value in typed:
        at = 1 + row % (local.tab.row_count - 1)
        local.apply([update_cells(SHEET_ID, at, user_columns[place], [[value]])])
    repair = repair_of(expectation, local.tab)
    assert repair is None or all(column not in user_columns for _, column in repair.cells)
    assert repair is None or not (repair.rows or repair.columns)
