"""Requests about whole tabs and the spreadsheet's own properties."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.emulators.sheets import masks, references
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.document import FEATURES, Sheet, Spreadsheet, new_id, on_other_sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import Formula, Grid
from tests.emulators.sheets.locales import check_locale
from tests.emulators.sheets.moving import map_places
from tests.emulators.sheets.pivot_tables import pivots_of
from tests.emulators.sheets.relocating import relocate
from tests.emulators.sheets.tables import free_name

from .registry import Batch, handles
from .structure import resize

_OWN = ("hidden", "rightToLeft", "tabColor", "tabColorStyle")
_GRID_FLAGS = (
    "frozenRowCount",
    "frozenColumnCount",
    "hideGridlines",
    "rowGroupControlAfter",
    "columnGroupControlAfter",
)


@handles("updateSpreadsheetProperties")
def update_spreadsheet_properties(batch: Batch, body: Json) -> None:
    """Write the title, locale, time zone and the like."""
    mask = masks.for_update(body.get("fields", ""), "SpreadsheetProperties")
    given = body.get("properties", {})
    if "title" in mask and not given.get("title"):
        raise invalid("The spreadsheet title cannot be empty.")
    before = batch.spreadsheet.locale
    batch.spreadsheet.properties = masks.merge(batch.spreadsheet.properties, given, mask)
    if "locale" in mask:
        check_locale(batch.spreadsheet.properties)
        relocate(batch.spreadsheet, before, batch.spreadsheet.locale)


@handles("addSheet")
def add_sheet(batch: Batch, body: Json) -> Json:
    """Add an empty tab."""
    given = body.get("properties", {})
    if given.get("sheetType", "GRID") != "GRID":
        raise invalid("Only sheets of type GRID can be added.")
    spreadsheet = batch.spreadsheet
    sheet = new_sheet(spreadsheet, given)
    index = min(given.get("index", len(spreadsheet.sheets)), len(spreadsheet.sheets))
    spreadsheet.sheets.insert(index, sheet)
    batch.check_size()
    return {"properties": sheet.as_properties(index)}


def new_sheet(spreadsheet: Spreadsheet, given: Json) -> Sheet:
    """Make a tab from SheetProperties, with the defaults of a new one."""
    sheet_id = _free_id(spreadsheet, given.get("sheetId"))
    title = given.get("title", _free_title(spreadsheet))
    _check_title(spreadsheet, title)
    grid = given.get("gridProperties", {})
    rows, columns = grid.get("rowCount", 1000), grid.get("columnCount", 26)
    _check_counts(rows, columns, grid)
    properties = tidy({name: given[name] for name in _OWN if name in given}, "SheetProperties")
    flags = {name: grid[name] for name in _GRID_FLAGS if name in grid}
    return Sheet(sheet_id, title, Grid(rows, columns), properties, flags)


def _free_id(spreadsheet: Spreadsheet, wanted: int | None) -> int:
    taken = {sheet.sheet_id for sheet in spreadsheet.sheets}
    if wanted is None:
        return new_id(taken)
    if wanted < 0:
        raise invalid("Sheet id must be non-negative.")
    if wanted in taken:
        raise invalid(f"Sheet with id {wanted} already exists.")
    return wanted


def _free_title(spreadsheet: Spreadsheet) -> str:
    number = len(spreadsheet.sheets) + 1
    while spreadsheet.titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def _check_title(spreadsheet: Spreadsheet, title: str, own: Sheet | None = None) -> None:
    if not title:
        raise invalid("The sheet name cannot be empty.")
    if len(title) > 100:
        raise invalid("The sheet name cannot be greater than 100 characters.")
    same = spreadsheet.titled(title)
    if same and same is not own:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _check_counts(rows: int, columns: int, flags: Json) -> None:
    if rows < 1:
        raise invalid("You can't delete all the rows on the sheet.")
    if columns < 1:
        raise invalid("You can't delete all the columns on the sheet.")
    if flags.get("frozenRowCount", 0) >= rows:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if flags.get("frozenColumnCount", 0) >= columns:
        raise invalid("You can't freeze all visible columns on the sheet.")


@handles("updateSheetProperties")
def update_sheet_properties(batch: Batch, body: Json) -> None:
    """Write a tab's properties; what the mask names and the request lacks is reset."""
    mask = masks.for_update(body.get("fields", ""), "SheetProperties")
    given = body.get("properties", {})
    spreadsheet = batch.spreadsheet
    sheet = spreadsheet.tab(given.get("sheetId", 0))
    if "title" in mask:
        rename(spreadsheet, sheet, given.get("title", ""))
    if "gridProperties" in mask:
        _update_grid(batch, sheet, given.get("gridProperties", {}), mask["gridProperties"])
    own = {name: mask[name] for name in _OWN if name in mask}
    if own:
        # A colour and its style twin are one thing: writing either writes both.
        base = {name: item for name, item in sheet.properties.items() if "olor" not in name or not _colours(own)}
        sheet.properties = tidy(masks.merge(base, given, own), "SheetProperties")
        if all(other.hidden for other in spreadsheet.sheets):
            raise invalid("You can't hide all the sheets in a document.")
    if "index" in mask:
        _move_tab(spreadsheet, sheet, given.get("index", 0))


