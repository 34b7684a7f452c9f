"""What the requests about native tables do and refuse."""

from __future__ import annotations

import pytest

from .book import Book, Json, area, rows
from .native_tables import add, names_of, place_of, table_of, text, update

LIST = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}}
FILTERED = "You can't apply a filter to a range that partially intersects a table."
BANDED = "You cannot add alternating background colors to a range that already has alternating background colors."
RULE = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}


def test_a_table_has_an_entry_for_every_column_named_by_its_header(filled: Book) -> None:
    made = filled.reply(add())["table"]
    assert made["columnProperties"] == [
        {"columnName": "Item"},
        {"columnIndex": 1, "columnName": "Amount"},
        {"columnIndex": 2, "columnName": "Status"},
    ]
    assert made["range"] == {"startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}
    assert made["name"] == "Seats"
    assert made["tableId"].isdigit()
    assert table_of(filled) == made


def test_names_that_are_sent_go_into_the_header_cells(filled: Book) -> None:
    """A column with a type and no name is called by its place among those, a blank header by its place in the table."""
    given_columns = [
        {"columnIndex": 0, "columnType": "CURRENCY"},
        {"columnIndex": 1, "columnName": "Price"},
        {"columnIndex": 2, "columnType": "DROPDOWN", "dataValidationRule": LIST},
    ]
    made = filled.reply(add(where=area(0, 4, 0, 4), columnProperties=given_columns))["table"]
    assert filled.values("S!A1:D1") == [["Column 1", "Price", "Column 2", "Column 4"]]
    assert names_of(filled) == ["Column 1", "Price", "Column 2", "Column 4"]
    assert made["columnProperties"][2]["dataValidationRule"] == LIST


def test_equal_headers_get_numbers(filled: Book) -> None:
    filled.write("S!A1:C1", [["Item", "item", "Item"]])
    filled.reply(add())
    assert filled.values("S!A1:C1") == [["Item", "item 2", "Item 3"]]
    assert names_of(filled) == ["Item", "item 2", "Item 3"]


def test_check_boxes_hold_false_and_ratings_zero(filled: Book) -> None:
    filled.write("S!C2:C4", [["maybe"], [""], [True]])
    filled.reply(
        add(
            where=area(0, 4, 0, 4),
            columnProperties=[
                {"columnIndex": 2, "columnName": "Done", "columnType": "BOOLEAN"},
                {"columnIndex": 3, "columnName": "Stars", "columnType": "RATINGS_CHIP"},
            ],
        )
    )
    done = filled.values("S!C2:D4", valueRenderOption="UNFORMATTED_VALUE")
    assert done == [[False, 0], [False, 0], [True, 0]]


def test_a_table_draws_bands_that_are_listed_and_seen(filled: Book) -> None:
    """Its bands are among the banded ranges, under the table's id, and cells show them."""
    made = filled.reply(add(rowsProperties={"headerColorStyle": {"rgbColor": {"red": 1}}}))["table"]
    (band,) = filled.tab(fields="sheets.bandedRanges")["bandedRanges"]
    assert band["bandedRangeId"] == int(made["tableId"])
    assert band["range"] == made["range"]
    assert band["rowProperties"]["headerColor"] == {"red": 1}
    assert band["rowProperties"]["secondBandColorStyle"]["rgbColor"]["green"] == 0.972549
    cells = filled.tab(ranges="S!A1:A3", fields="sheets.data.rowData.values.effectiveFormat.backgroundColor")
    shown = [row["values"][0]["effectiveFormat"]["backgroundColor"] for row in cells["data"][0]["rowData"]]
    assert shown[0] == {"red": 1}
    assert shown[2]["blue"] == 0.9764706


def test_the_bands_of_a_table_with_another_id_have_a_reference(filled: Book) -> None:
    filled.reply(add(tableId="mine"))
    (band,) = filled.tab(fields="sheets.bandedRanges")["bandedRanges"]
    assert "bandedRangeId" not in band
    assert band["bandedRangeReference"] == "mine"


def test_deleting_the_bands_of_a_table_keeps_its_cells_and_rules(filled: Book) -> None:
    made = filled.reply(add())["table"]
    filled.reply({"addConditionalFormatRule": {"rule": {"ranges": [area(0, 4, 0, 3)], **RULE}}})
    filled.reply({"deleteBanding": {"bandedRangeId": int(made["tableId"])}})
    tab = filled.tab()
    assert "tables" not in tab
    assert "bandedRanges" not in tab
    assert len(tab["conditionalFormats"]) == 1
    assert filled.values("S!A1:A2") == [["Item"], ["a"]]


def test_deleting_a_table_takes_its_cells_and_the_rules_over_it(filled: Book) -> None:
    filled.write("S!E1", [["beside"]])
    made = filled.reply(add())["table"]
    over, wider = area(0, 4, 0, 3), area(0, 9, 0, 9)
    filled.batch(
        {"addConditionalFormatRule": {"rule": {"ranges": [over], **RULE}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [over, wider], **RULE}}},
        {"setBasicFilter": {"filter": {"tableId": made["tableId"]}}},
    )
    filled.reply({"deleteTable": {"tableId": made["tableId"]}})
    tab = filled.tab()
    assert not tab.keys() & {"tables", "bandedRanges", "basicFilter"}
    (rule,) = tab["conditionalFormats"]
    assert rule["ranges"] == [{name: item for name, item in wider.items() if name != "sheetId"}]
    assert filled.values("S!A1:E4") == [["", "", "", "", "beside"]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (add("seats", area(9, 12, 0, 3)), 'A table with the name "seats" already exists. Please enter another name.'),
        (add("B", area(9, 12, 0, 3), tableId="7"), "Table with id 7 already exists."),
        (add("B", area(3, 9, 2, 5)), BANDED),
        (add("B", area(5, 9, 5, 8)), FILTERED),
        (add("B", area(20, 24, 0, 2)), "Formulas are not supported in a table header row."),
        (add("B", area(0, 4, 26, 28)), "Range (S!AA1:AB4) exceeds grid limits. Max rows: 1000, max columns: 26"),
        (add("B", {"sheetId": 5}), "No grid with id: 5"),
        (
            add("B", area(9, 12, 0, 3), columnProperties=[{"columnType": "DROPDOWN"}]),
            "Condition must be set for dropdown column type.",
        ),
        (
            add("B", area(9, 12, 0, 3), columnProperties=[{"columnType": "DOUBLE", "dataValidationRule": LIST}]),
            "Cannot set condition for non-dropdown column type.",
        ),
        (
            add("B", area(9, 12, 0, 3), columnProperties=[{"columnIndex": 3, "columnName": "x"}]),
            "Invalid columnIndex: 3. The table has 3 columns.",
        ),
        (
            add("B", area(9, 12, 0, 3), columnProperties=[{"columnName": "x"}, {"columnIndex": 1, "columnName": "X"}]),
            'A table column with the name "X" already exists.',
        ),
        (update("8", "name", name="x"), "No table with id: 8"),
        (
            update("7", "columnProperties", columnProperties=[{"columnType": "DATE"}]),
            "Table header row cell must have a value.",
        ),
        (
            update("7", "", name="x"),
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
        ),
        ({"deleteTable": {"tableId": "8"}}, "No table with id: 8"),
        ({"setBasicFilter": {"filter": {"range": area(0, 1000, 0, 3)}}}, FILTERED),
        ({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}}, FILTERED),
        ({"setBasicFilter": {"filter": {"tableId": "8"}}}, "No table with id: 8"),
        ({"addBanding": {"bandedRange": {"range": area(2, 9, 0, 1), "rowProperties": {"firstBandColor": {}}}}}, BANDED),
        (
            {"insertRange": {"range": area(1, 2, 0, 2), "shiftDimension": "ROWS"}},
            "The range must cover the entire rows of a table to insert or delete cells in it.",
        ),
        (
            {"deleteRange": {"range": area(1, 2, 0, 1), "shiftDimension": "COLUMNS"}},
            "The range must cover the entire columns of a table to insert or delete cells in it.",
        ),
    ],
)
def test_refusals(filled: Book, request_: Json, message: str) -> None:
    """What Google refuses is refused in its words where they are known, and changes nothing."""
    filled.write("S!A21", [["=1"]], "USER_ENTERED")
    filled.reply(add(tableId="7"))
    filled.reply({"setBasicFilter": {"filter": {"range": area(6, 9, 4, 8)}}})
    before = filled.get()
    assert filled.refusal(request_) == f"Invalid requests[0].{next(iter(request_))}: {message}"
    assert filled.get() == before


