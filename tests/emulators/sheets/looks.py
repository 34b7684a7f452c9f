"""How the result of a formula looks by itself: the number format it takes over, the link it makes.

Facts: `=A1` is shown in the format of A1 (ValueRenderOption in the API's reference); the results of date functions are
dates; HYPERLINK makes a link.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from . import calls, references
from .colours import THEME
from .errors import Json

_TYPES = {
    **dict.fromkeys(("DATE", "TODAY", "EDATE", "EOMONTH", "WORKDAY", "DATEVALUE"), "DATE"),
    **dict.fromkeys(("TIME", "TIMEVALUE"), "TIME"),
    "NOW": "DATE_TIME",
}
FORMATS: dict[str, Json] = {kind: {"type": kind} for kind in ("DATE", "TIME", "DATE_TIME")}
# Functions whose result looks like the first of the cells they take.
_LIKE_ARGUMENT = ("SUM", "MIN", "MAX", "AVERAGE")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_REFERENCE = re.compile(r"(?:'(?:[^']|'')+'!|[^\W\d][\w.]*!)?\$?[A-Za-z]{1,3}\$?\d+(?![\w(:!])")
_HYPERLINK = re.compile(r"=\s*HYPERLINK\s*\(", re.IGNORECASE)


class Term(NamedTuple):
    """A part of a sum: whether it is taken away, and the type of format or the reference that it looks like."""

    is_negative: bool
    like: str | references.Reference | None


@lru_cache(maxsize=65536)
def terms(formula: str) -> tuple[Term, ...]:
    """Give what is added up in a formula, nothing if it is anything but a sum of numbers, cells and calls."""
    found: list[Term] = []
    position = 1
    while position < len(formula):
        sign = re.compile(r"\s*([+-]?)\s*").match(formula, position)
        if sign is None or (found and not sign[1]):
            return ()
        term = _term(formula, sign.end())
        if term is None:
            return ()
        like, position = term
        position += len(formula[position:]) - len(formula[position:].lstrip())
        found.append(Term(sign[1] == "-", like))
    return tuple(found)


def _term(formula: str, start: int) -> tuple[str | references.Reference | None, int] | None:
    """Give what the term at a place looks like, and where it ends."""
    number = _NUMBER.match(formula, start)
    if number:
        return None, number.end()
    reference = _REFERENCE.match(formula, start)
    if reference:
        return _first_reference(reference.group()), reference.end()
    call = calls.call_at(formula, start)
    if call is None:
        return None
    name = call.name.upper()
    if name in _LIKE_ARGUMENT and call.arguments:
        return _first_reference(call.arguments[0]), call.end
    return _TYPES.get(name), call.end


def _first_reference(text: str) -> references.Reference | None:
    """Give the reference that a text is."""
    parts = references.parts(text)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], references.Reference) else None


def makes_link(formula: str) -> bool:
    """Tell whether a formula is a HYPERLINK."""
    return bool(_HYPERLINK.match(formula))


def address_of(formula: str) -> str:
    """Give the expression for the address that a HYPERLINK leads to."""
    match = _HYPERLINK.match(formula)
    call = calls.call_at(formula, formula.upper().index("HYPERLINK")) if match else None
    return call.arguments[0] if call and call.arguments else '""'


def link_format(address: str) -> Json:
    """Give how a link of HYPERLINK looks."""
    colour = {"foregroundColor": THEME["LINK"], "foregroundColorStyle": {"themeColor": "LINK"}}
    return {"textFormat": {**colour, "underline": True, "link": {"uri": address}}, "hyperlinkDisplayType": "LINKED"}
