"""Formulas in relative form: two cells hold the same formula if copying one onto the other would give it."""

import re
from collections.abc import Mapping

from seat_report.workbook.sheets_api import column_letters

# Texts, quoted tab names and a table's columns in brackets are taken whole, so that what looks like a reference
# inside them is left alone; a name followed by "(" is a function (LOG10), one with more letters or digits around it
# no reference. A range may be open at its end: A2:A is the rest of the column, B2:2 the rest of the row.
_TOKENS = re.compile(
    r"""(?P<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^][]*\])
    |(?P<cell>(?<![\w.$])(?P<column_fixed>\$?)(?P<column>[A-Za-z]{1,3})(?P<row_fixed>\$?)(?P<row>[1-9]\d*)(?![\w(.!]))
    |(?P<columns>(?<![\w.$:])(?P<from_fixed>\$?)(?P<from>[A-Za-z]{1,3}):(?P<to_fixed>\$?)(?P<to>[A-Za-z]{1,3})(?![\w(.$]))
    |(?P<rows>(?<![\w.$:])(?P<top_fixed>\$?)(?P<top>[1-9]\d*):(?P<end_fixed>\$?)(?P<end>[1-9]\d*)(?![\w(.$]))
    |(?P<open_column>(?<=:)(?P<open_fixed>\$?)(?P<open>[A-Za-z]{1,3})(?![\w(.$!]))
    |(?P<open_row>(?<=:)(?P<open_row_fixed>\$?)(?P<open_number>[1-9]\d*)(?![\w(.$!]))""",
    re.VERBOSE,
)


def relative(formula: str, row: int, column: int) -> str:
    """The formula with each reference said as its distance from the cell at (row, column), counted from 0.

    Only for comparing: what it gives is no formula.
    """

    def told(match: re.Match[str]) -> str:
        part = match.groupdict()
        if part["quoted"] is not None:
            return match.group()
        if part["cell"] is not None:
            return _row(part["row_fixed"], part["row"], row) + _column(part["column_fixed"], part["column"], column)
        if part["columns"] is not None:
            first = _column(part["from_fixed"], part["from"], column)
            return first + ":" + _column(part["to_fixed"], part["to"], column)
        if part["rows"] is not None:
            return _row(part["top_fixed"], part["top"], row) + ":" + _row(part["end_fixed"], part["end"], row)
        if part["open_row"] is not None:
            return _row(part["open_row_fixed"], part["open_number"], row)
        return _column(part["open_fixed"], part["open"], column)

    return _TOKENS.sub(told, formula)


def translated(formula: str, rows: Mapping[int, int], columns: Mapping[int, int]) -> str:
    """The formula with its references to these rows and columns, counted from 0, following them to their new places."""

    def told(match: re.Match[str]) -> str:
        part = match.groupdict()
        if part["quoted"] is not None or (match.start() and formula[match.start() - 1] == "!"):
            return match.group()
        return _REFERENCE.sub(lambda found: _moved_part(found, rows, columns), match.group())

    return _TOKENS.sub(told, formula)


_REFERENCE = re.compile(r"(?P<fixed>\$?)(?:(?P<letters>[A-Za-z]+)|(?P<number>\d+))")


def _moved_part(match: re.Match[str], rows: Mapping[int, int], columns: Mapping[int, int]) -> str:
    if match["letters"]:
        index = _column_index(match["letters"])
        return match["fixed"] + (column_letters(columns[index]) if index in columns else match["letters"])
    index = int(match["number"]) - 1
    return f"{match['fixed']}{rows.get(index, index) + 1}"


def _row(fixed: str, number: str, base: int) -> str:
    return f"R{number}" if fixed else f"R[{int(number) - base}]"


def _column(fixed: str, letters: str, base: int) -> str:
    index = _column_index(letters)
    return f"C{index}" if fixed else f"C[{index - base}]"


def _column_index(letters: str) -> int:
    """The index of a column by its letters: A is 0."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
