from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area, columns, rows


@pytest.fixture
def table(book: Book) -> Book:
    """Give a tab of 20 by 6 with text in every cell of the first ten rows."""
    size = {"sheetId": 0, "gridProperties": {"rowCount": 20, "columnCount": 6}}
    fields = "gridProperties(rowCount,columnCount)"
    book.batch({"updateSheetProperties": {"properties": size, "fields": fields}})
    book.write("A1", [[f"{letter}{number}" for letter in "abcd"] for number in range(1, 11)])
    return book


def insert(dimension: dict[str, Any], *, inherit: bool = False) -> dict[str, Any]:
    return {"insertDimension": {"range": dimension, "inheritFromBefore": inherit}}


def test_inserting_and_deleting_rows_and_columns(table: Book) -> None:
    """What is behind an insertion moves on, what is deleted goes, and the grid's size follows."""
    table.batch(insert(rows(1, 3)), insert(columns(1, 2)))
    assert table.values("A1:E4") == [["a1", "", "b1", "c1", "d1"], [], [], ["a2", "", "b2", "c2", "d2"]]
    table.batch({"deleteDimension": {"range": rows(0, 3)}}, {"deleteDimension": {"range": columns(0, 2)}})
    assert table.values("A1:C1") == [["b2", "c2", "d2"]]
    size = table.tab(fields="sheets.properties.gridProperties")["properties"]["gridProperties"]
    assert size == {"rowCount": 19, "columnCount": 5}


def test_a_row_can_be_inserted_at_the_very_end_by_inheriting(table: Book) -> None:
    """Behind the last row a new one is taken only if it inherits from before."""
    table.batch(insert(rows(20, 21), inherit=True))
    assert table.tab()["properties"]["gridProperties"]["rowCount"] == 21


def test_inserted_rows_take_the_format_of_a_neighbour(table: Book) -> None:
    """Formats come from the row before or after; values and notes don't."""
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "n"}
    table.batch(
        {"repeatCell": {"range": area(0, 1, 0, 1), "cell": bold, "fields": "userEnteredFormat,note"}},
        insert(rows(1, 2), inherit=True),
        insert(rows(2, 3)),
    )
    cells = table.tab(ranges="A2:A3", fields="sheets.data.rowData.values")["data"][0]["rowData"]
    assert cells[0]["values"][0]["userEnteredFormat"] == {"textFormat": {"bold": True}}
    assert "note" not in cells[0]["values"][0]
    assert len(cells) == 1


def test_moving_rows_counts_the_destination_before_the_move(table: Book) -> None:
    """Rows move in front of the row at the destination, as it was before."""
    table.batch({"moveDimension": {"source": rows(0, 2), "destinationIndex": 5}})
    assert [row[0] for row in table.values("A1:A7")] == ["a3", "a4", "a5", "a1", "a2", "a6", "a7"]
    table.batch({"moveDimension": {"source": columns(3, 4), "destinationIndex": 0}})
    assert table.values("A1:D1") == [["d3", "a3", "b3", "c3"]]


FEATURES: list[tuple[str, dict[str, Any]]] = [
    ("merges", {"mergeCells": {"range": area(3, 6, 1, 3)}}),
    (
        "protectedRanges",
        {"addProtectedRange": {"protectedRange": {"range": area(3, 6, 1, 3), "warningOnly": True}}},
    ),
    (
        "bandedRanges",
        {
            "addBanding": {
                "bandedRange": {
                    "range": area(3, 6, 1, 3),
                    "rowProperties": {"firstBandColor": {}, "secondBandColor": {}},
                }
            }
        },
    ),
    (
        "conditionalFormats",
        {
            "addConditionalFormatRule": {
                "rule": {
                    "ranges": [area(3, 6, 1, 3)],
                    "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}},
                }
            }
        },
    ),
    ("filterViews", {"addFilterView": {"filter": {"title": "f", "range": area(3, 6, 1, 3)}}}),
]


def _range_of(member: Any) -> tuple[int, int, int, int]:
    found = member["ranges"][0] if "ranges" in member else member.get("range", member)
    return found["startRowIndex"], found["endRowIndex"], found["startColumnIndex"], found["endColumnIndex"]


