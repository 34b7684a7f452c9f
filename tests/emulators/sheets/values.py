"""The values.* methods on one spreadsheet: reading, writing, appending and clearing rectangles of values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from . import cells, numbers
from .addresses import Area, column_name, range_text
from .batch.registry import Batch
from .batch.structure import insert
from .errors import Json, invalid
from .formulas import CellError, Result
from .grid import Formula
from .notation import to_local
from .showing import plain, show
from .view import View

Values = list[list[Any]]


@dataclass(frozen=True)
class Render:
    """How values are answered."""

    major: str = "ROWS"
    value: str = "FORMATTED_VALUE"
    date: str = "SERIAL_NUMBER"


def read(view: View, area: Area, render: Render) -> Json:
    """Give an area as a ValueRange: rows end at their last filled cell, the list at its last filled row."""
    major = "COLUMNS" if render.major == "COLUMNS" else "ROWS"
    answer: Json = {"range": area.text(), "majorDimension": major}
    last_row = min(area.bottom, max(view.height(area.sheet), area.top))
    rows = [
        [_cell(view, area, row, column, render) for column in _columns(view, area, row)]
        for row in range(area.top, last_row)
    ]
    if major == "COLUMNS":
        width = max(map(len, rows), default=0)
        rows = [[row[index] if index < len(row) else None for row in rows] for index in range(width)]
    values = [_trimmed(row) for row in rows]
    while values and not values[-1]:
        values.pop()
    if values:
        answer["values"] = values
    return answer


def _columns(view: View, area: Area, row: int) -> range:
    if view.spill:
        return range(area.left, area.right)
    stored = len(area.sheet.grid.rows[row]) if row < len(area.sheet.grid.rows) else 0
    return range(area.left, min(area.right, stored))


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] is None:
        row.pop()
    return ["" if value is None else value for value in row]


def _cell(view: View, area: Area, row: int, column: int, render: Render) -> Any:
    """Give one value, None if the cell is empty."""
    cell = area.sheet.grid.get(row, column)
    if render.value == "FORMULA" and type(cell.value) is Formula:
        return to_local(cell.value, view.locale)
    value = view.effective(area.sheet, row, column)
    if value is None:
        return "" if type(cell.value) is Formula else None
    number_format = cell.format.get("numberFormat") if cell.format else None
    if not number_format and (cell.value is None or type(cell.value) is Formula):
        number_format = view.number_format(area.sheet, row, column)
    if render.value == "FORMATTED_VALUE":
        return show(value, number_format, view.locale)
    if render.date == "FORMATTED_STRING" and type(value) is float and numbers.is_date(number_format):
        return show(value, number_format, view.locale)
    return _unformatted(value)


def _unformatted(value: Result) -> Any:
    if isinstance(value, CellError):
        return f"{value.text()} ({value.message})" if value.message not in (None, value.text()) else value.text()
    return plain(value) if type(value) is float else value


def write(batch: Batch, area: Area, asked: str, values: Values, major: str, option: str) -> Json:
    """Write values from an area's first cell on; give the counts and the rectangle. None skips a cell."""
    rows = _as_rows(values, major)
    height, width = len(rows), max(map(len, rows), default=0)
    _check_fits(area, asked, height, width)
    written = replace(area, bottom=area.top + max(height, 1), right=area.left + max(width, 1))
    batch.guard(written)
    touched: set[tuple[int, int]] = set()
    grid = area.sheet.grid
    for row, given in enumerate(rows, area.top):
        for column, value in enumerate(given, area.left):
            if value is None:
                continue
            cell = grid.get(row, column)
            if option == "RAW":
                cell = cells.raw(cell, value)
            else:
                cell = cells.user_entered(cell, value, batch.spreadsheet, batch.now)
            grid.put(row, column, cell)
            touched.add((row, column))
    counts = {
        "updatedRows": len({row for row, _ in touched}),
        "updatedColumns": len({column for _, column in touched}),
        "updatedCells": len(touched),
    }
    return {"updatedRange": written.text()} | {name: count for name, count in counts.items() if count}


def _as_rows(values: Values, major: str) -> Values:
    if major != "COLUMNS":
        return values
    height = max(map(len, values), default=0)
    return [[column[index] if index < len(column) else None for column in values] for index in range(height)]


def _check_fits(area: Area, asked: str, height: int, width: int) -> None:
    """Raise ApiError if the values reach over the range, or over the grid where the range only anchors them."""
    anchors = area.is_cell or area.is_open
    right = area.sheet.column_count if anchors else area.right
    bottom = area.sheet.row_count if anchors else area.bottom
    if area.left + width > right:
        raise invalid(f"Requested writing within range [{asked}], but tried writing to column [{column_name(right)}]")
    if area.top + height > bottom:
        raise invalid(f"Requested writing within range [{asked}], but tried writing to row [{bottom + 1}]")


def append(batch: Batch, area: Area, values: Values, major: str, option: str, insert_option: str) -> Json:
    """Write values under the table in an area; give `tableRange`, if there is one, and the `updates`."""
    rows = _as_rows(values, major)
    sheet = area.sheet
    table = _table(batch, area)
    top, left = (table.bottom, table.left) if table else (area.top, area.left)
    height, width = len(rows), max(map(len, rows), default=0)
    if insert_option == "INSERT_ROWS" and height:
        if table:
            insert(batch, sheet, "ROWS", top, height, top - 1)
        elif not batch.view().height(sheet):  # an empty tab grows all the same
            sheet.grid.row_axis.count += height
    sheet.grid.row_axis.count = max(sheet.row_count, top + max(height, 1))
    sheet.grid.column_axis.count = max(sheet.column_count, left + width)
    batch.check_size()
    target = Area(sheet, top, top + max(height, 1), left, left + max(width, 1))
    answer: Json = {"tableRange": table.text()} if table else {}
    return answer | {"updates": write(batch, target, target.text(), rows, "ROWS", option)}


def _table(batch: Batch, area: Area) -> Area | None:
    """Give the block around the last filled cell of an area, contiguous in both directions."""
    view = batch.view()
    sheet = area.sheet

    def filled(row: int, column: int) -> bool:
        return view.effective(sheet, row, column) is not None or sheet.grid.get(row, column).value is not None

    last = next(
        (
            (row, column)
            for row in range(min(area.bottom, view.height(sheet)) - 1, area.top - 1, -1)
            for column in reversed(_columns(view, area, row))
            if filled(row, column)
        ),
        None,
    )
    if last is None:
        return None
    top, bottom, left, right = last[0], last[0] + 1, last[1], last[1] + 1
    grown = True
    while grown:
        grown = False
        if top and any(filled(top - 1, column) for column in range(left, right)):
            top, grown = top - 1, True
        if any(filled(bottom, column) for column in range(left, right)):
            bottom, grown = bottom + 1, True
        if left and any(filled(row, left - 1) for row in range(top, bottom)):
            left, grown = left - 1, True
        if any(filled(row, right) for row in range(top, bottom)):
            right, grown = right + 1, True
    return Area(sheet, top, bottom, left, right)


def clear(batch: Batch, area: Area) -> str:
    """Clear the values of an area, nothing else of its cells; give the range in A1 notation."""
    batch.guard(area)
    grid = area.sheet.grid
    for row, column, cell in list(grid.stored(area.top, area.bottom, area.left, area.right)):
        if cell.value is not None:
            grid.put(row, column, cell._replace(value=None))
    return range_text(area.sheet.title, area.top, area.bottom, area.left, area.right)
