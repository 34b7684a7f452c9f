"""Formulas as Sheets has them, in the dialect of the formualizer library, which has Excel's functions.

What the library would take for something else is refused here, so that it is never a wrong number.
"""

from __future__ import annotations

import re
from functools import cache

import formualizer

from . import calls, references, structured
from .addresses import from_grid_range
from .document import Sheet, Spreadsheet
from .formulas import LOADING, NOT_EVALUATED, PARSE_ERROR, CellError, loads_later, names
from .notation import is_broken

# Functions that Sheets has and the library lacks: their value is not known here, which differs from a wrong name.
_SHEETS_ONLY = names(
    "ADD AI ARRAY_CONSTRAIN CONCAT COUNTUNIQUE COUNTUNIQUEIFS DETECTLANGUAGE DIVIDE EPOCHTODATE EQ FLATTEN GETPIVOTDATA"
    " GOOGLEFINANCE GOOGLETRANSLATE GT GTE IMAGE IMPORTDATA IMPORTFEED IMPORTHTML IMPORTRANGE IMPORTXML ISDATE ISEMAIL"
    " ISURL JOIN LT LTE MINUS MULTIPLY NE POW QUERY REGEXEXTRACT REGEXMATCH REGEXREPLACE SORTN SPARKLINE SPLIT TO_DATE"
    " TO_DOLLARS TO_PERCENT TO_PURE_NUMBER TO_TEXT UMINUS UNARY_PERCENT UPLUS"
)
_FUNCTION = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|([A-Za-z_][\w.]*)\(")
_DIFFERENT = re.compile(r"\b(?:ARRAYFORMULA|SORT|FILTER)\s*\(|\{", re.IGNORECASE)
# Inside ARRAYFORMULA the library works out these for each cell of a range ...
_FOR_EACH = frozenset(["IF", "IFERROR", "IFNA"])
# ... and these for the range as one, as Sheets does. It takes only the first cell for most others, or fails.
_FOR_ALL = names(
    "SUM COUNT COUNTA COUNTBLANK AVERAGE MIN MAX MEDIAN PRODUCT SUMPRODUCT ROWS COLUMNS AND OR UNIQUE FILTER SORT"
    " SORTBY SEQUENCE TRANSPOSE HSTACK VSTACK ARRAYFORMULA"
)
_MANY = re.compile(r":|\{|\b(?:UNIQUE|FILTER|SORT|SORTBY|SEQUENCE|TRANSPOSE|HSTACK|VSTACK)\(", re.IGNORECASE)
_CONSTANT = re.compile(r"\s*[+-]?(?:[\d.]+(?:[eE][+-]?\d+)?%?|\"(?:[^\"]|\"\")*\"|TRUE|FALSE)\s*", re.IGNORECASE)


class Refused(Exception):  # noqa: N818 - the formula is refused, nothing went wrong
    """A formula has no value that the library could work out; the cell shows the error."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.kind)
        self.error = error


def parses(formula: str) -> bool:
    """Tell whether a stored formula can be read as one."""
    if is_broken(formula):
        return False
    try:
        formualizer.parse(formula)
    except (formualizer.ParserError, formualizer.TokenizerError, RuntimeError, ValueError):
        return False
    return True


def engine_name(sheet: Sheet) -> str:
    """Give the library's name of a tab: ids don't change when a tab is renamed."""
    return f"t{sheet.sheet_id}"


def for_library(formula: str, spreadsheet: Spreadsheet, home: Sheet) -> str:
    """Give a formula on a tab with the library's functions and names of tabs, and without named ranges and tables.

    Raises Refused if it can't be worked out.
    """

    def named_tab(title: str) -> str | None:
        sheet = spreadsheet.titled(title)
        return engine_name(sheet) if sheet else None

    if is_broken(formula):
        raise Refused(PARSE_ERROR)
    if loads_later(formula):
        raise Refused(LOADING)
    has_tables = any(sheet.features["tables"] for sheet in spreadsheet.sheets)
    if has_tables:
        formula = structured.resolve(formula, spreadsheet)
    unknown = _unknown_function(formula)
    if unknown:
        if not parses(formula):
            raise Refused(PARSE_ERROR)
        known = unknown.upper() in _SHEETS_ONLY
        raise Refused(NOT_EVALUATED if known else CellError("NAME", f"Unknown function: '{unknown}'."))
    if has_tables or spreadsheet.named_ranges:
        formula = _without_names(formula, spreadsheet)
    if _DIFFERENT.search(formula):
        if not parses(formula):  # it may also be nested too deeply
            raise Refused(PARSE_ERROR)
        formula = _translated(formula, spreadsheet, home)
    return references.normalise(formula, named_tab)


def _without_names(formula: str, spreadsheet: Spreadsheet) -> str:
    """Give a formula with ranges in place of the names of ranges and tables."""

    def area_of(name: str) -> str | None:
        named = spreadsheet.named(name)
        if named:
            return from_grid_range(named["range"], spreadsheet).text()
        table = structured.find(name, spreadsheet)
        return structured.body(*table) or "#REF!" if table else None

    return references.replace_names(formula, area_of)


def _translated(formula: str, spreadsheet: Spreadsheet, home: Sheet) -> str:
    def call(name: str, arguments: list[str]) -> str:
        upper = name.upper()
        if upper == "ARRAYFORMULA" and len(arguments) == 1:
            _check_each(arguments[0])
            return f"({_bounded(arguments[0], spreadsheet, home)})"
        if upper == "FILTER" and len(arguments) > 2:
            arguments = [arguments[0], "*".join(f"({condition})" for condition in arguments[1:])]
        if upper == "SORT" and len(arguments) > 1:
            return _sorted(arguments)
        return f"{name}({','.join(arguments)})"

    return calls.rewrite(formula, call, _stacked)


def _stacked(rows: list[list[str]]) -> str:
    """Give an array in braces; one of ranges is stacked from them, as the library has only constants in braces."""
    if all(_CONSTANT.fullmatch(text) for row in rows for text in row):
        return "{" + ";".join(",".join(row) for row in rows) + "}"
    lines = [f"HSTACK({','.join(row)})" if len(row) > 1 else f"({row[0]})" for row in rows]
    return f"VSTACK({','.join(lines)})" if len(lines) > 1 else lines[0]


def _sorted(arguments: list[str]) -> str:
    """Give SORT, which has a column or a range with TRUE for ascending for each key, with 1 for it and one key a call.

    Sorts keep the order of what is equal, so that the first key is the last to sort by.
    """
    written, keys = arguments[0], arguments[1:]
    pairs = list(zip(keys[::2], [*keys[1::2], "TRUE"], strict=False))
    for column, ascending in reversed(pairs):
        order = {"TRUE": "1", "1": "1", "FALSE": "-1", "0": "-1"}.get(ascending.upper(), f"IF({ascending},1,-1)")
        if not column.isdigit() and len(pairs) > 1:
            raise Refused(NOT_EVALUATED)
        written = f"{'SORT' if column.isdigit() else 'SORTBY'}({written},{column},{order})"
    return written


def _check_each(expression: str) -> None:
    """Raise Refused if the library doesn't work out a function in ARRAYFORMULA as Sheets does."""

    def call(name: str, arguments: list[str]) -> str:
        if name.upper() not in _FOR_EACH | _FOR_ALL and any(_MANY.search(text) for text in arguments):
            raise Refused(NOT_EVALUATED)
        return f"{name}({','.join(arguments)})"

    calls.rewrite(expression, call)


def _bounded(expression: str, spreadsheet: Spreadsheet, home: Sheet) -> str:
    """Give an expression with open ranges ending where their tab does: what is worked out for each cell is as long."""

    def bounded(reference: references.Reference) -> references.Reference:
        if not reference.is_range or reference.bottom or reference.left is None:
            return reference
        sheet = home if reference.sheet is None else spreadsheet.titled(reference.sheet) or home
        top = reference.top or references.End(0)
        return reference._replace(top=top, bottom=references.End(sheet.row_count - 1))

    return references.rewrite(expression, bounded)


def _unknown_function(formula: str) -> str | None:
    for match in _FUNCTION.finditer(formula):
        name = match.group(1)
        if name and name.upper() != "ARRAYFORMULA" and (name.upper() in _SHEETS_ONLY or not _is_known(name.upper())):
            return name
    return None


@cache
def _is_known(name: str) -> bool:
    """Tell whether the library has a function; it lists none, so it is asked."""
    book = formualizer.Workbook()
    book.add_sheet("probe")
    try:
        book.set_formula("probe", 1, 1, f"={name}(1)")
        value = book.evaluate_cell("probe", 1, 1)
    except (RuntimeError, ValueError):
        return True
    return not (isinstance(value, dict) and value.get("kind") == "Name")
