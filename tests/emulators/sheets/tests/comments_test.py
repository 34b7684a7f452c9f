"""Comment threads: people start them on cells; whoever reads cells does not see them, and they follow their cells."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .book import Book, area, columns, rows

SEEN: Any = {"commentsViewMode": "COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS"}
FIELDS = "sheets/commentAnchors/range"


@pytest.fixture
def commented(book: Book) -> Book:
    """Give a tab with a thread on B2."""
    book.write("A1", [["n", "t"], [2, "b"], [1, "a"]])
    assert start(book, 1, 1).status_code == 200
    return book


def start(book: Book, row: int, column: int, content: str = "Is this right?") -> requests.Response:
    """Start a thread on a cell."""
    place = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    url = f"{book.service.url}/emulator/spreadsheets/{book.id}/comments"
    return requests.post(url, json={"coordinate": place, "content": content}, timeout=30)


def anchored(book: Book) -> list[dict[str, int]]:
    """Give the ranges that threads are on."""
    return [anchor["range"] for anchor in book.tab(fields=FIELDS, **SEEN).get("commentAnchors", [])]


def at(row: int, column: int) -> dict[str, int]:
    """Give the range of a cell as an anchor tells it: without zeros."""
    ends = {"startRowIndex": row, "endRowIndex": row + 1, "startColumnIndex": column, "endColumnIndex": column + 1}
    return {name: index for name, index in ends.items() if index}


def test_no_read_shows_a_comment_unless_it_asks_for_comments(commented: Book) -> None:
    """Neither the cell, nor the tab, nor the spreadsheet; with the mode, the thread and its cell."""
    for whole in (commented.get(includeGridData="true"), commented.get(commentsViewMode="COMMENTS_VIEW_MODE_OMITTED")):
        assert "omment" not in str(whole)
        assert "right?" not in str(whole)
    assert anchored(commented) == [at(1, 1)]
    whole = commented.get(**SEEN)
    (thread,) = whole["comments"]
    assert (thread["headPost"]["content"], thread["plainTextQuote"]) == ("Is this right?", "b")
    assert [anchor["anchorId"] for anchor in whole["sheets"][0]["commentAnchors"]] == [thread["anchorId"]]


def test_a_mask_that_names_comments_needs_the_mode(commented: Book) -> None:
    """Otherwise it is refused, wherever they are named."""
    for fields in (FIELDS, "comments.commentId", "sheets(properties,commentAnchors)"):
        assert commented.get(fields=fields)["error"]["code"] == 400
    by_filter = commented.call(
        "POST", ":getByDataFilter", {"dataFilters": [{"a1Range": "S!A1"}], **SEEN}, fields=FIELDS
    )
    assert by_filter == {"sheets": [{"commentAnchors": [{"range": at(1, 1)}]}]}


SORT = {"sortRange": {"range": area(1, 3, 0, 2), "sortSpecs": [{"dimensionIndex": 0}]}}
SORT_BESIDE = {"sortRange": {"range": area(1, 3, 0, 1), "sortSpecs": [{"dimensionIndex": 0}]}}
CUT = {"cutPaste": {"source": area(1, 2, 1, 2), "destination": {"sheetId": 0, "rowIndex": 6, "columnIndex": 0}}}
EMPTY_ROW = {"startRowIndex": 1, "endRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"insertDimension": {"range": rows(0, 2)}}, at(3, 1)),
        ({"insertDimension": {"range": columns(1, 2)}}, at(1, 2)),
        ({"deleteDimension": {"range": rows(0, 1)}}, at(0, 1)),
        ({"moveDimension": {"source": rows(1, 2), "destinationIndex": 3}}, at(2, 1)),
        ({"moveDimension": {"source": columns(1, 2), "destinationIndex": 0}}, at(1, 0)),
        (SORT, at(2, 1)),
        (SORT_BESIDE, at(1, 1)),
        (CUT, at(6, 0)),
        ({"deleteDimension": {"range": rows(1, 2)}}, EMPTY_ROW),
        ({"updateCells": {"range": area(0, 9, 0, 9), "fields": "*"}}, at(1, 1)),
    ],
)
def test_threads_follow_their_cells(commented: Book, change: dict[str, Any], place: dict[str, int]) -> None:
    """A thread whose row is deleted is left without a cell, and stays."""
    assert "replies" in commented.batch(change)
    assert anchored(commented) == [place]
    assert len(commented.get(**SEEN)["comments"]) == 1


def test_copies_have_no_comments(commented: Book) -> None:
    """Nor does a thread go when its tab does."""
    commented.reply({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy", "insertSheetIndex": 1}})
    assert "commentAnchors" not in commented.tab(1, **SEEN)
    commented.reply({"deleteSheet": {"sheetId": 0}})
    assert len(commented.get(**SEEN)["comments"]) == 1


def test_a_thread_needs_a_cell_and_a_text(commented: Book) -> None:
    """Outside the grid, or empty, it is refused."""
    assert start(commented, 1000, 0).status_code == 400
    assert start(commented, 0, 0, "").status_code == 400
    url = f"{commented.service.url}/emulator/spreadsheets/{commented.id}/comments"
    assert len(requests.get(url, timeout=30).json()) == 1
