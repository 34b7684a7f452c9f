r"""Formulas as a locale writes them, and as they are stored: with decimal points, commas between arguments.

Where numbers have a decimal comma, arguments are parted by `;` and the columns of an array in braces by `\`. Elsewhere
`;` is taken for `,` too. Names of functions are English everywhere. Facts:
https://www.benlcollins.com/spreadsheets/sheets-location/, github.com/axemonk/Spreadsheet-Formula/issues/19
"""

from __future__ import annotations

import re
from functools import lru_cache

from .locales import Locale

# Stand in a stored formula for signs that mean nothing at their place in its locale: the formula can't be parsed, but
# is read back as it was written.
_STRAYS = {"\ue000": ",", "\ue001": ".", "\ue002": "\\"}
_STRAY = {sign: stand_in for stand_in, sign in _STRAYS.items()}
_NO_COLUMNS = {"\\": _STRAY["\\"]}
_Signs = dict[str, str]


def _pieces(decimal: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<text>"(?:[^"]|"")*"?|'(?:[^']|'')*'?)
        |(?P<word>[^\W\d][\w.]*)
        |(?P<number>(?:\d+(?:{decimal}\d+)?|(?<![\w)}}"']){decimal}\d+)(?:[eE][+-]?\d+)?)
        |(?P<sign>[^\s\w])""",
        re.VERBOSE,
    )


_WITH_POINTS, _WITH_COMMAS = _pieces(r"\."), _pieces(",")


def is_broken(formula: str) -> bool:
    """Tell whether a stored formula has separators that mean nothing in the locale it was written in."""
    return any(stand_in in formula for stand_in in _STRAYS)


@lru_cache(maxsize=65536)
def to_stored(formula: str, locale: Locale) -> str:
    """Give a formula that is written in a locale as it is stored."""
    if locale.has_decimal_comma:
        signs = _STRAY | {";": ","}
        in_arrays = _STRAY | {"\\": ","}
        return _rewritten(formula, _WITH_COMMAS, signs, in_arrays, {",": "."})
    if ";" in formula or "\\" in formula:
        return _rewritten(formula, _WITH_POINTS, {";": ","} | _NO_COLUMNS, _NO_COLUMNS, {})
    return formula


@lru_cache(maxsize=65536)
def to_local(formula: str, locale: Locale) -> str:
    """Give a stored formula as a locale writes it."""
    if locale.has_decimal_comma:
        formula = _rewritten(formula, _WITH_POINTS, {",": ";"}, {",": "\\"}, {".": ","})
    if is_broken(formula):
        formula = "".join(_STRAYS.get(character, character) for character in formula)
    return str(formula)


def _rewritten(formula: str, pieces: re.Pattern[str], signs: _Signs, in_arrays: _Signs, decimals: _Signs) -> str:
    """Replace signs by what they are elsewhere, by other ones right inside braces, and the decimal signs of numbers."""
    brackets: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        piece = match.group()
        if match["number"]:
            return "".join(decimals.get(character, character) for character in piece)
        if not match["sign"]:
            return piece
        if piece in "({":
            brackets.append(piece)
        elif piece in ")}" and brackets:
            brackets.pop()
        inside = in_arrays if brackets and brackets[-1] == "{" else signs
        return inside.get(piece, piece)

    return pieces.sub(replaced, formula)
