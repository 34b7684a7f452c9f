"""Desired minus observed: the smallest patch that brings a table to its desired state, and nothing else.

Pure: takes a table as read and its desired state, returns Sheets requests. Structure first, from the bottom up, so that
each step can use indexes as read; then changed cells, at the final positions of their rows.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from seat_report.workbook.sheets_api import BLANK, Cell, Request, RowFormula, Step, Value, batching, requests
from seat_report.workbook.tables.column_layout import ColumnLayout
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import DesiredRows, Values
from seat_report.workbook.tables.observed import HEADER_ROW, RELIABILITY, ObservedTable
from seat_report.workbook.tables.relative_formulas import relative

# With so many rows of ours, others can come in between.
_MIN_ROWS = 2


class CellChange(NamedTuple):
    """The change of one cell, for display: its column, the value before and the value after."""

    column: Column
    before: Value
    after: Value


class RowChange(NamedTuple):
    """The change of one row: `row` is its index as read, None for a new one; `values` identify it."""

    kind: str
    row: int | None
    values: Values
    cells: tuple[CellChange, ...] = ()


class Counts(NamedTuple):
    """How much a patch changes, as reported for the run; columns that only hold times don't count."""

    rows_added: int = 0
    rows_updated: int = 0
    rows_removed: int = 0
    cells_changed: int = 0


def equal(cell: Cell, desired: Value, row: int = 0) -> bool:
    """Whether a cell in this row has the desired value, as a constant or formula as desired."""
    if isinstance(desired, RowFormula):
        return cell.formula == desired.at(row)
    if cell.formula is not None:
        return False
    observed = cell.value
    if desired in (None, ""):
        return observed in (None, "")
    if isinstance(desired, bool) or isinstance(observed, bool):
        return observed is desired
    if isinstance(desired, int | float) and isinstance(observed, int | float):
        # Sheets returns numbers with up to 15 significant digits.
        return math.isclose(desired, observed, rel_tol=1e-12, abs_tol=1e-9)
    return type(observed) is type(desired) and observed == desired