@pytest.mark.parametrize(("name", "made"), FEATURES)
@pytest.mark.parametrize(
    ("change", "left"),
    [
        (insert(rows(0, 2)), (5, 8, 1, 3)),
        (insert(rows(3, 4)), (4, 7, 1, 3)),
        (insert(rows(4, 5)), (3, 7, 1, 3)),
        (insert(rows(6, 7)), (3, 6, 1, 3)),
        (insert(columns(2, 4)), (3, 6, 1, 5)),
        ({"deleteDimension": {"range": rows(0, 2)}}, (1, 4, 1, 3)),
        ({"deleteDimension": {"range": rows(2, 5)}}, (2, 3, 1, 3)),
        ({"deleteDimension": {"range": rows(2, 8)}}, None),
        ({"deleteDimension": {"range": columns(1, 3)}}, None),
        ({"moveDimension": {"source": rows(3, 6), "destinationIndex": 10}}, (7, 10, 1, 3)),
        ({"moveDimension": {"source": rows(8, 9), "destinationIndex": 0}}, (4, 7, 1, 3)),
    ],
)
def test_ranges_follow(table: Book, name: str, made: Any, change: Any, left: tuple[int, ...] | None) -> None:
    """Ranges shift, grow inside, shrink and go with the rows and columns they are on."""
    table.batch(made, change)
    members = table.tab().get(name, [])
    assert [_range_of(member) for member in members] == ([left] if left else [])


