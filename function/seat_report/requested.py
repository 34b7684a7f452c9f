"""Whether somebody has ticked the box "Run now", which one small request tells."""

from datetime import UTC, timedelta

from seat_report.clock import Clock
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, Spreadsheet, connect, run_now, runs

_SECONDS = 30.0


def is_requested(settings: Settings, clock: Clock) -> bool:
    """Whether a run is asked for and none is alive; reads the Overview and the first row of Runs, nothing else.

    On a connection of its own, so that a run under way is not disturbed. Raises RunError if the spreadsheet can't be
    read.
    """
    client = connect(settings.sheets_emulator_host)
    deadline = clock.monotonic() + _SECONDS
    spreadsheet = Spreadsheet(client, settings.spreadsheet_id, clock=clock, deadline=deadline, column_key=MARK_KEY)
    try:
        snapshot = spreadsheet.read([settings.overview_tab], first_rows_of=[settings.runs_tab])
    finally:
        client.session.close()
    overview_tab = snapshot.tab(settings.overview_tab)
    if overview_tab is None or not run_now.is_ticked(snapshot, overview_tab):
        return False
    lock = runs.LockEntry.among(snapshot.tabs.values())
    return runs.under_way(None, clock.now(), UTC, timedelta(), lock) is None
