"""Restore cells beside the Overview's block that were overwritten because the block moved before the write. Pure.

The block is written line by line and people may have put anything around it. So only a cell outside the block's current
position that still holds exactly what was written there is restored.
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
    """The name of a block's range, the cells around the block before the write, and the lines written, by row."""

    name: str
    around: Mapping[Place, Cell]
    block: Block
    lines: Mapping[int, Line]

    @classmethod
    def of(cls, patch: BlockPatch, snapshot: Snapshot) -> "BlockExpectation":
        """What the patch writes into the tab as it was read."""
        name = patch.spec.name
        around = _cells_around(patch.tab, snapshot.named.get(name)) if snapshot.tab(patch.tab.title) else {}
        return cls(name, around, patch.block, patch.written)


def misplaced_cells(expectation: BlockExpectation, snapshot: Snapshot) -> dict[Place, Cell]:
    """The cells beside the block to be restored, by place."""
    current = snapshot.named.get(expectation.name)
    tab = next(
        (tab for tab in snapshot.tabs.values() if current is not None and tab.sheet_id == current.sheet_id), None
    )
    if current is None or tab is None or not tab.rows or current.sheet_id != expectation.block.sheet_id:
        return {}
    observed = _cells_around(tab, current)
    missing = Counter(map(comparable, expectation.around.values())) - Counter(map(comparable, observed.values()))
    down, right = current.top - expectation.block.top, current.left - expectation.block.left
    cells: dict[Place, Cell] = {}
    for place, value in _written_values(expectation):
        cell = tab.cell(*place)
        if _is_inside(current, *place) or not same(cell, Cell(value)):
            continue
        original = expectation.around.get((place[0] - down, place[1] - right))
        if original is not None and comparable(original) in missing:
            cells[place] = original
        elif not cell.is_blank and comparable(cell) not in map(comparable, expectation.around.values()):
            cells[place] = BLANK
    return cells


def restore_requests(sheet_id: int, cells: Mapping[Place, Cell]) -> Iterator[Request]:
    """Requests that restore these cells, and clear the format that our write gave them along with its values."""
    for (row, column), cell in cells.items():
        request = requests.restore_cells(sheet_id, row, column, [cell])
        request["updateCells"]["fields"] = "userEnteredValue,userEnteredFormat"
        yield request


def with_cells(tab: Tab, cells: Mapping[Place, Cell]) -> Tab:
    """The tab with these cells set."""
    rows = list(tab.rows)
    # A cell that was cleared at the end of the tab lies beyond the rows that were read.
    rows += [[] for _ in range(len(rows), max((row + 1 for row, _ in cells), default=0))]
    for (row, column), cell in cells.items():
        changed = [*rows[row], *[BLANK] * (column + 1 - len(rows[row]))]
        changed[column] = replace(cell, note=changed[column].note)
        rows[row] = changed
    return replace(tab, rows=rows)


def _written_values(expectation: BlockExpectation) -> Iterator[tuple[Place, Value]]:
    block = expectation.block
    for row, line in expectation.lines.items():
        for column in range(block.left, block.right):
            offset = column - block.left
            yield (row, column), line[offset].value if offset < len(line) else None


def _cells_around(tab: Tab, block: Block | None) -> dict[Place, Cell]:
    """Every cell with content outside the block."""
    return {
        (row, column): cell
        for row, cells in enumerate(tab.rows)
        for column, cell in enumerate(cells)
        if not cell.is_blank and not (block and block.sheet_id == tab.sheet_id and _is_inside(block, row, column))
    }


def _is_inside(block: Block, row: int, column: int) -> bool:
    return block.top <= row < block.bottom and block.left <= column < block.right
