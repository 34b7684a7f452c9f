"""The desired state of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seat_report.workbook.sheets_api import Value

Values = Mapping[str, Value]


class Addition(NamedTuple):
    """A row to add below the row `behind` (its index as read); None is below our last row."""

    values: Values
    behind: int | None = None


class NewEntry(NamedTuple):
    """A developer metadata entry to create on the column of ours with this name."""

    column: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DesiredRows:
    """The rows and columns that a table should have.

    `ours` are the indexes of all rows of ours. `updates` has values by row index and column name (columns not named
    stay as they are), `additions` are the rows to add, in order, `removals` the indexes of the rows to remove.
    `column_removals` are the indexes of the columns of ours to remove, `column_entries` the entries to create on those
    that stay, `obsolete_entries` the metadata ids of entries to delete.
    """

    ours: frozenset[int] = frozenset()
    updates: Mapping[int, Values] = field(default_factory=dict)
    additions: Sequence[Addition] = ()
    removals: frozenset[int] = frozenset()
    column_removals: frozenset[int] = frozenset()
    column_entries: Sequence[NewEntry] = ()
    obsolete_entries: frozenset[int] = frozenset()
