"""The values of formulas, worked out by the formualizer library when somebody asks for them.

One engine a spreadsheet is kept and told only what changed. What the library can't work out is `#N/A` and logged,
never a wrong number. SPARKLINE has no value: the page draws it.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import formualizer

from . import calls, references
from .addresses import cell_text, column_index
from .dialect import Refused, engine_name, for_library
from .document import Sheet, Spreadsheet
from .errors import Json
from .formulas import LOADING, NOT_EVALUATED, PARSE_ERROR, CellError, Result, failed_to_load, is_sparkline, names
from .grid import Cell, Formula
from .pivot_output import Shown, outputs

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
    "Calc": CellError("N_A", "No matches are found in FILTER evaluation."),
}
# Functions whose result may be a blank cell, which the library gives as zero.
_MAY_BE_BLANK = names(
    "VLOOKUP HLOOKUP XLOOKUP LOOKUP INDEX OFFSET INDIRECT IF IFS IFERROR IFNA SWITCH CHOOSE ARRAYFORMULA UNIQUE FILTER"
    " SORT TRANSPOSE"
)
_BARE_REFERENCE = re.compile(r"=\s*(?:'(?:[^']|'')+'!|[\w.]+!)?\$?[A-Za-z]{1,3}\$?\d+\s*")
# Formulas that may fill more cells than their own.
_ARRAYS = re.compile(
    r"\{|\b(?:ARRAYFORMULA|UNIQUE|FILTER|SORT|SORTBY|SEQUENCE|TRANSPOSE|HSTACK|VSTACK|TOROW|TOCOL|WRAPROWS|WRAPCOLS|CHOOSEROWS"
    r"|CHOOSECOLS|MAP|BYROW|BYCOL|MAKEARRAY|SCAN|FREQUENCY|RANDARRAY|XLOOKUP|INDEX|LET)\s*\(",
    re.IGNORECASE,
)
# What the engine holds for a formula that it refused, so that dependents fail likewise.
_STAND_INS = {"REF": "#REF!", "NAME": "#NAME?", "N_A": "NA()", "LOADING": "#REF!"}
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
        self._pivots: dict[_Place, Shown] = {}
        # Who first read the cells that load.
        self._readers: dict[tuple[int, int, int, str], object] = {}

    def result(self, spreadsheet: Spreadsheet, now: datetime, sheet: Sheet, row: int, column: int) -> Result:
        """Give the value of the formula in a cell."""
        self._bring_up_to_date(spreadsheet, now)
        return self._results.get((sheet.sheet_id, row, column))

    def loaded(self, sheet: Sheet, row: int, column: int, formula: str, reader: object) -> Result:
        """Give the value of a formula that fetches from elsewhere: loading for its first reader, then an error."""
        first = self._readers.setdefault((sheet.sheet_id, row, column, formula), reader)
        return LOADING if first is reader else failed_to_load(formula)

    def spilled(self, spreadsheet: Spreadsheet, now: datetime) -> dict[_Place, Result]:
        """Give the values that array formulas put into other cells, by tab id, row and column."""
        self._bring_up_to_date(spreadsheet, now)
        return {place: value for place, value in self._results.items() if place not in self._formulas}

    def pivot_format(self, spreadsheet: Spreadsheet, now: datetime, place: _Place) -> Json | None:
        """Give the number format that a cell of a pivot table's output takes over from its source."""
        self._bring_up_to_date(spreadsheet, now)
        return self._pivots[place].number_format if place in self._pivots else None

    def evaluate(self, spreadsheet: Spreadsheet, now: datetime, home: Sheet, formulas: list[str]) -> list[Result]:
        """Give the values that formulas would have on a tab, as the formulas of conditional formats are read."""
        self._bring_up_to_date(spreadsheet, now)
        if self._book is None:
            self._feed(spreadsheet, {})
        located = [self._located(spreadsheet, home, formula) for formula in formulas]
        values = self._worked_out([formula for formula in located if isinstance(formula, str)])
        given = iter(zip(values, formulas, strict=False))
        return [_converted(*next(given)) if isinstance(formula, str) else formula for formula in located]

    def _located(self, spreadsheet: Spreadsheet, home: Sheet, formula: str) -> str | CellError:
        """Give a formula on a tab as the library would read it anywhere, or the error it is."""
        try:
            return references.located(for_library(formula, spreadsheet, home), engine_name(home))
        except Refused as refused:
            return refused.error

    def _worked_out(self, located: list[str]) -> list[Any]:
        """Give the library's values of formulas, beside the spreadsheet's."""
        if _SCRATCH not in self._book.sheet_names:
            self._book.add_sheet(_SCRATCH)
        for row, formula in enumerate(located, 1):
            try:
                self._book.set_formula(_SCRATCH, row, 1, formula)
            except (RuntimeError, ValueError):
                self._book.set_value(_SCRATCH, row, 1, None)
        places = [(_SCRATCH, row, 1) for row in range(1, len(located) + 1)]
        values = self._book.evaluate_cells(places) if places else []
        for _, row, column in places:
            self._book.set_value(_SCRATCH, row, column, None)
        return list(values)

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
        self._pivots = outputs(spreadsheet, self._results) if spreadsheet.has_pivots else {}
        if self._pivots:
            self._take_in_pivots(spreadsheet, now, formulas)
        self._seen, self._day, self._formulas = spreadsheet, now.date(), formulas

    def _take_in_pivots(self, spreadsheet: Spreadsheet, now: datetime, formulas: dict[_Place, str]) -> None:
        """Let formulas see what pivot tables show."""
        if formulas:
            for (sheet_id, row, column), shown in self._pivots.items():
                if isinstance(shown.value, CellError):
                    self._refuse((sheet_id, row, column), shown.value)
                else:
                    self._book.set_value(f"t{sheet_id}", row + 1, column + 1, shown.value)
            self._results = self._evaluate(spreadsheet, now, formulas)
        self._results |= {place: shown.value for place, shown in self._pivots.items()}

    def _feed(self, spreadsheet: Spreadsheet, formulas: dict[_Place, str]) -> None:
        """Bring the engine's workbook to the spreadsheet's state: changed cells, or everything if the grids differ."""
        changed = self._changes(spreadsheet)
        if changed is None or self._pivots or spreadsheet.has_pivots or self._touches_arrays(changed):
            self._load(spreadsheet, formulas)
            return
        for sheet, row, column, cell in changed:
            place = (sheet.sheet_id, row, column)
            self._unparsed.pop(place, None)
            if place in formulas:
                self._set_formula(spreadsheet, place, formulas[place])
            else:
                self._book.set_value(engine_name(sheet), row + 1, column + 1, _constant(cell))

    def _touches_arrays(self, changed: list[tuple[Sheet, int, int, Cell]]) -> bool:
        """Tell whether cells that arrays fill are changed, or arrays wait for room: the library misses either."""
        filled = self._results.keys() - self._formulas.keys()
        if any((sheet.sheet_id, row, column) in filled for sheet, row, column, _ in changed):
            return True
        return any(isinstance(value, CellError) and value.is_obstacle() for value in self._results.values())

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
        # As dates, a difference of a few days would be off by one: Excel counts from the day after Sheets' day 0.
        self._book.set_temporal_egress("serial")
        self._unparsed = {}
        for sheet in spreadsheet.sheets:
            name = engine_name(sheet)
            self._book.add_sheet(name)
            rows = [[_constant(cell) for cell in row] for row in sheet.grid.rows]
            width = max(map(len, rows), default=0)
            if width:
                self._book.set_values_batch(name, 1, 1, [row + [None] * (width - len(row)) for row in rows])
        for place in formulas:
            self._set_formula(spreadsheet, place, formulas[place])

    def _set_formula(self, spreadsheet: Spreadsheet, place: _Place, formula: str) -> None:
        sheet_id, row, column = place
        try:
            written = for_library(formula, spreadsheet, spreadsheet.sheet(sheet_id))
            self._book.set_formula(f"t{sheet_id}", row + 1, column + 1, written)
        except Refused as refused:
            if refused.error == NOT_EVALUATED:
                log.info("Not evaluated: %s", formula)
            self._refuse(place, refused.error)
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
        results = {place: self._one(place, formula) for place, formula in formulas.items()}
        for place, formula in formulas.items():
            if place not in self._unparsed and _ARRAYS.search(formula):
                filled = self._spill(spreadsheet, place, formula)
                results = filled | results if filled.keys() - {place} else results | filled
        self._blank_out(spreadsheet, formulas, results)
        return results

    def _one(self, place: _Place, formula: str) -> Result:
        if place in self._unparsed:
            return self._unparsed[place]
        if formula == "=IF(,,)":
            return None
        sheet_id, row, column = place
        return _converted(self._book.get_value(f"t{sheet_id}", row + 1, column + 1), formula)

    def _spill(self, spreadsheet: Spreadsheet, place: _Place, formula: str) -> dict[_Place, Result]:
        """Give the values that an array formula puts into the cells beside it, or the error why it doesn't."""
        sheet_id, row, column = place
        name, sheet = f"t{sheet_id}", spreadsheet.sheet(sheet_id)
        role = self._book.inspect_cell(f"{name}!{cell_text(row, column)}").cell.spill
        if role is None or not role.extent:
            value = self._book.get_value(name, row + 1, column + 1)
            if isinstance(value, dict) and value.get("kind") == "Spill":
                return {place: self._obstacle(spreadsheet, place, formula)}
            return {}
        last = role.extent.rpartition(":")[2]
        letters = last.rstrip("0123456789")
        bottom, right = int(last[len(letters) :]), column_index(letters) + 1
        for noun, missing in (("rows", bottom - sheet.row_count), ("columns", right - sheet.column_count)):
            if missing > 0:
                text = f"Result was not automatically expanded, please insert more {noun} ({missing})."
                return {place: CellError("REF", text)}
        places = [(sheet_id, line, across) for line in range(row, bottom) for across in range(column, right)]
        # get_value misses what an array puts over loaded cells; evaluate_cell sees it.
        found = {spot: _converted(self._book.evaluate_cell(name, spot[1] + 1, spot[2] + 1), "") for spot in places}
        zeros = [spot for spot in places if found[spot] == 0.0 and type(found[spot]) is float]
        located = self._located(spreadsheet, sheet, f"=({formula[1:]})")
        if zeros and isinstance(located, str):
            tests = [f'=INDEX({located[1:]}="",{line - row + 1},{across - column + 1})' for _, line, across in zeros]
            blank = self._worked_out(tests)
            found |= {spot: None for spot, is_blank in zip(zeros, blank, strict=True) if is_blank is True}
        return found

    def _obstacle(self, spreadsheet: Spreadsheet, place: _Place, formula: str) -> CellError:
        """Give the error of an array formula that something is in the way of, with the place of the first such cell."""
        sheet_id, row, column = place
        sheet = spreadsheet.sheet(sheet_id)
        wanted = [self._located(spreadsheet, sheet, f"={size}({formula[1:]})") for size in ("ROWS", "COLUMNS")]
        sizes = self._worked_out([text for text in wanted if isinstance(text, str)])
        height, width = (int(size) if isinstance(size, int | float) else 1 for size in sizes)
        for line, across, cell in sheet.grid.stored(row, row + height, column, column + width):
            if cell.value is not None and (line, across) != (row, column):
                text = f"Array result was not expanded because it would overwrite data in {cell_text(line, across)}."
                return CellError("REF", text)
        return _ERRORS["Spill"]

    def _blank_out(self, spreadsheet: Spreadsheet, formulas: dict[_Place, str], results: dict[_Place, Result]) -> None:
        """Take out the zeros that the library gives where a formula's result is a blank cell."""
        zeros = {
            place: text for place, text in formulas.items() if results[place] == 0.0 and results[place] is not False
        }
        doubtful = [place for place, text in zeros.items() if place not in self._unparsed and _may_be_blank(text)]
        located = {
            place: self._located(spreadsheet, spreadsheet.sheet(place[0]), f'=({formulas[place][1:]})=""')
            for place in doubtful
        }
        tests = {place: test for place, test in located.items() if isinstance(test, str)}
        for place, is_blank in zip(tests, self._worked_out(list(tests.values())), strict=True):
            if is_blank is True:
                results[place] = None
        references_ = {place: _target(spreadsheet, place, text) for place, text in zeros.items() if _is_bare(text)}
        waiting = {place: target for place, target in references_.items() if target}
        while waiting:
            blank = [place for place, target in waiting.items() if _holds_nothing(spreadsheet, target, results)]
            if not blank:
                break
            for place in blank:
                results[place] = None
                del waiting[place]


