"""Collects what shall become of a table's rows: which are ours, what they say, which go, and which come in. Pure."""

from collections.abc import Mapping, Sequence

from seat_report.workbook.sheets_api import Value
from seat_report.workbook.tables.desired import Addition, DesiredRows, NewEntry, Values
from seat_report.workbook.tables.observed import ObservedRow


class RowReconciler:
    """The desired rows of one table, gathered row by row.

    A row in which people wrote never goes. A new row comes in below the last row of its group (a customer, say), or at
    the end if it has none.
    """

    def __init__(self) -> None:
        self._ours: set[int] = set()
        self._last_of_group: dict[str, int] = {}
        self._updates: dict[int, dict[str, Value]] = {}
        self._removals: set[int] = set()
        self._additions: list[tuple[Values, str]] = []

    def claim(self, row: ObservedRow, group: str = "") -> None:
        """The row is ours, and one of this group."""
        self._ours.add(row.index)
        if group:
            self._last_of_group[group] = max(self._last_of_group.get(group, row.index), row.index)

    def write(self, row: ObservedRow, values: Values) -> None:
        """The row has these values, besides those that it was given before."""
        self._updates.setdefault(row.index, {}).update(values)

    def written(self, row: ObservedRow) -> Values | None:
        """The values that the row was given; None if none were."""
        return self._updates.get(row.index)

    def drop(self, row: ObservedRow, instead: Values | None = None) -> bool:
        """The row goes, unless people wrote in it: then it has the values `instead`, if any. Whether it goes."""
        if not row.is_written_in:
            self._removals.add(row.index)
            # By then another row is in its place.
            self._updates.pop(row.index, None)
            return True
        if instead is not None:
            self.write(row, instead)
        return False

    def add(self, values: Values, group: str = "") -> None:
        """A new row of this group, behind those added before."""
        self._additions.append((values, group))

    @property
    def has_additions(self) -> bool:
        """Whether any row comes in."""
        return bool(self._additions)

    @property
    def updates(self) -> Mapping[int, Values]:
        """The values by row index."""
        return self._updates

    def desired(
        self,
        *,
        behind: int | None = None,
        column_removals: frozenset[int] = frozenset(),
        column_entries: Sequence[NewEntry] = (),
        obsolete_entries: frozenset[int] = frozenset(),
    ) -> DesiredRows:
        """The desired rows; new ones without a group's row come in below `behind`, None for the end of ours."""
        additions = [Addition(values, self._last_of_group.get(group, behind)) for values, group in self._additions]
        return DesiredRows(
            frozenset(self._ours),
            self._updates,
            additions,
            frozenset(self._removals),
            column_removals,
            column_entries,
            obsolete_entries,
        )
