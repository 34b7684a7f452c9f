"""Native tables: what the requests about them do, and what other requests do to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulators.sheets.service import Handle

from .book import Book, Json, area, columns, create, rows

LIST = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}}
FILTERED = "You can't apply a filter to a range that partially intersects a table."
BANDED = "You cannot add alternating background colors to a range that already has alternating background colors."
RULE = {"booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}}


def add(name: str = "Seats", where: Json | None = None, **more: Any) -> Json:
    return {"addTable": {"table": {"name": name, "range": where or area(0, 4, 0, 3), **more}}}


def update(table_id: str, fields: str, **more: Any) -> Json:
    return {"updateTable": {"table": {"tableId": table_id, **more}, "fields": fields}}


def text(*values: str) -> list[Json]:
    return [{"values": [{"userEnteredValue": {"stringValue": value}} for value in values]}]


@pytest.fixture
def filled(book: Book) -> Book:
    """A tab with a header and three rows in A1:C4."""
    book.write("S!A1:C4", [["Item", "Amount", "Status"], ["a", 1, "x"], ["b", 2, "y"], ["c", 3, "x"]])
    return book


def table_of(book: Book, index: int = 0) -> Json:
    found: Json = book.tab(fields="sheets.tables")["tables"][index]
    return found


def names_of(book: Book) -> list[str]:
    return [column["columnName"] for column in table_of(book)["columnProperties"]]


def place_of(book: Book) -> tuple[int, int, int, int]:
    place = table_of(book)["range"]
    return place["startRowIndex"], place["endRowIndex"], place["startColumnIndex"], place["endColumnIndex"]


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


@pytest.mark.parametrize("option", ["RAW", "USER_ENTERED"])
def test_writing_a_header_cell_renames_its_column(filled: Book, option: str) -> None:
    """A formula or nothing in a header cell becomes `Column` and the column's place."""
    filled.reply(add(columnProperties=[{"columnIndex": 1, "columnName": "Amount", "columnType": "DOUBLE"}]))
    filled.write("S!B1", [["Price"]], option)
    assert table_of(filled)["columnProperties"][1] == {
        "columnIndex": 1,
        "columnName": "Price",
        "columnType": "DOUBLE",
    }
    filled.batch(
        {"updateCells": {"start": {"columnIndex": 2}, "rows": [{"values": [{}]}], "fields": "userEnteredValue"}}
    )
    filled.write("S!A1", [['="It"&"em"']], "USER_ENTERED")
    assert filled.formulas("S!A1:C1") == [["Column 1", "Price", "Column 3"]]
    assert names_of(filled) == ["Column 1", "Price", "Column 3"]


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


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"insertDimension": {"range": rows(0, 2)}}, (2, 6, 0, 3)),
        ({"insertDimension": {"range": rows(1, 2)}}, (0, 5, 0, 3)),
        ({"insertDimension": {"range": rows(4, 6), "inheritFromBefore": True}}, (0, 4, 0, 3)),
        ({"deleteDimension": {"range": rows(2, 9)}}, (0, 2, 0, 3)),
        ({"deleteDimension": {"range": rows(0, 9)}}, None),
        ({"deleteDimension": {"range": columns(0, 3)}}, None),
        ({"insertDimension": {"range": columns(1, 3)}}, (0, 4, 0, 5)),
        ({"insertRange": {"range": area(1, 3, 0, 3), "shiftDimension": "ROWS"}}, (0, 6, 0, 3)),
        ({"deleteRange": {"range": area(1, 3, 0, 9), "shiftDimension": "ROWS"}}, (0, 2, 0, 3)),
        ({"moveDimension": {"source": rows(1, 2), "destinationIndex": 4}}, (0, 4, 0, 3)),
        ({"updateCells": {"start": {"rowIndex": 4}, "rows": text("new"), "fields": "*"}}, (0, 4, 0, 3)),
    ],
)
def test_a_table_follows_its_cells(filled: Book, change: Json, place: tuple[int, int, int, int] | None) -> None:
    """It grows with what is inserted inside it, shrinks with what is deleted, goes with all of it; no row joins it."""
    filled.reply(add())
    filled.reply(change)
    if place is None:
        assert "tables" not in filled.tab()
    else:
        assert place_of(filled) == place


