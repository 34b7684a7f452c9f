from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.sheets.service import Handle

from .book import Book, area, columns, create, rows


def write(top: int, left: int, *values: Any) -> dict[str, Any]:
    cells = [{"userEnteredValue": value} if value else {} for value in values]
    start = {"sheetId": 0, "rowIndex": top, "columnIndex": left}
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}


def test_tabs_are_added_renamed_moved_and_deleted(book: Book) -> None:
    """Adding answers the properties; an index counts before the tab is taken from its place."""
    added = book.batch(*[{"addSheet": {"properties": {"title": title}}} for title in "ABC"])["replies"]
    first = added[0]["addSheet"]["properties"]
    assert (first["title"], first["index"], first["gridProperties"]) == ("A", 1, {"rowCount": 1000, "columnCount": 26})

    def titles() -> list[str]:
        return [sheet["properties"]["title"] for sheet in book.get()["sheets"]]

    move = {"updateSheetProperties": {"properties": {"sheetId": 0, "index": 3}, "fields": "index"}}
    assert book.batch(move)["replies"] == [{}]
    assert titles() == ["A", "B", "S", "C"]
    move["updateSheetProperties"]["properties"] = {"sheetId": 0, "index": 0}
    book.batch(move, {"deleteSheet": {"sheetId": first["sheetId"]}})
    assert titles() == ["S", "B", "C"]


def test_a_masked_property_without_a_value_is_reset(book: Book) -> None:
    """Colour and hiding go when the mask names them and the request doesn't give them."""
    given = {"sheetId": 0, "tabColor": {"red": 1}, "rightToLeft": True}
    book.batch({"updateSheetProperties": {"properties": given, "fields": "tabColor,rightToLeft"}})
    properties = book.tab()["properties"]
    assert properties["tabColor"] == {"red": 1}
    assert properties["tabColorStyle"] == {"rgbColor": {"red": 1}}
    book.batch({"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": "tabColorStyle,rightToLeft"}})
    assert not {"tabColor", "tabColorStyle", "rightToLeft"} & book.tab()["properties"].keys()


def test_update_cells_clears_what_its_rows_do_not_cover(book: Book) -> None:
    """In a range, masked fields of uncovered cells go; other fields and cells stay."""
    book.write("A1", [["a", "b", "c"], ["d", "e", "f"]])
    book.batch(
        {"repeatCell": {"range": area(0, 2, 0, 3), "cell": {"note": "n"}, "fields": "note"}},
        {
            "updateCells": {
                "range": area(0, 2, 0, 2),
                "rows": [{"values": [{"userEnteredValue": {"stringValue": "new"}}]}],
                "fields": "userEnteredValue",
            }
        },
    )
    assert book.values("S") == [["new", "", "c"], ["", "", "f"]]
    notes = book.tab(fields="sheets.data.rowData.values.note")["data"][0]["rowData"]
    assert notes[1] == {"values": [{"note": "n"}] * 3}


def test_update_cells_from_a_start_leaves_ragged_tails(book: Book) -> None:
    """From a start only the given cells are written; a masked field without a value is cleared there."""
    book.write("A1", [["a", "b"]])
    book.batch(write(0, 0, None))
    assert book.values("S") == [["", "b"]]


def test_repeat_cell_shifts_relative_references(book: Book) -> None:
    """A formula repeated over a range reads for each cell as if it had been copied there."""
    cell = {"userEnteredValue": {"formulaValue": "=A1+$A$1"}}
    book.batch({"repeatCell": {"range": area(0, 2, 1, 3), "cell": cell, "fields": "userEnteredValue"}})
    assert book.formulas("B1:C2") == [["=A1+$A$1", "=B1+$A$1"], ["=A2+$A$1", "=B2+$A$1"]]


