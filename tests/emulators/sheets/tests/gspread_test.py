"""The stock client over its public surface: only its addresses are changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import gspread
import pytest
from google.api_core.client_options import ClientOptions
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build  # type: ignore[import-untyped]
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]
from gspread import utils
from gspread.exceptions import APIError, GSpreadException, SpreadsheetNotFound, WorksheetNotFound
from gspread.http_client import HTTPClient

from tests.emulators.sheets.service import Handle


@pytest.fixture
def client(service: Handle) -> Iterator[gspread.Client]:
    class Here(HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            here = re.sub(r"https://(sheets|www)\.googleapis\.com", service.url, endpoint)
            return super().request(method, here, *args, **kwargs)

    made = gspread.Client(Credentials("token"), http_client=Here)  # type: ignore[no-untyped-call]
    yield made
    made.http_client.session.close()


@pytest.fixture
def spreadsheet(client: gspread.Client) -> Iterator[gspread.Spreadsheet]:
    made = client.create("Test")
    yield made
    client.del_spreadsheet(made.id)


@pytest.fixture
def sheet(spreadsheet: gspread.Spreadsheet) -> gspread.Worksheet:
    return spreadsheet.sheet1


def test_files(client: gspread.Client, spreadsheet: gspread.Spreadsheet) -> None:
    """Spreadsheets are listed, opened by title, key and address, copied and deleted."""
    spreadsheet.sheet1.update([["x"]])
    other = client.create("Other", folder_id="folder")
    assert client.open("Test").id == spreadsheet.id
    assert client.open_by_key(spreadsheet.id).title == "Test"
    assert client.open_by_url(f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit").id == spreadsheet.id
    assert [item.id for item in client.openall("Other")] == [other.id]
    assert client.list_spreadsheet_files(folder_id="folder")[0]["id"] == other.id
    copied = client.copy(spreadsheet.id, title="Copy", copy_permissions=True)
    assert copied.fetch_sheet_metadata()["sheets"] == spreadsheet.fetch_sheet_metadata()["sheets"]
    assert copied.sheet1.get_all_values() == [["x"]]
    for item in (other, copied):
        client.del_spreadsheet(item.id)
    with pytest.raises(SpreadsheetNotFound):
        client.open("Other")
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key(other.id)


def test_files_come_and_go_as_csv_and_xlsx(client: gspread.Client, spreadsheet: gspread.Spreadsheet) -> None:
    """A CSV replaces the content, typed values and all; exports give CSV, TSV and a workbook."""
    client.import_csv(spreadsheet.id, 'a,"b,c"\n1,2020-01-01\n')
    opened = client.open_by_key(spreadsheet.id)
    assert opened.timezone == "America/Los_Angeles"
    assert opened.sheet1.get_all_values() == [["a", "b,c"], ["1", "2020-01-01"]]
    unformatted = opened.sheet1.get("B2", value_render_option=utils.ValueRenderOption.unformatted)
    assert unformatted == [[43831]]
    assert client.export(spreadsheet.id, utils.ExportFormat.CSV) == b'a,"b,c"\r\n1,2020-01-01'
    assert client.export(spreadsheet.id, utils.ExportFormat.TSV) == b"a\tb,c\r\n1\t2020-01-01"
    assert client.export(spreadsheet.id, utils.ExportFormat.EXCEL).startswith(b"PK")
    with pytest.raises(APIError, match="501"):
        client.export(spreadsheet.id, utils.ExportFormat.PDF)


def test_sharing(spreadsheet: gspread.Spreadsheet) -> None:
    """Permissions are given, listed, offered and taken away."""
    spreadsheet.share("anna@example.com", perm_type="user", role="writer", notify=False)
    spreadsheet.share("example.org", perm_type="domain", role="reader")
    spreadsheet.share("", perm_type="anyone", role="reader", with_link=True)
    permissions = spreadsheet.list_permissions()
    assert [item["role"] for item in permissions] == ["owner", "writer", "reader", "reader"]
    spreadsheet.transfer_ownership(str(permissions[1]["id"]))
    spreadsheet.accept_ownership(str(permissions[1]["id"]))
    spreadsheet.remove_permissions("example.org")
    assert len(spreadsheet.list_permissions()) == 3


def test_properties(spreadsheet: gspread.Spreadsheet) -> None:
    """Title, locale, time zone and times are read and written."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{44}", spreadsheet.id)
    spreadsheet.update_title("🎊 New")
    spreadsheet.update_timezone("Europe/Paris")
    spreadsheet.update_locale("fr_FR")
    properties = spreadsheet.fetch_sheet_metadata()["properties"]
    assert (properties["title"], properties["timeZone"], properties["locale"]) == ("🎊 New", "Europe/Paris", "fr_FR")
    assert spreadsheet.get_lastUpdateTime() == "2026-11-23T09:30:00.000Z"
    assert spreadsheet.creationTime