def test_filters_charts_names_and_metadata_follow(table: Book) -> None:
    """The basic filter, chart sources, named ranges and row metadata shift with an insertion above them."""
    source = {"sourceRange": {"sources": [area(2, 5, 0, 1)]}}
    anchor = {"anchorCell": {"sheetId": 0, "rowIndex": 2, "columnIndex": 2}}
    table.batch(
        {"setBasicFilter": {"filter": {"range": area(2, 6, 0, 2)}}},
        {
            "addChart": {
                "chart": {
                    "spec": {"basicChart": {"chartType": "LINE", "series": [{"series": source}]}},
                    "position": {"overlayPosition": anchor},
                }
            }
        },
        {"addNamedRange": {"namedRange": {"name": "Names", "range": area(2, 6, 0, 2)}}},
        {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataKey": "k",
                    "visibility": "DOCUMENT",
                    "location": {"dimensionRange": rows(2, 3)},
                }
            }
        },
        insert(rows(1, 4)),
    )
    whole = table.get()
    tab = whole["sheets"][0]
    assert tab["basicFilter"]["range"]["startRowIndex"] == 5
    chart = tab["charts"][0]
    moved = chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"][0]
    assert (moved["startRowIndex"], moved["endRowIndex"]) == (5, 8)
    assert chart["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 5
    assert whole["namedRanges"][0]["range"]["startRowIndex"] == 5
    found = table.call("POST", "/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {}}]})
    location = found["matchedDeveloperMetadata"][0]["developerMetadata"]["location"]["dimensionRange"]
    assert (location["startIndex"], location["endIndex"]) == (5, 6)


@pytest.mark.parametrize(
    ("change", "formula"),
    [
        (insert(rows(0, 1)), "=SUM(A2:A4)+$B$3+S!C4"),
        (insert(rows(1, 2)), "=SUM(A1:A4)+$B$3+S!C4"),
        (insert(rows(3, 4)), "=SUM(A1:A3)+$B$2+S!C3"),
        (insert(columns(0, 1)), "=SUM(B1:B3)+$C$2+S!D3"),
        ({"deleteDimension": {"range": rows(1, 2)}}, "=SUM(A1:A2)+#REF!+S!C2"),
        ({"deleteDimension": {"range": columns(2, 3)}}, "=SUM(A1:A3)+$B$2+S!#REF!"),
        ({"moveDimension": {"source": rows(1, 2), "destinationIndex": 5}}, "=SUM(A1:A2)+$B$5+S!C2"),
        (
            {"updateSheetProperties": {"properties": {"title": "New one"}, "fields": "title"}},
            "=SUM(A1:A3)+$B$2+'New one'!C3",
        ),
    ],
)
def test_references_follow(table: Book, change: Any, formula: str) -> None:
    """References in formulas, on any tab, follow insertions, deletions, moves and renames; lost ones are #REF!."""
    table.write("F10", [["=SUM(A1:A3)+$B$2+S!C3"]], "USER_ENTERED")
    table.batch({"addSheet": {"properties": {"title": "Other"}}})
    table.write("Other!A1", [["=SUM(S!A1:A3)"]], "USER_ENTERED")
    table.batch(change)
    tab = table.tab()["properties"]["title"].replace("'", "''")
    found = [cell for row in table.formulas(f"'{tab}'!E9:G12") for cell in row if cell.startswith("=")]
    assert found == [formula]


def test_deleting_a_tab_breaks_references_to_it(table: Book) -> None:
    """References to a deleted tab become #REF!; named ranges and metadata on it go."""
    sheet = table.reply({"addSheet": {"properties": {"title": "Gone"}}})["properties"]["sheetId"]
    table.write("F1", [["=Gone!A1+1"]], "USER_ENTERED")
    table.batch(
        {"addNamedRange": {"namedRange": {"name": "Lost", "range": {"sheetId": sheet}}}},
        {"deleteSheet": {"sheetId": sheet}},
    )
    assert table.formulas("F1") == [["=#REF!+1"]]
    assert "namedRanges" not in table.get()


def test_many_insertions_in_one_batch_are_followed_in_order(table: Book) -> None:
    """Insertions, writes and deletions of one batch add up as if each were sent alone."""
    table.write("F1", [["=A10"], ["=SUM(A3:A6)"]], "USER_ENTERED")
    text = {"values": [{"userEnteredValue": {"stringValue": "new"}}]}
    table.batch(
        insert(rows(4, 5)),
        {"updateCells": {"start": {"sheetId": 0, "rowIndex": 4}, "rows": [text], "fields": "userEnteredValue"}},
        insert(rows(2, 4)),
        {"deleteDimension": {"range": rows(11, 12)}},
        {"deleteDimension": {"range": rows(0, 1)}},
    )
    assert table.formulas("F1:F2") == [["=SUM(A4:A8)"]]
    assert table.values("A6") == [["new"]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("insertRange", [["a1", "b1"], ["a2"], ["a3", "b2"], ["a4", "b3"]]),
        ("deleteRange", [["a1", "b1"], ["a2", "b3"], ["a3", "b4"], ["a4", "b5"]]),
    ],
)
def test_blocks_of_cells_shift_their_columns_alone(table: Book, kind: str, expected: Any) -> None:
    """Inserting or deleting a block moves what is under it in its own columns, references included."""
    table.write("F1", [["=B3&A3"]], "USER_ENTERED")
    table.batch({kind: {"range": area(1, 2, 1, 2), "shiftDimension": "ROWS"}})
    assert table.values("A1:B4") == expected
    assert table.formulas("F1") == [["=B4&A3" if kind == "insertRange" else "=B2&A3"]]


def test_frozen_rows_follow(table: Book) -> None:
    """A row inserted among frozen ones is frozen; deleting a frozen row leaves fewer."""
    frozen = {"sheetId": 0, "gridProperties": {"frozenRowCount": 2}}
    table.batch({"updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}})
    table.batch(insert(rows(1, 2)))
    assert table.tab()["properties"]["gridProperties"]["frozenRowCount"] == 3
    table.batch({"deleteDimension": {"range": rows(0, 2)}})
    assert table.tab()["properties"]["gridProperties"]["frozenRowCount"] == 1


def test_groups_add_up_by_depth(table: Book) -> None:
    """Overlapping groups nest; taking a level from a part leaves the rest; the control flag stays."""
    added = table.reply({"addDimensionGroup": {"range": columns(1, 5)}})
    assert added["dimensionGroups"] == [{"range": {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 5}, "depth": 1}]
    table.batch({"addDimensionGroup": {"range": columns(2, 4)}})
    deleted = table.reply({"deleteDimensionGroup": {"range": columns(3, 5)}})
    spans = [
        (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"])
        for group in deleted["dimensionGroups"]
    ]
    assert spans == [(1, 4, 1), (2, 3, 2)]
    table.batch({"deleteDimensionGroup": {"range": columns(0, 6)}})
    assert table.reply({"deleteDimensionGroup": {"range": columns(0, 6)}}) == {}
    assert table.tab()["properties"]["gridProperties"]["columnGroupControlAfter"] is True


def test_hidden_rows_and_sizes(table: Book) -> None:
    """Sizes and hiding are answered in the metadata of rows and columns."""
    size = {"range": columns(1, 2), "properties": {"pixelSize": 44}, "fields": "pixelSize"}
    hide = {"range": rows(0, 2), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    table.batch({"updateDimensionProperties": size}, {"updateDimensionProperties": hide})
    data = table.tab(ranges="A1:B3", fields="sheets.data(rowMetadata,columnMetadata)")["data"][0]
    assert data["columnMetadata"] == [{"pixelSize": 100}, {"pixelSize": 44}]
    assert [item.get("hiddenByUser", False) for item in data["rowMetadata"]] == [True, True, False]


def test_what_is_written_into_covered_cells_is_lost(table: Book) -> None:
    """Only the first of merged cells has a value."""
    table.batch({"mergeCells": {"range": area(0, 2, 0, 2)}})
    written = [{"values": [{"userEnteredValue": {"stringValue": text}} for text in "xyz"]}]
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    table.batch({"updateCells": {"start": start, "rows": written, "fields": "userEnteredValue"}})
    number = {"userEnteredValue": {"numberValue": 1}}
    table.batch({"repeatCell": {"range": area(1, 2, 0, 3), "cell": number, "fields": "userEnteredValue"}})
    assert table.values("A1:C2") == [["x", "", "z"], ["", "", "1"]]
