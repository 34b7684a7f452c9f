"""Pivot tables: stored in a cell, read back, worked out, following their source, and in the way of nobody's text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .book import Book, area, columns, rows

SALES = [
    ["Region", "Type", "Seats"],
    ["West", "M365", 3],
    ["East", "M365", 1],
    ["East", "Google", 5],
    ["West", "M365", 7],
]
SOURCE = area(0, 5, 0, 3)
BY_REGION = {"sourceColumnOffset": 0, "showTotals": True, "sortOrder": "ASCENDING"}
BY_TYPE = {"sourceColumnOffset": 1, "showTotals": True, "sortOrder": "ASCENDING"}
SUM = {"sourceColumnOffset": 2, "summarizeFunction": "SUM"}


@pytest.fixture
def sales(book: Book) -> Book:
    """Give a tab with rows to sum up."""
    book.write("A1", SALES)
    return book


def request(pivot: dict[str, Any] | None) -> dict[str, Any]:
    """Give the request that puts a pivot table into E1, or takes it out."""
    cell = {"pivotTable": pivot} if pivot else {}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 4}
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "pivotTable"}}


def put(book: Book, **pivot: Any) -> None:
    """Put a pivot table over the sales into E1."""
    book.reply(request({"source": SOURCE, **pivot}))


def output(book: Book) -> Any:
    """Give what the pivot table shows."""
    return book.values("E1:J20", valueRenderOption="UNFORMATTED_VALUE")


def stored(book: Book, place: str = "E1") -> Any:
    """Give the pivot table as it is read."""
    return book.tab(ranges=place, fields="sheets.data.rowData.values.pivotTable")["data"][0]["rowData"][0]["values"][0][
        "pivotTable"
    ]


def test_it_is_read_back_with_its_output_beside_it(sales: Book) -> None:
    """Zeros and what is the default are left out; filters come in both spellings."""
    criteria = {"visibleValues": ["East", "West"]}
    put(
        sales,
        rows=[BY_REGION],
        values=[{**SUM, "name": "All"}],
        valueLayout="HORIZONTAL",
        filterSpecs=[{"columnOffsetIndex": 0, "filterCriteria": criteria}],
    )
    assert stored(sales) == {
        "source": {name: item for name, item in SOURCE.items() if name != "sheetId"},
        "rows": [{"showTotals": True, "sortOrder": "ASCENDING"}],
        "values": [{**SUM, "name": "All"}],
        "criteria": {"0": criteria},
        "filterSpecs": [{"filterCriteria": criteria}],
    }
    assert output(sales) == [["Region", "All"], ["East", 6], ["West", 10], ["Grand Total", 16]]


def test_output_is_seen_and_was_entered_by_nobody(sales: Book) -> None:
    """Its cells have an effective value alone, and hold what a formula reads."""
    sales.write("H1", [["=F4*2"]], "USER_ENTERED")
    put(sales, rows=[BY_REGION], values=[SUM])
    fields = "sheets.data.rowData.values(userEnteredValue,effectiveValue,formattedValue)"
    cells = sales.tab(ranges="E2:F2", fields=fields)["data"][0]["rowData"][0]["values"]
    assert cells == [
        {"effectiveValue": {"stringValue": "East"}, "formattedValue": "East"},
        {"effectiveValue": {"numberValue": 6}, "formattedValue": "6"},
    ]
    assert sales.values("E1:F1", valueRenderOption="FORMULA") == [["Region", "SUM of Seats"]]
    assert sales.values("H1") == [["32"]]


def test_rows_are_grouped_within_groups_with_totals(sales: Book) -> None:
    """An outer value is told once unless its heading is to be repeated."""
    put(sales, rows=[BY_REGION, BY_TYPE], values=[SUM])
    lines = [
        ["Region", "Type", "SUM of Seats"],
        ["East", "Google", 5],
        ["", "M365", 1],
        ["East Total", "", 6],
        ["West", "M365", 10],
        ["West Total", "", 10],
        ["Grand Total", "", 16],
    ]
    assert output(sales) == lines
    put(sales, rows=[{**BY_REGION, "repeatHeadings": True, "showTotals": False}, BY_TYPE], values=[SUM])
    assert output(sales) == [*lines[:2], ["East", "M365", 1], *lines[3:6]]


def test_columns_are_grouped_too(sales: Book) -> None:
    """Where there is nothing to sum up, the cell is blank."""
    put(sales, rows=[BY_REGION], columns=[{**BY_TYPE, "sortOrder": "DESCENDING"}], values=[SUM])
    assert output(sales) == [
        ["SUM of Seats", "Type"],
        ["Region", "M365", "Google", "Grand Total"],
        ["East", 1, 5, 6],
        ["West", 10, "", 10],
        ["Grand Total", 11, 5, 16],
    ]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        *(("COUNTA", 4), ("COUNT", 4), ("COUNTUNIQUE", 3), ("AVERAGE", 3.25), ("MAX", 6), ("MIN", 1), ("MEDIAN", 3)),
        *(("PRODUCT", 54), ("VARP", 3.1875)),
    ],
)
def test_values_are_summed_up_in_every_way(sales: Book, function: str, expected: float) -> None:
    """As spreadsheets' functions of the same names do."""
    sales.write("C2", [[3], [3], [1], [6]])
    put(sales, values=[{**SUM, "summarizeFunction": function}])
    assert output(sales) == [[f"{function} of Seats"], [expected]]


