"""How a run gets in, so that two never work at once, and how it leaves when it could not finish its work.

The row of the Runs tab and the lock are written in one batch, all or nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

import structlog

from seat_report.errors import RunUnderWayError, SpreadsheetError
from seat_report.workbook.apply import apply
from seat_report.workbook.conflicts import ConflictResolver, Repairs
from seat_report.workbook.plan import WritePlan
from seat_report.workbook.sheets_api import (
    Request,
    RequestRefusedError,
    Snapshot,
    Spreadsheet,
    Value,
    WriteUncertainError,
)
from seat_report.workbook.tables import NewTabs, ObservedTable, Patch
from seat_report.workbook.tabs import runs

ATTEMPTS = 4

log = structlog.get_logger()


class RunLock:
    """The Runs tab as a door: one run at a time.

    `now` is the run's start, `longest` how long it may take at most; the lock says until when it may be alive.
    `rescue` remembers what is written here until it is read back.
    """

    def __init__(
        self,
        spreadsheet: Spreadsheet,
        title: str,
        *,
        run_id: str,
        now: datetime,
        zone: tzinfo,
        longest: timedelta,
        conflicts: ConflictResolver | None = None,
    ) -> None:
        self._spreadsheet = spreadsheet
        self._title = title
        self._run_id = run_id
        self._now = now
        self._zone = zone
        self._longest = longest + runs.GRACE
        self._conflicts = conflicts or ConflictResolver()

    def acquire(self, present: Snapshot, values: Mapping[str, Value]) -> None:
        """Write the run's row, saying `Running`, and the lock.

        Raises RunUnderWayError, having changed nothing, if another run is alive.
        """
        last_error: SpreadsheetError | None = None
        for attempt in range(ATTEMPTS):
            if self._is_in(present):
                return
            self._check(present)
            # Where Google keeps refusing an id that nobody holds, the row alone has to do.
            is_last = attempt == ATTEMPTS - 1
            patch = self._patch(present, {**values, "outcome": runs.RUNNING})
            self._conflicts.expect([patch], Repairs(present))
            try:
                self._spreadsheet.write(self._requests(patch, with_lock=not is_last))
            except (RequestRefusedError, WriteUncertainError) as error:
                log.info("the run could not enter at once", reason=str(error))
                last_error = error
                present = self._spreadsheet.read([self._title])
            else:
                return
        if self._is_in(present):
            return
        raise last_error or SpreadsheetError("The run could not be written into the Runs tab; run again.")

    def release(self, values: Mapping[str, Value]) -> None:
        """Complete the run's row and give the lock back, and nothing else; raises SpreadsheetError."""

        def released(present: Snapshot) -> WritePlan:
            tab = present.tab(self._title)
            held = runs.LockEntry.of(tab) if tab is not None else None
            last = [runs.unlock_request(held.entry)] if held is not None and held.run_id == self._run_id else []
            return WritePlan([self._patch(present, values)], last)

        apply(self._spreadsheet, [self._title], released, self._conflicts)

    def _is_in(self, present: Snapshot) -> bool:
        """Whether an earlier attempt, whose answer was lost, got in."""
        tab = present.tab(self._title)
        held = runs.LockEntry.of(tab) if tab is not None else None
        return held is not None and held.run_id == self._run_id

    def _check(self, present: Snapshot) -> None:
        tab = present.tab(self._title)
        if tab is not None and runs.is_under_way(tab, self._now, self._zone, self._longest):
            raise RunUnderWayError(
                "Another run is under way and this one has changed nothing; wait until it has ended."
            )

    def _requests(self, patch: Patch, *, with_lock: bool) -> list[Request]:
        tab = patch.table.tab
        held = runs.LockEntry.of(tab)
        batch = [runs.unlock_request(held.entry)] if held is not None else []
        batch += [request for step in patch.steps() for request in step.requests]
        if with_lock:
            batch.append(runs.lock_request(tab.sheet_id, self._run_id, self._now + self._longest))
        return batch

    def _patch(self, present: Snapshot, values: Mapping[str, Value]) -> Patch:
        tabs = NewTabs(present)
        tab, is_new = tabs.present_or_new(self._title)
        table = ObservedTable(runs.COLUMNS, tab)
        return Patch(table, runs.desired_rows(table, self._run_id, values), new_at=len(tabs) - 1 if is_new else None)
