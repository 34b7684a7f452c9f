"""Column layout: where our columns are once some are added and removed, and how values are write_cells into them."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.requests import Request, RowFormula
from seat_report.workbook.sheets_api.snapshot import Tab, Value
from seat_report.workbook.tables.column_layout import ColumnLayout
from seat_report.workbook.tables.columns import MARK_KEY, Column, Kind
from seat_report.workbook.tables.desired import NewEntry
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import SHEET_ID, LocalTab
from tests.support.sample_table import ID, SEATS, SHARE, request_kinds

STATUS = Column("status", "Status", Kind.TEXT, "What it is worth")
COLUMNS = (ID, SEATS, SHARE)

examples = settings(max_examples=60)


def layout(local: LocalTab, removed: Iterable[int] = (), columns: Iterable[Column] = COLUMNS) -> ColumnLayout:
    """The layout of the tab as it is now."""
    return ColumnLayout(ObservedTable(tuple(columns), local.tab), frozenset(removed))


def apply_layout(local: LocalTab, removed: Iterable[int] = (), columns: Iterable[Column] = COLUMNS) -> ColumnLayout:
    """The layout of the tab, with its requests applied."""
    column_layout = layout(local, removed, columns)
    local.apply(column_layout.requests())
    return column_layout


def test_entries_are_created_on_columns_where_these_will_be() -> None:
    """Also on a column that is added by the same requests; none on a column that there is not."""
    local = LocalTab([["Share", "Theirs", "ID"]])
    column_layout = layout(local)
    entries = [NewEntry("share", "key", "a"), NewEntry("seats", "key", "b"), NewEntry("nothing", "key", "c")]
    local.apply([*column_layout.requests(), *column_layout.entry_requests(entries)])
    header = [cell.text for cell in local.tab.rows[0]]
    assert {(header[entry.column], entry.key, entry.value) for entry in local.tab.column_entries} == {
        ("Share", "key", "a"),
        ("Seats", "key", "b"),
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ([], ["ID", "Seats", "Share"]),
        (["Theirs", "Also"], ["Theirs", "Also", "ID", "Seats", "Share"]),
        (["ID", "Theirs"], ["ID", "Seats", "Share", "Theirs"]),
        (["Theirs", "Share", "Also", "ID", "More"], ["Theirs", "Share", "Also", "ID", "Seats", "More"]),
        (["Share", "Theirs", "Seats"], ["Share", "Theirs", "Seats", "ID"]),
        (["ID", "Seats", "Theirs", "Seats", "More"], ["ID", "Seats", "Theirs", "Seats", "Share", "More"]),
        (list("abcdefg"), [*"abcdefg", "ID", "Seats", "Share"]),
        ([*"abcdefg", "ID"], [*"abcdefg", "ID", "Seats", "Share"]),
    ],
)
def test_missing_columns_are_added_to_the_right_of_ours(header: list[Value], expected: list[Value]) -> None:
    """Or to the right of people's in a tab without any of ours; never within a block of people's."""
    local = LocalTab([header])
    column_layout = apply_layout(local)
    assert local.rows == [expected]
    assert all(
        expected[index] == column.header
        for column in COLUMNS
        if (index := column_layout.at.get(column.name)) is not None
    )


def test_new_columns_have_note_mark_and_number_format() -> None:
    """A note on its meaning, our mark, and below the header the format of its kind; people's columns get none."""
    local = LocalTab([["ID", "Mine"], ["a"]])
    apply_layout(local)
    tab = local.tab
    assert [cell.note for cell in tab.rows[0]] == [None, "How many", "How much of it", None]
    assert sorted((mark.name, mark.column) for mark in tab.marks) == [("id", 0), ("seats", 1), ("share", 2)]
    formats = [[local.number_format(row, column) for column in range(4)] for row in range(3)]
    ours = [{"type": "TEXT"}, {"type": "NUMBER", "pattern": "#,##0"}, {"type": "PERCENT", "pattern": "0.0%"}, {}]
    assert formats == [[{}, {}, {}, {}], ours, ours]


def test_an_adopted_column_is_formatted_once() -> None:
    """Once it is marked, its formatting belongs to people."""
    local = LocalTab([["ID", "Seats", "Share"]])
    assert request_kinds(layout(local).requests()) == ["repeatCell"] * 3 + ["createDeveloperMetadata"] * 3
    apply_layout(local)
    assert list(layout(local).requests()) == []
    assert not layout(local).changes_columns


