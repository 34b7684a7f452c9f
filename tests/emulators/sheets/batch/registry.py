"""The kinds of batchUpdate requests and how a list of them is carried out: in order, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.emulators.sheets import references
from tests.emulators.sheets.addresses import Area, from_grid_range
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.engine import Calculator
from tests.emulators.sheets.errors import ApiError, Json, invalid, unsupported
from tests.emulators.sheets.grid import Formula
from tests.emulators.sheets.moving import Shift, combined
from tests.emulators.sheets.view import View

MAX_CELLS = 10_000_000


@dataclass
class Batch:
    """What a request works on: a copy of the spreadsheet that replaces it once all requests are done."""

    spreadsheet: Spreadsheet
    calculator: Calculator
    caller: str
    now: datetime
    # Structural changes that formulas have yet to follow, with the titles of their tabs: gathered over requests that
    # leave formulas alone, because following each on its own takes long where there are many formulas.
    pending: list[tuple[Shift, str]] = field(default_factory=list)
    gathers: bool = False

    def area(self, grid_range: Json) -> Area:
        """Give the area of a GridRange within the grid."""
        return from_grid_range(grid_range, self.spreadsheet)

    def view(self) -> View:
        """Give the cells as they are seen after the requests so far, a snapshot that later requests don't change."""
        return View(self.spreadsheet.copy(), self.calculator)

    def settle(self) -> None:
        """Let formulas follow the structural changes gathered so far."""
        changes, self.pending = combined(self.pending), []
        for home in self.spreadsheet.sheets if changes else []:
            for row, column, cell, formula in list(home.grid.formulas()):
                written = references.follow(formula, changes, home.title)
                if written != formula:
                    home.grid.put(row, column, cell._replace(value=Formula(written)))

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

    def check_size(self) -> None:
        """Raise ApiError if the grids have more cells together than a spreadsheet may have."""
        if self.spreadsheet.cell_count() > MAX_CELLS:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
            )


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


_LEAVE_FORMULAS = frozenset({"insertDimension", "deleteDimension", "moveDimension", "updateDimensionProperties"})


def _leaves_formulas(kind: str, body: Json) -> bool:
    """Tell whether a request neither reads nor writes formulas."""
    if kind == "updateCells":
        cells = (cell for row in body.get("rows", []) for cell in row.get("values", []))
        return not any("formulaValue" in cell.get("userEnteredValue", {}) for cell in cells)
    return kind in _LEAVE_FORMULAS


def _reply(batch: Batch, index: int, request: Json) -> Json:
    if not request:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    kind, body = next(iter(request.items()))
    if batch.pending and not _leaves_formulas(kind, body):
        batch.settle()
    try:
        reply = HANDLERS[kind](batch, body or {})
    except ApiError as error:
        if error.code != 400:
            raise
        raise ApiError(400, f"Invalid requests[{index}].{kind}: {error.message}", error.details) from error
    return {} if reply is None else {kind: reply}
