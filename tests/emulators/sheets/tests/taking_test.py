"""What Google's front end takes though its documentation doesn't say so."""

from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area

_BOLD = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}


def _add(title: str) -> dict[str, Any]:
    return {"addSheet": {"properties": {"title": title}}}


def _titles(book: Book) -> list[str]:
    return [sheet["properties"]["title"] for sheet in book.get()["sheets"]]


def test_lists_in_the_list_of_requests_stand_for_their_members(book: Book) -> None:
    """Each member is a request of its own, with its own reply."""
    answer = book.call("POST", ":batchUpdate", {"requests": [[_add("T"), _add("U")], [[_add("V")]]]})
    assert [reply["addSheet"]["properties"]["title"] for reply in answer["replies"]] == ["T", "U", "V"]
    assert _titles(book) == ["S", "T", "U", "V"]


def test_nulls_among_requests_are_passed_over(book: Book) -> None:
    """They have no reply and don't count in the index of a refusal."""
    answer = book.call("POST", ":batchUpdate", {"requests": [None, _add("T"), None]})
    assert len(answer["replies"]) == 1
    refused = book.call("POST", ":batchUpdate", {"requests": [None, _add("T")]})
    assert refused["error"]["message"].startswith("Invalid requests[0].addSheet: ")


@pytest.mark.parametrize(
    "mask",
    [
        "user_entered_format.text_format.bold, note",
        "userEnteredFormat/textFormat/bold,note",
        "userEnteredFormat(textFormat(bold)) , note",
        {"paths": ["userEnteredFormat.textFormat.bold", "note"]},
        {"paths": ["user_entered_format.text_format.bold", "note"]},
    ],
)
def test_masks_of_requests(book: Book, mask: Any) -> None:
    """Paths in either spelling, with spaces, in groups, or as the message that a mask is."""
    cell = {"userEnteredFormat": {"textFormat": {"bold": True, "italic": True}}, "note": "x"}
    book.reply({"repeatCell": {"range": area(0, 1, 0, 1), "cell": cell, "fields": mask}})
    found = book.tab(ranges="S!A1", fields="sheets.data.rowData.values(note,userEnteredFormat)")
    assert found["data"][0]["rowData"][0]["values"] == [
        {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "x"}
    ]


@pytest.mark.parametrize("mask", ["sheets.properties.sheet_id", "sheets/properties/sheetId"])
def test_masks_of_addresses(book: Book, mask: str) -> None:
    """Either spelling, either separator."""
    assert book.get(fields=mask) == {"sheets": [{"properties": {"sheetId": 0}}]}


def test_a_space_in_the_mask_of_an_address_is_refused(book: Book) -> None:
    """The cause stands in the details."""
    error = book.get(fields="spreadsheetId, sheets.properties")["error"]
    assert (error["code"], error["message"]) == (400, "Request contains an invalid argument.")
    assert "Cannot find matching fields for path ' sheets.properties'" in str(error["details"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", None),
        ("POST", "/:batchUpdate", {"requests": [_add("T")]}),
        ("POST", "/developerMetadata:search/", {"dataFilters": [{"developerMetadataLookup": {}}]}),
    ],
)
def test_a_slash_at_the_end_of_a_path(book: Book, method: str, path: str, body: Any) -> None:
    """It is passed over."""
    assert "error" not in book.call(method, path, body)


@pytest.mark.parametrize("empty", [area(3, 3, 0, 2), area(3, 5, 1, 1), area(0, 0, 0, 0)])
def test_a_rule_may_have_an_empty_range(book: Book, empty: dict[str, int]) -> None:
    """It is stored as it came."""
    book.reply({"addConditionalFormatRule": {"rule": {"ranges": [empty, area(0, 1, 0, 1)], **_BOLD}}})
    stored = book.tab()["conditionalFormats"][0]["ranges"]
    assert stored[0] == {name: index for name, index in empty.items() if name != "sheetId"}


def test_inserting_appends_to_an_empty_tab_grow_it(book: Book) -> None:
    """There is no row to write into, as it seems: as many rows are added as are appended."""
    book.append("S!A1", [["a"], ["b"], ["c"]], insertDataOption="INSERT_ROWS")
    assert book.tab()["properties"]["gridProperties"]["rowCount"] == 1003
    assert book.values("S") == [["a"], ["b"], ["c"]]
