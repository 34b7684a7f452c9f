from __future__ import annotations

from typing import Any

import pytest

from .book import Book, columns, rows


def entry(key: str, location: Any, **more: Any) -> dict[str, Any]:
    made = {"metadataKey": key, "visibility": "DOCUMENT", "location": location, **more}
    return {"createDeveloperMetadata": {"developerMetadata": made}}


def search(book: Book, *lookups: Any) -> list[int]:
    """Give the ids that lookups find."""
    filters = [{"developerMetadataLookup": lookup} for lookup in lookups]
    found = book.call("POST", "/developerMetadata:search", {"dataFilters": filters})
    return [item["developerMetadata"]["metadataId"] for item in found.get("matchedDeveloperMetadata", [])]


@pytest.fixture
def marked(book: Book) -> Book:
    """Give a spreadsheet with entries: 1 of its own, 2 of a tab, 3 of a row, 4 of a column, 5 on another tab."""
    book.batch(
        {"addSheet": {"properties": {"sheetId": 9, "title": "Other"}}},
        entry("a", {"spreadsheet": True}, metadataId=1),
        entry("a", {"sheetId": 0}, metadataId=2, metadataValue="v"),
        entry("b", {"dimensionRange": rows(4, 5)}, metadataId=3),
        entry("b", {"dimensionRange": columns(1, 2)}, metadataId=4),
        entry("b", {"dimensionRange": rows(0, 1, 9)}, metadataId=5, visibility="PROJECT"),
    )
    return book


def test_creating_answers_the_entry_with_its_type_of_location(book: Book) -> None:
    """The reply has the id, chosen or random, and the location's type; a range on the tab 0 doesn't name it."""
    made = book.reply(entry("k", {"dimensionRange": columns(2, 3)}, metadataId=7, metadataValue="v"))
    assert made["developerMetadata"] == {
        "metadataId": 7,
        "metadataKey": "k",
        "metadataValue": "v",
        "visibility": "DOCUMENT",
        "location": {
            "locationType": "COLUMN",
            "dimensionRange": {"dimension": "COLUMNS", "startIndex": 2, "endIndex": 3},
        },
    }
    assert book.reply(entry("k", {"spreadsheet": True}))["developerMetadata"]["metadataId"] > 0


@pytest.mark.parametrize(
    ("lookups", "found"),
    [
        ([{}], [1, 2, 3, 4, 5]),
        ([{"metadataKey": "a"}], [1, 2]),
        ([{"metadataKey": "a", "metadataValue": "v"}], [2]),
        ([{"metadataId": 3}], [3]),
        ([{"visibility": "PROJECT"}], [5]),
        ([{"locationType": "COLUMN"}], [4]),
        ([{"metadataLocation": {"sheetId": 0}}], [2, 3, 4]),
        ([{"metadataLocation": {"sheetId": 0}, "locationMatchingStrategy": "EXACT_LOCATION"}], [2]),
        ([{"metadataLocation": {"spreadsheet": True}}], [1]),
        ([{"metadataLocation": {"dimensionRange": rows(0, 9)}}], [3]),
        ([{"metadataLocation": {"dimensionRange": rows(0, 9)}, "locationMatchingStrategy": "EXACT_LOCATION"}], []),
        ([{"metadataKey": "a"}, {"metadataId": 2}], [1, 2]),
        ([{"metadataKey": "nothing"}], []),
    ],
)
def test_searching(marked: Book, lookups: Any, found: list[int]) -> None:
    """Fields of a lookup intersect, an empty one matches all, several unite; a tab reaches its rows and columns."""
    assert search(marked, *lookups) == found


def test_a_search_without_a_match_answers_an_empty_object(book: Book) -> None:
    """Nothing found is {}."""
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "x"}}]}
    assert book.call("POST", "/developerMetadata:search", body) == {}


def test_a_spreadsheet_location_does_not_intersect(book: Book) -> None:
    """INTERSECTING_LOCATION of the spreadsheet is refused."""
    lookup = {"metadataLocation": {"spreadsheet": True}, "locationMatchingStrategy": "INTERSECTING_LOCATION"}
    answer = book.call("POST", "/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": lookup}]})
    assert answer["error"]["code"] == 400


