"""The cells of one tab: compact, copied cheaply, moved by whole rows and columns.

Cells are never changed, only replaced, so a copy of a grid shares them. Formats, notes and the like are shared too.
Rows and cells behind the last written one are not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .errors import Json


class Formula(str):
    """A formula as it is stored, with its equals sign."""

    __slots__ = ()


Value = bool | float | str | Formula


class Cell(NamedTuple):
    """What a person gave a cell: a value, a format, a note, and `extra` for the CellData fields that are rare."""

    value: Value | None = None
    format: Json | None = None
    note: str | None = None
    extra: Json | None = None


EMPTY = Cell()


class Row(list[Any]):
    """The cells of a row, None for an untouched one, and how many of them hold formulas."""

    __slots__ = ("formulas",)

    def __init__(self, cells: Any = (), formulas: int = 0) -> None:
        super().__init__(cells)
        self.formulas = formulas


class Axis:
    """The rows or the columns of a grid: how many, and the properties of those that have any."""

    def __init__(self, count: int, props: dict[int, Json] | None = None) -> None:
        self.count = count
        self.props = props or {}

    def copy(self) -> Axis:
        """Give a copy that can be changed on its own."""
        return Axis(self.count, dict(self.props))

    def insert(self, at: int, count: int, inherit_from: int | None = None) -> None:
        """Make room for `count` at `at`, with the properties of `inherit_from` except for being hidden."""
        self.props = {index + count if index >= at else index: item for index, item in self.props.items()}
        self.count += count
        if inherit_from is not None:
            source = self.props.get(inherit_from if inherit_from < at else inherit_from + count, {})
            inherited = {name: item for name, item in source.items() if name == "pixelSize"}
            if inherited:
                self.props.update(dict.fromkeys(range(at, at + count), inherited))

    def delete(self, start: int, end: int) -> None:
        """Take out [start, end)."""
        kept = {index: item for index, item in self.props.items() if not start <= index < end}
        self.props = {index - (end - start) if index >= end else index: item for index, item in kept.items()}
        self.count -= end - start

    def move(self, mapping: Callable[[int], int]) -> None:
        """Give every index its new place."""
        self.props = {mapping(index): item for index, item in self.props.items()}


class Grid:
    """Rows of cells with their axes."""

    def __init__(self, rows: int, columns: int) -> None:
        self.row_axis = Axis(rows)
        self.column_axis = Axis(columns)
        self.rows: list[Row] = []

    def copy(self) -> Grid:
        """Give a copy that can be changed on its own; the cells are shared."""
        other = Grid(0, 0)
        other.row_axis = self.row_axis.copy()
        other.column_axis = self.column_axis.copy()
        other.rows = [Row(row, row.formulas) for row in self.rows]
        return other

    def axis(self, dimension: str) -> Axis:
        """Give the axis of ROWS or COLUMNS."""
        return self.row_axis if dimension == "ROWS" else self.column_axis

    def get(self, row: int, column: int) -> Cell:
        """Give the cell at a place, the empty one if nothing is stored there."""
        if row < len(self.rows):
            cells = self.rows[row]
            if column < len(cells):
                return cells[column] or EMPTY
        return EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Store a cell."""
        rows = self.rows
        if cell == EMPTY and (row >= len(rows) or column >= len(rows[row])):
            return
        while len(rows) <= row:
            rows.append(Row())
        cells = rows[row]
        if len(cells) <= column:
            cells.extend([None] * (column + 1 - len(cells)))
        old = cells[column]
        if old is not None and type(old.value) is Formula:
            cells.formulas -= 1
        if type(cell.value) is Formula:
            cells.formulas += 1
        cells[column] = None if cell == EMPTY else cell

    def stored(self, top: int, bottom: int, left: int, right: int) -> Iterator[tuple[int, int, Cell]]:
        """Give row, column and cell of every stored cell of a rectangle."""
        for index in range(top, min(bottom, len(self.rows))):
            row = self.rows[index]
            for column in range(left, min(right, len(row))):
                if row[column] is not None:
                    yield index, column, row[column]

    def formulas(self) -> Iterator[tuple[int, int, Cell, Formula]]:
        """Give row, column, cell and text of every formula."""
        for index, row in enumerate(self.rows):
            if row.formulas:
                for column, cell in enumerate(row):
                    if cell is not None and type(cell.value) is Formula:
                        yield index, column, cell, cell.value

    def insert(self, dimension: str, at: int, count: int, inherit_from: int | None = None) -> None:
        """Insert rows or columns, formatted like the one at `inherit_from`."""
        self.axis(dimension).insert(at, count, inherit_from)
        if dimension == "ROWS":
            if at < len(self.rows):
                self.rows[at:at] = [Row() for _ in range(count)]
        else:
            for row in self.rows:
                if at < len(row):
                    row[at:at] = [None] * count
        if inherit_from is not None:
            self._inherit(dimension, at, count, inherit_from if inherit_from < at else inherit_from + count)

    def _inherit(self, dimension: str, at: int, count: int, source: int) -> None:
        if dimension == "ROWS":
            pattern = [
                (column, Cell(format=cell.format, extra=_validation(cell)))
                for _, column, cell in self.stored(source, source + 1, 0, self.column_axis.count)
                if cell.format or _validation(cell)
            ]
            for row in range(at, at + count):
                for column, cell in pattern:
                    self.put(row, column, cell)
            return
        for row in range(len(self.rows)):
            like = self.get(row, source)
            if like.format or _validation(like):
                for column in range(at, at + count):
                    self.put(row, column, Cell(format=like.format, extra=_validation(like)))

    def delete(self, dimension: str, start: int, end: int) -> None:
        """Delete rows or columns [start, end)."""
        self.axis(dimension).delete(start, end)
        if dimension == "ROWS":
            del self.rows[start:end]
            return
        for row in self.rows:
            gone = row[start:end]
            row.formulas -= sum(cell is not None and type(cell.value) is Formula for cell in gone)
            del row[start:end]

    def move(self, dimension: str, start: int, end: int, destination: int) -> None:
        """Move rows or columns [start, end) in front of `destination`, counted before the move."""
        target = destination if destination <= start else destination - (end - start)
        self.axis(dimension).move(lambda index: moved_index(index, start, end, destination))
        if dimension == "ROWS":
            while len(self.rows) < max(end, destination):
                self.rows.append(Row())
            block = self.rows[start:end]
            del self.rows[start:end]
            self.rows[target:target] = block
            return
        for row in self.rows:
            if len(row) > min(start, destination):
                row.extend([None] * (max(end, destination) - len(row)))
                cells = row[start:end]
                del row[start:end]
                row[target:target] = cells

    def used(self) -> tuple[int, int]:
        """Give how many rows and columns hold values, notes or other content (a format alone is none)."""
        height = width = 0
        for index, row in enumerate(self.rows):
            for column in range(len(row) - 1, -1, -1):
                cell = row[column]
                if cell is not None and (cell.value is not None or cell.note or cell.extra):
                    height = index + 1
                    width = max(width, column + 1)
                    break
        return height, width


def _validation(cell: Cell) -> Json | None:
    rule = cell.extra and cell.extra.get("dataValidation")
    return {"dataValidation": rule} if rule else None


def moved_index(index: int, start: int, end: int, destination: int) -> int:
    """Give where an index lies after [start, end) moved in front of `destination`."""
    length = end - start
    if start <= index < end:
        return index - start + (destination if destination <= start else destination - length)
    if destination <= index < start:
        return index + length
    if end <= index < destination:
        return index - length
    return index
