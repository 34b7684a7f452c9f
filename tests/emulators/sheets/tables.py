"""Native tables: how their columns follow the cells, which bands they draw, what they forbid.

Facts are of Google's guide "Tables" and of what others saw the real service do: an entry for every column, named by its
header cell; a formula in a header cell becomes `Column` and the column's place; the bands of a table are among
`bandedRanges`.
"""

from __future__ import annotations

from collections.abc import Iterable

from .errors import ApiError, Json, invalid
from .grid import Cell, Formula, Grid
from .locales import Locale
from .moving import OTHER, Shift, shift_message
from .showing import show

# Google's own green, for the rows whose colours a table doesn't set.
_DEFAULT_ROWS: Json = {
    "headerColorStyle": {"rgbColor": {"red": 0.20784314, "green": 0.40784314, "blue": 0.32941177}},
    "firstBandColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
    "secondBandColorStyle": {"rgbColor": {"red": 0.9647059, "green": 0.972549, "blue": 0.9764706}},
}
_EDGES = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}


def rows_properties(given: Json) -> Json:
    """Give the colours of a table's rows, those that are not set in Google's green."""
    return {**_DEFAULT_ROWS, **{name: item for name, item in given.items() if item}}


def width(table: Json) -> int:
    """Give how many columns a table has."""
    area = table["range"]
    return int(area["endColumnIndex"] - area["startColumnIndex"])


def column(index: int, name: str = "", given: Json | None = None) -> Json:
    """Give the properties of a column as they are answered: an index of 0 and a type that is not set are left out."""
    known = {key: item for key, item in (given or {}).items() if key in ("columnType", "dataValidationRule")}
    if known.get("columnType") == "COLUMN_TYPE_UNSPECIFIED":
        del known["columnType"]
    return ({"columnIndex": index} if index else {}) | ({"columnName": name} if name else {}) | known


def band(table: Json) -> Json:
    """Give the alternating colours of a table, as they are listed among the banded ranges of its tab.

    They have the table's id: as a number if it is one, otherwise as a reference.
    """
    table_id = band_id(table["tableId"])
    colours: Json = {}
    for name, style in table["rowsProperties"].items():
        colours[name.removesuffix("Style")] = style.get("rgbColor", {})
        colours[name] = style
    key = "bandedRangeId" if isinstance(table_id, int) else "bandedRangeReference"
    return {key: table_id, "range": table["range"], "rowProperties": colours}


def band_id(table_id: str) -> int | str:
    """Give the id or the reference of the alternating colours of a table."""
    is_number = table_id.isascii() and table_id.isdigit() and int(table_id) < 2**31
    return int(table_id) if is_number else table_id


def follow(table: Json, change: Shift) -> Json | None:
    """Give a table as it lies after a structural change, its columns where their cells are; None if it is gone."""
    moved: Json | None = shift_message(table, "Table", change)
    if moved is None or change.dimension != "COLUMNS" or not _reached(table, change):
        return moved
    left, new_left = table["range"]["startColumnIndex"], moved["range"]["startColumnIndex"]
    kept: dict[int, Json] = {}
    for index, given in enumerate(table["columnProperties"]):
        span = change.span(left + index, left + index + 1)
        if span is not None and 0 <= span[0] - new_left < width(moved):
            kept[span[0] - new_left] = given
    columns = [
        column(index, kept.get(index, {}).get("columnName", ""), kept.get(index)) for index in range(width(moved))
    ]
    return {**moved, "columnProperties": columns}


def _reached(table: Json, change: Shift) -> bool:
    """Tell whether a change of columns reaches a table: it is on its tab, and not behind it or beside it."""
    area = table["range"]
    start, end = _EDGES[OTHER[change.dimension]]
    on_tab = area.get("sheetId", 0) == change.sheet_id
    return on_tab and change.begins < area["endColumnIndex"] and change.covers(area[start], area[end])


def name_columns(table: Json, grid: Grid, locale: Locale) -> Json:
    """Give a table with its columns named as its header cells are; a header cell without a text of its own gets one.

    Blank cells and formulas are replaced by `Column` and the column's place or the next free number; of equal names,
    all but the first get a number.
    """
    area = table["range"]
    row, left = area["startRowIndex"], area["startColumnIndex"]
    cells = [grid.get(row, left + index) for index in range(width(table))]
    if all(
        cell.value == given.get("columnName") and type(cell.value) is str
        for cell, given in zip(cells, table["columnProperties"], strict=True)
    ):
        return table  # as nearly always: this is asked after every request
    texts = [_header_text(cell, locale) for cell in cells]
    present = {text.casefold() for text in texts}
    taken: set[str] = set()
    columns = []
    for index, (cell, text, given) in enumerate(zip(cells, texts, table["columnProperties"], strict=True)):
        name = free_name(text, taken) if text else _free_column(index + 1, present | taken)
        taken.add(name.casefold())
        if name != text:
            grid.put(row, left + index, cell._replace(value=name))
        columns.append(given if given.get("columnName") == name else column(index, name, given))
    return {**table, "columnProperties": columns} if columns != table["columnProperties"] else table


def changed_names(old: Json, new: Json) -> dict[str, str]:
    """Give the new names of columns by their folded old ones."""
    pairs = zip(old["columnProperties"], new["columnProperties"], strict=True)
    names = ((before.get("columnName", ""), after["columnName"]) for before, after in pairs)
    return {before.casefold(): after for before, after in names if before and before != after}


def _header_text(cell: Cell, locale: Locale) -> str:
    """Give what a header cell says, nothing if it is blank or holds a formula."""
    value = cell.value
    if type(value) is str:
        return value.strip()
    if value is None or type(value) is Formula:
        return ""
    return show(value, (cell.format or {}).get("numberFormat"), locale)


def _free_column(number: int, taken: set[str]) -> str:
    """Give the name of a column that has none: by its place, or the next number that is free."""
    while f"column {number}" in taken:
        number += 1
    return f"Column {number}"


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Give a name that is not among those taken, whatever their case: the one that is wanted, or with a number."""
    names = set(taken)
    name, number = wanted, 2
    while name.casefold() in names:
        name, number = f"{wanted} {number}", number + 1
    return name


def meet(one: Json, other: Json) -> bool:
    """Tell whether two ranges of one tab have a cell in common; ends may be open."""
    for first, last in _EDGES.values():
        if one.get(first, 0) >= other.get(last, float("inf")) or other.get(first, 0) >= one.get(last, float("inf")):
            return False
    return True


def same(one: Json, other: Json) -> bool:
    """Tell whether two bounded ranges of one tab are the same cells."""
    return all(one.get(name) == other.get(name) for edges in _EDGES.values() for name in edges)


def over_filter() -> ApiError:
    """Give the refusal of a filter that a table is in the way of."""
    return invalid("You can't apply a filter to a range that partially intersects a table.")


def check_whole(tables: list[Json], touched: Json, area: Json, dimension: str) -> None:
    """Raise ApiError if only some of a table's rows or columns would shift along a dimension."""
    first, last = _EDGES[OTHER[dimension]]
    for table in tables:
        own = table["range"]
        if meet(own, touched) and not (area[first] <= own[first] and own[last] <= area[last]):
            noun = "rows" if dimension == "ROWS" else "columns"
            raise invalid(f"The range must cover the entire {noun} of a table to insert or delete cells in it.")