def test_getting_one(marked: Book) -> None:
    """An entry is read by its id; a wrong id is a 404."""
    assert marked.call("GET", "/developerMetadata/2")["metadataValue"] == "v"
    assert marked.call("GET", "/developerMetadata/99")["error"]["code"] == 404


def test_updating_and_deleting_every_match(marked: Book) -> None:
    """Updates and deletions apply to all matches and answer them; an empty lookup deletes all."""
    by_key = {"developerMetadataLookup": {"metadataKey": "a"}}
    update = {"dataFilters": [by_key], "developerMetadata": {"metadataValue": "new"}, "fields": "metadataValue"}
    updated = marked.reply({"updateDeveloperMetadata": update})["developerMetadata"]
    assert [item["metadataValue"] for item in updated] == ["new", "new"]
    deleted = marked.reply({"deleteDeveloperMetadata": {"dataFilter": by_key}})["deletedDeveloperMetadata"]
    assert [item["metadataId"] for item in deleted] == [1, 2]
    marked.batch({"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {}}}})
    assert search(marked, {}) == []


@pytest.mark.parametrize("given", [{}, {"metadataValue": "new"}, {"metadataId": 77, "metadataKey": "other"}])
def test_updating_all_fields_keeps_the_id(marked: Book, given: dict[str, Any]) -> None:
    """`*` doesn't reach the id, whatever the request gives: the entry is found by it afterwards."""
    lookup = {"developerMetadataLookup": {"metadataId": 4}}
    update = {"dataFilters": [lookup], "developerMetadata": given, "fields": "*"}
    updated = marked.reply({"updateDeveloperMetadata": update})["developerMetadata"]
    assert [item["metadataId"] for item in updated] == [4]
    assert marked.call("GET", "/developerMetadata/4") == updated[0]
    assert search(marked, {}) == [1, 2, 3, 4, 5]


def test_an_id_is_free_again_after_deletion(book: Book) -> None:
    """An id that exists is refused, in the same batch too; a deleted one can be used again."""
    taken = entry("k", {"sheetId": 0}, metadataId=7)
    assert "already exists" in book.refusal(taken, taken)
    assert search(book, {}) == []
    book.batch(
        taken, {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 7}}}}, taken
    )
    assert search(book, {}) == [7]


def test_entries_are_part_of_the_resource(marked: Book) -> None:
    """Entries stand at the spreadsheet, at the tab, and in the metadata of rows and columns of grid data."""
    whole = marked.get(fields="developerMetadata.metadataId,sheets(developerMetadata.metadataId)")
    assert whole["developerMetadata"] == [{"metadataId": 1}]
    assert whole["sheets"][0]["developerMetadata"] == [{"metadataId": 2}]
    fields = "sheets.data(rowMetadata.developerMetadata.metadataId,columnMetadata.developerMetadata.metadataId)"
    data = marked.tab(ranges="A5:B5", fields=fields)["data"][0]
    assert data["rowMetadata"] == [{"developerMetadata": [{"metadataId": 3}]}]
    assert data["columnMetadata"] == [{}, {"developerMetadata": [{"metadataId": 4}]}]


def test_entries_follow_and_go_with_their_rows(marked: Book) -> None:
    """Row entries follow insertions above, ignore value writes, and go silently with their row."""
    marked.batch({"insertDimension": {"range": rows(0, 2)}}, {"deleteDimension": {"range": rows(1, 2)}})
    marked.write("A6", [["x"]])
    place = marked.call("GET", "/developerMetadata/3")["location"]["dimensionRange"]
    assert (place["startIndex"], place["endIndex"]) == (5, 6)
    marked.batch({"deleteDimension": {"range": rows(5, 6)}})
    assert search(marked, {"metadataId": 3}) == []


def test_entries_have_a_size_limit_a_tab(book: Book) -> None:
    """Keys and values on a tab count together; beyond 30,000 characters is refused."""
    book.batch(entry("k", {"sheetId": 0}, metadataValue="x" * 29_000))
    assert "30000" in book.refusal(entry("k", {"dimensionRange": rows(0, 1)}, metadataValue="x" * 1000))
    book.batch(entry("k", {"spreadsheet": True}, metadataValue="x" * 1000))
