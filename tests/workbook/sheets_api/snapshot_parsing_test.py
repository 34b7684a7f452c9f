"""Snapshots: responses of the Sheets API parsed, cell by cell."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import (
    BLANK,
    BasicFilter,
    Block,
    Cell,
    ColumnEntry,
    ColumnMark,
    NativeTable,
    Protection,
    Snapshot,
    Tab,
    TabEntry,
    Value,
)
from seat_report.workbook.sheets_api.snapshot_parsing import CONTENT_MASK, PROPERTIES_MASK, parse
from tests.proof.sampling import many

KEY = "seat-report.column"
CONDITION = {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "a word"}]}

examples = settings(max_examples=many(100, 1000))


def tab_of(sheet: dict[str, Any]) -> Tab:
    """The tab parsed from this sheet resource."""
    sheet.setdefault("properties", {}).setdefault("title", "One")
    snapshot = parse([json.dumps({"properties": {}, "sheets": [sheet]}).encode()], KEY)
    (tab,) = snapshot.tabs.values()
    return tab


def rows_of(*rows: list[dict[str, Any]]) -> list[list[Cell]]:
    """The cells parsed from these rows of cell resources."""
    return tab_of({"data": [{"rowData": [{"values": row} if row else {} for row in rows]}]}).rows


def typed(rows: list[list[Cell]]) -> list[list[tuple[type, Cell]]]:
    """Cells with the types of their values: in Python, True equals 1.0."""
    return [[(type(cell.value), cell) for cell in row] for row in rows]


def cell_resource(value: Value) -> dict[str, Any]:
    """A constant as the API sends it for our mask: the effective value, and nothing of the entered one."""
    if value is None:
        return {}
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {"effectiveValue": {kind: value}, "userEnteredValue": {}}


@st.composite
def cells_and_resources(draw: st.DrawFn) -> tuple[Cell, dict[str, Any]]:
    """A cell, and the same as the API sends it."""
    odd = st.sampled_from(["=A1", "#REF", "", '{"note": "x"}', "effectiveValue", "TRUE", "0"])
    value = draw(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text() | odd
    )
    # Neither JSON nor Sheets has infinite numbers.
    value = 0.5 if value in (float("inf"), float("-inf")) else value
    resource = cell_resource(value)
    formula = draw(st.none() | st.text(max_size=8).map("={}".format))
    if formula is not None:
        resource["userEnteredValue"] = {"formulaValue": formula}
        if draw(st.booleans()):
            kind = draw(st.sampled_from(["REF", "N_A", "DIVIDE_BY_ZERO"]))
            value = f"#{kind}"
            resource["effectiveValue"] = {"errorValue": {"type": kind, "message": draw(st.text(max_size=4))}}
    note = draw(st.none() | st.text(min_size=1, max_size=8))
    if note is not None:
        resource["note"] = note
    names = draw(st.permutations(list(resource)))
    return Cell(value, formula, note), {name: resource[name] for name in names}


@examples
@given(st.lists(st.lists(cells_and_resources(), max_size=5), max_size=5))
def test_cells_are_parsed(rows: list[list[tuple[Cell, dict[str, Any]]]]) -> None:
    """Any cell of a tab is parsed as it is, each value with its own type."""
    actual = rows_of(*([resource for _, resource in row] for row in rows))
    assert typed(actual) == typed([[cell for cell, _ in row] for row in rows])


@pytest.mark.parametrize(
    ("resource", "cell"),
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
def test_single_cells(resource: dict[str, Any], cell: Cell) -> None:
    """Zero, FALSE, an empty string, an error and a lone note are each kept apart."""
    assert typed(rows_of([resource])) == typed([[cell]])


def test_equal_constants_are_one_object() -> None:
    """Equal constants share one cell, which keeps a large tab small; texts, numbers and booleans do not."""
    text, number = {"effectiveValue": {"stringValue": "1"}}, {"effectiveValue": {"numberValue": 1}}
    true, with_note = {"effectiveValue": {"boolValue": True}}, {"effectiveValue": {"numberValue": 1}, "note": "x"}
    (first, second) = rows_of([text, number, true, with_note], [text, number, true, with_note])
    assert [cell is same for cell, same in zip(first, second, strict=True)] == [True, True, True, False]
    assert [cell.value for cell in first] == ["1", 1, True, 1]
    assert type(first[2].value) is bool


def test_cells_beyond_the_content_are_blank() -> None:
    """Rows end with their content; cells beyond it are blank."""
    cell = {"effectiveValue": {"numberValue": 1}}
    tab = tab_of({"data": [{"rowData": [{"values": [cell]}, {}, {"values": [{}, cell, {}]}]}]})
    assert [len(row) for row in tab.rows] == [1, 0, 3]
    assert tab.width == 3
    assert [tab.cell(row, column).value for row, column in [(0, 0), (0, 1), (1, 0), (2, 1), (9, 9)]] == [
        1,
        *[None] * 2,
        1,
        None,
    ]
    assert tab_of({}).width == 0


def test_tab_properties() -> None:
    """The properties of a tab are parsed; the API leaves out zeros."""
    sheet = {
        "properties": {"sheetId": 5, "title": "Übersicht", "gridProperties": {"rowCount": 9, "columnCount": 4}},
        "basicFilter": {
            "range": {"sheetId": 5, "startRowIndex": 0, "endRowIndex": 3},
            "criteria": {"1": {"hiddenValues": ["x"]}},
            "filterSpecs": [{"columnIndex": 2, "filterCriteria": {"condition": CONDITION}}],
            "sortSpecs": [{"sortOrder": "ASCENDING"}],
        },
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
        basic_filter=BasicFilter(Block(5, 0, 3, 0, 4), {1: {"hiddenValues": ["x"]}, 2: {"condition": CONDITION}}),
        has_banding=True,
    )


def test_chart_on_its_own_tab() -> None:
    """A tab without a grid has no rows and is not an error."""
    tab = tab_of({"properties": {"title": "Chart1", "sheetType": "OBJECT"}})
    assert (tab.sheet_id, tab.row_count, tab.column_count, tab.rows) == (0, 0, 0, [])


def entry(metadata_id: int, name: str, sheet_id: int | None, column: int, key: str = KEY) -> dict[str, Any]:
    """A developer metadata entry on a column, with zeros left out."""
    span: dict[str, Any] = {"dimension": "COLUMNS", "endIndex": column + 1}
    span |= {"sheetId": sheet_id} if sheet_id else {}
    span |= {"startIndex": column} if column else {}
    location = {"locationType": "COLUMN", "dimensionRange": span}
    return {"metadataId": metadata_id, "metadataKey": key, "metadataValue": name, "location": location}


def test_column_marks() -> None:
    """Our entries on columns are parsed, also on the first column and tab; those with other keys are kept apart."""
    columns = [
        {"developerMetadata": [entry(1, "customer_id", 0, 0), entry(2, "x", 0, 0, key="of-somebody-else")]},
        {},
        {"developerMetadata": [entry(3, "tenant", 0, 2), entry(4, "customer", 0, 2)]},
    ]
    tab = tab_of({"data": [{"columnMetadata": columns}]})
    assert tab.marks == (ColumnMark(1, "customer_id", 0), ColumnMark(3, "tenant", 2), ColumnMark(4, "customer", 2))
    assert tab.column_entries == (ColumnEntry(2, "of-somebody-else", "x", 0),)


@pytest.mark.parametrize(("own_id", "other_id"), [(5, None), (5, 6), (0, 6)])
def test_column_marks_of_another_tab(own_id: int, other_id: int | None) -> None:
    """Entries that came with a copied tab and refer to the original are ignored."""
    columns = [{"developerMetadata": [entry(1, "tenant", other_id, 0), entry(2, "customer", own_id, 0)]}]
    tab = tab_of({"properties": {"sheetId": own_id}, "data": [{"columnMetadata": columns}]})
    assert tab.marks == (ColumnMark(2, "customer", 0),)


def test_spreadsheet_properties() -> None:
    """The spreadsheet's properties are parsed, its tabs in order, and its named ranges clipped to their tabs."""
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
    snapshot = parse([json.dumps(resource).encode()], KEY)
    assert (snapshot.title, snapshot.time_zone, snapshot.url) == ("Seats", "Europe/Berlin", resource["spreadsheetUrl"])
    assert snapshot.locale == "de_DE"
    assert list(snapshot.tabs) == ["B", "A"]
    assert snapshot.sheet_ids == {0, 3}
    assert snapshot.named["Rates"] == Block(sheet_id=3, top=1, bottom=2, left=0, right=4)
    assert snapshot.named["Whole"] == snapshot.named["Beyond"] == Block(sheet_id=0, top=0, bottom=5, left=0, right=3)
    assert min(snapshot.named["Elsewhere"][2::2]) >= 10_000_000
    assert "Gone" not in snapshot.named


