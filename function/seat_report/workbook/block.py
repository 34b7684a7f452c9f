"""The Overview's block of cells: where it stands, and the patch that makes it say what it should.

A named range holds it: people may put what they like around it, and it follows what they insert. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence

from seat_report.workbook import requests, style
from seat_report.workbook.overview import WIDTH, Line
from seat_report.workbook.reconcile import Step, equal
from seat_report.workbook.requests import Request
from seat_report.workbook.snapshot import BLANK, Block, Snapshot, Tab

NAME = "SeatReportOverview"
_SMALLEST = 2


class BlockPatch:
    """The way from a block as it stands to these lines; the rest of the tab stays as it is."""

    def __init__(self, snapshot: Snapshot, tab: Tab, lines: Sequence[Line], *, tab_is_new: bool) -> None:
        self.tab = tab
        self._tab_is_new = tab_is_new
        self._lines = lines
        found = snapshot.named.get(NAME)
        # One that people have cut down to nothing, or whose tab they have given another title, is made anew.
        is_fit = (
            found is not None
            and found.sheet_id == tab.sheet_id
            and found.bottom - found.top >= _SMALLEST
            and found.right - found.left >= _SMALLEST
        )
        self._found = found if is_fit else None
        self._old_name = snapshot.named_ids.get(NAME)
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
        return Block(found.sheet_id, found.top, bottom, found.left, max(found.right, found.left + WIDTH))

    def _room(self) -> Iterator[Request]:
        tab, found = self.tab, self._found
        if self._tab_is_new:
            yield requests.add_sheet(tab, index=0)
        if found is None:
            if tab.rows:
                yield requests.insert(tab.sheet_id, "ROWS", 0, self._height, inherit_from_before=False)
            elif tab.row_count < self._height:
                yield requests.append(tab.sheet_id, "ROWS", self._height - tab.row_count)
            if tab.column_count < WIDTH:
                yield requests.append(tab.sheet_id, "COLUMNS", WIDTH - tab.column_count)
            if self._old_name:
                yield {"deleteNamedRange": {"namedRangeId": self._old_name}}
            span = requests.grid_range(tab.sheet_id, (0, self._height), (0, WIDTH))
            yield {"addNamedRange": {"namedRange": {"name": NAME, "range": span}}}
            return
        if (lacking := self._height - (found.bottom - found.top)) > 0:
            yield requests.insert(tab.sheet_id, "ROWS", found.bottom - 1, lacking, inherit_from_before=True)
        if (lacking := WIDTH - (found.right - found.left)) > 0:
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
            if look := style.block_format(shown.look):
                cell["userEnteredFormat"] = dict(look)
            cells.append(cell)
        span = requests.grid_range(self.tab.sheet_id, (row, row + 1), (self.block.left, self.block.right))
        fields = "userEnteredValue,userEnteredFormat"
        return {"updateCells": {"range": span, "rows": [{"values": cells}], "fields": fields}}
