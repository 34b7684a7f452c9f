"""Taking back what a write of ours did in a wrong place, because somebody sorted, inserted or deleted in between. Pure.

Sheets can't be told to write only if nothing has changed since it was read. So what a table was to hold is compared
with what it holds once it was written. A value of ours that is missing where it belongs, and stands where something
else stood, was written there by us: of as many writes as places, one that went astray leaves a place without. A row or
column that is gone while one that we meant to remove still stands was removed in its stead. Whatever else has changed,
people have done, and it stays.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from seat_report.workbook import mending
from seat_report.workbook.counterparts import Counterparts, Token, same, token
from seat_report.workbook.formulas import moved
from seat_report.workbook.mending import Mended, Place
from seat_report.workbook.reconcile import CellChange, Patch, equal
from seat_report.workbook.requests import RowFormula
from seat_report.workbook.snapshot import BLANK, Cell, Tab, Value
from seat_report.workbook.table import HEADER_ROW, PresentTable


@dataclass(frozen=True, slots=True)
class Memory:
    """What a table was to hold after a write.

    `table` is as it stood, with what was mended by the same write; `changed` are the cells that were to change by row,
    `additions` the rows that were to come, `rows_gone` and `columns_gone` the indexes of what was to go. `mended` are
    the places, and `restored` the rows, that were put right by that write.
    """

    table: PresentTable
    changed: Mapping[int, Sequence[CellChange]]
    additions: Sequence[Mapping[str, Value]]
    rows_gone: frozenset[int]
    columns_gone: frozenset[int]
    mended: Collection[Place] = ()
    restored: Collection[int] = ()

    @classmethod
    def of(cls, patch: Patch, before: Mended | None = None) -> "Memory":
        """What the patch makes of its table, after what was mended in it before."""
        return cls(
            table=patch.table,
            changed=patch.changed,
            additions=[addition.values for addition in patch.wish.additions],
            rows_gone=patch.wish.removals,
            columns_gone=patch.wish.columns_gone,
            mended=() if before is None else before.cells.keys(),
            restored=() if before is None else before.rows,
        )


def mended(memory: Memory, tab: Tab) -> Mended | None:
    """What is to be mended in a tab after the write that is remembered; None if nothing is."""
    return _Comparison(memory, tab).mended()


class _Comparison:
    """A table as it was to be, beside the same as it stands."""

    def __init__(self, memory: Memory, tab: Tab) -> None:
        self._memory = memory
        self._before = memory.table
        self._after = PresentTable(memory.table.columns, tab)
        self._pairs = Counterparts(self._before, self._after, memory.rows_gone)
        self._names = {index: name for name, index in self._before.placement.at.items()}
        # The rows that came with the write, as far as they stand where they can be told.
        self._came = {row: values for values in memory.additions if (row := self._pairs.added(values)) is not None}
        # What was to be written and is not where it belongs.
        self._missing: set[Token] = set()
        self._formulas: set[RowFormula] = set()
        self._has_gone_astray = False
        self._find_missing()

    def mended(self) -> Mended | None:
        """What is to be mended; None if nothing is."""
        if not (self._missing or self._formulas or self._is_something_gone() or any(self._new_rows_mended())):
            return None
        # Rows of people's own, and those whose key was written over.
        self._pairs.pair_rest(self._may_be)
        self._find_missing()
        rows, columns = self._rows_lost(), self._columns_lost()
        tab = self._after.tab
        last = max((row for index, row in self._pairs.rows.items() if self._is_keyed(index)), default=HEADER_ROW)
        width = self._after.width
        made = Mended(tab, range(last + 1, last + 1 + len(rows)), range(width, width + len(columns)))
        places = self._pairs.columns | dict(zip(columns, made.columns, strict=True))
        for place, cell in chain(self._strays(), self._completed(), self._new_rows_mended()):
            made.put(place, cell)
        for index, row in [(HEADER_ROW, HEADER_ROW), *self._pairs.rows.items()]:
            for column in columns:
                made.put((row, places[column]), self._stood(index, column, row, places))
        for index, row in zip(rows, made.rows, strict=True):
            for column in range(len(self._before.tab.rows[index])):
                if column in places:
                    made.cells[row, places[column]] = self._stood(index, column, row, places)
        return made if made.cells or rows or columns else None

    # Values.

    def _find_missing(self) -> None:
        pairs, placement = self._pairs, self._after.placement
        self._missing.clear()
        self._formulas.clear()
        for index, changes in self._memory.changed.items():
            row = pairs.rows.get(index)
            for change in changes:
                if not self._says(row, placement.at.get(change.column.name), change.after):
                    self._miss(change.after)
                    self._has_gone_astray = self._has_gone_astray or row is not None
        for values in self._memory.additions if pairs.tells_additions else ():
            row = pairs.added(values)
            for name, value in values.items():
                # Blank cells of a new row have hit nothing.
                if value not in (None, "") and not self._says(row, placement.at.get(name), value):
                    self._miss(value)
        for index, column in self._memory.mended:
            cell, row, at = self._before.tab.cell(index, column), pairs.rows.get(index), pairs.columns.get(column)
            if row is None or at is None or not same(cell, self._after.tab.cell(row, at)):
                self._miss(cell.value)

    def _says(self, row: int | None, column: int | None, value: Value) -> bool:
        """Whether the place is there and says that."""
        return row is not None and column is not None and equal(self._after.tab.cell(row, column), value, row)

    def _miss(self, value: Value) -> None:
        if isinstance(value, RowFormula):
            self._formulas.add(value)
        else:
            self._missing.add(token(value))

    def _is_ours(self, cell: Cell, row: int) -> bool:
        """Whether what stands there is missing elsewhere."""
        if cell.formula is not None:
            return any(cell.formula == formula.at(row) for formula in self._formulas)
        return token(cell.value) in self._missing

    def _strays(self) -> Iterator[tuple[Place, Cell]]:
        """Each cell that a write of ours has hit by mistake, and what stood there."""
        from_row = {row: index for index, row in self._pairs.rows.items()}
        from_column = {column: index for index, column in self._pairs.columns.items()}
        for present in self._after.rows():
            row, index = present.index, from_row.get(present.index)
            if row in self._came or (index is None and not self._pairs.tells_additions):
                continue
            for column in range(self._after.width):
                cell = self._after.tab.cell(row, column)
                if not self._is_ours(cell, row):
                    continue
                source = from_column.get(column)
                if index is not None and source is not None:
                    if not self._is_expected(index, source, cell, row):
                        yield (row, column), self._stood(index, source, row, self._pairs.columns)
                elif not cell.is_blank and (index is None or column not in self._after.our_indexes):
                    yield (row, column), BLANK

    def _new_rows_mended(self) -> Iterator[tuple[Place, Cell]]:
        """What rows that came with the write have to hold instead, where columns have moved."""
        tab, placement = self._after.tab, self._after.placement
        above: dict[int, int] = {}
        for row in sorted(self._came):
            above[row] = above.get(row - 1, row - 1)
            for column, cell in enumerate(tab.rows[row]):
                if cell.is_blank or column in self._after.our_indexes:
                    continue
                # Formulas are copied into new rows; a constant that is the same as above was taken for one.
                is_copy = cell.formula is None and same(cell, tab.cell(above[row], column))
                if is_copy or self._is_ours(cell, row):
                    yield (row, column), BLANK
            for name, value in self._came[row].items():
                at = placement.at.get(name)
                if at is not None and not self._says(row, at, value):
                    yield (row, at), _holding(value, row)

    def _completed(self) -> Iterator[tuple[Place, Cell]]:
        """What rows lack that hold some of their changes and not the others: they would pass for another moment's."""
        for index, changes in self._memory.changed.items():
            if (row := self._pairs.rows.get(index)) is None:
                continue
            places = [(self._after.placement.at.get(change.column.name), change.after) for change in changes]
            lacking = [(column, value) for column, value in places if not self._says(row, column, value)]
            if len(lacking) < len(changes):
                yield from (((row, column), _holding(value, row)) for column, value in lacking if column is not None)

    def _is_expected(self, index: int, column: int, cell: Cell, row: int) -> bool:
        name = self._names.get(column)
        for change in self._memory.changed.get(index, ()):
            if change.column.name == name:
                return equal(cell, change.after, row)
        return same(self._before.tab.cell(index, column), cell)

    def _stood(self, index: int, column: int, row: int, places: Mapping[int, int]) -> Cell:
        """What stood in that row and column, as it has to be in its new row."""
        cell = self._before.tab.cell(index, column)
        return cell if cell.formula is None else replace(cell, formula=moved(cell.formula, {index: row}, places))

    def _may_be(self, index: int, row: int) -> bool:
        """Whether all in which two rows differ can be our doing, and something that they share can't."""
        changing = {change.column.name for change in self._memory.changed.get(index, ())}
        is_known = False
        for column, other in self._pairs.columns.items():
            stood, found = self._before.tab.cell(index, column), self._after.tab.cell(row, other)
            is_ours = self._names.get(column) in changing or self._is_ours(found, row)
            if not is_ours and not same(stood, found):
                return False
            is_known = is_known or not (is_ours or stood.is_blank)
        return is_known

    def _is_keyed(self, index: int) -> bool:
        at = self._before.placement.at
        keys = (at[column.name] for column in self._before.columns if column.is_key and column.name in at)
        return any(self._before.tab.cell(index, column).text for column in keys)

    # Rows and columns that went in the stead of others.

    def _is_something_gone(self) -> bool:
        rows, columns = self._pairs.rows, self._pairs.columns
        return (
            any(index in rows for index in self._memory.rows_gone)
            or any(index in columns for index in self._memory.columns_gone)
            or any(index not in rows for index in self._memory.restored)
        )

    def _rows_lost(self) -> list[int]:
        gone, rows = self._memory.rows_gone, self._before.tab.rows
        lost = [
            row.index
            for row in self._before.rows()
            if row.index not in self._pairs.rows
            and row.index not in gone
            and any(not cell.is_blank or cell.note for cell in rows[row.index])
        ]
        left = {HEADER_ROW: HEADER_ROW, **self._pairs.rows}
        instead = mending.removed_instead(lost, gone, left, self._came, has_gone_astray=self._has_gone_astray)
        return sorted({*instead, *(index for index in lost if index in self._memory.restored)})

    def _columns_lost(self) -> list[int]:
        gone, rows = self._memory.columns_gone, self._before.tab.rows
        lost = [
            index
            for index in range(self._before.width)
            if index not in self._pairs.columns
            and index not in gone
            and any(not cell.is_blank for cells in rows for cell in cells[index : index + 1])
        ]
        new = {at for name, at in self._after.placement.at.items() if name not in self._before.placement.at}
        return mending.removed_instead(lost, gone, self._pairs.columns, new, has_gone_astray=self._has_gone_astray)


def _holding(value: Value, row: int) -> Cell:
    return Cell(None, value.at(row)) if isinstance(value, RowFormula) else Cell(value)