def test_masks_of_formats_reach_into_them(book: Book) -> None:
    """A nested mask writes one part of a format and leaves the others."""
    one = {"userEnteredFormat": {"textFormat": {"bold": True, "italic": True}, "horizontalAlignment": "CENTER"}}
    two = {"userEnteredFormat": {"textFormat": {"italic": False}}}
    target = area(0, 1, 0, 1)
    book.batch(
        {"repeatCell": {"range": target, "cell": one, "fields": "userEnteredFormat"}},
        {"repeatCell": {"range": target, "cell": two, "fields": "userEnteredFormat(textFormat.italic)"}},
        {"repeatCell": {"range": target, "cell": {}, "fields": "userEnteredFormat.horizontalAlignment"}},
    )
    shown = book.tab(ranges="A1", fields="sheets.data.rowData.values.userEnteredFormat")
    look = shown["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]
    assert look == {"textFormat": {"bold": True, "italic": False}}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (area(0, 1, 0, 1), area(0, 2, 3, 5), [["a1", "a1"], ["a1", "a1"]]),
        (area(0, 2, 0, 2), area(0, 1, 3, 4), [["a1", "b1"], ["a2", "b2"]]),
        (area(0, 1, 0, 2), area(0, 2, 3, 5), [["a1", "b1"], ["a1", "b1"]]),
    ],
)
def test_copying_tiles_multiples_and_overflows_smaller_places(
    book: Book, source: Any, target: Any, expected: Any
) -> None:
    """A destination that is a multiple is filled, a smaller one still receives everything."""
    book.write("A1", [["a1", "b1"], ["a2", "b2"]])
    book.batch({"copyPaste": {"source": source, "destination": target}})
    assert book.values("D1:E2") == expected


def test_ways_of_pasting(book: Book) -> None:
    """Values paste what formulas come to, formats paste looks alone, and transposing turns rows into columns."""
    book.write("A1", [["=1+1", "=A1*2"]], "USER_ENTERED")
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    book.batch(
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": bold, "fields": "userEnteredFormat"}},
        {"copyPaste": {"source": area(0, 1, 0, 2), "destination": area(2, 3, 0, 2), "pasteType": "PASTE_VALUES"}},
        {"copyPaste": {"source": area(0, 1, 0, 2), "destination": area(4, 5, 0, 2), "pasteType": "PASTE_FORMAT"}},
        {"copyPaste": {"source": area(0, 1, 0, 2), "destination": area(6, 8, 0, 1), "pasteOrientation": "TRANSPOSE"}},
    )
    assert book.formulas("A3:B3") == [[2, 4]]
    assert book.formulas("A5:B5") == []
    assert book.formulas("A7:A8") == [["=1+1"], ["=#REF!*2"]]
    cells = book.tab(ranges="A3:A5", fields="sheets.data.rowData.values.userEnteredFormat")["data"][0]["rowData"]
    assert [("values" in row) for row in cells] == [False, False, True]


def test_cutting_empties_the_source_and_references_follow(book: Book) -> None:
    """What is cut leaves nothing behind; formulas that pointed at it point at its new place."""
    book.write("A1", [["x", "=A1"], ["", "=SUM(A1:A1)"]], "USER_ENTERED")
    book.batch(
        {"cutPaste": {"source": area(0, 1, 0, 1), "destination": {"sheetId": 0, "rowIndex": 4, "columnIndex": 3}}}
    )
    assert book.formulas("A1:B2") == [["", "=D5"], ["", "=SUM(D5)"]]
    assert book.values("D5") == [["x"]]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ([{"dimensionIndex": 1}], ["b", "c", "a", "d"]),
        ([{"dimensionIndex": 1, "sortOrder": "DESCENDING"}], ["a", "c", "b", "d"]),
        ([{"dimensionIndex": 2}, {"dimensionIndex": 1, "sortOrder": "DESCENDING"}], ["a", "b", "c", "d"]),
    ],
)
def test_sorting(book: Book, specs: Any, expected: list[str]) -> None:
    """Numbers come before text, blanks last both ways, and later specs break ties."""
    book.write("A1", [["a", "text", 1], ["b", 1, 1], ["c", 20, 2], ["d", None, 3]])
    book.batch({"sortRange": {"range": area(0, 4, 0, 3), "sortSpecs": specs}})
    assert [row[0] for row in book.values("A1:A4")] == expected


