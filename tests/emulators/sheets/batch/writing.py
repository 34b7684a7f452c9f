"""Requests that write cells: updateCells, repeatCell, appendCells, validation."""

from __future__ import annotations

from tests.emulators.sheets import cells, masks, references
from tests.emulators.sheets.addresses import Area, from_coordinate
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import Cell, Formula

from .merging import overlaps
from .registry import Batch, handles
from .tables import room_for


@handles("updateCells")
def update_cells(batch: Batch, body: Json) -> None:
    """Write rows of cells at a start, or into a range, whose masked fields are cleared where the rows fall short."""
    mask = masks.for_update(body.get("fields", ""), "CellData")
    rows = body.get("rows", [])
    if "range" in body:
        area = batch.area(body["range"])
        _check_fits(area, rows)
        batch.guard(area)
        _write(batch, area.sheet, area.top, area.left, rows, mask)
        _clear_rest(batch, area, rows, mask)
        return
    width = max((len(row.get("values", [])) for row in rows), default=0)
    place = from_coordinate(body.get("start", {}), batch.spreadsheet, len(rows), max(width, 1))
    sheet = place.sheet
    _check_fits(Area(sheet, place.top, sheet.row_count, place.left, sheet.column_count), rows)
    batch.guard(place)
    _write(batch, sheet, place.top, place.left, rows, mask)


def _without_covered(sheet: Sheet, row: int, column: int, cell: Cell) -> Cell:
    """Give a cell as it is kept: one that merged cells cover has no value of its own."""
    if cell.value is None or not sheet.features["merges"]:
        return cell
    place = Area(sheet, row, row + 1, column, column + 1)
    is_covered = any(
        overlaps(merge, place) and (row, column) != (merge["startRowIndex"], merge["startColumnIndex"])
        for merge in sheet.features["merges"]
    )
    return cell._replace(value=None) if is_covered else cell


def _check_fits(area: Area, rows: list[Json]) -> None:
    width = max((len(row.get("values", [])) for row in rows), default=0)
    if area.left + width > area.right:
        raise invalid(
            f"Attempting to write column: {area.right}, beyond the last requested column of: {area.right - 1}"
        )
    if area.top + len(rows) > area.bottom:
        raise invalid(f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}")


def _write(batch: Batch, sheet: Sheet, top: int, left: int, rows: list[Json], mask: masks.Mask) -> None:
    grid = sheet.grid
    for row, data in enumerate(rows, top):
        for column, cell in enumerate(data.get("values", []), left):
            new = cells.write(grid.get(row, column), cell, mask, batch.spreadsheet)
            new = _without_covered(sheet, row, column, new)
            grid.put(row, column, new)
            if "userEnteredValue" in mask:
                batch.wrote(new)


def _clear_rest(batch: Batch, area: Area, rows: list[Json], mask: masks.Mask) -> None:
    grid = area.sheet.grid
    for row, column, cell in list(grid.stored(area.top, area.bottom, area.left, area.right)):
        given = rows[row - area.top].get("values", []) if row - area.top < len(rows) else []
        if column - area.left >= len(given):
            grid.put(row, column, cells.write(cell, {}, mask, batch.spreadsheet))


@handles("repeatCell")
def repeat_cell(batch: Batch, body: Json) -> None:
    """Write one cell's masked fields to every cell of a range; relative references of a formula shift."""
    mask = masks.for_update(body.get("fields", ""), "CellData")
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    given = body.get("cell", {})
    grid = area.sheet.grid
    formula = given.get("userEnteredValue", {}).get("formulaValue") if "userEnteredValue" in mask else None
    places = (
        [(row, column) for row, column, _ in grid.stored(area.top, area.bottom, area.left, area.right)]
        if not given
        else [(row, column) for row in range(area.top, area.bottom) for column in range(area.left, area.right)]
    )
    seen: dict[int, tuple[Cell, Cell]] = {}  # by identity; the old cell is kept so that its id stays its own
    for row, column in places:
        cell = grid.get(row, column)
        if id(cell) in seen:
            new = seen[id(cell)][1]
        else:
            new = cells.write(cell, given, mask, batch.spreadsheet)
            seen[id(cell)] = (cell, new)
        if formula:
            shifted = references.offset(str(new.value), row - area.top, column - area.left)
            new = new._replace(value=Formula(shifted))
        grid.put(row, column, _without_covered(area.sheet, row, column, new))


@handles("appendCells")
def append_cells(batch: Batch, body: Json) -> None:
    """Write rows behind the last row that has content, of a table's body if one is named."""
    mask = masks.for_update(body.get("fields", ""), "CellData")
    if body.get("tableId"):
        target = room_for(batch, body["tableId"], len(body.get("rows", [])))
        if body.get("rows"):
            _check_fits(target, body["rows"])
            batch.guard(target)
            _write(batch, target.sheet, target.top, target.left, body["rows"], mask)
        return
    sheet = batch.spreadsheet.sheet(body.get("sheetId", 0))
    rows = body.get("rows", [])
    top, _ = sheet.grid.used()
    width = max((len(row.get("values", [])) for row in rows), default=0)
    sheet.grid.row_axis.count = max(sheet.row_count, top + len(rows))
    sheet.grid.column_axis.count = max(sheet.column_count, width)
    batch.check_size()
    if rows:
        batch.guard(Area(sheet, top, top + len(rows), 0, max(width, 1)))
    _write(batch, sheet, top, 0, rows, mask)


@handles("setDataValidation")
def set_data_validation(batch: Batch, body: Json) -> None:
    """Set the validation rule of every cell of a range; without a rule, clear it."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    data = {"dataValidation": body["rule"]} if "rule" in body else {}
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            cell = area.sheet.grid.get(row, column)
            area.sheet.grid.put(row, column, cells.write(cell, data, {"dataValidation": {}}, batch.spreadsheet))
