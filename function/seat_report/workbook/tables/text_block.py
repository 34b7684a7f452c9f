"""A block of cells written line by line: where it is, and the patch that brings it to its desired content.

A named range marks it, so that people can put what they like around it and the block follows the rows and columns that
they insert. Pure.
"""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from seat_report.domain import Problem
from seat_report.workbook.sheets_api import BLANK, Block, Cell, Request, Snapshot, Step, Tab, Value, requests
from seat_report.workbook.tables.columns import FORMATTED_KEY
from seat_report.workbook.tables.diff import equal
from seat_report.workbook.tables.merged_cells import MergedCells
from seat_report.workbook.tables.observed import merged_cells_problem
from seat_report.workbook.tables.written_lines import RECORD_KEY, Place, WrittenLines

# The number of columns that a named range must still have to be reused: others are inserted before the last one.
_MIN_WIDTH = 2
# So many blank rows below each other are not between lines of ours.
_GAP = 2


class Look(enum.Enum):
    """How a cell of a block looks; `BlockSpec.cell_format` translates it into a Google cell format."""

    PLAIN = enum.auto()
    TEXT = enum.auto()
    BOLD_TEXT = enum.auto()
    TITLE = enum.auto()
    GOOD = enum.auto()
    BAD = enum.auto()
    SECTION = enum.auto()
    HEADER = enum.auto()
    HEADER_RIGHT = enum.auto()
    COUNT = enum.auto()
    CHANGE = enum.auto()
    SHARE = enum.auto()
    MONEY = enum.auto()
    MOMENT = enum.auto()
    BOLD = enum.auto()
    BOLD_COUNT = enum.auto()
    BOLD_CHANGE = enum.auto()
    BOLD_SHARE = enum.auto()
    LABEL = enum.auto()
    RIGHT = enum.auto()


class TextCell(NamedTuple):
    """A cell of a block: its value and look."""

    value: Value = None
    look: Look = Look.PLAIN


Line = tuple[TextCell, ...]


class BlockSpec(NamedTuple):
    """One kind of block: the name of its named range, its width in cells, and the cell format of each look."""

    name: str
    width: int
    cell_format: Callable[[Look], Mapping[str, Any]]

    def name_on(self, snapshot: Snapshot, tab: Tab) -> str:
        """The name of the range that marks the block on this tab.

        Names are unique in a spreadsheet. So if another tab has the block's own name, as that of another deployment
        does, this one's has the tab's id behind it.
        """
        own = f"{self.name}_{tab.sheet_id}"
        for name in (self.name, own):
            if (block := snapshot.named.get(name)) is not None and block.sheet_id == tab.sheet_id:
                return name
        taken = snapshot.named.get(self.name)
        return own if taken is not None and taken.sheet_id in snapshot.sheet_ids else self.name

    def block_on(self, snapshot: Snapshot, tab: Tab) -> Block | None:
        """Where the block is on this tab; None if nothing marks it."""
        block = snapshot.named.get(self.name_on(snapshot, tab))
        return block if block is not None and block.sheet_id == tab.sheet_id else None


class _Room(NamedTuple):
    """How the rows of a block as read become those of the block as it will be.

    `top` and `left` are its first cell, `bottom` and `right` the ends of what may hold cells of ours, as read; `end` is
    the end of the rows that it may use. `inserted_at` and `inserted` are the rows to insert, `columns_at` and `columns`
    the columns.
    """

    top: int
    left: int
    bottom: int
    right: int
    end: int
    inserted_at: int
    inserted: int
    columns_at: int = 0
    columns: int = 0

    def row_before(self, row: int) -> int | None:
        """The row as read that will be this row; None if it will be inserted."""
        return _index_before(row, self.inserted_at, self.inserted)

    def column_before(self, column: int) -> int | None:
        """The column as read that will be this column; None if it will be inserted."""
        return _index_before(column, self.columns_at, self.columns)


