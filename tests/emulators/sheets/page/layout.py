"""Which part of a tab the page shows, and how big its rows and columns are."""

from __future__ import annotations

from dataclasses import dataclass

from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json
from tests.emulators.sheets.resource import DEFAULT_COLUMN_PIXELS, DEFAULT_ROW_PIXELS
from tests.emulators.sheets.view import View

SPARE_ROWS = 12
MINIMUM_ROWS = 40
MINIMUM_COLUMNS = 14
HEADER_HEIGHT = 24
NUMBER_WIDTH = 46


@dataclass(frozen=True)
class Layout:
    """The visible rows and columns of a tab that the page shows, with their sizes in pixels."""

    rows: list[int]
    columns: list[int]
    heights: dict[int, int]
    widths: dict[int, int]
    frozen_rows: int
    frozen_columns: int
    # How many rows the tab has that were left out at the end.
    more: int

    def top(self, row: int) -> int:
        """Give where a row begins, under the column letters."""
        return HEADER_HEIGHT + sum(self.heights[index] for index in self.rows if index < row)

    def left(self, column: int) -> int:
        """Give where a column begins, behind the row numbers."""
        return NUMBER_WIDTH + sum(self.widths[index] for index in self.columns if index < column)


def lay_out(view: View, sheet: Sheet, limit: int) -> Layout:
    """Choose what to show: all that is used and some empty rows, at most `limit` rows; nothing hidden."""
    used_rows, used_columns = sheet.grid.used()
    used_rows = max(used_rows, view.height(sheet) if view.spill else 0, _chart_bottom(sheet))
    wanted = min(sheet.row_count, max(used_rows + SPARE_ROWS, MINIMUM_ROWS))
    last = min(wanted, limit)
    rows = [row for row in range(last) if not _hidden(sheet, "ROWS", row)]
    width = min(sheet.column_count, max(used_columns + 2, MINIMUM_COLUMNS, _chart_right(sheet)))
    columns = [column for column in range(width) if not _hidden(sheet, "COLUMNS", column)]
    return Layout(
        rows,
        columns,
        {row: _size(sheet, "ROWS", row, DEFAULT_ROW_PIXELS) for row in rows},
        {column: _size(sheet, "COLUMNS", column, DEFAULT_COLUMN_PIXELS) for column in columns},
        sheet.grid_properties.get("frozenRowCount", 0),
        sheet.grid_properties.get("frozenColumnCount", 0),
        max(0, min(used_rows, sheet.row_count) - last),
    )


def _hidden(sheet: Sheet, dimension: str, index: int) -> bool:
    props = sheet.grid.axis(dimension).props.get(index, {})
    return bool(props.get("hiddenByUser") or props.get("hiddenByFilter"))


def _size(sheet: Sheet, dimension: str, index: int, default: int) -> int:
    return int(sheet.grid.axis(dimension).props.get(index, {}).get("pixelSize", default))


def _overlay(chart: Json) -> Json:
    found: Json = chart["position"]["overlayPosition"]
    return found


def _chart_bottom(sheet: Sheet) -> int:
    """Give the row under the lowest chart, at the default row height."""
    bottoms = []
    for chart in sheet.features["charts"]:
        place = _overlay(chart)
        pixels = place.get("offsetYPixels", 0) + place["heightPixels"]
        bottoms.append(place["anchorCell"].get("rowIndex", 0) + pixels // DEFAULT_ROW_PIXELS + 1)
    return max(bottoms, default=0)


def _chart_right(sheet: Sheet) -> int:
    rights = []
    for chart in sheet.features["charts"]:
        place = _overlay(chart)
        column, left = place["anchorCell"].get("columnIndex", 0), place["widthPixels"] + place.get("offsetXPixels", 0)
        while left > 0 and column < sheet.column_count:
            left -= _size(sheet, "COLUMNS", column, DEFAULT_COLUMN_PIXELS)
            column += 1
        rights.append(column)
    return max(rights, default=0)
