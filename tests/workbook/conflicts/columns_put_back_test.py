"""A column that a write removed instead of another comes back with all that says whose it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.conflicts.detection import Expectation, repair_of
from seat_report.workbook.conflicts.repair import Repair
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.snapshot import Tab, Value
from seat_report.workbook.tables.columns import MARK_KEY, Column, Kind
from seat_report.workbook.tables.desired import DesiredRows, NewEntry
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import SHEET_ID, LocalTab

ID = Column("id", "ID", Kind.TEXT, "", is_key=True)
JANUARY, FEBRUARY, MARCH = (Column(name, name, Kind.COUNT, "") for name in ("2026-01", "2026-02", "2026-03"))
CLOSED = "closed"


def two_months(*, header: str = FEBRUARY.header) -> LocalTab:
    """A tab with a column of people's, two marked months, of which the second may be renamed, and people's remarks."""
    names: list[list[Value]] = [["a", None, 1, 10, "of a"], ["b", None, 2, 20, "of b"]]
    local = LocalTab([["ID", "Notes", JANUARY.header, FEBRUARY.header, "Remarks"], *names])
    covered = [NewEntry(FEBRUARY.name, "covered", "yes")]
    local.write(Patch(ObservedTable((ID, JANUARY, FEBRUARY), local.tab), DesiredRows(column_entries=covered)))
    local.apply([requests.update_cells(SHEET_ID, 0, 3, [[header]]), requests.note(SHEET_ID, 2, 3, "see the mail")])
    return local


def next_month(local: LocalTab) -> Patch:
    """The patch that removes January, adds March and closes February."""
    table = ObservedTable((ID, FEBRUARY, MARCH), local.tab)
    (january,) = (mark.column for mark in local.tab.marks if mark.name == JANUARY.name)
    closed = [NewEntry(FEBRUARY.name, CLOSED, "15 of 15")]
    updates = {1: {MARCH.name: 100}, 2: {MARCH.name: 200}}
    desired = DesiredRows(frozenset({1, 2}), updates, column_removals=frozenset({january}), column_entries=closed)
    return Patch(table, desired)


def disturbed(local: LocalTab, deleted: int) -> Repair:
    """The repair after a person deleted a column right before the write, already applied."""
    patch = next_month(local)
    local.apply([requests.delete(SHEET_ID, "COLUMNS", deleted, deleted + 1)])
    local.write(patch)
    repair = repair_of(Expectation.of(patch), local.tab)
    assert repair is not None
    local.apply(request for step in repair.steps() for request in step.requests)
    return repair


def column_of(tab: Tab, name: str) -> int:
    """Where the column with this mark is."""
    (index,) = (mark.column for mark in tab.marks if mark.name == name)
    return index


def test_a_column_of_ours_comes_back_with_its_mark_its_entries_and_its_notes() -> None:
    """Otherwise its numbers would be in a column that counts as people's."""
    local = two_months()
    disturbed(local, deleted=1)
    at = column_of(local.tab, FEBRUARY.name)
    assert [local.tab.cell(row, at).value for row in range(3)] == [FEBRUARY.header, 10, 20]
    assert [(entry.key, entry.value) for entry in local.tab.column_entries if entry.column == at] == [
        ("covered", "yes")
    ]
    assert local.tab.cell(2, at).note == "see the mail"


def test_a_renamed_column_of_ours_is_found_again_after_it_came_back() -> None:
    """Only its mark says which it is."""
    local = two_months(header="Last month")
    disturbed(local, deleted=1)
    observed = ObservedTable((ID, FEBRUARY), local.tab)
    assert observed.tab.cell(0, observed.placement.at[FEBRUARY.name]).value == "Last month"


def test_what_is_recorded_of_a_month_is_on_no_other_column() -> None:
    """The record was written at the index that the month had before the person's deletion."""
    local = two_months()
    disturbed(local, deleted=1)
    assert CLOSED not in {entry.key for entry in local.tab.column_entries}
    # The next plan records it again.
    local.write(next_month(local))
    at = column_of(local.tab, FEBRUARY.name)
    assert [entry.column for entry in local.tab.column_entries if entry.key == CLOSED] == [at]


def test_a_record_is_taken_off_even_if_nothing_else_needs_repair() -> None:
    """It was written onto a column that a person had just inserted."""
    local = two_months()
    patch = next_month(local)
    local.apply([requests.insert(SHEET_ID, "COLUMNS", 3, 2, inherit_from_before=True)])
    local.write(patch)
    repair = repair_of(Expectation.of(patch), local.tab)
    assert repair is not None
    local.apply(request for step in repair.steps() for request in step.requests)
    assert CLOSED not in {entry.key for entry in local.tab.column_entries}
    assert CLOSED not in {entry.key for entry in repair.tab.column_entries}


def test_a_record_on_its_column_stays_although_the_rows_need_repair() -> None:
    """Only columns that people moved have it elsewhere."""
    local = two_months()
    patch = next_month(local)
    local.apply([requests.insert(SHEET_ID, "ROWS", 2, 1, inherit_from_before=True)])
    local.write(patch)
    repair = repair_of(Expectation.of(patch), local.tab)
    assert repair is not None
    assert not repair.astray
    assert not repair.marks
    assert not repair.entries


def test_a_column_of_peoples_that_comes_back_gets_no_mark() -> None:
    """A mark of ours on it was misleading, and the write was about to delete it."""
    local = two_months()
    remarks = {"sheetId": SHEET_ID, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 5}
    local.apply([{"moveDimension": {"source": remarks, "destinationIndex": 3}}])
    local.apply([requests.mark_column(SHEET_ID, 3, MARK_KEY, FEBRUARY.name)])
    repair = disturbed(local, deleted=1)
    assert [local.tab.cell(row, repair.columns.start).value for row in range(3)] == ["Remarks", "of a", "of b"]
    assert not repair.marks


@settings(max_examples=30)
@given(deleted=st.sampled_from([1, 4]), header=st.sampled_from([FEBRUARY.header, "Last month"]))
def test_the_tab_is_after_the_repair_as_the_repair_says(deleted: int, header: str) -> None:
    """The next plan is made from it, without reading again."""
    local = two_months(header=header)
    patch = next_month(local)
    local.apply([requests.delete(SHEET_ID, "COLUMNS", deleted, deleted + 1)])
    local.write(patch)
    repair = repair_of(Expectation.of(patch), local.tab)
    expected = local.tab if repair is None else repair.tab
    if repair is not None:
        local.apply(request for step in repair.steps() for request in step.requests)
    actual = local.tab
    assert [[cell.value for cell in row] for row in expected.rows] == [[c.value for c in row] for row in actual.rows]
    assert {(mark.name, mark.column) for mark in expected.marks} == {(mark.name, mark.column) for mark in actual.marks}
    assert {entry[1:] for entry in expected.column_entries} == {entry[1:] for entry in actual.column_entries}
