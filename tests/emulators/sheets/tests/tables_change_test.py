"""What other requests do to native tables."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulators.sheets.service import Handle

from .book import Book, Json, area, columns, create, rows
from .native_tables import add, names_of, place_of, table_of, text, update

NUMBER = [{"values": [{"userEnteredValue": {"numberValue": 10}}]}]


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


def test_columns_that_come_in_leave_the_names_of_the_others(filled: Book) -> None:
    filled.reply(add())
    filled.batch({"insertDimension": {"range": columns(1, 2)}}, {"insertDimension": {"range": columns(1, 2)}})
    assert names_of(filled) == ["Item", "Column 3", "Column 2", "Amount", "Status"]


FORMULAS = [
    ("=SUM(Seats[Amount])", 6),
    ("=COUNTA(Seats)", 9),
    ("=COUNTA(Seats[#ALL])", 12),
    ("=COUNTA(Seats[[#HEADERS],[Item]:[Amount]])", 2),
    ('=seats[amount]&"Seats[Amount]"', "1Seats[Amount]"),
    ("=SUM(Seats[Missing])", "#REF! (Reference does not exist.)"),
]


@pytest.mark.parametrize(("formula", "value"), FORMULAS)
def test_formulas_name_columns_of_tables(filled: Book, formula: str, value: object) -> None:
    filled.reply(add())
    filled.write("S!E1", [[formula]], "USER_ENTERED")
    assert filled.values("S!E1", valueRenderOption="UNFORMATTED_VALUE")[0][0] in (
        value,
        f"{value} (Reference does not exist.)",
    )
    assert filled.formulas("S!E1") == [[formula]]


def test_formulas_about_a_table_follow_it(filled: Book) -> None:
    """They count the rows that come in, and follow new names of columns and of the table."""
    made = filled.reply(add())["table"]
    filled.write("S!E1:E2", [["=SUM(Seats[Amount])"], ["=COUNTA(Seats[[Item]:[Amount]])"]], "USER_ENTERED")
    filled.batch(
        {"insertDimension": {"range": rows(2, 3)}},
        {"updateCells": {"start": {"rowIndex": 2, "columnIndex": 1}, "rows": NUMBER, "fields": "userEnteredValue"}},
    )
    assert filled.values("S!E1:E2") == [["16"], ["7"]]
    filled.write("S!A1:B1", [["Amount", "Item"]])
    assert filled.formulas("S!E1:E2") == [["=SUM(Seats[Item])"], ["=COUNTA(Seats[[Amount]:[Item]])"]]
    filled.reply(update(made["tableId"], "name", name="My seats"))
    sent = [{"columnIndex": 1, "columnName": "Q1 2026"}]
    filled.reply(update(made["tableId"], "columnProperties", columnProperties=sent))
    filled.reply({"insertDimension": {"range": rows(0, 1)}})
    assert filled.formulas("S!E2:E3") == [["=SUM(My_seats[Q1 2026])"], ["=COUNTA(My_seats[[Amount]:[Q1 2026]])"]]
    assert filled.values("S!E2:E3") == [["16"], ["7"]]


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
