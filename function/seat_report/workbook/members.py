"""The members of the API's objects, each as the type that it must have; one that is left out has its default."""

from collections.abc import Mapping
from typing import Any

# Google's whole numbers are of 32 bits, and none of those that we read is negative.
_LARGEST = 2**31 - 1
_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}


def text(of: Mapping[str, Any], name: str, default: str | None = "") -> str:
    """A text; without a default it must be there. Raises ValueError."""
    value = of.get(name)
    value = default if value is None else value
    if not isinstance(value, str):
        raise _unexpected(name, "a text", value)
    return value


def number(of: Mapping[str, Any], name: str, default: int | None = 0) -> int:
    """A whole number from 0 on; without a default it must be there. Raises ValueError."""
    value = of.get(name)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise _unexpected(name, f"a whole number from 0 to {_LARGEST}", value)
    return value


def part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, empty if it is left out. Raises ValueError."""
    value = of.get(name)
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise _unexpected(name, "an object", value)
    return value


def objects(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty if it is left out. Raises ValueError."""
    value = of.get(name)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _unexpected(name, "a list of objects", value)
    return value


def named(value: object) -> str:
    """What kind of thing it is; not what it says, as that could be something to be kept quiet."""
    return "nothing" if value is None else _NAMES.get(type(value), "something else")


def _unexpected(name: str, expected: str, value: object) -> ValueError:
    found = f"a list of {len(value):,}" if isinstance(value, list) else named(value)
    return ValueError(f"expected {name} to be {expected}, found {found}")
