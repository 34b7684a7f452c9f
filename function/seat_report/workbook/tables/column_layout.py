"""Where our columns will be once missing ones are added and old ones removed, and requests that write into them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from seat_report.workbook.sheets_api import Request, Tab, Value, requests
from seat_report.workbook.tables.columns import MARK_KEY, Column, Kind
from seat_report.workbook.tables.desired import NewEntry, Values
from seat_report.workbook.tables.observed import HEADER_ROW, ObservedTable


class ColumnLayout:
    """The columns of ours as they will be: existing ones shifted by removals and insertions, and new ones.

    `removed` are the indexes, as read, of the columns to remove. `at` has the final index of each column by name.
    """

    def __init__(self, table: ObservedTable, removed: frozenset[int] = frozenset()) -> None:
        self._table = table
        self._tab: Tab = table.tab
        self._missing = table.placement.missing
        self._removed = sorted(removed)
        indexes = table.placement.indexes
        # To the right of our rightmost column; in a tab without any, to the right of people's content.
        self._insertion_point = (
            table.merged.column_outside(max(indexes) + 1) if indexes else max(table.width, table.merged.right)
        )
        self._is_insertion = bool(indexes) and bool(self._missing)
        self._first_new = self._insertion_point - self._removed_before(self._insertion_point)
        self.at = {name: self.index_after(index) for name, index in table.placement.at.items()}
        self.at |= {column.name: self._first_new + offset for offset, column in enumerate(self._missing)}

    @property
    def changes_columns(self) -> bool:
        """Whether any column of the tab is added or removed."""
        return bool(self._missing) or bool(self._removed)

    def _removed_before(self, index: int) -> int:
        return sum(1 for removed in self._removed if removed < index)

    def index_after(self, index: int) -> int:
        """The index, after removals and insertions, of the column read at `index`."""
        shifted = index - self._removed_before(index)
        return shifted + len(self._missing) if self._is_insertion and index >= self._insertion_point else shifted

    def requests(self) -> Iterator[Request]:
        """Remove and add columns, new ones with header and number format, and correct the metadata."""
        sheet_id = self._tab.sheet_id
        for index in reversed(self._removed):
            yield requests.delete(sheet_id, "COLUMNS", index, index + 1)
        if self._missing:
            yield from self._grow_grid()
            headers = [column.header for column in self._missing]
            yield requests.update_cells(sheet_id, HEADER_ROW, self._first_new, [headers])
            # Notes now, while the positions of these columns are known.
            for column in self._missing:
                yield requests.note(sheet_id, HEADER_ROW, self.at[column.name], column.note)
        for column in self._new_or_adopted():
            if column.kind is Kind.TEXT and not column.is_key:
                # Only IDs need it, so that they stay as they are. A formula in a cell with this format may stay text,
                # and columns that people insert beside this one take over its format.
                continue
            if column.is_peoples and column not in self._missing:
                # What people had before, they have formatted as they want it.
                continue
            kind, pattern = column.kind.value
            span = requests.grid_range(
                sheet_id, (HEADER_ROW + 1, None), (self.at[column.name], self.at[column.name] + 1)
            )
            number_format = {"type": kind, "pattern": pattern} if pattern else {"type": kind}
            cell = {"userEnteredFormat": {"numberFormat": number_format}}
            yield requests.repeat_cell(span, cell, "userEnteredFormat.numberFormat")
        for metadata_id in self._table.placement.misleading:
            yield requests.unmark(metadata_id)
        for name in (*self._table.placement.unmarked, *(column.name for column in self._missing)):
            yield requests.mark_column(sheet_id, self.at[name], MARK_KEY, name)

    def entry_requests(self, entries: Iterable[NewEntry]) -> Iterator[Request]:
        """Create developer metadata entries on our columns, at their final positions."""
        for entry in entries:
            if (column := self.at.get(entry.column)) is not None:
                yield requests.mark_column(self._tab.sheet_id, column, entry.key, entry.value)

    def _new_or_adopted(self) -> list[Column]:
        """Missing columns, and columns that already had one of our headers but were never marked."""
        marked = {mark.name for mark in self._tab.marks}
        adopted = {name for name in self._table.placement.unmarked if name not in marked}
        return [column for column in self._table.columns if column in self._missing or column.name in adopted]

    def _grow_grid(self) -> Iterator[Request]:
        sheet_id, count = self._tab.sheet_id, len(self._missing)
        column_count = self._tab.column_count - len(self._removed)
        # Insert even at the very end, where people may have added columns in the meantime.
        if self._is_insertion and self._first_new <= column_count:
            yield requests.insert(sheet_id, "COLUMNS", self._first_new, count, inherit_from_before=True)
        elif (lacking := self._first_new + count - column_count) > 0:
            yield requests.append(sheet_id, "COLUMNS", lacking)

    def write_rows(self, at: int, rows: Sequence[Values]) -> Iterator[Request]:
        """Write complete new rows, one request per span of adjacent columns."""
        unwritten = self._table.withheld | {column.name for column in self._table.columns if column.is_peoples}
        written = sorted((index, name) for name, index in self.at.items() if name not in unwritten)
        spans = _spans(index for index, _ in written)
        names = dict(written)
        for first, last in spans:
            block = [[values.get(names[column]) for column in range(first, last + 1)] for values in rows]
            yield requests.update_cells(self._tab.sheet_id, at, first, block)

    def write_cells(self, rows: Sequence[tuple[int, Mapping[str, Value]]]) -> Iterator[Request]:
        """Write changed cells, given by row index, in as few rectangles as possible."""
        columns: dict[int, dict[int, Value]] = {}
        for row, values in rows:
            for name, value in values.items():
                columns.setdefault(self.at[name], {})[row] = value
        columns_by_span: dict[tuple[int, int], list[int]] = {}
        for column in sorted(columns):
            for span in _spans(sorted(columns[column])):
                columns_by_span.setdefault(span, []).append(column)
        for (top, bottom), indexes in columns_by_span.items():
            uniform = [index for index in indexes if top < bottom and _is_uniform(columns[index], top, bottom)]
            for column in uniform:
                target = requests.grid_range(self._tab.sheet_id, (top, bottom + 1), (column, column + 1))
                yield requests.repeat_cell(target, requests.extended_value(columns[column][top]), "userEnteredValue")
            for first, last in _spans(index for index in indexes if index not in uniform):
                block = [[columns[column][row] for column in range(first, last + 1)] for row in range(top, bottom + 1)]
                yield requests.update_cells(self._tab.sheet_id, top, first, block)


def _is_uniform(values: Mapping[int, Value], top: int, bottom: int) -> bool:
    """Whether the rows have one value that can be repeated; a formula that depends on its row can't."""
    value = values[top]
    return not isinstance(value, requests.RowFormula) and all(
        values[row] == value and type(values[row]) is type(value) for row in range(top + 1, bottom + 1)
    )


def _spans(indexes: Iterable[int]) -> list[tuple[int, int]]:
    """Group ascending indexes into spans without gaps, each as its first and last index."""
    spans = []
    for _, group in groupby(enumerate(indexes), key=lambda pair: pair[1] - pair[0]):
        members = [index for _, index in group]
        spans.append((members[0], members[-1]))
    return spans
