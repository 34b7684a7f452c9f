"""Taking back what a write of ours did in a wrong place, because somebody sorted, inserted or deleted in between. Pure.

Sheets can't be told to write only if nothing has changed since it was read. So what a table was to hold is compared
with what it holds once it was written. Only a place that our requests have written, and that still says what they
wrote, can have been hit by mistake: it was, if something else belongs there. A row or column that is gone while one
that we meant to remove still stands was removed in its stead. Whatever else has changed, people have done, and it
stays.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest

from seat_report.workbook.conflicts import repair
from seat_report.workbook.conflicts.footprint import Footprint
from seat_report.workbook.conflicts.matching import Matching, same
from seat_report.workbook.conflicts.repair import Place, Repair
from seat_report.workbook.sheets_api import BLANK, Cell, RowFormula, Step, Tab, Value
from seat_report.workbook.tables import HEADER_ROW, CellChange, ObservedTable, Patch, equal, translated


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a table was to hold after a write.

    `table` is as it stood, with what was mended by the same write; `steps` makes all requests of that write for it;
    `changed` are the cells that were to change by row, `additions` the rows that were to come, `rows_gone` and
    `columns_gone` the indexes of what was to go. `mended` are the places that were put right by that write and what
    stood there before, `restored` the rows that it put back.
    """

    table: ObservedTable
    steps: Callable[[], Iterable[Step]]
    changed: Mapping[int, Sequence[CellChange]]
    additions: Sequence[Mapping[str, Value]]
    rows_gone: frozenset[int]
    columns_gone: frozenset[int]
    repaired: Mapping[Place, Cell] = field(default_factory=dict)
    restored: Collection[int] = ()

    @classmethod
    def of(cls, patch: Patch, before: Repair | None = None) -> "Expectation":
        """What the patch makes of its table, after what was mended in it before."""
        lean = patch.lean()
        return cls(
            table=patch.table,
            steps=lambda: chain(() if before is None else before.steps(), lean.steps()),
            changed=patch.changed,
            additions=[addition.values for addition in patch.desired.additions],
            rows_gone=patch.desired.removals,
            columns_gone=patch.desired.columns_gone,
            repaired={} if before is None else before.replaced,
            restored=() if before is None else before.rows,
        )


def repair_of(expectation: Expectation, tab: Tab) -> Repair | None:
    """What is to be mended in a tab after the write that is remembered; None if nothing is."""
    return _Comparison(expectation, tab).repaired()


