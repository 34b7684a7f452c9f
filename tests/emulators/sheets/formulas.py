"""What formulas come to: results, error values, and what a formula's text alone tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import Json
from .grid import Formula

_SPARKLINE = re.compile(r"=\s*SPARKLINE\s*\(", re.IGNORECASE)
_DATES = re.compile(r"=\s*(DATE|TODAY|EDATE|EOMONTH|WORKDAY|DATEVALUE)\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class CellError:
    """An error value: its type as the API names it and, where the service gives one, a message."""

    kind: str
    message: str | None = None

    def text(self) -> str:
        """Give the error as people see it."""
        return _SHOWN[self.kind]

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
}
PARSE_ERROR = CellError("ERROR", "Formula parse error.")
NOT_EVALUATED = CellError("N_A", "This local service can't evaluate the formula.")

# None is a blank result.
Result = float | str | bool | CellError | None


def is_sparkline(value: Any) -> bool:
    """Tell whether a cell's value is a formula that draws instead of having a value."""
    return type(value) is Formula and bool(_SPARKLINE.match(value))


def shows_date(formula: str) -> bool:
    """Tell whether a formula without a format of its own is shown as a date."""
    return bool(_DATES.match(formula))
