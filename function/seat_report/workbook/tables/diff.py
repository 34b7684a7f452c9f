"""Desired minus present: the smallest patch that makes a table say what it should, and nothing else.

Pure: takes a table as it was read and what it should say, gives Sheets requests. Structure first, from the bottom up,
so that each step's indexes are those that were read; then the changed cells, where the rows stand after that.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

from seat_report.workbook.sheets_api import BLANK, Cell, Request, RowFormula, Step, Value, batching, requests
from seat_report.workbook.tables.column_layout import ColumnLayout
from seat_report.workbook.tables.columns import Column
from seat_report.workbook.tables.desired import DesiredRows, Values
from seat_report.workbook.tables.observed import HEADER_ROW, ObservedTable
from seat_report.workbook.tables.relative_formulas import relative


class CellChange(NamedTuple):
    """One cell's change, for people: the column's header, what it said and what it will say."""

    column: Column
    before: Value
    after: Value


class RowChange(NamedTuple):
    """One row's change: `row` is its index as read, None for a new one; `values` what identifies it."""

    kind: str
    row: int | None
    values: Values
    cells: tuple[CellChange, ...] = ()


class Counts(NamedTuple):
    """How much a patch changes, as the run's answer tells it; columns that only tell the time don't count."""

    rows_added: int = 0
    rows_updated: int = 0
    rows_removed: int = 0
    cells_changed: int = 0


def equal(cell: Cell, wanted: Value, row: int = 0) -> bool:
    """Whether a cell in that row says what is wanted, in the way that is wanted (a number not by a formula)."""
    if isinstance(wanted, RowFormula):
        return cell.formula == wanted.at(row)
    if cell.formula is not None:
        return False
    found = cell.value
    if wanted in (None, ""):
        return found in (None, "")
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        # Sheets hands numbers back in up to 15 significant digits.
        return math.isclose(wanted, found, rel_tol=1e-12, abs_tol=1e-9)
    return type(found) is type(wanted) and found == wanted


