"""The values of formulas, worked out by the formualizer library when somebody asks for them.

One engine a spreadsheet is kept and told only what changed. What the library can't work out is `#N/A` and logged,
never a wrong number. SPARKLINE has no value: the page draws it.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import formualizer

from . import references
from .addresses import cell_text, column_index, from_grid_range
from .document import Sheet, Spreadsheet
from .formulas import NOT_EVALUATED, PARSE_ERROR, CellError, Result, is_sparkline
from .grid import Cell, Formula
from .notation import is_broken
from .numbers import EPOCH, to_serial

log = logging.getLogger(__name__)

# The library's names of errors; the others are its own limits.
_ERRORS = {
    "Div": CellError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero."),
    "Na": CellError("N_A"),
    "Value": CellError("VALUE"),
    "Ref": CellError("REF", "Reference does not exist."),
    "Num": CellError("NUM"),
    "Name": CellError("NAME"),
    "Null": CellError("NULL_VALUE"),
    "Circ": CellError(
        "REF", "Circular dependency detected. To resolve with iterative calculation, see File > Settings."
    ),
    "Spill": CellError("REF", "Array result was not expanded because it would overwrite data."),
}
# Functions that Sheets has and the library lacks: their value is not known here, which differs from a wrong name.
_SHEETS_ONLY = frozenset(
    [
        "ADD",
        "AI",
        "ARRAYFORMULA",
        "ARRAY_CONSTRAIN",
        "CONCAT",
        "COUNTUNIQUE",
        "COUNTUNIQUEIFS",
        "DETECTLANGUAGE",
        "DIVIDE",
        "EPOCHTODATE",
        "EQ",
        "FLATTEN",
        "GETPIVOTDATA",
        "GOOGLEFINANCE",
        "GOOGLETRANSLATE",
        "GT",
        "GTE",
        "IMAGE",
        "IMPORTDATA",
        "IMPORTFEED",
        "IMPORTHTML",
        "IMPORTRANGE",
        "IMPORTXML",
        "ISDATE",
        "ISEMAIL",
        "ISURL",
        "JOIN",
        "LT",
        "LTE",
        "MINUS",
        "MULTIPLY",
        "NE",
        "POW",
        "QUERY",
        "REGEXEXTRACT",
        "REGEXMATCH",
        "REGEXREPLACE",
        "SORTN",
        "SPARKLINE",
        "SPLIT",
        "TO_DATE",
        "TO_DOLLARS",
        "TO_PERCENT",
        "TO_PURE_NUMBER",
        "TO_TEXT",
        "UMINUS",
        "UNARY_PERCENT",
        "UPLUS",
    ]
)
_FUNCTION = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|([A-Za-z_][\w.]*)\(")
_BARE_REFERENCE = re.compile(r"=\s*(?:'(?:[^']|'')+'!|[\w.]+!)?\$?[A-Za-z]{1,3}\$?\d+\s*")
# Formulas that may fill more cells than their own.
_ARRAYS = re.compile(
    r"\{|\b(?:UNIQUE|FILTER|SORT|SORTBY|SEQUENCE|TRANSPOSE|HSTACK|VSTACK|TOROW|TOCOL|WRAPROWS|WRAPCOLS|CHOOSEROWS|CHOOSECOLS"
    r"|MAP|BYROW|BYCOL|MAKEARRAY|SCAN|FREQUENCY|RANDARRAY|XLOOKUP|INDEX|LET)\s*\(",
    re.IGNORECASE,
)
# What the engine holds for a formula that it refused, so that dependents fail likewise.
_STAND_INS = {"REF": "#REF!", "NAME": "#NAME?"}
_SCRATCH = "scratch"
# Setting cells one by one takes the library far longer each than loading them all at once.
_FEW = 500

_Place = tuple[int, int, int]


class Calculator:
    """The engine of one spreadsheet, whose callers say what time it is there."""

    def __init__(self) -> None:
        self._seen: Spreadsheet | None = None
        self._day: date | None = None
        self._book: Any = None
        self._results: dict[_Place, Result] = {}
        self._unparsed: dict[_Place, CellError] = {}
        self._formulas: dict[_Place, str] = {}

    def result(self, spreadsheet: Spreadsheet, now: datetime, sheet: Sheet, row: int, column: int) -> Result:
        """Give the value of the formula in a cell."""
        self._bring_up_to_date(spreadsheet, now)
        return self._results.get((sheet.sheet_id, row, column))

    def spilled(self, spreadsheet: Spreadsheet, now: datetime) -> dict[_Place, Result]:
        """Give the values that array formulas put into other cells, by tab id, row and column."""
        self._bring_up_to_date(spreadsheet, now)
        return {place: value for place, value in self._results.items() if place not in self._formulas}

    def evaluate(self, spreadsheet: Spreadsheet, now: datetime, home: Sheet, formulas: list[str]) -> list[Result]:
        """Give the values that formulas would have on a tab, as the formulas of conditional formats are read."""
        self._bring_up_to_date(spreadsheet, now)
        if self._book is None:
            self._feed(spreadsheet, {})
        if _SCRATCH not in self._book.sheet_names:
            self._book.add_sheet(_SCRATCH)
        for row, formula in enumerate(formulas, 1):
            located = references.located(_for_engine(formula, spreadsheet), _engine_name(home))
            try:
                self._book.set_formula(_SCRATCH, row, 1, located)
            except (RuntimeError, ValueError):
                self._book.set_value(_SCRATCH, row, 1, None)
        places = [(_SCRATCH, row, 1) for row in range(1, len(formulas) + 1)]
        values = self._book.evaluate_cells(places) if places else []
        results = [_converted(value, formula) for value, formula in zip(values, formulas, strict=True)]
        for _, row, column in places:
            self._book.set_value(_SCRATCH, row, column, None)
        return results

    def _bring_up_to_date(self, spreadsheet: Spreadsheet, now: datetime) -> None:
        # NOW waits for the next change or the next day, as in Sheets that recalculates on changes.
        if self._seen is spreadsheet and self._day == now.date():
            return
        formulas = {
            (sheet.sheet_id, row, column): str(formula)
            for sheet in spreadsheet.sheets
            for row, column, _, formula in sheet.grid.formulas()
            if not is_sparkline(formula)
        }
        if formulas:
            self._feed(spreadsheet, formulas)
            self._results = self._evaluate(spreadsheet, now, formulas)
        else:
            self._book, self._results = None, {}
        self._seen, self._day, self._formulas = spreadsheet, now.date(), formulas

    def _feed(self, spreadsheet: Spreadsheet, formulas: dict[_Place, str]) -> None:
        """Bring the engine's workbook to the spreadsheet's state: changed cells, or everything if the grids differ."""
        changed = self._changes(spreadsheet)
        if changed is None:
            self._load(spreadsheet, formulas)
            return
        for sheet, row, column, cell in changed:
            place = (sheet.sheet_id, row, column)
            self._unparsed.pop(place, None)
            if place in formulas:
                self._set_formula(spreadsheet, place, formulas[place])
            else:
                self._book.set_value(_engine_name(sheet), row + 1, column + 1, _constant(cell))

    def _changes(self, spreadsheet: Spreadsheet) -> list[tuple[Sheet, int, int, Cell]] | None:
        """Give the cells that differ from what the engine has, None if loading everything is better."""
        if self._book is None or self._seen is None or not _same_shape(self._seen, spreadsheet):
            return None
        found: list[tuple[Sheet, int, int, Cell]] = []
        for old, new in zip(self._seen.sheets, spreadsheet.sheets, strict=True):
            found += [(new, row, column, cell) for row, column, cell in _differences(old, new)]
        return found if len(found) <= _FEW else None

    def _load(self, spreadsheet: Spreadsheet, formulas: dict[_Place, str]) -> None:
        self._book = formualizer.Workbook(mode=formualizer.WorkbookMode.Ephemeral)
        self._unparsed = {}
        for sheet in spreadsheet.sheets:
            name = _engine_name(sheet)
            self._book.add_sheet(name)
            rows = [[_constant(cell) for cell in row] for row in sheet.grid.rows]
            width = max(map(len, rows), default=0)
            if width:
                self._book.set_values_batch(name, 1, 1, [row + [None] * (width - len(row)) for row in rows])
        for place in formulas:
            self._set_formula(spreadsheet, place, formulas[place])

    def _set_formula(self, spreadsheet: Spreadsheet, place: _Place, formula: str) -> None:
        sheet_id, row, column = place
        if is_broken(formula):
            self._refuse(place, PARSE_ERROR)
            return
        try:
            self._book.set_formula(f"t{sheet_id}", row + 1, column + 1, _for_engine(formula, spreadsheet))
        except (RuntimeError, ValueError) as error:
            self._refuse(place, _refused(str(error)))

    def _refuse(self, place: _Place, error: CellError) -> None:
        sheet_id, row, column = place
        self._unparsed[place] = error
        # What depends on the cell must see an error too, not what was there before.
        self._book.set_formula(f"t{sheet_id}", row + 1, column + 1, f"={_STAND_INS.get(error.kind, '#VALUE!')}")

    def _evaluate(self, spreadsheet: Spreadsheet, now: datetime, formulas: dict[_Place, str]) -> dict[_Place, Result]:
        # To the engine local time is UTC.
        self._book.set_deterministic_clock(now.replace(tzinfo=UTC), 0)
        try:
            self._book.evaluate_all()
        except Exception:
            log.warning("The formulas of %s could not be evaluated", spreadsheet.spreadsheet_id, exc_info=True)
            return dict.fromkeys(formulas, NOT_EVALUATED)
        results = {place: self._one(spreadsheet, place, formula) for place, formula in formulas.items()}
        for place, formula in formulas.items():
            if place not in self._unparsed and _ARRAYS.search(formula):
                results = self._spill(place) | results
        return results

    def _spill(self, place: _Place) -> dict[_Place, Result]:
        """Give the values that an array formula puts into the cells beside it."""
        sheet_id, row, column = place
        name = f"t{sheet_id}"
        role = self._book.inspect_cell(f"{name}!{cell_text(row, column)}").cell.spill
        if role is None or not role.extent:
            return {}
        last = role.extent.rpartition(":")[2]
        letters = last.rstrip("0123456789")
        places = [
            (sheet_id, line, across)
            for line in range(row, int(last[len(letters) :]))
            for across in range(column, column_index(letters) + 1)
        ]
        # get_value misses what an array puts over loaded cells; evaluate_cell sees it.
        return {spot: _converted(self._book.evaluate_cell(name, spot[1] + 1, spot[2] + 1), "") for spot in places}

    def _one(self, spreadsheet: Spreadsheet, place: _Place, formula: str) -> Result:
        if place in self._unparsed:
            return self._unparsed[place]
        unknown = _unknown_function(formula)
        if unknown:
            if unknown.upper() not in _SHEETS_ONLY:
                return CellError("NAME", f"Unknown function: '{unknown}'.")
            log.info("Not evaluated: %s", formula)
            return NOT_EVALUATED
        if formula == "=IF(,,)" or (
            _BARE_REFERENCE.fullmatch(formula) and _points_at_nothing(spreadsheet, place, formula)
        ):
            return None
        sheet_id, row, column = place
        return _converted(self._book.get_value(f"t{sheet_id}", row + 1, column + 1), formula)


def _refused(message: str) -> CellError:
    """Give the error value of a formula that the library doesn't take."""
    if "#CIRC!" in message:
        return _ERRORS["Circ"]
    unknown = re.search(r"Undefined name: (.+)", message)
    return CellError("NAME", f"Unknown range name: '{unknown[1].upper()}'.") if unknown else PARSE_ERROR


