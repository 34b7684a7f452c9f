"""A table as read from its tab: our cells by row and column name, and what people wrote beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seat_report.domain import Problem, ProblemKind, canonical_id
from seat_report.workbook.sheets_api import BLANK, Block, Cell, Tab, Value, column_letters
from seat_report.workbook.tables.columns import Column, Kind, Placement, folded, locate
from seat_report.workbook.tables.desired import Values
from seat_report.workbook.tables.merged_cells import MergedCells, ranges_named
from seat_report.workbook.tables.relative_formulas import relative

HEADER_ROW = 0
# Larger numbers are not exact, and sums of whatever people type could become infinite.
_MAX_NUMBER = 2**53
# So many groups of rows are named in a problem.
_MOST_NAMED = 10
# Columns that say how reliable the numbers of their row are.
RELIABILITY = frozenset({"status", "detail", "last_checked"})


def number_in(value: Value) -> int | float | None:
    """The cell's value if it is a number that can be ours, otherwise None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= _MAX_NUMBER else None


def key_text(cell: Cell) -> str:
    """The content of a key cell in a form that is equal for two spellings of one ID."""
    return canonical_id(cell.text)


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """One row below the header; `index` counts from 0 with the header at 0."""

    index: int
    table: "ObservedTable"

    def cell(self, name: str) -> Cell:
        """Our cell in this column; blank if the column is missing or ambiguous."""
        column = self.table.placement.at.get(name)
        return BLANK if column is None else self.table.tab.cell(self.index, column)

    def text(self, name: str) -> str:
        """The value of the cell in this column, as trimmed text."""
        return self.cell(name).text

    def number(self, name: str) -> int | float | None:
        """The value of the cell in this column if it is a number that can be ours, otherwise None."""
        return number_in(self.cell(name).value)

    @property
    def is_written_in(self) -> bool:
        """Whether the row has content of people's that must not be removed with it.

        That is a note on any cell, or in a column of people's a constant other than FALSE or a formula that neither
        adjacent row shares in relative form. What a formula elsewhere fills in is not content of the row.
        """
        tab, ours = self.table.tab, self.table.our_indexes
        for column, cell in enumerate(tab.rows[self.index]):
            if cell.note:
                return True
            if column in ours or not cell.is_entered:
                continue
            if cell.formula is None:
                if cell.value is not False:
                    return True
            elif not any(self._has_same_formula(cell.formula, column, row) for row in (self.index - 1, self.index + 1)):
                return True
        return False

    def _has_same_formula(self, formula: str, column: int, row: int) -> bool:
        other = self.table.tab.cell(row, column).formula if row > HEADER_ROW else None
        return other is not None and relative(other, row, column) == relative(formula, self.index, column)


