"""Cells as they are seen: effective values, formatted values, effective formats."""

from __future__ import annotations

from typing import Any

from . import numbers
from .document import DEFAULT_FORMAT, Sheet, Spreadsheet
from .errors import Json
from .formulas import Calculator, CellError, Result, is_sparkline, shows_date
from .grid import EMPTY, Cell, Formula
from .masks import ALL, Mask

_DATE = {"type": "DATE"}


class View:
    """A spreadsheet with the engine that works out its formulas."""

    def __init__(self, spreadsheet: Spreadsheet, calculator: Calculator) -> None:
        self.spreadsheet = spreadsheet
        self._calculator = calculator
        self._spilled: dict[tuple[int, int, int], Result] | None = None
        # By the identity of the shared format, which is kept here so that its id stays its own.
        self._formats: dict[tuple[int, bool], tuple[Json | None, Json]] = {}

    def effective(self, sheet: Sheet, row: int, column: int) -> Result:
        """Give the value in a cell that people see: a formula's result, or what was entered."""
        cell = sheet.grid.get(row, column)
        if type(cell.value) is Formula:
            if is_sparkline(cell.value):
                return None
            return self._calculator.result(self.spreadsheet, sheet, row, column)
        if cell.value is None:
            return self.spill.get((sheet.sheet_id, row, column))
        return cell.value

    @property
    def spill(self) -> dict[tuple[int, int, int], Result]:
        """The values that array formulas put into cells without content, by tab id, row and column."""
        if self._spilled is None:
            self._spilled = self._calculator.spilled(self.spreadsheet)
        return self._spilled

    def formatted(self, sheet: Sheet, row: int, column: int) -> str:
        """Give what people read in a cell."""
        value = self.effective(sheet, row, column)
        return show(value, number_format_of(sheet.grid.get(row, column)))

    def height(self, sheet: Sheet) -> int:
        """Give how many rows have anything in them, results of array formulas included."""
        spilled = [row + 1 for sheet_id, row, _ in self.spill if sheet_id == sheet.sheet_id]
        return max([len(sheet.grid.rows), *spilled])

    def cell_data(self, sheet: Sheet, row: int, column: int, mask: Mask = ALL) -> Json:
        """Give a cell as CellData, as far as the mask selects."""
        cell = sheet.grid.get(row, column)
        if cell is EMPTY and not self.spill:
            return {}
        data: Json = {}
        if cell.value is not None and (not mask or "userEnteredValue" in mask):
            data["userEnteredValue"] = _entered(cell.value)
        value = None
        if not mask or "effectiveValue" in mask or "formattedValue" in mask:
            value = self.effective(sheet, row, column)
        if value is not None:
            data["effectiveValue"] = extended(value)
            if value != "":
                data["formattedValue"] = show(value, number_format_of(cell))
        if cell.format:
            data["userEnteredFormat"] = cell.format
        if (value is not None or cell is not EMPTY) and (not mask or "effectiveFormat" in mask):
            data["effectiveFormat"] = self._effective_format(cell)
        link = (cell.format or {}).get("textFormat", {}).get("link", {}).get("uri")
        if link:
            data["hyperlink"] = link
        if cell.note:
            data["note"] = cell.note
        data |= cell.extra or {}
        return data

    def _effective_format(self, cell: Cell) -> Json:
        """Give the format a cell is shown in, worked out once for all cells that share theirs."""
        key = id(cell.format), type(cell.value) is Formula and shows_date(cell.value)
        if key not in self._formats:
            self._formats[key] = cell.format, effective_format(cell)
        return self._formats[key][1]


def number_format_of(cell: Cell) -> Json | None:
    """Give the number format that shows a cell, one that comes from its formula included."""
    found: Json | None = (cell.format or {}).get("numberFormat")
    if not found and type(cell.value) is Formula and shows_date(cell.value):
        return _DATE
    return found


def show(value: Result, number_format: Json | None) -> str:
    """Give a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, CellError):
        return value.text()
    if isinstance(value, str):
        return numbers.show_text(value, number_format)
    return numbers.show(value, number_format)


def plain(number: float) -> float | int:
    """Give a number as JSON writes it: whole ones without a decimal point."""
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def extended(value: Result) -> Json:
    """Give a value as ExtendedValue."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, CellError):
        return {"errorValue": value.as_value()}
    if isinstance(value, str):
        return {"stringValue": str(value)}
    return {"numberValue": plain(value or 0)}


def _entered(value: Any) -> Json:
    return {"formulaValue": str(value)} if type(value) is Formula else extended(value)


def effective_format(cell: Cell) -> Json:
    """Give the format a cell is shown in: its own laid over the default; parts that are the default's are left out.

    The text format is there whole, whether it differs or not.
    """
    shown = _laid_over(DEFAULT_FORMAT, cell.format or {})
    shown = {name: item for name, item in shown.items() if name == "textFormat" or item != DEFAULT_FORMAT.get(name)}
    number_format = number_format_of(cell)
    if number_format:
        shown["numberFormat"] = number_format
    shown.setdefault("hyperlinkDisplayType", "LINKED" if shown["textFormat"].get("link") else "PLAIN_TEXT")
    return shown


def _laid_over(base: Json, top: Json) -> Json:
    merged = dict(base)
    for name, item in top.items():
        nested = isinstance(item, dict) and isinstance(base.get(name), dict) and "olor" not in name
        merged[name] = _laid_over(base[name], item) if nested else item
    return merged
