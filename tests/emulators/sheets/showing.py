"""Values as people read them, and as the API writes them."""

from __future__ import annotations

from typing import Any

from . import numbers
from .errors import Json
from .formulas import CellError, Result
from .grid import Formula
from .locales import EN_US, Locale
from .notation import to_local


def show(value: Result, number_format: Json | None, locale: Locale = EN_US) -> str:
    """Give a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return locale.boolean(value)
    if isinstance(value, CellError):
        return value.text()
    if isinstance(value, str):
        return numbers.show_text(value, number_format)
    return numbers.show(value, number_format, locale)


def plain(number: float) -> float | int:
    """Give a number as JSON writes it: whole ones without a decimal point."""
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def extended(value: Result) -> Json:
    """Give a value as ExtendedValue."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, CellError):
        return {"errorValue": value.as_value()}
    if isinstance(value, str):
        return {"stringValue": str(value)}
    return {"numberValue": plain(value or 0)}


def entered(value: Any, locale: Locale = EN_US) -> Json:
    """Give what was entered as ExtendedValue, a formula as the locale writes it."""
    return {"formulaValue": to_local(value, locale)} if type(value) is Formula else extended(value)


def is_true(value: Result) -> bool:
    """Tell whether a value counts as true."""
    return value is True or (type(value) is float and value != 0)
