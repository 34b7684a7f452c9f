"""Requests about rows and columns."""

from __future__ import annotations

from tests.emulators.sheets import masks
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import Axis

from . import structure
from .registry import Batch, handles


def _dimension(area: Json) -> str:
    dimension = str(area.get("dimension", ""))
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid("dimension must be ROWS or COLUMNS.")
    return dimension


def bounds(sheet: Sheet, area: Json) -> tuple[str, int, int]:
    """Give dimension, start and end of a DimensionRange; a missing end is open."""
    dimension = _dimension(area)
    start = area.get("startIndex", 0)
    end = area.get("endIndex", sheet.grid.axis(dimension).count)
    if start < 0 or end <= start:
        raise invalid(f"Invalid range: startIndex {start} must be less than endIndex {end}.")
    return dimension, start, end


@handles("insertDimension")
def insert_dimension(batch: Batch, body: Json) -> None:
    """Insert empty rows or columns."""
    area = body.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    if "startIndex" not in area or "endIndex" not in area:
        raise invalid("range must specify both a startIndex and an endIndex.")
    dimension, start, end = bounds(sheet, area)
    inherit = body.get("inheritFromBefore", False)
    count = sheet.grid.axis(dimension).count
    if start > count:
        raise invalid(f"range.startIndex is larger than current grid size ({count})")
    if start == count and not inherit:
        raise invalid(f"range.startIndex must be less than the grid size ({count}) if inheritFromBefore is false.")
    if start == 0 and inherit:
        raise invalid("inheritFromBefore cannot be true if range.startIndex is 0.")
    structure.insert(batch, sheet, dimension, start, end - start, start - 1 if inherit else start)


@handles("appendDimension")
def append_dimension(batch: Batch, body: Json) -> None:
    """Add rows or columns at the end."""
    sheet = batch.spreadsheet.sheet(body.get("sheetId", 0))
    length = body.get("length", 0)
    if length < 1:
        raise invalid("length must be greater than 0.")
    axis: Axis = sheet.grid.axis(_dimension(body))
    axis.count += length
    batch.check_size()


@handles("deleteDimension")
def delete_dimension(batch: Batch, body: Json) -> None:
    """Delete rows or columns; what is behind them moves up."""
    area = body.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    structure.delete(batch, sheet, dimension, start, end)


@handles("moveDimension")
def move_dimension(batch: Batch, body: Json) -> None:
    """Move rows or columns; the destination is counted before the move."""
    area = body.get("source", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    count = sheet.grid.axis(dimension).count
    destination = body.get("destinationIndex", 0)
    if end > count or not 0 <= destination <= count:
        raise invalid(f"Cannot move {dimension.lower()} {start} to {end} to {destination}: the sheet has {count}.")
    if start < destination < end:
        raise invalid("The destination must not be inside the moved range.")
    _refuse_cut_merges(sheet, dimension, start, end, destination)
    structure.move(batch, sheet, dimension, start, end, destination)


def _refuse_cut_merges(sheet: Sheet, dimension: str, start: int, end: int, destination: int) -> None:
    first, last = ("startRowIndex", "endRowIndex") if dimension == "ROWS" else ("startColumnIndex", "endColumnIndex")
    for merge in sheet.features["merges"]:
        inside = start <= merge[first] and merge[last] <= end
        if not inside and any(merge[first] < edge < merge[last] for edge in (start, end, destination)):
            noun = "row" if dimension == "ROWS" else "column"
            raise invalid(
                f"Sorry, it is not possible to move a {noun} to a position that crosses a merged cell. "
                "Please unmerge and try again."
            )


@handles("updateDimensionProperties")
def update_dimension_properties(batch: Batch, body: Json) -> None:
    """Write sizes and whether rows or columns are hidden."""
    mask = masks.for_update(body.get("fields", ""), "DimensionProperties")
    area = body.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    axis = sheet.grid.axis(dimension)
    if start >= axis.count:
        raise invalid(f"range.startIndex is larger than current grid size ({axis.count})")
    own = {name: inner for name, inner in mask.items() if name in ("pixelSize", "hiddenByUser")}
    given = {name: item for name, item in body.get("properties", {}).items() if item}
    for index in range(start, min(end, axis.count)):
        written = masks.merge(axis.props.get(index, {}), given, own)
        if written:
            axis.props[index] = written
        else:
            axis.props.pop(index, None)


@handles("autoResizeDimensions")
def auto_resize_dimensions(batch: Batch, body: Json) -> None:
    """Fit rows or columns to what is in them; columns by the longest text, as nothing here measures fonts."""
    area = body.get("dimensions", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    axis = sheet.grid.axis(dimension)
    end = min(end, axis.count)
    if dimension == "ROWS":
        for index in range(start, end):
            kept = {name: item for name, item in axis.props.get(index, {}).items() if name != "pixelSize"}
            axis.props[index] = kept
        return
    view = batch.view()
    longest = dict.fromkeys(range(start, end), 0)
    for row, column, cell in sheet.grid.stored(0, sheet.row_count, start, end):
        if cell.value is not None:
            longest[column] = max(longest[column], len(view.formatted(sheet, row, column)))
    for column, length in longest.items():
        if length:
            axis.props[column] = {**axis.props.get(column, {}), "pixelSize": 13 + 7 * length}