def test_a_column_whose_mark_points_elsewhere_keeps_its_format() -> None:
    """It was marked before; only the mark is corrected."""
    local = LocalTab([["Old", "ID", "Seats", "Share"]])
    local.apply(
        requests.mark_column(SHEET_ID, column, MARK_KEY, name)
        for column, name in [(0, "id"), (2, "seats"), (3, "share")]
    )
    assert request_kinds(layout(local).requests()) == ["deleteDeveloperMetadata", "createDeveloperMetadata"]
    apply_layout(local)
    assert [(mark.name, mark.column) for mark in local.tab.marks if mark.name == "id"] == [("id", 1)]


@pytest.mark.parametrize(
    ("header", "removed", "expected"),
    [
        (["ID", "Seats", "2024", "Share", "2025", "x"], {2, 4}, ["ID", "Seats", "Share", "x"]),
        (["ID", "2024", "x", "2025", "Seats", "y"], {1, 3}, ["ID", "x", "Seats", "Share", "y"]),
        (["ID", "Seats", "Share"], {1}, ["ID", "Share"]),
        (["2024", "x"], {0}, ["x", "ID", "Seats", "Share"]),
        (["ID", "2024", "x"], {1}, ["ID", "Seats", "Share", "x"]),
    ],
)
def test_columns_are_removed(header: list[Value], removed: set[int], expected: list[Value]) -> None:
    """From right to left, and columns that stay or are added have the right position afterwards."""
    local = LocalTab([header])
    column_layout = layout(local, removed)
    assert column_layout.changes_columns
    after = {text: column_layout.index_after(index) for index, text in enumerate(header) if index not in removed}
    apply_layout(local, removed)
    assert local.rows == [expected]
    assert after == {text: expected.index(text) for text in after}


@pytest.mark.parametrize("column_count", [3, 4, 5])
def test_a_grid_without_room_grows(column_count: int) -> None:
    """By as many columns as are lacking."""
    local = LocalTab([["x", "y"]])
    local.apply([requests.delete(SHEET_ID, "COLUMNS", column_count, 8)])
    apply_layout(local)
    assert local.rows == [["x", "y", "ID", "Seats", "Share"]]
    assert local.tab.column_count == 5


def test_columns_are_inserted_even_at_the_end_of_the_grid() -> None:
    """People may have added columns there in the meantime."""
    local = LocalTab([["x", "y", "ID"]])
    local.apply([requests.delete(SHEET_ID, "COLUMNS", 3, 8)])
    assert request_kinds(layout(local).requests())[0] == "insertDimension"
    apply_layout(local)
    assert local.rows == [["x", "y", "ID", "Seats", "Share"]]


def test_removed_columns_count_when_a_grid_grows() -> None:
    """The columns that are lacking include those removed."""
    local = LocalTab([["x", "y", "2024"]])
    local.apply([requests.delete(SHEET_ID, "COLUMNS", 5, 8)])
    apply_layout(local, {2}, [*COLUMNS, STATUS])
    assert local.rows == [["x", "y", "ID", "Seats", "Share", "Status"]]
    assert local.tab.column_count == 6


def test_an_inserted_column_inherits_from_the_one_before() -> None:
    """It belongs to our columns."""
    local = LocalTab([["ID", "x"]])
    (insertion,) = [request for request in layout(local).requests() if "insertDimension" in request]
    assert insertion["insertDimension"]["inheritFromBefore"] is True


def write_cells(local: LocalTab, cells: dict[int, dict[str, Value]]) -> list[Request]:
    """Write changed cells; returns the requests."""
    applied = list(layout(local).write_cells(list(cells.items())))
    local.apply(applied)
    return applied


def test_adjacent_cells_are_written_together() -> None:
    """One rectangle if rows and columns are adjacent, otherwise several."""
    local = LocalTab([["ID", "Seats", "Share"], ["a"], ["b"], ["c"], ["d"]])
    requests_built = write_cells(local, {row: {"seats": row, "share": row / 2} for row in (1, 2, 4)})
    assert request_kinds(requests_built) == ["updateCells", "updateCells"]
    assert local.rows[1:] == [["a", 1, 0.5], ["b", 2, 1.0], ["c"], ["d", 4, 2.0]]


def test_one_value_for_many_rows_is_sent_once() -> None:
    """Such as the time of the last check, which is the same for all rows."""
    local = LocalTab([["ID", "Seats", "Share"], ["a"], ["b"], ["c"]])
    requests_built = write_cells(local, {row: {"seats": 7, "share": row / 4} for row in (1, 2, 3)})
    assert request_kinds(requests_built) == ["repeatCell", "updateCells"]
    assert local.rows[1:] == [["a", 7, 0.25], ["b", 7, 0.5], ["c", 7, 0.75]]