class ObservedTable:
    """Our columns in one tab, and its rows.

    `columns` are those that the table should have; `tab` is what was read.
    """

    def __init__(self, columns: Sequence[Column], tab: Tab) -> None:
        self.columns = tuple(columns)
        self.tab = tab
        self.placement: Placement = locate(columns, tab)
        peoples = {column.name for column in columns if column.is_peoples}
        # The columns that we write; those that we made for people are theirs.
        self.our_indexes = frozenset(at for name, at in self.placement.at.items() if name not in peoples)
        # Columns that are, or could be, ours to write.
        self.written_indexes = self.our_indexes.union(
            *(indexes for name, indexes in self.placement.ambiguous.items() if name not in peoples)
        )
        self.width = tab.width
        self.merged = MergedCells(tab)

    def rows(self) -> Iterator[ObservedRow]:
        """All rows below the header, up to the last with content."""
        return (ObservedRow(index, self) for index in range(HEADER_ROW + 1, len(self.tab.rows)))

    @property
    def withheld(self) -> frozenset[str]:
        """Columns that must not be written because they would vouch for numbers that can't be written."""
        numbers = (column for column in self.columns if column.kind is not Kind.TEXT and not column.is_peoples)
        is_ambiguous = any(column.name in self.placement.ambiguous for column in numbers)
        return RELIABILITY if is_ambiguous else frozenset()

    @property
    def problems(self) -> Iterator[Problem]:
        """What prevents this table from being written as it should be."""
        marked = [self.merged.covering(HEADER_ROW, mark.column) for mark in self.tab.marks]
        merges = [merge for merge in marked if merge is not None]
        if self.has_lost_header:
            hint = f" Unmerge the cells {ranges_named(merges)} if there are headers under them." if merges else ""
            detail = (
                f"In the tab {self.tab.title!r} row 1 is no longer the header, so nothing was written there.{hint} "
                "Move the header back to row 1, with no row above it, and sort only the rows below it."
            )
            yield Problem(ProblemKind.HEADER_LOST, detail)
        elif merges:
            detail = (
                f"In the tab {self.tab.title!r} the cells {ranges_named(merges)} are merged over headers of the "
                "report. Those columns are added again on the right; unmerge the cells and delete the old columns."
            )
            yield Problem(ProblemKind.MERGED_CELLS, detail)
        for column in self.columns:
            if (indexes := self.placement.ambiguous.get(column.name)) is None:
                continue
            letters = " and ".join(column_letters(index) for index in indexes)
            detail = (
                f"In the tab {self.tab.title!r} the columns {letters} could each be {column.header!r}; neither was "
                "written. Rename or remove one of them."
            )
            yield Problem(ProblemKind.AMBIGUOUS_COLUMN, detail)

    def merge_problems(self, updates: Mapping[int, Values]) -> Iterator[Problem]:
        """The problem that merged cells hide values of these rows; nothing can be written into the cells they cover."""
        if not self.tab.merges or self.is_unsafe:
            return
        hidden = {
            merge
            for index, values in updates.items()
            for name, value in values.items()
            if value not in (None, "") and (merge := self.covering(index, name)) is not None
        }
        if hidden:
            yield merged_cells_problem(self.tab, hidden)

    def covering(self, row: int, name: str) -> Block | None:
        """The merged range that covers the cell of ours in this row and column; None if nothing does."""
        at = self.placement.at.get(name) if self.tab.merges else None
        return None if at is None else self.merged.covering(row, at)

    def lost_keys(self, rows: Iterable[ObservedRow]) -> Iterator[Problem]:
        """The problem that these rows of ours have lost what tells whose they are; none without rows.

        Key cells are never written, so only people can restore them.
        """
        indexes = sorted(row.index for row in rows)
        if self.is_unsafe or not indexes:
            return
        *others, last = (column.header for column in self.columns if column.is_key)
        names = f"{', '.join(others)} or {last}" if others else last
        keys = [column.name for column in self.columns if column.is_key]
        merges = [merge for index in indexes for name in keys if (merge := self.covering(index, name))]
        hint = f" First unmerge the cells {ranges_named(merges)}." if merges else ""
        detail = (
            f"In the tab {self.tab.title!r} the {names} is missing in {_numbers_of(indexes)}, so nothing there is "
            f"updated or counted.{hint} Restore the missing cells from the version history; or move your "
            "notes to the new rows of the same customers, then delete the old ones."
        )
        yield Problem(ProblemKind.LOST_KEY, detail)

    @property
    def is_unsafe(self) -> bool:
        """Whether rows can't be told apart, so that nothing in this tab may be touched."""
        return self.has_lost_header or any(
            column.is_key and column.name in self.placement.ambiguous for column in self.columns
        )

    @property
    def has_lost_header(self) -> bool:
        """Whether row 1 is no longer our header: a row was inserted above it, or it was deleted or sorted away.

        Then a column that we marked as a key has another header or none, or no header is as we wrote it.
        """
        marked = {mark.name for mark in self.tab.marks} & {column.name for column in self.columns}
        if any(column.is_key and column.name in marked for column in self.placement.missing):
            return True
        header = {folded(cell.text) for cell in (self.tab.rows[HEADER_ROW] if self.tab.rows else ())}
        return len(marked) > 1 and not any(folded(column.header) in header for column in self.columns)


def merged_cells_problem(tab: Tab, merges: Iterable[Block]) -> Problem:
    """The problem that these merged ranges of the tab cover cells that have to be written."""
    detail = (
        f"In the tab {tab.title!r} cells of the report are merged ({ranges_named(merges)}), so some of its values "
        "can't be written. Unmerge them (Format > Merge cells > Unmerge); the next run fills them in."
    )
    return Problem(ProblemKind.MERGED_CELLS, detail)


def _numbers_of(indexes: Sequence[int]) -> str:
    """The numbers of these rows as people see them, adjacent ones as a range."""
    spans: list[list[int]] = []
    for index in indexes:
        if spans and index == spans[-1][1] + 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    parts = [f"{first + 1}" if first == last else f"{first + 1} to {last + 1}" for first, last in spans[:_MOST_NAMED]]
    left = sum(last - first + 1 for first, last in spans[_MOST_NAMED:])
    return f"{'row' if len(indexes) == 1 else 'rows'} {', '.join(parts)}{f' and {left:,} more' if left else ''}"
