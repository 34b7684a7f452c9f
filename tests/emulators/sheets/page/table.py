"""The grid of a tab as an HTML table."""

from __future__ import annotations

from html import escape

from tests.emulators.sheets.addresses import cell_text, column_name
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json
from tests.emulators.sheets.formulas import Result, is_sparkline
from tests.emulators.sheets.grid import Cell, Formula
from tests.emulators.sheets.locales import Locale
from tests.emulators.sheets.notation import to_local
from tests.emulators.sheets.showing import show
from tests.emulators.sheets.view import View

from .layout import NUMBER_WIDTH, Layout
from .sparkline import draw_sparkline
from .style import cell_css

Merge = tuple[int, int]


class Table:
    """Writes one tab."""

    def __init__(self, view: View, sheet: Sheet, layout: Layout) -> None:
        self._view = view
        self._sheet = sheet
        self._layout = layout
        self._appearance = view.appearance(sheet)
        self._spans, self._covered = self._merges()
        self._filter = self._filter_cells()

    def html(self) -> str:
        """Give the table."""
        layout = self._layout
        widths = "".join(f'<col style="width:{layout.widths[column]}px">' for column in layout.columns)
        letters = "".join(
            f'<th scope="col"{self._sticky(None, column, "c")}>{column_name(column)}</th>' for column in layout.columns
        )
        total = NUMBER_WIDTH + sum(layout.widths.values())
        rows = "".join(self._row(row) for row in layout.rows)
        kind = "grid bare" if self._sheet.grid_properties.get("hideGridlines") else "grid"
        return (
            f'<table class="{kind}" style="width:{total}px">'
            f'<colgroup><col style="width:{NUMBER_WIDTH}px">{widths}</colgroup>'
            f'<thead><tr><th class="corner"></th>{letters}</tr></thead><tbody>{rows}</tbody></table>'
        )

    def _row(self, row: int) -> str:
        layout = self._layout
        cells = "".join(self._cell(row, column) for column in layout.columns if (row, column) not in self._covered)
        gap = ' class="gap"' if row and row - 1 not in layout.heights else ""
        number = f'<th scope="row"{gap}{self._sticky(row, None, "r")}>{row + 1}</th>'
        return f'<tr style="height:{layout.heights[row]}px">{number}{cells}</tr>'

    def _cell(self, row: int, column: int) -> str:
        cell = self._sheet.grid.get(row, column)
        value = self._view.effective(self._sheet, row, column)
        shown = self._appearance.differing(row, column)
        css = cell_css(shown, _alignment(value))
        text = show(value, self._view.number_format(self._sheet, row, column), self._view.locale)
        classes = self._classes(row, column, cell, shown, text)
        attributes = f' class="{" ".join(classes)}"' if classes else ""
        rows, columns = self._spans.get((row, column), (1, 1))
        attributes += f' rowspan="{rows}"' if rows > 1 else ""
        attributes += f' colspan="{columns}"' if columns > 1 else ""
        if cell.note:
            attributes += f' data-note="{escape(cell.note)}" tabindex="0"'
        if cell.value is not None:
            attributes += f' data-at="{cell_text(row, column)}" data-is="{escape(_entered(cell, self._view.locale))}"'
        content = self._content(cell, row, column, text, shown)
        return f"<td{attributes}{self._sticky(row, column, '', css)}>{content}</td>"

    def _classes(self, row: int, column: int, cell: Cell, shown: Json, text: str) -> list[str]:
        classes = []
        if cell.note:
            classes.append("note")
        wrap = shown.get("wrapStrategy", "OVERFLOW_CELL")
        if wrap == "WRAP":
            classes.append("wrap")
        elif wrap == "OVERFLOW_CELL" and text and type(cell.value) is str and self._is_free(row, column):
            classes.append("over")
        if row == self._layout.frozen_rows - 1:
            classes.append("last-frozen-row")
        if column == self._layout.frozen_columns - 1:
            classes.append("last-frozen-column")
        return classes

    def _is_free(self, row: int, column: int) -> bool:
        """Tell whether a text may run over the cell to its right."""
        right = column + self._spans.get((row, column), (1, 1))[1]
        return self._view.effective(self._sheet, row, right) is None and (row, right) not in self._covered

    def _content(self, cell: Cell, row: int, column: int, text: str, shown: Json) -> str:
        if is_sparkline(cell.value):
            width, height = self._layout.widths[column], self._layout.heights[row]
            return draw_sparkline(self._view, self._sheet, str(cell.value), width - 8, height - 4)
        condition = (cell.extra or {}).get("dataValidation", {}).get("condition", {}).get("type", "")
        if condition == "BOOLEAN":
            return '<span class="box on">✓</span>' if text == "TRUE" else '<span class="box"></span>'
        link = shown.get("textFormat", {}).get("link", {}).get("uri", "")
        inner = escape(text)
        if link.startswith(("https://", "http://", "mailto:")):
            inner = f'<a href="{escape(link)}" rel="noopener noreferrer" target="_blank">{inner}</a>'
        marker = ""
        if condition in ("ONE_OF_LIST", "ONE_OF_RANGE"):
            marker = '<span class="pick">▾</span>'
        if (row, column) in self._filter:
            marker = '<span class="filter">▼</span>' if self._filter[row, column] else '<span class="filter">≡</span>'
        return f"<div>{inner}</div>{marker}" if inner or marker else ""

    def _filter_cells(self) -> dict[tuple[int, int], bool]:
        """Give the header cells of the basic filter, and whether each filters."""
        basic = self._sheet.basic_filter
        if not basic:
            return {}
        area = basic["range"]
        top = area.get("startRowIndex", 0)
        columns = range(area.get("startColumnIndex", 0), area.get("endColumnIndex", self._sheet.column_count))
        used = self._sheet.grid.used()[1]
        return {(top, column): str(column) in basic.get("criteria", {}) for column in columns if column < used}

    def _merges(self) -> tuple[dict[Merge, tuple[int, int]], set[Merge]]:
        """Give how far each merge's first shown cell spans, and the cells it covers."""
        spans: dict[Merge, tuple[int, int]] = {}
        covered: set[Merge] = set()
        for merge in self._sheet.features["merges"]:
            rows = [row for row in self._layout.rows if merge["startRowIndex"] <= row < merge["endRowIndex"]]
            columns = [
                column
                for column in self._layout.columns
                if merge["startColumnIndex"] <= column < merge["endColumnIndex"]
            ]
            if rows and columns:
                spans[rows[0], columns[0]] = len(rows), len(columns)
                covered |= {(row, column) for row in rows for column in columns} - {(rows[0], columns[0])}
        return spans, covered

    def _sticky(self, row: int | None, column: int | None, kind: str, css: str = "") -> str:
        """Give the style of a cell; one that is frozen stays in sight, as headers do by themselves."""
        layout = self._layout
        rules = [css] if css else []
        level = 0
        if row is not None and row < layout.frozen_rows and layout.top(row) < 400:
            rules.append(f"top:{layout.top(row)}px")
            level += 2
        if column is not None and column < layout.frozen_columns and layout.left(column) < 500:
            rules.append(f"left:{layout.left(column)}px")
            level += 1
        if level:
            extra = {"c": 5, "r": 5, "": 2}[kind]
            rules.append(f"position:sticky;z-index:{level + extra}")
            if not kind and "background" not in css:
                rules.append("background:#fff")
        return f' style="{";".join(rules)}"' if rules else ""


def _alignment(value: Result) -> str:
    if isinstance(value, bool):
        return "center"
    if isinstance(value, float):
        return "right"
    return "left" if isinstance(value, str) or value is None else "center"


def _entered(cell: Cell, locale: Locale) -> str:
    value = cell.value
    if isinstance(value, bool | float):
        return show(value, (cell.format or {}).get("numberFormat"), locale)
    return to_local(str(value), locale) if type(value) is Formula else str(value)
