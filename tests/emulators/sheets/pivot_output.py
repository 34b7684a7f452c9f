"""What a pivot table shows: groups of rows, at most one of columns, totals, and values summed up.

What this can't work out, such as rules of grouping and calculated fields, is an error in the pivot table's own cell,
never a wrong number.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .addresses import cell_text
from .document import Sheet, Spreadsheet
from .errors import Json
from .formulas import NOT_EVALUATED, CellError, Result
from .grid import Formula
from .pivot_tables import pivots_of
from .showing import show

Place = tuple[int, int, int]
_Key = tuple[Result, ...]
# What a column in the output is of: a value of the column group (None for the total) and the place of a summed value.
_Across = tuple[Result | None, int]
_GONE = CellError("REF", "Reference does not exist.")
_NO_NUMBERS = CellError("DIVIDE_BY_ZERO")
_UNKNOWN_PARTS = ("groupRule", "groupLimit", "valueBucket", "dataSourceColumnReference")


@dataclass(frozen=True)
class Shown:
    """A value in the output, and the number format that it takes over from its source."""

    value: Result
    number_format: Json | None = None


def outputs(spreadsheet: Spreadsheet, results: Mapping[Place, Result]) -> dict[Place, Shown]:
    """Give what all pivot tables show, by tab id, row and column; `results` are those of formulas."""
    found: dict[Place, Shown] = {}
    for sheet in spreadsheet.sheets:
        for row, column, pivot in pivots_of(sheet):
            lines = _lines(spreadsheet, results, pivot)
            error = lines if isinstance(lines, CellError) else _obstacle(sheet, row, column, lines)
            if error:
                found[sheet.sheet_id, row, column] = Shown(error)
            elif not isinstance(lines, CellError):
                found |= {
                    (sheet.sheet_id, row + down, column + across): shown
                    for down, line in enumerate(lines)
                    for across, shown in enumerate(line)
                    if shown.value not in (None, "")
                }
    return {place: shown for place, shown in found.items() if _is_free(spreadsheet, place)}


def _is_free(spreadsheet: Spreadsheet, place: Place) -> bool:
    return spreadsheet.sheet(place[0]).grid.get(place[1], place[2]).value is None


def _obstacle(sheet: Sheet, row: int, column: int, lines: list[list[Shown]]) -> CellError | None:
    """Give the error of a pivot table that has no room for its output."""
    bottom, right = row + len(lines), column + max(map(len, lines), default=0)
    for noun, missing in (("rows", bottom - sheet.row_count), ("columns", right - sheet.column_count)):
        if missing > 0:
            return CellError("REF", f"Result was not automatically expanded, please insert more {noun} ({missing}).")
    for line, across, cell in sheet.grid.stored(row, bottom, column, right):
        if cell.value is not None:
            text = f"Array result was not expanded because it would overwrite data in {cell_text(line, across)}."
            return CellError("REF", text)
    return None


def _lines(spreadsheet: Spreadsheet, results: Mapping[Place, Result], pivot: Json) -> list[list[Shown]] | CellError:
    """Give the output line by line, or the error why there is none."""
    source = pivot.get("source")
    sheet = next((tab for tab in spreadsheet.sheets if source and tab.sheet_id == source.get("sheetId", 0)), None)
    if sheet is None:
        return _GONE
    if not _is_known(pivot):
        return NOT_EVALUATED
    return _Table(_Source(spreadsheet, sheet, source or {}, results), pivot).lines()


def _is_known(pivot: Json) -> bool:
    groups = [*pivot.get("rows", []), *pivot.get("columns", [])]
    return (
        len(pivot.get("columns", [])) <= 1
        and pivot.get("valueLayout", "HORIZONTAL") == "HORIZONTAL"
        and not any(group.get(part) for group in groups for part in _UNKNOWN_PARTS)
        and not any(
            "sourceColumnOffset" not in value or "calculatedDisplayType" in value for value in pivot.get("values", [])
        )
        and all(value["summarizeFunction"] in _FUNCTIONS for value in pivot.get("values", []))
        and not any("condition" in criteria for criteria in pivot.get("criteria", {}).values())
    )


class _Source:
    """The cells that a pivot table sums up: a row of headings and rows below it."""

    def __init__(self, spreadsheet: Spreadsheet, sheet: Sheet, area: Json, results: Mapping[Place, Result]) -> None:
        self._locale = spreadsheet.locale
        self._sheet = sheet
        self._results = results
        self._top = area.get("startRowIndex", 0)
        self._left = area.get("startColumnIndex", 0)
        bottom = min(area.get("endRowIndex", sheet.row_count), sheet.row_count)
        self.rows = range(self._top + 1, bottom)

    def heading(self, offset: int) -> str:
        """Give the heading of a column as people read it."""
        return self.text(self._top, offset)

    def value(self, row: int, offset: int) -> Result:
        """Give the value of a cell that people see; a blank text is a blank cell."""
        column = self._left + offset
        cell = self._sheet.grid.get(row, column)
        is_worked_out = cell.value is None or type(cell.value) is Formula
        found: Any = self._results.get((self._sheet.sheet_id, row, column)) if is_worked_out else cell.value
        return None if found == "" and isinstance(found, str) else found

    def text(self, row: int, offset: int) -> str:
        """Give what people read in a cell."""
        return show(self.value(row, offset), self.number_format(row, offset), self._locale)

    def number_format(self, row: int, offset: int) -> Json | None:
        """Give the number format of a cell's own."""
        found: Json | None = (self._sheet.grid.get(row, self._left + offset).format or {}).get("numberFormat")
        return found


