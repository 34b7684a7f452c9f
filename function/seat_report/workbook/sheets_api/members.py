"""Typed access to members of API objects. Missing or null means the default; a wrong type is a ValueError."""

from collections.abc import Mapping
from typing import Any

# Google's integers have 32 bits, and none of those read here is negative.
_MAX_INTEGER = 2**31 - 1


_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}


def text(parent: Mapping[str, Any], name: str, default: str | None = "") -> str:
    """A string; required if there is no default. Raises ValueError."""
    value = parent.get(name)
    value = default if value is None else value
    if not isinstance(value, str):
        raise _unexpected(name, "a text", value)
    return value


def number(parent: Mapping[str, Any], name: str, default: int | None = 0) -> int:
    """A non-negative integer; required if there is no default. Raises ValueError."""
    value = parent.get(name)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_INTEGER:
        raise _unexpected(name, f"a whole number from 0 to {_MAX_INTEGER}", value)
    return value


def nested(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, empty if left out. Raises ValueError."""
    value = parent.get(name)
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise _unexpected(name, "an object", value)
    return value


def objects(parent: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty if left out. Raises ValueError."""
    value = parent.get(name)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _unexpected(name, "a list of objects", value)
    return value


def kind_of(value: object) -> str:
    """The kind of value, for error messages; never the value itself, which may be confidential."""
    return "nothing" if value is None else _KINDS.get(type(value), "something else")


def _unexpected(name: str, expected: str, value: object) -> ValueError:
    actual = f"a list of {len(value):,}" if isinstance(value, list) else kind_of(value)
    return ValueError(f"expected {name} to be {expected}, found {actual}")
