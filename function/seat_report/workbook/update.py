"""Writing what is planned, reading it back, and going on until nothing is left to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from seat_report.errors import SpreadsheetError
from seat_report.workbook.plan import Plan
from seat_report.workbook.reconcile import batches
from seat_report.workbook.requests import Request
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


def bring_up_to_date(
    spreadsheet: Spreadsheet, present: Snapshot, titles: Sequence[str], plan: Callable[[Snapshot], Plan]
) -> Written:
    """Make the tabs of these titles say what `plan` wants of them, starting from what was read as `present`.

    People may sort or insert between our reading and our writing, and a write may be lost on its way: so what was
    written is read back and planned again, three rounds at most. Raises SpreadsheetError if the last word is that
    the spreadsheet could not be written.
    """
    trouble: SpreadsheetError | None = None
    for done in range(ROUNDS):
        found = plan(present)
        if found.is_empty:
            return Written(present, done, is_complete=True)
        try:
            present = _write(spreadsheet, found, titles)
            trouble = None
        except (RequestRefusedError, WriteUncertainError) as error:
            log.info("a write has to be planned again", reason=str(error))
            trouble = error
            present = spreadsheet.read(titles)
    if plan(present).is_empty:
        return Written(present, ROUNDS, is_complete=True)
    if trouble is not None:
        raise trouble
    return Written(present, ROUNDS, is_complete=False)


def _write(spreadsheet: Spreadsheet, plan: Plan, titles: Sequence[str]) -> Snapshot:
    """Write what is planned and read back what stands there after it."""
    held: list[Request] | None = None
    makes_a_tab = False
    for batch in batches(plan.steps()):
        if held is not None:
            spreadsheet.write(held)
        held = batch
        makes_a_tab = makes_a_tab or any("addSheet" in request for request in batch)
    if held is not None and not makes_a_tab:
        # Only the last batch reads back, in the same call.
        back = spreadsheet.write(held, read_back=titles)
        if back is not None:
            return back
    elif held is not None:
        spreadsheet.write(held)
    return spreadsheet.read(titles)
