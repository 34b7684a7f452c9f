"""What a cell looks like: its format with alternating colours and conditional formats laid over it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from . import references
from .colours import clean, rgb
from .conditions import holds
from .document import DEFAULT_FORMAT, Sheet
from .errors import Json
from .formulas import CellError, Result
from .grid import Cell, Formula
from .looks import link_format, makes_link

if TYPE_CHECKING:
    from .view import View

_ROWS_AT_ONCE = 256
# The default format as cells answer it: with the font that is used of those that the default lists.
_DEFAULT: Json = {**DEFAULT_FORMAT, "textFormat": {**DEFAULT_FORMAT["textFormat"], "fontFamily": "Arial"}}


class Appearance:
    """The looks of one tab's cells."""

    def __init__(self, view: View, sheet: Sheet) -> None:
        self._view = view
        self._sheet = sheet
        self._bands = sheet.bands()
        self._rules = sheet.features["conditionalFormats"]
        self._truths: dict[str, bool] = {}
        self._known_rows: set[tuple[int, int]] = set()
        self._scales: dict[int, tuple[float, float, list[float]]] = {}
        # Results by the identity of the shared formats, which are kept here so that their ids stay their own.
        self._plain: dict[tuple[int, int, str], tuple[Any, Json]] = {}

    def format(self, row: int, column: int, value: Result = None) -> Json:
        """Give the effective format of a cell: every part of it, aligned as its kind of value is."""
        cell = self._sheet.grid.get(row, column)
        whole = self._own(cell, _natural_alignment(value), self._view.number_format(self._sheet, row, column))
        if type(cell.value) is Formula and makes_link(cell.value):
            whole = self._linked(whole, cell, row, column)
        over = self._over(row, column) if self._bands or self._rules else None
        return lay_over(whole, over) if over else whole

    def _linked(self, whole: Json, cell: Cell, row: int, column: int) -> Json:
        """Give a format with the look of a link, which a cell's own format goes over."""
        address = self._view.link(self._sheet, row, column)
        return lay_over(lay_over(whole, link_format(address)), cell.format or {}) if address else whole

    def differing(self, row: int, column: int) -> Json:
        """Give the effective format of a cell without the parts that are the default's."""
        return {name: item for name, item in self.format(row, column).items() if item != _DEFAULT.get(name)}

    def _own(self, cell: Cell, alignment: str, number_format: Json | None) -> Json:
        """Give the format of a cell's own over the default."""
        key = id(cell.format), id(number_format), alignment
        if key not in self._plain:
            shown: Json = {"numberFormat": number_format} if number_format else {}
            shown |= lay_over(_DEFAULT | ({"horizontalAlignment": alignment} if alignment else {}), cell.format or {})
            if number_format:
                shown["numberFormat"] = number_format
            link = shown["textFormat"].get("link")
            shown.setdefault("hyperlinkDisplayType", "LINKED" if link else "PLAIN_TEXT")
            self._plain[key] = (cell.format, number_format), shown
        return self._plain[key][1]

    def _over(self, row: int, column: int) -> Json:
        """Give what alternating colours and rules add; the colour of a cell's own wins over its band's."""
        over: Json = {}
        own = self._sheet.grid.get(row, column).format or {}
        if "backgroundColor" not in own:
            colour = next(
                (band_colour(banded, row, column) for banded in self._bands if _covers(banded["range"], row, column)),
                None,
            )
            if colour is not None:
                over = {"backgroundColor": colour, "backgroundColorStyle": {"rgbColor": colour}}
        for rule in reversed(self._rules):  # the first rule wins
            if any(_covers(area, row, column) for area in rule["ranges"]):
                over = lay_over(over, self._from_rule(rule, row, column))
        return over

    def _from_rule(self, rule: Json, row: int, column: int) -> Json:
        if "gradientRule" in rule:
            colour = self._gradient(rule, row, column)
            return {} if colour is None else {"backgroundColor": colour, "backgroundColorStyle": {"rgbColor": colour}}
        condition = rule["booleanRule"]["condition"]
        if condition["type"] == "CUSTOM_FORMULA":
            applies = self._formula_holds(rule, row, column)
        else:
            applies = holds(self._view, self._sheet, row, column, condition)
        return dict(rule["booleanRule"].get("format", {})) if applies else {}

    def _formula_holds(self, rule: Json, row: int, column: int) -> bool:
        """Tell whether a rule's formula is true for a cell; formulas of many rows are worked out together."""
        first = row - row % _ROWS_AT_ONCE
        key = id(rule), first
        if key not in self._known_rows:
            self._known_rows.add(key)
            last = min(first + _ROWS_AT_ONCE, len(self._sheet.grid.rows) + 1)
            places = [
                (line, place)
                for line in range(first, max(last, row + 1))
                for place in range(min(self._sheet.column_count, 256))
                if any(_covers(area, line, place) for area in rule["ranges"])
            ]
            wanted = {_shifted(rule, *place) for place in places} - self._truths.keys()
            self._truths |= self._view.truths(self._sheet, sorted(wanted))
        return self._truths.get(_shifted(rule, row, column), False)

    def _gradient(self, rule: Json, row: int, column: int) -> Json | None:
        value = self._view.effective(self._sheet, row, column)
        if type(value) is not float:
            return None
        gradient = rule["gradientRule"]
        points = []
        for name in ("minpoint", "midpoint", "maxpoint"):
            if name in gradient:
                style = gradient[name].get("colorStyle") or {"rgbColor": gradient[name].get("color", {})}
                points.append((self._point(rule, gradient[name]), rgb(style)))
        points.sort(key=lambda point: point[0])
        if value <= points[0][0]:
            return points[0][1]
        for (low, first), (high, last) in itertools.pairwise(points):
            if value <= high:
                return _between(first, last, (value - low) / (high - low) if high > low else 1)
        return points[-1][1]

    def _point(self, rule: Json, point: Json) -> float:
        """Give the value at which a gradient has a colour."""
        lowest, highest, values = self._scale(rule)
        kind = point.get("type", "MIN")
        given = self._view.number(self._sheet, point.get("value", "")) or 0.0
        if kind in ("MIN", "MAX"):
            return lowest if kind == "MIN" else highest
        if kind == "PERCENT":
            return lowest + (highest - lowest) * given / 100
        if kind == "PERCENTILE" and values:
            return values[round((len(values) - 1) * min(max(given, 0), 100) / 100)]
        return given

    def _scale(self, rule: Json) -> tuple[float, float, list[float]]:
        """Give the lowest, highest and all numbers in a rule's ranges."""
        if id(rule) not in self._scales:
            found = []
            for area in rule["ranges"]:
                bottom = area.get("endRowIndex", self._sheet.row_count)
                right = area.get("endColumnIndex", self._sheet.column_count)
                left = area.get("startColumnIndex", 0)
                for row, column, _ in self._sheet.grid.stored(area.get("startRowIndex", 0), bottom, left, right):
                    value = self._view.effective(self._sheet, row, column)
                    if type(value) is float:
                        found.append(value)
            found.sort()
            self._scales[id(rule)] = (found[0], found[-1], found) if found else (0.0, 0.0, [])
        return self._scales[id(rule)]


