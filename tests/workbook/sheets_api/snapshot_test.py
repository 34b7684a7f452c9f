"""Snapshots: what the Sheets API says of a spreadsheet, cell by cell as it stands there."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import (
    BLANK,
    CONTENT_MASK,
    PROPERTIES_MASK,
    Block,
    Cell,
    ColumnMark,
    Snapshot,
    Tab,
    TabEntry,
    Value,
    parse,
)

KEY = "seat-report.column"

rule = settings(max_examples=300)


def tab_of(sheet: dict[str, Any]) -> Tab:
    """The one tab of a spreadsheet that the API describes so."""
    sheet.setdefault("properties", {}).setdefault("title", "One")
    snapshot = parse([json.dumps({"properties": {}, "sheets": [sheet]}).encode()], KEY)
    (tab,) = snapshot.tabs.values()
    return tab


def rows_of(*rows: list[dict[str, Any]]) -> list[list[Cell]]:
    """The cells that the API describes so."""
    return tab_of({"data": [{"rowData": [{"values": row} if row else {} for row in rows]}]}).rows


def typed(rows: list[list[Cell]]) -> list[list[tuple[type, Cell]]]:
    """Cells with their values' types: to Python, True and 1.0 are equal."""
    return [[(type(cell.value), cell) for cell in row] for row in rows]


def described(value: Value) -> dict[str, Any]:
    """A constant as the API sends it for our mask: what it amounts to, and nothing of what was entered."""
    if value is None:
        return {}
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {"effectiveValue": {kind: value}}


@st.composite
def cells_and_descriptions(draw: st.DrawFn) -> tuple[Cell, dict[str, Any]]:
    """A cell, and what the API says of it."""
    odd = st.sampled_from(["=A1", "#REF", "", '{"note": "x"}', "effectiveValue", "TRUE", "0"])
    value = draw(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text() | odd
    )
    # JSON knows no infinite number, and Sheets has none.
    value = 0.5 if value in (float("inf"), float("-inf")) else value
    description = described(value)
    formula = draw(st.none() | st.text(max_size=8).map("={}".format))
    if formula is not None:
        description["userEnteredValue"] = {"formulaValue": formula}
        if draw(st.booleans()):
            kind = draw(st.sampled_from(["REF", "N_A", "DIVIDE_BY_ZERO"]))
            value = f"#{kind}"
            description["effectiveValue"] = {"errorValue": {"type": kind, "message": draw(st.text(max_size=4))}}
    elif draw(st.booleans()):
        # A mask's object whose only field was not selected.
        description["userEnteredValue"] = {}
    note = draw(st.none() | st.text(min_size=1, max_size=8))
    if note is not None:
        description["note"] = note
    names = draw(st.permutations(list(description)))
    return Cell(value, formula, note), {name: description[name] for name in names}


@rule
@given(st.lists(st.lists(cells_and_descriptions(), max_size=5), max_size=5))
def test_cells_are_those_described(rows: list[list[tuple[Cell, dict[str, Any]]]]) -> None:
    """Whatever stands in a tab is read as it is, each value of its own type."""
    found = rows_of(*([description for _, description in row] for row in rows))
    assert typed(found) == typed([[cell for cell, _ in row] for row in rows])


@pytest.mark.parametrize(
    ("description", "cell"),
    [
        ({}, BLANK),
        ({"effectiveValue": {"numberValue": 0}}, Cell(0)),
        ({"effectiveValue": {"boolValue": False}}, Cell(value=False)),
        ({"effectiveValue": {"stringValue": ""}}, Cell("")),
        ({"effectiveValue": {"stringValue": "=SUM(A1)"}}, Cell("=SUM(A1)")),
        ({"userEnteredValue": {"formulaValue": "=A1"}}, Cell(None, "=A1")),
        ({"userEnteredValue": {"formulaValue": "=A1"}, "effectiveValue": {"stringValue": "=B"}}, Cell("=B", "=A1")),
        ({"effectiveValue": {"errorValue": {"type": "N_A", "message": "note"}}}, Cell("#N_A")),
        ({"effectiveValue": {"errorValue": {}}}, Cell("#ERROR")),
        ({"effectiveValue": {}}, BLANK),
        ({"note": "a word"}, Cell(None, None, "a word")),
        ({"note": ""}, BLANK),
    ],
)
def test_single_cells(description: dict[str, Any], cell: Cell) -> None:
    """Zero, FALSE, an empty text, an error and a bare note are each what they are."""
    assert typed(rows_of([description])) == typed([[cell]])


