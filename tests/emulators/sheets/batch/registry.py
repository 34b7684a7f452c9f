"""The kinds of batchUpdate requests and how a list of them is carried out: in order, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from tests.emulators.sheets import pivot_tables, references, structured
from tests.emulators.sheets.addresses import Area, from_grid_range
from tests.emulators.sheets.document import Sheet, Spreadsheet
from tests.emulators.sheets.engine import Calculator
from tests.emulators.sheets.errors import ApiError, Json, invalid, unsupported
from tests.emulators.sheets.grid import Cell, Formula
from tests.emulators.sheets.moving import Renumber, Shift, Simple
from tests.emulators.sheets.view import View

MAX_CELLS = 10_000_000

_Located = tuple[Sheet, int, int, Cell, Formula]


@dataclass
class Batch:
    """What a request works on: a copy of the spreadsheet that replaces it once all requests are done."""

    spreadsheet: Spreadsheet
    calculator: Calculator
    caller: str
    now: datetime
    # Insertions and deletions that formulas have yet to follow, with the titles of their tabs: gathered over requests,
    # because following each on its own takes long where there are many formulas.
    _pending: list[tuple[Simple, str]] = field(default_factory=list)
    # Formulas that were written meanwhile, by identity, with how many of the pending changes came before them.
    _written: dict[int, tuple[Formula, int]] = field(default_factory=dict)
    gathers: bool = False

    def area(self, grid_range: Json) -> Area:
        """Give the area of a GridRange within the grid."""
        return from_grid_range(grid_range, self.spreadsheet)

    def view(self) -> View:
        """Give the cells as they are seen after the requests so far, a snapshot that later requests don't change."""
        return View(self.spreadsheet.copy(), self.calculator, self.now)

    def follow(self, change: Shift, title: str) -> None:
        """Let ranges and formulas everywhere follow a change of the tab of this title; formulas may wait."""
        self.spreadsheet.follow(change)
        if self.spreadsheet.has_pivots:
            pivot_tables.follow(self.spreadsheet, change)
        if isinstance(change, Simple) and change.band is None:
            self._pending.append((change, title))
            if not self.gathers:
                self.settle()
            return
        self.settle()
        for home, row, column, cell, formula in self._formulas():
            _put_formula(home, row, column, cell, references.follow(formula, [(change, title)], home.title))

    def wrote(self, cell: Cell) -> None:
        """Take note that a cell was written: what is pending happened before its formula."""
        if self._pending and type(cell.value) is Formula:
            self._written[id(cell.value)] = cell.value, len(self._pending)

    def settle(self) -> None:
        """Let all formulas follow the changes gathered so far."""
        if not self._pending:
            return
        waiting: dict[int, list[_Located]] = {}
        for located in self._formulas():
            waiting.setdefault(self._followed(located[4]), []).append(located)
        by_axis: dict[tuple[str, str], list[Simple]] = {}
        for change, title in self._pending:
            by_axis.setdefault((title, change.dimension), []).append(change)
        steps = {axis: Renumber(changes) for axis, changes in by_axis.items()}
        named = [(step, title) for (title, _), step in steps.items()]
        for done in range(len(self._pending) - 1, -1, -1):
            change, title = self._pending[done]
            steps[title, change.dimension].precede(change)
            for home, row, column, cell, formula in waiting.get(done, ()):
                _put_formula(home, row, column, cell, references.follow(formula, named, home.title))
        self._pending, self._written = [], {}

    def settle_in(self, area: Area) -> None:
        """Let the formulas of an area alone follow the changes gathered so far, as they are about to be copied."""
        if not self._pending:
            return
        for row, column, cell in list(area.sheet.grid.stored(area.top, area.bottom, area.left, area.right)):
            if type(cell.value) is Formula:
                changes = self._pending[self._followed(cell.value) :]
                settled = Formula(references.follow(cell.value, changes, area.sheet.title))
                area.sheet.grid.put(row, column, cell._replace(value=settled))
                self.wrote(area.sheet.grid.get(row, column))

    def _followed(self, formula: Formula) -> int:
        """Give how many of the pending changes a formula knows of."""
        return self._written[id(formula)][1] if id(formula) in self._written else 0

    def _formulas(self) -> list[_Located]:
        return [(home, *found) for home in self.spreadsheet.sheets for found in home.grid.formulas()]

    def guard(self, area: Area) -> None:
        """Raise ApiError if somebody else has protected any of the area against the caller."""
        for protected in area.sheet.features["protectedRanges"]:
            if self._is_barred(protected) and _overlap(protected, area):
                raise invalid(
                    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove "
                    "protection if you need to edit."
                )

    def _is_barred(self, protected: Json) -> bool:
        return not protected.get("warningOnly") and self.caller not in protected.get("editors", {}).get("users", [])

    def name_table_columns(self) -> None:
        """Let the columns of tables be called what their header cells say, and formulas follow."""
        for table, names in self.spreadsheet.name_table_columns().items():
            if names:
                self.rewrite(partial(structured.rename_columns, table=table, renamed=names))

    def rewrite(self, change: Callable[[str], str]) -> None:
        """Let a change be made to every formula."""
        self.settle()
        for home, row, column, cell, formula in self._formulas():
            _put_formula(home, row, column, cell, change(formula))

    def check_size(self) -> None:
        """Raise ApiError if the grids have more cells together than a spreadsheet may have."""
        if self.spreadsheet.cell_count() > MAX_CELLS:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
            )