@pytest.mark.parametrize(
    ("change", "names", "typed"),
    [
        ({"insertDimension": {"range": columns(1, 2)}}, ["Item", "Column 2", "Amount", "Status"], 2),
        ({"insertDimension": {"range": columns(0, 1)}}, ["Item", "Amount", "Status"], 1),
        ({"deleteDimension": {"range": columns(0, 1)}}, ["Amount", "Status"], 0),
        ({"moveDimension": {"source": columns(1, 2), "destinationIndex": 3}}, ["Item", "Status", "Amount"], 2),
        ({"moveDimension": {"source": columns(1, 2), "destinationIndex": 0}}, ["Amount", "Item", "Status"], 0),
        ({"moveDimension": {"source": columns(1, 2), "destinationIndex": 6}}, ["Item", "Status"], None),
        (
            {"sortRange": {"range": area(1, 4, 0, 3), "sortSpecs": [{"sortOrder": "DESCENDING"}]}},
            ["Item", "Amount", "Status"],
            1,
        ),
    ],
)
def test_columns_follow_with_their_types(filled: Book, change: Json, names: list[str], typed: int | None) -> None:
    filled.reply(add(columnProperties=[{"columnIndex": 1, "columnName": "Amount", "columnType": "DOUBLE"}]))
    filled.reply(change)
    found = table_of(filled)["columnProperties"]
    assert [column["columnName"] for column in found] == names
    left = place_of(filled)[2]
    assert filled.values("S!A1:Z1")[0][left : left + len(names)] == names
    assert [column.get("columnIndex", 0) for column in found if "columnType" in column] == (
        [] if typed is None else [typed]
    )


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


def test_a_copied_tab_has_tables_of_its_own(filled: Book) -> None:
    made = filled.reply(add())["table"]
    filled.reply({"setBasicFilter": {"filter": {"tableId": made["tableId"]}}})
    filled.reply({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 9, "insertSheetIndex": 1}})
    copied = filled.tab(1)
    (table,) = copied["tables"]
    assert table["name"] == "Seats 2"
    assert table["tableId"] != made["tableId"]
    assert table["range"]["sheetId"] == 9
    assert table["columnProperties"] == made["columnProperties"]
    assert copied["basicFilter"]["tableId"] == table["tableId"]
    filled.reply({"deleteSheet": {"sheetId": 9}})
    assert len(filled.tab()["tables"]) == 1


def test_a_whole_batch_sees_its_own_tables(filled: Book) -> None:
    """A header that is written and a table that is made are there for the requests behind them."""
    answer = filled.batch(
        add(tableId="7"),
        {"updateCells": {"start": {}, "rows": text("Thing"), "fields": "userEnteredValue"}},
        update("7", "name", name="Other"),
        {"insertDimension": {"range": columns(1, 2)}},
        includeSpreadsheetInResponse=True,
    )
    (table,) = answer["updatedSpreadsheet"]["sheets"][0]["tables"]
    assert (table["name"], table["tableId"]) == ("Other", "7")
    assert [column["columnName"] for column in table["columnProperties"]] == ["Thing", "Column 2", "Amount", "Status"]


_CHANGES = st.one_of(
    st.tuples(st.just("insertDimension"), st.sampled_from(["ROWS", "COLUMNS"]), st.integers(0, 6), st.integers(1, 3)),
    st.tuples(st.just("deleteDimension"), st.sampled_from(["ROWS", "COLUMNS"]), st.integers(0, 6), st.integers(1, 3)),
    st.tuples(st.just("moveDimension"), st.sampled_from(["ROWS", "COLUMNS"]), st.integers(0, 6), st.integers(1, 3)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(_CHANGES, min_size=1, max_size=5))
def test_header_cells_and_columns_always_agree(service: Handle, changes: list[tuple[str, str, int, int]]) -> None:
    """Whatever is inserted, deleted and moved: one entry a column, each named as its header cell, no name twice."""
    with create(service, {"sheets": [{"properties": {"title": "S"}}]}) as book:
        book.write("S!B2:D5", [["Item", "Amount", "Status"], ["a", 1, "x"], ["b", 2, "y"], ["c", 3, "x"]])
        requests_: list[Json] = []
        for kind, dimension, start, count in changes:
            span = {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": start + count}
            if kind == "moveDimension":
                requests_.append({kind: {"source": span, "destinationIndex": start + count + 2}})
            else:
                requests_.append({kind: {"range": span}})
        book.batch(add(where=area(1, 5, 1, 4)), *requests_)
        tables = book.tab().get("tables", [])
        for table in tables:
            place = table["range"]
            found = [column["columnName"] for column in table["columnProperties"]]
            header = book.values("S!A1:Z20")[place["startRowIndex"]]
            assert len(found) == place["endColumnIndex"] - place["startColumnIndex"]
            assert header[place["startColumnIndex"] : place["endColumnIndex"]] == found
            assert len({name.casefold() for name in found}) == len(found)
            assert [column.get("columnIndex", 0) for column in table["columnProperties"]] == list(range(len(found)))
