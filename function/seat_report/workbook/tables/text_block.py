"""A block of cells written line by line: where it is, and the patch that brings it to its desired content.

A named range marks it, so that people can put what they like around it and the block follows the rows and columns that
they insert. Pure.
"""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seat_report.workbook.sheets_api import BLANK, Block, Request, Snapshot, Step, Tab, Value, requests
from seat_report.workbook.tables.diff import equal

# The number of rows and columns that a named range must still have to be reused.
_MIN_SIZE = 2


class Look(enum.Enum):
    """How a cell of a block looks; `BlockSpec.cell_format` translates it into a Google cell format."""

    PLAIN = enum.auto()
    TITLE = enum.auto()
    GOOD = enum.auto()
    BAD = enum.auto()
    SECTION = enum.auto()
    HEADER = enum.auto()
    HEADER_RIGHT = enum.auto()
    COUNT = enum.auto()
    CHANGE = enum.auto()
    SHARE = enum.auto()
    MOMENT = enum.auto()
    BOLD = enum.auto()
    BOLD_COUNT = enum.auto()
    BOLD_CHANGE = enum.auto()
    BOLD_SHARE = enum.auto()


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


class BlockPatch:
    """The difference between a block as read and these lines; the rest of the tab is left alone."""

    def __init__(
        self, spec: BlockSpec, snapshot: Snapshot, tab: Tab, lines: Sequence[Line], *, tab_is_new: bool
    ) -> None:
        self.spec = spec
        self.tab = tab
        self._tab_is_new = tab_is_new
        self._lines = lines
        observed = snapshot.named.get(spec.name)
        # A range that people shrank to almost nothing, or whose tab they renamed, is recreated.
        is_usable = (
            observed is not None
            and observed.sheet_id == tab.sheet_id
            and observed.bottom - observed.top >= _MIN_SIZE
            and observed.right - observed.left >= _MIN_SIZE
        )
        self._observed = observed if is_usable else None
        self._old_range_id = snapshot.named_ids.get(spec.name)
        # With a spare line at the end, before which lines can be inserted without leaving the named range.
        self._height = len(lines) + 1

    def steps(self) -> Iterator[Step]:
        """The patch's requests: room first, then each changed line."""
        built = [*self._prepare_range(), *self._changed_lines()]
        if built:
            yield Step(tuple(built))

    @property
    def block(self) -> Block:
        """Where the block will be."""
        now = self._observed or Block(self.tab.sheet_id, 0, 0, 0, 0)
        bottom = max(now.bottom, now.top + self._height)
        return Block(now.sheet_id, now.top, bottom, now.left, max(now.right, now.left + self.spec.width))

    def _prepare_range(self) -> Iterator[Request]:
        tab, observed = self.tab, self._observed
        if self._tab_is_new:
            yield requests.add_sheet(tab, index=0)
        if observed is None:
            if tab.rows:
                yield requests.insert(tab.sheet_id, "ROWS", 0, self._height, inherit_from_before=False)
            elif tab.row_count < self._height:
                yield requests.append(tab.sheet_id, "ROWS", self._height - tab.row_count)
            if tab.column_count < self.spec.width:
                yield requests.append(tab.sheet_id, "COLUMNS", self.spec.width - tab.column_count)
            if self._old_range_id:
                yield {"deleteNamedRange": {"namedRangeId": self._old_range_id}}
            span = requests.grid_range(tab.sheet_id, (0, self._height), (0, self.spec.width))
            yield {"addNamedRange": {"namedRange": {"name": self.spec.name, "range": span}}}
            return
        if (lacking := self._height - (observed.bottom - observed.top)) > 0:
            yield requests.insert(tab.sheet_id, "ROWS", observed.bottom - 1, lacking, inherit_from_before=True)
        if (lacking := self.spec.width - (observed.right - observed.left)) > 0:
            yield requests.insert(tab.sheet_id, "COLUMNS", observed.right - 1, lacking, inherit_from_before=True)

    @property
    def written(self) -> Mapping[int, Line]:
        """The lines that differ from their desired content, by the row that each will be in."""
        block = self.block
        lines = dict(enumerate([*self._lines, *[()] * (block.bottom - block.top - len(self._lines))], start=block.top))
        return {row: line for row, line in lines.items() if not self._matches(row, line)}

    def _changed_lines(self) -> Iterator[Request]:
        yield from (self._write_line(row, line) for row, line in self.written.items())

    def _matches(self, row: int, line: Line) -> bool:
        block, observed = self.block, self._observed
        # Rows that are yet to be inserted will be blank, whatever is at their position now.
        exists = observed is not None and row < observed.bottom - 1
        for column in range(block.left, block.right):
            offset = column - block.left
            cell = self.tab.cell(row, column) if exists else BLANK
            if not equal(cell, line[offset].value if offset < len(line) else None):
                return False
        return True

    def _write_line(self, row: int, line: Line) -> Request:
        cells = []
        for text_cell in line:
            cell = requests.extended_value(text_cell.value)
            if cell_format := self.spec.cell_format(text_cell.look):
                cell["userEnteredFormat"] = dict(cell_format)
            cells.append(cell)
        span = requests.grid_range(self.tab.sheet_id, (row, row + 1), (self.block.left, self.block.right))
        fields = "userEnteredValue,userEnteredFormat"
        return {"updateCells": {"range": span, "rows": [{"values": cells}], "fields": fields}}