def test_tab_by_title() -> None:
    """A tab is found regardless of case, as no two titles differ in case alone."""
    tab = Tab(sheet_id=1, title="Straße", row_count=1, column_count=1)
    snapshot = Snapshot("", "", "", {tab.title: tab})
    assert snapshot.tab("STRASSE") is tab
    assert snapshot.tab("Strasse 2") is None


@pytest.mark.parametrize(
    "body",
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
def test_response_that_is_not_a_spreadsheet(body: str) -> None:
    """A response that is not a spreadsheet, such as a proxy's page, is refused."""
    with pytest.raises(ValueError, match=r"expected|Expecting"):
        parse([body.encode()], KEY)


@pytest.mark.parametrize(
    ("members", "expected"),
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
def test_spreadsheet_members_of_the_wrong_type(members: dict[str, Any], expected: str) -> None:
    """A member of the wrong type is refused by name, with the expected kind and the kind found."""
    with pytest.raises(ValueError, match=expected):
        parse([json.dumps({"properties": {}, **members}).encode()], KEY)


@pytest.mark.parametrize(
    ("members", "expected"),
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
def test_tab_members_of_the_wrong_type(members: dict[str, Any], expected: str | None) -> None:
    """The same within a tab; an empty member of the wrong type is ignored."""
    if expected is None:
        assert tab_of(members).width <= 1
        return
    with pytest.raises(ValueError, match=expected):
        tab_of(members)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "1" * 400, "1" * 5000, "[1]"])
def test_numbers_that_no_cell_can_hold(number: str) -> None:
    """The number of a cell is a finite float; anything else is refused, with a note or without."""
    for note in ("", ', "note": "x"'):
        cell = f'{{"effectiveValue": {{"numberValue": {number}}}{note}}}'
        sheets = f'[{{"properties": {{"title": "One"}}, "data": [{{"rowData": [{{"values": [{cell}]}}]}}]}}]'
        with pytest.raises(ValueError, match=r"expected|integer string"):
            parse([f'{{"properties": {{}}, "sheets": {sheets}}}'.encode()], KEY)


def test_unknown_members_are_ignored() -> None:
    """Members that Google may add some day change nothing; a new kind of value is not a blank."""
    new = {"futureMember": {"x": [1, {}]}}
    cell = {"effectiveValue": {"numberValue": 1, **new}, "userEnteredValue": {"formulaValue": "=A1", **new}, **new}
    values = [cell, new, {}, {"effectiveValue": {"dateValue": {"day": 1}}, **new}]
    rows = [{"values": values, **new}, new]
    assert tab_of({"data": [{"rowData": rows, **new}], **new}).rows == [
        [Cell(1, "=A1"), BLANK, BLANK, Cell("#UNKNOWN")],
        [],
    ]


@pytest.mark.parametrize("second", [{"sheetId": 1, "title": "B"}, {"sheetId": 2, "title": "A"}])
def test_duplicate_tabs_are_refused(second: dict[str, Any]) -> None:
    """Of two tabs with the same title or id, one would hide the other."""
    sheets = [{"properties": {"sheetId": 1, "title": "A"}}, {"properties": second}]
    with pytest.raises(ValueError, match="two of the same"):
        parse([json.dumps({"properties": {}, "sheets": sheets}).encode()], KEY)


def test_masks() -> None:
    """The masks request what `parse` reads, with balanced brackets and no whitespace; formats are not requested."""
    for mask in (PROPERTIES_MASK, CONTENT_MASK):
        assert mask.count("(") == mask.count(")")
        assert not any(character.isspace() for character in mask)
        assert "Format" not in mask
    assert CONTENT_MASK.startswith(PROPERTIES_MASK)


def test_what_lies_over_the_cells() -> None:
    """Merged cells, native tables and protections; an end that is left out is that of the tab."""
    span = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0}
    tab = tab_of(
        {
            "properties": {"gridProperties": {"rowCount": 9, "columnCount": 5}},
            "merges": [span],
            "tables": [{"name": "Seats", "range": span}],
            "protectedRanges": [{"protectedRangeId": 4, "range": span, "description": "x", "warningOnly": True}],
        }
    )
    block = Block(0, 1, 3, 0, 5)
    assert (tab.merges, tab.native_tables) == ((block,), (NativeTable("Seats", block),))
    assert tab.protections == (Protection(4, "x", block, only_warns=True),)


@pytest.mark.parametrize(("kind", "is_grid"), [("GRID", True), (None, True), ("OBJECT", False), ("DATA_SOURCE", False)])
def test_tabs_without_cells(kind: str | None, is_grid: bool) -> None:
    """Connected data may have any number of rows; a chart has no grid."""
    grid = {} if kind == "OBJECT" else {"rowCount": 10 if is_grid else 2_000_000_000, "columnCount": 26}
    assert tab_of({"properties": {"sheetType": kind, "gridProperties": grid}}).is_grid is is_grid
