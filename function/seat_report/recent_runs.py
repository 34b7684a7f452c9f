"""What the form shows besides itself: the last runs, whether one is under way, and the customers by name.

One small request to the spreadsheet, on a connection of its own and within a few seconds: the form opens without it.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import structlog

from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, RunError
from seat_report.one_reading import read_once
from seat_report.settings import Settings
from seat_report.workbook import (
    ObservedTable,
    Snapshot,
    customers,
    runs,
    wall_time,
    zone_named,
)

_SECONDS = 4.0
_MOST_RUNS = 5

log = structlog.get_logger()


class RecentRun(NamedTuple):
    """One row of the Runs tab, in short; `started` is in the spreadsheet's time zone, None if it can't be read."""

    started: datetime | None
    trigger: str
    by: str
    outcome: str
    message: str


class RecentRuns(NamedTuple):
    """The spreadsheet's address, its last runs, newest first, and who started the run under way, if there is one.

    `customers` are the IDs and names in the Customers tab.
    """

    spreadsheet_url: str
    runs: tuple[RecentRun, ...]
    under_way: str | None
    customers: tuple[tuple[str, str], ...]


def read_recent_runs(settings: Settings, clock: Clock) -> RecentRuns | None:
    """The last runs; None if the spreadsheet can't be read within a few seconds, whatever the reason."""
    found: list[RecentRuns] = []
    # Finding credentials may take longer than the deadline of the request: then nobody waits for it any more.
    thread = threading.Thread(target=_keep, args=(lambda: _read(settings, clock), found), name="recent", daemon=True)
    thread.start()
    thread.join(_SECONDS)
    return found[0] if found else None


def _keep(read: Callable[[], RecentRuns], found: list[RecentRuns]) -> None:
    try:
        found.append(read())
    except RunError as error:
        log.info("the last runs could not be read", reason=str(error))


def _read(settings: Settings, clock: Clock) -> RecentRuns:
    snapshot = read_once(settings, clock, [settings.customers_tab, settings.runs_tab], seconds=_SECONDS)
    zone = zone_named(snapshot.time_zone) or UTC
    return RecentRuns(
        snapshot.url,
        _runs(snapshot, settings, zone),
        _under_way(snapshot, settings, clock.now(), zone),
        _customers(snapshot, settings),
    )


def _runs(snapshot: Snapshot, settings: Settings, zone: tzinfo) -> tuple[RecentRun, ...]:
    tab = snapshot.tab(settings.runs_tab)
    if tab is None:
        return ()
    newest = []
    for row in runs.newest_first(ObservedTable(runs.COLUMNS, tab))[:_MOST_RUNS]:
        moment = wall_time(row.number("started"))
        started = moment.replace(tzinfo=zone) if moment else None
        newest.append(RecentRun(started, row.text("trigger"), row.text("by"), row.text("outcome"), row.text("message")))
    return tuple(newest)


def _under_way(snapshot: Snapshot, settings: Settings, now: datetime, zone: tzinfo) -> str | None:
    lock = runs.LockEntry.among(snapshot.tabs.values())
    longest = timedelta(seconds=settings.run_timeout_seconds)
    other = runs.under_way(snapshot.tab(settings.runs_tab), now, zone, longest, lock)
    return None if other is None else other.origin


def _customers(snapshot: Snapshot, settings: Settings) -> tuple[tuple[str, str], ...]:
    tab = snapshot.tab(settings.customers_tab)
    try:
        listed = customers.parse(tab).customers if tab else ()
    except ConfigurationError as error:
        # The last runs are still worth showing; a run says what is wrong with the tab.
        log.info("the customers could not be read", reason=str(error))
        listed = ()
    named = [(one.customer_id, one.name or one.customer_id) for one in listed if one.is_included]
    return tuple(sorted(named, key=lambda pair: (pair[1].casefold(), pair[0])))