def test_equal_constants_are_one_object() -> None:
    """Equal constants share one cell, which keeps a large tab small; a text is not shared with a number."""
    text, number = {"effectiveValue": {"stringValue": "1"}}, {"effectiveValue": {"numberValue": 1}}
    true, noted = {"effectiveValue": {"boolValue": True}}, {"effectiveValue": {"numberValue": 1}, "note": "x"}
    (first, second) = rows_of([text, number, true, noted], [text, number, true, noted])
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, True, True, False]
    assert [cell.value for cell in first] == ["1", 1, True, 1]
    assert type(first[2].value) is bool


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("  x\u00a0\n", "x"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (1e21, "1000000000000000000000"),
        (float("nan"), "nan"),
        (True, "True"),
        (False, "False"),
    ],
)
def test_text_of_a_cell(value: Value, text: str) -> None:
    """A cell's text is trimmed, and a whole number's has no decimal point."""
    assert Cell(value).text == text


@pytest.mark.parametrize(
    ("cell", "blank"),
    [
        (BLANK, True),
        (Cell(""), True),
        (Cell(None, None, "a word"), True),
        (Cell(" "), False),
        (Cell(0), False),
        (Cell(value=False), False),
        (Cell(None, "=A1"), False),
        (Cell("", "=A1"), False),
    ],
)
def test_blank(cell: Cell, blank: bool) -> None:
    """Only nothing is blank: not zero, not FALSE, not a formula that shows nothing."""
    assert cell.is_blank is blank


def test_beyond_the_content() -> None:
    """Rows end where their content does; beyond, cells are blank."""
    one = {"effectiveValue": {"numberValue": 1}}
    tab = tab_of({"data": [{"rowData": [{"values": [one]}, {}, {"values": [{}, one, {}]}]}]})
    assert [len(row) for row in tab.rows] == [1, 0, 3]
    assert tab.width == 3
    assert [tab.cell(row, column).value for row, column in [(0, 0), (0, 1), (1, 0), (2, 1), (9, 9)]] == [
        1,
        *[None] * 2,
        1,
        None,
    ]
    assert tab_of({}).width == 0


def test_tab() -> None:
    """A tab's facts are read; numbers that are zero are left out by the API."""
    sheet = {
        "properties": {"sheetId": 5, "title": "Übersicht", "gridProperties": {"rowCount": 9, "columnCount": 4}},
        "basicFilter": {"range": {"sheetId": 5}},
        "bandedRanges": [{"range": {"sheetId": 5}}],
        "developerMetadata": [
            {"metadataId": 7, "metadataKey": "seat-report.looks", "metadataValue": "a,b"},
            {"metadataId": 8, "metadataKey": "of-somebody-else"},
        ],
    }
    assert tab_of(sheet) == Tab(
        sheet_id=5,
        title="Übersicht",
        row_count=9,
        column_count=4,
        entries=(TabEntry(7, "seat-report.looks", "a,b"), TabEntry(8, "of-somebody-else", "")),
        has_filter=True,
        has_banding=True,
    )


def test_chart_on_a_tab_of_its_own() -> None:
    """A tab that is no grid has no rows, and is no error."""
    tab = tab_of({"properties": {"title": "Chart1", "sheetType": "OBJECT"}})
    assert (tab.sheet_id, tab.row_count, tab.column_count, tab.rows) == (0, 0, 0, [])


def entry(metadata_id: int, name: str, sheet_id: int | None, column: int, key: str = KEY) -> dict[str, Any]:
    """A developer metadata entry on a column, zeros left out."""
    span: dict[str, Any] = {"dimension": "COLUMNS", "endIndex": column + 1}
    span |= {"sheetId": sheet_id} if sheet_id else {}
    span |= {"startIndex": column} if column else {}
    location = {"locationType": "COLUMN", "dimensionRange": span}
    return {"metadataId": metadata_id, "metadataKey": key, "metadataValue": name, "location": location}


def test_marks() -> None:
    """Our entries on columns are read, of the first column and the first tab too; others' are not."""
    columns = [
        {"developerMetadata": [entry(1, "customer_id", 0, 0), entry(2, "x", 0, 0, key="of-somebody-else")]},
        {},
        {"developerMetadata": [entry(3, "tenant", 0, 2), entry(4, "customer", 0, 2)]},
    ]
    tab = tab_of({"data": [{"columnMetadata": columns}]})
    assert tab.marks == (ColumnMark(1, "customer_id", 0), ColumnMark(3, "tenant", 2), ColumnMark(4, "customer", 2))


