"""spreadsheets.create, get, getByDataFilter, batchUpdate and sheets.copyTo."""

from __future__ import annotations

from tests.emulators.sheets import batch as requests
from tests.emulators.sheets import cells
from tests.emulators.sheets.addresses import Area, from_grid_range, parse
from tests.emulators.sheets.batch.features import bounded
from tests.emulators.sheets.batch.tabs import copy_of, copy_title, new_sheet
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.comments import SEEN
from tests.emulators.sheets.document import FEATURES, Spreadsheet, new_id, new_spreadsheet_id
from tests.emulators.sheets.engine import Calculator
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.locales import check_locale
from tests.emulators.sheets.masks import ALL, Mask, below
from tests.emulators.sheets.metadata import grid_range_of, matching
from tests.emulators.sheets.resource import default_properties, spreadsheet_resource

from .routing import Call, answers

_ID = r"/v4/spreadsheets/(?P<id>[^/:]+)"


@answers("POST", "/v4/spreadsheets", writes=True, schema="Spreadsheet")
def create(call: Call) -> Json:
    """Create a spreadsheet; `sheets` in the body replaces the default tab."""
    given = call.checked("Spreadsheet", "spreadsheet")
    properties = given.get("properties", {})
    spreadsheet = Spreadsheet(
        new_spreadsheet_id(), default_properties(properties.get("title", "Untitled spreadsheet"), properties)
    )
    check_locale(spreadsheet.properties)
    batch = requests.Batch(spreadsheet, Calculator(), call.caller, call.store.local_time(spreadsheet))
    for position, sheet in enumerate(given.get("sheets") or [{}]):
        _add_sheet(batch, sheet, position)
    spreadsheet.named_ranges = [
        {"namedRangeId": str(new_id(set())), **named, "range": bounded(batch, named.get("range", {}))}
        for named in given.get("namedRanges", [])
    ]
    call.store.add(batch.spreadsheet, call.caller)
    view = call.store.view(spreadsheet.spreadsheet_id)
    return spreadsheet_resource(view, call.base_url, call.mask("Spreadsheet"))


def _add_sheet(batch: requests.Batch, given: Json, position: int) -> None:
    """Add a tab of a new spreadsheet with the cells and features that the body gives it."""
    properties = dict(given.get("properties", {}))
    if not position:
        properties.setdefault("sheetId", 0)
    sheet = new_sheet(batch.spreadsheet, properties)
    batch.spreadsheet.sheets.append(sheet)
    mask = {
        "userEnteredValue": ALL,
        "userEnteredFormat": ALL,
        "note": ALL,
        "dataValidation": ALL,
        "textFormatRuns": ALL,
    }
    for data in given.get("data", []):
        for row, values in enumerate(data.get("rowData", []), data.get("startRow", 0)):
            for column, cell in enumerate(values.get("values", []), data.get("startColumn", 0)):
                if row >= sheet.row_count or column >= sheet.column_count:
                    raise invalid("The data of a sheet reaches over its grid.")
                written = cells.write(sheet.grid.get(row, column), cell, mask, batch.spreadsheet)
                sheet.grid.put(row, column, written)
    for name, schema in FEATURES.items():
        sheet.features[name] = [tidy(member, schema) for member in given.get(name, [])]


@answers(
    "GET",
    _ID,
    writes=False,
    schema="Spreadsheet",
    query="ranges includeGridData excludeTablesInBandedRanges commentsViewMode",
)
def get(call: Call) -> Json:
    """Give a spreadsheet."""
    view = call.store.view(call.path["id"])
    areas = [parse(text, view.spreadsheet) for text in call.query.get("ranges", [])]
    mask = call.mask("Spreadsheet")
    mode = call.enum("Spreadsheet", "commentsViewMode", "commentsViewMode", "")
    grid_data, comments = call.flag("includeGridData"), _sees_comments(mode, mask)
    return spreadsheet_resource(view, call.base_url, mask, areas, grid_data=grid_data, comments=comments)


def _sees_comments(mode: str, mask: Mask) -> bool:
    """Tell whether a mode includes comments; raises ApiError if it doesn't and the mask names them."""
    if mode not in SEEN and ("comments" in mask or "commentAnchors" in mask.get("sheets", {})):
        raise invalid("Comments can only be requested if commentsViewMode includes them.")
    return mode in SEEN