def test_a_name_is_chosen_if_none_is_given(filled: Book) -> None:
    assert filled.reply({"addTable": {"table": {"range": area(0, 4, 0, 1)}}})["table"]["name"] == "Table1"
    assert filled.reply({"addTable": {"table": {"range": area(0, 4, 1, 2)}}})["table"]["name"] == "Table2"


def test_updating_columns_replaces_them_all(filled: Book) -> None:
    """A column that is not sent keeps its header's text and loses its type; one that is renames its header cell."""
    made = filled.reply(add(columnProperties=[{"columnName": "Item", "columnType": "TEXT"}]))["table"]
    sent = [{"columnIndex": 1, "columnName": "Price", "columnType": "CURRENCY"}]
    filled.reply(update(made["tableId"], "columnProperties", columnProperties=sent))
    assert table_of(filled)["columnProperties"] == [
        {"columnName": "Item"},
        {"columnIndex": 1, "columnName": "Price", "columnType": "CURRENCY"},
        {"columnIndex": 2, "columnName": "Status"},
    ]
    assert filled.values("S!B1") == [["Price"]]


def test_updating_name_range_and_footer(filled: Book) -> None:
    made = filled.reply(add(columnProperties=[{"columnIndex": 1, "columnName": "Amount", "columnType": "DOUBLE"}]))
    table_id = made["table"]["tableId"]
    filled.reply(update(table_id, "name,range", name="Renamed", range=area(0, 6, 1, 5)))
    table = table_of(filled)
    assert table["name"] == "Renamed"
    assert table["columnProperties"][0] == {"columnName": "Amount", "columnType": "DOUBLE"}
    assert names_of(filled) == ["Amount", "Status", "Column 3", "Column 4"]
    footer = {"footerColorStyle": {"rgbColor": {"blue": 1}}}
    filled.reply(update(table_id, "rowsProperties.footerColorStyle", rowsProperties=footer))
    assert place_of(filled) == (0, 7, 1, 5)
    filled.reply(update(table_id, "rowsProperties", rowsProperties={}))
    assert place_of(filled) == (0, 6, 1, 5)


