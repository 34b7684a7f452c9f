"""Whether a run would go well: the settings; if asked for, a token, the spreadsheet, and when a run last went well."""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import NamedTuple

import structlog

from seat_report.avepoint import AvePoint
from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, RunError
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, Spreadsheet, connect, customers, last_good, zone_named

# A check must answer while whoever asks still listens.
_SPREADSHEET_SECONDS = 20.0

log = structlog.get_logger()


class Check(NamedTuple):
    """One thing that was checked, and what was found, in a sentence; `error` is why it is not as it should be."""

    name: str
    found: str
    error: RunError | None = None


class StaleError(RunError):
    """The report works, but its newest good run is older than it should be."""


def check(settings: Settings, clock: Clock, *, deep: bool = False, fresh: timedelta | None = None) -> list[Check]:
    """Everything that was asked for, checked with connections of its own, so that a run under way is not disturbed.

    `deep` gets an access token and reads the Customers tab; `fresh` is how old the newest good run may be.
    """
    checks = [Check("settings", "All settings can be used.")]
    if deep:
        checks.append(_checked("avepoint", lambda: _avepoint(settings, clock)))
    if deep or fresh is not None:
        checks.extend(_spreadsheet(settings, clock, deep=deep, fresh=fresh))
    for one in checks:
        if one.error is not None:
            log.warning("health check failed", check=one.name, detail=one.found)
    return checks


def _checked(name: str, find: Callable[[], str]) -> Check:
    try:
        return Check(name, find())
    except RunError as error:
        return Check(name, str(error), error)


def _avepoint(settings: Settings, clock: Clock) -> str:
    avepoint = AvePoint(settings, clock=clock)
    try:
        avepoint.check()
    finally:
        avepoint.close()
    ends = avepoint.credential_ends
    return "AvePoint gives an access token." + (f" The credential ends on {ends}." if ends else "")


def _spreadsheet(settings: Settings, clock: Clock, *, deep: bool, fresh: timedelta | None) -> Iterator[Check]:
    try:
        client = connect(settings.sheets_emulator_host)
    except ConfigurationError as error:
        yield Check("spreadsheet", str(error), error)
        return
    deadline = clock.monotonic() + _SPREADSHEET_SECONDS
    spreadsheet = Spreadsheet(client, settings.spreadsheet_id, clock=clock, deadline=deadline, column_key=MARK_KEY)
    try:
        if deep:
            yield _checked("spreadsheet", lambda: _customers(settings, spreadsheet))
        if fresh is not None:
            yield _checked("fresh", lambda: _freshness(settings, spreadsheet, clock, fresh))
    finally:
        client.session.close()


def _customers(settings: Settings, spreadsheet: Spreadsheet) -> str:
    present = spreadsheet.read([settings.customers_tab])
    tab = present.tab(settings.customers_tab)
    if tab is None and settings.customers_tab != Settings.customers_tab:
        raise customers.missing_tab(settings.customers_tab, present.tabs)
    if tab is None:
        return f"The spreadsheet can be read; it has no tab {settings.customers_tab!r} yet."
    listed = customers.parse(tab)
    return f"The spreadsheet can be read; its tab {tab.title!r} lists {len(listed.included):,} customers."


def _freshness(settings: Settings, spreadsheet: Spreadsheet, clock: Clock, fresh: timedelta) -> str:
    present = spreadsheet.read([settings.runs_tab])
    tab = present.tab(settings.runs_tab)
    zone = zone_named(present.time_zone) or UTC
    newest = last_good(tab, zone) if tab else None
    if newest is None:
        raise StaleError(f"The tab {settings.runs_tab!r} knows of no good run. Run the report and see what it says.")
    told = f"The newest good run began at {newest:%Y-%m-%d %H:%M} ({zone})"
    if clock.now() - newest > fresh:
        raise StaleError(
            f"{told}, longer ago than {fresh}. See the tab {settings.runs_tab!r} for what went wrong since."
        )
    return f"{told}."