def _engine_name(sheet: Sheet) -> str:
    # Ids don't change when a tab is renamed.
    return f"t{sheet.sheet_id}"


def _same_shape(old: Spreadsheet, new: Spreadsheet) -> bool:
    shape_of = [(sheet.sheet_id, sheet.row_count, sheet.column_count, sheet.title) for sheet in old.sheets]
    shape = [(sheet.sheet_id, sheet.row_count, sheet.column_count, sheet.title) for sheet in new.sheets]
    return shape == shape_of and old.named_ranges == new.named_ranges


def _differences(old: Sheet, new: Sheet) -> list[tuple[int, int, Cell]]:
    """Give the cells that are not the same; cells are shared between versions, so that identity tells."""
    found = []
    for row in range(max(len(old.grid.rows), len(new.grid.rows))):
        before = old.grid.rows[row] if row < len(old.grid.rows) else []
        after = new.grid.rows[row] if row < len(new.grid.rows) else []
        if before != after:
            for column in range(max(len(before), len(after))):
                cell = new.grid.get(row, column)
                if cell.value != old.grid.get(row, column).value:
                    found.append((row, column, cell))
    return found


def _constant(cell: Cell | None) -> Any:
    if cell is None or type(cell.value) is Formula:
        return None
    return cell.value


def _for_engine(formula: str, spreadsheet: Spreadsheet) -> str:
    """Give a formula with the engine's names of tabs and without named ranges."""

    def area_of(name: str) -> str | None:
        named = spreadsheet.named(name)
        return from_grid_range(named["range"], spreadsheet).text() if named else None

    def named_tab(title: str) -> str | None:
        sheet = spreadsheet.titled(title)
        return _engine_name(sheet) if sheet else None

    if spreadsheet.named_ranges:
        formula = references.replace_names(formula, area_of)
    return references.normalise(formula, named_tab)


