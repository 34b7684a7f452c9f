"""Basic filters and filter views: what they hide, how they sort, how they are read back, how they follow."""

from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area, columns, rows

HEADER = ["n", "t", "u"]
ROWS = [HEADER, [3, "c", "x"], [1, "b", "y"], [2, "a", "z"]]
RED, WHITE = {"red": 1}, {"red": 1, "green": 1, "blue": 1}
GREATER = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}}


@pytest.fixture
def table(book: Book) -> Book:
    """Give a tab with a header and three rows."""
    book.write("A1", ROWS)
    return book


def set_filter(book: Book, right: int = 3, **parts: Any) -> None:
    """Set the basic filter over the table's first columns."""
    book.reply({"setBasicFilter": {"filter": {"range": area(0, 4, 0, right), **parts}}})


def hidden(book: Book) -> list[int]:
    """Give the rows that the filter hides."""
    data = book.tab(fields="sheets.data.rowMetadata.hiddenByFilter")["data"][0]["rowMetadata"]
    return [index for index, item in enumerate(data) if item.get("hiddenByFilter")]


def firsts(book: Book) -> list[Any]:
    """Give the first column's values below the header."""
    return [row[0] for row in book.values("A2:A", valueRenderOption="UNFORMATTED_VALUE")]


def paint(book: Book, row: int, colour: dict[str, int], field: str = "backgroundColor") -> None:
    """Colour a cell of the first column, or its text."""
    shown = {"textFormat": {"foregroundColor": colour}} if field != "backgroundColor" else {field: colour}
    cell = {"userEnteredFormat": shown}
    book.reply({"repeatCell": {"range": area(row, row + 1, 0, 1), "cell": cell, "fields": "userEnteredFormat"}})


@pytest.mark.parametrize("spelling", ["criteria", "filterSpecs"])
def test_criteria_are_read_back_in_both_spellings(table: Book, spelling: str) -> None:
    """Of a filter and of a view; zeros are left out of the list, a colour has its twin."""
    by_column = {0: {"visibleBackgroundColor": RED}, 1: {"hiddenValues": ["b"]}}
    listed = [{"columnIndex": column, "filterCriteria": each} for column, each in by_column.items()]
    given: Any = listed if spelling == "filterSpecs" else {str(column): each for column, each in by_column.items()}
    set_filter(table, **{spelling: given})
    made = table.reply({"addFilterView": {"filter": {"range": area(0, 4, 0, 3), spelling: given}}})["filter"]
    red = {"visibleBackgroundColor": RED, "visibleBackgroundColorStyle": {"rgbColor": RED}}
    for found in (table.tab()["basicFilter"], table.tab()["filterViews"][0], made):
        assert found["criteria"] == {"0": red, "1": {"hiddenValues": ["b"]}}
        assert found["filterSpecs"] == [
            {"filterCriteria": red},
            {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["b"]}},
        ]


def test_a_filter_sorts_its_own_columns_once(table: Book) -> None:
    """Neither what is outside nor what is written later; the order stays in the filter."""
    set_filter(table, right=2, sortSpecs=[{"sortOrder": "ASCENDING"}])
    assert table.values("A1:C4") == [HEADER, ["1", "b", "x"], ["2", "a", "y"], ["3", "c", "z"]]
    assert table.tab()["basicFilter"]["sortSpecs"] == [{"sortOrder": "ASCENDING"}]
    table.write("A2", [[9]])
    assert firsts(table) == [9, 2, 3]


def test_rows_that_the_filter_hides_are_not_sorted(table: Book) -> None:
    """They stay where they are, and hidden."""
    set_filter(table, criteria={"0": GREATER})
    assert hidden(table) == [2]
    set_filter(table, criteria={"0": GREATER}, sortSpecs=[{"dimensionIndex": 0, "sortOrder": "ASCENDING"}])
    assert firsts(table) == [2, 1, 3]
    assert hidden(table) == [2]


