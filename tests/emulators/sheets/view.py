"""Cells as they are seen: effective values, formatted values, effective formats."""

from __future__ import annotations

from datetime import datetime

from . import looks
from .appearance import Appearance
from .document import Sheet, Spreadsheet
from .engine import Calculator
from .errors import Json
from .formulas import CellError, Result, is_sparkline
from .grid import EMPTY, Formula
from .masks import ALL, Mask
from .notation import to_stored
from .numbers import is_date
from .references import End, Reference
from .showing import entered, extended, is_true, show
from .typed import to_number

# A chain of references longer than this doesn't hand a number format on; one may also lead in a circle.
_MOST_STEPS = 50
# Fields of CellData that need the effective value.
_FROM_VALUE = frozenset({"effectiveValue", "formattedValue", "effectiveFormat"})


class View:
    """A spreadsheet with the engine that works out its formulas, at a time on the clocks of its time zone."""

    def __init__(self, spreadsheet: Spreadsheet, calculator: Calculator, now: datetime) -> None:
        self.spreadsheet = spreadsheet
        self.now = now
        self.locale = spreadsheet.locale
        self._calculator = calculator
        self._reader = object()
        self._spilled: dict[tuple[int, int, int], Result] | None = None
        self._appearances: dict[int, Appearance] = {}
        self._addresses: dict[tuple[int, str], str | None] = {}
        self._numbers: dict[tuple[int, str], float | None] = {}

    def effective(self, sheet: Sheet, row: int, column: int) -> Result:
        """Give the value in a cell that people see: a formula's result, or what was entered."""
        cell = sheet.grid.get(row, column)
        if type(cell.value) is Formula:
            if is_sparkline(cell.value):
                return None
            found = self._calculator.result(self.spreadsheet, self.now, sheet, row, column)
            if isinstance(found, CellError) and found.kind == "LOADING":
                return self._calculator.loaded(sheet, row, column, cell.value, self._reader)
            return found
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
        return show(self.effective(sheet, row, column), self.number_format(sheet, row, column), self.locale)

    def number_format(self, sheet: Sheet, row: int, column: int, depth: int = 0) -> Json | None:
        """Give the number format that shows a cell: its own, or what its formula takes over from others."""
        cell = sheet.grid.get(row, column)
        found: Json | None = cell.format.get("numberFormat") if cell.format else None
        if cell.value is None and not found and self.spreadsheet.has_pivots:
            return self._calculator.pivot_format(self.spreadsheet, self.now, (sheet.sheet_id, row, column))
        if found or type(cell.value) is not Formula or depth > _MOST_STEPS:
            return found
        return self._taken_over(sheet, cell.value, depth)

    def _taken_over(self, home: Sheet, formula: str, depth: int) -> Json | None:
        """Give the format of the first term that has one; a date less a date is a number."""
        found: Json | None = None
        for is_negative, like in looks.terms(formula):
            given = looks.FORMATS[like] if isinstance(like, str) else None
            if isinstance(like, Reference):
                sheet = home if like.sheet is None else self.spreadsheet.titled(like.sheet)
                if sheet is not None:
                    row, column = (like.top or End(0)).place, (like.left or End(0)).place
                    given = self.number_format(sheet, row, column, depth + 1)
            if given and given.get("type") == "TEXT":
                given = None
            if is_negative and is_date(given) and is_date(found):
                return None
            found = found or given
        return found

    def link(self, sheet: Sheet, row: int, column: int) -> str | None:
        """Give the address that a cell leads to, by its format or its formula."""
        cell = sheet.grid.get(row, column)
        if type(cell.value) is Formula and looks.makes_link(cell.value):
            address = looks.address_of(cell.value)
            key = sheet.sheet_id, address
            if key not in self._addresses:
                found = self._calculator.evaluate(self.spreadsheet, self.now, sheet, [f"={address}"])[0]
                self._addresses[key] = found if isinstance(found, str) and found else None
            return self._addresses[key]
        uri: str | None = (cell.format or {}).get("textFormat", {}).get("link", {}).get("uri")
        return uri

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
        if value not in (None, ""):
            data["effectiveValue"] = extended(value)
            if not mask or "formattedValue" in mask:
                data["formattedValue"] = show(value, self.number_format(sheet, row, column), self.locale)
        if cell.format:
            data["userEnteredFormat"] = cell.format
        if (value is not None or cell is not EMPTY) and (not mask or "effectiveFormat" in mask):
            data["effectiveFormat"] = self.appearance(sheet).format(row, column, value)
        link = self.link(sheet, row, column) if not mask or "hyperlink" in mask else None
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
