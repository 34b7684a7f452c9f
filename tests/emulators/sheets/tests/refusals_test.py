from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area, columns, rows

SHEET = {"sheetId": 0}
CELL = {"rows": [{"values": [{"userEnteredValue": {"numberValue": 1}}]}], "fields": "userEnteredValue"}
WIDE = {"rows": [{"values": [{}] * 27}], "fields": "userEnteredValue"}
BAND = {"rowProperties": {"firstBandColor": {"red": 1}, "secondBandColor": {}}}


def properties(fields: str, **given: Any) -> dict[str, Any]:
    return {"updateSheetProperties": {"properties": {"sheetId": 0, **given}, "fields": fields}}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"repeatCell": {"range": {"sheetId": 22}, "fields": "note"}}, "No grid with id: 22"),
        ({"insertDimension": {"range": rows(0, 1, 22)}}, "No grid with id: 22"),
        ({"deleteSheet": {"sheetId": 22}}, "No sheet with id: 22"),
        (
            {"updateSheetProperties": {"properties": {"sheetId": 22, "title": "x"}, "fields": "title"}},
            "No sheet with id: 22",
        ),
        (
            {"addSheet": {"properties": {"title": "s"}}},
            'A sheet with the name "s" already exists. Please enter another name.',
        ),
        ({"addSheet": {"properties": SHEET}}, "Sheet with id 0 already exists."),
        ({"addSheet": {"properties": {"sheetId": -1}}}, "Sheet id must be non-negative."),
        ({"addSheet": {"properties": {"title": ""}}}, "The sheet name cannot be empty."),
        (
            {"addSheet": {"properties": {"title": "x" * 101}}},
            "The sheet name cannot be greater than 100 characters.",
        ),
        ({"deleteSheet": SHEET}, "You can't remove all the sheets in a document."),
        (properties("hidden", hidden=True), "You can't hide all the sheets in a document."),
        ({"deleteDimension": {"range": rows(0, 1000)}}, "You can't delete all the rows on the sheet."),
        ({"deleteDimension": {"range": columns(0, 26)}}, "You can't delete all the columns on the sheet."),
        (
            properties("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1000}),
            "You can't freeze all visible rows on the sheet.",
        ),
        (
            properties("gridProperties", gridProperties={"frozenRowCount": 1}),
            "You can't delete all the rows on the sheet.",
        ),
        (
            {"deleteDimension": {"range": rows(999, 1001)}},
            "Cannot delete a row that doesn't exist. Tried to delete row index 1000 but there are only 1000 rows.",
        ),
        (
            {"insertDimension": {"range": rows(1000, 1001)}},
            "range.startIndex must be less than the grid size (1000) if inheritFromBefore is false.",
        ),
        (
            {"insertDimension": {"range": rows(1001, 1002), "inheritFromBefore": True}},
            "range.startIndex is larger than current grid size (1000)",
        ),
        (
            {"repeatCell": {"range": area(1000, 1001, 0, 2), "fields": "note", "cell": {"note": "x"}}},
            "Range (S!A1001:B1001) exceeds grid limits. Max rows: 1000, max columns: 26",
        ),
        (
            {"updateCells": {**WIDE, "start": SHEET}},
            "Attempting to write column: 26, beyond the last requested column of: 25",
        ),
        (
            {"updateCells": {"start": SHEET, "rows": []}},
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
        ),
        (
            {"deleteConditionalFormatRule": {"sheetId": 0, "index": 5}},
            "No conditional format on sheet: 0 at index: 5",
        ),
        (
            {"addNamedRange": {"namedRange": {"name": "two words", "range": SHEET}}},
            "The name given to this range is invalid",
        ),
        ({"addNamedRange": {"namedRange": {"name": "A1", "range": SHEET}}}, "The name given to this range is invalid"),
        (
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}},
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
        ),
        (
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataKey": "k",
                        "visibility": "DOCUMENT",
                        "location": {"dimensionRange": rows(0, 2)},
                    }
                }
            },
            "DimensionRange must represent a single row or column",
        ),
        (
            {
                "updateCells": {
                    "start": SHEET,
                    "rows": [{"values": [{"userEnteredValue": {"stringValue": "x" * 50_001}}]}],
                    "fields": "userEnteredValue",
                }
            },
            "Your input contains more than the maximum of 50000 characters in a single cell.",
        ),
    ],
)
def test_requests_are_refused_with_the_texts_of_the_service(book: Book, request_: Any, message: str) -> None:
    """A request that can't be carried out is a 400 that names its place and kind, without details."""
    kind = next(iter(request_))
    assert book.batch(request_) == {
        "error": {"code": 400, "message": f"Invalid requests[0].{kind}: {message}", "status": "INVALID_ARGUMENT"}
    }


