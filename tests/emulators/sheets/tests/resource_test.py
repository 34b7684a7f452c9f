from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.sheets.service import Handle

from .book import Book, area, create

WHITE = {"red": 1, "green": 1, "blue": 1}


def test_a_new_spreadsheet(service: Handle) -> None:
    """A new spreadsheet has one tab of 1000 by 26, the defaults of a service account, and its address."""
    with create(service, {"properties": {"title": "New"}}) as book:
        made = book.get()
    assert list(made) == ["spreadsheetId", "properties", "sheets", "spreadsheetUrl"]
    assert made["sheets"] == [
        {
            "properties": {
                "sheetId": 0,
                "title": "Sheet1",
                "index": 0,
                "sheetType": "GRID",
                "gridProperties": {"rowCount": 1000, "columnCount": 26},
            }
        }
    ]
    properties = made["properties"]
    assert made["spreadsheetUrl"].endswith(f"/spreadsheets/d/{made['spreadsheetId']}/edit")
    kept = {name: properties[name] for name in ("title", "locale", "autoRecalc", "timeZone")}
    assert kept == {"title": "New", "locale": "en_US", "autoRecalc": "ON_CHANGE", "timeZone": "Etc/GMT"}
    assert properties["defaultFormat"] == {
        "backgroundColor": WHITE,
        "backgroundColorStyle": {"rgbColor": WHITE},
        "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
        "verticalAlignment": "BOTTOM",
        "wrapStrategy": "OVERFLOW_CELL",
        "textFormat": {
            "foregroundColor": {},
            "fontFamily": "arial,sans,sans-serif",
            "fontSize": 10,
            "bold": False,
            "italic": False,
            "strikethrough": False,
            "underline": False,
            "foregroundColorStyle": {"rgbColor": {}},
        },
    }
    theme = properties["spreadsheetTheme"]
    assert theme["primaryFontFamily"] == "Arial"
    accents = [f"ACCENT{number}" for number in range(1, 7)]
    assert [pair["colorType"] for pair in theme["themeColors"]] == ["TEXT", "BACKGROUND", *accents, "LINK"]


def test_tabs_and_cells_given_at_creation_replace_the_default(service: Handle) -> None:
    """`sheets` in the body of create brings tabs with cells; the first has the id 0."""
    cell = {"userEnteredValue": {"stringValue": "x"}}
    data = [{"startRow": 1, "rowData": [{"values": [cell]}]}]
    with create(service, {"sheets": [{"properties": {"title": "A"}, "data": data}, {}]}) as book:
        assert [sheet["properties"]["title"] for sheet in book.get()["sheets"]] == ["A", "Sheet2"]
        assert book.values("A") == [[], ["x"]]


@pytest.fixture
def filled(book: Book) -> Book:
    """Give a tab with a note in B3 and a number in A1."""
    cells = [{"values": [{"userEnteredValue": {"numberValue": 123}}]}, {}, {"values": [{}, {"note": "x"}]}]
    book.batch({"updateCells": {"start": {"sheetId": 0}, "rows": cells, "fields": "userEnteredValue,note"}})
    return book


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            {"ranges": "S!A2:C3", "fields": "sheets.data.rowData.values.note"},
            {"sheets": [{"data": [{"rowData": [{}, {"values": [{}, {"note": "x"}]}]}]}]},
        ),
        (
            {"fields": "sheets/data/rowData/values/note"},
            {"sheets": [{"data": [{"rowData": [{}, {}, {"values": [{}, {"note": "x"}]}]}]}]},
        ),
        (
            {"ranges": ["S!A1", "S!Z9"], "fields": "sheets(data(rowData(values(userEnteredValue))))"},
            {"sheets": [{"data": [{"rowData": [{"values": [{"userEnteredValue": {"numberValue": 123}}]}]}, {}]}]},
        ),
        (
            {"includeGridData": "false", "ranges": "A1", "fields": "sheets.data.rowData.values.formattedValue"},
            {"sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "123"}]}]}]}]},
        ),
        (
            {"fields": "sheets.properties(title,sheetId),spreadsheetId"},
            {"spreadsheetId": "ID", "sheets": [{"properties": {"title": "S", "sheetId": 0}}]},
        ),
        ({"fields": "sheets.properties.hidden"}, {"sheets": [{"properties": {}}]}),
        ({"fields": "namedRanges"}, {}),
        (
            {"fields": "sheets/properties/gridProperties/rowCount"},
            {"sheets": [{"properties": {"gridProperties": {"rowCount": 1000}}}]},
        ),
        (
            {"fields": "properties.title,properties.locale"},
            {"properties": {"title": "Untitled spreadsheet", "locale": "en_US"}},
        ),
        ({"fields": "sheets.data.startRow", "ranges": "A3:B4"}, {"sheets": [{"data": [{"startRow": 2}]}]}),
        (
            {"fields": "sheets.data.columnMetadata", "ranges": "A1:B1"},
            {"sheets": [{"data": [{"columnMetadata": [{"pixelSize": 100}] * 2}]}]},
        ),
    ],
)
def test_masks_choose_what_is_answered(filled: Book, query: Any, answer: Any) -> None:
    """A mask in any of its forms selects fields; parents stay, trailing cells and rows without content are cut."""
    expected = {name: filled.id if name == "spreadsheetId" else item for name, item in answer.items()}
    assert filled.get(**query) == expected