def test_worksheets(client: gspread.Client, spreadsheet: gspread.Spreadsheet, sheet: gspread.Worksheet) -> None:
    """Tabs are added, found, copied, ordered, coloured, hidden and deleted."""
    added = spreadsheet.add_worksheet("🌵 1", 10, 5)
    assert (added.row_count, added.col_count) == (10, 5)
    spreadsheet.values_update("🌵 1!A1", params={"valueInputOption": "RAW"}, body={"values": [["🍇", "🍉"]]})
    assert spreadsheet.values_get("🌵 1")["values"] == [["🍇", "🍉"]]
    batch = spreadsheet.values_batch_get(["🌵 1!A:A", "🌵 1!B:B"])
    assert [part["values"] for part in batch["valueRanges"]] == [[["🍇"]], [["🍉"]]]
    twin = added.duplicate(new_sheet_name="Twin", insert_sheet_index=0)
    assert twin.get_all_values() == [["🍇", "🍉"]]
    assert [item.title for item in spreadsheet] == ["Twin", "Sheet1", "🌵 1"]
    spreadsheet.reorder_worksheets([sheet, added, twin])
    assert [item.title for item in spreadsheet.worksheets()] == ["Sheet1", "🌵 1", "Twin"]
    twin.update_index(0)
    assert spreadsheet.get_worksheet(0).title == "Twin"
    assert spreadsheet.get_worksheet_by_id(added.id).title == "🌵 1"
    sheet.update_tab_color("#ff0000")
    assert spreadsheet.worksheet("Sheet1").get_tab_color() == "#FF0000"
    sheet.clear_tab_color()
    added.hide()
    assert spreadsheet.worksheet("🌵 1").isSheetHidden
    added.show()
    added.hide_gridlines()
    added.show_gridlines()
    other = client.create("Other")
    assert added.copy_to(other.id)["title"] == "Copy of 🌵 1"
    client.del_spreadsheet(other.id)
    spreadsheet.del_worksheet(added)
    spreadsheet.del_worksheet_by_id(twin.id)
    with pytest.raises(APIError, match="You can't remove all the sheets"):
        spreadsheet.del_worksheet(sheet)
    with pytest.raises(APIError, match="You can't hide all the sheets"):
        sheet.hide()
    with pytest.raises(WorksheetNotFound):
        spreadsheet.worksheet("Twin")


def test_cells(sheet: gspread.Worksheet) -> None:
    """Cells are read and written one by one, as ranges and as lists, and are found."""
    for given, shown in ((42, "42"), ("0042", "42"), (42.01, "42.01"), ("Артур", "Артур"), ("a\nb", "a\nb")):
        sheet.update_cell(1, 2, given)
        assert sheet.cell(1, 2).value == shown
    cells = sheet.range("A1:D6")
    for number, cell in enumerate(cells):
        cell.value = f"c{number}"
    sheet.update_cells(cells)
    cells[0].value, cells[-1].value = "first", "last"
    sheet.update_cells([cells[0], cells[-1]])
    assert sheet.acell("A1").value == "first"
    assert sheet.acell("D6").value == "last"
    assert sheet.row_values(1) == ["first", "c1", "c2", "c3"]
    assert sheet.col_values(1)[-1] == "c20"
    assert len(sheet.range("A1:C")) == 3000
    assert [cell.value for cell in sheet.range("D4:A1")] == [cell.value for cell in sheet.range(1, 1, 4, 4)]
    found = sheet.find("c3")
    assert found is not None
    assert found.address == "D1"
    assert len(sheet.findall(re.compile(r"c1\d"))) == 10
    assert sheet.find("nothing") is None
    sheet.batch_clear(["A1:B1", "C2:E2"])
    assert sheet.get_values("A1:D1") == [["", "", "c2", "c3"]]
    sheet.clear()
    assert sheet.get_all_values() in ([], [[]])


