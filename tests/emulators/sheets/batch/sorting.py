"""Sorting and shuffling rows."""

from __future__ import annotations

import random
from functools import cmp_to_key
from typing import Any

from tests.emulators.sheets import comments, references
from tests.emulators.sheets.addresses import Area
from tests.emulators.sheets.colours import rgb, tidy
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.filtering import colour_of
from tests.emulators.sheets.formulas import Result
from tests.emulators.sheets.grid import Cell, Formula
from tests.emulators.sheets.view import View

from .registry import Batch, handles

# What a sort order by colour names: cells that have it come first.
_COLOURS = ("backgroundColorStyle", "foregroundColorStyle")


@handles("sortRange")
def sort_range(batch: Batch, body: Json) -> None:
    """Sort the rows of a range; hidden rows stay where they are."""
    specs = body.get("sortSpecs", [])
    if not specs:
        raise invalid("Must specify at least one sort spec.")
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    sort(batch, area, [tidy(spec, "SortSpec") for spec in specs])


def sort(batch: Batch, area: Area, specs: list[Json]) -> None:
    """Sort the visible rows of an area by the specs; formats, notes and whole rows' metadata go with the cells."""
    _refuse_merges(area)
    for spec in specs:
        if not area.left <= spec.get("dimensionIndex", 0) < area.right:
            raise invalid(f"Invalid sort spec: column {spec.get('dimensionIndex', 0)} is outside the sorted range.")
    view = batch.view()
    filled = _filled(view, area)
    _order(batch, area, filled, _sorted_rows(view, area.sheet, filled, specs))


@handles("randomizeRange")
def randomize_range(batch: Batch, body: Json) -> None:
    """Shuffle the rows of a range; hidden rows stay where they are."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    _refuse_merges(area)
    filled = _filled(batch.view(), area)
    _order(batch, area, filled, random.sample(filled, len(filled)))


def _filled(view: View, area: Area) -> list[int]:
    """Give the visible rows of an area, up to the last that has content."""
    bottom = min(area.bottom, max(view.height(area.sheet), area.top))
    return [row for row in range(area.top, bottom) if not is_hidden(area.sheet, row)]


def _order(batch: Batch, area: Area, rows: list[int], order: list[int]) -> None:
    """Put rows into an order; the metadata of whole rows goes along."""
    _rearrange(area.sheet, area, rows, order)
    comments.follow_rows(area.sheet, dict(zip(order, rows, strict=True)), area.left, area.right)
    if area.left == 0 and area.right >= area.sheet.grid.used()[1]:
        _move_metadata(batch, area.sheet, dict(zip(order, rows, strict=True)))


def is_hidden(sheet: Sheet, row: int) -> bool:
    """Tell whether a row is hidden, by hand or by a filter."""
    props = sheet.grid.row_axis.props.get(row, {})
    return bool(props.get("hiddenByUser") or props.get("hiddenByFilter"))


def _refuse_merges(area: Area) -> None:
    for merge in area.sheet.features["merges"]:
        vertical = merge["endRowIndex"] - merge["startRowIndex"] > 1
        rows = merge["startRowIndex"] < area.bottom and area.top < merge["endRowIndex"]
        if vertical and rows and merge["startColumnIndex"] < area.right and area.left < merge["endColumnIndex"]:
            place = Area(
                area.sheet,
                merge["startRowIndex"],
                merge["endRowIndex"],
                merge["startColumnIndex"],
                merge["endColumnIndex"],
            )
            where = place.text().rpartition("!")[2]
            raise invalid(f"You can't sort a range containing vertical merges. There is a vertical merge at {where}")


def _sorted_rows(view: View, sheet: Sheet, rows: list[int], specs: list[Json]) -> list[int]:
    order = rows
    # From the last spec to the first: a stable sort lets later specs break ties.
    for spec in reversed(specs):
        column = spec.get("dimensionIndex", 0)
        colour = next((name for name in _COLOURS if name in spec), None)
        if colour:
            wanted = rgb(spec[colour])
            order = sorted(order, key=lambda row: colour_of(view, sheet, row, column, colour) != wanted)
            continue
        descending = spec.get("sortOrder") == "DESCENDING"
        values = {row: view.effective(sheet, row, column) for row in order}
        filled = [row for row in order if values[row] not in (None, "")]
        blank = [row for row in order if values[row] in (None, "")]
        filled.sort(key=lambda row: _key(values[row]), reverse=descending)
        if descending:
            filled = _keep_ties(filled, order, values)
        order = filled + blank
    return order


def _keep_ties(rows: list[int], before: list[int], values: dict[int, Result]) -> list[int]:
    """Put rows with equal keys back into the order they had."""
    place = {row: index for index, row in enumerate(before)}

    def compare(first: int, second: int) -> int:
        a, b = _key(values[first]), _key(values[second])
        if a == b:
            return place[first] - place[second]
        return -1 if a > b else 1

    return sorted(rows, key=cmp_to_key(compare))


def _key(value: Result) -> Any:
    """Give the sort key: numbers, then text, then booleans, then errors."""
    if isinstance(value, bool):
        return (2, 0.0, str(value))
    if isinstance(value, float):
        return (0, value, "")
    if isinstance(value, str):
        return (1, 0.0, value.casefold())
    return (3, 0.0, "")


def _rearrange(sheet: Sheet, area: Area, places: list[int], order: list[int]) -> None:
    moved: list[tuple[int, list[Cell]]] = []
    for place, row in zip(places, order, strict=True):
        if place != row:
            moved.append(
                (place, [_moved(sheet.grid.get(row, column), place - row) for column in range(area.left, area.right)])
            )
    for place, cells in moved:
        for column, cell in enumerate(cells, area.left):
            sheet.grid.put(place, column, cell)


def _moved(cell: Cell, rows: int) -> Cell:
    """Give a cell as it reads in another row: relative references of its formula go with it."""
    if type(cell.value) is not Formula:
        return cell
    return cell._replace(value=Formula(references.offset(cell.value, rows, 0)))


def _move_metadata(batch: Batch, sheet: Sheet, places: dict[int, int]) -> None:
    moved = []
    for entry in batch.spreadsheet.metadata:
        location = entry["location"]
        area = location.get("dimensionRange", {})
        is_row = location["locationType"] == "ROW" and area.get("sheetId", 0) == sheet.sheet_id
        place = places.get(area.get("startIndex", 0)) if is_row else None
        if place is None:
            moved.append(entry)
        else:
            area = {**area, "startIndex": place, "endIndex": place + 1}
            moved.append({**entry, "location": {**location, "dimensionRange": area}})
    batch.spreadsheet.metadata = moved
