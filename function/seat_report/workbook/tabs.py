"""Tabs that may not be there yet: a new one is planned as an empty one under an id that is free."""

from collections.abc import Sequence

from seat_report.workbook.columns import Column
from seat_report.workbook.snapshot import Snapshot, Tab

# Room to the right for people's own columns; below the header one spare row, which Sheets wants to keep.
_COLUMNS = 26
_ROWS = 2
_FIRST_ID = 710_000_001


def present_or_new(snapshot: Snapshot, title: str, columns: Sequence[Column]) -> tuple[Tab, bool]:
    """The tab of this title, or one to be made for these columns; and whether it has to be made."""
    tab = snapshot.tab(title)
    if tab is not None:
        return tab, False
    return Tab(free_id(snapshot), title, _ROWS, max(_COLUMNS, len(columns)), frozen_rows=1), True


def free_id(snapshot: Snapshot) -> int:
    """An id that no tab of the spreadsheet has."""
    taken = snapshot.sheet_ids
    return next(number for number in range(_FIRST_ID, _FIRST_ID + len(taken) + 1) if number not in taken)
