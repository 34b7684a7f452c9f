"""Formulas in relative form: two cells have the same formula if copying one to the other would produce it."""

import re
from collections.abc import Mapping

from seat_report.workbook.sheets_api import column_letters

# Strings, quoted tab names and table columns in brackets are single tokens, so that anything in them that looks like a
# reference is left alone. A name followed by "(" is a function (LOG10); one with more letters or digits around it is
# not a reference. A range may be open-ended: A2:A is the rest of the column, B2:2 the rest of the row.
# No spreadsheet has a row of more than eight digits: a longer number is no reference, and Python may refuse to read it.
_TOKENS = re.compile(
    r"""(?P<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^][]*\])
    |(?P<cell>(?<![\w.$])(?P<column_fixed>\$?)(?P<column>[A-Za-z]{1,3})(?P<row_fixed>\$?)(?P<row>[1-9][0-9]{0,7})(?![\w(.!]))
    |(?P<columns>(?<![\w.$:])(?P<from_fixed>\$?)(?P<from>[A-Za-z]{1,3}):(?P<to_fixed>\$?)(?P<to>[A-Za-z]{1,3})(?![\w(.$]))
    |(?P<rows>(?<![\w.$:])(?P<top_fixed>\$?)(?P<top>[1-9][0-9]{0,7}):(?P<end_fixed>\$?)(?P<end>[1-9][0-9]{0,7})(?![\w(.$]))
    |(?P<open_column>(?<=:)(?P<open_fixed>\$?)(?P<open>[A-Za-z]{1,3})(?![\w(.$!]))
    |(?P<open_row>(?<=:)(?P<open_row_fixed>\$?)(?P<open_number>[1-9][0-9]{0,7})(?![\w(.$!]))""",
    re.VERBOSE,
)


def relative(formula: str, row: int, column: int) -> str:
    """The formula with each reference as its offset from the cell at (row, column), counted from 0.

    Only for comparison: the result is not a formula.
    """

    def to_relative(match: re.Match[str]) -> str:
        ref = match.groupdict()
        if ref["quoted"] is not None:
            return match.group()
        if ref["cell"] is not None:
            return _row_term(ref["row_fixed"], ref["row"], row) + _column_term(
                ref["column_fixed"], ref["column"], column
            )
        if ref["columns"] is not None:
            first = _column_term(ref["from_fixed"], ref["from"], column)
            return first + ":" + _column_term(ref["to_fixed"], ref["to"], column)
        if ref["rows"] is not None:
            return _row_term(ref["top_fixed"], ref["top"], row) + ":" + _row_term(ref["end_fixed"], ref["end"], row)
        if ref["open_row"] is not None:
            return _row_term(ref["open_row_fixed"], ref["open_number"], row)
        return _column_term(ref["open_fixed"], ref["open"], column)

    return _TOKENS.sub(to_relative, formula)


def translated(formula: str, rows: Mapping[int, int], columns: Mapping[int, int]) -> str:
    """The formula with references to these rows and columns, counted from 0, updated to their new positions."""

    def to_moved(match: re.Match[str]) -> str:
        ref = match.groupdict()
        if ref["quoted"] is not None or (match.start() and formula[match.start() - 1] == "!"):
            return match.group()
        return _REFERENCE.sub(lambda reference: _moved_reference(reference, rows, columns), match.group())

    return _TOKENS.sub(to_moved, formula)


_REFERENCE = re.compile(r"(?P<fixed>\$?)(?:(?P<letters>[A-Za-z]+)|(?P<number>\d+))")


def _moved_reference(match: re.Match[str], rows: Mapping[int, int], columns: Mapping[int, int]) -> str:
    if match["letters"]:
        index = _column_index(match["letters"])
        return match["fixed"] + (column_letters(columns[index]) if index in columns else match["letters"])
    index = int(match["number"]) - 1
    return f"{match['fixed']}{rows.get(index, index) + 1}"


def _row_term(fixed: str, number: str, base: int) -> str:
    return f"R{number}" if fixed else f"R[{int(number) - base}]"


def _column_term(fixed: str, letters: str, base: int) -> str:
    index = _column_index(letters)
    return f"C{index}" if fixed else f"C[{index - base}]"


def _column_index(letters: str) -> int:
    """The index of the column with these letters: A is 0."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