@answers("POST", _ID + ":getByDataFilter", writes=False, schema="Spreadsheet")
def get_by_data_filter(call: Call) -> Json:
    """Give the parts of a spreadsheet that the filters select."""
    body = call.checked("GetSpreadsheetByDataFilterRequest")
    view = call.store.view(call.path["id"])
    areas = [area for wanted in body.get("dataFilters", []) for area in areas_of(wanted, view.spreadsheet)]
    if body.get("dataFilters") and not areas:
        answer = spreadsheet_resource(view, call.base_url, call.mask("Spreadsheet"))
        answer.pop("sheets", None)
        return answer
    mask = call.mask("Spreadsheet")
    grid_data, comments = body.get("includeGridData", False), _sees_comments(body.get("commentsViewMode", ""), mask)
    return spreadsheet_resource(view, call.base_url, mask, areas, grid_data=grid_data, comments=comments)


def areas_of(data_filter: Json, spreadsheet: Spreadsheet) -> list[Area]:
    """Give the areas that a data filter selects; metadata selects its row, column or tab."""
    if "a1Range" in data_filter or "gridRange" in data_filter:
        return [from_grid_range(grid_range_of(data_filter, spreadsheet), spreadsheet)]
    areas = []
    for entry in matching(spreadsheet, data_filter):
        location = entry["location"]
        dimension = location.get("dimensionRange")
        if dimension:
            names = (
                ("startRowIndex", "endRowIndex")
                if dimension["dimension"] == "ROWS"
                else ("startColumnIndex", "endColumnIndex")
            )
            ends = dict(zip(names, (dimension["startIndex"], dimension["endIndex"]), strict=True))
            areas.append(from_grid_range({"sheetId": dimension["sheetId"], **ends}, spreadsheet))
        elif "sheetId" in location:
            areas.append(from_grid_range({"sheetId": location["sheetId"]}, spreadsheet))
        else:
            areas.extend(from_grid_range({"sheetId": sheet.sheet_id}, spreadsheet) for sheet in spreadsheet.sheets)
    return areas


@answers("POST", _ID + ":batchUpdate", writes=True, schema="BatchUpdateSpreadsheetResponse")
def batch_update(call: Call) -> Json:
    """Carry out requests, all or none."""
    body = call.checked("BatchUpdateSpreadsheetRequest")
    spreadsheet_id = call.path["id"]
    answer_mask = call.mask("BatchUpdateSpreadsheetResponse")

    def work(batch: requests.Batch) -> list[Json]:
        replies = requests.run(batch, body.get("requests", []))
        for text in body.get("responseRanges", []):
            parse(text, batch.spreadsheet)  # one that can't be read refuses the whole batch
        return replies

    answer: Json = {"spreadsheetId": spreadsheet_id, "replies": call.store.change(spreadsheet_id, call.caller, work)}
    if body.get("includeSpreadsheetInResponse"):
        view = call.store.view(spreadsheet_id)
        answer["updatedSpreadsheet"] = spreadsheet_resource(
            view,
            call.base_url,
            below(answer_mask, "updatedSpreadsheet"),
            [parse(text, view.spreadsheet) for text in body.get("responseRanges", [])],
            grid_data=body.get("responseIncludeGridData", False),
        )
    return answer


@answers("POST", _ID + r"/sheets/(?P<sheet>\d+):copyTo", writes=True, schema="SheetProperties")
def copy_to(call: Call) -> Json:
    """Copy a tab to another spreadsheet, or the same one."""
    body = call.checked("CopySheetToAnotherSpreadsheetRequest")
    source = call.store.file(call.path["id"]).spreadsheet.tab(int(call.path["sheet"]))

    def copy(batch: requests.Batch) -> Json:
        spreadsheet = batch.spreadsheet
        taken = {sheet.sheet_id for sheet in spreadsheet.sheets}
        sheet = copy_of(source, new_id(taken), copy_title(spreadsheet, source.title), spreadsheet)
        spreadsheet.sheets.append(sheet)
        batch.check_size()
        return sheet.as_properties(len(spreadsheet.sheets) - 1)

    return call.store.change(body.get("destinationSpreadsheetId", ""), call.caller, copy)