def test_appended_cells_join_the_table(filled: Book) -> None:
    """They take its free rows first, then rows are inserted, above its footer; what lies below moves down."""
    footer = {"footerColorStyle": {"rgbColor": {"blue": 1}}}
    filled.write("S!A6:A8", [["Total"], [""], ["below"]])
    made = filled.reply(add(where=area(0, 6, 0, 3), rowsProperties=footer))["table"]
    filled.reply({"setBasicFilter": {"filter": {"tableId": made["tableId"]}}})
    added = [*text("d", "4"), *text("e"), *text("f")]
    filled.reply({"appendCells": {"tableId": made["tableId"], "rows": added, "fields": "userEnteredValue"}})
    assert [row[:1] for row in filled.values("S!A4:A10")] == [["c"], ["d"], ["e"], ["f"], ["Total"], [], ["below"]]
    assert place_of(filled) == (0, 8, 0, 3)
    assert filled.tab(fields="sheets.basicFilter")["basicFilter"]["range"]["endRowIndex"] == 8


def test_cells_appended_to_a_table_must_fit_it(filled: Book) -> None:
    made = filled.reply(add(where=area(0, 4, 0, 3)))["table"]
    wide = {"appendCells": {"tableId": made["tableId"], "rows": text("1", "2", "3", "4"), "fields": "*"}}
    assert "Attempting to write column: 3" in filled.refusal(wide)
    assert place_of(filled) == (0, 4, 0, 3)
    assert "No table with id: 8" in filled.refusal({"appendCells": {"tableId": "8", "fields": "*"}})


def test_a_filter_over_all_of_a_table_is_the_table_s(filled: Book) -> None:
    made = filled.reply(add())["table"]
    filled.reply({"setBasicFilter": {"filter": {"range": area(0, 4, 0, 3)}}})
    assert filled.tab()["basicFilter"]["tableId"] == made["tableId"]
    filled.reply({"insertDimension": {"range": rows(2, 3)}})
    assert filled.tab()["basicFilter"]["range"]["endRowIndex"] == place_of(filled)[1] == 5
