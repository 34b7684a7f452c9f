"""Requests that merge cells and split them again."""

from __future__ import annotations

from tests.emulators.sheets.addresses import Area, to_grid_range
from tests.emulators.sheets.errors import Json, invalid

from .registry import Batch, handles


def overlaps(merge: Json, area: Area) -> bool:
    """Tell whether a merge has cells in an area."""
    rows = merge["startRowIndex"] < area.bottom and area.top < merge["endRowIndex"]
    return bool(rows and merge["startColumnIndex"] < area.right and area.left < merge["endColumnIndex"])


def _inside(merge: Json, area: Area) -> bool:
    rows = area.top <= merge["startRowIndex"] and merge["endRowIndex"] <= area.bottom
    return bool(rows and area.left <= merge["startColumnIndex"] and merge["endColumnIndex"] <= area.right)


def _unmerge(area: Area) -> None:
    """Take away the merges in an area; raises ApiError if it cuts one."""
    kept = []
    for merge in area.sheet.features["merges"]:
        if overlaps(merge, area):
            if not _inside(merge, area):
                raise invalid("You must select all cells in a merged range to merge or unmerge them.")
        else:
            kept.append(merge)
    area.sheet.features["merges"] = kept


@handles("mergeCells")
def merge_cells(batch: Batch, body: Json) -> None:
    """Merge a range, or each of its rows or columns; the first value of each merge stays."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    _unmerge(area)
    for frozen, first, last, noun in (
        ("frozenRowCount", area.top, area.bottom, "rows"),
        ("frozenColumnCount", area.left, area.right, "columns"),
    ):
        if first < area.sheet.grid_properties.get(frozen, 0) < last:
            raise invalid(f"You can't merge frozen and non-frozen {noun}")
    for part in _parts(area, body.get("mergeType", "MERGE_ALL")):
        if (part.bottom - part.top) * (part.right - part.left) > 1:
            area.sheet.features["merges"].append(to_grid_range(part))
            _keep_first(part)


def _parts(area: Area, kind: str) -> list[Area]:
    sheet, top, bottom, left, right = area.sheet, area.top, area.bottom, area.left, area.right
    if kind == "MERGE_ROWS":
        return [Area(sheet, row, row + 1, left, right) for row in range(top, bottom)]
    if kind == "MERGE_COLUMNS":
        return [Area(sheet, top, bottom, column, column + 1) for column in range(left, right)]
    return [area]


def _keep_first(area: Area) -> None:
    grid = area.sheet.grid
    for row, column, cell in list(grid.stored(area.top, area.bottom, area.left, area.right)):
        if (row, column) != (area.top, area.left):
            grid.put(row, column, cell._replace(value=None))


@handles("unmergeCells")
def unmerge_cells(batch: Batch, body: Json) -> None:
    """Split every merge in a range."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    _unmerge(area)
