"""Requests that work on the text in cells: find and replace, trim, split, paste, remove duplicates."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from tests.emulators.sheets import cells
from tests.emulators.sheets.addresses import Area, from_coordinate, from_grid_range
from tests.emulators.sheets.errors import Json, invalid, unsupported
from tests.emulators.sheets.grid import EMPTY, Formula
from tests.emulators.sheets.notation import to_local

from .registry import Batch, handles

_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


@dataclass
class _Tally:
    """What findReplace changed."""

    values: int = 0
    formulas: int = 0
    occurrences: int = 0
    rows: set[tuple[int, int]] = field(default_factory=set)

    def reply(self) -> Json:
        counts = {
            "valuesChanged": self.values,
            "formulasChanged": self.formulas,
            "rowsChanged": len(self.rows),
            "sheetsChanged": len({sheet for sheet, _ in self.rows}),
            "occurrencesChanged": self.occurrences,
        }
        return {name: count for name, count in counts.items() if count}


@handles("findReplace")
def find_replace(batch: Batch, body: Json) -> Json:
    """Replace text in a range, a tab or all tabs; formulas only if they are asked for."""
    pattern, replacement = _search(body)
    tally = _Tally()
    view = batch.view()
    for area in _scope(batch, body):
        batch.guard(area)
        for row, column, cell in list(area.sheet.grid.stored(area.top, area.bottom, area.left, area.right)):
            is_formula = type(cell.value) is Formula
            if cell.value is None or (is_formula and not body.get("includeFormulas")):
                continue
            text = to_local(cell.value, view.locale) if is_formula else view.formatted(area.sheet, row, column)
            written, count = pattern.subn(replacement, text)
            if not count:
                continue
            cell = cells.user_entered(cell, written, batch.spreadsheet, batch.now)
            area.sheet.grid.put(row, column, cell)
            tally.occurrences += count
            tally.rows.add((area.sheet.sheet_id, row))
            tally.formulas += is_formula
            tally.values += not is_formula
    return tally.reply()


def _search(body: Json) -> tuple[re.Pattern[str], str]:
    """Give the pattern to look for and what to put there; the service takes Java's regular expressions."""
    wanted, replacement = body.get("find", ""), body.get("replacement", "")
    if not wanted:
        raise invalid("find must not be empty.")
    if body.get("searchByRegex"):
        replacement = re.sub(r"\$(\d)", r"\\g<\1>", replacement.replace("\\", "\\\\"))
    else:
        wanted, replacement = re.escape(wanted), replacement.replace("\\", "\\\\")
    if body.get("matchEntireCell"):
        wanted = rf"\A(?:{wanted})\Z"
    try:
        pattern = re.compile(wanted, 0 if body.get("matchCase") else re.IGNORECASE)
    except re.error as error:
        raise invalid(f"Invalid regular expression: {body['find']}") from error
    missing = [group for group in re.findall(r"\\g<(\d)>", replacement) if int(group) > pattern.groups]
    if body.get("searchByRegex") and missing:
        raise invalid(f"Invalid replacement: there is no group {missing[0]} in the regular expression.")
    return pattern, replacement


def _scope(batch: Batch, body: Json) -> list[Area]:
    if "range" in body:
        return [batch.area(body["range"])]
    if "sheetId" in body:
        return [batch.area({"sheetId": body["sheetId"]})]
    if body.get("allSheets"):
        return [from_grid_range({"sheetId": sheet.sheet_id}, batch.spreadsheet) for sheet in batch.spreadsheet.sheets]
    raise invalid("Must specify a range, a sheetId or allSheets.")


