"""What the last run wrote into a block, as a short record, so that what people typed there can be told apart. Pure.

The record has four characters for each cell. It is kept in a developer metadata entry on the tab, which holds 30,000.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from seat_report.workbook.sheets_api import Block, Cell, Tab, Value

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
        digests = [_digest_of(cell) for cell in cells]
        present = frozenset(digests)
        moved = frozenset().union(*(content for content in self._contents if content and content <= present))
        expected = self.lines[offset] if 0 <= offset < len(self.lines) else ()
        return frozenset(
            column
            for column, digest in enumerate(digests)
            if digest != _BLANK and (digest in moved or expected[column : column + 1] == (digest,))
        )

    def remnants_in(self, rows: Sequence[Sequence[Cell]]) -> frozenset[Place]:
        """Cells of the block's rows, read in the order of its lines, that are what is left of a line.

        People inserted rows above it and overwrote part of it. Rows are aligned with the lines so that they share as
        many cells as possible, each in its column; cells that `ours_in` finds don't need that, and are not among them.
        """
        digests = [[_digest_of(cell) for cell in cells] for cells in rows]
        unexplained = {
            (row, column)
            for row, (cells, found) in enumerate(zip(rows, digests, strict=True))
            for column in {column for column, digest in enumerate(found) if digest != _BLANK} - self.ours_in(cells, row)
        }
        if not unexplained:
            return frozenset()
        known = frozenset().union(*self._contents)
        # People may have much below the block.
        related = [(row, found) for row, found in enumerate(digests) if not known.isdisjoint(found)]
        # The most cells that the rows from this one on share with the lines from this one on.
        most = [[0] * (len(self.lines) + 1) for _ in range(len(related) + 1)]
        for at in reversed(range(len(related))):
            for line in reversed(range(len(self.lines))):
                aligned = most[at + 1][line + 1] + len(_shared(related[at][1], self.lines[line]))
                most[at][line] = max(aligned, most[at + 1][line], most[at][line + 1])
        remnants: set[Place] = set()
        at = line = 0
        while at < len(related) and line < len(self.lines):
            if most[at][line] == most[at + 1][line]:
                at += 1
            elif most[at][line] == most[at][line + 1]:
                line += 1
            else:
                row, found = related[at]
                remnants.update((row, column) for column in _shared(found, self.lines[line]))
                at, line = at + 1, line + 1
        return frozenset(remnants & unexplained)

    def holds(self, row: int, column: int, cell: Cell) -> bool:
        """Whether a cell says what was written in this place, counted from the first cell."""
        line = self.lines[row] if 0 <= row < len(self.lines) else ()
        return 0 <= column < len(line) and line[column] == _digest_of(cell)

    def places(self) -> Iterator[Place]:
        """Each place that has content, counted from the first cell."""
        for row, line in enumerate(self.lines):
            yield from ((row, column) for column, digest in enumerate(line) if digest != _BLANK)

    def pushed_out_of(self, block: Block, tab: Tab, written: Collection[Place]) -> Iterator[Place]:
        """Cells of these lines that are no longer in the block, because people inserted rows or columns in it.

        They are parts of a line that is still whole, or stand beside the rest of their line, and the block lacks them;
        `written` are the places inside it that say something else by now.
        """
        inside = Counter(
            _digest_of(cell)
            for row in range(block.top, min(block.bottom, len(tab.rows)))
            for column, cell in enumerate(tab.rows[row][block.left : block.right], start=block.left)
            if (row, column) not in written
        )
        lacking = Counter(digest for line in self.lines for digest in line if digest != _BLANK) - inside
        for row, cells in enumerate(tab.rows):
            offset = row - block.top
            is_beside = block.top <= row < block.bottom
            line = self._contents[offset] if is_beside and offset < len(self._contents) else frozenset()
            ours = self.ours_in(cells[block.left :], offset)
            for column, cell in enumerate(cells[block.left :], start=block.left):
                digest = _digest_of(cell)
                is_candidate = column - block.left in ours or digest in line
                if is_candidate and lacking[digest] > 0 and not (is_beside and column < block.right):
                    lacking[digest] -= 1
                    yield row, column

    def origin_in(self, tab: Tab, ignoring: Collection[Place] = ()) -> Place | None:
        """Where the block is in a tab: the place of its first cell, or None if it is not there any more.

        Most of its cells are at the same distance from each other as they were written; its first line, if it is still
        there, may be farther from them than it was. Cells in places to be ignored don't count.
        """
        found = {
            (row, column): digest
            for row, cells in enumerate(tab.rows)
            for column, cell in enumerate(cells)
            if (digest := _digest_of(cell)) != _BLANK and (row, column) not in ignoring
        }
        written: dict[str, list[Place]] = {}
        for row, column in self.places():
            written.setdefault(self.lines[row][column], []).append((row, column))
        votes: Counter[Place] = Counter()
        for (row, column), digest in found.items():
            places = ((row - down, column - right) for down, right in written.get(digest, ()))
            votes.update(place for place in places if min(place) >= 0)
        # Of places with equally many votes the topmost.
        best = max(votes, key=lambda place: (votes[place], -place[0], -place[1]), default=None)
        if best is None or votes[best] < _MIN_FOUND:
            return None
        top, left = best
        titles = [row for row in range(len(tab.rows)) if self._is_first_line(found, row, left)]
        return min(titles, key=lambda row: abs(row - top), default=top), left

    def _is_first_line(self, found: Mapping[Place, str], row: int, left: int) -> bool:
        first = {left + column: digest for column, digest in enumerate(self.lines[0]) if digest != _BLANK}
        return bool(first) and all(found.get((row, column)) == digest for column, digest in first.items())


def _shared(digests: Sequence[str], line: Sequence[str]) -> list[int]:
    """The columns in which a row has what a line has."""
    return [
        column for column, (digest, other) in enumerate(zip(digests, line, strict=False)) if digest == other != _BLANK
    ]


def _digest_of(cell: Cell) -> str:
    """The digest of what was entered; no formula is ours."""
    return _BLANK if cell.formula is not None or cell.is_spilled else _digest(cell.value)


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
