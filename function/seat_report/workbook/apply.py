"""Apply a plan: write it, read the tabs back, and plan again until nothing is left to do."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import structlog

from seat_report.domain import Problem, ProblemKind
from seat_report.errors import ConfigurationError, SpreadsheetError
from seat_report.workbook.conflicts import ConflictResolver, KeptValue, Repairs
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
# So many cells are named in a problem.
_MOST_NAMED = 3
# So many formatting requests may be refused, each by itself; then all of a refused kind are given up at once.
MOST_REFUSALS = 8
# How Google says which request of a batch it refuses (recorded answers): index, kind and reason.
_REFUSED_REQUEST = re.compile(r"Invalid requests\[(\d{1,6})\]\.?(\w*): (.*)", re.DOTALL)

log = structlog.get_logger()


class ApplyResult(NamedTuple):
    """The spreadsheet after the last round, the number of rounds, and whether it holds all that was planned.

    `kept` are the cells that Google keeps differently from what was written, if that is all that is left to do.
    """

    snapshot: Snapshot
    rounds: int
    is_complete: bool
    kept: Sequence[KeptValue] = ()

    @property
    def problem(self) -> Problem | None:
        """Why the spreadsheet does not hold all that was planned; None if it does."""
        if self.is_complete:
            return None
        if not self.kept:
            detail = (
                "The spreadsheet was being edited during the run, so some numbers may be in the wrong row. "
                "Run again when nobody is editing; that corrects them."
            )
            return Problem(ProblemKind.SPREADSHEET_BUSY, detail)
        named = "; ".join(map(str, self.kept[:_MOST_NAMED]))
        left = len(self.kept) - _MOST_NAMED
        more = f"; and {left:,} more" if left > 0 else ""
        detail = (
            f"Google Sheets changed these cells when they were written: {named}{more}. "
            "Everything else is written. Check them for a data validation rule, a table's column type or merged cells."
        )
        return Problem(ProblemKind.KEPT_DIFFERENTLY, detail)


def apply(
    spreadsheet: Spreadsheet,
    titles: Sequence[str],
    plan: Callable[[Snapshot], WritePlan],
    conflicts: ConflictResolver | None = None,
) -> ApplyResult:
    """Bring the tabs with these titles to what `plan` makes of them.

    People may sort or insert rows between our read and our write, and a write may be lost on its way. So each write
    reads the tabs back, and what landed in the wrong place is repaired and the rest planned again, in three rounds at
    most. `conflicts` knows an earlier write that was not read back yet. Raises SpreadsheetError if the last write
    failed.
    """
    rounds = 0
    last_error: SpreadsheetError | None = None
    conflicts = conflicts or ConflictResolver()
    snapshot = spreadsheet.read(titles)
    while True:
        repairs = conflicts.repairs(snapshot)
        planned = plan(repairs.snapshot)
        if planned.is_empty and not repairs.steps:
            conflicts.forget()
            return ApplyResult(repairs.snapshot, rounds, is_complete=True)
        is_undisturbed = rounds > 0 and last_error is None and not repairs.steps and not planned.last
        if is_undisturbed and (kept := conflicts.kept_differently(planned.patches)):
            conflicts.forget()
            return ApplyResult(repairs.snapshot, rounds, is_complete=False, kept=kept)
        if rounds == ROUNDS:
            conflicts.forget()
            _repair(spreadsheet, repairs)
            if last_error is not None:
                raise last_error
            return ApplyResult(repairs.snapshot, rounds, is_complete=False)
        conflicts.expect(planned.patches, repairs)
        pending = batches(chain(repairs.steps, planned.steps()))
        # Free what the batches don't need before a large workbook is read back.
        del snapshot, planned, repairs
        try:
            snapshot = _write(spreadsheet, pending, titles)
            last_error = None
        except (RequestRefusedError, WriteUncertainError) as error:
            log.info("a write has to be planned again", reason=str(error))
            last_error = error
            snapshot = spreadsheet.read(titles)
        rounds += 1


def apply_formatting(spreadsheet: Spreadsheet, formatting: Sequence[Request]) -> list[str]:
    """Send formatting requests, without those that Google refuses; gives a sentence for whatever was not applied.

    A batch is applied whole or not at all, so a refused request is taken out and the rest sent again. The numbers
    don't depend on any of it, so nothing is raised.
    """
    left = list(formatting)
    warnings: list[str] = []
    while left:
        try:
            spreadsheet.write(left)
        except (SpreadsheetError, ConfigurationError) as error:
            refused = _refused_request(error, left)
            if refused is None:
                log.warning("formatting could not be applied", reason=str(error))
                return [*warnings, f"The numbers are written, but formatting could not be applied: {error}"]
            index, reason = refused
            kind = next(iter(left[index]), "?")
            log.warning("a formatting request was refused", kind=kind, reason=reason)
            if len(warnings) >= MOST_REFUSALS:
                # The last request records what was formatted: without it, all would be tried again by every run.
                left = [request for request in left if kind not in request]
                warnings.append(f"The numbers are written, but formatting could not be applied ({kind}): {reason}")
                continue
            del left[index]
            warnings.append(
                f"The numbers are written, but Google Sheets rejected one formatting request ({kind}): {reason}"
            )
        else:
            break
    return warnings


def _refused_request(error: Exception, batch: Sequence[Request]) -> tuple[int, str] | None:
    """The index of the one request that was refused and Google's reason, if the error tells."""
    match = _REFUSED_REQUEST.search(str(error)) if isinstance(error, RequestRefusedError) else None
    if match is None or int(match[1]) >= len(batch):
        return None
    return int(match[1]), match[3]


def _write(spreadsheet: Spreadsheet, pending: Iterator[list[Request]], titles: Sequence[str]) -> Snapshot:
    """Write all batches; gives the tabs as they are right after the last one."""
    batch = next(pending)
    for following in pending:
        spreadsheet.write(batch)
        batch = following
    return spreadsheet.write_and_read(batch, titles)


def _repair(spreadsheet: Spreadsheet, repairs: Repairs) -> None:
    """Undo what the last round wrote in the wrong place, because no other round will."""
    try:
        for batch in batches(repairs.steps):
            spreadsheet.write(batch)
    except SpreadsheetError as error:
        log.warning("what was written in a wrong place could not be taken back", reason=str(error))
