"""Whether a run would succeed: checks the settings and, on request, AvePoint, the spreadsheet and the last good run."""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import NamedTuple

import structlog

from seat_report.avepoint import AvePoint
from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, RunError
from seat_report.monitored_run import log_faults
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, Spreadsheet, connect, customers, last_good, zone_named

# A check must finish before its caller gives up.
_SPREADSHEET_SECONDS = 20.0

log = structlog.get_logger()


class Check(NamedTuple):
    """One check and its finding, in a sentence; `error` is why the check failed, None if it passed."""

    name: str
    found: str
    error: RunError | None = None


class StaleError(RunError):
    """The newest good run is older than it may be."""


def check(settings: Settings, clock: Clock, *, deep: bool = False, fresh: timedelta | None = None) -> list[Check]:
    """Run the requested checks, on connections of their own so that a run under way is not disturbed.

    `deep` gets an access token, reads the Customers tab and tells the spreadsheet's locale, time zone and size; `fresh`
    is how old the newest good run may be.
    """
    checks = [Check("settings", "All settings can be used.")]
    if deep:
        checks.append(_perform("avepoint", lambda: _check_avepoint(settings, clock)))
    if deep or fresh is not None:
        checks.extend(_check_spreadsheet(settings, clock, deep=deep, fresh=fresh))
    for finished in checks:
        if finished.error is not None:
            log.warning("health check failed", check=finished.name, detail=finished.found)
        if isinstance(finished.error, ConfigurationError):
            log_faults(finished.error)
    return checks


def _perform(name: str, perform: Callable[[], str]) -> Check:
    try:
        return Check(name, perform())
    except RunError as error:
        return Check(name, str(error), error)


def _check_avepoint(settings: Settings, clock: Clock) -> str:
    avepoint = AvePoint(settings, clock=clock)
    try:
        avepoint.check()
    finally:
        avepoint.close()
    expires = avepoint.credential_ends
    return "AvePoint gives an access token." + (f" The credential expires on {expires}." if expires else "")


def _check_spreadsheet(settings: Settings, clock: Clock, *, deep: bool, fresh: timedelta | None) -> Iterator[Check]:
    try:
        client = connect(settings.sheets_emulator_host)
    except ConfigurationError as error:
        yield Check("spreadsheet", str(error), error)
        return
    deadline = clock.monotonic() + _SPREADSHEET_SECONDS
    spreadsheet = Spreadsheet(client, settings.spreadsheet_id, clock=clock, deadline=deadline, column_key=MARK_KEY)
    try:
        if deep:
            yield _perform("spreadsheet", lambda: _check_customers_tab(settings, spreadsheet, clock))
        if fresh is not None:
            yield _perform("fresh", lambda: _check_freshness(settings, spreadsheet, clock, fresh))
    finally:
        client.session.close()


def _check_customers_tab(settings: Settings, spreadsheet: Spreadsheet, clock: Clock) -> str:
    listed = spreadsheet.list_tabs()
    began = clock.monotonic()
    snapshot = spreadsheet.read([settings.customers_tab])
    seconds = clock.monotonic() - began
    tab = snapshot.tab(settings.customers_tab)
    facts = f"Locale {listed.locale}, time zone {listed.time_zone}; {listed.size}."
    is_new = snapshot.tab(settings.runs_tab) is None
    if tab is None and (settings.customers_tab != Settings.customers_tab or not is_new):
        raise customers.missing_tab(settings.customers_tab, snapshot.tabs)
    if tab is None:
        return f"The spreadsheet can be read; it has no tab {settings.customers_tab!r} yet. {facts}"
    customer_list = customers.parse(tab)
    return (
        f"The spreadsheet can be read; its tab {tab.title!r} lists {len(customer_list.included):,} customers and was "
        f"read in {seconds:.1f} s. {facts}"
    )


def _check_freshness(settings: Settings, spreadsheet: Spreadsheet, clock: Clock, fresh: timedelta) -> str:
    snapshot = spreadsheet.read([settings.runs_tab])
    tab = snapshot.tab(settings.runs_tab)
    zone = zone_named(snapshot.time_zone) or UTC
    newest = last_good(tab, zone) if tab else None
    if newest is None:
        raise StaleError(
            f"No successful run is recorded in the tab {settings.runs_tab!r}. Run the report and read its message."
        )
    finding = f"The newest good run began at {newest:%Y-%m-%d %H:%M} ({zone})"
    if clock.now() - newest > fresh:
        raise StaleError(
            f"{finding}, longer ago than {fresh}. See the tab {settings.runs_tab!r} for what went wrong since."
        )
    return f"{finding}."
