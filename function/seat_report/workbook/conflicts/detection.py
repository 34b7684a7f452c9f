"""Undo what a write did in the wrong place because somebody sorted, inserted or deleted after we read. Pure.

Sheets has no write that depends on nothing having changed since the read. So after a write, the table as read back is
compared with what it should hold. Only a cell that our requests wrote, and that still holds what they wrote, can have
been overwritten by mistake; it was if something else belongs there. A row or column that is gone while one that we
meant to remove is still there was removed instead of it. All other changes were made by people, and stay.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count, zip_longest

from seat_report.workbook.conflicts.footprint import Footprint
from seat_report.workbook.conflicts.matching import Matching, same
from seat_report.workbook.conflicts.repair import Place, Repair, removed_instead
from seat_report.workbook.sheets_api import BLANK, Cell, ColumnMark, RowFormula, Step, Tab, Value
from seat_report.workbook.tables import (
    HEADER_ROW,
    CellChange,
    NewEntry,
    ObservedTable,
    Patch,
    equal,
    key_text,
    translated,
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a table should hold after a write.

    `table` is the table before the write, with the repairs of the same write applied; `steps` builds all requests of
    that write for it; `changed` are the cell changes by row, `additions` the new rows, `entries` the new entries on
    columns, `removed_rows` and `removed_columns` the indexes to be removed. `repaired` are the cells that the write
    repaired and what they held before, `restored` the rows that it put back.
    """

    table: ObservedTable
    steps: Callable[[], Iterable[Step]]
    changed: Mapping[int, Sequence[CellChange]]
    additions: Sequence[Mapping[str, Value]]
    removed_rows: frozenset[int]
    removed_columns: frozenset[int]
    entries: Collection[NewEntry] = ()
    repaired: Mapping[Place, Cell] = field(default_factory=dict)
    restored: Collection[int] = ()

    @classmethod
    def of(cls, patch: Patch, before: Repair | None = None) -> "Expectation":
        """What the patch should make of its table, after the repair written before it."""
        lean = patch.lean()
        return cls(
            table=patch.table,
            steps=lambda: chain(() if before is None else before.steps(), lean.steps()),
            changed=patch.changed,
            additions=[addition.values for addition in patch.desired.additions],
            removed_rows=patch.desired.removals,
            removed_columns=patch.desired.column_removals,
            entries=patch.desired.column_entries,
            repaired={} if before is None else before.replaced,
            restored=() if before is None else before.rows,
        )


def repair_of(expectation: Expectation, tab: Tab) -> Repair | None:
    """The repair that the tab needs after the expected write; None if it needs none."""
    return _Comparison(expectation, tab).repair()


