"""Writing what is planned, reading it back, and going on until nothing is left to do."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import structlog

from seat_report.errors import SpreadsheetError
from seat_report.workbook.conflicts import ConflictResolver, Repairs
from seat_report.workbook.plan import WritePlan
from seat_report.workbook.sheets_api import (
    Request,
    RequestRefusedError,
    Snapshot,
    Spreadsheet,
    WriteUncertainError,
    batches,
)

ROUNDS = 3

log = structlog.get_logger()


class ApplyResult(NamedTuple):
    """What came of it: the spreadsheet as it stands now, in how many rounds, and whether it says all it should."""

    snapshot: Snapshot
    rounds: int
    is_complete: bool


def apply(
    spreadsheet: Spreadsheet,
    titles: Sequence[str],
    plan: Callable[[Snapshot], WritePlan],
    conflicts: ConflictResolver | None = None,
) -> ApplyResult:
    """Make the tabs of these titles say what `plan` wants of them.

    People may sort or insert between our reading and our writing, and a write may be lost on its way: so what was
    written is read back with it, mended where it went astray, and planned again, three rounds at most. `rescue`
    remembers an earlier write that was not read back yet. Raises SpreadsheetError if the last word is that the
    spreadsheet could not be written.
    """
    rounds = 0
    last_error: SpreadsheetError | None = None
    conflicts = conflicts or ConflictResolver()
    present = spreadsheet.read(titles)
    while True:
        repairs = conflicts.repairs(present)
        found = plan(repairs.snapshot)
        if found.is_empty and not repairs.steps:
            conflicts.forget()
            return ApplyResult(repairs.snapshot, rounds, is_complete=True)
        if rounds == ROUNDS:
            conflicts.forget()
            _repair(spreadsheet, repairs)
            if last_error is not None:
                raise last_error
            return ApplyResult(repairs.snapshot, rounds, is_complete=False)
        conflicts.expect(found.patches, repairs)
        pieces = batches(chain(repairs.steps, found.steps()))
        # What the plan holds besides should not be in memory while a large workbook is read back.
        del present, found, repairs
        try:
            present = _write(spreadsheet, pieces, titles)
            last_error = None
        except (RequestRefusedError, WriteUncertainError) as error:
            log.info("a write has to be planned again", reason=str(error))
            last_error = error
            present = spreadsheet.read(titles)
        rounds += 1


def _write(spreadsheet: Spreadsheet, pieces: Iterator[list[Request]], titles: Sequence[str]) -> Snapshot:
    """Write all; the tabs as they stand right after the last piece."""
    piece = next(pieces)
    for following in pieces:
        spreadsheet.write(piece)
        piece = following
    return spreadsheet.write_and_read(piece, titles)


def _repair(spreadsheet: Spreadsheet, repairs: Repairs) -> None:
    """Take back what the last round has done in a wrong place; there is no other to do it."""
    try:
        for batch in batches(repairs.steps):
            spreadsheet.write(batch)
    except SpreadsheetError as error:
        log.warning("what was written in a wrong place could not be taken back", reason=str(error))