@pytest.mark.parametrize(
    ("before", "request_", "message"),
    [
        (
            [properties("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 2})],
            {"deleteDimension": {"range": rows(2, 1000)}},
            "Sorry, it is not possible to delete all non-frozen rows.",
        ),
        (
            [{"addBanding": {"bandedRange": {"range": area(0, 9, 0, 3), **BAND}}}],
            {"addBanding": {"bandedRange": {"range": area(8, 9, 2, 5), **BAND}}},
            "You cannot add alternating background colors to a range that already has alternating background colors.",
        ),
        (
            [{"mergeCells": {"range": area(0, 2, 0, 2)}}],
            {"mergeCells": {"range": area(1, 3, 0, 2)}},
            "You must select all cells in a merged range to merge or unmerge them.",
        ),
        (
            [properties("gridProperties.frozenColumnCount", gridProperties={"frozenColumnCount": 1})],
            {"mergeCells": {"range": area(0, 1, 0, 2)}},
            "You can't merge frozen and non-frozen columns",
        ),
        (
            [{"mergeCells": {"range": area(1, 3, 0, 1)}}],
            {"sortRange": {"range": area(0, 5, 0, 2), "sortSpecs": [{"dimensionIndex": 0}]}},
            "You can't sort a range containing vertical merges. There is a vertical merge at A2:A3",
        ),
        (
            [{"mergeCells": {"range": area(4, 6, 0, 1)}}],
            {"moveDimension": {"source": rows(0, 1), "destinationIndex": 5}},
            (
                "Sorry, it is not possible to move a row to a position that crosses a merged cell. "
                "Please unmerge and try again."
            ),
        ),
        (
            [{"addSheet": {"properties": {"title": "T", "hidden": True}}}],
            {"deleteSheet": SHEET},
            "You can't remove all the visible sheets in a document.",
        ),
        (
            [
                {
                    "createDeveloperMetadata": {
                        "developerMetadata": {
                            "metadataId": 7,
                            "metadataKey": "k",
                            "visibility": "DOCUMENT",
                            "location": {"sheetId": 0},
                        }
                    }
                }
            ],
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataId": 7,
                        "metadataKey": "other",
                        "visibility": "DOCUMENT",
                        "location": {"spreadsheet": True},
                    }
                }
            },
            "Cannot add developer metadata with ID [7] because developer metadata with that ID already exists.",
        ),
    ],
)
def test_refusals_that_depend_on_what_is_there(book: Book, before: Any, request_: Any, message: str) -> None:
    """Some requests are refused because of what earlier ones did; the index counts them."""
    kind = next(iter(request_))
    assert book.refusal(*before, request_) == f"Invalid requests[{len(before)}].{kind}: {message}"


def test_a_batch_is_all_or_nothing(book: Book) -> None:
    """A request that fails undoes the ones before it."""
    write = {"updateCells": {**CELL, "start": SHEET}}
    book.refusal(write, {"addSheet": {"properties": {"title": "T"}}}, {"deleteSheet": {"sheetId": 22}})
    assert book.values("S") == []
    assert len(book.get()["sheets"]) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Must specify at least one request."),
        ({"requests": []}, "Must specify at least one request."),
        (
            {"requests": [{"x": {}}]},
            "Invalid JSON payload received. Unknown name \"x\" at 'requests[0]': Cannot find field.",
        ),
        ({"nope": 1}, 'Invalid JSON payload received. Unknown name "nope": Cannot find field.'),
        (
            {"requests": [{"addSheet": {"properties": {"title": 5}}}]},
            "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
        ),
        (
            {"requests": [{"deleteSheet": {"sheetId": "x"}}]},
            "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"x\"",
        ),
        (
            {"requests": [{"addSheet": {"properties": {"hidden": "yes"}}}]},
            "Invalid value at 'requests[0].add_sheet.properties.hidden' (TYPE_BOOL), \"yes\"",
        ),
        (
            {"requests": [{"addSheet": {"properties": {"title": ["x"]}}}]},
            (
                "Invalid JSON payload received. Unknown name \"title\" at 'requests[0].add_sheet.properties': "
                "Proto field is not repeating, cannot start list."
            ),
        ),
        (
            {"requests": [{"insertDimension": {"range": {"dimension": "DIAGONAL"}}}]},
            (
                "Invalid value at 'requests[0].insert_dimension.range.dimension' "
                '(type.googleapis.com/google.apps.sheets.v4.Dimension), "DIAGONAL"'
            ),
        ),
        (
            {"requests": [{"setBasicFilter": {"filter": {"criteria": {"x": {}}}}}]},
            "Invalid value at 'requests[0].set_basic_filter.filter.criteria[0].key' (TYPE_INT32), \"x\"",
        ),
        (
            {"requests": [{"addSheet": {}, "deleteSheet": {}}]},
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'",
        ),
    ],
)
def test_malformed_bodies_are_refused_before_anything_happens(book: Book, body: Any, message: str) -> None:
    """An unknown name or a wrong type is a 400; its details list the field and the description."""
    error = book.call("POST", ":batchUpdate", body)["error"]
    assert (error["code"], error["status"], error["message"]) == (400, "INVALID_ARGUMENT", message)
    if "details" in error:
        assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
        assert error["details"][0]["fieldViolations"][0]["description"] == message


