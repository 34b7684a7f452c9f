"""The Runs tab: one row per run, newest first, written when the run starts and completed when it ends. Pure.

Together with the row a run creates a developer metadata entry with a fixed id on the tab. That entry is the lock: an id
that exists can't be created again, so of two runs that start at the same instant exactly one acquires it. Ids are
unique in the entire spreadsheet: on a tab that somebody renamed, the lock still holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from seat_report.domain import shortened
from seat_report.workbook.sheets_api import Request, Tab, TabEntry, Value, wall_time
from seat_report.workbook.tables import HEADER_ROW, Column, DesiredRows, Kind, ObservedRow, ObservedTable, RowReconciler

COLUMNS = (
    Column("started", "Started", Kind.MOMENT, "When the run started."),
    Column("finished", "Finished", Kind.MOMENT, "When it ended; blank while it is running."),
    Column("seconds", "Seconds", Kind.COUNT, "How long it took."),
    Column(
        "trigger", "Trigger", Kind.TEXT, "What started it: the schedule, a tick in “Run now”, a call or a terminal."
    ),
    Column("by", "By", Kind.TEXT, "Who or which job started it, as reported by the caller."),
    Column(
        "outcome",
        "Outcome",
        Kind.TEXT,
        "ok: everything requested is up to date; partial: some is not; failed: nothing is.",
    ),
    Column("customers", "Customers", Kind.COUNT, "Customers checked."),
    Column("failed", "Failed", Kind.COUNT, "Customers with at least one failed query."),
    Column("tenants", "Tenants", Kind.COUNT, "In the full report after the run; blank if any are missing."),
    Column(
        "assigned",
        "Assigned seats",
        Kind.COUNT,
        "In the full report after the run; blank if any are missing.",
    ),
    Column(
        "available",
        "Available seats",
        Kind.COUNT,
        "In the full report after the run; blank if any are missing.",
    ),
    Column("rows_added", "Rows added", Kind.COUNT, "Rows added to the Seat Report."),
    Column("rows_updated", "Rows updated", Kind.COUNT, "Rows changed in the Seat Report."),
    Column("rows_removed", "Rows removed", Kind.COUNT, "Rows removed from the Seat Report."),
    Column("requests", "AvePoint requests", Kind.COUNT, "Requests sent to AvePoint, with retries."),
    Column("retries", "Retries", Kind.COUNT, "Requests sent again after a failure."),
    Column("message", "Message", Kind.TEXT, "What the run was limited to, and its issues, in short."),
    Column("run_id", "Run ID", Kind.TEXT, "The run's ID, as in its response and in the logs.", is_key=True),
)
RUNNING = "Running"
INTERRUPTED = "Interrupted"
OUTCOMES = ("ok", "partial", "failed", RUNNING, INTERRUPTED)

# Any number works as long as it never changes; none of our other entries chooses its id.
LOCK_ID = 710_265_113
LOCK_KEY = "seat-report.running"
MOST_ROWS = 1_000
GRACE = timedelta(seconds=5)
# The message of a run that was limited to some customers or types begins with this, from its start to its end: such a
# run vouches for nothing but what it asked for.
LIMITED = "Limited to "
# The longest that a run may take (the highest RUN_TIMEOUT_SECONDS), and how much later than ours its clock may be.
_LONGEST_RUN = timedelta(seconds=3600) + GRACE
_CLOCK_DIFFERENCE = timedelta(minutes=1)


class LockEntry(NamedTuple):
    """The lock: the run that holds it, until when it is valid, and its metadata entry."""

    run_id: str
    until: datetime
    entry: TabEntry

    @classmethod
    def of(cls, tab: Tab) -> "LockEntry | None":
        """The tab's lock, if there is one; an unreadable one counts as expired."""
        entry = next((entry for entry in tab.entries if entry.metadata_id == LOCK_ID), None)
        if entry is None:
            return None
        run_id, _, until = entry.value.partition(" ")
        try:
            moment = datetime.fromisoformat(until)
        except ValueError:
            moment = datetime.min.replace(tzinfo=UTC)
        return cls(run_id, moment if moment.tzinfo else moment.replace(tzinfo=UTC), entry)

    @classmethod
    def among(cls, tabs: Iterable[Tab]) -> "LockEntry | None":
        """The lock on whichever of these tabs has it."""
        return next((lock for tab in tabs if (lock := cls.of(tab)) is not None), None)


_LONGEST_ORIGIN = 100


class UnderWay(NamedTuple):
    """A run that may be under way: until when at the latest, and what started it, as its row says.

    Whether it is alive can't be told: the row of a run whose process was killed looks the same.
    """

    until: datetime
    trigger: str = ""
    by: str = ""
    started: str = ""
    run_id: str = ""

    @property
    def origin(self) -> str:
        """The run in words, as far as it is known: `schedule, daily job, started 2026-12-01 06:00, run 0f3a…`."""
        return origin(self.trigger, self.by, self.started, self.run_id)


def origin(trigger: str, by: str, started: str, run_id: str) -> str:
    """What started a run, who, when, and the run's id, without what is not known."""
    parts = (trigger, by, started and f"started {started}", run_id and f"run {run_id}")
    return ", ".join(shortened(part, _LONGEST_ORIGIN) for part in parts if part)


