"""Where our columns stand once some come and go, and how values get into them."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.requests import Request, RowFormula
from seat_report.workbook.sheets_api.snapshot import Value
from seat_report.workbook.tables.column_layout import ColumnLayout
from seat_report.workbook.tables.columns import MARK_KEY, Column, Kind
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import SHEET_ID, LocalTab

ID = Column("id", "ID", Kind.TEXT, "Which it is", is_key=True)
SEATS = Column("seats", "Seats", Kind.COUNT, "How many")
SHARE = Column("share", "Share", Kind.SHARE, "How much of it")
STATUS = Column("status", "Status", Kind.TEXT, "What it is worth")
COLUMNS = (ID, SEATS, SHARE)

rule = settings(max_examples=60)


def layout(present: LocalTab, gone: Iterable[int] = (), columns: Iterable[Column] = COLUMNS) -> ColumnLayout:
    """The layout of a tab as it stands."""
    return ColumnLayout(ObservedTable(tuple(columns), present.tab), frozenset(gone))


def laid_out(present: LocalTab, gone: Iterable[int] = (), columns: Iterable[Column] = COLUMNS) -> ColumnLayout:
    """The layout of a tab, made so."""
    found = layout(present, gone, columns)
    present.apply(found.requests())
    return found


def kinds(built: Iterable[Request]) -> list[str]:
    """The kinds of requests."""
    return [next(iter(request)) for request in built]


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
def test_missing_columns_come_behind_ours(header: list[Value], expected: list[Value]) -> None:
    """Right of the rightmost of ours, in a tab without any right of people's; never inside people's block."""
    present = LocalTab([header])
    found = laid_out(present)
    assert present.rows == [expected]
    assert all(
        expected[index] == column.header for column in COLUMNS if (index := found.at.get(column.name)) is not None
    )


def test_what_a_new_column_comes_with() -> None:
    """A note that says what it means, our mark, and below the header the format of its kind; people's get none."""
    present = LocalTab([["ID", "Mine"], ["a"]])
    laid_out(present)
    tab = present.tab
    assert [cell.note for cell in tab.rows[0]] == [None, "How many", "How much of it", None]
    assert sorted((mark.name, mark.column) for mark in tab.marks) == [("id", 0), ("seats", 1), ("share", 2)]
    formats = [[present.number_format(row, column) for column in range(4)] for row in range(3)]
    ours = [{"type": "TEXT"}, {"type": "NUMBER", "pattern": "#,##0"}, {"type": "PERCENT", "pattern": "0.0%"}, {}]
    assert formats == [[{}, {}, {}, {}], ours, ours]


def test_a_column_that_people_headed_as_ours_gets_our_format_once() -> None:
    """Once it is marked, its looks are people's."""
    present = LocalTab([["ID", "Seats", "Share"]])
    assert kinds(layout(present).requests()) == ["repeatCell"] * 3 + ["createDeveloperMetadata"] * 3
    laid_out(present)
    assert list(layout(present).requests()) == []
    assert not layout(present).changes_columns


def test_a_column_whose_mark_points_elsewhere_keeps_its_looks() -> None:
    """It had been marked before; only the mark is put right."""
    present = LocalTab([["Old", "ID", "Seats", "Share"]])
    present.apply(
        requests.mark_column(SHEET_ID, column, MARK_KEY, name)
        for column, name in [(0, "id"), (2, "seats"), (3, "share")]
    )
    assert kinds(layout(present).requests()) == ["deleteDeveloperMetadata", "createDeveloperMetadata"]
    laid_out(present)
    assert [(mark.name, mark.column) for mark in present.tab.marks if mark.name == "id"] == [("id", 1)]


@pytest.mark.parametrize(
    ("header", "gone", "expected"),
    [
        (["ID", "Seats", "2024", "Share", "2025", "x"], {2, 4}, ["ID", "Seats", "Share", "x"]),
        (["ID", "2024", "x", "2025", "Seats", "y"], {1, 3}, ["ID", "x", "Seats", "Share", "y"]),
        (["ID", "Seats", "Share"], {1}, ["ID", "Share"]),
        (["2024", "x"], {0}, ["x", "ID", "Seats", "Share"]),
        (["ID", "2024", "x"], {1}, ["ID", "Seats", "Share", "x"]),
    ],
)
def test_columns_that_go(header: list[Value], gone: set[int], expected: list[Value]) -> None:
    """They go from the right, and what comes and stays stands where it should after that."""
    present = LocalTab([header])
    found = layout(present, gone)
    assert found.changes_columns
    after = {text: found.index_after(index) for index, text in enumerate(header) if index not in gone}
    laid_out(present, gone)
    assert present.rows == [expected]
    assert after == {text: expected.index(text) for text in after}


@pytest.mark.parametrize("column_count", [3, 4, 5])
def test_a_grid_without_room_grows(column_count: int) -> None:
    """By as much as is lacking, no more."""
    present = LocalTab([["x", "y"]])
    present.apply([requests.delete(SHEET_ID, "COLUMNS", column_count, 8)])
    laid_out(present)
    assert present.rows == [["x", "y", "ID", "Seats", "Share"]]
    assert present.tab.column_count == 5


def test_columns_come_between_ours_and_the_end_of_the_grid_by_insertion() -> None:
    """At its very end as well: by then people may have added columns there."""
    present = LocalTab([["x", "y", "ID"]])
    present.apply([requests.delete(SHEET_ID, "COLUMNS", 3, 8)])
    assert kinds(layout(present).requests())[0] == "insertDimension"
    laid_out(present)
    assert present.rows == [["x", "y", "ID", "Seats", "Share"]]