@pytest.mark.parametrize("path", ["sheets.sheetProperties", "nope", "properties.title.x"])
def test_an_unknown_path_in_a_mask_is_refused(book: Book, path: str) -> None:
    """The cause stands only in the details."""
    error = book.get(fields=path)["error"]
    assert error["message"] == "Request contains an invalid argument."
    described = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    assert error["details"][0]["fieldViolations"] == [{"description": described}]


def test_a_mask_trims_the_answer_of_a_batch(book: Book) -> None:
    """`fields` applies to every answer."""
    body = {"requests": [{"addSheet": {"properties": {"title": "T"}}}]}
    answer = book.call("POST", ":batchUpdate", body, fields="replies.addSheet.properties.title")
    assert answer == {"replies": [{"addSheet": {"properties": {"title": "T"}}}]}
    assert book.read("A1", fields="range") == {"range": "S!A1"}


def test_colours_are_answered_in_single_precision_with_their_style(book: Book) -> None:
    """Zero channels are left out, others rounded to float32, and the style's twin is added."""
    colour = {"red": 0.498039215, "green": 0, "blue": 1}
    fields = "userEnteredFormat(backgroundColor,textFormat.foregroundColor)"
    given = {"backgroundColor": colour, "textFormat": {"foregroundColor": {"red": 0}}}
    book.batch({"repeatCell": {"range": area(0, 1, 0, 1), "cell": {"userEnteredFormat": given}, "fields": fields}})
    shown = book.tab(ranges="A1", fields="sheets.data.rowData.values.userEnteredFormat")
    half = {"red": 0.49803922, "blue": 1}
    assert shown["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"] == {
        "backgroundColor": half,
        "backgroundColorStyle": {"rgbColor": half},
        "textFormat": {"foregroundColor": {}, "foregroundColorStyle": {"rgbColor": {}}},
    }


