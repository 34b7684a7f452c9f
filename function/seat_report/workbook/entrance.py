"""How a run gets in, so that two never work at once, and how it leaves when it could not finish its work.

The row of the Runs tab and the lock are written in one batch, all or nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

import structlog

from seat_report.errors import RunUnderWayError, SpreadsheetError
from seat_report.workbook import runs
from seat_report.workbook.reconcile import Patch
from seat_report.workbook.requests import Request
from seat_report.workbook.rescue import Mending, Rescue
from seat_report.workbook.sheets import RequestRefusedError, Spreadsheet, WriteUncertainError
from seat_report.workbook.snapshot import Snapshot, Value
from seat_report.workbook.table import PresentTable
from seat_report.workbook.tabs import Tabs
from seat_report.workbook.update import bring_up_to_date
from seat_report.workbook.work import Work

ATTEMPTS = 4

log = structlog.get_logger()


class Entrance:
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
        rescue: Rescue | None = None,
    ) -> None:
        self._spreadsheet = spreadsheet
        self._title = title
        self._run_id = run_id
        self._now = now
        self._zone = zone
        self._longest = longest + runs.GRACE
        self._rescue = rescue or Rescue()

    def enter(self, present: Snapshot, values: Mapping[str, Value]) -> None:
        """Write the run's row, saying `Running`, and the lock.

        Raises RunUnderWayError, having changed nothing, if another run is alive.
        """
        trouble: SpreadsheetError | None = None
        for attempt in range(ATTEMPTS):
            if self._is_in(present):
                return
            self._check(present)
            # Where Google keeps refusing an id that nobody holds, the row alone has to do.
            is_last = attempt == ATTEMPTS - 1
            patch = self._patch(present, {**values, "outcome": runs.RUNNING})
            self._rescue.remember([patch], Mending(present))
            try:
                self._spreadsheet.write(self._requests(patch, with_lock=not is_last))
            except (RequestRefusedError, WriteUncertainError) as error:
                log.info("the run could not enter at once", reason=str(error))
                trouble = error
                present = self._spreadsheet.read([self._title])
            else:
                return
        if self._is_in(present):
            return
        raise trouble or SpreadsheetError("The run could not be written into the Runs tab; run again.")

    def leave(self, values: Mapping[str, Value]) -> None:
        """Complete the run's row and give the lock back, and nothing else; raises SpreadsheetError."""

        def left(present: Snapshot) -> Work:
            tab = present.tab(self._title)
            held = runs.Lock.of(tab) if tab is not None else None
            last = [runs.unlock(held.entry)] if held is not None and held.run_id == self._run_id else []
            return Work([self._patch(present, values)], last)

        bring_up_to_date(self._spreadsheet, [self._title], left, self._rescue)

    def _is_in(self, present: Snapshot) -> bool:
        """Whether an earlier attempt, whose answer was lost, got in."""
        tab = present.tab(self._title)
        held = runs.Lock.of(tab) if tab is not None else None
        return held is not None and held.run_id == self._run_id

    def _check(self, present: Snapshot) -> None:
        tab = present.tab(self._title)
        if tab is not None and runs.is_under_way(tab, self._now, self._zone, self._longest):
            raise RunUnderWayError(
                "Another run is under way and this one has changed nothing; wait until it has ended."
            )

    def _requests(self, patch: Patch, *, with_lock: bool) -> list[Request]:
        tab = patch.table.tab
        held = runs.Lock.of(tab)
        batch = [runs.unlock(held.entry)] if held is not None else []
        batch += [request for step in patch.steps() for request in step.requests]
        if with_lock:
            batch.append(runs.lock(tab.sheet_id, self._run_id, self._now + self._longest))
        return batch

    def _patch(self, present: Snapshot, values: Mapping[str, Value]) -> Patch:
        tabs = Tabs(present)
        tab, is_new = tabs.present_or_new(self._title)
        table = PresentTable(runs.COLUMNS, tab)
        return Patch(table, runs.wish(table, self._run_id, values), new_at=len(tabs) - 1 if is_new else None)