def test_sorting_takes_notes_and_row_metadata_along_and_leaves_hidden_rows(book: Book) -> None:
    """Sorting moves whole cells and the metadata of their rows; a hidden row stays where it is."""
    book.write("A1", [[3], [99], [1]])
    entry = {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": rows(0, 1)}}
    hide = {"range": rows(1, 2), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    book.batch(
        {"createDeveloperMetadata": {"developerMetadata": entry}},
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": {"note": "three"}, "fields": "note"}},
        {"updateDimensionProperties": hide},
        {"sortRange": {"range": {"sheetId": 0, "endRowIndex": 3}, "sortSpecs": [{"dimensionIndex": 0}]}},
    )
    assert book.values("A1:A3") == [["1"], ["99"], ["3"]]
    notes = book.tab(ranges="A3", fields="sheets.data.rowData.values.note")
    assert notes["data"][0]["rowData"][0]["values"][0] == {"note": "three"}
    found = book.call("POST", "/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {}}]})
    assert found["matchedDeveloperMetadata"][0]["developerMetadata"]["location"]["dimensionRange"]["startIndex"] == 2


def test_shuffling_keeps_rows_together(book: Book) -> None:
    """Every row of the range is there afterwards, cells beside each other stay so, and other rows stay."""
    book.write("S!A1", [["head", ""], *([row, f"row {row}"] for row in range(50))])
    book.reply({"randomizeRange": {"range": area(1, 51, 0, 2)}})
    head, *shuffled = book.values("S!A1:B60", valueRenderOption="UNFORMATTED_VALUE")
    assert head == ["head"]
    assert shuffled != sorted(shuffled)
    assert sorted(shuffled) == [[row, f"row {row}"] for row in range(50)]


@pytest.mark.parametrize(
    ("search", "reply", "left"),
    [
        (
            {"find": "an", "replacement": "AN", "allSheets": True},
            {"valuesChanged": 2, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 3},
            [["bANANa"], ["ANts"], ['=LEN("an")']],
        ),
        ({"find": "ANTS", "replacement": "x", "sheetId": 0, "matchCase": True}, {}, None),
        (
            {"find": "ants", "replacement": "x", "sheetId": 0, "matchEntireCell": True},
            {"valuesChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1},
            [["banana"], ["x"], ['=LEN("an")']],
        ),
        (
            {"find": "(b)an", "replacement": "$1AN", "searchByRegex": True, "range": area(0, 1, 0, 1)},
            {"valuesChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1},
            [["bANana"], ["ants"], ['=LEN("an")']],
        ),
        (
            {"find": "an", "replacement": "o", "range": area(2, 3, 0, 1), "includeFormulas": True},
            {"formulasChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1},
            [["banana"], ["ants"], ['=LEN("o")']],
        ),
    ],
)
def test_find_and_replace(book: Book, search: Any, reply: Any, left: Any) -> None:
    """Replacing counts what it changed, skips formulas unless asked, and knows cases, whole cells and patterns."""
    book.write("A1", [["banana"], ["ants"], ['=LEN("an")']], "USER_ENTERED")
    assert book.reply({"findReplace": search}) == reply
    if left:
        assert book.formulas("A1:A3") == left


def test_texts_are_trimmed_split_pasted_and_made_unique(book: Book) -> None:
    """The requests of the Data menu and of pasting text."""
    book.write("A1", [["  a   b "], ["c"], ["C"]])
    assert book.reply({"trimWhitespace": {"range": area(0, 3, 0, 1)}}) == {"cellsChangedCount": 1}
    assert book.reply({"deleteDuplicates": {"range": area(0, 3, 0, 1)}}) == {"duplicatesRemovedCount": 1}
    assert book.values("A1:A3") == [["a b"], ["c"]]
    book.batch({"textToColumns": {"source": area(0, 1, 0, 1), "delimiterType": "SPACE"}})
    assert book.values("A1:B1") == [["a", "b"]]
    place = {"sheetId": 0, "rowIndex": 4, "columnIndex": 0}
    book.batch({"pasteData": {"coordinate": place, "data": 'x,"1,5",2020-01-01\ny', "delimiter": ","}})
    assert book.values("A5:C6", valueRenderOption="UNFORMATTED_VALUE") == [["x", "1,5", 43831], ["y"]]


def test_merges_keep_the_first_value(book: Book) -> None:
    """Merging keeps the top left value; rows and columns merge one by one; unmerging takes them away."""
    book.write("A1", [["a", "b"], ["c", "d"]])
    book.batch({"mergeCells": {"range": area(0, 2, 0, 2), "mergeType": "MERGE_ROWS"}})
    assert book.values("S") == [["a"], ["c"]]
    assert len(book.tab()["merges"]) == 2
    book.batch({"mergeCells": {"range": area(0, 2, 0, 2)}})
    assert len(book.tab()["merges"]) == 1
    book.batch({"unmergeCells": {"range": {"sheetId": 0}}})
    assert "merges" not in book.tab()


def test_conditional_rules_are_added_replaced_moved_and_deleted(book: Book) -> None:
    """Rules have an order; updating and deleting answer the rule, adding answers nothing."""

    def rule(kind: str) -> dict[str, Any]:
        condition = {"type": kind}
        return {"ranges": [area(0, 9, 0, 1)], "booleanRule": {"condition": condition, "format": {}}}

    def kinds() -> list[str]:
        return [item["booleanRule"]["condition"]["type"] for item in book.tab().get("conditionalFormats", [])]

    assert book.reply({"addConditionalFormatRule": {"rule": rule("BLANK"), "index": 0}}) == {}
    book.batch({"addConditionalFormatRule": {"rule": rule("NOT_BLANK"), "index": 0}})
    assert kinds() == ["NOT_BLANK", "BLANK"]
    moved = book.reply({"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 1}})
    assert (moved["oldIndex"], moved["newIndex"]) == (0, 1)
    assert kinds() == ["BLANK", "NOT_BLANK"]
    deleted = book.reply({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    assert deleted["rule"]["booleanRule"]["condition"] == {"type": "BLANK"}


def test_a_filter_hides_rows_and_gives_them_back(book: Book) -> None:
    """A basic filter hides by value and by condition; clearing it shows all rows again."""
    book.write("A1", [["n"], [1], [2], [3]])

    def hidden() -> list[int]:
        data = book.tab(ranges="A1:A4", fields="sheets.data.rowMetadata.hiddenByFilter")["data"][0]["rowMetadata"]
        return [index for index, item in enumerate(data) if item.get("hiddenByFilter")]

    base = {"range": area(0, 4, 0, 1)}
    book.batch({"setBasicFilter": {"filter": {**base, "criteria": {"0": {"hiddenValues": ["2"]}}}}})
    assert hidden() == [2]
    condition = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "2"}]}}
    specs = [{"columnIndex": 0, "filterCriteria": condition}]
    book.batch({"setBasicFilter": {"filter": {**base, "filterSpecs": specs}}})
    assert hidden() == [1, 2]
    assert book.tab()["basicFilter"]["criteria"] == {"0": condition}
    book.batch({"clearBasicFilter": {"sheetId": 0}})
    assert hidden() == []


def test_what_has_an_id_is_updated_and_deleted_by_it(book: Book) -> None:
    """Bands, protections, views, names and charts get ids, which later requests use."""
    band = {"rowProperties": {"firstBandColor": {"red": 1}, "secondBandColor": {}}}
    chart = {
        "spec": {"title": "t", "pieChart": {}},
        "position": {"overlayPosition": {"anchorCell": {"sheetId": 0}}},
    }
    replies = book.batch(
        {"addBanding": {"bandedRange": {"range": area(0, 9, 0, 1), **band}}},
        {"addProtectedRange": {"protectedRange": {"range": area(0, 9, 0, 1), "warningOnly": True}}},
        {"addFilterView": {"filter": {"title": "v", "range": area(0, 9, 0, 1)}}},
        {"addNamedRange": {"namedRange": {"name": "N", "range": area(0, 9, 0, 1)}}},
        {"addChart": {"chart": chart}},
    )["replies"]
    banded = replies[0]["addBanding"]["bandedRange"]["bandedRangeId"]
    protected = replies[1]["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    view = replies[2]["addFilterView"]["filter"]["filterViewId"]
    named = replies[3]["addNamedRange"]["namedRange"]["namedRangeId"]
    drawn = replies[4]["addChart"]["chart"]["chartId"]
    copied = book.reply({"duplicateFilterView": {"filterId": view}})["filter"]
    book.batch(
        {
            "updateProtectedRange": {
                "protectedRange": {"protectedRangeId": protected, "description": "d"},
                "fields": "description",
            }
        },
        {"updateFilterView": {"filter": {"filterViewId": view, "title": "w"}, "fields": "title"}},
        {"updateNamedRange": {"namedRange": {"namedRangeId": named, "name": "M"}, "fields": "name"}},
        {"updateChartSpec": {"chartId": drawn, "spec": {"title": "u", "pieChart": {}}}},
        {
            "updateBanding": {
                "bandedRange": {"bandedRangeId": banded, "range": area(0, 5, 0, 1)},
                "fields": "range",
            }
        },
    )
    position = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 3}}}
    moved = book.reply(
        {"updateEmbeddedObjectPosition": {"objectId": drawn, "newPosition": position, "fields": "anchorCell"}}
    )
    assert moved["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 3
    whole = book.get()
    tab = whole["sheets"][0]
    assert tab["protectedRanges"][0]["description"] == "d"
    assert {item["title"] for item in tab["filterViews"]} == {"w", copied["title"]}
    assert whole["namedRanges"][0]["name"] == "M"
    assert tab["charts"][0]["spec"]["title"] == "u"
    assert tab["bandedRanges"][0]["range"]["endRowIndex"] == 5
    book.batch(
        {"deleteBanding": {"bandedRangeId": banded}},
        {"deleteProtectedRange": {"protectedRangeId": protected}},
        {"deleteFilterView": {"filterId": view}},
        {"deleteFilterView": {"filterId": copied["filterViewId"]}},
        {"deleteNamedRange": {"namedRangeId": named}},
        {"deleteEmbeddedObject": {"objectId": drawn}},
    )
    assert set(book.tab()) == {"properties"}


def test_copies_of_tabs_have_their_own_ids(service: Handle, book: Book) -> None:
    """A duplicate carries cells and features under new ids; copyTo names it after its source."""
    book.write("A1", [["x"]])
    book.batch({"addProtectedRange": {"protectedRange": {"range": area(0, 1, 0, 1), "warningOnly": True}}})
    made = book.reply({"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1, "newSheetName": "D"}})[
        "properties"
    ]
    assert (made["title"], made["index"]) == ("D", 1)
    assert book.values("D!A1") == [["x"]]
    first, second = (sheet["protectedRanges"][0] for sheet in book.get()["sheets"])
    assert first["protectedRangeId"] != second["protectedRangeId"]
    assert second["range"]["sheetId"] == made["sheetId"]
    with create(service) as other:
        copied = book.call("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": other.id})
        assert (copied["title"], copied["index"]) == ("Copy of S", 1)
        assert other.values("Copy of S!A1") == [["x"]]


def test_filling_borders_and_validation(book: Book) -> None:
    """Number series go on, formulas shift, borders sit on the edges, validation is stored in the cells."""
    book.write("A1", [[1, "=A1"], [3, "=A2"]], "USER_ENTERED")
    source = {"source": area(0, 2, 0, 2), "dimension": "ROWS", "fillLength": 2}
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}, "strict": True}
    line = {"style": "SOLID", "color": {"red": 1}}
    book.batch(
        {"autoFill": {"sourceAndDestination": source}},
        {"setDataValidation": {"range": area(0, 1, 4, 5), "rule": rule}},
        {"updateBorders": {"range": area(0, 2, 6, 8), "top": line, "innerVertical": line}},
    )
    assert book.formulas("A3:B4") == [[5, "=A3"], [7, "=A4"]]
    cells = book.tab(ranges="E1:H2", fields="sheets.data.rowData.values(dataValidation,userEnteredFormat.borders)")
    top, bottom = (row["values"] for row in cells["data"][0]["rowData"])
    assert top[0]["dataValidation"] == rule
    assert sorted(top[2]["userEnteredFormat"]["borders"]) == ["right", "top"]
    assert sorted(bottom[3]["userEnteredFormat"]["borders"]) == ["left"]


def test_columns_fit_their_longest_text(book: Book) -> None:
    """Resizing a column to its content makes it wider for a long text."""
    book.write("A1", [["x" * 100]])
    book.batch({"autoResizeDimensions": {"dimensions": columns(0, 2)}})
    sizes = book.tab(ranges="A1:B1", fields="sheets.data.columnMetadata.pixelSize")["data"][0]["columnMetadata"]
    assert sizes[0]["pixelSize"] > 300
    assert sizes[1]["pixelSize"] == 100


def test_append_cells_goes_below_everything(book: Book) -> None:
    """AppendCells writes behind the last row with content and grows the grid."""
    book.write("A999", [["x"], ["y"]])
    cells = [{"values": [{"userEnteredValue": {"stringValue": "z"}}]}]
    book.batch({"appendCells": {"sheetId": 0, "rows": cells, "fields": "userEnteredValue"}})
    assert book.values("A1001") == [["z"]]


def test_spreadsheet_properties(book: Book) -> None:
    """Title, locale and time zone are written under their mask."""
    properties = {"title": "T", "timeZone": "Europe/Berlin", "locale": "de_DE"}
    book.batch({"updateSpreadsheetProperties": {"properties": properties, "fields": "title,timeZone,locale"}})
    assert properties.items() <= book.get()["properties"].items()
