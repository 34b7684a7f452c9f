"""Taking back what was written beside the Overview's block, because it moved in between. Pure.

The block is written by its lines, and people may have put anything around it: so it is told by the very cells that were
written, where they are outside the block as it stands now.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from seat_report.workbook.conflicts.matching import comparable, same
from seat_report.workbook.conflicts.repair import Place
from seat_report.workbook.sheets_api import BLANK, Block, Cell, Request, Snapshot, Tab, Value, requests
from seat_report.workbook.tables import BlockPatch, Line


class BlockExpectation(NamedTuple):
    """The name of a block's range, the cells around it before it was written, and what was written where."""

    name: str
    around: Mapping[Place, Cell]
    block: Block
    lines: Mapping[int, Line]

    @classmethod
    def of(cls, patch: BlockPatch, snapshot: Snapshot) -> "BlockExpectation":
        """What the patch writes, by its rows, into a tab as it was read."""
        name = patch.spec.name
        around = _around(patch.tab, snapshot.named.get(name)) if snapshot.tab(patch.tab.title) else {}
        return cls(name, around, patch.block, patch.written)


def misplaced_cells(expectation: BlockExpectation, snapshot: Snapshot) -> dict[Place, Cell]:
    """The cells beside the block to be set again, by their places."""
    now = snapshot.named.get(expectation.name)
    tab = next((tab for tab in snapshot.tabs.values() if now is not None and tab.sheet_id == now.sheet_id), None)
    if now is None or tab is None or not tab.rows or now.sheet_id != expectation.block.sheet_id:
        return {}
    found = _around(tab, now)
    lost = Counter(map(comparable, expectation.around.values())) - Counter(map(comparable, found.values()))
    down, right = now.top - expectation.block.top, now.left - expectation.block.left
    cells: dict[Place, Cell] = {}
    for place, value in _written(expectation):
        cell = tab.cell(*place)
        if _is_inside(now, *place) or not same(cell, Cell(value)):
            continue
        stood = expectation.around.get((place[0] - down, place[1] - right))
        if stood is not None and comparable(stood) in lost:
            cells[place] = stood
        elif not cell.is_blank and comparable(cell) not in map(comparable, expectation.around.values()):
            cells[place] = BLANK
    return cells


def restore_requests(sheet_id: int, cells: Mapping[Place, Cell]) -> Iterator[Request]:
    """The requests; what a write of ours has hit has its look, too."""
    for (row, column), cell in cells.items():
        request = requests.restore_cells(sheet_id, row, column, [cell])
        request["updateCells"]["fields"] = "userEnteredValue,userEnteredFormat"
        yield request


def with_cells(tab: Tab, cells: Mapping[Place, Cell]) -> Tab:
    """The tab with these cells set."""
    rows = list(tab.rows)
    # What was written over by nothing at the tab's end is behind what it holds.
    rows += [[] for _ in range(len(rows), max((row + 1 for row, _ in cells), default=0))]
    for (row, column), cell in cells.items():
        changed = [*rows[row], *[BLANK] * (column + 1 - len(rows[row]))]
        changed[column] = replace(cell, note=changed[column].note)
        rows[row] = changed
    return replace(tab, rows=rows)


def _written(expectation: BlockExpectation) -> Iterator[tuple[Place, Value]]:
    block = expectation.block
    for row, line in expectation.lines.items():
        for column in range(block.left, block.right):
            place = column - block.left
            yield (row, column), line[place].value if place < len(line) else None


def _around(tab: Tab, block: Block | None) -> dict[Place, Cell]:
    """Every cell with content that is not in the block."""
    return {
        (row, column): cell
        for row, cells in enumerate(tab.rows)
        for column, cell in enumerate(cells)
        if not cell.is_blank and not (block and block.sheet_id == tab.sheet_id and _is_inside(block, row, column))
    }


def _is_inside(block: Block, row: int, column: int) -> bool:
    return block.top <= row < block.bottom and block.left <= column < block.right
