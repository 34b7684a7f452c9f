"""Restore cells beside the Overview's block that were overwritten because the block moved before the write. Pure.

The block is written line by line and people may have put anything around it. So only a cell outside the block's current
position that still holds exactly what was written there is restored.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from seat_report.workbook.conflicts.matching import comparable, same
from seat_report.workbook.conflicts.repair import Place
from seat_report.workbook.sheets_api import BLANK, Block, Cell, Request, Snapshot, Tab, Value, requests
from seat_report.workbook.tables import BlockPatch, WrittenLines


class BlockExpectation(NamedTuple):
    """What a write makes of a block: its range's name, people's cells before the write, and the cells written.

    `lines` are those of the block before and after, if there is a record of them. If the write sets the range by
    position (`is_range_set`), the range can be in another place than the lines.
    """

    name: str
    around: Mapping[Place, Cell]
    block: Block
    written: Mapping[Place, Value]
    lines: tuple[WrittenLines, WrittenLines] | None = None
    is_range_set: bool = False

    @classmethod
    def of(cls, patch: BlockPatch, snapshot: Snapshot) -> "BlockExpectation":
        """What the patch writes into the tab as it was read."""
        around = patch.around if snapshot.tab(patch.tab.title) else {}
        written = {place: cell.value for place, cell in patch.written.items()}
        lines = (patch.before, patch.record) if patch.before is not None else None
        return cls(patch.name, around, patch.block, written, lines, patch.is_range_set)


def moved_block(expectation: BlockExpectation, snapshot: Snapshot) -> Block | None:
    """Where the block really is, if its range was set where the lines no longer were; otherwise None."""
    current, tab = _current(expectation, snapshot)
    if expectation.lines is None or not expectation.is_range_set or tab is None or current != expectation.block:
        return None
    before, _ = expectation.lines
    # What was not written is where people moved it.
    origin = before.origin_in(tab, expectation.written)
    if origin is None or origin == (current.top, current.left):
        return None
    top, left = origin
    height, width = current.bottom - current.top, current.right - current.left
    return Block(current.sheet_id, top, min(top + height, tab.row_count), left, min(left + width, tab.column_count))


def range_id(old_id: str | None, block: Block) -> str:
    """An id for the range of a moved block, other than the old one."""
    return hashlib.blake2b(f"{old_id} {block}".encode(), digest_size=8).hexdigest()


def leftover_cells(expectation: BlockExpectation, snapshot: Snapshot, moved: Block | None = None) -> dict[Place, Cell]:
    """Cells of a block that is not where it was expected, to be cleared: they say what was there before the write.

    The record on the tab knows only the lines that were written, so nothing else would tell them from people's.
    `moved` is where the block is, if its range does not say so.
    """
    named, tab = _current(expectation, snapshot)
    current = moved or named
    if expectation.lines is None or current is None or tab is None or current == expectation.block:
        return {}
    before, after = expectation.lines
    cells: dict[Place, Cell] = {}
    for row in range(current.top, min(current.bottom, len(tab.rows))):
        content = tab.rows[row][current.left : current.right]
        for column in before.ours_in(content, row - current.top):
            place = (row, current.left + column)
            if place not in expectation.written and not after.holds(row - current.top, column, content[column]):
                cells[place] = BLANK
    return cells


def pushed_out_cells(
    expectation: BlockExpectation, snapshot: Snapshot, current: Block | None = None
) -> dict[Place, Cell]:
    """Cells of the block to be cleared: people pushed them out of where its range was set; `current` is where it is."""
    named, tab = _current(expectation, snapshot)
    current = current or named
    if expectation.lines is None or not expectation.is_range_set or current is None or tab is None:
        return {}
    before, _ = expectation.lines
    places = list(before.pushed_out_of(current, tab, expectation.written))
    observed = _cells_around(tab, current)
    elsewhere = Counter(comparable(cell) for place, cell in observed.items() if place not in places)
    # What people had is spared, unless it is still found elsewhere.
    peoples = Counter(map(comparable, expectation.around.values())) - elsewhere
    cells: dict[Place, Cell] = {}
    for place in places:
        content = comparable(tab.cell(*place))
        if peoples[content] > 0:
            peoples[content] -= 1
        else:
            cells[place] = BLANK
    return cells


def misplaced_cells(
    expectation: BlockExpectation, snapshot: Snapshot, current: Block | None = None
) -> dict[Place, Cell]:
    """The cells beside the block to be restored, by place; `current` is where it is, if its range does not say so.

    Then what was written within it stands in wrong places too, and goes before the lines are written again.
    """
    named, tab = _current(expectation, snapshot)
    is_moved, current = current is not None, current or named
    if current is None or tab is None or not tab.rows:
        return {}
    observed = _cells_around(tab, current)
    missing = Counter(map(comparable, expectation.around.values())) - Counter(map(comparable, observed.values()))
    down, right = current.top - expectation.block.top, current.left - expectation.block.left
    cells: dict[Place, Cell] = {}
    for place, value in expectation.written.items():
        cell = tab.cell(*place)
        if not same(cell, Cell(value)):
            continue
        original = expectation.around.get((place[0] - down, place[1] - right))
        if _is_inside(current, *place):
            # Beside its place in the line nothing would tell it from what people typed there.
            is_beside = right != 0 and original is None and _is_out_of_place(expectation, current, place, cell)
            if (is_moved or is_beside) and cell.is_entered:
                cells[place] = BLANK
            continue
        if original is not None and comparable(original) in missing:
            cells[place] = original
        elif cell.is_entered and comparable(cell) not in map(comparable, expectation.around.values()):
            cells[place] = BLANK
    return cells


def _is_out_of_place(expectation: BlockExpectation, current: Block, place: Place, cell: Cell) -> bool:
    """Whether the record shows that a cell of the block says something else than its line says in this place."""
    row, column = place[0] - current.top, place[1] - current.left
    return expectation.lines is not None and not expectation.lines[1].holds(row, column, cell)


def _current(expectation: BlockExpectation, snapshot: Snapshot) -> tuple[Block | None, Tab | None]:
    """Where the block's range is, and its tab; None and None if the range is no longer on the tab that was written."""
    current = snapshot.named.get(expectation.name)
    if current is None or current.sheet_id != expectation.block.sheet_id:
        return None, None
    return current, next((tab for tab in snapshot.tabs.values() if tab.sheet_id == current.sheet_id), None)


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


def _cells_around(tab: Tab, block: Block | None) -> dict[Place, Cell]:
    """Every cell with content outside the block."""
    return {
        (row, column): cell
        for row, cells in enumerate(tab.rows)
        for column, cell in enumerate(cells)
        if cell.is_entered and not (block and block.sheet_id == tab.sheet_id and _is_inside(block, row, column))
    }


def _is_inside(block: Block, row: int, column: int) -> bool:
    return block.top <= row < block.bottom and block.left <= column < block.right