def test_values(sheet: gspread.Worksheet) -> None:
    """Rectangles are updated and read, in batches too, with their ranges."""
    sheet.update([["A1", "B1", "", "D1"], ["", "b2", "", ""], [], ["A4"]], "A1")
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4"]]
    parts = sheet.batch_get(["A1:B1", "A4:D4"])
    assert (parts[0].range, parts[0].first(), parts[1]) == ("Sheet1!A1:B1", "A1", [["A4"]])
    sheet.batch_update([{"range": "A1:B1", "values": [["x", "y"]]}, {"range": "A5", "values": [["=1+1"]]}], raw=False)
    assert sheet.get("A5") == [["2"]]
    assert sheet.get("A1:D2", maintain_size=True) == [["x", "y", "", "D1"], ["", "b2", "", ""]]


def test_records(sheet: gspread.Worksheet) -> None:
    """Records read formatted, unformatted and as formulas."""
    sheet.update(
        [["=4/2", "2020-01-01", "string", 53], ["=3/2", 0.12, "1999-01-02", ""]],
        "A1",
        value_input_option=utils.ValueInputOption.user_entered,
    )
    assert sheet.get_all_records() == [{"2": 1.5, "2020-01-01": 0.12, "string": "1999-01-02", "53": ""}]
    unformatted = sheet.get_all_records(value_render_option=utils.ValueRenderOption.unformatted)
    assert unformatted == [{2: 1.5, 43831: 0.12, "string": 36162, 53: ""}]
    formulas = sheet.get_all_records(value_render_option=utils.ValueRenderOption.formula)
    assert formulas == [{"=4/2": "=3/2", 43831: 0.12, "string": 36162, 53: ""}]
    sheet.update([["A", "A"]], "A1")
    with pytest.raises(GSpreadException):
        sheet.get_all_records()


def test_rows_and_columns(sheet: gspread.Worksheet) -> None:
    """Rows and columns are appended, inserted, deleted, resized, frozen, grouped and hidden."""
    values = ["x", "", "y"]
    sheet.append_row(values)
    sheet.append_row(values)
    assert sheet.row_values(2) == ["", "", *values]
    sheet.delete_rows(2)
    sheet.append_row(values, table_range="A1")
    assert sheet.row_values(2) == values
    sheet.append_rows([[1], [2]])
    sheet.insert_row(list("abcdefgh"), 2)
    sheet.insert_rows([["r1"], ["r2"]], 1)
    sheet.insert_cols([["c1", "c2"]], 1)
    assert sheet.get("A1:B4") == [["c1", "r1"], ["c2", "r2"], ["", "x"], ["", "a"]]
    with pytest.raises(GSpreadException):
        sheet.insert_row(["x"], 1, inherit_from_before=True)
    sheet.delete_columns(1)
    sheet.delete_rows(1, 2)
    assert sheet.row_values(1) == values
    sheet.resize(20, 10)
    sheet.add_rows(5)
    sheet.add_cols(2)
    sheet.freeze(rows=2, cols=1)
    grid = sheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]["properties"]["gridProperties"]
    assert grid == {"rowCount": 25, "columnCount": 12, "frozenRowCount": 2, "frozenColumnCount": 1}
    sheet.freeze(0, 0)
    sheet.add_dimension_group_columns(0, 2)
    sheet.add_dimension_group_rows(1, 4)
    assert sheet.list_dimension_group_columns()[0]["range"]["endIndex"] == 2
    assert sheet.list_dimension_group_rows()[0]["depth"] == 1
    sheet.delete_dimension_group_columns(0, 2)
    assert sheet.list_dimension_group_columns() == []
    sheet.hide_rows(0, 2)
    sheet.unhide_rows(0, 2)
    sheet.hide_columns(0, 2)
    sheet.unhide_columns(0, 2)
    sheet.columns_auto_resize(0, 1)
    sheet.rows_auto_resize(0, 1)


def test_sorting_and_filtering(sheet: gspread.Worksheet) -> None:
    """Rows sort by several columns; frozen rows stay; a filter is set, narrowed and cleared."""
    rows = [["Apple", "2012", "4"], ["Banana", "2013", "3"], ["Canada", "2007", "1"], ["Dinosaur", "2013", "2"]]
    sheet.resize(4, 3)
    sheet.update(rows, "A1", raw=False)
    sheet.sort((2, "asc"), (3, "asc"), range="A1:C4")
    assert sheet.get_all_values() == sorted(rows, key=lambda row: (row[1], int(row[2])))
    sheet.sort((1, "des"))
    assert sheet.get_all_values() == rows[::-1]
    sheet.set_basic_filter("A1:B3")
    assert sheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]["basicFilter"]["range"]["endColumnIndex"] == 2
    sheet.clear_basic_filter()


