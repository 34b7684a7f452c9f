"""Requests that fill cells from others or draw lines around them: autoFill and updateBorders."""

from __future__ import annotations

import itertools

from tests.emulators.sheets import references
from tests.emulators.sheets.addresses import Area
from tests.emulators.sheets.errors import Json, invalid, unsupported
from tests.emulators.sheets.formats import share_format
from tests.emulators.sheets.grid import Cell, Formula

from .registry import Batch, handles


@handles("autoFill")
def auto_fill(batch: Batch, body: Json) -> None:
    """Continue a range: formulas shift, evenly spaced numbers go on, everything else repeats."""
    if body.get("useAlternateSeries") or "sourceAndDestination" not in body:
        raise unsupported("autoFill other than from a source, or with an alternate series,")
    given = body["sourceAndDestination"]
    source = batch.area(given.get("source", {}))
    rows = given.get("dimension") == "ROWS"
    length = given.get("fillLength", 0)
    if not length:
        raise invalid("fillLength must not be 0.")
    size = source.bottom - source.top if rows else source.right - source.left
    start = (source.top if rows else source.left) + (size if length > 0 else length)
    end = start + abs(length)
    if start < 0 or end > source.sheet.grid.axis("ROWS" if rows else "COLUMNS").count:
        raise invalid("The destination of the fill is outside the grid.")
    across = range(source.left, source.right) if rows else range(source.top, source.bottom)
    for line in across:
        _fill(batch, source, line, range(start, end), rows=rows)


def _fill(batch: Batch, source: Area, line: int, targets: range, *, rows: bool) -> None:
    """Fill one column, or row, of the destination."""
    grid = source.sheet.grid
    first, last = (source.top, source.bottom) if rows else (source.left, source.right)
    pattern = [grid.get(index, line) if rows else grid.get(line, index) for index in range(first, last)]
    step = _step(pattern)
    for index in targets:
        origin = first + (index - first) % len(pattern)
        cell = pattern[origin - first]
        down, right = (index - origin, 0) if rows else (0, index - origin)
        if type(cell.value) is Formula:
            cell = cell._replace(value=Formula(references.offset(cell.value, down, right)))
        elif step is not None and isinstance(pattern[0].value, float):
            cell = cell._replace(value=pattern[0].value + step * (index - first))
        row, column = (index, line) if rows else (line, index)
        batch.guard(Area(source.sheet, row, row + 1, column, column + 1))
        grid.put(row, column, cell)


def _step(pattern: list[Cell]) -> float | None:
    """Give the step of evenly spaced numbers, None for anything else."""
    values = [cell.value for cell in pattern]
    numbers = [value for value in values if type(value) is float]
    if len(numbers) < 2 or len(numbers) != len(values):
        return None
    steps = {round(after - before, 9) for before, after in itertools.pairwise(numbers)}
    return steps.pop() if len(steps) == 1 else None


@handles("updateBorders")
def update_borders(batch: Batch, body: Json) -> None:
    """Set the borders of a range; a side that the request leaves out stays as it is."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    grid = area.sheet.grid
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            sides = {
                "top": body.get("top" if row == area.top else "innerHorizontal"),
                "bottom": body.get("bottom" if row == area.bottom - 1 else "innerHorizontal"),
                "left": body.get("left" if column == area.left else "innerVertical"),
                "right": body.get("right" if column == area.right - 1 else "innerVertical"),
            }
            cell = grid.get(row, column)
            given = {side: border for side, border in sides.items() if border is not None}
            borders = (cell.format or {}).get("borders", {}) | given
            written = {**(cell.format or {}), "borders": borders}
            grid.put(row, column, cell._replace(format=share_format(written)))
