"""Requests that copy and move blocks of cells."""

from __future__ import annotations

from collections.abc import Callable

from tests.emulators.sheets import references
from tests.emulators.sheets.addresses import Area, beyond_grid
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import EMPTY, Cell, Formula
from tests.emulators.sheets.moving import map_places
from tests.emulators.sheets.view import View

from .registry import Batch, handles

Block = list[list[Cell]]
Pasted = Callable[[Cell, Cell], Cell]


def _without_borders(cell: Cell) -> Json | None:
    return {name: item for name, item in (cell.format or {}).items() if name != "borders"} or None


def _with_rule(source: Cell, target: Cell) -> Cell:
    rule = (source.extra or {}).get("dataValidation")
    rest = {name: item for name, item in (target.extra or {}).items() if name != "dataValidation"}
    return target._replace(extra=(rest | {"dataValidation": rule} if rule else rest) or None)


# What each way of pasting makes of a source and a target cell.
_PASTED: dict[str, Pasted] = {
    "PASTE_NORMAL": lambda source, target: source,  # noqa: ARG005 - the target is gone
    "PASTE_VALUES": lambda source, target: target._replace(value=source.value),
    "PASTE_FORMULA": lambda source, target: target._replace(value=source.value),
    "PASTE_FORMAT": lambda source, target: target._replace(format=source.format),
    "PASTE_NO_BORDERS": lambda source, target: source._replace(format=_without_borders(source)),  # noqa: ARG005
    "PASTE_DATA_VALIDATION": _with_rule,
    "PASTE_CONDITIONAL_FORMATTING": lambda source, target: target,  # noqa: ARG005 - rules are extended instead
}


@handles("copyPaste")
def copy_paste(batch: Batch, body: Json) -> None:
    """Copy a range; it fills a destination that is a multiple of its size, and overflows one that is smaller."""
    kind = body.get("pasteType", "PASTE_NORMAL")
    source = batch.area(body.get("source", {}))
    if kind == "PASTE_VALUES":
        batch.settle()
    else:
        batch.settle_in(source)
    transposed = body.get("pasteOrientation") == "TRANSPOSE"
    block = _block(source)
    height, width = (len(block[0]), len(block)) if transposed else (len(block), len(block[0]))
    target = _destination(batch, body.get("destination", {}), height, width)
    batch.guard(target)
    if kind == "PASTE_CONDITIONAL_FORMATTING":
        _extend_rules(batch, source, target)
        return
    view = batch.view() if kind == "PASTE_VALUES" else None
    sheet = target.sheet
    pasted = _PASTED[kind]
    for row in range(target.top, target.bottom):
        for column in range(target.left, target.right):
            down, right = (row - target.top) % height, (column - target.left) % width
            if transposed:
                down, right = right, down
            place = source.top + down, source.left + right
            cell = block[down][right]
            copied = (
                _valued(view, source.sheet.sheet_id, place)
                if view
                else _shifted(cell, row - place[0], column - place[1])
            )
            sheet.grid.put(row, column, pasted(copied, sheet.grid.get(row, column)))
            batch.wrote(copied)
    if kind in ("PASTE_NORMAL", "PASTE_FORMAT", "PASTE_NO_BORDERS"):
        _extend_rules(batch, source, target)
    if kind == "PASTE_NORMAL":
        _copy_merges(sheet, source, target)


def _block(area: Area) -> Block:
    return [
        [area.sheet.grid.get(row, column) for column in range(area.left, area.right)]
        for row in range(area.top, area.bottom)
    ]


def _destination(batch: Batch, given: Json, height: int, width: int) -> Area:
    """Give the rectangle that is pasted into; the grid grows if it reaches over its end."""
    sheet = batch.spreadsheet.sheet(given.get("sheetId", 0))
    top, left = given.get("startRowIndex", 0), given.get("startColumnIndex", 0)
    if min(top, left) < 0:
        raise invalid("The destination is outside the grid.")
    if top >= sheet.row_count or left >= sheet.column_count:
        raise beyond_grid(sheet, top, top + height, left, left + width)
    rows = given.get("endRowIndex", sheet.row_count) - top
    columns = given.get("endColumnIndex", sheet.column_count) - left
    if rows % height:
        rows = height if rows < height else rows - rows % height
    if columns % width:
        columns = width if columns < width else columns - columns % width
    sheet.grid.row_axis.count = max(sheet.row_count, top + rows)
    sheet.grid.column_axis.count = max(sheet.column_count, left + columns)
    batch.check_size()
    return Area(sheet, top, top + rows, left, left + columns)


def _shifted(cell: Cell, rows: int, columns: int) -> Cell:
    if type(cell.value) is not Formula:
        return cell
    return cell._replace(value=Formula(references.offset(cell.value, rows, columns)))


def _valued(view: View, sheet_id: int, place: tuple[int, int]) -> Cell:
    """Give a cell with its formula replaced by what it comes to; an error stays its text."""
    sheet = view.spreadsheet.sheet(sheet_id)
    cell = sheet.grid.get(*place)
    value = view.effective(sheet, *place)
    if value is not None and not isinstance(value, bool | float | str):
        value = value.text()
    return cell._replace(value=value)


