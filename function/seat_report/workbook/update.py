"""Writing what is planned, reading it back, and going on until nothing is left to do."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import structlog

from seat_report.errors import SpreadsheetError
from seat_report.workbook.reconcile import batches
from seat_report.workbook.requests import Request
from seat_report.workbook.rescue import Mending, Rescue
from seat_report.workbook.sheets import RequestRefusedError, Spreadsheet, WriteUncertainError
from seat_report.workbook.snapshot import Snapshot
from seat_report.workbook.work import Work

ROUNDS = 3

log = structlog.get_logger()


class Written(NamedTuple):
    """What came of it: the spreadsheet as it stands now, in how many rounds, and whether it says all it should."""

    snapshot: Snapshot
    rounds: int
    is_complete: bool


def bring_up_to_date(
    spreadsheet: Spreadsheet,
    titles: Sequence[str],
    plan: Callable[[Snapshot], Work],
    rescue: Rescue | None = None,
) -> Written:
    """Make the tabs of these titles say what `plan` wants of them.

    People may sort or insert between our reading and our writing, and a write may be lost on its way: so what was
    written is read back with it, mended where it went astray, and planned again, three rounds at most. `rescue`
    remembers an earlier write that was not read back yet. Raises SpreadsheetError if the last word is that the
    spreadsheet could not be written.
    """
    rounds = 0
    trouble: SpreadsheetError | None = None
    rescue = rescue or Rescue()
    present = spreadsheet.read(titles)
    while True:
        mending = rescue.mending(present)
        found = plan(mending.snapshot)
        if found.is_empty and not mending.steps:
            rescue.forget()
            return Written(mending.snapshot, rounds, is_complete=True)
        if rounds == ROUNDS:
            rescue.forget()
            _mend(spreadsheet, mending)
            if trouble is not None:
                raise trouble
            return Written(mending.snapshot, rounds, is_complete=False)
        rescue.remember(found.patches, mending)
        pieces = batches(chain(mending.steps, found.steps()))
        # What the plan holds besides should not be in memory while a large workbook is read back.
        del present, found, mending
        try:
            present = _write(spreadsheet, pieces, titles)
            trouble = None
        except (RequestRefusedError, WriteUncertainError) as error:
            log.info("a write has to be planned again", reason=str(error))
            trouble = error
            present = spreadsheet.read(titles)
        rounds += 1


def _write(spreadsheet: Spreadsheet, pieces: Iterator[list[Request]], titles: Sequence[str]) -> Snapshot:
    """Write all; the tabs as they stand right after the last piece."""
    piece = next(pieces)
    for following in pieces:
        spreadsheet.write(piece)
        piece = following
    return spreadsheet.write_and_read(piece, titles)


def _mend(spreadsheet: Spreadsheet, mending: Mending) -> None:
    """Take back what the last round has done in a wrong place; there is no other to do it."""
    try:
        for batch in batches(mending.steps):
            spreadsheet.write(batch)
    except SpreadsheetError as error:
        log.warning("what was written in a wrong place could not be taken back", reason=str(error))
