"""The Spreadsheet resource as `spreadsheets.get` answers it, built only as far as a mask selects."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from .addresses import Area
from .colours import THEME
from .comments import shown_anchors
from .document import DEFAULT_FORMAT, Sheet, Spreadsheet
from .encoding import Stream
from .errors import Json
from .masks import ALL, Mask, below, project, selects
from .view import View

DEFAULT_ROW_PIXELS = 21
DEFAULT_COLUMN_PIXELS = 100


def spreadsheet_resource(
    view: View,
    base_url: str,
    mask: Mask = ALL,
    areas: list[Area] | None = None,
    *,
    grid_data: bool = False,
    comments: bool = False,
) -> Json:
    """Give the resource; with `areas` only their tabs and, of the cells, only them; with `comments` where those are.

    A mask that names `data` gives cells whatever `grid_data` says.
    """
    spreadsheet = view.spreadsheet
    wanted_data = grid_data or "data" in mask.get("sheets", {})
    sheets = []
    for index, sheet in enumerate(spreadsheet.sheets):
        own = [area for area in areas or [] if area.sheet is sheet]
        if areas and not own:
            continue
        shown_sheet = _sheet(view, sheet, index, own, below(mask, "sheets"), wanted_data=wanted_data)
        if comments and sheet.comment_anchors:
            shown_sheet["commentAnchors"] = shown_anchors(sheet)
        sheets.append(shown_sheet)
    resource: Json = {
        "spreadsheetId": spreadsheet.spreadsheet_id,
        "properties": spreadsheet.properties,
        "sheets": sheets,
        "namedRanges": without_zero_ids(spreadsheet.named_ranges),
        "spreadsheetUrl": f"{base_url}/spreadsheets/d/{spreadsheet.spreadsheet_id}/edit",
        "developerMetadata": _metadata(spreadsheet, "SPREADSHEET"),
    }
    if comments:
        resource |= {"comments": spreadsheet.comments, "commentsViewMode": "COMMENTS_VIEW_MODE_INCLUDED"}
    shown: Json = project({name: value for name, value in resource.items() if value != []}, mask)
    return shown


def default_properties(title: str, given: Json) -> Json:
    """Give the properties of a new spreadsheet."""
    return {
        "title": title,
        "locale": given.get("locale", "en_US"),
        "autoRecalc": given.get("autoRecalc", "ON_CHANGE"),
        "timeZone": given.get("timeZone", "Etc/GMT"),
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": _theme(),
        **{name: given[name] for name in ("iterativeCalculationSettings",) if name in given},
    }


def _theme() -> Json:
    return {
        "primaryFontFamily": "Arial",
        "themeColors": [{"colorType": name, "color": {"rgbColor": colour}} for name, colour in THEME.items()],
    }


def _sheet(view: View, sheet: Sheet, index: int, areas: list[Area], mask: Mask, *, wanted_data: bool) -> Json:
    shown: Json = {"properties": sheet.as_properties(index)}
    if wanted_data and selects(mask, "data"):
        shown["data"] = [_grid_data(view, area, below(mask, "data")) for area in areas or [_whole(sheet)]]
    for name, members in {**sheet.features, "bandedRanges": sheet.bands()}.items():
        if name == "merges" and areas:
            members = [member for member in members if any(_touches(member, area) for area in areas)]
        if members:
            shown[name] = [without_zero_ids(member) for member in members]
    metadata = _metadata(view.spreadsheet, "SHEET", sheet)
    if metadata:
        shown["developerMetadata"] = metadata
    if sheet.basic_filter:
        shown["basicFilter"] = without_zero_ids(sheet.basic_filter)
    return shown


def _whole(sheet: Sheet) -> Area:
    return Area(sheet, 0, sheet.row_count, 0, sheet.column_count)


def _touches(merge: Json, area: Area) -> bool:
    rows = merge["startRowIndex"] < area.bottom and area.top < merge["endRowIndex"]
    return bool(rows and merge["startColumnIndex"] < area.right and area.left < merge["endColumnIndex"])


def _grid_data(view: View, area: Area, mask: Mask) -> Json:
    """Give the GridData of an area; cells and rows behind the last with selected content are cut."""
    data: Json = {}
    if area.top:
        data["startRow"] = area.top
    if area.left:
        data["startColumn"] = area.left
    if selects(mask, "rowData"):
        rows = _rows(view, area, below(mask, "rowData", "values"))
        start = next(rows, None)
        if start is not None:
            data["rowData"] = Stream(itertools.chain([start], rows))
    for name, dimension, first, last in (
        ("rowMetadata", "ROWS", area.top, area.bottom),
        ("columnMetadata", "COLUMNS", area.left, area.right),
    ):
        if selects(mask, name):
            data[name] = _dimension_metadata(view.spreadsheet, area.sheet, dimension, first, last)
    return data


def _rows(view: View, area: Area, mask: Mask) -> Iterator[Json]:
    empty = 0
    for row in range(area.top, min(area.bottom, view.height(area.sheet))):
        cells = [project(view.cell_data(area.sheet, row, column, mask), mask) for column in _columns(view, area, row)]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            empty += 1
            continue
        yield from itertools.repeat({}, empty)
        empty = 0
        yield {"values": cells}


def _columns(view: View, area: Area, row: int) -> range:
    if view.spill:
        return range(area.left, area.right)
    stored = len(area.sheet.grid.rows[row]) if row < len(area.sheet.grid.rows) else 0
    return range(area.left, min(area.right, stored))


def _dimension_metadata(spreadsheet: Spreadsheet, sheet: Sheet, dimension: str, first: int, last: int) -> list[Json]:
    default: Json = {"pixelSize": DEFAULT_ROW_PIXELS if dimension == "ROWS" else DEFAULT_COLUMN_PIXELS}
    props = sheet.grid.axis(dimension).props
    listed = [default | props.get(index, {}) for index in range(first, last)]
    for entry in _metadata(spreadsheet, dimension.removesuffix("S"), sheet):
        index = entry["location"]["dimensionRange"].get("startIndex", 0)
        if first <= index < last:
            found = listed[index - first]
            listed[index - first] = {**found, "developerMetadata": [*found.get("developerMetadata", []), entry]}
    return listed


def _metadata(spreadsheet: Spreadsheet, location_type: str, sheet: Sheet | None = None) -> list[Json]:
    """Give the metadata entries at a kind of place, of one tab if one is given."""
    found = []
    for entry in spreadsheet.metadata:
        location = entry["location"]
        if location["locationType"] != location_type:
            continue
        on = location.get("sheetId", location.get("dimensionRange", {}).get("sheetId", 0))
        if sheet is None or on == sheet.sheet_id:
            found.append(without_zero_ids(entry))
    return found


# What a range or a place in a grid consists of; anything else that names a tab has other fields too.
_PLACE = frozenset(
    {"sheetId", "dimension", "startIndex", "endIndex", "rowIndex", "columnIndex"}
    | {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
)


# Zeros in them are not answered; the starts of ranges are.
_SILENT_ZEROS = frozenset({"sheetId", "rowIndex", "columnIndex"})


def _without_zero(area: Json) -> Json:
    return {name: value for name, value in area.items() if value or name not in _SILENT_ZEROS}


def without_zero_ids(value: Any) -> Any:
    """Give a message as it is answered: a range on the tab 0 doesn't name it, nor a cell the row or column 0."""
    if isinstance(value, list):
        return [without_zero_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {name: without_zero_ids(item) for name, item in value.items()}
    return _without_zero(shown) if value.keys() <= _PLACE else shown
