"""A block of cells that is written line by line: where it is, and the patch that makes it say what it should.

A named range holds it, so that people may put what they like around it, and it follows the rows and columns that they
insert. Pure.
"""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seat_report.workbook.sheets_api import BLANK, Block, Request, Snapshot, Step, Tab, Value, requests
from seat_report.workbook.tables.diff import equal

# Rows and columns that a named range must have left to be used again.
_SMALLEST = 2


class Look(enum.Enum):
    """How a cell of a block looks; `BlockSpec.cell_format` says what that means in Google's terms."""

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
    """A cell of a block: its value and its look."""

    value: Value = None
    look: Look = Look.PLAIN


Line = tuple[TextCell, ...]


class BlockSpec(NamedTuple):
    """One kind of block: the name of its named range, its width in cells, and the cell format of each look."""

    name: str
    width: int
    cell_format: Callable[[Look], Mapping[str, Any]]


class BlockPatch:
    """The way from a block as it stands to these lines; the rest of the tab stays as it is."""

    def __init__(
        self, spec: BlockSpec, snapshot: Snapshot, tab: Tab, lines: Sequence[Line], *, tab_is_new: bool
    ) -> None:
        self.spec = spec
        self.tab = tab
        self._tab_is_new = tab_is_new
        self._lines = lines
        found = snapshot.named.get(spec.name)
        # One that people have cut down to nothing, or whose tab they have given another title, is made anew.
        is_fit = (
            found is not None
            and found.sheet_id == tab.sheet_id
            and found.bottom - found.top >= _SMALLEST
            and found.right - found.left >= _SMALLEST
        )
        self._found = found if is_fit else None
        self._old_name = snapshot.named_ids.get(spec.name)
        # A spare line at the end, in front of which more can come in without leaving the named range.
        self._height = len(lines) + 1

    def steps(self) -> Iterator[Step]:
        """The patch's requests: room first, then each line that is to say something else."""
        built = [*self._room(), *self._changed_lines()]
        if built:
            yield Step(tuple(built))

    @property
    def block(self) -> Block:
        """Where the block will stand."""
        found = self._found or Block(self.tab.sheet_id, 0, 0, 0, 0)
        bottom = max(found.bottom, found.top + self._height)
        return Block(found.sheet_id, found.top, bottom, found.left, max(found.right, found.left + self.spec.width))

    def _room(self) -> Iterator[Request]:
        tab, found = self.tab, self._found
        if self._tab_is_new:
            yield requests.add_sheet(tab, index=0)
        if found is None:
            if tab.rows:
                yield requests.insert(tab.sheet_id, "ROWS", 0, self._height, inherit_from_before=False)
            elif tab.row_count < self._height:
                yield requests.append(tab.sheet_id, "ROWS", self._height - tab.row_count)
            if tab.column_count < self.spec.width:
                yield requests.append(tab.sheet_id, "COLUMNS", self.spec.width - tab.column_count)
            if self._old_name:
                yield {"deleteNamedRange": {"namedRangeId": self._old_name}}
            span = requests.grid_range(tab.sheet_id, (0, self._height), (0, self.spec.width))
            yield {"addNamedRange": {"namedRange": {"name": self.spec.name, "range": span}}}
            return
        if (lacking := self._height - (found.bottom - found.top)) > 0:
            yield requests.insert(tab.sheet_id, "ROWS", found.bottom - 1, lacking, inherit_from_before=True)
        if (lacking := self.spec.width - (found.right - found.left)) > 0:
            yield requests.insert(tab.sheet_id, "COLUMNS", found.right - 1, lacking, inherit_from_before=True)

    @property
    def written(self) -> Mapping[int, Line]:
        """The lines that don't say what they should, by the row that each will stand in."""
        block = self.block
        lines = dict(enumerate([*self._lines, *[()] * (block.bottom - block.top - len(self._lines))], start=block.top))
        return {row: line for row, line in lines.items() if not self._says(row, line)}

    def _changed_lines(self) -> Iterator[Request]:
        yield from (self._written(row, line) for row, line in self.written.items())

    def _says(self, row: int, line: Line) -> bool:
        block, found = self.block, self._found
        # Rows that are yet to be inserted say nothing, whatever stands there now.
        is_there = found is not None and row < found.bottom - 1
        for column in range(block.left, block.right):
            place = column - block.left
            cell = self.tab.cell(row, column) if is_there else BLANK
            if not equal(cell, line[place].value if place < len(line) else None):
                return False
        return True

    def _written(self, row: int, line: Line) -> Request:
        cells = []
        for shown in line:
            cell = requests.extended_value(shown.value)
            if look := self.spec.cell_format(shown.look):
                cell["userEnteredFormat"] = dict(look)
            cells.append(cell)
        span = requests.grid_range(self.tab.sheet_id, (row, row + 1), (self.block.left, self.block.right))
        fields = "userEnteredValue,userEnteredFormat"
        return {"updateCells": {"range": span, "rows": [{"values": cells}], "fields": fields}}
