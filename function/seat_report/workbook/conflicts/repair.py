"""Repair a tab: restore cells, put back rows and columns, and find out which missing ones our write removed. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from seat_report.workbook.sheets_api import BLANK, Cell, ColumnEntry, ColumnMark, Step, Tab, requests
from seat_report.workbook.tables import MARK_KEY

Place = tuple[int, int]
# With 1,000 characters in each cell a request stays below the 2 MB that Google recommends.
_CELLS_PER_REQUEST = 1_500


@dataclass(frozen=True, slots=True)
class Repair:
    """The repair of a tab: rows and columns put back, then cells set; all indexes are those after the repair.

    `marks` and `entries` are the metadata of columns put back, without which a column of ours would be taken for
    people's; their ids are those that they had before. `astray` are the ids of entries to delete.
    """

    observed: Tab
    rows: range
    columns: range
    cells: dict[Place, Cell] = field(default_factory=dict)
    marks: tuple[ColumnMark, ...] = ()
    entries: tuple[ColumnEntry, ...] = ()
    astray: frozenset[int] = frozenset()

    def put(self, place: Place, cell: Cell) -> None:
        """Set the cell that was read at this place; rows put back above it move it down."""
        row, column = place
        self.cells[row + len(self.rows) if row >= self.rows.start else row, column] = cell

    @property
    def replaced(self) -> dict[Place, Cell]:
        """What the cells to be set hold now, by place after the repair; without cells in rows that are put back."""
        count = len(self.rows)
        return {
            (row, column): self.observed.cell(row - count if row >= self.rows.stop else row, column)
            for row, column in self.cells
            if row not in self.rows
        }

    @property
    def tab(self) -> Tab:
        """The tab after the repair."""
        rows = list(self.observed.rows)
        rows[self.rows.start : self.rows.start] = [[] for _ in self.rows]
        for (row, column), cell in self.cells.items():
            cells = [*rows[row], *[BLANK] * (column + 1 - len(rows[row]))]
            cells[column] = cell if self._is_put_back(row, column) else replace(cell, note=cells[column].note)
            rows[row] = cells
        stay = (entry for entry in self.observed.column_entries if entry.metadata_id not in self.astray)
        return replace(
            self.observed,
            rows=rows,
            row_count=self.observed.row_count + len(self.rows),
            column_count=self.observed.column_count + len(self.columns),
            marks=(*self.observed.marks, *self.marks),
            column_entries=(*stay, *self.entries),
        )

    def _is_put_back(self, row: int, column: int) -> bool:
        """Whether the cell is in a row or column that is put back."""
        return row in self.rows or column in self.columns

    def steps(self) -> Iterator[Step]:
        """The requests of the repair."""
        sheet_id, insertions = self.observed.sheet_id, []
        if self.rows:
            insertions.append(
                requests.insert(sheet_id, "ROWS", self.rows.start, len(self.rows), inherit_from_before=True)
            )
        if self.columns:
            at, count = self.columns.start, len(self.columns)
            insertions.append(requests.insert(sheet_id, "COLUMNS", at, count, inherit_from_before=True))
        if insertions:
            yield Step(tuple(insertions))
        metadata = [requests.unmark(metadata_id) for metadata_id in sorted(self.astray)]
        metadata += [requests.mark_column(sheet_id, mark.column, MARK_KEY, mark.name) for mark in self.marks]
        metadata += [requests.mark_column(sheet_id, entry.column, entry.key, entry.value) for entry in self.entries]
        if metadata:
            yield Step(tuple(metadata))
        for row, column, cells in _vertical_spans(self.cells):
            yield Step((requests.restore_cells(sheet_id, row, column, cells),))
        for (row, column), cell in self.cells.items():
            if cell.note and self._is_put_back(row, column):
                yield Step((requests.note(sheet_id, row, column, cell.note),))


def _vertical_spans(cells: Mapping[Place, Cell]) -> Iterator[tuple[int, int, list[Cell]]]:
    """Vertical spans of adjacent cells, each with the place of its first cell."""
    span: list[Cell] = []
    places = sorted(cells, key=lambda place: (place[1], place[0]))
    for place, following in zip_longest(places, places[1:]):
        span.append(cells[place])
        if following != (place[0] + 1, place[1]) or len(span) == _CELLS_PER_REQUEST:
            yield place[0] + 1 - len(span), place[1], span
            span = []


def removed_instead(
    missing: Collection[int], removals: Collection[int], remaining: Mapping[int, int], added: Collection[int]
) -> list[int]:
    """Which of the missing rows (or columns) our write removed instead of those in `removals`.

    `remaining` maps the old indexes of what is still there to the new ones; `added` are the new indexes of what the
    same write added. Our write removed whatever was at the indexes in `removals`. As long as people have not changed
    the order, this distinguishes what we removed from what people removed. Where it yields too few, all missing ones
    come back. Of two missing neighbours it is unclear which one we removed: the one that was to stay comes back.
    """
    ours = [index for index in missing if _position_at_write(index, remaining, removals, added) in removals]
    return sorted(ours if len(ours) >= sum(index in remaining for index in removals) else missing)


def _position_at_write(
    index: int, remaining: Mapping[int, int], removals: Iterable[int], added: Collection[int]
) -> int:
    """Where a missing row was when the write came: behind the nearest row above it that is still there."""
    before = max((other for other in remaining if other < index), default=None)
    after = -1 if before is None else remaining[before]
    position = after + 1 - sum(other <= after for other in added)
    for removed in sorted(removals):
        position += removed < position
    return position
