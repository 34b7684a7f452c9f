"""The kinds of batchUpdate requests and how a list of them is carried out: in order, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.emulators.sheets.addresses import Area, from_grid_range
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.errors import ApiError, Json, invalid, unsupported
from tests.emulators.sheets.formulas import Calculator
from tests.emulators.sheets.view import View

MAX_CELLS = 10_000_000


@dataclass
class Batch:
    """What a request works on: a copy of the spreadsheet that replaces it once all requests are done."""

    spreadsheet: Spreadsheet
    calculator: Calculator
    caller: str
    now: datetime

    def area(self, grid_range: Json) -> Area:
        """Give the area of a GridRange within the grid."""
        return from_grid_range(grid_range, self.spreadsheet)

    def view(self) -> View:
        """Give the cells as they are seen after the requests so far, a snapshot that later requests don't change."""
        return View(self.spreadsheet.copy(), self.calculator)

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
    return [_reply(batch, index, request) for index, request in enumerate(requests)]


def _reply(batch: Batch, index: int, request: Json) -> Json:
    if not request:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    kind, body = next(iter(request.items()))
    try:
        reply = HANDLERS[kind](batch, body or {})
    except ApiError as error:
        if error.code != 400:
            raise
        raise ApiError(400, f"Invalid requests[{index}].{kind}: {error.message}", error.details) from error
    return {} if reply is None else {kind: reply}
