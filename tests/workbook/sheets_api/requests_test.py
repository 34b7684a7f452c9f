"""Requests: text stays text, ends are exclusive, and field masks cover only what is meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, TabEntry, Value

SPAN = {"sheetId": 7, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, {}),
        ("", {}),
        (0, {"numberValue": 0}),
        (0.0, {"numberValue": 0.0}),
        (-2.5, {"numberValue": -2.5}),
        (True, {"boolValue": True}),
        (False, {"boolValue": False}),
        (" ", {"stringValue": " "}),
        ("5.10", {"stringValue": "5.10"}),
        ("'quoted", {"stringValue": "'quoted"}),
        ("{row}", {"stringValue": "{row}"}),
        (RowFormula("=F{row}-$G$1"), {"formulaValue": "=F5-$G$1"}),
        (RowFormula("=SPARKLINE(H{row}:Z{row})"), {"formulaValue": "=SPARKLINE(H5:Z5)"}),
    ],
)
def test_extended_value(value: Value, expected: dict[str, Value]) -> None:
    """Each value has its kind; no value is an empty cell, unlike zero and FALSE."""
    actual = requests.extended_value(value, 4)
    assert actual == ({"userEnteredValue": expected} if expected else {})
    assert json.dumps(actual) == json.dumps({"userEnteredValue": expected} if expected else {})


@given(st.text(min_size=1) | st.sampled_from("=+-@'").flatmap(lambda sign: st.text().map(lambda text: sign + text)))
def test_text_is_written_as_text(text: str) -> None:
    """Whatever a text from outside looks like, it is written as text."""
    assert requests.extended_value(text) == {"userEnteredValue": {"stringValue": text}}


def test_row_formula() -> None:
    """A row formula refers to the row it is written in, counted as people see it."""
    formula = RowFormula("=A{row}")
    assert (formula.at(0), formula.at(41)) == ("=A1", "=A42")
    assert requests.extended_value(formula) == {"userEnteredValue": {"formulaValue": "=A1"}}
    rows = requests.update_cells(7, 2, 0, [[formula], [formula]])["updateCells"]["rows"]
    assert [row["values"][0]["userEnteredValue"]["formulaValue"] for row in rows] == ["=A3", "=A4"]


def test_update_cells() -> None:
    """Values are written from a cell on; the mask excludes notes and formats."""
    assert requests.update_cells(7, 3, 2, [["Contoso", 12], [None, ""]]) == {
        "updateCells": {
            "start": {"sheetId": 7, "rowIndex": 3, "columnIndex": 2},
            "rows": [
                {
                    "values": [
                        {"userEnteredValue": {"stringValue": "Contoso"}},
                        {"userEnteredValue": {"numberValue": 12}},
                    ]
                },
                {"values": [{}, {}]},
            ],
            "fields": "userEnteredValue",
        }
    }


def test_restore_cells() -> None:
    """Cells are written back downwards: formulas as formulas, constants with their kind, blanks as no value."""
    cells = [Cell("=1", None), Cell(3, "=1+2"), Cell(), Cell(0), Cell(False, note="n")]
    assert requests.restore_cells(7, 3, 2, cells) == {
        "updateCells": {
            "start": {"sheetId": 7, "rowIndex": 3, "columnIndex": 2},
            "rows": [
                {"values": [{"userEnteredValue": {"stringValue": "=1"}}]},
                {"values": [{"userEnteredValue": {"formulaValue": "=1+2"}}]},
                {"values": [{}]},
                {"values": [{"userEnteredValue": {"numberValue": 0}}]},
                {"values": [{"userEnteredValue": {"boolValue": False}}]},
            ],
            "fields": "userEnteredValue",
        }
    }


def test_note() -> None:
    """Setting a note leaves the value alone."""
    update = requests.note(7, 0, 4, "What it means")["updateCells"]
    assert update["fields"] == "note"
    assert update["start"] == {"sheetId": 7, "rowIndex": 0, "columnIndex": 4}
    assert update["rows"] == [{"values": [{"note": "What it means"}]}]


@pytest.mark.parametrize(
    ("rows", "columns", "omitted"),
    [
        ((1, 3), (0, 2), set()),
        ((1, None), (0, 2), {"endRowIndex"}),
        ((1, 3), (0, None), {"endColumnIndex"}),
        (None, (0, 2), {"startRowIndex", "endRowIndex"}),
        (None, None, SPAN.keys() - {"sheetId"}),
    ],
)
def test_grid_range(
    rows: tuple[int, int | None] | None, columns: tuple[int, int | None] | None, omitted: set[str]
) -> None:
    """An unbounded end is left out; an index of zero is not."""
    assert requests.grid_range(7, rows, columns) == {name: SPAN[name] for name in SPAN if name not in omitted}


def test_repeat_cell() -> None:
    """One cell's content is copied into a range, limited by its mask."""
    request = requests.repeat_cell(SPAN, {"note": "x"}, "note")
    assert request == {"repeatCell": {"range": SPAN, "cell": {"note": "x"}, "fields": "note"}}