class Patch:
    """The difference between an observed table and its desired rows.

    `new_at` means that the tab has to be created first, at this position among the tabs; its id is then a free one.
    `changed` has the cell changes in existing rows, by row index.
    """

    def __init__(self, table: ObservedTable, desired: DesiredRows, *, new_at: int | None = None) -> None:
        self.table = table
        self.desired = desired
        self._new_at = new_at
        self._sheet_id = table.tab.sheet_id
        self._layout = ColumnLayout(table, desired.column_removals)
        self._unwritable = table.withheld | table.placement.ambiguous.keys()
        self.changed: Mapping[int, tuple[CellChange, ...]] = {
            index: changes
            for index, values in sorted(desired.updates.items())
            if (changes := tuple(self._cell_changes(index, values)))
        }

    @property
    def rows(self) -> tuple[RowChange, ...]:
        """The changes row by row, for display."""
        return tuple(self._row_changes())

    @property
    def counts(self) -> Counts:
        """How much the patch changes."""
        rows = self.rows
        kinds = [change.kind for change in rows]
        cells = sum(len(change.cells) for change in rows)
        return Counts(kinds.count("added"), kinds.count("updated"), kinds.count("removed"), cells)

    @property
    def is_empty(self) -> bool:
        """Whether the patch writes nothing."""
        return next(self.steps(), None) is None

    @property
    def changes_only_cells(self) -> bool:
        """Whether the patch leaves all rows, columns and metadata as they are."""
        desired = self.desired
        others = (*self._layout.requests(), *self._entries())
        is_small = self.table.tab.row_count <= HEADER_ROW + 1
        return not (self._new_at is not None or is_small or desired.additions or desired.removals or others)

    def steps(self) -> Iterator[Step]:
        """The patch's requests, built lazily: those of a large table never exist all at once."""
        if self.table.is_unsafe:
            # Nothing can be written safely without knowing which row is which.
            return
        if self._new_at is not None:
            yield Step((requests.add_sheet(self.table.tab, self._new_at),))
        if self.table.tab.row_count <= HEADER_ROW + 1:
            # Formats start below the header, and Google refuses ranges that start outside of the tab.
            yield Step((requests.append(self._sheet_id, "ROWS", 1),))
        if columns := (*self._layout.requests(), *self._entries()):
            yield Step(columns)
        yield from self._row_steps()
        yield from self._cell_steps()

    def _entries(self) -> Iterator[Request]:
        yield from map(requests.unmark, sorted(self.desired.obsolete_entries))
        yield from self._layout.entry_requests(self.desired.column_entries)

    def lean(self) -> "Patch":
        """A copy for its steps alone, without the desired values, most of which a large table already has."""
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
                yield RowChange(
                    "updated", index, {**self._observed_values(index), **self.desired.updates[index]}, cells
                )
        for index in sorted(self.desired.removals):
            yield RowChange("removed", index, self._observed_values(index))

    def _observed_values(self, index: int) -> Values:
        return {column.name: self._observed_cell(index, column.name).value for column in self.table.columns}

    def _cell_changes(self, index: int, values: Values) -> Sequence[CellChange]:
        changes = []
        can_vouch = True
        for column in self.table.columns:
            if column.is_key or column.is_peoples or column.name not in values or column.name in self._unwritable:
                continue
            cell, desired = self._observed_cell(index, column.name), values[column.name]
            if (is_covered := self.table.covering(index, column.name) is not None) or cell.is_spilled:
                can_vouch = can_vouch and is_covered and (column.kind is Kind.TEXT or equal(cell, desired, index))
                continue
            # Sheets adjusts formulas when columns are added or removed, so they will differ from what was read.
            is_adjusted = isinstance(desired, RowFormula) and self._layout.changes_columns
            if is_adjusted or not equal(cell, desired, index):
                changes.append(CellChange(column, cell.value, desired))
        if not can_vouch:
            # What a formula elsewhere fills in, or merged cells cover, can't be written. So nothing may vouch for the
            # number in it either.
            changes = [change for change in changes if change.column.name not in RELIABILITY]
        return changes

    def _observed_cell(self, row: int, name: str) -> Cell:
        at = self.table.placement.at.get(name)
        return BLANK if at is None else self.table.tab.cell(row, at)

    # Rows: insertions, then removals, each from the bottom up, so that all indexes above are still those of the tab as
    # read. In this order a range over the table still has rows when new ones replace them all.

    def _row_steps(self) -> Iterator[Step]:
        additions = _additions_by_position(self.desired, self.table)
        removals = self.desired.removals
        yield from self._spare_row(len(removals))
        for behind in sorted(additions, reverse=True):
            yield from self._insertions(behind, additions[behind])
        positions = sorted(additions)
        added_above = [0, *accumulate(len(additions[behind]) for behind in positions)]
        for first, last in self._removed_spans(removals, additions):
            shift = added_above[bisect_left(positions, first)]
            yield Step((requests.delete(self._sheet_id, "ROWS", first + shift, last + 1 + shift),))

    def _removed_spans(self, removals: Collection[int], additions: Collection[int]) -> Iterator[tuple[int, int]]:
        """Adjacent rows to delete together, without rows inserted between them, from the bottom up."""
        last: int | None = None
        for index in sorted(removals, reverse=True):
            last = index if last is None else last
            if index - 1 not in removals or index - 1 in additions:
                yield index, last
                last = None

    def _spare_row(self, removed: int) -> Iterator[Step]:
        """Append a row before all rows below the frozen ones are deleted, which Sheets refuses."""
        if removed and removed >= self.table.tab.row_count - max(self.table.tab.frozen_rows, 1):
            yield Step((requests.append(self._sheet_id, "ROWS", 1),))

    def _insertions(self, behind: int, rows: Sequence[Values]) -> Iterator[Step]:
        # In order, so that after an interruption the remaining rows can be inserted below those already written, or
        # above the last one, which therefore comes first in a table that has none yet.
        at = behind + 1
        for number, chunk in enumerate(self._chunks_to_insert(rows)):
            yield Step(
                (
                    self._insertion(at, len(chunk)),
                    *self._layout.write_rows(at, chunk),
                    *self._shared_formulas(behind, at, len(chunk)),
                )
            )
            at += len(chunk) - (number == 0 and self._is_short)

    @property
    def _is_short(self) -> bool:
        """Whether the table has too few rows for others to come in between."""
        return len(self.desired.ours) < _MIN_ROWS

    def _chunks_to_insert(self, rows: Sequence[Values]) -> Sequence[Sequence[Values]]:
        if not self._is_short:
            return list(_chunks(rows))
        *above, last = rows
        first, *others = _chunks(above, _estimated_size(last.values())) if above else [[]]
        return [[*first, last], *others]

    def _insertion(self, at: int, count: int) -> Request:
        # Right below the header, formats come from the row after, elsewhere from the row before. Insert even at the
        # very end, where people may have added rows in the meantime.
        is_below_header = at == HEADER_ROW + 1 < self.table.tab.row_count
        return requests.insert(self._sheet_id, "ROWS", at, count, inherit_from_before=not is_below_header)

    def _shared_formulas(self, above: int, at: int, count: int) -> Iterator[Request]:
        """Continue formulas of people's in new rows, where the row above shares its formula with one next to it."""
        tab = self.table.tab
        if above <= HEADER_ROW:
            return
        for column in range(self.table.width):
            formula = tab.cell(above, column).formula
            if formula is None or column in self.table.written_indexes:
                continue
            own = relative(formula, above, column)
            neighbours = ((row, tab.cell(row, column).formula) for row in (above + 1, above - 1) if row > HEADER_ROW)
            if any(other is not None and relative(other, row, column) == own for row, other in neighbours):
                yield requests.copy_formula(self._sheet_id, (above, self._layout.index_after(column)), (at, at + count))

    # Cells: at the positions of their rows after that.

    def _cell_steps(self) -> Iterator[Step]:
        shifts = _RowShifts(self.desired, self.table)
        chunk: list[tuple[int, dict[str, Value]]] = []
        size = 0
        for index, changes in self.changed.items():
            chunk.append((shifts.new_index(index), {change.column.name: change.after for change in changes}))
            size += _estimated_size(change.after for change in changes)
            if size > batching.STEP_BYTES:
                yield Step(tuple(self._layout.write_cells(chunk)))
                chunk, size = [], 0
        if chunk:
            yield Step(tuple(self._layout.write_cells(chunk)))


