"""Reads tabs once, on a connection of its own: for whoever needs no run and must not disturb one."""

from collections.abc import Sequence
from contextlib import closing

from seat_report.clock import Clock
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, Snapshot, Spreadsheet, connect


def read_once(
    settings: Settings, clock: Clock, titles: Sequence[str], *, seconds: float, first_rows_of: Sequence[str] = ()
) -> Snapshot:
    """The tabs of these titles, and the first rows of others, within so many seconds; raises RunError."""
    client = connect(settings.sheets_emulator_host)
    with closing(client.session):
        deadline = clock.monotonic() + seconds
        spreadsheet = Spreadsheet(client, settings.spreadsheet_id, clock=clock, deadline=deadline, column_key=MARK_KEY)
        return spreadsheet.read(titles, first_rows_of=first_rows_of)
