"""An answer's JSON, decoded as it comes: the text of a large workbook, some forty million characters, never exists."""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

# What is read at a time. Pieces beyond 128 KiB malloc takes now from one place, now from another, and leaves gaps
# that it does not give back.
CHUNK = 64 * 1024
# What may follow a value: where anything else does, or nothing yet, a number may go on.
_FOLLOWING = frozenset(",:]} \t\n\r")
_SPACE = re.compile(r"[ \t\n\r]*")

# The names of an object's members that may be too large to be decoded whole, each with such members of its own; of
# a list, its entries'. A list whose entries have none is decoded entry by entry.
Large = Mapping[str, "Large"]


def decoded(chunks: Iterable[bytes], hook: Callable[[dict[str, Any]], Any], large: Large) -> Any:
    """The JSON value that comes in these chunks, `hook` making of each object what it is to be, innermost first.

    Raises UnicodeDecodeError if it is no UTF-8, another ValueError if it is no JSON.
    """
    return _Decoding(chunks, hook).document(large)


class _Decoding:
    """One value in the making, of the part of the text that is not decoded yet."""

    def __init__(self, chunks: Iterable[bytes], hook: Callable[[dict[str, Any]], Any]) -> None:
        self._pieces = codecs.iterdecode(chunks, "utf-8")
        self._hook = hook
        self._decode = json.JSONDecoder(object_hook=hook).raw_decode
        self._text = ""
        self._at = 0

    def document(self, large: Large) -> Any:
        """The value, and nothing behind it."""
        value = self._value(large)
        if self._next():
            raise ValueError("expected nothing behind the JSON value")
        return value

    def _value(self, large: Large) -> Any:
        opening = self._next()
        if opening == "[":
            return [self._value(large) if large else self._whole() for _ in self._entries("]")]
        return self._object(large) if opening == "{" else self._whole()

    def _object(self, large: Large) -> Any:
        members = {}
        for _ in self._entries("}"):
            name = self._whole()
            if not isinstance(name, str) or self._next() != ":":
                raise ValueError("expected a member's name and a colon")
            self._at += 1
            members[name] = self._value(large[name]) if name in large else self._whole()
        return self._hook(members)

    def _entries(self, closing: str) -> Iterator[None]:
        """Stops before each entry of the list or object that begins here; goes past its end."""
        self._at += 1
        if self._next() != closing:
            yield
            while (mark := self._next()) != closing:
                if mark != ",":
                    raise ValueError(f"expected a comma or {closing}")
                self._at += 1
                yield
        self._at += 1

    def _whole(self) -> Any:
        """The value that begins here, by the json module at once."""
        while True:
            self._next()
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    # Its position is one in what was left.
                    raise ValueError(error.msg) from error
            else:
                if self._text[end : end + 1] in _FOLLOWING or not self._more():
                    self._at = end
                    return value

    def _next(self) -> str:
        """The next character that is no white space, which is where it goes on; nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _more(self) -> bool:
        """Have more of the text, if there is more: twice as much, so that a large value is not begun too often."""
        kept = self._text[self._at :]
        text = kept
        for piece in self._pieces:
            text += piece
            if len(text) > 2 * len(kept):
                break
        if len(text) == len(kept):
            return False
        self._text, self._at = text, 0
        return True


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
