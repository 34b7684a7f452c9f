"""Writing what is planned, reading it back, and going on until nothing is left to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from seat_report.errors import SpreadsheetError
from seat_report.workbook.plan import Plan
from seat_report.workbook.reconcile import batches
from seat_report.workbook.sheets import RequestRefusedError, Spreadsheet, WriteUncertainError
from seat_report.workbook.snapshot import Snapshot

ROUNDS = 3

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the spreadsheet as it stands now, in how many rounds, and whether it says all it should."""

    snapshot: Snapshot
    rounds: int
    is_complete: bool


def bring_up_to_date(spreadsheet: Spreadsheet, titles: Sequence[str], plan: Callable[[Snapshot], Plan]) -> Written:
    """Make the tabs of these titles say what `plan` wants of them.

    People may sort or insert between our reading and our writing, and a write may be lost on its way: so what was
    written is read back and planned again, three rounds at most. Raises SpreadsheetError if the last word is that
    the spreadsheet could not be written.
    """
    rounds = 0
    trouble: SpreadsheetError | None = None
    while True:
        present = spreadsheet.read(titles)
        found = plan(present)
        if found.is_empty:
            return Written(present, rounds, is_complete=True)
        if rounds == ROUNDS:
            if trouble is not None:
                raise trouble
            return Written(present, rounds, is_complete=False)
        try:
            for batch in batches(found.steps()):
                spreadsheet.write(batch)
            trouble = None
        except (RequestRefusedError, WriteUncertainError) as error:
            log.info("a write has to be planned again", reason=str(error))
            trouble = error
        rounds += 1
        # A large workbook should not be in memory twice while it is read back.
        del found, present