def test_dimensions() -> None:
    """Rows and columns are inserted before an index, appended at the end, and deleted up to an exclusive end."""
    rows, columns = {"sheetId": 7, "dimension": "ROWS"}, {"sheetId": 7, "dimension": "COLUMNS"}
    assert requests.insert(7, "ROWS", 4, 2, inherit_from_before=True) == {
        "insertDimension": {"range": {**rows, "startIndex": 4, "endIndex": 6}, "inheritFromBefore": True}
    }
    assert requests.insert(7, "COLUMNS", 0, 1, inherit_from_before=False) == {
        "insertDimension": {"range": {**columns, "startIndex": 0, "endIndex": 1}, "inheritFromBefore": False}
    }
    assert requests.append(7, "ROWS", 5) == {"appendDimension": {**rows, "length": 5}}
    assert requests.delete(7, "COLUMNS", 2, 5) == {
        "deleteDimension": {"range": {**columns, "startIndex": 2, "endIndex": 5}}
    }


@pytest.mark.parametrize("rows", [(6, 9), (1, 2)])
def test_copy_formula(rows: tuple[int, int]) -> None:
    """A formula is copied within its column, down or up, without the format of its cell."""
    copy = requests.copy_formula(7, (5, 3), rows)["copyPaste"]
    column = {"sheetId": 7, "startColumnIndex": 3, "endColumnIndex": 4}
    assert copy["source"] == {**column, "startRowIndex": 5, "endRowIndex": 6}
    assert copy["destination"] == {**column, "startRowIndex": rows[0], "endRowIndex": rows[1]}
    assert copy["pasteType"] == "PASTE_FORMULA"


def test_add_sheet() -> None:
    """A tab is added with its own id, size and frozen rows, as the first or the last."""
    tab = Tab(sheet_id=7, title="Runs", row_count=100, column_count=18, frozen_rows=1)
    grid = {"rowCount": 100, "columnCount": 18, "frozenRowCount": 1}
    properties = {"sheetId": 7, "title": "Runs", "gridProperties": grid}
    assert requests.add_sheet(tab) == {"addSheet": {"properties": properties}}
    assert requests.add_sheet(tab, 0) == {"addSheet": {"properties": {**properties, "index": 0}}}


def test_column_marks() -> None:
    """A metadata entry is created on one column, visible to everybody who can read the document, and deleted by id."""
    mark = requests.mark_column(7, 3, "key", "status")["createDeveloperMetadata"]["developerMetadata"]
    span = {"sheetId": 7, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}
    assert mark["location"] == {"dimensionRange": span}
    assert (mark["metadataKey"], mark["metadataValue"], mark["visibility"]) == ("key", "status", "DOCUMENT")
    lookup = requests.unmark(42)["deleteDeveloperMetadata"]["dataFilter"]["developerMetadataLookup"]
    assert lookup == {"metadataId": 42}


def test_set_filter() -> None:
    """Criteria are listed by column, in order, and not mentioned if there are none; nothing is sorted."""
    span = requests.grid_range(7, (0, 5), (1, 4))
    by_value, by_text = {"hiddenValues": ["a"]}, {"condition": {"type": "NOT_BLANK"}}
    assert requests.set_filter(span, {}) == {"setBasicFilter": {"filter": {"range": span}}}
    assert requests.set_filter(span, {3: by_value, 1: by_text}) == {
        "setBasicFilter": {
            "filter": {
                "range": span,
                "filterSpecs": [
                    {"columnIndex": 1, "filterCriteria": by_text},
                    {"columnIndex": 3, "filterCriteria": by_value},
                ],
            }
        }
    }


def test_set_entry() -> None:
    """A new entry is seen by everybody with access to the document; of an existing one only the value changes."""
    assert requests.set_entry(7, None, "key", "value") == {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataKey": "key",
                "metadataValue": "value",
                "visibility": "DOCUMENT",
                "location": {"sheetId": 7},
            }
        }
    }
    assert requests.set_entry(7, TabEntry(5, "key", "old"), "key", "value") == {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": 5}}],
            "developerMetadata": {"metadataValue": "value"},
            "fields": "metadataValue",
        }
    }
