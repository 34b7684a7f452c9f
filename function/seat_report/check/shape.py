"""The shape of a JSON value: names and types of its members, never their values."""

import re
from collections.abc import Sequence
from typing import Any

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_MOST_NAMES = 20
_MOST_LEVELS = 4
_MOST_ITEMS = 200


def shape(value: Any) -> str:
    """The shape of a value, on one line: `2 of {id: text, name: text, assignedUserSeat: whole number}`.

    A member that not every object of a list has is followed by a question mark. Names that are no plain identifiers
    are left out: they may be data.
    """
    return _shape([value], 0)


def _shape(values: Sequence[Any], level: int) -> str:
    """What values in one place have in common: the shape of each, or several, separated by `or`."""
    values = values[:_MOST_ITEMS]
    shapes = dict.fromkeys(_scalar(value) for value in values if not isinstance(value, dict | list))
    objects = [value for value in values if isinstance(value, dict)]
    lists = [value for value in values if isinstance(value, list)]
    if objects:
        shapes[_object(objects, level)] = None
    if lists:
        shapes[_list(lists, level)] = None
    return " or ".join(shapes)


def _object(objects: Sequence[dict[str, Any]], level: int) -> str:
    if level == _MOST_LEVELS:
        return "{…}"
    names = list(dict.fromkeys(name for one in objects for name in one))
    shown = [name for name in names if _NAME.fullmatch(name)][:_MOST_NAMES]
    members = []
    for name in shown:
        found = [one[name] for one in objects if name in one]
        members.append(f"{name}{'' if len(found) == len(objects) else '?'}: {_shape(found, level + 1)}")
    if len(shown) < len(names):
        members.append(f"{len(names) - len(shown)} other names")
    return "{" + ", ".join(members) + "}"


def _list(lists: Sequence[list[Any]], level: int) -> str:
    items = [item for one in lists for item in one]
    if not items:
        return "an empty list"
    if level == _MOST_LEVELS:
        return "[…]"
    return f"{len(items):,} of {_shape(items, level + 1)}"


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "whole number" if value >= 0 else "negative number"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "digits as text" if re.fullmatch(r"[0-9]{1,15}", value) else "text" if value else "empty text"
    return "two different values"