def test_formats_notes_and_ranges(sheet: gspread.Worksheet) -> None:
    """Formats, merges, notes, validation, named and protected ranges are written and read back."""
    look = {
        "backgroundColor": {"green": 1, "blue": 1},
        "horizontalAlignment": "CENTER",
        "textFormat": {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True},
    }
    sheet.format("A2:B2", look)
    sheet.batch_format([{"range": "C1", "format": {"numberFormat": {"type": "DATE", "pattern": "yyyy"}}}])
    params: Any = {
        "includeGridData": False,
        "ranges": ["Sheet1!A2"],
        "fields": "sheets.data.rowData.values.userEnteredFormat",
    }
    data = sheet.spreadsheet.fetch_sheet_metadata(params)["sheets"][0]["data"]
    written = data[0]["rowData"][0]["values"][0]["userEnteredFormat"]
    del written["backgroundColorStyle"], written["textFormat"]["foregroundColorStyle"]
    assert written == look
    sheet.update([["merged"]], "D1")
    sheet.merge_cells("D1:E2")
    sheet.merge_cells("F1:G3", utils.MergeType.merge_rows)
    sheet.unmerge_cells("D1:G3")
    assert sheet.get_note("A1") == ""
    sheet.insert_notes({"A1": "one", "B2": "two"})
    assert sheet.get_notes() == [["one"], ["", "two"]]
    sheet.update_note("A1", "uno")
    assert sheet.get_note("A1") == "uno"
    sheet.clear_notes(["A1", "B2"])
    sheet.add_validation("A1", utils.ValidationConditionType.one_of_list, ["a", "b"], showCustomUi=True)
    named = sheet.define_named_range("A1:B2", "name")["replies"][0]["addNamedRange"]["namedRange"]
    assert [item["name"] for item in sheet.spreadsheet.list_named_ranges()] == ["name"]
    sheet.delete_named_range(named["namedRangeId"])
    made = sheet.add_protected_range("A1:B2", ["anna@example.com"])["replies"][0]["addProtectedRange"]
    assert made["protectedRange"]["editors"] == {}
    listed = sheet.spreadsheet.list_protected_ranges(sheet.id)
    assert listed[0]["editors"]["users"] == ["anna@example.com", "caller@example.com"]
    sheet.delete_protected_range(made["protectedRange"]["protectedRangeId"])


def test_copying_and_cutting(sheet: gspread.Worksheet) -> None:
    """Ranges are copied and cut."""
    sheet.update([["A1"], ["A2"]], "A1")
    sheet.copy_range("A1:A2", "B1:B2")
    sheet.cut_range("A1:A2", "C1")
    assert sheet.get("A1:C2") == [["", "A1", "A1"], ["", "A2", "A2"]]


def test_titles_that_look_like_cells(sheet: gspread.Worksheet) -> None:
    """A tab may be called like a cell."""
    sheet.update_title("D3")
    sheet.update([["x"]], "A1")
    assert sheet.get_all_values() == [["x"]]
    assert sheet.expand("A1") == [["x"]]


def test_googles_own_client(service: Handle) -> None:
    """The client that Google generates from the API's description works too."""
    options = ClientOptions(api_endpoint=service.url)
    anyone = Credentials("token")  # type: ignore[no-untyped-call]
    api = build("sheets", "v4", credentials=anyone, client_options=options, static_discovery=True)
    with api:
        made = api.spreadsheets().create(body={"properties": {"title": "T"}}, fields="spreadsheetId").execute()
        here = {"spreadsheetId": made["spreadsheetId"]}
        body = {"values": [["a", 1]]}
        api.spreadsheets().values().update(**here, range="A1", valueInputOption="RAW", body=body).execute()
        assert api.spreadsheets().values().get(**here, range="Sheet1!A:B").execute()["values"] == [["a", "1"]]
        requests = [{"addSheet": {"properties": {"title": "Sheet1"}}}]
        with pytest.raises(HttpError, match="already exists"):
            api.spreadsheets().batchUpdate(**here, body={"requests": requests}).execute()
