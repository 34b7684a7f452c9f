"""Which row and column of a table as it was is which of the table as it stands, whatever people have moved. Pure.

Rows of ours are known by their key and our columns by their names; people's rows and columns by what stands in them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from seat_report.workbook.sheets_api import Cell, Value
from seat_report.workbook.tables import HEADER_ROW, ObservedTable, folded

Token = tuple[str, Hashable]
_RowKey = tuple[str, ...]
# A content that stands in more rows than these tells none of them from others.
_TELLING = 50


def value_token(value: Value) -> Token:
    """A value as it is compared: by kind, numbers in the digits that Sheets hands back, nothing as nothing."""
    if value is None or value == "":
        return "", None
    if isinstance(value, bool):
        return "is", value
    if isinstance(value, int | float):
        return "number", f"{value:.12g}"
    return "text", str(value)


def comparable(cell: Cell) -> Token:
    """What a cell says, as it is compared; of a formula, only that it is one."""
    return ("formula", None) if cell.formula is not None else value_token(cell.value)


def same(one: Cell, other: Cell) -> bool:
    """Whether two cells say the same; a formula counts as itself, however Sheets has adjusted it."""
    return one is other or comparable(one) == comparable(other)


class Matching:
    """Pairs of rows and of columns of one table at two moments: `rows` and `columns` map indexes before to those after.

    `leaving` are rows that were to go; where several have one key, the others are paired first. Rows that can't be told
    by their key are paired by `pair_rest`.
    """

    def __init__(self, before: ObservedTable, after: ObservedTable, leaving: frozenset[int] = frozenset()) -> None:
        self._before = before
        self._after = after
        at, to = before.placement.at, after.placement.at
        self.columns = {index: to[name] for name, index in at.items() if name in to}
        all_keys = [column.name for column in before.columns if column.is_key]
        # Whether rows that came can be told from others.
        self.tells_additions = all(name in to for name in all_keys)
        self._added = {key: rows[0] for key, rows in _grouped(after, all_keys).items()} if self.tells_additions else {}
        self._all_keys = all_keys
        common = [name for name in all_keys if name in at and name in to]
        groups, others_by_key = _grouped(before, common), _grouped(after, common)
        several: list[tuple[list[int], list[int]]] = []
        self.rows: dict[int, int] = {}
        for key, group in groups.items():
            others = others_by_key.get(key, [])
            if len(group) == len(others) == 1:
                self.rows[group[0]] = others[0]
            elif others:
                several.append((group, others))
        self._pair_peoples_columns()
        for group, others in several:
            for some in ([index for index in group if index not in leaving], group):
                self._pair(some, others, lambda *_: True)

    def added(self, values: Mapping[str, Value]) -> int | None:
        """The row after that has the key of these values; None if there is none, or it can't be told."""
        return self._added.get(tuple(Cell(values.get(name)).text.casefold() for name in self._all_keys))

    def pair_rest(self, may_be: Callable[[int, int], bool]) -> None:
        """Pair what is left over by its content, where `may_be` says that it can be the same row."""
        taken = set(self.rows.values())
        rest = [row.index for row in self._before.rows() if row.index not in self.rows]
        others = [row.index for row in self._after.rows() if row.index not in taken]
        self._pair(rest, others, may_be)

    def _pair_peoples_columns(self) -> None:
        """By their header where just one has it, else by what stands beside rows of ours."""
        before, after = _peoples(self._before), _peoples(self._after)
        for text, indexes in before.items():
            alike = after.get(text, [])
            if text and len(indexes) == len(alike) == 1:
                self.columns[indexes[0]] = alike[0]
        taken = set(self.columns.values())
        left = [index for indexes in before.values() for index in indexes if index not in self.columns]
        free = [index for indexes in after.values() for index in indexes if index not in taken]
        votes = {(one, other): shared for one in left for other in free if (shared := self._shared(one, other))}
        for one, other in sorted(votes, key=votes.__getitem__, reverse=True):
            if one not in self.columns and other not in taken:
                self.columns[one] = other
                taken.add(other)

    def _shared(self, one: int, other: int) -> int:
        before, after = self._before.tab, self._after.tab
        pairs = {HEADER_ROW: HEADER_ROW, **self.rows}
        cells = ((before.cell(row, one), after.cell(counterpart, other)) for row, counterpart in pairs.items())
        return sum(not cell.is_blank and same(cell, found) for cell, found in cells)

    def _pair(self, rest: Iterable[int], others: Iterable[int], may_be: Callable[[int, int], bool]) -> None:
        """Pair the rows that have most in common, several alike in their order."""
        taken = set(self.rows.values())
        votes = self._in_common(
            [index for index in rest if index not in self.rows], [index for index in others if index not in taken]
        )
        for one, other in sorted(votes, key=votes.__getitem__, reverse=True):
            if one not in self.rows and other not in taken and may_be(one, other):
                self.rows[one] = other
                taken.add(other)

    def _in_common(self, rest: Sequence[int], others: Sequence[int]) -> Mapping[tuple[int, int], int]:
        """How many cells two rows have in common, for those that have any."""
        holding: dict[tuple[int, Token], list[int]] = defaultdict(list)
        for index in others:
            for column, cell in enumerate(self._after.tab.rows[index]):
                if not cell.is_blank:
                    holding[column, comparable(cell)].append(index)
        votes: Counter[tuple[int, int]] = Counter()
        for index in rest:
            for column, cell in enumerate(self._before.tab.rows[index]):
                if not cell.is_blank and column in self.columns:
                    alike = holding.get((self.columns[column], comparable(cell)), [])
                    votes.update((index, other) for other in alike[:_TELLING])
        return votes


def _grouped(table: ObservedTable, keys: Sequence[str]) -> dict[_RowKey, list[int]]:
    """The rows below the header by what their key columns hold, unless that is nothing."""
    groups: dict[_RowKey, list[int]] = {}
    for row in table.rows():
        key = tuple(row.text(name).casefold() for name in keys)
        if any(key):
            groups.setdefault(key, []).append(row.index)
    return groups


def _peoples(table: ObservedTable) -> dict[str, list[int]]:
    """Columns that are not ours, by their header's text."""
    found: dict[str, list[int]] = {}
    for index in range(table.width):
        if index not in table.placement.indexes:
            found.setdefault(folded(table.tab.cell(HEADER_ROW, index).text), []).append(index)
    return found