@handles("trimWhitespace")
def trim_whitespace(batch: Batch, body: Json) -> Json:
    """Take white space from both ends of texts and leave one space between words."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    changed = 0
    for row, column, cell in list(area.sheet.grid.stored(area.top, area.bottom, area.left, area.right)):
        if type(cell.value) is str:
            trimmed = " ".join(cell.value.split())
            if trimmed != cell.value:
                area.sheet.grid.put(row, column, cell._replace(value=trimmed or None))
                changed += 1
    return {"cellsChangedCount": changed} if changed else {}


@handles("deleteDuplicates")
def delete_duplicates(batch: Batch, body: Json) -> Json:
    """Remove the rows of a range that repeat an earlier one, case aside; what is under them moves up."""
    area = batch.area(body.get("range", {}))
    batch.guard(area)
    view = batch.view()
    compared = _compared(area, body.get("comparisonColumns", []))
    seen: set[tuple[str, ...]] = set()
    kept = []
    for row in range(area.top, area.bottom):
        key = tuple(view.formatted(area.sheet, row, column).casefold() for column in compared)
        if key not in seen:
            kept.append([area.sheet.grid.get(row, column) for column in range(area.left, area.right)])
        seen.add(key)
    removed = area.bottom - area.top - len(kept)
    for row in range(area.top, area.bottom):
        line = kept[row - area.top] if row - area.top < len(kept) else [EMPTY] * (area.right - area.left)
        for column, cell in enumerate(line, area.left):
            area.sheet.grid.put(row, column, cell)
    return {"duplicatesRemovedCount": removed} if removed else {}


def _compared(area: Area, columns: list[Json]) -> list[int]:
    if not columns:
        return list(range(area.left, area.right))
    found: set[int] = set()
    for part in columns:
        start, end = part.get("startIndex", area.left), part.get("endIndex", area.right)
        if part.get("dimension", "COLUMNS") != "COLUMNS" or not area.left <= start < end <= area.right:
            raise invalid("comparisonColumns must be columns of the range.")
        found.update(range(start, end))
    return sorted(found)


@handles("textToColumns")
def text_to_columns(batch: Batch, body: Json) -> None:
    """Split the texts of one column into the columns to its right, over what is there."""
    area = batch.area(body.get("source", {}))
    if area.right - area.left != 1:
        raise invalid("The source range must span exactly one column.")
    view = batch.view()
    shown = {row: view.formatted(area.sheet, row, area.left) for row in range(area.top, area.bottom)}
    delimiter = _delimiter(body, list(shown.values()))
    for row, text in shown.items():
        parts = text.split(delimiter)
        if len(parts) > 1:
            _put_row(batch, area, row, parts)


def _delimiter(body: Json, texts: list[str]) -> str:
    kind = body.get("delimiterType", "AUTODETECT")
    if kind == "CUSTOM":
        custom: str = body.get("delimiter", "")
        if not custom:
            raise invalid("A custom delimiter must be given.")
        return custom
    if kind in _DELIMITERS:
        return _DELIMITERS[kind]
    return max(_DELIMITERS.values(), key=lambda delimiter: sum(text.count(delimiter) for text in texts))


def _put_row(batch: Batch, area: Area, row: int, parts: list[str]) -> None:
    """Write typed texts from an area's first column on; the grid grows to hold them."""
    sheet = area.sheet
    sheet.grid.column_axis.count = max(sheet.column_count, area.left + len(parts))
    batch.check_size()
    batch.guard(Area(sheet, row, row + 1, area.left, area.left + len(parts)))
    for column, text in enumerate(parts, area.left):
        sheet.grid.put(row, column, cells.user_entered(sheet.grid.get(row, column), text, batch.spreadsheet, batch.now))


@handles("pasteData")
def paste_data(batch: Batch, body: Json) -> None:
    """Paste delimited text as if a person had: each piece is read as typed, the grid grows to hold it."""
    if body.get("html"):
        raise unsupported("pasteData with html")
    kind = body.get("type", "PASTE_NORMAL")
    if kind not in ("PASTE_NORMAL", "PASTE_VALUES", "PASTE_NO_BORDERS", "PASTE_FORMULA"):
        return  # plain text brings no formats, rules or validation
    place = from_coordinate(body.get("coordinate", {}), batch.spreadsheet)
    sheet, left = place.sheet, place.left
    lines = _lines(body.get("data", ""), body.get("delimiter") or "\t")
    sheet.grid.row_axis.count = max(sheet.row_count, place.top + len(lines))
    for row, parts in enumerate(lines, place.top):
        _put_row(batch, Area(sheet, row, row + 1, left, left + 1), row, parts)


def _lines(data: str, delimiter: str) -> list[list[str]]:
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in data.splitlines()]
    return list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))
