"""What formulas come to: results, error values, and what a formula's text alone tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import Json
from .grid import Formula

_SPARKLINE = re.compile(r"=\s*SPARKLINE\s*\(", re.IGNORECASE)
_LOADS = re.compile(r"\bIMPORT(?:RANGE|DATA|FEED|HTML|XML)\s*\(", re.IGNORECASE)


# How the messages of arrays begin that can't fill their cells.
NO_ROOM = ("Array result was not expanded", "Result was not automatically expanded")


@dataclass(frozen=True)
class CellError:
    """An error value: its type as the API names it and, where the service gives one, a message."""

    kind: str
    message: str | None = None

    def text(self) -> str:
        """Give the error as people see it."""
        return _SHOWN[self.kind]

    def is_obstacle(self) -> bool:
        """Tell whether this is the error of an array that has no room."""
        return self.kind == "REF" and (self.message or "").startswith(NO_ROOM)

    def as_value(self) -> Json:
        """Give the error as an ErrorValue."""
        return {"type": self.kind} | ({"message": self.message} if self.message else {})


_SHOWN = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
PARSE_ERROR = CellError("ERROR", "Formula parse error.")
NOT_EVALUATED = CellError("N_A", "This local service can't evaluate the formula.")

LOADING = CellError("LOADING", "Loading...")
_NOT_CONNECTED = CellError("REF", "You need to connect these sheets.")

# None is a blank result.
Result = float | str | bool | CellError | None


def is_sparkline(value: Any) -> bool:
    """Tell whether a cell's value is a formula that draws instead of having a value."""
    return type(value) is Formula and bool(_SPARKLINE.match(value))


def loads_later(formula: str) -> bool:
    """Tell whether a formula has to fetch its value from elsewhere."""
    return bool(_LOADS.search(formula))


def failed_to_load(formula: str) -> CellError:
    """Give the error that follows when a formula has loaded: nothing can be fetched here."""
    return _NOT_CONNECTED if "IMPORTRANGE" in formula.upper() else NOT_EVALUATED


def names(text: str) -> frozenset[str]:
    """Give the words of a text, as names of functions."""
    return frozenset(text.split())
