from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area, rows


def page(book: Book, query: str = "", **headers: str) -> Any:
    return book.session.get(f"{book.service.url}/spreadsheets/d/{book.id}/edit{query}", headers=headers, timeout=30)


def test_cells_are_shown_as_people_see_them_and_escaped(book: Book) -> None:
    """Texts, notes and titles are escaped; numbers read formatted and hidden rows and tabs are left out."""
    book.write("A1", [["<script>alert(1)</script>"], ["$5.00"], ["hidden"]], "USER_ENTERED")
    hide = {"range": rows(2, 3), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    book.batch(
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": {"note": '"><b>note'}, "fields": "note"}},
        {"updateDimensionProperties": hide},
        {"addSheet": {"properties": {"title": "<i>tab", "sheetId": 7}}},
        {"addSheet": {"properties": {"title": "secret tab", "hidden": True}}},
    )
    answer = page(book)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    text = answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert 'data-note="&quot;&gt;&lt;b&gt;note"' in text
    assert "&lt;i&gt;tab" in text
    assert "$5.00" in text
    assert ">hidden<" not in text
    assert "secret tab" not in text
    assert "<i>tab" in page(book, "?gid=7").text.replace("&lt;", "<").replace("&gt;", ">")


def test_links_that_could_run_code_are_not_links(book: Book) -> None:
    """Only web and mail addresses become links."""
    look = {"userEnteredFormat": {"textFormat": {"link": {"uri": "javascript:alert(1)"}}}}
    cell = {**look, "userEnteredValue": {"stringValue": "x"}}
    book.batch(
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": cell, "fields": "userEnteredFormat,userEnteredValue"}}
    )
    assert "javascript:" not in page(book).text


def test_looks(book: Book) -> None:
    """Formats, rules, merges, sparklines and charts are drawn."""
    book.write("A1", [["Name", "Seats", "Trend"], ["a", 5, "=SPARKLINE(B2:B3)"], ["b", 7, ""]], "USER_ENTERED")
    source = {"sourceRange": {"sources": [area(0, 3, 1, 2)]}}
    names = {"sourceRange": {"sources": [area(0, 3, 0, 1)]}}
    spec = {
        "title": "A <chart>",
        "basicChart": {
            "chartType": "COLUMN",
            "headerCount": 1,
            "domains": [{"domain": names}],
            "series": [{"series": source}],
        },
    }
    pie = {"title": "P", "pieChart": {"domain": names, "series": source}}
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "6"}]}
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 5}}}
    rule = {
        "ranges": [area(1, 3, 1, 2)],
        "booleanRule": {"condition": condition, "format": {"backgroundColor": {"red": 1}}},
    }
    book.batch(
        {
            "repeatCell": {
                "range": area(0, 1, 0, 3),
                "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
                "fields": "userEnteredFormat",
            }
        },
        {"addConditionalFormatRule": {"rule": rule}},
        {"mergeCells": {"range": area(3, 5, 0, 2)}},
        {"addChart": {"chart": {"spec": spec, "position": position}}},
        {"addChart": {"chart": {"spec": pie, "position": position}}},
    )
    text = page(book).text
    assert "font-weight:700" in text
    assert text.count("background:#ff0000") == 1
    assert 'rowspan="2" colspan="2"' in text
    assert 'class="spark"' in text
    assert "A &lt;chart&gt;" in text
    assert "<title>b: 7</title>" in text
    assert "b (58%)" in text


def test_the_bands_of_a_table_are_drawn(book: Book) -> None:
    book.write("A1", [["Name"], ["a"], ["b"]])
    book.reply({"addTable": {"table": {"name": "T", "range": area(0, 3, 0, 1)}}})
    text = page(book).text
    assert "background:#356854" in text
    assert "background:#f6f8f9" in text


def test_gridlines_can_be_hidden(book: Book) -> None:
    """A tab without gridlines is drawn without any."""
    book.write("A1", [["x"]])
    assert 'class="grid"' in page(book).text
    hidden = {"sheetId": 0, "gridProperties": {"hideGridlines": True}}
    book.batch({"updateSheetProperties": {"properties": hidden, "fields": "gridProperties.hideGridlines"}})
    assert 'class="grid bare"' in page(book).text


def test_a_long_tab_is_shown_in_parts(book: Book) -> None:
    """Only so many rows are sent at once, with a way to more."""
    book.write("A1", [[f"row {number}"] for number in range(1, 901)])
    text = page(book).text
    assert "row 400<" in text
    assert "row 401<" not in text
    assert "500 more" in text
    assert "row 900<" in page(book, "?rows=1200").text


def test_an_unchanged_page_is_not_sent_again(book: Book) -> None:
    """The tag of a page changes with the spreadsheet."""
    first = page(book)
    tag = first.headers["ETag"]
    assert page(book, "", **{"If-None-Match": tag}).status_code == 304
    book.write("A1", [["new"]])
    assert page(book, "", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/spreadsheets/d/nope/edit", 404)])
def test_the_list_and_what_is_missing(book: Book, path: str, status: int) -> None:
    """The root lists the spreadsheets; one that isn't there is a 404."""
    answer = book.session.get(book.service.url + path, timeout=30)
    assert answer.status_code == status
    assert (book.id in answer.text) == (status == 200)