def _between(first: Json, last: Json, share: float) -> Json:
    names = ("red", "green", "blue")
    mixed = {name: first.get(name, 0) + (last.get(name, 0) - first.get(name, 0)) * share for name in names}
    return clean(mixed)


def _shifted(rule: Json, row: int, column: int) -> str:
    """Give a rule's formula as it reads for a cell; it is written for the first cell of its first range."""
    area = rule["ranges"][0]
    values = rule["booleanRule"]["condition"].get("values", [{}])
    formula = values[0].get("userEnteredValue", "") if values else ""
    return references.offset(formula, row - area.get("startRowIndex", 0), column - area.get("startColumnIndex", 0))


def _covers(area: Json, row: int, column: int) -> bool:
    return bool(
        area.get("startRowIndex", 0) <= row < area.get("endRowIndex", row + 1)
        and area.get("startColumnIndex", 0) <= column < area.get("endColumnIndex", column + 1)
    )


def band_colour(banded: Json, row: int, column: int) -> Json | None:
    """Give the colour that a banded range gives a cell: of its row's band, or else of its column's."""
    area = banded["range"]
    sides = (
        ("rowProperties", row - area.get("startRowIndex", 0), area.get("endRowIndex", row + 1) - row),
        ("columnProperties", column - area.get("startColumnIndex", 0), area.get("endColumnIndex", column + 1) - column),
    )
    for name, index, left in sides:
        colours = banded.get(name)
        if not colours:
            continue
        if "footerColorStyle" in colours and left == 1:
            return rgb(colours["footerColorStyle"])
        if "headerColorStyle" in colours:
            if index == 0:
                return rgb(colours["headerColorStyle"])
            index -= 1
        band = colours.get("secondBandColorStyle" if index % 2 else "firstBandColorStyle")
        return rgb(band) if band else None
    return None


def lay_over(base: Json, top: Json) -> Json:
    """Give a format with another laid over it."""
    merged = dict(base)
    for name, item in top.items():
        nested = isinstance(item, dict) and isinstance(base.get(name), dict) and "olor" not in name
        merged[name] = lay_over(base[name], item) if nested else item
    return merged


def _natural_alignment(value: Result) -> str:
    """Give how a cell is aligned that doesn't say it: by its kind of value; a blank one is not."""
    if value is None:
        return ""
    if isinstance(value, bool | CellError):
        return "CENTER"
    return "LEFT" if isinstance(value, str) else "RIGHT"