@pytest.mark.parametrize(("own", "other"), [(5, None), (5, 6), (0, 6)])
def test_marks_of_another_tab(own: int, other: int | None) -> None:
    """Entries that a copied tab brought along and that name the tab it came from are ignored."""
    columns = [{"developerMetadata": [entry(1, "tenant", other, 0), entry(2, "customer", own, 0)]}]
    tab = tab_of({"properties": {"sheetId": own}, "data": [{"columnMetadata": columns}]})
    assert tab.marks == (ColumnMark(2, "customer", 0),)


def test_spreadsheet() -> None:
    """The spreadsheet's own facts are read, its tabs in their order, and its named ranges as far as their tabs go."""
    resource = {
        "properties": {"title": "Seats", "timeZone": "Europe/Berlin", "locale": "de_DE"},
        "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/abc/edit",
        "sheets": [
            {"properties": {"sheetId": 3, "title": "B", "gridProperties": {"rowCount": 9, "columnCount": 9}}},
            {"properties": {"title": "A", "gridProperties": {"rowCount": 5, "columnCount": 3}}},
        ],
        "namedRanges": [
            {"name": "Rates", "range": {"sheetId": 3, "startRowIndex": 1, "endRowIndex": 2, "endColumnIndex": 4}},
            {"name": "Whole", "range": {}},
            {"name": "Beyond", "range": {"endRowIndex": 2_000_000_000, "endColumnIndex": 4}},
            {"name": "Elsewhere", "range": {"sheetId": 8}},
            {"name": "Gone"},
        ],
    }
    found = parse([json.dumps(resource).encode()], KEY)
    assert (found.title, found.time_zone, found.url) == ("Seats", "Europe/Berlin", resource["spreadsheetUrl"])
    assert list(found.tabs) == ["B", "A"]
    assert found.sheet_ids == {0, 3}
    assert found.named["Rates"] == Block(sheet_id=3, top=1, bottom=2, left=0, right=4)
    assert found.named["Whole"] == found.named["Beyond"] == Block(sheet_id=0, top=0, bottom=5, left=0, right=3)
    assert min(found.named["Elsewhere"][2::2]) >= 10_000_000
    assert "Gone" not in found.named


