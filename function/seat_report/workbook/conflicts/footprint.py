"""Which cells of one tab a batch of requests writes, as positions after the batch. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seat_report.workbook.conflicts.matching import same
from seat_report.workbook.conflicts.repair import Place
from seat_report.workbook.sheets_api import BLANK, Cell, Request, Step, Tab
from seat_report.workbook.tables import relative


class Footprint:
    """Every cell that the requests of these steps write, with its new content.

    Formulas are kept in relative form; None stands for content copied from another cell. `rows` and `columns` map each
    index to its index before the batch, or to None if it was inserted.
    """

    def __init__(self, tab: Tab, steps: Iterable[Step]) -> None:
        self.rows: list[int | None] = list(range(tab.row_count))
        self.columns: list[int | None] = list(range(tab.column_count))
        # One item per row, None where nothing is written, so that rows are inserted and deleted as list items.
        self._written: list[dict[int, Cell | None] | None] = []
        for step in steps:
            for request in step.requests:
                self._apply(request)

    def __iter__(self) -> Iterator[tuple[Place, Cell | None]]:
        for row, cells in enumerate(self._written):
            for column, cell in (cells or {}).items():
                yield (row, column), cell

    def is_copied(self, place: Place) -> bool:
        """Whether the cell was written by copying another."""
        return self._get(place, BLANK) is None

    def holds(self, place: Place, observed: Cell) -> bool:
        """Whether the cell observed in that place holds what was written there."""
        written = self._get(place, None)
        if written is None:
            return False
        if written.formula is not None:
            return observed.formula is not None and relative(observed.formula, *place) == written.formula
        return same(written, observed)

    def _get(self, place: Place, default: Cell | None) -> Cell | None:
        row, column = place
        cells = self._written[row] if row < len(self._written) else None
        return default if cells is None else cells.get(column, default)

    def _apply(self, request: Request) -> None:
        ((kind, body),) = request.items()
        if kind == "insertDimension":
            span = body["range"]
            self._insert(span["dimension"], span["startIndex"], span["endIndex"] - span["startIndex"])
        elif kind == "deleteDimension":
            span = body["range"]
            self._delete(span["dimension"], span["startIndex"], span["endIndex"])
        elif kind == "updateCells" and "userEnteredValue" in body["fields"]:
            start = body["start"]
            for row, cells in enumerate(body["rows"], start["rowIndex"]):
                for column, cell in enumerate(cells["values"], start["columnIndex"]):
                    self._put(row, column, _cell(cell, row, column))
        elif kind == "repeatCell" and body["fields"] == "userEnteredValue":
            for row, column in _places_in(body["range"]):
                self._put(row, column, _cell(body["cell"], row, column))
        elif kind == "copyPaste":
            for row, column in _places_in(body["destination"]):
                self._put(row, column, None)

    def _put(self, row: int, column: int, cell: Cell | None) -> None:
        self._written.extend([None] * (row + 1 - len(self._written)))
        cells = self._written[row]
        if cells is None:
            cells = self._written[row] = {}
        cells[column] = cell

    def _insert(self, dimension: str, at: int, count: int) -> None:
        if dimension == "ROWS":
            self.rows[at:at] = [None] * count
            if at < len(self._written):
                self._written[at:at] = [None] * count
        else:
            self.columns[at:at] = [None] * count
            self._shift_columns(at, count)

    def _delete(self, dimension: str, start: int, end: int) -> None:
        if dimension == "ROWS":
            del self.rows[start:end], self._written[start:end]
        else:
            del self.columns[start:end]
            self._written = [
                cells and {at: cell for at, cell in cells.items() if not start <= at < end} for cells in self._written
            ]
            self._shift_columns(end, start - end)

    def _shift_columns(self, at: int, count: int) -> None:
        self._written = [
            cells and {column + count if column >= at else column: cell for column, cell in cells.items()}
            for cells in self._written
        ]


def _places_in(span: Mapping[str, int]) -> Iterator[Place]:
    for row in range(span["startRowIndex"], span["endRowIndex"]):
        for column in range(span["startColumnIndex"], span["endColumnIndex"]):
            yield row, column


def _cell(sent: Mapping[str, Any], row: int, column: int) -> Cell:
    """The cell as it will be read back after it was sent."""
    value = sent.get("userEnteredValue", {})
    if "formulaValue" in value:
        return Cell(None, relative(value["formulaValue"], row, column))
    return Cell(next(iter(value.values()), None))
