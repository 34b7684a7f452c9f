"""What a table should say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seat_report.workbook.sheets_api import Value

Values = Mapping[str, Value]


class Addition(NamedTuple):
    """A row to be added behind the row `behind` (its index as read); None is behind the last row of ours."""

    values: Values
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class DesiredRows:
    """What a table should say.

    `updates` are values by row index and column name (columns not named stay as they are), `removals` the indexes of
    rows that go, `additions` the rows that come, in order. `ours` are the indexes of all rows that are ours.
    `columns_gone` are the indexes of columns of ours that go.
    """

    ours: frozenset[int] = frozenset()
    updates: Mapping[int, Values] = field(default_factory=dict)
    additions: Sequence[Addition] = ()
    removals: frozenset[int] = frozenset()
    columns_gone: frozenset[int] = frozenset()
