"""What the last run wrote into a block, as a short record, so that what people typed there can be told apart. Pure.

The record has four characters for each cell. It is kept in a developer metadata entry on the tab, which holds 30,000.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from seat_report.workbook.sheets_api import Cell, Tab, Value

# The key of the developer metadata entry on the tab that holds the record.
RECORD_KEY = "seat-report.written"

Place = tuple[int, int]
_BLANK = "...."
_LENGTH = len(_BLANK)
_LINE_END = "/"
# So many cells of the record must be found at the same distance from each other to believe that they are the block.
_MIN_FOUND = 3


class WrittenLines:
    """The lines that the last run wrote, each as the digests of its cells."""

    def __init__(self, record: str) -> None:
        self.record = record
        self.lines: tuple[tuple[str, ...], ...] = tuple(
            tuple(line[start : start + _LENGTH] for start in range(0, len(line), _LENGTH))
            for line in record.split(_LINE_END)
        )
        self._contents = [frozenset(line) - {_BLANK} for line in self.lines]

    @classmethod
    def of(cls, lines: Sequence[Sequence[Value]]) -> "WrittenLines":
        """The record of these lines of values."""
        return cls(_LINE_END.join("".join(map(_digest, line)) for line in lines))

    def ours_in(self, cells: Sequence[Cell], offset: int) -> frozenset[int]:
        """Which of a row's cells, by index, still say what was written; `offset` is the row's distance from the top.

        That is a cell with what was written in its place, or any part of a line that is still there as a whole:
        people may have inserted, deleted or sorted rows.
        """
        digests = [_BLANK if cell.formula is not None or cell.is_spilled else _digest(cell.value) for cell in cells]
        present = frozenset(digests)
        moved = frozenset().union(*(content for content in self._contents if content and content <= present))
        expected = self.lines[offset] if 0 <= offset < len(self.lines) else ()
        return frozenset(
            column
            for column, digest in enumerate(digests)
            if digest != _BLANK and (digest in moved or expected[column : column + 1] == (digest,))
        )

    def origin_in(self, tab: Tab) -> Place | None:
        """Where the block is in a tab: the place of its first cell, or None if it is not there any more.

        Most of its cells are at the same distance from each other as they were written; its first line, if it is still
        there, may be farther from them than it was.
        """
        places: dict[str, list[Place]] = {}
        for row, line in enumerate(self.lines):
            for column, digest in enumerate(line):
                if digest != _BLANK:
                    places.setdefault(digest, []).append((row, column))
        votes: Counter[Place] = Counter()
        for row, cells in enumerate(tab.rows):
            for column, cell in enumerate(cells):
                if cell.is_entered and cell.formula is None:
                    votes.update(
                        (row - down, column - right)
                        for down, right in places.get(_digest(cell.value), ())
                        if down <= row and right <= column
                    )
        # Of places with equally many votes the topmost.
        best = max(votes, key=lambda place: (votes[place], -place[0], -place[1]), default=None)
        if best is None or votes[best] < _MIN_FOUND:
            return None
        top, left = best
        first = self._contents[0]
        titles = [
            row for row, cells in enumerate(tab.rows) if first and first <= {_digest(cell.value) for cell in cells}
        ]
        return min(titles, key=lambda row: abs(row - top), default=top), left


def _digest(value: Value) -> str:
    token = "".join(_token(value))
    if not token:
        return _BLANK
    return base64.urlsafe_b64encode(hashlib.blake2b(token.encode(), digest_size=3).digest()).decode()


def _token(value: Value) -> Iterator[str]:
    """The kind and content of a value; numbers have the digits that Sheets returns."""
    if isinstance(value, bool):
        yield f"is {value}"
    elif isinstance(value, int | float):
        yield f"number {value:.12g}"
    elif value not in (None, ""):
        yield f"text {value}"