class BlockPatch:
    """The difference between a block as read and these lines; the rest of the tab is left alone.

    The block's range has the lines and, if there is room, a blank row below them: what people type under the block is
    outside. Of the cells that the lines don't need only those are cleared that still say what the last run wrote.
    """

    def __init__(
        self, spec: BlockSpec, snapshot: Snapshot, tab: Tab, lines: Sequence[Line], *, tab_is_new: bool
    ) -> None:
        self.spec = spec
        self.tab = tab
        self.name = spec.name_on(snapshot, tab)
        self._tab_is_new = tab_is_new
        self._lines = lines
        self._entry = next((entry for entry in tab.entries if entry.key == RECORD_KEY), None)
        self.before = WrittenLines(self._entry.value) if self._entry else None
        observed = spec.block_on(snapshot, tab)
        # A range that people shrank to almost nothing is recreated.
        is_usable = observed is not None and observed.right - observed.left >= _MIN_WIDTH
        self._observed = observed if is_usable else None
        self._old_range_id = snapshot.named_ids.get(self.name)
        old = self._observed or self._lost_block()
        self._left = self._remnants(old) if old else frozenset()
        self._ours = self._cells_of_ours(old) | self._left if old else frozenset()
        self._room = self._make_room(old)
        self._merged = MergedCells(tab)

    @cached_property
    def block(self) -> Block:
        """Where the block will be."""
        room = self._room
        bottom = min(room.top + len(self._lines) + 1, room.end + room.inserted)
        right = max(room.right + room.columns, room.left + self.spec.width)
        return Block(self.tab.sheet_id, room.top, bottom, room.left, right)

    @property
    def is_range_set(self) -> bool:
        """Whether the patch sets the named range by position, so that it doesn't follow rows moved meanwhile."""
        return self._range_after_insertions() != self.block

    @property
    def record(self) -> WrittenLines:
        """What the lines say."""
        return WrittenLines.of([[cell.value for cell in line] for line in self._lines])

    def steps(self) -> Iterator[Step]:
        """The patch's requests: room first, then each changed line."""
        built = [*self._prepare_range(), *self._changed_cells(), *self._keep_record()]
        if built:
            yield Step(tuple(built))

    @cached_property
    def around(self) -> Mapping[Place, Cell]:
        """Every cell with content that is not ours, as read."""
        return {
            (row, column): cell
            for row, cells in enumerate(self.tab.rows)
            for column, cell in enumerate(cells)
            if cell.is_entered and (row, column) not in self._ours
        }

    @cached_property
    def written(self) -> Mapping[Place, TextCell]:
        """The cells of lines that differ from their desired content, and cells to clear, by where they will be."""
        block, room = self.block, self._room
        written: dict[Place, TextCell] = {}
        for row in range(block.top, max(block.bottom, room.bottom + room.inserted)):
            offset = row - block.top
            line = self._lines[offset] if offset < len(self._lines) else ()
            cells = {
                (row, block.left + index): line[index] if index < len(line) else TextCell()
                for index in range(block.right - block.left)
            }
            kept = {
                place
                for place, cell in cells.items()
                if self._cell_at(*place).is_spilled
                or self._covering(*place) is not None
                or (cell.value in (None, "") and self._is_peoples(*place))
            }
            if any(place not in kept and not equal(self._cell_at(*place), cell.value) for place, cell in cells.items()):
                written |= {place: cell for place, cell in cells.items() if place not in kept}
        return written

    @property
    def problems(self) -> Iterator[Problem]:
        """The problem that merged cells hide parts of the lines; nothing can be written into the cells they cover."""
        block = self.block
        hidden = {
            merge
            for row, line in enumerate(self._lines, block.top)
            for column, cell in enumerate(line, block.left)
            if cell.value not in (None, "") and (merge := self._covering(row, column)) is not None
        }
        if hidden:
            yield merged_cells_problem(self.tab, hidden)

    # The block as read.

    def _lost_block(self) -> Block | None:
        """The block in a tab where no range marks it any more: people deleted the range, but not the cells."""
        if not self._lines or not any(entry.key in (RECORD_KEY, FORMATTED_KEY) for entry in self.tab.entries):
            return None
        origin = self.before.origin_in(self.tab) if self.before else self._origin_by_title()
        if origin is None:
            return None
        top, left = origin
        right = left + self.spec.width
        below = Block(self.tab.sheet_id, top, len(self.tab.rows), left, right)
        last = max(row for row, _ in self._cells_of_ours(below) | self._remnants(below))
        return Block(self.tab.sheet_id, top, last + 1, left, right)

    def _origin_by_title(self) -> Place | None:
        title = self._lines[0][0].value
        for row, cells in enumerate(self.tab.rows):
            for column, cell in enumerate(cells):
                if not cell.is_blank and equal(cell, title):
                    return row, column
        return None

    def _cells_of_ours(self, old: Block) -> frozenset[Place]:
        """The cells of the old block that still say what the last run wrote.

        Without a record, that is everything above the first two blank rows, which no run leaves between its lines.
        """
        rows = range(old.top, min(old.bottom, len(self.tab.rows)))
        if self.before is not None:
            return frozenset(
                (row, old.left + index)
                for row in rows
                for index in self.before.ours_in(self._cells_of(old, row), row - old.top)
            )
        ours: list[Place] = []
        blank = 0
        for row in rows:
            found = [old.left + index for index, cell in enumerate(self._cells_of(old, row)) if not cell.is_blank]
            blank = 0 if found else blank + 1
            if blank == _GAP:
                break
            ours.extend((row, column) for column in found)
        return frozenset(ours)

    def _remnants(self, old: Block) -> frozenset[Place]:
        """What is left of lines that people moved down and partly overwrote."""
        if self.before is None:
            return frozenset()
        rows = [self._cells_of(old, row) for row in range(old.top, min(old.bottom, len(self.tab.rows)))]
        return frozenset((old.top + row, old.left + column) for row, column in self.before.remnants_in(rows))

    def _cells_of(self, old: Block, row: int) -> Sequence[Cell]:
        return self.tab.rows[row][old.left : old.right]

    def _is_peoples(self, row: int, column: int) -> bool:
        """Whether the cell that will be in this place has content of people's."""
        at, across = self._room.row_before(row), self._room.column_before(column)
        return (
            at is not None
            and across is not None
            and (at, across) not in self._ours
            and not self.tab.cell(at, across).is_blank
        )

    def _covering(self, row: int, column: int) -> Block | None:
        """The merged range, as read, that covers the cell that will be in this place."""
        if not self.tab.merges:
            return None
        at, across = self._room.row_before(row), self._room.column_before(column)
        return None if at is None or across is None else self._merged.covering(at, across)

    def _cell_at(self, row: int, column: int) -> Cell:
        """What the cell in this place will hold before it is written."""
        at, across = self._room.row_before(row), self._room.column_before(column)
        return BLANK if at is None or across is None else self.tab.cell(at, across)

    # Room for the lines.

    def _make_room(self, old: Block | None) -> _Room:
        wanted = len(self._lines) + 1
        if old is None:
            # Above whatever the tab has.
            inserted = wanted if self.tab.rows else 0
            return _Room(0, 0, 0, self.spec.width, wanted - inserted, 0, inserted)
        end = self._end_of(old)
        lacking = max(wanted - (end - old.top), 0)
        free = 0
        while free < lacking and end + free < self.tab.row_count and self._is_free(end + free):
            free += 1
        inserted = lacking - free if end + free - old.top < len(self._lines) else 0
        # Before the blank row at the end, where there is one, so that the named range grows by itself.
        is_inside = not free and end == old.bottom and self._is_free(end - 1, old.left, old.right)
        at = end - 1 if is_inside else end + free
        columns = max(self.spec.width - (old.right - old.left), 0)
        return _Room(old.top, old.left, old.bottom, old.right, end + free, at, inserted, old.right - 1, columns)

    def _end_of(self, old: Block) -> int:
        """The end of the rows that the block may use: people may have typed below its last whole line."""
        last = max((row for row, _ in self._ours - self._left), default=old.top)
        below = (row for row in range(last + 1, old.bottom) if not self._is_free(row, old.left, old.right))
        return next(below, old.bottom)

    def _is_free(self, row: int, left: int = 0, right: int | None = None) -> bool:
        """Whether nothing is in the row."""
        cells = self.tab.rows[row][left:right] if row < len(self.tab.rows) else ()
        return all(cell.is_blank and not cell.note for cell in cells)

    def _range_after_insertions(self) -> Block | None:
        """The named range once rows and columns are inserted; None if there is none."""
        if (observed := self._observed) is None:
            return None
        room = self._room
        bottom = observed.bottom + (room.inserted if room.inserted_at < observed.bottom else 0)
        right = observed.right + (room.columns if room.columns_at < observed.right else 0)
        return observed._replace(bottom=bottom, right=right)

    def _prepare_range(self) -> Iterator[Request]:
        tab, room, block = self.tab, self._room, self.block
        if self._tab_is_new:
            yield requests.add_sheet(tab, index=0)
        if room.inserted:
            at_top = room.inserted_at == 0
            yield requests.insert(tab.sheet_id, "ROWS", room.inserted_at, room.inserted, inherit_from_before=not at_top)
        if (lacking := block.bottom - tab.row_count - room.inserted) > 0:
            yield requests.append(tab.sheet_id, "ROWS", lacking)
        if room.columns:
            yield requests.insert(tab.sheet_id, "COLUMNS", room.columns_at, room.columns, inherit_from_before=True)
        if (lacking := block.right - tab.column_count - room.columns) > 0:
            yield requests.append(tab.sheet_id, "COLUMNS", lacking)
        if self.is_range_set:
            yield from set_range(self.name, block, self._old_range_id)

    # Cells.

    def _changed_cells(self) -> Iterator[Request]:
        span: list[tuple[Place, TextCell]] = []
        for place, cell in self.written.items():
            if span and place != (span[-1][0][0], span[-1][0][1] + 1):
                yield self._write(span)
                span = []
            span.append((place, cell))
        if span:
            yield self._write(span)

    def _write(self, span: Sequence[tuple[Place, TextCell]]) -> Request:
        """Write adjacent cells of a row, with their format."""
        (row, left), _ = span[0]
        cells = []
        for _, text_cell in span:
            cell = requests.extended_value(text_cell.value)
            if cell_format := self.spec.cell_format(text_cell.look):
                cell["userEnteredFormat"] = dict(cell_format)
            cells.append(cell)
        area = requests.grid_range(self.tab.sheet_id, (row, row + 1), (left, left + len(span)))
        fields = "userEnteredValue,userEnteredFormat"
        return {"updateCells": {"range": area, "rows": [{"values": cells}], "fields": fields}}

    def _keep_record(self) -> Iterator[Request]:
        record = self.record.record
        if self.before is None or self.before.record != record:
            yield requests.set_entry(self.tab.sheet_id, self._entry, RECORD_KEY, record)


def set_range(name: str, block: Block, old_id: str | None, new_id: str | None = None) -> Iterator[Request]:
    """Let the named range be this block, in place of the one with the old id if there is one; Google makes up an id."""
    if old_id:
        yield {"deleteNamedRange": {"namedRangeId": old_id}}
    span = requests.grid_range(block.sheet_id, (block.top, block.bottom), (block.left, block.right))
    identity = {"namedRangeId": new_id} if new_id else {}
    yield {"addNamedRange": {"namedRange": {**identity, "name": name, "range": span}}}


def _index_before(index: int, at: int, count: int) -> int | None:
    if index < at:
        return index
    return index - count if index >= at + count else None
