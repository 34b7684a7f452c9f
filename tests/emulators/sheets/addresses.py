"""A1 notation: reading ranges in all their forms, and writing them as the API does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .document import Sheet, Spreadsheet
from .errors import ApiError, Json, invalid

_A1 = re.compile(r"(\$?[A-Za-z]{1,3})?(\$?\d+)?(:)?(\$?[A-Za-z]{1,3})?(\$?\d+)?", re.ASCII)
_R1C1 = re.compile(r"[Rr](\d+)[Cc](\d+)(?::[Rr](\d+)[Cc](\d+))?", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_.]+")
_LIKE_AN_ADDRESS = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d+[Cc]\d+|\d[\d.]*", re.ASCII)


@dataclass(frozen=True)
class Area:
    """A rectangle of a tab, ends exclusive, within the grid.

    `is_cell` and `is_open` tell how it was written: one cell, or with an open end; both only anchor values.
    """

    sheet: Sheet
    top: int
    bottom: int
    left: int
    right: int
    is_cell: bool = False
    is_open: bool = False

    def text(self) -> str:
        """Write the area in A1 notation, with its tab."""
        return range_text(self.sheet.title, self.top, self.bottom, self.left, self.right)


@dataclass(frozen=True)
class _Ends:
    """What A1 notation says, 0-based and inclusive; None is open."""

    top: int | None
    left: int | None
    bottom: int | None
    right: int | None
    is_cell: bool


def column_name(index: int) -> str:
    """Give the letters of a column."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Give the index of a column from its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quote_title(title: str) -> str:
    """Give a tab's title as it stands in a range."""
    if _BARE.fullmatch(title) and not _LIKE_AN_ADDRESS.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def cell_text(row: int, column: int) -> str:
    """Write a cell in A1 notation."""
    return f"{column_name(column)}{row + 1}"


def range_text(title: str, top: int, bottom: int, left: int, right: int) -> str:
    """Write a rectangle in A1 notation; a single cell without a colon."""
    first, last = cell_text(top, left), cell_text(max(bottom - 1, top), max(right - 1, left))
    return f"{quote_title(title)}!{first}" + ("" if first == last else f":{last}")


def parse(text: str, spreadsheet: Spreadsheet) -> Area:
    """Read a range; raises ApiError if it can't be read or starts outside the grid."""
    title, rest = _split(text)
    if title is None:
        return _without_tab(text, rest, spreadsheet)
    sheet = spreadsheet.titled(title)
    if sheet is None:
        raise _unreadable(text)
    if rest is None:
        return _area(sheet, _Ends(None, None, None, None, is_cell=False))
    ends = _read(rest)
    if ends:
        return _area(sheet, ends)
    named = spreadsheet.named(rest)
    if named is None or named["range"].get("sheetId", 0) != sheet.sheet_id:
        raise _unreadable(text)
    return from_grid_range(named["range"], spreadsheet)


def _split(text: str) -> tuple[str | None, str | None]:
    """Split a range into its tab and what is behind the exclamation mark."""
    quoted = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.+))?", text, re.DOTALL)
    if quoted:
        return quoted[1].replace("''", "'"), quoted[2]
    title, mark, rest = text.rpartition("!")
    if mark and not (title and rest):
        raise _unreadable(text)
    return (title, rest) if mark else (None, text)


def _without_tab(text: str, rest: str | None, spreadsheet: Spreadsheet) -> Area:
    ends = _read(rest or "")
    if ends:
        return _area(spreadsheet.first_visible(), ends)
    named = spreadsheet.named(text)
    if named:
        return from_grid_range(named["range"], spreadsheet)
    sheet = spreadsheet.titled(text)
    if sheet is None:
        raise _unreadable(text)
    return _area(sheet, _Ends(None, None, None, None, is_cell=False))