class _Table:
    """One pivot table over its source."""

    def __init__(self, source: _Source, pivot: Json) -> None:
        self._source = source
        self._groups: list[Json] = pivot.get("rows", [])
        self._columns: list[Json] = pivot.get("columns", [])
        self._values: list[Json] = pivot.get("values", [])
        criteria = {int(column): each for column, each in pivot.get("criteria", {}).items()}
        self._rows = [row for row in source.rows if all(self._keeps(row, *each) for each in criteria.items())]

    def _keeps(self, row: int, offset: int, criteria: Json) -> bool:
        return criteria.get("visibleByDefault", False) or self._source.text(row, offset) in criteria.get(
            "visibleValues", []
        )

    def lines(self) -> list[list[Shown]]:
        """Give headings, a line for each group of rows with totals behind it, and the grand total."""
        if not self._values and not self._groups and not self._columns:
            return []
        across = self._across()
        body = [*self._body(self._rows, (), across)]
        return [*self._headings(across), *body]

    def _across(self) -> list[_Across]:
        places = range(len(self._values)) if self._values else range(0)
        if not self._columns:
            return [(None, place) for place in places]
        (group,) = self._columns
        keys: list[Result | None] = [key for key, _ in self._grouped(self._rows, group)]
        if group.get("showTotals"):
            keys.append(None)
        # A blank value of the group is told from the total by being an empty text.
        return [(key, place) for key in keys for place in places or [0]]

    def _headings(self, across: list[_Across]) -> Iterator[list[Shown]]:
        labels = [self._heading(group) for group in self._groups]
        names = [Shown(self._name(value)) for value in self._values]
        if not self._columns:
            yield [*labels, *names]
            return
        heading = self._heading(self._columns[0])
        blanks = [Shown(None)] * max(len(labels) - 1, 0)
        corner = names if len(names) == 1 else [Shown(None)]
        yield [*(corner if labels else []), *blanks, heading]
        singly = len(self._values) <= 1
        tops = [Shown("Grand Total" if key is None else key) for key, place in across if place == 0 or singly]
        if singly:
            yield [*labels, *tops]
            return
        spread = [top if place == 0 else Shown(None) for top in tops for place in range(len(self._values))]
        yield [*[Shown(None)] * len(labels), *spread]
        yield [*labels, *(names[place] for _, place in across)]

    def _heading(self, group: Json) -> Shown:
        return Shown(group.get("label") or self._source.heading(group.get("sourceColumnOffset", 0)))

    def _name(self, value: Json) -> str:
        heading = self._source.heading(value["sourceColumnOffset"])
        return str(value.get("name") or f"{value['summarizeFunction']} of {heading}")

    def _body(self, rows: Sequence[int], above: _Key, across: list[_Across]) -> Iterator[list[Shown]]:
        """Give the lines of one group of rows and of the groups in it."""
        depth = len(above)
        if depth == len(self._groups):
            yield [*self._labels(rows, above), *self._sums(rows, across)]
            return
        group = self._groups[depth]
        for key, inner in self._grouped(rows, group):
            for number, line in enumerate(self._body(inner, (*above, key), across)):
                is_repeated = number > 0 and line[depth].value == key and not group.get("repeatHeadings")
                yield [*line[:depth], Shown(None), *line[depth + 1 :]] if is_repeated else line
        if group.get("showTotals"):
            name = f"{_word(above[-1])} Total" if above else "Grand Total"
            labels = [Shown(None)] * len(self._groups)
            labels[max(depth - 1, 0)] = Shown(name)
            yield [*labels, *self._sums(rows, across)]

    def _labels(self, rows: Sequence[int], keys: _Key) -> list[Shown]:
        offsets = [group.get("sourceColumnOffset", 0) for group in self._groups]
        return [
            Shown(key, self._source.number_format(rows[0], offset)) for key, offset in zip(keys, offsets, strict=True)
        ]

    def _sums(self, rows: Sequence[int], across: list[_Across]) -> list[Shown]:
        if not self._values:
            return []
        if not self._columns:
            return [self._sum(rows, self._values[place]) for _, place in across]
        by_key = dict(self._grouped(rows, self._columns[0]))
        return [
            self._sum(rows if key is None else by_key[key], self._values[place])
            if key is None or key in by_key
            else Shown(None)
            for key, place in across
        ]

    def _sum(self, rows: Sequence[int], value: Json) -> Shown:
        offset, function = value["sourceColumnOffset"], value["summarizeFunction"]
        found = [item for item in (self._source.value(row, offset) for row in rows) if item is not None]
        error = next((item for item in found if isinstance(item, CellError)), None)
        if error and not function.startswith("COUNT"):
            return Shown(error)
        takes_over = rows and not function.startswith("COUNT")
        return Shown(_FUNCTIONS[function](found), self._source.number_format(rows[0], offset) if takes_over else None)

    def _grouped(self, rows: Sequence[int], group: Json) -> list[tuple[Result, list[int]]]:
        """Give the values of a group in its order with their rows; a blank one is an empty text and comes first."""
        offset = group.get("sourceColumnOffset", 0)
        found: dict[tuple[type, Result], list[int]] = {}
        for row in rows:
            value = self._source.value(row, offset)
            key: Result = "" if value is None else value
            found.setdefault((type(key), key), []).append(row)
        ordered = sorted(((key, each) for (_, key), each in found.items()), key=lambda pair: _sort_key(pair[0]))
        return ordered[::-1] if group["sortOrder"] == "DESCENDING" else ordered


