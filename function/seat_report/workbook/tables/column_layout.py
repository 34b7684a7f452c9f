"""Our columns as they will stand once the missing ones are in, and the requests that write into them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from seat_report.workbook.sheets_api import Request, Tab, Value, requests
from seat_report.workbook.tables.columns import MARK_KEY, Column
from seat_report.workbook.tables.desired import Values
from seat_report.workbook.tables.observed import HEADER_ROW, ObservedTable


class ColumnLayout:
    """Our columns as they will stand: those found, moved by those that go and come, and the new ones.

    `gone` are the indexes, as read, of the columns to be removed.
    """

    def __init__(self, table: ObservedTable, gone: frozenset[int] = frozenset()) -> None:
        self._table = table
        self._tab: Tab = table.tab
        self._missing = table.placement.missing
        self._gone = sorted(gone)
        indexes = table.placement.indexes
        # Behind the rightmost of ours; in a tab without any, behind what people have there.
        self._new_as_read = max(indexes) + 1 if indexes else table.width
        self._inserts = bool(indexes) and bool(self._missing)
        self._first_new = self._new_as_read - self._gone_before(self._new_as_read)
        self.at = {name: self.index_after(index) for name, index in table.placement.at.items()}
        self.at |= {column.name: self._first_new + offset for offset, column in enumerate(self._missing)}

    @property
    def changes_columns(self) -> bool:
        """Whether any column of the tab comes or goes."""
        return bool(self._missing) or bool(self._gone)

    def _gone_before(self, index: int) -> int:
        return sum(1 for gone in self._gone if gone < index)

    def index_after(self, index: int) -> int:
        """Where a column that was read at `index` stands once columns have gone and come."""
        moved = index - self._gone_before(index)
        return moved + len(self._missing) if self._inserts and index >= self._new_as_read else moved

    def requests(self) -> Iterator[Request]:
        """Remove and make columns, new ones with header and number format, and put the metadata right."""
        sheet_id = self._tab.sheet_id
        for index in reversed(self._gone):
            yield requests.delete(sheet_id, "COLUMNS", index, index + 1)
        if self._missing:
            yield from self._room()
            headers = [column.header for column in self._missing]
            yield requests.update_cells(sheet_id, HEADER_ROW, self._first_new, [headers])
            # Now, while it is known which columns these are.
            for column in self._missing:
                yield requests.note(sheet_id, HEADER_ROW, self.at[column.name], column.note)
        for column in self._new_or_adopted():
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

    def _new_or_adopted(self) -> list[Column]:
        """Missing columns, and those that people headed as ours before we ever marked them."""
        marked = {mark.name for mark in self._tab.marks}
        adopted = {name for name in self._table.placement.unmarked if name not in marked}
        return [column for column in self._table.columns if column in self._missing or column.name in adopted]

    def _room(self) -> Iterator[Request]:
        sheet_id, count = self._tab.sheet_id, len(self._missing)
        column_count = self._tab.column_count - len(self._gone)
        # Inserted also at the very end, where people may have added columns meanwhile.
        if self._inserts and self._first_new <= column_count:
            yield requests.insert(sheet_id, "COLUMNS", self._first_new, count, inherit_from_before=True)
        elif (lacking := self._first_new + count - column_count) > 0:
            yield requests.append(sheet_id, "COLUMNS", lacking)

    def write_rows(self, at: int, rows: Sequence[Values]) -> Iterator[Request]:
        """Write new rows whole, a request for each stretch of columns that stand together."""
        withheld = self._table.withheld
        written = sorted((index, name) for name, index in self.at.items() if name not in withheld)
        stretches = _stretches(index for index, _ in written)
        names = dict(written)
        for first, last in stretches:
            block = [[values.get(names[column]) for column in range(first, last + 1)] for values in rows]
            yield requests.update_cells(self._tab.sheet_id, at, first, block)

    def write_cells(self, rows: Sequence[tuple[int, Mapping[str, Value]]]) -> Iterator[Request]:
        """Write changed cells, rows given by their index, as few rectangles as they make."""
        columns: dict[int, dict[int, Value]] = {}
        for row, values in rows:
            for name, value in values.items():
                columns.setdefault(self.at[name], {})[row] = value
        spans: dict[tuple[int, int], list[int]] = {}
        for column in sorted(columns):
            for span in _stretches(sorted(columns[column])):
                spans.setdefault(span, []).append(column)
        for (top, bottom), indexes in spans.items():
            uniform = [index for index in indexes if top < bottom and _is_uniform(columns[index], top, bottom)]
            for column in uniform:
                target = requests.grid_range(self._tab.sheet_id, (top, bottom + 1), (column, column + 1))
                yield requests.repeat_cell(target, requests.extended_value(columns[column][top]), "userEnteredValue")
            for first, last in _stretches(index for index in indexes if index not in uniform):
                block = [[columns[column][row] for column in range(first, last + 1)] for row in range(top, bottom + 1)]
                yield requests.update_cells(self._tab.sheet_id, top, first, block)


def _is_uniform(values: Mapping[int, Value], top: int, bottom: int) -> bool:
    """Whether one value, the same in every row, can be repeated; a formula of its own row can't."""
    value = values[top]
    return not isinstance(value, requests.RowFormula) and all(
        values[row] == value and type(values[row]) is type(value) for row in range(top + 1, bottom + 1)
    )


def _stretches(indexes: Iterable[int]) -> list[tuple[int, int]]:
    """The stretches without a gap, first and last index each, of ascending indexes."""
    stretches = []
    for _, run in groupby(enumerate(indexes), key=lambda pair: pair[1] - pair[0]):
        members = [index for _, index in run]
        stretches.append((members[0], members[-1]))
    return stretches