class _RowShifts:
    """Positions of rows once removals and additions are applied."""

    def __init__(self, desired: DesiredRows, table: ObservedTable) -> None:
        additions = _additions_by_position(desired, table)
        shifts: dict[int, int] = {behind + 1: len(rows) for behind, rows in additions.items()}
        for index in desired.removals:
            shifts[index + 1] = shifts.get(index + 1, 0) - 1
        self._pending = sorted(shifts.items(), reverse=True)
        self._shift = 0

    def new_index(self, index: int) -> int:
        """The new index of a row; call in ascending order."""
        while self._pending and self._pending[-1][0] <= index:
            self._shift += self._pending.pop()[1]
        return index + self._shift


def _additions_by_position(desired: DesiredRows, table: ObservedTable) -> dict[int, list[Values]]:
    """The rows to add by the index, as read, of the row that each group comes in behind.

    Ranges and formulas of people's that span the table grow only with rows that come in between others. So with two
    or more rows of ours none comes in behind the last one, but above it. None comes into merged cells of ours.
    """
    last = max(desired.ours, default=HEADER_ROW)
    additions: dict[int, list[Values]] = {}
    for addition in desired.additions:
        behind = last if addition.behind is None else addition.behind
        behind = last - 1 if behind == last and len(desired.ours) >= _MIN_ROWS else behind
        at = table.merged.row_outside(behind + 1, table.placement.indexes)
        additions.setdefault(at - 1, []).append(addition.values)
    return additions


def _estimated_size(values: Iterable[Value]) -> int:
    """Approximate size in bytes of writing these cells; a character outside ASCII is sent as six or twelve."""
    return sum(60 + (len(json.dumps(value)) if isinstance(value, str) else 20) for value in values)


def _chunks(rows: Sequence[Values], reserved: int = 0) -> Iterator[Sequence[Values]]:
    """The rows in groups as large as a step may be; so many bytes of the first are needed for something else."""
    start, size = 0, reserved
    for end, values in enumerate(rows):
        size += _estimated_size(values.values())
        if size > batching.STEP_BYTES:
            yield rows[start : end + 1]
            start, size = end + 1, 0
    if start < len(rows):
        yield rows[start:]