class Patch:
    """The way from a present table to what a wish says.

    `new_at` says that the tab has to be made first and at which place among the tabs; its id is then one that is free.
    `changed` are the cells that it changes in rows that there are, by row.
    """

    def __init__(self, table: ObservedTable, desired: DesiredRows, *, new_at: int | None = None) -> None:
        self.table = table
        self.desired = desired
        self._new_at = new_at
        self._sheet_id = table.tab.sheet_id
        self._layout = ColumnLayout(table, desired.columns_gone)
        self._unwritable = table.withheld | table.placement.ambiguous.keys()
        self.changed: Mapping[int, tuple[CellChange, ...]] = {
            index: changes
            for index, values in sorted(desired.updates.items())
            if (changes := tuple(self._cell_changes(index, values)))
        }

    @property
    def rows(self) -> tuple[RowChange, ...]:
        """What changes, row by row, as people should read it."""
        return tuple(self._row_changes())

    @property
    def counts(self) -> Counts:
        """How much changes."""
        rows = self.rows
        kinds = [change.kind for change in rows]
        cells = sum(len(change.cells) for change in rows)
        return Counts(kinds.count("added"), kinds.count("updated"), kinds.count("removed"), cells)

    @property
    def is_empty(self) -> bool:
        """Whether it writes nothing."""
        return next(self.steps(), None) is None

    def steps(self) -> Iterator[Step]:
        """The patch's requests, made as they are asked for: a large table's never exist all at once."""
        if self.table.is_unsafe:
            # Without knowing which row is whose there is nothing that could be written safely.
            return
        if self._new_at is not None:
            yield Step((requests.add_sheet(self.table.tab, self._new_at),))
        if columns := tuple(self._layout.requests()):
            yield Step(columns)
        yield from self._row_steps()
        yield from self._cell_steps()

    def lean(self) -> "Patch":
        """The same patch for its steps alone: what rows should say that already say it is most of a large one."""
        lean = copy(self)
        lean.desired = replace(self.desired, updates={})
        return lean

    def _row_changes(self) -> Iterator[RowChange]:
        if self.table.is_unsafe:
            return
        for addition in self.desired.additions:
            cells = tuple(
                CellChange(column, None, addition.values[column.name])
                for column in self.table.columns
                if column.counts and addition.values.get(column.name) not in (None, "")
            )
            yield RowChange("added", None, addition.values, cells)
        for index, changes in self.changed.items():
            if cells := tuple(change for change in changes if change.column.counts):
                yield RowChange("updated", index, {**self._read(index), **self.desired.updates[index]}, cells)
        for index in sorted(self.desired.removals):
            yield RowChange("removed", index, self._read(index))

    def _read(self, index: int) -> Values:
        return {column.name: self._present(index, column.name).value for column in self.table.columns}

    def _cell_changes(self, index: int, values: Values) -> Iterator[CellChange]:
        for column in self.table.columns:
            if column.is_key or column.name not in values or column.name in self._unwritable:
                continue
            cell, wanted = self._present(index, column.name), values[column.name]
            # Sheets adjusts formulas when columns come and go, so what was read is not what will stand there.
            is_moved = isinstance(wanted, RowFormula) and self._layout.changes_columns
            if is_moved or not equal(cell, wanted, index):
                yield CellChange(column, cell.value, wanted)

    def _present(self, row: int, name: str) -> Cell:
        at = self.table.placement.at.get(name)
        return BLANK if at is None else self.table.tab.cell(row, at)

    # Rows: from the bottom up, so that every index above is still the one that was read.

    def _row_steps(self) -> Iterator[Step]:
        behind_last = max(self.desired.ours, default=HEADER_ROW)
        coming: dict[int, list[Values]] = {}
        for addition in self.desired.additions:
            behind = behind_last if addition.behind is None else addition.behind
            coming.setdefault(behind, []).append(addition.values)
        going = self.desired.removals
        yield from self._spare_row(len(going))
        last: int | None = None
        for index in sorted({*coming, *going}, reverse=True):
            if index in coming:
                yield from self._insertions(index, coming[index])
            if index not in going:
                continue
            last = index if last is None else last
            # Neighbours go together, unless something comes in between them.
            if index - 1 not in going or index - 1 in coming:
                yield Step((requests.delete(self._sheet_id, "ROWS", index, last + 1),))
                last = None

    def _spare_row(self, going: int) -> Iterator[Step]:
        """Sheets refuses to delete all rows below the frozen ones: add one before that happens."""
        if going and going >= self.table.tab.row_count - max(self.table.tab.frozen_rows, 1):
            yield Step((requests.append(self._sheet_id, "ROWS", 1),))

    def _insertions(self, behind: int, rows: Sequence[Values]) -> Iterator[Step]:
        # In order, so that what an interruption cuts off can come in behind what is there by then.
        at = behind + 1
        for chunk in _chunks(rows):
            yield Step(
                (
                    self._insertion(at, len(chunk)),
                    *self._layout.write_rows(at, chunk),
                    *self._shared_formulas(behind, at, len(chunk)),
                )
            )
            at += len(chunk)

    def _insertion(self, at: int, count: int) -> Request:
        # Right below the header the row after it lends its formats, anywhere else the row before. Inserted also at the
        # very end, where people may have added rows meanwhile.
        is_below_header = at == HEADER_ROW + 1 < self.table.tab.row_count
        return requests.insert(self._sheet_id, "ROWS", at, count, inherit_from_before=not is_below_header)

    def _shared_formulas(self, above: int, at: int, count: int) -> Iterator[Request]:
        tab = self.table.tab
        below = above + 1
        if above <= HEADER_ROW:
            return
        for column in range(self.table.width):
            upper, lower = tab.cell(above, column).formula, tab.cell(below, column).formula
            if upper is None or lower is None or column in self.table.our_indexes:
                continue
            if relative(upper, above, column) == relative(lower, below, column):
                yield requests.copy_formula(self._sheet_id, (above, self._layout.index_after(column)), (at, at + count))

    # Cells: where the rows stand after that.

    def _cell_steps(self) -> Iterator[Step]:
        moved = _Moves(self.desired)
        chunk: list[tuple[int, dict[str, Value]]] = []
        size = 0
        for index, changes in self.changed.items():
            chunk.append((moved.to(index), {change.column.name: change.after for change in changes}))
            size += _size(change.after for change in changes)
            if size > batching.STEP_BYTES:
                yield Step(tuple(self._layout.write_cells(chunk)))
                chunk, size = [], 0
        if chunk:
            yield Step(tuple(self._layout.write_cells(chunk)))


class _Moves:
    """Where rows stand once removals and additions are done."""

    def __init__(self, desired: DesiredRows) -> None:
        behind_last = max(desired.ours, default=HEADER_ROW)
        shifts: dict[int, int] = {}
        for addition in desired.additions:
            behind = behind_last if addition.behind is None else addition.behind
            shifts[behind + 1] = shifts.get(behind + 1, 0) + 1
        for index in desired.removals:
            shifts[index + 1] = shifts.get(index + 1, 0) - 1
        self._pending = sorted(shifts.items(), reverse=True)
        self._shift = 0

    def to(self, index: int) -> int:
        """The row's new index; to be asked in ascending order."""
        while self._pending and self._pending[-1][0] <= index:
            self._shift += self._pending.pop()[1]
        return index + self._shift


def _size(values: Iterable[Value]) -> int:
    """About the bytes that writing these cells takes; a character outside ASCII is sent as six or twelve."""
    return sum(60 + (len(json.dumps(value)) if isinstance(value, str) else 20) for value in values)


def _chunks(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    start = size = 0
    for end, values in enumerate(rows):
        size += _size(values.values())
        if size > batching.STEP_BYTES:
            yield rows[start : end + 1]
            start, size = end + 1, 0
    if start < len(rows):
        yield rows[start:]