def under_way(
    tab: Tab | None, now: datetime, zone: tzinfo, longest: timedelta, lock: LockEntry | None = None
) -> UnderWay | None:
    """The run under way: by its lock, or without one by a `Running` row younger than the longest run.

    `tab` is the Runs tab if there is one; `lock` the lock if it is known to be on another tab. Neither blocks for
    longer than a run can take: one that claims more was written by hand or by a clock that is wrong.
    """
    rows = [] if tab is None else _rows(ObservedTable(COLUMNS, tab))
    running = {run_id: row for run_id, row in rows if row.text("outcome") == RUNNING}
    lock = lock or (None if tab is None else LockEntry.of(tab))
    if lock is not None:
        is_believed = lock.until <= now + _LONGEST_RUN + _CLOCK_DIFFERENCE
        holders = [(lock.until, running.get(lock.run_id))] if is_believed else []
    else:
        starts = [
            (started.replace(tzinfo=zone), row)
            for row in running.values()
            if (started := wall_time(row.number("started"))) is not None
        ]
        holders = [
            (_later(start, min(longest, _LONGEST_RUN)), row)
            for start, row in starts
            if start <= now + _CLOCK_DIFFERENCE
        ]
    until, row = max(holders, key=lambda holder: holder[0], default=(now, None))
    if until <= now:
        return None
    if row is None:
        # The lock says which run it is, if nothing else.
        return UnderWay(until, run_id=lock.run_id if lock is not None else "")
    moment = wall_time(row.number("started"))
    start = f"{moment:%Y-%m-%d %H:%M}" if moment else ""
    return UnderWay(until, row.text("trigger"), row.text("by"), start, row.text("run_id"))


def _later(moment: datetime, duration: timedelta) -> datetime:
    """The moment after this duration of real time, also where clocks are put back meanwhile."""
    return moment.astimezone(UTC) + duration


def lock_request(sheet_id: int, run_id: str, until: datetime) -> Request:
    """Acquire the lock by creating its entry; refused where the entry exists."""
    entry = {
        "metadataId": LOCK_ID,
        "metadataKey": LOCK_KEY,
        "metadataValue": f"{run_id} {until.astimezone(UTC).isoformat(timespec='seconds')}",
        "visibility": "DOCUMENT",
        "location": {"sheetId": sheet_id},
    }
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def unlock_request(entry: TabEntry) -> Request:
    """Release the lock by deleting exactly this entry: another run's, with another value, stays."""
    lookup = {"metadataId": entry.metadata_id, "metadataValue": entry.value}
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


def desired_rows(table: ObservedTable, run_id: str, values: Mapping[str, Value]) -> DesiredRows:
    """The tab with `values` in this run's row; any other row that is still `Running` was interrupted."""
    found, rows = dict(_rows(table)), RowReconciler()
    for other, row in found.items():
        rows.claim(row)
        if other == run_id:
            rows.write(row, values)
        elif row.text("outcome") == RUNNING:
            rows.write(row, {"outcome": INTERRUPTED, "message": _interrupted_message(row)})
    if run_id not in found:
        rows.add({**values, "run_id": run_id})
    ordered = sorted(found.values(), key=_started, reverse=True)
    for row in ordered[MOST_ROWS - rows.has_additions :]:
        if row is not found.get(run_id):
            rows.drop(row)
    return rows.desired(behind=HEADER_ROW)


def newest_first(table: ObservedTable) -> list[ObservedRow]:
    """The rows of runs, the newest first."""
    return sorted((row for _, row in _rows(table)), key=_started, reverse=True)


def not_ok_before(table: ObservedTable, run_id: str) -> int:
    """How many runs for everybody since the last one that was ok, this one not counted."""
    others = [row for other, row in _rows(table) if other != run_id and not _is_limited(row)]
    count = 0
    for row in sorted(others, key=_started, reverse=True):
        if row.text("outcome") == "ok":
            break
        count += 1
    return count


def outcome_before(table: ObservedTable, run_id: str) -> str:
    """The outcome of the newest run for everybody, this one not counted; empty if there is none."""
    others = [row for other, row in _rows(table) if other != run_id and not _is_limited(row)]
    return max(others, key=_started).text("outcome") if others else ""


def last_good(tab: Tab, zone: tzinfo) -> datetime | None:
    """When the newest run for everybody with outcome `ok` started; None if there is none.

    `zone` is the spreadsheet's.
    """
    good = [row for _, row in _rows(ObservedTable(COLUMNS, tab)) if row.text("outcome") == "ok"]
    moments = [wall_time(row.number("started")) for row in good if not _is_limited(row)]
    newest = max((moment for moment in moments if moment is not None), default=None)
    return newest.replace(tzinfo=zone) if newest else None


def _rows(table: ObservedTable) -> Iterator[tuple[str, ObservedRow]]:
    for row in table.rows():
        run_id = row.text("run_id")
        if run_id and row.text("outcome") in OUTCOMES:
            yield run_id, row


def _is_limited(row: ObservedRow) -> bool:
    return row.text("message").startswith(LIMITED)


def _interrupted_message(row: ObservedRow) -> str:
    """What to say of a run that stopped without finishing, after what it was limited to."""
    text = "The run stopped without finishing; the next one continued."
    return f"{row.text('message')} {text}" if _is_limited(row) else text


def _started(row: ObservedRow) -> float:
    return row.number("started") or 0.0