_THEME = {"rgbColor": {}, "themeColor": "TEXT"}


@pytest.mark.parametrize(
    ("request_", "group"),
    [
        ({"updateCells": {"start": SHEET, "range": SHEET, "fields": "note"}}, "area"),
        ({"findReplace": {"find": "x", "sheetId": 0, "allSheets": True}}, "scope"),
        ({"addSheet": {"properties": {"tabColorStyle": _THEME}}}, "kind"),
        ({"sortRange": {"sortSpecs": [{"dimensionIndex": 0, "dataSourceColumnReference": {}}]}}, "reference"),
        ({"addChart": {"chart": {"spec": {"basicChart": {}, "pieChart": {}}}}}, "chart"),
        ({"updateConditionalFormatRule": {"rule": {}, "newIndex": 0}}, "instruction"),
        (
            {"createDeveloperMetadata": {"developerMetadata": {"location": {"spreadsheet": True, "sheetId": 0}}}},
            "location",
        ),
    ],
)
def test_of_fields_that_exclude_each_other_one_is_taken(book: Book, request_: Any, group: str) -> None:
    """A second field of a union is a 400 before anything happens."""
    message = book.refusal(request_)
    assert f"(oneof), oneof field '{group}' is already set. Cannot set '" in message


def test_several_violations_are_told_at_once(book: Book) -> None:
    """Every violation has its line in the message and its entry in the details."""
    error = book.call("POST", ":batchUpdate", {"a": 1, "b": 2})["error"]
    assert error["message"].count("\n") == 1
    assert len(error["details"][0]["fieldViolations"]) == 2


def test_what_is_not_supported_says_so(book: Book) -> None:
    """A kind that the real service has and this one lacks is a 501 with its name."""
    error = book.batch({"addSlicer": {}})["error"]
    assert (error["code"], error["status"]) == (501, "UNIMPLEMENTED")
    assert "addSlicer" in error["message"]


def test_a_chart_cannot_be_moved_to_a_tab_of_its_own(book: Book) -> None:
    """The real service does so; here it is a 501 and not passed over."""
    position = {"overlayPosition": {"anchorCell": SHEET}}
    book.reply({"addChart": {"chart": {"chartId": 1, "spec": {"basicChart": {}}, "position": position}}})
    moved = {"updateEmbeddedObjectPosition": {"objectId": 1, "newPosition": {"newSheet": True}, "fields": "*"}}
    assert book.batch(moved)["error"]["code"] == 501


def test_names_in_the_protocols_spelling_are_taken(book: Book) -> None:
    """snake_case names, numbers as strings and nulls are read as the front end reads them."""
    answer = book.batch({"add_sheet": {"properties": {"title": "T", "sheet_id": "5", "hidden": None}}})
    assert answer["replies"][0]["addSheet"]["properties"]["sheetId"] == 5


def test_protection_by_somebody_else_refuses_edits(book: Book) -> None:
    """A protected range bars everybody but its editors from any edit; a warning bars nobody."""
    protect = {"addProtectedRange": {"protectedRange": {"range": area(0, 2, 0, 2)}}}
    owner = {"Authorization": "Bearer anna@example.com"}
    book.session.post(f"{book.url}:batchUpdate", json={"requests": [protect]}, headers=owner, timeout=30)
    barred = (
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
        "if you need to edit."
    )
    write = {"updateCells": {**CELL, "start": SHEET}}
    assert book.refusal(write) == f"Invalid requests[0].updateCells: {barred}"
    assert book.write("A1", [[1]])["error"]["message"] == barred
    assert "error" not in book.write("C1", [[1]])
    allowed = book.session.put(
        f"{book.url}/values/A1", params={"valueInputOption": "RAW"}, json={"values": [[1]]}, headers=owner, timeout=30
    )
    assert allowed.status_code == 200
    assert book.tab()["protectedRanges"][0]["editors"] == {"users": ["anna@example.com"]}
