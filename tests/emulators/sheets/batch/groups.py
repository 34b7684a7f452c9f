"""Requests about groups of rows and columns.

Groups are kept as the API answers them; adding or deleting one raises or lowers the depth of every row or column of its
range, and the groups follow from the depths.
"""

from __future__ import annotations

from tests.emulators.sheets import masks
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.resource import without_zero_ids

from .dimensions import bounds
from .registry import Batch, handles

_FEATURES = {"ROWS": ("rowGroups", "rowGroupControlAfter"), "COLUMNS": ("columnGroups", "columnGroupControlAfter")}


def _depths(sheet: Sheet, dimension: str) -> dict[int, int]:
    depths: dict[int, int] = {}
    for group in sheet.features[_FEATURES[dimension][0]]:
        for index in range(group["range"]["startIndex"], group["range"]["endIndex"]):
            depths[index] = max(depths.get(index, 0), group["depth"])
    return depths


def _store(sheet: Sheet, dimension: str, depths: dict[int, int]) -> Json:
    """Store the groups that follow from depths; give the reply."""
    feature, flag = _FEATURES[dimension]
    old = {
        (group["depth"], group["range"]["startIndex"], group["range"]["endIndex"]): group
        for group in sheet.features[feature]
    }
    groups = []
    for depth in range(1, max(depths.values(), default=0) + 1):
        indexes = sorted(index for index, own in depths.items() if own >= depth)
        for start, end in _runs(indexes):
            area = {"sheetId": sheet.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
            groups.append(old.get((depth, start, end), {"range": area, "depth": depth}))
    sheet.features[feature] = groups
    sheet.grid_properties[flag] = True
    return {"dimensionGroups": [without_zero_ids(group) for group in groups]} if groups else {}


def _runs(indexes: list[int]) -> list[tuple[int, int]]:
    """Give the stretches [start, end) of consecutive numbers in a sorted list."""
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index:
            runs[-1] = runs[-1][0], index + 1
        else:
            runs.append((index, index + 1))
    return runs


@handles("addDimensionGroup")
def add_dimension_group(batch: Batch, body: Json) -> Json:
    """Group rows or columns."""
    area = body.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    depths = _depths(sheet, dimension)
    for index in range(start, min(end, sheet.grid.axis(dimension).count)):
        depths[index] = depths.get(index, 0) + 1
    return _store(sheet, dimension, depths)


@handles("deleteDimensionGroup")
def delete_dimension_group(batch: Batch, body: Json) -> Json:
    """Take one level of grouping from rows or columns."""
    area = body.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    depths = _depths(sheet, dimension)
    if not any(index in depths for index in range(start, end)):
        raise invalid("There are no groups in the given range.")
    left = {index: depth - (start <= index < end) for index, depth in depths.items()}
    return _store(sheet, dimension, {index: depth for index, depth in left.items() if depth})


@handles("updateDimensionGroup")
def update_dimension_group(batch: Batch, body: Json) -> None:
    """Collapse a group, which hides its rows or columns, or open it."""
    mask = masks.for_update(body.get("fields", ""), "DimensionGroup")
    given = body.get("dimensionGroup", {})
    area = given.get("range", {})
    sheet = batch.spreadsheet.sheet(area.get("sheetId", 0))
    dimension, start, end = bounds(sheet, area)
    feature = _FEATURES[dimension][0]
    wanted = start, end, given.get("depth", 0)
    for index, group in enumerate(sheet.features[feature]):
        if (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) == wanted:
            collapsed = bool(given.get("collapsed")) if "collapsed" in mask else bool(group.get("collapsed"))
            kept = {name: item for name, item in group.items() if name != "collapsed"}
            sheet.features[feature][index] = kept | ({"collapsed": True} if collapsed else {})
            _hide(sheet, dimension, start, end, hidden=collapsed)
            return
    raise invalid("There is no group with this range and depth.")


def _hide(sheet: Sheet, dimension: str, start: int, end: int, *, hidden: bool) -> None:
    props = sheet.grid.axis(dimension).props
    for index in range(start, end):
        kept = {name: item for name, item in props.get(index, {}).items() if name != "hiddenByUser"}
        props[index] = kept | ({"hiddenByUser": True} if hidden else {})