def _colours(mask: masks.Mask) -> bool:
    return any("olor" in name for name in mask)


def _update_grid(batch: Batch, sheet: Sheet, given: Json, mask: masks.Mask) -> None:
    mask = mask or {name: {} for name in (*_GRID_FLAGS, "rowCount", "columnCount")}
    rows = given.get("rowCount", 0) if "rowCount" in mask else sheet.row_count
    columns = given.get("columnCount", 0) if "columnCount" in mask else sheet.column_count
    flags = masks.merge(sheet.grid_properties, given, {name: {} for name in _GRID_FLAGS if name in mask})
    _check_counts(rows, columns, flags)
    sheet.grid_properties = flags
    resize(batch, sheet, rows, columns)


def rename(spreadsheet: Spreadsheet, sheet: Sheet, title: str) -> None:
    """Give a tab another title; formulas follow."""
    _check_title(spreadsheet, title, sheet)
    old, sheet.title = sheet.title, title
    _rewrite_formulas(spreadsheet, old, title)


def _rewrite_formulas(spreadsheet: Spreadsheet, old: str, new: str | None) -> None:
    for sheet in spreadsheet.sheets:
        for row, column, cell, formula in list(sheet.grid.formulas()):
            written = references.rename(formula, old, new)
            if written != formula:
                sheet.grid.put(row, column, cell._replace(value=Formula(written)))


def _move_tab(spreadsheet: Spreadsheet, sheet: Sheet, index: int) -> None:
    """Move a tab; the index counts before it is taken out of its place."""
    if not 0 <= index <= len(spreadsheet.sheets):
        raise invalid(f"Invalid sheet index: {index}.")
    place = spreadsheet.sheets.index(sheet)
    spreadsheet.sheets.insert(index, sheet)
    del spreadsheet.sheets[place if index > place else place + 1]


@handles("deleteSheet")
def delete_sheet(batch: Batch, body: Json) -> None:
    """Delete a tab with all that is about it; references to it break."""
    spreadsheet = batch.spreadsheet
    sheet = spreadsheet.tab(body.get("sheetId", 0))
    rest = [other for other in spreadsheet.sheets if other is not sheet]
    if not rest:
        raise invalid("You can't remove all the sheets in a document.")
    if all(other.hidden for other in rest):
        raise invalid("You can't remove all the visible sheets in a document.")
    spreadsheet.sheets = rest
    _rewrite_formulas(spreadsheet, sheet.title, None)
    _forget_places(spreadsheet, sheet.sheet_id)


