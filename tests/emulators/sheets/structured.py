"""References of formulas to native tables, such as `Seats[Amount]`: what they mean, and how they follow new names.

Forms are those of Google's help page on tables: the table alone is its rows without header and footer; in brackets a
column, columns from one to another, or `#ALL`, `#DATA`, `#HEADERS`, `#TOTALS`, alone or before columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .addresses import range_text
from .document import Sheet, Spreadsheet
from .errors import Json

_BRACKETS = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_FOUND = re.compile(rf'"(?:[^"]|"")*"|(?P<name>[^\W\d][\w.]*)(?P<inner>{_BRACKETS})')
_PART = re.compile(r"\[([^\[\]]*)\]")


def word(name: str) -> str:
    """Give the word that stands for a table in formulas, its case folded."""
    return re.sub(r"\W", "_", name).casefold()


def find(name: str, spreadsheet: Spreadsheet) -> tuple[Sheet, Json] | None:
    """Give the table that a word in a formula stands for, with its tab."""
    wanted = name.casefold()
    found = ((sheet, table) for sheet in spreadsheet.sheets for table in sheet.features["tables"])
    return next(((sheet, table) for sheet, table in found if word(table["name"]) == wanted), None)


def resolve(formula: str, spreadsheet: Spreadsheet) -> str:
    """Give a formula with ranges in place of what is in brackets behind tables; what isn't there is `#REF!`."""

    def replaced(match: re.Match[str]) -> str:
        located = find(match["name"], spreadsheet) if match["name"] else None
        return (_range(*located, match["inner"][1:-1]) or "#REF!") if located else match.group()

    return _FOUND.sub(replaced, formula)


def body(sheet: Sheet, table: Json) -> str | None:
    """Give the range of a table's rows without header and footer."""
    return _range(sheet, table, "#DATA")


def _range(sheet: Sheet, table: Json, inner: str) -> str | None:
    area = table["range"]
    top, bottom, left, right = (area[f"{end}Index"] for end in ("startRow", "endRow", "startColumn", "endColumn"))
    has_footer = "footerColorStyle" in table["rowsProperties"]
    rows = {
        "#ALL": (top, bottom),
        "#DATA": (top + 1, bottom - has_footer),
        "#HEADERS": (top, top + 1),
        "#TOTALS": (bottom - has_footer, bottom),
    }
    parts = _PART.findall(inner) or [inner]
    selected = parts.pop(0).strip().upper() if parts[0].strip().startswith("#") else "#DATA"
    if selected not in rows:
        return None
    first, last = rows[selected]
    names = [column["columnName"].casefold() for column in table["columnProperties"]]
    wanted = [part.strip().casefold() for part in parts]
    if first >= last or any(name not in names for name in wanted):
        return None
    if wanted:
        places = [left + names.index(name) for name in wanted]
        left, right = min(places), max(places) + 1
    return range_text(sheet.title, first, last, left, right)


def rename_columns(formula: str, table: str, renamed: Mapping[str, str]) -> str:
    """Give a formula in which columns of a table have other names, by the folded old ones."""

    def named(text: str) -> str:
        return renamed.get(text.strip().casefold(), text)

    def inner(text: str) -> str:
        return _PART.sub(lambda part: f"[{named(part[1])}]", text) if "[" in text else named(text)

    return _rewritten(formula, table, lambda name, text: f"{name}[{inner(text)}]")


def rename_table(formula: str, old: str, new: str) -> str:
    """Give a formula in which a table has another name, where brackets follow it."""
    written = re.sub(r"\W", "_", new)
    return _rewritten(formula, old, lambda _, text: f"{written}[{text}]")


def _rewritten(formula: str, table: str, written: Callable[[str, str], str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        is_its = match["name"] and match["name"].casefold() == word(table)
        return written(match["name"], match["inner"][1:-1]) if is_its else match.group()

    return _FOUND.sub(replaced, formula)
