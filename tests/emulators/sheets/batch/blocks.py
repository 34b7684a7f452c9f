"""Requests that insert and delete blocks of cells, shifting what lies behind them."""

from __future__ import annotations

from tests.emulators.sheets.addresses import Area, to_grid_range
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import EMPTY, Cell
from tests.emulators.sheets.moving import Delete, Insert
from tests.emulators.sheets.tables import check_whole

from .merging import overlaps
from .registry import Batch, handles


def _dimension(body: Json) -> str:
    dimension = str(body.get("shiftDimension", ""))
    if dimension not in ("ROWS", "COLUMNS"):
        raise invalid("shiftDimension must be ROWS or COLUMNS.")
    return dimension


def _check_whole(area: Area, dimension: str) -> None:
    """Raise ApiError if a merge or a table would be torn by shifting what lies at or behind an area."""
    sheet = area.sheet
    rows = dimension == "ROWS"
    touched = (
        Area(sheet, area.top, sheet.row_count, area.left, area.right)
        if rows
        else Area(sheet, area.top, area.bottom, area.left, sheet.column_count)
    )
    check_whole(sheet.features["tables"], to_grid_range(touched), to_grid_range(area), dimension)
    for merge in sheet.features["merges"]:
        if overlaps(merge, touched):
            within = (
                area.left <= merge["startColumnIndex"] and merge["endColumnIndex"] <= area.right
                if rows
                else area.top <= merge["startRowIndex"] and merge["endRowIndex"] <= area.bottom
            )
            if not within:
                raise invalid("You must select all cells in a merged range to merge or unmerge them.")


@handles("insertRange")
def insert_range(batch: Batch, body: Json) -> None:
    """Insert empty cells; what was there moves down or to the right, the grid growing for what would fall off."""
    dimension = _dimension(body)
    area = batch.area(body.get("range", {}))
    _check_whole(area, dimension)
    sheet, grid = area.sheet, area.sheet.grid
    rows = dimension == "ROWS"
    count = area.bottom - area.top if rows else area.right - area.left
    band = (area.left, area.right) if rows else (area.top, area.bottom)
    cells = _taken(area, dimension, area.top if rows else area.left)
    batch.guard(Area(sheet, area.top, sheet.row_count, area.left, sheet.column_count))
    last = max((row if rows else column for row, column, cell in cells if cell.value is not None), default=0)
    axis = grid.axis(dimension)
    axis.count = max(axis.count, last + count + 1)
    batch.check_size()
    _put(area, cells, count if rows else 0, 0 if rows else count)
    batch.follow(Insert(sheet.sheet_id, dimension, band, area.top if rows else area.left, count), sheet.title)


@handles("deleteRange")
def delete_range(batch: Batch, body: Json) -> None:
    """Delete cells; what lies behind them moves up or to the left."""
    dimension = _dimension(body)
    area = batch.area(body.get("range", {}))
    _check_whole(area, dimension)
    sheet = area.sheet
    rows = dimension == "ROWS"
    start, end = (area.top, area.bottom) if rows else (area.left, area.right)
    band = (area.left, area.right) if rows else (area.top, area.bottom)
    batch.guard(Area(sheet, area.top, sheet.row_count, area.left, sheet.column_count))
    _taken(area, dimension, start, end)
    cells = _taken(area, dimension, end)
    _put(area, cells, start - end if rows else 0, 0 if rows else start - end)
    batch.follow(Delete(sheet.sheet_id, dimension, band, start, end), sheet.title)


def _taken(area: Area, dimension: str, start: int, end: int | None = None) -> list[tuple[int, int, Cell]]:
    """Take the cells of an area's band from `start` on out of the grid; give them with their places."""
    grid = area.sheet.grid
    if dimension == "ROWS":
        places = grid.stored(start, end or area.sheet.row_count, area.left, area.right)
    else:
        places = grid.stored(area.top, area.bottom, start, end or area.sheet.column_count)
    cells = list(places)
    for row, column, _ in cells:
        grid.put(row, column, EMPTY)
    return cells


def _put(area: Area, cells: list[tuple[int, int, Cell]], down: int, right: int) -> None:
    for row, column, cell in cells:
        if row + down < area.sheet.row_count and column + right < area.sheet.column_count:
            area.sheet.grid.put(row + down, column + right, cell)
