"""The values that conditions compare with: read as if typed into a cell, in the spreadsheet's locale.

How many a type of condition takes, and where it may be used, is what the API's published description says of the type.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import NamedTuple

from . import notation, references, schema
from .dialect import parses
from .document import Spreadsheet
from .errors import ApiError, Json, invalid
from .locales import Locale
from .numbers import from_serial, general
from .typed import read, to_number

VALIDATION, FORMATTING, FILTERS = "data validation", "conditional formatting", "filters"
# Whether a text is a date doesn't depend on the day, except for February 29 without a year.
_LEAP_DAY = datetime(2024, 2, 29)  # noqa: DTZ001 - serial dates have no time zone
_COUNTS = {"no": (0, 0), "a single": (1, 1), "exactly two": (2, 2), "at least one": (1, None)}
_POINTS_WITH_VALUES = ("NUMBER", "PERCENT", "PERCENTILE")


class _Kind(NamedTuple):
    """What is published about a type of condition."""

    uses: frozenset[str]
    requires: str | None


@cache
def _kinds() -> dict[str, _Kind]:
    described = schema.properties("BooleanCondition")["type"]
    found = {}
    for name, text in zip(described["enum"], described["enumDescriptions"], strict=True):
        supported = re.search(r"Supported by ([^.]*)(?<!data source objects)\.", text)
        uses = frozenset(use for use in (VALIDATION, FORMATTING, FILTERS) if supported and use in supported[1])
        requires = re.search(r"Requires (no|a single|exactly two|at least one) ConditionValues?\b", text)
        found[name] = _Kind(uses, requires and requires[1])
    return found


def checked(condition: Json, use: str, spreadsheet: Spreadsheet) -> Json:
    """Give a condition as it is stored; raises ApiError if it can't be used so, or one of its values can't be read."""
    name = condition.get("type", "")
    kind = _kinds().get(name)
    if kind is None or use not in kind.uses:
        raise invalid(f"ConditionType: {name} is not supported for {use}.")
    values = condition.get("values", [])
    if kind.requires:
        least, most = _COUNTS[kind.requires]
        if len(values) < least or (most is not None and len(values) > most):
            raise invalid(f"ConditionType: {name} requires {kind.requires} ConditionValue{'s' * (most != 1)}.")
    for value in values:
        if ("relativeDate" in value) == ("userEnteredValue" in value):
            raise invalid("A ConditionValue must specify either a relativeDate or a userEnteredValue.")
        if not _is_readable(name, value, use, spreadsheet.locale):
            raise _unreadable(name, value)
    if name != "ONE_OF_RANGE":
        return condition
    return {**condition, "values": [{"userEnteredValue": _fixed(value["userEnteredValue"])} for value in values]}


def _unreadable(name: str, value: Json) -> ApiError:
    # Only one for a range was recorded with the type behind it.
    text = f"Invalid ConditionValue.userEnteredValue: {value.get('userEnteredValue', '')}"
    return invalid(f"{text} for ConditionType: {name}" if name == "ONE_OF_RANGE" else text)


def _is_readable(name: str, value: Json, use: str, locale: Locale) -> bool:
    text: str = value.get("userEnteredValue", "")
    family = name.partition("_")[0]
    if "relativeDate" in value:
        # The description has no DATE_EQ here, but rules for today are known to be such.
        return use != VALIDATION and name.startswith(("DATE_EQ", "DATE_BEFORE", "DATE_AFTER", "DATE_ON_OR"))
    is_formula = text.startswith("=")
    if name == "ONE_OF_LIST":
        return not is_formula
    if name in ("CUSTOM_FORMULA", "ONE_OF_RANGE") and not is_formula:
        return False
    if is_formula:
        return parses(notation.to_stored(text, locale))
    return family not in ("NUMBER", "DATE") or to_number(text, _LEAP_DAY, locale) is not None


def _fixed(formula: str) -> str:
    """Give a range as it is read back: with dollars before its rows and columns."""

    def fixed(end: references.End | None) -> references.End | None:
        return end and end._replace(fixed=True)

    return references.rewrite(
        formula,
        lambda found: found._replace(
            top=fixed(found.top), left=fixed(found.left), bottom=fixed(found.bottom), right=fixed(found.right)
        ),
    )


def check_gradient(rule: Json, spreadsheet: Spreadsheet) -> None:
    """Raise ApiError if the value of one of a gradient's points can't be read."""
    for point in rule.values():
        text = point.get("value", "")
        if point.get("type") in _POINTS_WITH_VALUES:
            is_formula = text.startswith("=") and parses(notation.to_stored(text, spreadsheet.locale))
            if not is_formula and to_number(text, _LEAP_DAY, spreadsheet.locale) is None:
                raise invalid(f"Invalid InterpolationPoint.value: {text}")


def in_locale(text: str, old: Locale, new: Locale) -> str:
    """Give what was typed in one locale as it is typed in another."""
    if text.startswith("="):
        return notation.to_local(notation.to_stored(text, old), new)
    found = read(text, _LEAP_DAY, None, old)
    if type(found.value) is not float:
        return text
    if (found.number_format or {}).get("type") in ("DATE", "DATE_TIME"):
        return from_serial(found.value).strftime("%Y-%m-%d")
    return general(found.value).replace(".", new.decimal)
