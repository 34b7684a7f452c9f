"""Whether somebody has ticked the box "Run now", which one small request tells."""

from datetime import UTC, timedelta

from seat_report.clock import Clock
from seat_report.one_reading import read_once
from seat_report.settings import Settings
from seat_report.workbook import run_now, runs

_SECONDS = 30.0


def is_requested(settings: Settings, clock: Clock) -> bool:
    """Whether a run is asked for and none is alive; reads the Overview and the first row of Runs, nothing else.

    On a connection of its own, so that a run under way is not disturbed. Raises RunError if the spreadsheet can't be
    read.
    """
    snapshot = read_once(settings, clock, [settings.overview_tab], seconds=_SECONDS, first_rows_of=[settings.runs_tab])
    overview_tab = snapshot.tab(settings.overview_tab)
    if overview_tab is None or not run_now.is_ticked(snapshot, overview_tab):
        return False
    lock = runs.LockEntry.among(snapshot.tabs.values())
    return runs.under_way(None, clock.now(), UTC, timedelta(), lock) is None