class _Comparison:
    """A table as it was to be, beside the same as it stands."""

    def __init__(self, expectation: Expectation, tab: Tab) -> None:
        self._expectation = expectation
        self._before = expectation.table
        self._after = ObservedTable(expectation.table.columns, tab)
        self._keys = [column.name for column in expectation.table.columns if column.is_key]
        self._names = {index: name for name, index in self._after.placement.at.items()}
        self._footprint = Footprint(self._before.tab, expectation.steps())
        self._matching = Matching(self._before, self._after, expectation.rows_gone)
        # The rows that came with the write, as far as they stand where they can be told.
        self._came = {
            row: values for values in expectation.additions if (row := self._matching.added(values)) is not None
        }

    def repaired(self) -> Repair | None:
        """What is to be mended; None if nothing is."""
        if self._is_undisturbed():
            return None
        # Rows of people's own, and those whose key was written over.
        self._matching.pair_rest(self._may_be)
        rows, columns = self._rows_lost(), self._columns_lost()
        tab = self._after.tab
        last = max((row for index, row in self._matching.rows.items() if self._is_keyed(index)), default=HEADER_ROW)
        width = self._after.width
        made = Repair(tab, range(last + 1, last + 1 + len(rows)), range(width, width + len(columns)))
        places = self._matching.columns | dict(zip(columns, made.columns, strict=True))
        for place, cell in chain(self._strays(), self._repaired_again(), self._completed(), self._new_rows_repaired()):
            made.put(place, cell)
        for index, row in [(HEADER_ROW, HEADER_ROW), *self._matching.rows.items()]:
            for column in columns:
                made.put((row, places[column]), self._stood(index, column, row, places))
        for index, row in zip(rows, made.rows, strict=True):
            for column in range(len(self._before.tab.rows[index])):
                if column in places:
                    made.cells[row, places[column]] = self._stood(index, column, row, places)
        return made if made.cells or rows or columns else None

    def _is_undisturbed(self) -> bool:
        """Whether all rows and columns stand where the write was to leave them, or where they stood before.

        Then nothing was in its way, or it was not done: whatever else has changed, people have done.
        """
        tab, footprint = self._before.tab, self._footprint
        if self._expectation.repaired or self._expectation.restored:
            return False
        return self._stand(footprint.rows, footprint.columns) or self._stand(
            range(tab.row_count), range(tab.column_count)
        )

    def _stand(self, rows: Sequence[int | None], columns: Sequence[int | None]) -> bool:
        """Whether every key and every header stands where these tell it to have been before, or has come."""
        before, after = self._before.tab, self._after.tab
        for column, index in enumerate(columns):
            stood = BLANK if index is None else before.cell(HEADER_ROW, index)
            if after.cell(HEADER_ROW, column).text != stood.text and (index is not None or not self._names.get(column)):
                return False
        coming = {self._key([Cell(values.get(name)) for name in self._keys]) for values in self._expectation.additions}
        stand = [None if index is None else self._key_in(self._before, index) for index in rows]
        found = [self._key_in(self._after, index) for index in range(len(after.rows))]
        pairs = zip_longest(stand[HEADER_ROW + 1 :], found[HEADER_ROW + 1 :])
        return all(key == wanted or (wanted is None and key in coming) for wanted, key in pairs)

    def _key_in(self, table: ObservedTable, row: int) -> tuple[str, ...] | None:
        at = table.placement.at
        return self._key([table.tab.cell(row, at[name]) if name in at else BLANK for name in self._keys])

    def _key(self, cells: Sequence[Cell]) -> tuple[str, ...] | None:
        """What tells a row of ours; None if it is none."""
        texts = tuple(cell.text.casefold() for cell in cells)
        return texts if any(texts) else None

    # Values.

    def _says(self, row: int | None, column: int | None, value: Value) -> bool:
        """Whether the place is there and says that."""
        return row is not None and column is not None and equal(self._after.tab.cell(row, column), value, row)

    def _strays(self) -> Iterator[tuple[Place, Cell]]:
        """Each cell that the write has hit by mistake, and what stood there."""
        from_row = {row: index for index, row in self._matching.rows.items()}
        from_column = {column: index for index, column in self._matching.columns.items()}
        for place, _ in self._footprint:
            row, column = place
            cell, index = self._after.tab.cell(row, column), from_row.get(row)
            if row == HEADER_ROW or row in self._came or not self._footprint.holds(place, cell):
                continue
            if index is not None:
                stood = self._stood(index, from_column.get(column), row, self._matching.columns)
                if not self._is_expected(index, column, cell, row, stood):
                    yield place, stood
            elif self._matching.tells_additions and not cell.is_blank:
                yield place, BLANK

    def _repaired_again(self) -> Iterator[tuple[Place, Cell]]:
        """Each cell that was to be put right and still says what it should not."""
        for (index, column), wrong in self._expectation.repaired.items():
            row, at = self._matching.rows.get(index), self._matching.columns.get(column)
            if row is None or at is None:
                continue
            cell = self._after.tab.cell(row, at)
            if same(cell, wrong) and not same(cell, self._before.tab.cell(index, column)):
                yield (row, at), self._stood(index, column, row, self._matching.columns)

    def _new_rows_repaired(self) -> Iterator[tuple[Place, Cell]]:
        """What rows that came with the write have to hold instead, where columns have moved."""
        tab, placement = self._after.tab, self._after.placement
        for row, values in self._came.items():
            for column, cell in enumerate(tab.rows[row]):
                if cell.is_blank or self._names.get(column) in values:
                    continue
                # Formulas are copied into new rows; a constant was taken for one.
                is_copy = cell.formula is None and self._footprint.is_copied((row, column))
                if is_copy or self._footprint.holds((row, column), cell):
                    yield (row, column), BLANK
            for name, value in values.items():
                at = placement.at.get(name)
                if at is not None and not self._says(row, at, value):
                    yield (row, at), _holding(value, row)

    def _completed(self) -> Iterator[tuple[Place, Cell]]:
        """What rows lack that hold some of their changes and not the others: they would pass for another moment's."""
        for index, changes in self._expectation.changed.items():
            if (row := self._matching.rows.get(index)) is None:
                continue
            places = [(self._after.placement.at.get(change.column.name), change.after) for change in changes]
            lacking = [(column, value) for column, value in places if not self._says(row, column, value)]
            if len(lacking) < len(changes):
                yield from (((row, column), _holding(value, row)) for column, value in lacking if column is not None)

    def _is_expected(self, index: int, column: int, cell: Cell, row: int, stood: Cell) -> bool:
        """Whether a place says what it was to say: what was written for it, or else what stood there."""
        name = self._names.get(column)
        for change in self._expectation.changed.get(index, ()):
            if change.column.name == name:
                return equal(cell, change.after, row)
        return same(stood, cell)

    def _stood(self, index: int, column: int | None, row: int, places: Mapping[int, int]) -> Cell:
        """What stood in that row and column, if there was such a column, as it has to be in its new row."""
        cell = BLANK if column is None else self._before.tab.cell(index, column)
        return cell if cell.formula is None else replace(cell, formula=translated(cell.formula, {index: row}, places))

    def _may_be(self, index: int, row: int) -> bool:
        """Whether all in which two rows differ can be our doing, and something that they share can't."""
        if row in self._came:
            return False
        changing = {change.column.name for change in self._expectation.changed.get(index, ())}
        is_known = False
        for column, other in self._matching.columns.items():
            stood, found = self._before.tab.cell(index, column), self._after.tab.cell(row, other)
            is_unmended = same(self._expectation.repaired.get((index, column), stood), found)
            is_ours = self._names.get(other) in changing or self._footprint.holds((row, other), found)
            if not (is_ours or is_unmended or same(stood, found)):
                return False
            is_known = is_known or (same(stood, found) and not (is_ours or stood.is_blank))
        return is_known

    def _is_keyed(self, index: int) -> bool:
        at = self._before.placement.at
        keys = (at[column.name] for column in self._before.columns if column.is_key and column.name in at)
        return any(self._before.tab.cell(index, column).text for column in keys)

    # Rows and columns that went in the stead of others.

    def _rows_lost(self) -> list[int]:
        gone, rows = self._expectation.rows_gone, self._before.tab.rows
        lost = [
            row.index
            for row in self._before.rows()
            if row.index not in self._matching.rows
            and row.index not in gone
            and any(not cell.is_blank or cell.note for cell in rows[row.index])
        ]
        left = {HEADER_ROW: HEADER_ROW, **self._matching.rows}
        instead = repair.removed_instead(lost, gone, left, self._came)
        return sorted({*instead, *(index for index in lost if index in self._expectation.restored)})

    def _columns_lost(self) -> list[int]:
        gone, rows = self._expectation.columns_gone, self._before.tab.rows
        lost = [
            index
            for index in range(self._before.width)
            if index not in self._matching.columns
            and index not in gone
            and any(not cell.is_blank for cells in rows for cell in cells[index : index + 1])
        ]
        new = {at for name, at in self._after.placement.at.items() if name not in self._before.placement.at}
        return repair.removed_instead(lost, gone, self._matching.columns, new)


def _holding(value: Value, row: int) -> Cell:
    return Cell(None, value.at(row)) if isinstance(value, RowFormula) else Cell(value)