def _read(text: str) -> _Ends | None:
    """Read the part of A1 notation behind the tab, None if it isn't any."""
    numbered = _R1C1.fullmatch(text)
    if numbered:
        row, column, last_row, last_column = (int(part) - 1 if part else None for part in numbered.groups())
        return _ordered(row, column, last_row, last_column, is_cell=last_row is None)
    match = _A1.fullmatch(text)
    if not match or not text:
        return None
    c1, r1, colon, c2, r2 = match.groups()
    has_first, has_last = bool(c1 or r1), bool(c2 or r2)
    if not has_first or (colon and not has_last) or (not colon and not (c1 and r1)):
        return None
    if (r1 and int(r1.lstrip("$")) == 0) or (r2 and int(r2.lstrip("$")) == 0):
        return None
    if colon and not ((c1 or c2) or (r1 and r2)):
        return None
    row, last_row = (int(part.lstrip("$")) - 1 if part else None for part in (r1, r2))
    column, last_column = (column_index(part.lstrip("$")) if part else None for part in (c1, c2))
    if colon and row is None:  # A:C5 says the same as A5:C
        row, last_row = last_row, None
    if colon and column is None:
        column, last_column = last_column, None
    return _ordered(row, column, last_row, last_column, is_cell=not colon)


def _ordered(
    row: int | None, column: int | None, last_row: int | None, last_column: int | None, *, is_cell: bool
) -> _Ends:
    if is_cell:
        return _Ends(row, column, row, column, is_cell=True)
    if row is not None and last_row is not None:
        row, last_row = sorted((row, last_row))
    if column is not None and last_column is not None:
        column, last_column = sorted((column, last_column))
    return _Ends(row, column, last_row, last_column, is_cell=False)


def _area(sheet: Sheet, ends: _Ends) -> Area:
    if not sheet.has_cells:
        raise _unreadable(quote_title(sheet.title))
    top, left = ends.top or 0, ends.left or 0
    bottom = sheet.row_count if ends.bottom is None else ends.bottom + 1
    right = sheet.column_count if ends.right is None else ends.right + 1
    if top >= sheet.row_count or left >= sheet.column_count:
        raise beyond_grid(sheet, top, bottom, left, right)
    is_open = ends.bottom is None or ends.right is None
    clamped_bottom, clamped_right = min(bottom, sheet.row_count), min(right, sheet.column_count)
    return Area(sheet, top, clamped_bottom, left, clamped_right, ends.is_cell, is_open)


def beyond_grid(sheet: Sheet, top: int, bottom: int, left: int, right: int) -> ApiError:
    """Give the refusal of a range that starts outside the grid."""
    shown = range_text(sheet.title, top, bottom, left, right)
    limits = f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    return invalid(f"Range ({shown}) exceeds grid limits. {limits}")


def _unreadable(text: str) -> ApiError:
    return invalid(f"Unable to parse range: {text}")


def from_grid_range(area: Json, spreadsheet: Spreadsheet) -> Area:
    """Give the area of a GridRange; ends outside the grid are clamped, a start outside raises ApiError."""
    sheet = spreadsheet.sheet(area.get("sheetId", 0))
    top, left = area.get("startRowIndex", 0), area.get("startColumnIndex", 0)
    # An open end lies behind the start even where that is past the grid: it is then refused for its start.
    bottom = area.get("endRowIndex", max(sheet.row_count, top + 1))
    right = area.get("endColumnIndex", max(sheet.column_count, left + 1))
    if min(top, left) < 0 or bottom <= top or right <= left:
        raise invalid(f"Invalid range: {_spelled(area)}")
    if top >= sheet.row_count or left >= sheet.column_count:
        raise beyond_grid(sheet, top, bottom, left, right)
    is_open = "endRowIndex" not in area or "endColumnIndex" not in area
    return Area(sheet, top, min(bottom, sheet.row_count), left, min(right, sheet.column_count), is_open=is_open)


def from_coordinate(place: Json, spreadsheet: Spreadsheet, height: int = 1, width: int = 1) -> Area:
    """Give the area of a size that starts at a GridCoordinate; one that isn't in the grid raises ApiError."""
    sheet = spreadsheet.sheet(place.get("sheetId", 0))
    top, left = place.get("rowIndex", 0), place.get("columnIndex", 0)
    if min(top, left) < 0:
        raise invalid(f"Invalid coordinate: {_spelled(place)}")
    if top >= sheet.row_count or left >= sheet.column_count:
        raise beyond_grid(sheet, top, top + height, left, left + width)
    return Area(sheet, top, top + height, left, left + width)


def _spelled(area: Json) -> str:
    return ", ".join(f"{name}: {value}" for name, value in area.items())


def to_grid_range(area: Area) -> Json:
    """Give the GridRange of an area, all ends given."""
    return {
        "sheetId": area.sheet.sheet_id,
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