def _extend_rules(batch: Batch, source: Area, target: Area) -> None:
    """Let the conditional formats of the source apply to the target too."""
    if source.sheet.sheet_id != target.sheet.sheet_id:
        return
    sheet = batch.spreadsheet.sheet(source.sheet.sheet_id)
    added = {
        "sheetId": sheet.sheet_id,
        "startRowIndex": target.top,
        "endRowIndex": target.bottom,
        "startColumnIndex": target.left,
        "endColumnIndex": target.right,
    }
    rules = []
    for rule in sheet.features["conditionalFormats"]:
        applies = any(_holds(area, source) for area in rule["ranges"])
        covered = any(_holds(area, target) for area in rule["ranges"])
        rules.append({**rule, "ranges": [*rule["ranges"], added]} if applies and not covered else rule)
    sheet.features["conditionalFormats"] = rules


def _holds(area: Json, inner: Area) -> bool:
    return bool(
        area.get("startRowIndex", 0) <= inner.top
        and inner.bottom <= area.get("endRowIndex", inner.bottom)
        and area.get("startColumnIndex", 0) <= inner.left
        and inner.right <= area.get("endColumnIndex", inner.right)
    )


def _copy_merges(sheet: Sheet, source: Area, target: Area) -> None:
    """Merge in the target what is merged in the source."""
    if source.sheet.sheet_id != sheet.sheet_id:
        return
    rows, columns = target.top - source.top, target.left - source.left
    for merge in list(sheet.features["merges"]):
        inside = source.top <= merge["startRowIndex"] and merge["endRowIndex"] <= source.bottom
        if inside and source.left <= merge["startColumnIndex"] and merge["endColumnIndex"] <= source.right:
            moved = {
                **merge,
                "startRowIndex": merge["startRowIndex"] + rows,
                "endRowIndex": merge["endRowIndex"] + rows,
                "startColumnIndex": merge["startColumnIndex"] + columns,
                "endColumnIndex": merge["endColumnIndex"] + columns,
            }
            if moved not in sheet.features["merges"]:
                sheet.features["merges"].append(moved)


@handles("cutPaste")
def cut_paste(batch: Batch, body: Json) -> None:
    """Move a range to another place; references to it follow."""
    kind = body.get("pasteType", "PASTE_NORMAL")
    source = batch.area(body.get("source", {}))
    place = body.get("destination", {})
    height, width = source.bottom - source.top, source.right - source.left
    area = {
        "sheetId": place.get("sheetId", 0),
        "startRowIndex": place.get("rowIndex", 0),
        "startColumnIndex": place.get("columnIndex", 0),
        "endRowIndex": place.get("rowIndex", 0) + height,
        "endColumnIndex": place.get("columnIndex", 0) + width,
    }
    target = _destination(batch, area, height, width)
    batch.guard(source)
    batch.guard(target)
    block = _block(source)
    if kind in ("PASTE_NORMAL", "PASTE_NO_BORDERS"):
        _follow_block(batch, source, target)
        block = _block(source)
    emptied = EMPTY if kind in ("PASTE_NORMAL", "PASTE_NO_BORDERS") else None
    for row in range(source.top, source.bottom):
        for column in range(source.left, source.right):
            cell = source.sheet.grid.get(row, column)
            left = emptied if emptied is not None else _PASTED[kind](EMPTY, cell)
            source.sheet.grid.put(row, column, left)
    for down, cells in enumerate(block):
        for right, cell in enumerate(cells):
            row, column = target.top + down, target.left + right
            target.sheet.grid.put(row, column, _PASTED[kind](cell, target.sheet.grid.get(row, column)))


def _follow_block(batch: Batch, source: Area, target: Area) -> None:
    """Let references and ranges that lie wholly in a moved block go with it."""
    rows, columns = target.top - source.top, target.left - source.left

    def moved(area: Json) -> Json:
        if area.get("sheetId", 0) != source.sheet.sheet_id or not _inside(area, source):
            return area
        return {
            "sheetId": target.sheet.sheet_id,
            "startRowIndex": area["startRowIndex"] + rows,
            "endRowIndex": area["endRowIndex"] + rows,
            "startColumnIndex": area["startColumnIndex"] + columns,
            "endColumnIndex": area["endColumnIndex"] + columns,
        }

    spreadsheet = batch.spreadsheet
    maps = {"GridRange": moved, "DimensionRange": lambda area: area, "GridCoordinate": lambda place: place}
    spreadsheet.named_ranges = [map_places(item, "NamedRange", maps) or item for item in spreadsheet.named_ranges]
    anchors = source.sheet.comment_anchors
    source.sheet.comment_anchors = []
    for anchor in anchors:
        went = {**anchor, "range": moved(anchor["range"])}
        home = target.sheet if went["range"] != anchor["range"] else source.sheet
        home.comment_anchors = [*home.comment_anchors, went]
    for home in spreadsheet.sheets:
        for row, column, cell, formula in list(home.grid.formulas()):
            here = home is source.sheet and source.top <= row < source.bottom and source.left <= column < source.right
            written = references.follow_block(
                formula, source, target, home.title, target.sheet.title if here else home.title
            )
            if written != formula:
                home.grid.put(row, column, cell._replace(value=Formula(written)))


def _inside(area: Json, block: Area) -> bool:
    return bool(
        area.get("startRowIndex", 0) >= block.top
        and area.get("endRowIndex", block.bottom + 1) <= block.bottom
        and area.get("startColumnIndex", 0) >= block.left
        and area.get("endColumnIndex", block.right + 1) <= block.right
    )