def _unknown_function(formula: str) -> str | None:
    for match in _FUNCTION.finditer(formula):
        name = match.group(1)
        if name and (name.upper() in _SHEETS_ONLY or not _is_known(name.upper())):
            return name
    return None


@cache
def _is_known(name: str) -> bool:
    """Tell whether the library has a function; it lists none, so it is asked."""
    book = formualizer.Workbook()
    book.add_sheet("probe")
    try:
        book.set_formula("probe", 1, 1, f"={name}(1)")
        value = book.evaluate_cell("probe", 1, 1)
    except (RuntimeError, ValueError):
        return True
    return not (isinstance(value, dict) and value.get("kind") == "Name")


def _points_at_nothing(spreadsheet: Spreadsheet, place: _Place, formula: str) -> bool:
    reference = next(part for part in references.parts(formula) if isinstance(part, references.Reference))
    sheet = spreadsheet.titled(reference.sheet) if reference.sheet is not None else spreadsheet.sheet(place[0])
    if sheet is None or reference.top is None or reference.left is None:
        return False
    return sheet.grid.get(reference.top.place, reference.left.place).value is None


def _converted(value: Any, formula: str) -> Result:
    if isinstance(value, dict):
        error = _ERRORS.get(str(value.get("kind")))
        if error is None:
            log.info("Not evaluated (%s): %s", value.get("kind"), formula)
        return error or NOT_EVALUATED
    if isinstance(value, datetime):
        return to_serial(value.replace(tzinfo=None))
    if isinstance(value, date):
        return float((value - EPOCH.date()).days)
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    log.info("Not evaluated (%r): %s", value, formula)
    return NOT_EVALUATED


def zone_of(spreadsheet: Spreadsheet) -> ZoneInfo:
    try:
        return ZoneInfo(spreadsheet.properties.get("timeZone", "Etc/GMT"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Etc/GMT")