def _forget_places(spreadsheet: Spreadsheet, sheet_id: int) -> None:
    def kept(place: Json) -> Json | None:
        return None if place.get("sheetId", 0) == sheet_id else place

    maps = {"GridRange": kept, "DimensionRange": kept, "GridCoordinate": kept}
    spreadsheet.named_ranges = [item for item in spreadsheet.named_ranges if map_places(item, "NamedRange", maps)]
    spreadsheet.metadata = [
        item
        for item in spreadsheet.metadata
        if map_places(item, "DeveloperMetadata", maps) and item["location"].get("sheetId") != sheet_id
    ]
    for sheet in spreadsheet.sheets:
        for name, schema in FEATURES.items():
            members = (map_places(member, schema, maps) for member in sheet.features[name])
            sheet.features[name] = [member for member in members if member is not None]


@handles("duplicateSheet")
def duplicate_sheet(batch: Batch, body: Json) -> Json:
    """Copy a tab within the spreadsheet, behind the others unless an index is given."""
    spreadsheet = batch.spreadsheet
    source = spreadsheet.tab(body.get("sourceSheetId", 0))
    title = body.get("newSheetName") or copy_title(spreadsheet, source.title)
    _check_title(spreadsheet, title)
    sheet = copy_of(source, _free_id(spreadsheet, body.get("newSheetId")), title, spreadsheet)
    index = min(body.get("insertSheetIndex", 0), len(spreadsheet.sheets))
    spreadsheet.sheets.insert(index, sheet)
    batch.check_size()
    return {"properties": sheet.as_properties(index)}


def copy_title(spreadsheet: Spreadsheet, title: str) -> str:
    """Give the title of a copy within a spreadsheet."""
    name = f"Copy of {title}"
    number = 2
    while spreadsheet.titled(name):
        name = f"Copy of {title} {number}"
        number += 1
    return name


_IDS = {
    "filterViews": "filterViewId",
    "protectedRanges": "protectedRangeId",
    "charts": "chartId",
    "bandedRanges": "bandedRangeId",
    "slicers": "slicerId",
}


def copy_of(source: Sheet, sheet_id: int, title: str, spreadsheet: Spreadsheet) -> Sheet:
    """Give a copy of a tab under another id and title; what has an id of its own gets a new one."""
    sheet = replace(source.copy(), sheet_id=sheet_id, title=title, comment_anchors=[])
    sheet.properties.pop("hidden", None)
    spreadsheet.has_pivots = spreadsheet.has_pivots or bool(pivots_of(sheet))
    taken, names = feature_ids(spreadsheet), table_names(spreadsheet)
    table_ids: dict[str, str] = {}
    for name, schema in FEATURES.items():
        members = []
        for member in source.features[name]:
            copied = on_other_sheet(member, schema, source.sheet_id, sheet_id)
            if name in _IDS:
                copied = {**copied, _IDS[name]: new_id(taken)}
            elif name == "tables":
                table_ids[member["tableId"]] = str(new_id(taken))
                copied |= {"tableId": table_ids[member["tableId"]], "name": free_name(member["name"], names)}
                names.add(copied["name"].casefold())
            members.append(copied)
        sheet.features[name] = members
    if source.basic_filter:
        copied = on_other_sheet(source.basic_filter, "BasicFilter", source.sheet_id, sheet_id)
        backing = table_ids.get(copied.get("tableId", ""))
        sheet.basic_filter = {**copied, "tableId": backing} if backing else copied
    return sheet


def table_names(spreadsheet: Spreadsheet) -> set[str]:
    """Give the names of all tables, their case folded."""
    return {table["name"].casefold() for sheet in spreadsheet.sheets for table in sheet.features["tables"]}


def feature_ids(spreadsheet: Spreadsheet) -> set[int]:
    """Give the ids of everything on the tabs that has one."""
    texts = [item["namedRangeId"] for item in spreadsheet.named_ranges]
    texts += [table["tableId"] for sheet in spreadsheet.sheets for table in sheet.features["tables"]]
    return {
        member[key] for sheet in spreadsheet.sheets for name, key in _IDS.items() for member in sheet.features[name]
    } | {int(text) for text in texts if re.fullmatch(r"\d+", text)}
