"""Boolean conditions: of filters and of conditional formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from .document import Sheet
from .errors import Json
from .formulas import CellError, Result
from .numbers import to_serial

if TYPE_CHECKING:
    from .view import View

_NUMBERS: dict[str, Callable[[float, list[float]], bool]] = {
    "GREATER": lambda value, than: value > than[0],
    "GREATER_THAN_EQ": lambda value, than: value >= than[0],
    "LESS": lambda value, than: value < than[0],
    "LESS_THAN_EQ": lambda value, than: value <= than[0],
    "EQ": lambda value, than: value == than[0],
    "NOT_EQ": lambda value, than: value != than[0],
    "BETWEEN": lambda value, than: min(than) <= value <= max(than),
    "NOT_BETWEEN": lambda value, than: not min(than) <= value <= max(than),
}
_DATES: dict[str, Callable[[float, list[float]], bool]] = {
    "EQ": lambda value, than: int(value) == int(than[0]),
    "NOT_EQ": lambda value, than: int(value) != int(than[0]),
    "BEFORE": lambda value, than: value < than[0],
    "AFTER": lambda value, than: value >= int(than[0]) + 1,
    "ON_OR_BEFORE": lambda value, than: value < int(than[0]) + 1,
    "ON_OR_AFTER": lambda value, than: value >= than[0],
    "BETWEEN": lambda value, than: min(than) <= value < int(max(than)) + 1,
    "NOT_BETWEEN": lambda value, than: not min(than) <= value < int(max(than)) + 1,
    "IS_VALID": lambda value, than: True,  # noqa: ARG005 - every number is a date
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "CONTAINS": lambda text, wanted: wanted in text,
    "NOT_CONTAINS": lambda text, wanted: wanted not in text,
    "STARTS_WITH": lambda text, wanted: text.startswith(wanted),
    "ENDS_WITH": lambda text, wanted: text.endswith(wanted),
    "EQ": lambda text, wanted: text == wanted,
    "NOT_EQ": lambda text, wanted: text != wanted,
    "IS_EMAIL": lambda text, wanted: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text)),  # noqa: ARG005
    "IS_URL": lambda text, wanted: bool(re.fullmatch(r"(https?://)?[^\s/.]+\.[^\s]+", text)),  # noqa: ARG005
}


def holds(view: View, sheet: Sheet, row: int, column: int, condition: Json) -> bool:
    """Tell whether a cell meets a condition; a custom formula is not answered here."""
    value = view.effective(sheet, row, column)
    kind: str = condition.get("type", "")
    wanted = [item.get("userEnteredValue", "") for item in condition.get("values", [])]
    family, _, test = kind.partition("_")
    if kind in ("BLANK", "NOT_BLANK"):
        return (value in (None, "")) == (kind == "BLANK")
    if family == "NUMBER":
        numbers = [view.number(sheet, text) for text in wanted]
        return type(value) is float and None not in numbers and _NUMBERS[test](value, [n or 0.0 for n in numbers])
    if family == "DATE":
        days = [_as_day(view, sheet, item) for item in condition.get("values", [])]
        return type(value) is float and None not in days and _DATES[test](value, [day or 0.0 for day in days])
    if family == "TEXT":
        return _text_holds(test, value, wanted[0] if wanted else "", view.formatted(sheet, row, column))
    if kind == "ONE_OF_LIST":
        return view.formatted(sheet, row, column) in wanted
    if kind == "BOOLEAN":
        return isinstance(value, bool)
    return False


def _text_holds(test: str, value: Result, wanted: str, shown: str) -> bool:
    if value is None or isinstance(value, CellError):
        return test in ("NOT_CONTAINS", "NOT_EQ")
    return _TEXTS[test](shown.casefold(), wanted.casefold())


def _as_day(view: View, sheet: Sheet, value: Json) -> float | None:
    today = view.now.replace(hour=0, minute=0, second=0, microsecond=0)
    relative = {
        "TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1, "PAST_WEEK": -7, "PAST_MONTH": -30, "PAST_YEAR": -365,
    }  # fmt: skip
    if value.get("relativeDate") in relative:
        return to_serial(today + timedelta(days=relative[value["relativeDate"]]))
    return view.number(sheet, value.get("userEnteredValue", ""))