def test_a_grid_with_columns_that_go_has_room_for_fewer() -> None:
    """What goes is counted where it is known what is lacking."""
    present = LocalTab([["x", "y", "2024"]])
    present.apply([requests.delete(SHEET_ID, "COLUMNS", 5, 8)])
    laid_out(present, {2}, [*COLUMNS, STATUS])
    assert present.rows == [["x", "y", "ID", "Seats", "Share", "Status"]]
    assert present.tab.column_count == 6


def test_a_column_inserted_looks_like_the_one_before() -> None:
    """It belongs to ours."""
    present = LocalTab([["ID", "x"]])
    ((inserted,),) = [[one for one in layout(present).requests() if "insertDimension" in one]]
    assert inserted["insertDimension"]["inheritFromBefore"] is True


def written(present: LocalTab, cells: dict[int, dict[str, Value]]) -> list[Request]:
    """The requests that write changed cells, carried out."""
    built = list(layout(present).write_cells(list(cells.items())))
    present.apply(built)
    return built


def test_cells_that_stand_together_are_written_together() -> None:
    """One rectangle where rows and columns adjoin, one for each where they don't."""
    present = LocalTab([["ID", "Seats", "Share"], ["a"], ["b"], ["c"], ["d"]])
    built = written(present, {row: {"seats": row, "share": row / 2} for row in (1, 2, 4)})
    assert kinds(built) == ["updateCells", "updateCells"]
    assert present.rows[1:] == [["a", 1, 0.5], ["b", 2, 1.0], ["c"], ["d", 4, 2.0]]


def test_one_value_for_many_rows_is_sent_once() -> None:
    """As the time of the last check, which is the same for all of them."""
    present = LocalTab([["ID", "Seats", "Share"], ["a"], ["b"], ["c"]])
    built = written(present, {row: {"seats": 7, "share": row / 4} for row in (1, 2, 3)})
    assert kinds(built) == ["repeatCell", "updateCells"]
    assert present.rows[1:] == [["a", 7, 0.25], ["b", 7, 0.5], ["c", 7, 0.75]]


def test_a_single_cell_is_just_written() -> None:
    """Nothing is to be repeated."""
    present = LocalTab([["ID", "Seats", "Share"], ["a"]])
    assert kinds(written(present, {1: {"seats": 7}})) == ["updateCells"]
    assert present.rows[1:] == [["a", 7]]


@pytest.mark.parametrize("values", [[1, True], [True, 1], [1, 2, 1], [1, 1, 2], [0, False], ["1", 1], [None, 0]])
def test_what_only_looks_the_same_is_not_repeated(values: list[Value]) -> None:
    """One and TRUE are equal in Python; every row counts."""
    present = LocalTab([["ID", "Seats", "Share"], *([name] for name in "abc")])
    built = written(present, {row: {"seats": value} for row, value in enumerate(values, start=1)})
    assert kinds(built) == ["updateCells"]
    assert [[*row[1:2], None][0] for row in present.rows[1 : 1 + len(values)]] == values


def test_a_formula_of_its_row_is_not_repeated() -> None:
    """Each row has its own."""
    formula = RowFormula("=B{row}/2")
    present = LocalTab([["ID", "Seats", "Share"], ["a", 1], ["b", 2]])
    assert kinds(written(present, {1: {"share": formula}, 2: {"share": formula}})) == ["updateCells"]
    assert present.rows[1:] == [["a", 1, "=B2/2"], ["b", 2, "=B3/2"]]


def test_a_blank_is_written_over_what_was_there() -> None:
    """In one row and in many."""
    present = LocalTab([["ID", "Seats", "Share"], ["a", 1, 2], ["b", 1, 2], ["c", 1, 2]])
    written(present, {1: {"seats": None}, 2: {"seats": None}, 3: {"share": None}})
    assert present.rows[1:] == [["a", None, 2], ["b", None, 2], ["c", 1]]


def test_new_rows_are_written_around_peoples_columns() -> None:
    """A request for each stretch of ours; what is not known is blank."""
    present = LocalTab([["ID", "Mine", "Seats", "Share"], [None, "x"], [None, "y"]])
    rows: list[dict[str, Value]] = [{"id": "a", "seats": 1, "share": 0.5}, {"id": "b", "share": 0.25}]
    built = list(layout(present).write_rows(1, rows))
    assert kinds(built) == ["updateCells", "updateCells"]
    present.apply(built)
    assert present.rows[1:] == [["a", "x", 1, 0.5], ["b", "y", None, 0.25]]


values = st.sampled_from([None, 0, 1, 1.0, True, False, "1", "x", RowFormula("=A{row}")])
some_cells = st.dictionaries(
    st.integers(1, 6), st.dictionaries(st.sampled_from(["id", "seats", "share"]), values, min_size=1), min_size=1
)


@rule
@given(some_cells)
def test_any_cells_come_out_as_written(cells: dict[int, dict[str, Value]]) -> None:
    """Those named and no others, each with its own kind of value."""
    there: list[list[Any]] = [[f"id {row}", "mine", row, 100 + row] for row in range(1, 7)]
    present = LocalTab([["ID", "Mine", "Seats", "Share"], *there])
    written(present, dict(sorted(cells.items())))
    for row, named in cells.items():
        for name, value in named.items():
            index = {"id": 0, "seats": 2, "share": 3}[name]
            there[row - 1][index] = value.at(row) if isinstance(value, RowFormula) else value
    for expected in there:
        while expected and expected[-1] is None:
            expected.pop()
    assert repr(present.rows[1:]).replace("1.0", "1") == repr(there).replace("1.0", "1")
