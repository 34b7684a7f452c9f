"""Match the rows and columns of a table before a write to those after it, wherever people moved them. Pure.

Our rows are identified by their key and our columns by their name; users' rows and columns by their content.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from seat_report.workbook.sheets_api import Cell, Value
from seat_report.workbook.tables import HEADER_ROW, ObservedTable, folded, key_text

Token = tuple[str, Hashable]
_RowKey = tuple[str, ...]
# Rows compared for one value at most: a value that more rows share doesn't tell them apart.
_MOST_CANDIDATES = 50


def value_token(value: Value) -> Token:
    """A value in comparable form: its kind, and numbers with the digits that Sheets returns; empty text is blank."""
    if value is None or value == "":
        return "", None
    if isinstance(value, bool):
        return "is", value
    if isinstance(value, int | float):
        return "number", f"{value:.12g}"
    return "text", str(value)


def comparable(cell: Cell) -> Token:
    """A cell's content in comparable form; all formulas are alike, and what they fill in elsewhere is as blank."""
    if cell.is_spilled:
        return value_token(None)
    return ("formula", None) if cell.formula is not None else value_token(cell.value)


def same(first: Cell, second: Cell) -> bool:
    """Whether two cells have the same content; any two formulas do, because Sheets adjusts them when rows move."""
    return first is second or comparable(first) == comparable(second)


class Matching:
    """Pairs of rows and columns of one table at two moments: `rows` and `columns` map indexes before to indexes after.

    `removals` are rows that were to be removed; where several rows have the same key, the others are paired first. Rows
    that can't be identified by their key are paired by `pair_remaining`.
    """

    def __init__(self, before: ObservedTable, after: ObservedTable, removals: frozenset[int] = frozenset()) -> None:
        self._before = before
        self._after = after
        at, to = before.placement.at, after.placement.at
        self.columns = {index: to[name] for name, index in at.items() if name in to}
        all_keys = [column.name for column in before.columns if column.is_key]
        # Whether added rows can be told from others.
        self.identifies_additions = all(name in to for name in all_keys)
        self._added = (
            {key: rows[0] for key, rows in _grouped(after, all_keys).items()} if self.identifies_additions else {}
        )
        self._all_keys = all_keys
        common = [name for name in all_keys if name in at and name in to]
        groups, others_by_key = _grouped(before, common), _grouped(after, common)
        ambiguous: list[tuple[list[int], list[int]]] = []
        self.rows: dict[int, int] = {}
        for key, group in groups.items():
            others = others_by_key.get(key, [])
            if len(group) == len(others) == 1:
                self.rows[group[0]] = others[0]
            elif others:
                ambiguous.append((group, others))
        self._pair_user_columns()
        for group, others in ambiguous:
            for candidates in ([index for index in group if index not in removals], group):
                self._pair(candidates, others, lambda *_: True)

    def added(self, values: Mapping[str, Value]) -> int | None:
        """The index after the write of the row with the key of these values; None if there is none or it is unclear."""
        return self._added.get(tuple(key_text(Cell(values.get(name))) for name in self._all_keys))

    def pair_remaining(self, may_match: Callable[[int, int], bool]) -> None:
        """Pair the remaining rows by their content, where `may_match` allows it."""
        taken = set(self.rows.values())
        rest = [row.index for row in self._before.rows() if row.index not in self.rows]
        others = [row.index for row in self._after.rows() if row.index not in taken]
        self._pair(rest, others, may_match)

    def _pair_user_columns(self) -> None:
        """Pair them by header where it is unique, else by the cells that they share in rows already paired."""
        before, after = _user_columns(self._before), _user_columns(self._after)
        for text, indexes in before.items():
            alike = after.get(text, [])
            if text and len(indexes) == len(alike) == 1:
                self.columns[indexes[0]] = alike[0]
        taken = set(self.columns.values())
        unpaired = [index for indexes in before.values() for index in indexes if index not in self.columns]
        free = [index for indexes in after.values() for index in indexes if index not in taken]
        shared_cells = {
            (column, counterpart): shared
            for column in unpaired
            for counterpart in free
            if (shared := self._shared_by_columns(column, counterpart))
        }
        for column, counterpart in sorted(shared_cells, key=shared_cells.__getitem__, reverse=True):
            if column not in self.columns and counterpart not in taken:
                self.columns[column] = counterpart
                taken.add(counterpart)

    def _shared_by_columns(self, column: int, counterpart_column: int) -> int:
        before, after = self._before.tab, self._after.tab
        pairs = {HEADER_ROW: HEADER_ROW, **self.rows}
        cells = (
            (before.cell(row, column), after.cell(counterpart, counterpart_column))
            for row, counterpart in pairs.items()
        )
        return sum(cell.is_entered and same(cell, observed) for cell, observed in cells)

    def _pair(self, rest: Iterable[int], others: Iterable[int], may_match: Callable[[int, int], bool]) -> None:
        """Pair the rows that share most cells first; rows that share equally many keep their order."""
        taken = set(self.rows.values())
        shared_cells = self._shared_by_rows(
            [index for index in rest if index not in self.rows], [index for index in others if index not in taken]
        )
        for row, counterpart in sorted(shared_cells, key=shared_cells.__getitem__, reverse=True):
            if row not in self.rows and counterpart not in taken and may_match(row, counterpart):
                self.rows[row] = counterpart
                taken.add(counterpart)

    def _shared_by_rows(self, rest: Sequence[int], others: Sequence[int]) -> Mapping[tuple[int, int], int]:
        """How many cells two rows share, by pair of rows that share any."""
        holding: dict[tuple[int, Token], list[int]] = defaultdict(list)
        for index in others:
            for column, cell in enumerate(self._after.tab.rows[index]):
                if cell.is_entered:
                    holding[column, comparable(cell)].append(index)
        shared_cells: Counter[tuple[int, int]] = Counter()
        for index in rest:
            for column, cell in enumerate(self._before.tab.rows[index]):
                if cell.is_entered and column in self.columns:
                    alike = holding.get((self.columns[column], comparable(cell)), [])
                    shared_cells.update((index, other) for other in alike[:_MOST_CANDIDATES])
        return shared_cells


def _grouped(table: ObservedTable, keys: Sequence[str]) -> dict[_RowKey, list[int]]:
    """The rows below the header by the content of their key columns, without those where these are blank."""
    groups: dict[_RowKey, list[int]] = {}
    for row in table.rows():
        key = tuple(key_text(row.cell(name)) for name in keys)
        if any(key):
            groups.setdefault(key, []).append(row.index)
    return groups


def _user_columns(table: ObservedTable) -> dict[str, list[int]]:
    """The indexes of columns that are not ours, by header text."""
    columns: dict[str, list[int]] = {}
    for index in range(table.width):
        if index not in table.placement.indexes:
            columns.setdefault(folded(table.tab.cell(HEADER_ROW, index).text), []).append(index)
    return columns