def _put_formula(sheet: Sheet, row: int, column: int, cell: Cell, written: str) -> None:
    if written != cell.value:
        sheet.grid.put(row, column, cell._replace(value=Formula(written)))


def _overlap(protected: Json, area: Area) -> bool:
    part = protected.get("range", {})
    rows = area.top, area.bottom
    columns = area.left, area.right
    if any(_within(free, rows, columns) for free in protected.get("unprotectedRanges", [])):
        return False
    return _meets(part.get("startRowIndex", 0), part.get("endRowIndex"), rows) and _meets(
        part.get("startColumnIndex", 0), part.get("endColumnIndex"), columns
    )


def _meets(start: int, end: int | None, span: tuple[int, int]) -> bool:
    return start < span[1] and (end is None or span[0] < end)


def _within(part: Json, rows: tuple[int, int], columns: tuple[int, int]) -> bool:
    return bool(
        part.get("startRowIndex", 0) <= rows[0]
        and rows[1] <= part.get("endRowIndex", rows[1])
        and part.get("startColumnIndex", 0) <= columns[0]
        and columns[1] <= part.get("endColumnIndex", columns[1])
    )


Handler = Callable[[Batch, Json], Json | None]
HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that carries out a kind of request; it gives the reply, None for an empty one."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def run(batch: Batch, requests: list[Json]) -> list[Json]:
    """Carry out requests in order on the batch's copy; give their replies. Raises ApiError at the first refusal."""
    if not requests:
        raise invalid("Must specify at least one request.")
    for request in requests:
        kind = next(iter(request), "")
        if kind and kind not in HANDLERS:
            raise unsupported(kind)
    batch.gathers = True
    replies = [_reply(batch, index, request) for index, request in enumerate(requests)]
    batch.gathers = False
    batch.settle()
    return replies


# Those that leave formulas alone, or tell the batch which they write and settle those that they read.
_WITHOUT_SETTLING = frozenset(
    {"insertDimension", "deleteDimension", "updateDimensionProperties", "updateCells", "copyPaste"}
)


def _reply(batch: Batch, index: int, request: Json) -> Json:
    if not request:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    kind, body = next(iter(request.items()))
    if kind not in _WITHOUT_SETTLING:
        batch.settle()
    try:
        reply = HANDLERS[kind](batch, body or {})
    except ApiError as error:
        if error.code != 400:
            raise
        raise ApiError(400, f"Invalid requests[{index}].{kind}: {error.message}", error.details) from error
    batch.name_table_columns()
    return {} if reply is None else {kind: reply}