def test_tab_by_title() -> None:
    """A tab is found whatever its title's case, as Google has no two that differ in it alone."""
    tab = Tab(sheet_id=1, title="Straße", row_count=1, column_count=1)
    snapshot = Snapshot("", "", "", {tab.title: tab})
    assert snapshot.tab("STRASSE") is tab
    assert snapshot.tab("Strasse 2") is None


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<html>Sign in</html>",
        "null",
        "[]",
        '"x"',
        '{"error": {"code": 403}}',
        '{"properties": 1}',
        "{",
        "[" * 100_000,
    ],
)
def test_answer_that_is_no_spreadsheet(answer: str) -> None:
    """What is no spreadsheet, such as a proxy's page, is refused."""
    with pytest.raises(ValueError, match=r"expected|Expecting"):
        parse([answer.encode()], KEY)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"properties": []}, "properties to be an object, found a list of 0"),
        ({"properties": {"timeZone": 5}}, "timeZone to be a text, found a number"),
        ({"properties": {"title": False}}, "title to be a text, found a truth value"),
        ({"spreadsheetUrl": {}}, "spreadsheetUrl to be a text, found an object"),
        ({"sheets": {}}, "sheets to be a list of objects, found an object"),
        ({"sheets": [{}]}, "title to be a text, found nothing"),
        ({"sheets": [5]}, "sheets to be a list of objects, found a list of 1"),
        ({"namedRanges": [{"name": "x", "range": {"endRowIndex": "5"}}]}, "endRowIndex to be a whole number"),
        ({"namedRanges": [{"name": "x", "range": {"endRowIndex": -1}}]}, "endRowIndex to be a whole number"),
        ({"namedRanges": [{"name": "x", "range": 5}]}, "range to be an object"),
    ],
)
def test_what_a_spreadsheet_cannot_be(changed: dict[str, Any], told: str) -> None:
    """A member of the wrong type is refused by its name, with what was expected and what kind of thing was found."""
    with pytest.raises(ValueError, match=told):
        parse([json.dumps({"properties": {}, **changed}).encode()], KEY)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"properties": {"sheetId": True}}, "sheetId to be a whole number from 0 to 2147483647, found a truth value"),
        ({"properties": {"sheetId": 2**31}}, "sheetId to be a whole number"),
        ({"properties": {"gridProperties": {"rowCount": 5.0}}}, "rowCount to be a whole number"),
        ({"properties": {"gridProperties": {"rowCount": 5_000_000, "columnCount": 3}}}, "a tab of 10,000,000 cells at"),
        ({"data": [{"rowData": {}}]}, None),
        ({"data": [{"rowData": 5}]}, "rowData to be a list of rows, found a number"),
        ({"data": [{"rowData": [5]}]}, "rowData to hold rows of cells, found a number"),
        ({"data": [{"rowData": [{"values": 5}]}]}, "rowData to hold rows of cells, found an object"),
        ({"data": [{"rowData": [{"values": [5]}]}]}, "rowData to hold rows of cells, found a list"),
        ({"data": [{"rowData": [{"values": [[]]}]}]}, None),
        ({"data": [{"rowData": [{"values": [{"note": 5}]}]}]}, "note to be a text"),
        ({"data": [{"rowData": [{"values": [{"userEnteredValue": {"formulaValue": 5}}]}]}]}, "formulaValue to be"),
        ({"data": [{"rowData": [{"values": [{"effectiveValue": []}]}]}]}, "effectiveValue to be an object"),
        ({"data": [{"columnMetadata": [{"developerMetadata": [{"location": 5}]}]}]}, "location to be an object"),
        ({"developerMetadata": [{"metadataKey": "x"}]}, "metadataId to be a whole number .* found nothing"),
    ],
)
def test_what_a_tab_cannot_be(changed: dict[str, Any], told: str | None) -> None:
    """So it is within a tab; what is empty says nothing, whatever it is."""
    if told is None:
        assert tab_of(changed).width <= 1
        return
    with pytest.raises(ValueError, match=told):
        tab_of(changed)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "1" * 400, "1" * 5000, "[1]"])
def test_a_number_that_no_cell_can_hold(number: str) -> None:
    """A cell's number is one of floating point; any other is not taken for one, with a note or without."""
    for note in ("", ', "note": "x"'):
        cell = f'{{"effectiveValue": {{"numberValue": {number}}}{note}}}'
        sheets = f'[{{"properties": {{"title": "One"}}, "data": [{{"rowData": [{{"values": [{cell}]}}]}}]}}]'
        with pytest.raises(ValueError, match=r"expected|integer string"):
            parse([f'{{"properties": {{}}, "sheets": {sheets}}}'.encode()], KEY)


def test_members_that_nobody_asked_for() -> None:
    """What Google may send some day beside what we know changes nothing; a kind of value yet unknown is no blank."""
    new = {"futureMember": {"x": [1, {}]}}
    one = {"effectiveValue": {"numberValue": 1, **new}, "userEnteredValue": {"formulaValue": "=A1", **new}, **new}
    values = [one, new, {}, {"effectiveValue": {"dateValue": {"day": 1}}, **new}]
    rows = [{"values": values, **new}, new]
    assert tab_of({"data": [{"rowData": rows, **new}], **new}).rows == [
        [Cell(1, "=A1"), BLANK, BLANK, Cell("#UNKNOWN")],
        [],
    ]


@pytest.mark.parametrize("second", [{"sheetId": 1, "title": "B"}, {"sheetId": 2, "title": "A"}])
def test_tabs_that_cannot_be_told_apart(second: dict[str, Any]) -> None:
    """Two tabs of one title or id would hide one another."""
    sheets = [{"properties": {"sheetId": 1, "title": "A"}}, {"properties": second}]
    with pytest.raises(ValueError, match="two of the same"):
        parse([json.dumps({"properties": {}, "sheets": sheets}).encode()], KEY)


def test_masks() -> None:
    """What `parse` reads is asked for, each with balanced brackets and without blanks; formats are not."""
    for mask in (PROPERTIES_MASK, CONTENT_MASK):
        assert mask.count("(") == mask.count(")")
        assert not any(character.isspace() for character in mask)
        assert "Format" not in mask
    assert CONTENT_MASK.startswith(PROPERTIES_MASK)