def _refused(message: str) -> CellError:
    """Give the error value of a formula that the library doesn't take."""
    if "#CIRC!" in message:
        return _ERRORS["Circ"]
    unknown = re.search(r"Undefined name: (.+)", message)
    return CellError("NAME", f"Unknown range name: '{unknown[1].upper()}'.") if unknown else PARSE_ERROR


def _same_shape(old: Spreadsheet, new: Spreadsheet) -> bool:
    shape_of = [(sheet.sheet_id, sheet.row_count, sheet.column_count, sheet.title) for sheet in old.sheets]
    shape = [(sheet.sheet_id, sheet.row_count, sheet.column_count, sheet.title) for sheet in new.sheets]
    tables_of = [sheet.features["tables"] for sheet in old.sheets]
    tables = [sheet.features["tables"] for sheet in new.sheets]
    return shape == shape_of and old.named_ranges == new.named_ranges and tables == tables_of


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


def _is_bare(formula: str) -> bool:
    return bool(_BARE_REFERENCE.fullmatch(formula))


def _may_be_blank(formula: str) -> bool:
    start = len(formula) - len(formula[1:].lstrip())
    call = calls.call_at(formula, start)
    return call is not None and call.name.upper() in _MAY_BE_BLANK and call.end == len(formula.rstrip())


def _target(spreadsheet: Spreadsheet, place: _Place, formula: str) -> _Place | None:
    """Give the place that a formula refers to that is a reference alone."""
    reference = next(part for part in references.parts(formula) if isinstance(part, references.Reference))
    sheet = spreadsheet.titled(reference.sheet) if reference.sheet is not None else spreadsheet.sheet(place[0])
    if sheet is None or reference.top is None or reference.left is None:
        return None
    return sheet.sheet_id, reference.top.place, reference.left.place


def _holds_nothing(spreadsheet: Spreadsheet, place: _Place, results: dict[_Place, Result]) -> bool:
    value = spreadsheet.sheet(place[0]).grid.get(place[1], place[2]).value
    return (value is None or type(value) is Formula) and results.get(place) is None


def _converted(value: Any, formula: str) -> Result:
    if isinstance(value, dict):
        error = _ERRORS.get(str(value.get("kind")))
        if error is None:
            log.info("Not evaluated (%s): %s", value.get("kind"), formula)
        return error or NOT_EVALUATED
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
