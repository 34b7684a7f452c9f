"""Cells as they are seen: effective values, formatted values, effective formats."""

from __future__ import annotations

from datetime import datetime

from .appearance import Appearance
from .document import Sheet, Spreadsheet
from .engine import Calculator
from .errors import Json
from .formulas import Result, is_sparkline
from .grid import EMPTY, Formula
from .masks import ALL, Mask
from .notation import to_stored
from .showing import entered, extended, is_true, number_format_of, show
from .typed import to_number

# Fields of CellData that need the effective value.
_FROM_VALUE = frozenset({"effectiveValue", "formattedValue", "effectiveFormat"})


class View:
    """A spreadsheet with the engine that works out its formulas, at a time on the clocks of its time zone."""

    def __init__(self, spreadsheet: Spreadsheet, calculator: Calculator, now: datetime) -> None:
        self.spreadsheet = spreadsheet
        self.now = now
        self.locale = spreadsheet.locale
        self._calculator = calculator
        self._spilled: dict[tuple[int, int, int], Result] | None = None
        self._appearances: dict[int, Appearance] = {}
        self._numbers: dict[tuple[int, str], float | None] = {}

    def effective(self, sheet: Sheet, row: int, column: int) -> Result:
        """Give the value in a cell that people see: a formula's result, or what was entered."""
        cell = sheet.grid.get(row, column)
        if type(cell.value) is Formula:
            if is_sparkline(cell.value):
                return None
            return self._calculator.result(self.spreadsheet, self.now, sheet, row, column)
        if cell.value is None:
            return self.spill.get((sheet.sheet_id, row, column))
        return cell.value

    @property
    def spill(self) -> dict[tuple[int, int, int], Result]:
        """The values that array formulas put into cells without content, by tab id, row and column."""
        if self._spilled is None:
            self._spilled = self._calculator.spilled(self.spreadsheet, self.now)
        return self._spilled

    def formatted(self, sheet: Sheet, row: int, column: int) -> str:
        """Give what people read in a cell."""
        value = self.effective(sheet, row, column)
        return show(value, number_format_of(sheet.grid.get(row, column)), self.locale)

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
            data["userEnteredValue"] = entered(cell.value, self.locale)
        value = None
        if not mask or not _FROM_VALUE.isdisjoint(mask):
            value = self.effective(sheet, row, column)
        if value is not None:
            data["effectiveValue"] = extended(value)
            if value != "" and (not mask or "formattedValue" in mask):
                data["formattedValue"] = show(value, number_format_of(cell), self.locale)
        if cell.format:
            data["userEnteredFormat"] = cell.format
        if (value is not None or cell is not EMPTY) and (not mask or "effectiveFormat" in mask):
            data["effectiveFormat"] = self.appearance(sheet).format(row, column, value)
        link = (cell.format or {}).get("textFormat", {}).get("link", {}).get("uri")
        if link:
            data["hyperlink"] = link
        if cell.note:
            data["note"] = cell.note
        data |= cell.extra or {}
        return data

    def appearance(self, sheet: Sheet) -> Appearance:
        """Give the looks of a tab's cells."""
        if sheet.sheet_id not in self._appearances:
            self._appearances[sheet.sheet_id] = Appearance(self, sheet)
        return self._appearances[sheet.sheet_id]

    def number(self, sheet: Sheet, text: str) -> float | None:
        """Give the number that a text in a condition is, or that its formula comes to on a tab; None if it is none."""
        if not text.startswith("="):
            return to_number(text, self.now, self.locale)
        key = sheet.sheet_id, text
        if key not in self._numbers:
            stored = to_stored(text, self.locale)
            found = self._calculator.evaluate(self.spreadsheet, self.now, sheet, [stored])[0]
            self._numbers[key] = found if type(found) is float else None
        return self._numbers[key]

    def truths(self, sheet: Sheet, formulas: list[str]) -> dict[str, bool]:
        """Tell which formulas, as read on a tab, come to TRUE or to a number other than zero."""
        stored = [to_stored(formula, self.locale) for formula in formulas]
        results = self._calculator.evaluate(self.spreadsheet, self.now, sheet, stored)
        return {formula: is_true(result) for formula, result in zip(formulas, results, strict=True)}