def test_ids_of_the_first_tab_are_left_out_of_ranges(book: Book) -> None:
    """A sheetId of 0 is not sent inside ranges, start indexes of 0 are; in properties both are."""
    book.batch(
        {"mergeCells": {"range": area(0, 2, 0, 2)}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "7", "name": "N", "range": area(0, 2, 0, 2)}}},
    )
    whole_tab = {"range": {"sheetId": 0}, "warningOnly": True}
    assert book.reply({"addProtectedRange": {"protectedRange": whole_tab}})["protectedRange"]["range"] == {}
    whole = book.get()
    bounds = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert whole["sheets"][0]["merges"] == [bounds]
    assert whole["namedRanges"] == [{"namedRangeId": "7", "name": "N", "range": bounds}]
    full = {"startRowIndex": 0, "endRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 26}
    assert whole["sheets"][0]["basicFilter"] == {"range": full}


def test_only_touching_merges_are_listed_with_ranges(book: Book) -> None:
    """Asked for ranges, a tab lists the merges that touch them."""
    book.batch({"mergeCells": {"range": area(0, 2, 0, 2)}}, {"mergeCells": {"range": area(5, 6, 0, 2)}})
    assert len(book.tab(ranges="A1:B3")["merges"]) == 1
    assert len(book.tab()["merges"]) == 2


def cell_of(book: Book, place: str = "A1", fields: str = "sheets.data.rowData.values") -> Any:
    return book.tab(ranges=place, fields=fields)["data"][0]["rowData"][0]["values"][0]


def test_what_a_number_answers(filled: Book) -> None:
    """A cell answers what was entered, what it comes to, how it reads and how it looks."""
    cell = cell_of(filled)
    assert cell["userEnteredValue"] == cell["effectiveValue"] == {"numberValue": 123}
    assert cell["formattedValue"] == "123"
    assert cell["effectiveFormat"] == {
        "backgroundColor": WHITE,
        "backgroundColorStyle": {"rgbColor": WHITE},
        "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
        "horizontalAlignment": "RIGHT",
        "verticalAlignment": "BOTTOM",
        "wrapStrategy": "OVERFLOW_CELL",
        "textFormat": {
            "foregroundColor": {},
            "fontFamily": "Arial",
            "fontSize": 10,
            "bold": False,
            "italic": False,
            "strikethrough": False,
            "underline": False,
            "foregroundColorStyle": {"rgbColor": {}},
        },
        "hyperlinkDisplayType": "PLAIN_TEXT",
    }


@pytest.mark.parametrize(
    ("formula", "effective", "formatted"),
    [
        (
            "=1/0",
            {"errorValue": {"type": "DIVIDE_BY_ZERO", "message": "Function DIVIDE parameter 2 cannot be zero."}},
            "#DIV/0!",
        ),
        ("=NA()", {"errorValue": {"type": "N_A"}}, "#N/A"),
        ("=Foo()", {"errorValue": {"type": "NAME", "message": "Unknown function: 'Foo'."}}, "#NAME?"),
        ("=SUM(", {"errorValue": {"type": "ERROR", "message": "Formula parse error."}}, "#ERROR!"),
        ("=DATE(2023,3,19)", {"numberValue": 45004}, "3/19/2023"),
        ("=IF(,,)", None, None),
        ("=Z9", None, None),
        ('="a"&"b"', {"stringValue": "ab"}, "ab"),
        ("=1=1", {"boolValue": True}, "TRUE"),
    ],
)
def test_what_formulas_answer(book: Book, formula: str, effective: Any, formatted: str | None) -> None:
    """A formula answers its value or its error; one that comes to nothing answers neither."""
    book.write("A1", [[formula]], "USER_ENTERED")
    cell = cell_of(book)
    assert cell["userEnteredValue"] == {"formulaValue": formula}
    assert cell.get("effectiveValue") == effective
    assert cell.get("formattedValue") == formatted
    if formula.startswith("=DATE"):
        assert cell["effectiveFormat"]["numberFormat"] == {"type": "DATE"}


def test_effective_formats_show_rules_and_bands(book: Book) -> None:
    """Alternating colours and conditional formats are part of the effective format."""
    book.write("A1", [["x"], ["stale"], ["x"]])
    rule = {
        "ranges": [area(0, 3, 0, 1)],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=$A1="stale"'}]},
            "format": {"textFormat": {"bold": True}},
        },
    }
    bands = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    book.batch(
        {"addConditionalFormatRule": {"rule": rule}},
        {"addBanding": {"bandedRange": {"range": area(0, 3, 0, 1), "rowProperties": bands}}},
    )
    shown = book.tab(ranges="A1:A3", fields="sheets.data.rowData.values.effectiveFormat")["data"][0]["rowData"]
    looks = [row["values"][0]["effectiveFormat"] for row in shown]
    assert [look["textFormat"]["bold"] for look in looks] == [False, True, False]
    assert [look["backgroundColor"] for look in looks] == [{"red": 1}, {"green": 1}, {"red": 1}]


def test_get_by_data_filter(book: Book) -> None:
    """A filter chooses tabs and cells as ranges do."""
    book.write("A1", [["a", "b"]])
    body = {"dataFilters": [{"a1Range": "S!B1"}], "includeGridData": True}
    answer = book.call("POST", ":getByDataFilter", body, fields="sheets.data.rowData.values.formattedValue")
    assert answer == {"sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "b"}]}]}]}]}


def test_a_batch_can_answer_the_spreadsheet(book: Book) -> None:
    """IncludeSpreadsheetInResponse reads back in the same call, limited to the ranges asked for."""
    book.batch({"addSheet": {"properties": {"title": "T"}}})
    write = {
        "updateCells": {
            "start": {"sheetId": 0},
            "rows": [{"values": [{"userEnteredValue": {"numberValue": 5}}]}],
            "fields": "userEnteredValue",
        }
    }
    options = {"includeSpreadsheetInResponse": True, "responseRanges": ["S!A1"], "responseIncludeGridData": True}
    updated = book.batch(write, **options)["updatedSpreadsheet"]
    assert [sheet["properties"]["title"] for sheet in updated["sheets"]] == ["S"]
    assert updated["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "5"
    assert "updatedSpreadsheet" not in book.batch(write)
