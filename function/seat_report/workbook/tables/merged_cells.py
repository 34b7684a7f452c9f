"""The merged cells of a tab: which have no value of their own, and where rows and columns can be inserted. Pure."""

from bisect import bisect_right
from collections.abc import Collection, Iterable

from seat_report.workbook.sheets_api import Block, Tab, column_letters

# So many ranges are named in a problem.
_MOST_NAMED = 5


class MergedCells:
    """The merged cells of one tab.

    Only the first cell of a merged range has a value; what is written to the others, the covered ones, is lost. A row
    or column inserted into such a range becomes a part of it.
    """

    def __init__(self, tab: Tab) -> None:
        self._merges = tab.merges
        # No two merged ranges overlap, so those of one column are in order.
        self._by_column: dict[int, list[Block]] = {}
        for merge in sorted(tab.merges, key=lambda merge: merge.top):
            for column in range(merge.left, merge.right):
                self._by_column.setdefault(column, []).append(merge)

    def covering(self, row: int, column: int) -> Block | None:
        """The merged range that covers this cell; None for a cell with a value of its own."""
        merge = self._at(row, column)
        return merge if merge is not None and (row, column) != (merge.top, merge.left) else None

    def row_outside(self, row: int, columns: Collection[int]) -> int:
        """Where rows can be inserted instead, at or below this row: in none of these columns into merged cells."""
        while inside := [merge for column in columns if (merge := self._at(row, column)) and merge.top < row]:
            row = max(merge.bottom for merge in inside)
        return row

    def column_outside(self, column: int) -> int:
        """Where columns can be inserted instead, at or to the right of this one: nowhere into merged cells."""
        while inside := [merge for merge in self._by_column.get(column, ()) if merge.left < column]:
            column = max(merge.right for merge in inside)
        return column

    @property
    def right(self) -> int:
        """The end of the columns with merged cells."""
        return max((merge.right for merge in self._merges), default=0)

    def _at(self, row: int, column: int) -> Block | None:
        merges = self._by_column.get(column, ())
        index = bisect_right(merges, row, key=lambda merge: merge.top) - 1
        return merges[index] if index >= 0 and row < merges[index].bottom else None


def ranges_named(merges: Iterable[Block]) -> str:
    """The ranges as people see them, such as `A2:A5, C2:C3`; the first few of many."""
    found = sorted(set(merges), key=lambda merge: (merge.top, merge.left))
    named = ", ".join(
        f"{column_letters(merge.left)}{merge.top + 1}:{column_letters(merge.right - 1)}{merge.bottom}"
        for merge in found[:_MOST_NAMED]
    )
    left = len(found) - _MOST_NAMED
    return f"{named} and {left:,} more" if left > 0 else named