def test_text_in_the_way_makes_it_an_error_until_it_is_cleared(sales: Book) -> None:
    """What somebody typed stays; the rest of the output is gone meanwhile."""
    put(sales, rows=[BY_REGION], values=[SUM])
    sales.write("F3", [["mine"]])
    assert output(sales) == [
        ["#REF! (Array result was not expanded because it would overwrite data in F3.)"],
        [],
        ["", "mine"],
    ]
    sales.write("F3", [[""]])
    assert output(sales)[2] == ["West", 10]
    assert "replies" in sales.batch(request(None))
    assert output(sales) == []


def test_it_follows_its_source_and_what_is_written_there(sales: Book) -> None:
    """Rows and columns that come in, a new number, a formula; without its source it is an error."""
    put(sales, rows=[BY_REGION], values=[SUM])
    sales.batch({"insertDimension": {"range": rows(2, 3)}}, {"insertDimension": {"range": columns(0, 1)}})
    sales.write("B3", [["North", "M365", "=1+1"]], "USER_ENTERED")
    assert stored(sales, "F1")["source"]["endRowIndex"] == 6
    assert sales.values("F2:G5") == [["East", "6"], ["North", "2"], ["West", "10"], ["Grand Total", "18"]]
    sales.batch({"deleteDimension": {"range": columns(1, 4)}})
    assert sales.values("C1:D5") == [["#REF!"]]


def test_dates_stay_dates(sales: Book) -> None:
    """Groups and sums are shown as their source is."""
    sales.write("A2", [["2026-01-05"], ["2026-01-05"], ["2026-01-06"], ["2026-01-06"]], "USER_ENTERED")
    put(sales, rows=[{**BY_REGION, "showTotals": False}], values=[{**SUM, "summarizeFunction": "COUNTA"}])
    assert sales.values("E2:F3") == [["2026-01-05", "2"], ["2026-01-06", "2"]]


RULE = {"dateTimeRule": {"type": "YEAR"}}


@pytest.mark.parametrize(
    "parts",
    [
        {"rows": [{**BY_REGION, "groupRule": RULE}], "values": [SUM]},
        {"rows": [BY_REGION], "values": [{"formula": "=Seats*2", "summarizeFunction": "SUM"}]},
        {"columns": [BY_REGION, BY_TYPE], "values": [SUM]},
    ],
)
def test_what_cannot_be_worked_out_is_an_error_and_never_a_wrong_number(sales: Book, parts: dict[str, Any]) -> None:
    """In the pivot table's own cell alone."""
    put(sales, **parts)
    assert sales.values("E1:J20") == [["#N/A"]]


@pytest.mark.parametrize(
    ("pivot", "words"),
    [
        ({"rows": [BY_REGION]}, "At least one source data must be specified"),
        ({"source": SOURCE, "rows": [{"sourceColumnOffset": 0}]}, "No sort order specified."),
        ({"source": SOURCE, "values": [{"sourceColumnOffset": 0}]}, "No PivotValue.summarizeFunction specified."),
    ],
)
def test_an_incomplete_one_is_refused(sales: Book, pivot: dict[str, Any], words: str) -> None:
    """In Google's words."""
    assert sales.refusal(request(pivot)) == f"Invalid requests[0].updateCells: {words}"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(-9, 9)), min_size=1, max_size=8))
def test_the_grand_total_is_the_sum_of_its_groups(book: Book, sold: list[tuple[str, str, int]]) -> None:
    """Whatever is sold, across and down."""
    book.call("POST", "/values/S:clear", {})
    book.write("A1", [SALES[0], *map(list, sold)])
    book.reply(
        request({"source": area(0, 1 + len(sold), 0, 3), "rows": [BY_REGION], "columns": [BY_TYPE], "values": [SUM]})
    )
    _, header, *lines = output(book)
    total = sum(seats for _, _, seats in sold)
    assert lines[-1][header.index("Grand Total")] == total
    assert sum(line[len(header) - 1] for line in lines[:-1]) == total
    assert sum(lines[-1][1:-1]) == total