def _sort_key(value: Result) -> tuple[int, float, str]:
    if value == "":
        return (0, 0.0, "")
    if isinstance(value, bool):
        return (3, 0.0, str(value))
    if isinstance(value, float):
        return (1, value, "")
    return (2, 0.0, value.casefold()) if isinstance(value, str) else (4, 0.0, "")


def _word(value: Result) -> str:
    return show(value, None)


def _numbers(values: Sequence[Result]) -> list[float]:
    return [value for value in values if type(value) is float]


def _with_some(function: Callable[[list[float]], float], least: int = 1) -> Callable[[Sequence[Result]], Result]:
    """Make a function of numbers one of values that is an error for too few of them."""

    def applied(values: Sequence[Result]) -> Result:
        found = _numbers(values)
        return float(function(found)) if len(found) >= least else _NO_NUMBERS

    return applied


def _or_zero(function: Callable[[list[float]], float]) -> Callable[[Sequence[Result]], Result]:
    return lambda values: float(function(_numbers(values) or [0.0]))


_FUNCTIONS: dict[str, Callable[[Sequence[Result]], Result]] = {
    "SUM": lambda values: math.fsum(_numbers(values)),
    "COUNT": lambda values: float(len(_numbers(values))),
    "COUNTA": lambda values: float(len(values)),
    "COUNTUNIQUE": lambda values: float(len({(type(value), value) for value in values})),
    "AVERAGE": _with_some(statistics.fmean),
    "MAX": _or_zero(max),
    "MIN": _or_zero(min),
    "MEDIAN": _with_some(statistics.median),
    "PRODUCT": _or_zero(math.prod),
    "STDEV": _with_some(statistics.stdev, 2),
    "STDEVP": _with_some(statistics.pstdev),
    "VAR": _with_some(statistics.variance, 2),
    "VARP": _with_some(statistics.pvariance),
}
