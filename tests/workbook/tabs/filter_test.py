"""A tab's filter covers the table, so that sorting by it moves rows as a whole; people's criteria stay."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import BasicFilter, Block, Cell, Tab, TabEntry
from seat_report.workbook.tables.columns import FORMATTED_KEY, Column, Kind
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tabs.formatting import filter_again, table_formatting

SHEET_ID = 7
COLUMNS = (Column("id", "ID", Kind.TEXT, "Which it is", is_key=True), Column("seats", "Seats", Kind.COUNT, "How many"))
HIDES: dict[str, Any] = {"hiddenValues": ["x"]}


def table(
    *headers: str | None, rows: int = 4, over: BasicFilter | None = None, is_formatted: bool = True
) -> ObservedTable:
    """A table under these headers, with so many rows, and this filter."""
    content = [[Cell(header) for header in headers], *[[Cell("x") for _ in headers] for _ in range(rows)]]
    entries = (TabEntry(1, FORMATTED_KEY, "id,seats"),) if is_formatted else ()
    tab = Tab(SHEET_ID, "Seats", rows + 5, 12, 1, content, entries=entries, basic_filter=over)
    return ObservedTable(COLUMNS, tab)


def over(top: int, bottom: int, left: int, right: int, criteria: dict[int, Any] | None = None) -> BasicFilter:
    """A filter over these cells."""
    return BasicFilter(Block(SHEET_ID, top, bottom, left, right), criteria or {})


def set_to(found: ObservedTable, last_row: int) -> tuple[int, int, int, int] | None:
    """The cells that the filter is set to cover; None if it is left alone."""
    requests = filter_again(found, last_row)
    if not requests:
        return None
    return covered_by(requests[0])


def covered_by(request: dict[str, Any]) -> tuple[int, int, int, int]:
    """The cells of a request's filter."""
    span = request["setBasicFilter"]["filter"]["range"]
    return span["startRowIndex"], span["endRowIndex"], span["startColumnIndex"], span["endColumnIndex"]


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (("ID", "Seats"), (0, 2)),
        (("ID", "Seats", "Notes", "Budget"), (0, 4)),
        (("Before", "ID", "Seats"), (0, 3)),
        (("Apart", None, "ID", "Seats", None, "Apart"), (2, 4)),
        (("ID", None, "Seats", "Notes"), (0, 4)),
        (("Seats", "Notes", "ID"), (0, 3)),
    ],
)
def test_a_filter_reaches_to_the_first_column_without_a_header(
    headers: tuple[str | None, ...], columns: tuple[int, int]
) -> None:
    """People's columns beside ours are in it, blocks beyond an empty header are not."""
    assert set_to(table(*headers, over=over(0, 2, 0, 5)), 4) == (0, 5, *columns)


@pytest.mark.parametrize(
    "present",
    [over(0, 5, 0, 2), over(0, 9, 0, 2), over(0, 5, 0, 5), over(6, 8, 0, 2), over(0, 5, 4, 6), None],
)
def test_a_filter_that_covers_the_table_or_is_none_of_ours_is_left_alone(present: BasicFilter | None) -> None:
    """Also one that people took away."""
    assert set_to(table("ID", "Seats", None, None, "Apart", over=present), 4) is None


@pytest.mark.parametrize("present", [over(0, 4, 0, 2), over(0, 5, 0, 1), over(0, 5, 1, 2), over(1, 5, 0, 2)])
def test_a_filter_that_leaves_a_row_or_column_out_is_set_again(present: BasicFilter) -> None:
    """Down to our last row, not to what people have below."""
    assert set_to(table("ID", "Seats", rows=8, over=present), 4) == (0, 5, 0, 2)


def test_criteria_of_people_stay_and_sort_orders_go() -> None:
    """As long as their column is in the filter."""
    (request,) = filter_again(table("ID", "Seats", over=over(0, 3, 0, 9, {1: HIDES, 5: HIDES})), 4)
    given_filter = request["setBasicFilter"]["filter"]
    assert given_filter["filterSpecs"] == [{"columnIndex": 1, "filterCriteria": HIDES}]
    assert "sortSpecs" not in given_filter


def test_a_tab_that_was_never_formatted_gets_a_filter_even_without_rows() -> None:
    """It has a row below the header, as a filter needs one and grows with rows that are inserted in it."""
    found = table("ID", "Seats", rows=0, is_formatted=False)
    (request,) = [request for request in table_formatting(found, 0) if "setBasicFilter" in request]
    assert covered_by(request) == (0, 2, 0, 2)
    assert filter_again(found, 0) == []


def test_no_filter_is_set_where_rows_can_not_be_told_apart() -> None:
    """Two columns could be the key."""
    assert set_to(table("ID", "ID", over=over(0, 2, 0, 1)), 4) is None


@settings(max_examples=200)
@given(
    st.permutations(["ID", "Seats", "Notes", None, "Apart", None]),
    st.tuples(*[st.integers(0, 5)] * 4),
    st.integers(1, 8),
)
def test_no_column_or_row_of_the_table_lies_outside_a_filter_that_touches_it(
    headers: list[str | None], corners: tuple[int, int, int, int], last_row: int
) -> None:
    """And setting it again settles it."""
    top, height, left, width = corners
    present = over(top, top + height + 1, left, left + width + 1)
    found = table(*headers, rows=9, over=present)
    ours = found.placement.indexes
    after = set_to(found, last_row)
    covered = Block(SHEET_ID, *after) if after else present.block
    touches = covered.top <= last_row and covered.left <= max(ours) and covered.right > min(ours)
    if after or touches:
        assert covered.top == 0
        assert covered.bottom > last_row
        assert covered.left <= min(ours)
        assert covered.right > max(ours)
    if after:
        assert set_to(table(*headers, rows=9, over=over(*after)), last_row) is None
