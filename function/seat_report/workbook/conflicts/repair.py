"""What puts a tab right again: cells set, rows and columns put back; and which of those that are gone we removed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from seat_report.workbook.sheets_api import BLANK, Cell, Step, Tab, requests

Place = tuple[int, int]
# Cells in one request: of 1,000 characters each they stay below the 2 MB that Google recommends.
_TOGETHER = 1_500


@dataclass(frozen=True, slots=True)
class Repair:
    """How a tab is mended: rows and columns put back at these indexes, then cells set; all as they will stand."""

    present: Tab
    rows: range
    columns: range
    cells: dict[Place, Cell] = field(default_factory=dict)

    def put(self, place: Place, cell: Cell) -> None:
        """Set what is read at this place; rows put back above it move it down."""
        row, column = place
        self.cells[row + len(self.rows) if row >= self.rows.start else row, column] = cell

    @property
    def replaced(self) -> dict[Place, Cell]:
        """What stands, by its place once mended, in the cells that are set; nothing in rows that are put back."""
        count = len(self.rows)
        return {
            (row, column): self.present.cell(row - count if row >= self.rows.stop else row, column)
            for row, column in self.cells
            if row not in self.rows
        }

    @property
    def tab(self) -> Tab:
        """The tab as it will stand."""
        rows = list(self.present.rows)
        rows[self.rows.start : self.rows.start] = [[] for _ in self.rows]
        for (row, column), cell in self.cells.items():
            cells = [*rows[row], *[BLANK] * (column + 1 - len(rows[row]))]
            cells[column] = cell if row in self.rows else replace(cell, note=cells[column].note)
            rows[row] = cells
        return replace(
            self.present,
            rows=rows,
            row_count=self.present.row_count + len(self.rows),
            column_count=self.present.column_count + len(self.columns),
        )

    def steps(self) -> Iterator[Step]:
        """The requests."""
        sheet_id, room = self.present.sheet_id, []
        if self.rows:
            room.append(requests.insert(sheet_id, "ROWS", self.rows.start, len(self.rows), inherit_from_before=True))
        if self.columns:
            at, count = self.columns.start, len(self.columns)
            room.append(requests.insert(sheet_id, "COLUMNS", at, count, inherit_from_before=True))
        if room:
            yield Step(tuple(room))
        for row, column, cells in _stretches(self.cells):
            yield Step((requests.restore_cells(sheet_id, row, column, cells),))
        for (row, column), cell in self.cells.items():
            if cell.note and row in self.rows:
                yield Step((requests.note(sheet_id, row, column, cell.note),))


def _stretches(cells: Mapping[Place, Cell]) -> Iterator[tuple[int, int, list[Cell]]]:
    """Cells that stand below each other, with the place of the first."""
    below: list[Cell] = []
    places = sorted(cells, key=lambda place: (place[1], place[0]))
    for place, following in zip(places, [*places[1:], None], strict=True):
        below.append(cells[place])
        if following != (place[0] + 1, place[1]) or len(below) == _TOGETHER:
            yield place[0] + 1 - len(below), place[1], below
            below = []


def removed_instead(
    lost: Collection[int], going: Collection[int], left: Mapping[int, int], came: Collection[int]
) -> list[int]:
    """Which rows (or columns) of those lost were removed instead of some that were to go.

    `left` maps the indexes of what is still there to where it stands, `came` are the indexes of what came in with the
    same write. We removed what stood at the indexes of those that were to go: as long as people have not changed the
    order, that tells what we removed from what people did. Where that leaves too few, all come back. Of two neighbours
    that are both gone it can't be told which we removed: the one that was not to go comes back.
    """
    ours = [index for index in lost if _place(index, left, going, came) in going]
    return sorted(ours if len(ours) >= sum(index in left for index in going) else lost)


def _place(index: int, left: Mapping[int, int], going: Iterable[int], came: Collection[int]) -> int:
    """Where something lost stood when we removed it: behind what was before it and is still there."""
    before = max((other for other in left if other < index), default=None)
    after = -1 if before is None else left[before]
    place = after + 1 - sum(other <= after for other in came)
    for removed in sorted(going):
        place += removed < place
    return place
