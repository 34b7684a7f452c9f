"""Tabs that may not be there yet: a new one is planned as an empty one under an id that is free."""

from itertools import count

from seat_report.workbook.sheets_api import Snapshot, Tab

# Room to the right for people's own columns; below the header one spare row, which Sheets wants to keep.
_COLUMNS = 26
_ROWS = 2
_FIRST_ID = 710_000_001


class NewTabs:
    """The tabs of one snapshot, and those to be made beside them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._taken = set(snapshot.sheet_ids)

    def __len__(self) -> int:
        """How many tabs there are, with those to be made."""
        return len(self._taken)

    def present_or_new(self, title: str, columns: int = 0, *, frozen_rows: int = 1) -> tuple[Tab, bool]:
        """The tab of this title, or one to be made with room for so many columns; and whether it has to be made."""
        tab = self._snapshot.tab(title)
        if tab is not None:
            return tab, False
        return Tab(self.free_id(), title, _ROWS, max(_COLUMNS, columns), frozen_rows), True

    def free_id(self) -> int:
        """An id that no tab has; never the same twice."""
        free = next(number for number in count(_FIRST_ID) if number not in self._taken)
        self._taken.add(free)
        return free
