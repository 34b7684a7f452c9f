"""The lock that a run acquires, holds and releases, so that two runs never work at once.

The row of the Runs tab and the lock are written in one batch, all or nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
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
    """The lock of one run, kept in the Runs tab.

    `now` is the run's start and `longest` its maximum duration, after which the lock expires; `checked_at` is the
    moment for which other locks are judged, by default the start. `conflicts` keeps what is written here until it is
    read back.
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
        checked_at: datetime | None = None,
        conflicts: ConflictResolver | None = None,
    ) -> None:
        self._spreadsheet = spreadsheet
        self._title = title
        self._run_id = run_id
        self._now = now
        self._zone = zone
        self._longest = longest + runs.GRACE
        self._checked_at = checked_at or now
        self._conflicts = conflicts or ConflictResolver()

    def acquire(
        self,
        snapshot: Snapshot,
        values: Mapping[str, Value],
        also: Callable[[Snapshot], Sequence[Request]] = lambda _: (),
    ) -> None:
        """Write the run's row with the outcome `Running`, and the lock; `also` gives requests for the same batch.

        Raises RunUnderWayError, without changing anything, if another run holds the lock.
        """
        last_error: SpreadsheetError | None = None
        for attempt in range(ATTEMPTS):
            if self._is_held(snapshot):
                return
            self._refuse_if_under_way(snapshot)
            # If Google keeps refusing the id though nobody holds the lock, the row alone has to do.
            is_last = attempt == ATTEMPTS - 1
            patch = self._patch(snapshot, {**values, "outcome": runs.RUNNING})
            self._conflicts.expect([patch], Repairs(snapshot))
            try:
                self._spreadsheet.write([*self._requests(snapshot, patch, with_lock=not is_last), *also(snapshot)])
            except (RequestRefusedError, WriteUncertainError) as error:
                log.info("the run could not enter at once", reason=str(error))
                last_error = error
                # The lock may be on a tab that was the Runs tab before somebody renamed it.
                self._spreadsheet.list_tabs()
                snapshot = self._spreadsheet.read([self._title])
            else:
                return
        if self._is_held(snapshot):
            return
        raise last_error or SpreadsheetError("The run could not be written into the Runs tab; run again.")

    def release(self, values: Mapping[str, Value]) -> None:
        """Complete the run's row and release the lock, nothing else; raises SpreadsheetError."""

        def plan(snapshot: Snapshot) -> WritePlan:
            lock = runs.LockEntry.among(snapshot.tabs.values())
            last = [runs.unlock_request(lock.entry)] if lock is not None and lock.run_id == self._run_id else []
            return WritePlan([self._patch(snapshot, values)], last)

        apply(self._spreadsheet, [self._title], plan, self._conflicts)

    def _is_held(self, snapshot: Snapshot) -> bool:
        """Whether an earlier attempt, whose response was lost, acquired the lock."""
        lock = runs.LockEntry.among(snapshot.tabs.values())
        return lock is not None and lock.run_id == self._run_id

    def _refuse_if_under_way(self, snapshot: Snapshot) -> None:
        lock = runs.LockEntry.among(snapshot.tabs.values())
        tab = snapshot.tab(self._title)
        other = runs.under_way(tab, self._checked_at, self._zone, self._longest, lock)
        if other is not None:
            minutes = math.ceil((other.until - self._checked_at) / timedelta(minutes=1))
            raise RunUnderWayError(
                f"Another run{other.origin and f' ({other.origin})'} is in progress; nothing was changed. "
                f"Wait until it has finished, then try again; if it stopped without finishing, in {minutes} min at the "
                "latest.",
                until=other.until,
            )

    def _requests(self, snapshot: Snapshot, patch: Patch, *, with_lock: bool) -> list[Request]:
        lock = runs.LockEntry.among(snapshot.tabs.values())
        batch = [runs.unlock_request(lock.entry)] if lock is not None else []
        batch += [request for step in patch.steps() for request in step.requests]
        if with_lock:
            batch.append(runs.lock_request(patch.table.tab.sheet_id, self._run_id, self._now + self._longest))
        return batch

    def _patch(self, snapshot: Snapshot, values: Mapping[str, Value]) -> Patch:
        tabs = NewTabs(snapshot)
        tab, is_new = tabs.existing_or_new(self._title)
        table = ObservedTable(runs.COLUMNS, tab)
        return Patch(table, runs.desired_rows(table, self._run_id, values), new_at=len(tabs) - 1 if is_new else None)
