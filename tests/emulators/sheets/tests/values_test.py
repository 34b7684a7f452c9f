from __future__ import annotations

from typing import Any

import pytest

from .book import Book


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("S", "S!A1:Z1000"),
        ("'S'", "S!A1:Z1000"),
        ("A1:A2", "S!A1:A2"),
        ("S!A1:C", "S!A1:C1000"),
        ("S!A:A", "S!A1:A1000"),
        ("S!A2:A", "S!A2:A1000"),
        ("S!A:A2", "S!A2:A1000"),
        ("S!A1:1", "S!A1:Z1"),
        ("1:1", "S!A1:Z1"),
        ("S!D4:A1", "S!A1:D4"),
        ("A1:A1", "S!A1"),
        ("$B$3", "S!B3"),
        ("s!b3", "S!B3"),
        ("R1C1:R1C2", "S!A1:B1"),
        ("A1:AA5", "S!A1:Z5"),
        ("A1:B1001", "S!A1:B1000"),
        ("Z1:AA5", "S!Z1:Z5"),
        ("🌵 x 1!A1", "'🌵 x 1'!A1"),
        ("Named", "S!B2:C3"),
        ("S!Named", "S!B2:C3"),
    ],
)
def test_ranges_are_normalised_and_clamped(book: Book, asked: str, echoed: str) -> None:
    """The range of an answer is the full rectangle with its tab, clamped to the grid."""
    book.batch(
        {"addSheet": {"properties": {"title": "🌵 x 1"}}},
        {
            "addNamedRange": {
                "namedRange": {
                    "name": "Named",
                    "range": {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 3},
                }
            }
        },
    )
    assert book.read(asked) == {"range": echoed, "majorDimension": "ROWS"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("Nope!A1", "Unable to parse range: Nope!A1"),
        ("A1:B2:C3", "Unable to parse range: A1:B2:C3"),
        ("A1:", "Unable to parse range: A1:"),
        ("!!!", "Unable to parse range: !!!"),
        ("AAAA1", "Unable to parse range: AAAA1"),
        ("A0", "Unable to parse range: A0"),
        ("Table[Col]", "Unable to parse range: Table[Col]"),
        ("A5000:B5001", "Range (S!A5000:B5001) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("s!AB1", "Range (S!AB1) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_ranges_that_cannot_be_read_are_refused(book: Book, asked: str, message: str) -> None:
    """A range that isn't one, or starts outside the grid, is a 400 with the service's text."""
    error = {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
    assert book.read(asked) == error


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Sales", "Sales"),
        ("Sheet_1", "Sheet_1"),
        ("x.y", "x.y"),
        ("Sales2", "Sales2"),
        ("A1", "'A1'"),
        ("D3", "'D3'"),
        ("ABC1234", "'ABC1234'"),
        ("R1C1", "'R1C1'"),
        ("2026", "'2026'"),
        ("Ünï", "'Ünï'"),
        ("a-b", "'a-b'"),
        ("It's", "'It''s'"),
    ],
)
def test_titles_are_quoted_where_they_must_be(book: Book, title: str, shown: str) -> None:
    """A title stands bare only if it can't be read as anything else."""
    book.batch({"addSheet": {"properties": {"title": title}}})
    quoted = "'" + title.replace("'", "''") + "'"
    assert book.read(f"{quoted}!A1")["range"] == f"{shown}!A1"


def test_a_bare_name_is_a_named_range_before_it_is_a_tab(book: Book) -> None:
    """A name without quotes means the named range; in quotes it means the tab only."""
    book.batch(
        {"addSheet": {"properties": {"title": "Both"}}},
        {"addNamedRange": {"namedRange": {"name": "Both", "range": {"endRowIndex": 1, "endColumnIndex": 1}}}},
    )
    assert book.read("Both")["range"] == "S!A1"
    assert book.read("'Both'")["range"] == "Both!A1:Z1000"
    assert "error" in book.read("Missing!A1")


def test_rows_end_at_their_last_filled_cell(book: Book) -> None:
    """Gaps are empty strings, empty rows are empty lists, and nothing follows the last filled row."""
    book.write("A1", [["a", "", "c"], [], ["", "x"], [""]])
    assert book.values("S") == [["a", "", "c"], [], ["", "x"]]
    assert book.values("S", majorDimension="COLUMNS") == [["a"], ["", "", "x"], ["c"]]
    assert book.read("D1:E5") == {"range": "S!D1:E5", "majorDimension": "ROWS"}


@pytest.mark.parametrize(
    ("typed", "formatted", "unformatted", "formula"),
    [
        ("=3/2", "1.5", 1.5, "=3/2"),
        ("2020-01-01", "2020-01-01", 43831, 43831),
        (0.12, "0.12", 0.12, 0.12),
        (True, "TRUE", True, True),
        ("$5.00", "$5.00", 5, 5),
        ("=1/0", "#DIV/0!", "#DIV/0! (Function DIVIDE parameter 2 cannot be zero.)", "=1/0"),
        ("'0123", "0123", "0123", "0123"),
        ("0042", "42", 42, 42),
        ("2,000,000.01", "2,000,000.01", 2000000.01, 2000000.01),
        ("1-2", "1-2", 46024, 46024),
        ("3_1_0", "3_1_0", "3_1_0", "3_1_0"),
        ("12.5%", "12.50%", 0.125, 0.125),
        ("TRUE", "TRUE", True, True),
    ],
)
def test_render_options(book: Book, typed: Any, formatted: Any, unformatted: Any, formula: Any) -> None:
    """A typed value reads as people see it, as it is, or as it was entered."""
    book.write("A1", [[typed]], "USER_ENTERED")
    assert book.values("A1") == [[formatted]]
    assert book.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [[unformatted]]
    assert book.values("A1", valueRenderOption="FORMULA") == [[formula]]


def test_dates_can_be_asked_for_as_text(book: Book) -> None:
    """The date option applies to unformatted values and is ignored for formatted ones."""
    book.write("A1", [["2020-01-01", "=A1+1"]], "USER_ENTERED")
    asked = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert book.values("A1", **asked) == [["2020-01-01"]]
    assert book.values("A1", dateTimeRenderOption="SERIAL_NUMBER") == [["2020-01-01"]]


def test_raw_strings_stay_as_they_are(book: Book) -> None:
    """RAW keeps apostrophes, equals signs and digits as text."""
    values = [["'0123", "=1+1", "0042", 7, True, "2020-01-01"]]
    book.write("A1", values)
    assert book.values("1:1", valueRenderOption="UNFORMATTED_VALUE") == values


def test_update_counts_only_what_it_writes(book: Book) -> None:
    """Null skips a cell and isn't counted, an empty string clears and is; the range is that of the values sent."""
    book.write("A1", [["x"] * 4] * 6)
    corners = [["new", None, None, None], *[[None] * 4] * 4, [None, None, None, "end"]]
    assert book.write("S!A1:D6", corners) == {
        "spreadsheetId": book.id,
        "updatedRange": "S!A1:D6",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    assert book.write("A1:B2", [["", "b"]])["updatedRange"] == "S!A1:B1"
    assert book.write("A1:B2", [["", "b"]])["updatedCells"] == 2
    assert book.values("A1:D1") == [["", "b", "x", "x"]]


def test_update_leaves_the_tail_of_ragged_rows(book: Book) -> None:
    """A short row leaves the cells behind it alone."""
    book.write("A1", [["a", "b"], ["c", "d"]])
    book.write("A1", [["1"], ["2", "3"]])
    assert book.values("S") == [["1", "b"], ["2", "3"]]


@pytest.mark.parametrize(
    ("asked", "values", "message"),
    [
        ("S!A1:B1", [[1, 2, 3]], "Requested writing within range [S!A1:B1], but tried writing to column [C]"),
        ("S!A1:B1", [[1], [2]], "Requested writing within range [S!A1:B1], but tried writing to row [2]"),
        ("S!Z1", [[1, 2]], "Requested writing within range [S!Z1], but tried writing to column [AA]"),
        ("S!A1000", [[1], [2]], "Requested writing within range [S!A1000], but tried writing to row [1001]"),
        ("s!A1001", [[1]], "Range (S!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_update_never_leaves_its_range_or_the_grid(book: Book, asked: str, values: Any, message: str) -> None:
    """Values that reach over a bounded range, or over the grid, are refused; the grid never grows."""
    assert book.write(asked, values)["error"]["message"] == message
    assert book.values("S") == []


def test_a_cell_or_an_open_column_only_anchors_an_update(book: Book) -> None:
    """Values may be larger than a single cell or an open column."""
    assert book.write("B2", [[1, 2], [3, 4]])["updatedRange"] == "S!B2:C3"
    assert book.write("A:A", [[1, 2]])["updatedRange"] == "S!A1:B1"


@pytest.mark.parametrize(
    ("query", "body", "message"),
    [
        ({}, {"values": [[1]]}, "'valueInputOption' is required but not specified"),
        (
            {"valueInputOption": "RAW"},
            {"values": "X"},
            "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\"",
        ),
        (
            {"valueInputOption": "RAW"},
            {"values": [[1]], "range": "S!B1"},
            "Request range[S!A1] does not match value's range[S!B1]",
        ),
        (
            {"valueInputOption": "NOPE"},
            {"values": [[1]]},
            (
                "Invalid value at 'value_input_option' "
                '(type.googleapis.com/google.apps.sheets.v4.ValueInputOption), "NOPE"'
            ),
        ),
        ({"valueInputOption": "RAW"}, {"values": [["x" * 50_001]]}, None),
    ],
)
def test_malformed_updates_are_refused(book: Book, query: Any, body: Any, message: str | None) -> None:
    """An update without its option, with values of a wrong kind, another range or too long a text is a 400."""
    error = book.call("PUT", "/values/S!A1", body, **query)["error"]
    assert error["code"] == 400
    assert message is None or error["message"] == message


def test_a_null_dimension_means_rows(book: Book) -> None:
    """`majorDimension: null` is accepted."""
    assert book.write("A1", [[1]], majorDimension=None)["updatedCells"] == 1
    book.write("A1", [[1, 2], [3]], majorDimension="COLUMNS")
    assert book.values("S") == [["1", "3"], ["2"]]


def test_batches_of_values(book: Book) -> None:
    """Ranges are read in the order asked for; totals count rows and columns once; errors name their entry."""
    data = [{"range": "S!A1:B1", "values": [["a", "b"]]}, {"range": "S!A3", "values": [["c"]]}]
    answer = book.call("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert answer == {
        "spreadsheetId": book.id,
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 3,
        "totalUpdatedSheets": 1,
        "responses": [
            {
                "spreadsheetId": book.id,
                "updatedRange": "S!A1:B1",
                "updatedRows": 1,
                "updatedColumns": 2,
                "updatedCells": 2,
            },
            {
                "spreadsheetId": book.id,
                "updatedRange": "S!A3",
                "updatedRows": 1,
                "updatedColumns": 1,
                "updatedCells": 1,
            },
        ],
    }
    read = book.call("GET", "/values:batchGet", ranges=["S!A3", "S!A1:B1"])
    assert [part["values"] for part in read["valueRanges"]] == [[["c"]], [["a", "b"]]]
    assert "error" in book.call("GET", "/values:batchGet", ranges=["S!A3", "Nope!A1"])
    bad = book.call("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": [{"range": "Nope!A1"}]})
    assert bad["error"]["message"] == "Invalid data[0]: Unable to parse range: Nope!A1"


def test_a_batch_of_values_is_all_or_nothing(book: Book) -> None:
    """An entry that fails undoes the entries before it."""
    data = [{"range": "S!A1", "values": [["a"]]}, {"range": "S!A1:A1", "values": [["a", "b"]]}]
    assert "error" in book.call("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert book.values("S") == []


def test_clearing_leaves_formats_and_notes(book: Book) -> None:
    """Clear takes values only; an empty body is fine, and the echoed range is the full rectangle."""
    book.write("A1", [["2020-01-01"]], "USER_ENTERED")
    note = {"updateCells": {"start": {}, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}}
    book.batch(note)
    answer = book.session.post(f"{book.url}/values/S:clear", timeout=30).json()
    assert answer == {"spreadsheetId": book.id, "clearedRange": "S!A1:Z1000"}
    cell = book.tab(ranges="A1", fields="sheets.data.rowData.values")["data"][0]["rowData"][0]["values"][0]
    assert cell["note"] == "n"
    assert cell["userEnteredFormat"]["numberFormat"]["type"] == "DATE"
    assert "userEnteredValue" not in cell
    both = book.call("POST", "/values:batchClear", {"ranges": ["A1", "S!B:B"]})
    assert both["clearedRanges"] == ["S!A1", "S!B1:B1000"]


@pytest.mark.parametrize(
    ("asked", "table", "written"),
    [
        ("A1", "S!A1:B3", "S!A4:B4"),
        ("A6", "S!A6:B7", "S!A8:B8"),
        ("S", "S!A6:B7", "S!A8:B8"),
        ("A2:B2", "S!A1:B3", "S!A4:B4"),
        ("D1", None, "S!D1:E1"),
        ("C1", None, "S!C1:D1"),
    ],
)
def test_append_finds_the_table_at_its_range(book: Book, asked: str, table: str | None, written: str) -> None:
    """A table is a block contiguous in both directions; an empty range is written at its first cell."""
    book.write("A1", [["a", "b"]] * 3)
    book.write("A6", [["c", "d"]] * 2)
    answer = book.append(asked, [["new", "row"]])
    assert answer.get("tableRange") == table
    assert answer["updates"]["updatedRange"] == written


def test_append_behind_a_gap_starts_at_the_last_block(book: Book) -> None:
    """In a row with a gap the last block is the table of the whole tab, the first block that of A1."""
    book.write("A1", [["x", "", "y"]])
    answer = book.append("S", [["x", "", "y"]])
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("S!C1", "S!C2:E2")
    book.call("POST", "/values/S!A2:E2:clear")
    answer = book.append("A1", [["x", "", "y"]])
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("S!A1", "S!A2:C2")


def test_append_grows_the_grid_or_pushes_rows_down(book: Book) -> None:
    """OVERWRITE grows the grid at its end, INSERT_ROWS makes room for the new rows."""
    book.write("A999", [["a"], ["b"]])
    book.append("A999", [["c"], ["d"]])
    assert (
        book.tab(fields="sheets.properties.gridProperties.rowCount")["properties"]["gridProperties"]["rowCount"] == 1002
    )
    book.write("A1", [["top"], [""], ["below"]])
    book.append("A1", [["new"]], insertDataOption="INSERT_ROWS")
    assert book.values("A1:A4") == [["top"], ["new"], [], ["below"]]


def test_written_values_can_be_answered(book: Book) -> None:
    """With includeValuesInResponse the answer holds what was written, as asked for."""
    body = {"values": [["1.50", "=1+1"]]}
    query = {"includeValuesInResponse": True, "responseValueRenderOption": "UNFORMATTED_VALUE"}
    answer = book.call("PUT", "/values/A1", body, valueInputOption="USER_ENTERED", **query)
    assert answer["updatedData"] == {"range": "S!A1:B1", "majorDimension": "ROWS", "values": [[1.5, 2]]}


def test_values_by_data_filter(book: Book) -> None:
    """Filters by range and by metadata select ranges for reading, writing and clearing."""
    book.batch(
        {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataKey": "k",
                    "visibility": "DOCUMENT",
                    "location": {
                        "dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
                    },
                }
            }
        }
    )
    by_key = {"developerMetadataLookup": {"metadataKey": "k"}}
    data = [{"dataFilter": by_key, "values": [["x"], ["y"]]}, {"dataFilter": {"a1Range": "S!A1"}, "values": [["a"]]}]
    body = {"valueInputOption": "RAW", "data": data}
    written = book.call("POST", "/values:batchUpdateByDataFilter", body)
    assert written["totalUpdatedCells"] == 3
    assert written["responses"][0]["dataFilter"] == by_key
    read = book.call("POST", "/values:batchGetByDataFilter", {"dataFilters": [by_key]})
    assert read["valueRanges"][0]["valueRange"]["values"] == [["x"], ["y"]]
    grid = {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}}
    cleared = book.call("POST", "/values:batchClearByDataFilter", {"dataFilters": [grid]})
    assert cleared["clearedRanges"] == ["S!A1:Z1"]
    assert book.values("S") == [[], ["", "y"]]


def test_a_link_is_text_with_a_link_format(book: Book) -> None:
    """A typed URL stays text and gets a link."""
    book.write("A1", [["https://example.com/a"]], "USER_ENTERED")
    cell = book.tab(ranges="A1", fields="sheets.data.rowData.values(hyperlink,userEnteredValue)")
    assert cell["data"][0]["rowData"][0]["values"][0] == {
        "userEnteredValue": {"stringValue": "https://example.com/a"},
        "hyperlink": "https://example.com/a",
    }