def test_colours_hide_and_sort(table: Book) -> None:
    """A criterion shows one colour alone; a sort order brings one to the top."""
    paint(table, 3, RED)
    set_filter(table, criteria={"0": {"visibleBackgroundColorStyle": {"rgbColor": RED}}})
    assert hidden(table) == [1, 2]
    set_filter(table, sortSpecs=[{"dimensionIndex": 0, "backgroundColor": RED}])
    assert firsts(table) == [2, 3, 1]
    paint(table, 3, RED, "text")
    set_filter(table, criteria={"0": {"visibleForegroundColor": RED}})
    assert hidden(table) == [1, 2]


def test_a_formula_hides_the_rows_for_which_it_is_not_true(table: Book) -> None:
    """It is written for the first row below the header."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A2>1"}]}
    set_filter(table, criteria={"1": {"condition": condition}})
    assert hidden(table) == [2]


INSERT_LEFT = {"insertDimension": {"range": columns(0, 2)}}
DELETE_FIRST = {"deleteDimension": {"range": columns(0, 1)}}
DELETE_OWN = {"deleteDimension": {"range": columns(1, 2)}}
MOVE_LEFT = {"moveDimension": {"source": columns(1, 2), "destinationIndex": 0}}
MOVE_OTHER = {"moveDimension": {"source": columns(2, 3), "destinationIndex": 0}}
MOVE_OUT = {"moveDimension": {"source": columns(1, 2), "destinationIndex": 8}}
SHIFT_CELLS = {"insertRange": {"range": area(0, 4, 0, 1), "shiftDimension": "COLUMNS"}}
SHIFT_SOME_CELLS = {"insertRange": {"range": area(0, 2, 0, 1), "shiftDimension": "COLUMNS"}}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (INSERT_LEFT, 3),
        (DELETE_FIRST, 0),
        (DELETE_OWN, None),
        (MOVE_LEFT, 0),
        (MOVE_OTHER, 2),
        (MOVE_OUT, None),
        (SHIFT_CELLS, 2),
        (SHIFT_SOME_CELLS, 1),
        ({"insertDimension": {"range": rows(0, 1)}}, 1),
    ],
)
def test_criteria_and_orders_follow_their_column(table: Book, change: dict[str, Any], column: int | None) -> None:
    """In the filter and in views; they go with the column, or when it leaves the filter."""
    parts: dict[str, Any] = {
        "criteria": {"1": {"hiddenValues": ["no"]}},
        "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}],
    }
    set_filter(table, **parts)
    table.reply({"addFilterView": {"filter": {"range": area(0, 4, 0, 3), **parts}}})
    assert "replies" in table.batch(change)
    tab = table.tab()
    place = {} if column == 0 else {"columnIndex": column}
    order = {} if column == 0 else {"dimensionIndex": column}
    for found in (tab["basicFilter"], tab["filterViews"][0]):
        if column is None:
            assert not found.keys() & {"criteria", "filterSpecs", "sortSpecs"}
            continue
        assert found["criteria"] == {str(column): {"hiddenValues": ["no"]}}
        assert found["filterSpecs"] == [{**place, "filterCriteria": {"hiddenValues": ["no"]}}]
        assert found["sortSpecs"] == [{**order, "sortOrder": "DESCENDING"}]


@pytest.mark.parametrize("gone", [columns(1, 2), columns(0, 3)])
def test_rows_reappear_when_the_column_that_hid_them_goes(table: Book, gone: dict[str, Any]) -> None:
    """Alone, or with the whole filter."""
    set_filter(table, criteria={"1": {"hiddenValues": ["b"]}})
    assert hidden(table) == [2]
    table.batch({"deleteDimension": {"range": gone}})
    assert hidden(table) == []


def test_hidden_rows_keep_being_hidden_as_rows_come_and_go(table: Book) -> None:
    """They are counted anew; a row that comes in is seen."""
    set_filter(table, criteria={"1": {"hiddenValues": ["b"]}})
    table.batch({"insertDimension": {"range": rows(1, 2)}})
    assert hidden(table) == [3]
    table.batch({"deleteDimension": {"range": rows(1, 3)}})
    assert hidden(table) == [1]