def test_a_single_cell_is_just_written() -> None:
    """There is nothing to repeat."""
    local = LocalTab([["ID", "Seats", "Share"], ["a"]])
    assert request_kinds(write_cells(local, {1: {"seats": 7}})) == ["updateCells"]
    assert local.rows[1:] == [["a", 7]]


@pytest.mark.parametrize("values", [[1, True], [True, 1], [1, 2, 1], [1, 1, 2], [0, False], ["1", 1], [None, 0]])
def test_values_that_only_seem_equal_are_not_repeated(values: list[Value]) -> None:
    """One and TRUE are equal in Python; every row is compared."""
    local = LocalTab([["ID", "Seats", "Share"], *([name] for name in "abc")])
    requests_built = write_cells(local, {row: {"seats": value} for row, value in enumerate(values, start=1)})
    assert request_kinds(requests_built) == ["updateCells"]
    assert [[*row[1:2], None][0] for row in local.rows[1 : 1 + len(values)]] == values


def test_a_row_formula_is_not_repeated() -> None:
    """Each row has its own."""
    formula = RowFormula("=B{row}/2")
    local = LocalTab([["ID", "Seats", "Share"], ["a", 1], ["b", 2]])
    assert request_kinds(write_cells(local, {1: {"share": formula}, 2: {"share": formula}})) == ["updateCells"]
    assert local.rows[1:] == [["a", 1, "=B2/2"], ["b", 2, "=B3/2"]]


def test_blanks_overwrite_values() -> None:
    """In one row and in many."""
    local = LocalTab([["ID", "Seats", "Share"], ["a", 1, 2], ["b", 1, 2], ["c", 1, 2]])
    write_cells(local, {1: {"seats": None}, 2: {"seats": None}, 3: {"share": None}})
    assert local.rows[1:] == [["a", None, 2], ["b", None, 2], ["c", 1]]


def test_new_rows_are_written_around_peoples_columns() -> None:
    """One request per span of our columns; unknown values are blank."""
    local = LocalTab([["ID", "Mine", "Seats", "Share"], [None, "x"], [None, "y"]])
    rows: list[dict[str, Value]] = [{"id": "a", "seats": 1, "share": 0.5}, {"id": "b", "share": 0.25}]
    requests_built = list(layout(local).write_rows(1, rows))
    assert request_kinds(requests_built) == ["updateCells", "updateCells"]
    local.apply(requests_built)
    assert local.rows[1:] == [["a", "x", 1, 0.5], ["b", "y", None, 0.25]]


values = st.sampled_from([None, 0, 1, 1.0, True, False, "1", "x", RowFormula("=A{row}")])
some_cells = st.dictionaries(
    st.integers(1, 6), st.dictionaries(st.sampled_from(["id", "seats", "share"]), values, min_size=1), min_size=1
)


@examples
@given(some_cells)
def test_any_cells_are_written(cells: dict[int, dict[str, Value]]) -> None:
    """Those given and no others, each with its own kind of value."""
    expected: list[list[Any]] = [[f"id {row}", "mine", row, 100 + row] for row in range(1, 7)]
    local = LocalTab([["ID", "Mine", "Seats", "Share"], *expected])
    write_cells(local, dict(sorted(cells.items())))
    for row, changes in cells.items():
        for name, value in changes.items():
            index = {"id": 0, "seats": 2, "share": 3}[name]
            expected[row - 1][index] = value.at(row) if isinstance(value, RowFormula) else value
    for cells_of_row in expected:
        while cells_of_row and cells_of_row[-1] is None:
            cells_of_row.pop()
    assert repr(local.rows[1:]).replace("1.0", "1") == repr(expected).replace("1.0", "1")


def test_of_columns_with_text_only_keys_are_formatted_as_text() -> None:
    """An ID stays as it is; a formula in a cell formatted as text may stay text."""
    columns = (
        Column("id", "ID", Kind.TEXT, "", is_key=True),
        Column("trend", "Trend", Kind.TEXT, ""),
        Column("seats", "Seats", Kind.COUNT, ""),
    )
    layout = ColumnLayout(ObservedTable(columns, Tab(7, "T", 10, 26, 1)))
    formats = {
        request["repeatCell"]["range"]["startColumnIndex"]: request["repeatCell"]["cell"]["userEnteredFormat"]
        for request in layout.requests()
        if "repeatCell" in request
    }
    assert formats == {
        0: {"numberFormat": {"type": "TEXT"}},
        2: {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}},
    }
