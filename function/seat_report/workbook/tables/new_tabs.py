"""Tabs that may not exist yet: a new tab is planned as an empty one with a free id."""

from itertools import count

from seat_report.workbook.sheets_api import Snapshot, Tab

# Room on the right for people's own columns; one spare row below the header, which Sheets requires.
_COLUMNS = 26
_ROWS = 2
_FIRST_ID = 710_000_001


class NewTabs:
    """The tabs of a snapshot, and the new tabs to add to them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._used_ids = set(snapshot.sheet_ids)

    def __len__(self) -> int:
        """Number of tabs, including new ones."""
        return len(self._used_ids)

    def existing_or_new(self, title: str, columns: int = 0, *, frozen_rows: int = 1) -> tuple[Tab, bool]:
        """The tab of this title, or a new one with room for so many columns; and whether it is new."""
        tab = self._snapshot.tab(title)
        if tab is not None:
            return tab, False
        return Tab(self.free_id(), title, _ROWS, max(_COLUMNS, columns), frozen_rows), True

    def free_id(self) -> int:
        """An id that no tab uses; never the same twice."""
        free = next(number for number in count(_FIRST_ID) if number not in self._used_ids)
        self._used_ids.add(free)
        return free