class _Comparison:
    """Compares a table before a write, and what the write should have made of it, with the table as read back."""

    def __init__(self, expectation: Expectation, tab: Tab) -> None:
        self._expectation = expectation
        self._before = expectation.table
        self._after = ObservedTable(expectation.table.columns, tab)
        self._keys = [column.name for column in expectation.table.columns if column.is_key]
        self._names = {index: name for name, index in self._after.placement.at.items()}
        self._footprint = Footprint(self._before.tab, expectation.steps())
        self._matching = Matching(self._before, self._after, expectation.removed_rows)
        # The rows that the write added, as far as they can be found.
        self._added = {
            row: values for values in expectation.additions if (row := self._matching.added(values)) is not None
        }

    def repair(self) -> Repair | None:
        """The repair that the table needs; None if it needs none."""
        if self._is_undisturbed():
            return None
        # Users' rows, and those whose key was overwritten.
        self._matching.pair_remaining(self._may_match)
        rows, columns = self._rows_to_put_back(), self._columns_to_put_back()
        tab = self._after.tab
        last = max((row for index, row in self._matching.rows.items() if self._has_key(index)), default=HEADER_ROW)
        width = self._after.width
        put_back = dict(zip(columns, count(width), strict=False))
        repair = Repair(
            tab,
            range(last + 1, last + 1 + len(rows)),
            range(width, width + len(columns)),
            marks=tuple(self._marks_of(put_back)),
            entries=tuple(
                entry._replace(column=put_back[entry.column])
                for entry in self._before.tab.column_entries
                if entry.column in put_back
            ),
            astray=self._astray_entries(),
        )
        places = self._matching.columns | put_back
        for place, cell in chain(
            self._misplaced_cells(), self._failed_repairs(), self._missing_changes(), self._corrected_additions()
        ):
            repair.put(place, cell)
        for index, row in [(HEADER_ROW, HEADER_ROW), *self._matching.rows.items()]:
            for column in columns:
                repair.put((row, places[column]), self._original(index, column, row, places))
        for index, row in zip(rows, repair.rows, strict=True):
            for column in range(len(self._before.tab.rows[index])):
                if column in places:
                    repair.cells[row, places[column]] = self._original(index, column, row, places)
        return repair if repair.cells or rows or columns or repair.astray else None

    def _is_undisturbed(self) -> bool:
        """Whether all rows and columns are where the write should have left them, or where they were before it.

        Then nobody interfered, or the write was not applied: all other changes were made by people.
        """
        tab, footprint = self._before.tab, self._footprint
        if self._expectation.repaired or self._expectation.restored:
            return False
        return self._are_in_place(footprint.rows, footprint.columns) or self._are_in_place(
            range(tab.row_count), range(tab.column_count)
        )

    def _are_in_place(self, rows: Sequence[int | None], columns: Sequence[int | None]) -> bool:
        """Whether every key and header is where these old indexes, by new index, place it, or was added."""
        before, after = self._before.tab, self._after.tab
        for column, index in enumerate(columns):
            original = BLANK if index is None else before.cell(HEADER_ROW, index)
            if after.cell(HEADER_ROW, column).text != original.text and (
                index is not None or not self._names.get(column)
            ):
                return False
        added = {self._key([Cell(values.get(name)) for name in self._keys]) for values in self._expectation.additions}
        expected = [None if index is None else self._key_in(self._before, index) for index in rows]
        observed = [self._key_in(self._after, index) for index in range(len(after.rows))]
        pairs = zip_longest(expected[HEADER_ROW + 1 :], observed[HEADER_ROW + 1 :])
        return all(key == key_before or (key_before is None and key in added) for key_before, key in pairs)

    def _key_in(self, table: ObservedTable, row: int) -> tuple[str, ...] | None:
        at = table.placement.at
        return self._key([table.tab.cell(row, at[name]) if name in at else BLANK for name in self._keys])

    def _key(self, cells: Sequence[Cell]) -> tuple[str, ...] | None:
        """The key of one of our rows; None if the row is not ours."""
        texts = tuple(map(key_text, cells))
        return texts if any(texts) else None

    # Values.

    def _holds(self, row: int | None, column: int | None, value: Value) -> bool:
        """Whether the cell exists and holds that value."""
        return row is not None and column is not None and equal(self._after.tab.cell(row, column), value, row)

    def _misplaced_cells(self) -> Iterator[tuple[Place, Cell]]:
        """Each cell that the write overwrote by mistake, with its original content."""
        from_row = {row: index for index, row in self._matching.rows.items()}
        from_column = {column: index for index, column in self._matching.columns.items()}
        for place, _ in self._footprint:
            row, column = place
            cell, index = self._after.tab.cell(row, column), from_row.get(row)
            if row == HEADER_ROW or row in self._added or not self._footprint.holds(place, cell):
                continue
            if index is not None:
                original = self._original(index, from_column.get(column), row, self._matching.columns)
                if not self._is_expected(index, column, cell, row, original):
                    yield place, original
            elif self._matching.identifies_additions and cell.is_entered:
                yield place, BLANK

    def _failed_repairs(self) -> Iterator[tuple[Place, Cell]]:
        """Each cell that the last repair should have restored and that still holds the wrong content."""
        for (index, column), wrong in self._expectation.repaired.items():
            row, at = self._matching.rows.get(index), self._matching.columns.get(column)
            if row is None or at is None:
                continue
            cell = self._after.tab.cell(row, at)
            if same(cell, wrong) and not same(cell, self._before.tab.cell(index, column)):
                yield (row, at), self._original(index, column, row, self._matching.columns)

    def _corrected_additions(self) -> Iterator[tuple[Place, Cell]]:
        """Corrections of the rows that the write added, where columns had moved."""
        tab, placement = self._after.tab, self._after.placement
        for row, values in self._added.items():
            for column, cell in enumerate(tab.rows[row]):
                if not cell.is_entered or self._names.get(column) in values:
                    continue
                # Only formulas are meant to be copied into new rows; this was a constant.
                is_copy = cell.formula is None and self._footprint.is_copied((row, column))
                if is_copy or self._footprint.holds((row, column), cell):
                    yield (row, column), BLANK
            for name, value in values.items():
                at = placement.at.get(name)
                if at is not None and not self._holds(row, at, value):
                    yield (row, at), _cell_with(value, row)

    def _missing_changes(self) -> Iterator[tuple[Place, Cell]]:
        """The missing changes of rows that got only some of theirs, which would mix the numbers of two moments."""
        for index, changes in self._expectation.changed.items():
            if (row := self._matching.rows.get(index)) is None:
                continue
            targets = [(self._after.placement.at.get(change.column.name), change.after) for change in changes]
            missing = [(column, value) for column, value in targets if not self._holds(row, column, value)]
            if len(missing) < len(changes):
                yield from (((row, column), _cell_with(value, row)) for column, value in missing if column is not None)

    def _is_expected(self, index: int, column: int, cell: Cell, row: int, original: Cell) -> bool:
        """Whether the cell holds what it should: the change meant for it, or else its original content."""
        name = self._names.get(column)
        for change in self._expectation.changed.get(index, ()):
            if change.column.name == name:
                return equal(cell, change.after, row)
        return same(original, cell)

    def _original(self, index: int, column: int | None, row: int, places: Mapping[int, int]) -> Cell:
        """The original cell in that row and column, its formula adapted to the new row; blank without a column.

        One that a formula elsewhere fills is blank too: once nothing is in its place, the formula fills it again.
        """
        cell = BLANK if column is None else self._before.tab.cell(index, column)
        cell = replace(cell, value=None, is_spilled=False) if cell.is_spilled else cell
        return cell if cell.formula is None else replace(cell, formula=translated(cell.formula, {index: row}, places))

    def _may_match(self, index: int, row: int) -> bool:
        """Whether our write explains every difference between two rows, but not everything that they share."""
        if row in self._added:
            return False
        changing = {change.column.name for change in self._expectation.changed.get(index, ())}
        is_known = False
        for column, other in self._matching.columns.items():
            original, observed = self._before.tab.cell(index, column), self._after.tab.cell(row, other)
            is_unrepaired = same(self._expectation.repaired.get((index, column), original), observed)
            is_ours = self._names.get(other) in changing or self._footprint.holds((row, other), observed)
            if not (is_ours or is_unrepaired or same(original, observed)):
                return False
            is_known = is_known or (same(original, observed) and original.is_entered and not is_ours)
        return is_known

    def _has_key(self, index: int) -> bool:
        at = self._before.placement.at
        keys = (at[column.name] for column in self._before.columns if column.is_key and column.name in at)
        return any(key_text(self._before.tab.cell(index, column)) for column in keys)

    # Rows and columns removed instead of others.

    def _rows_to_put_back(self) -> list[int]:
        removals, rows = self._expectation.removed_rows, self._before.tab.rows
        missing = [
            row.index
            for row in self._before.rows()
            if row.index not in self._matching.rows
            and row.index not in removals
            and any(cell.is_entered or cell.note for cell in rows[row.index])
        ]
        remaining = {HEADER_ROW: HEADER_ROW, **self._matching.rows}
        instead = removed_instead(missing, removals, remaining, self._added)
        return sorted({*instead, *(index for index in missing if index in self._expectation.restored)})

    def _columns_to_put_back(self) -> list[int]:
        removals, rows = self._expectation.removed_columns, self._before.tab.rows
        missing = [
            index
            for index in range(self._before.width)
            if index not in self._matching.columns
            and index not in removals
            and any(cell.is_entered for cells in rows for cell in cells[index : index + 1])
        ]
        added = {at for name, at in self._after.placement.at.items() if name not in self._before.placement.at}
        return removed_instead(missing, removals, self._matching.columns, added)

    def _marks_of(self, put_back: Mapping[int, int]) -> Iterator[ColumnMark]:
        """The marks of columns of ours that are put back, by their old index at their new one."""
        for mark in self._before.tab.marks:
            if mark.column in put_back and self._before.placement.at.get(mark.name) == mark.column:
                yield mark._replace(column=put_back[mark.column])

    def _astray_entries(self) -> frozenset[int]:
        """Entries that the write created on other columns than those meant."""
        known = {entry.metadata_id for entry in self._before.tab.column_entries}
        at = self._after.placement.at
        meant = {(entry.key, entry.value, at.get(entry.column)) for entry in self._expectation.entries}
        created = {(key, value) for key, value, _ in meant}
        return frozenset(
            entry.metadata_id
            for entry in self._after.tab.column_entries
            if entry.metadata_id not in known
            and (entry.key, entry.value) in created
            and (entry.key, entry.value, entry.column) not in meant
        )


def _cell_with(value: Value, row: int) -> Cell:
    return Cell(None, value.at(row)) if isinstance(value, RowFormula) else Cell(value)
