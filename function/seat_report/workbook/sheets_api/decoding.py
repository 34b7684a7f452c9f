"""Streaming JSON decoder: decodes a response as it arrives.

The text of a large workbook, some forty million characters, is never in memory at once.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

# Bytes to read at a time. Beyond 128 KiB malloc varies where it allocates, which leaves gaps it never gives back.
CHUNK = 64 * 1024
# What may follow a value. If anything else follows, or nothing yet, a number may continue.
_DELIMITERS = frozenset(",:]} \t\n\r")
_WHITESPACE = re.compile(r"[ \t\n\r]*")

# Names of members that may be too large to decode in one go, each mapped to such members of its own; for a list, of
# its entries. A list whose entries have none is decoded entry by entry.
LargeMembers = Mapping[str, "LargeMembers"]


def decode(chunks: Iterable[bytes], hook: Callable[[dict[str, Any]], Any], large: LargeMembers) -> Any:
    """Decode the JSON value in these chunks; `hook` converts each object, innermost first.

    Raises UnicodeDecodeError if it is not UTF-8, another ValueError if it is not JSON.
    """
    return _Decoder(chunks, hook).document(large)


class _Decoder:
    """Decodes one value; holds the text received but not decoded yet."""

    def __init__(self, chunks: Iterable[bytes], hook: Callable[[dict[str, Any]], Any]) -> None:
        self._incoming = codecs.iterdecode(chunks, "utf-8")
        self._hook = hook
        self._raw_decode = json.JSONDecoder(object_hook=hook).raw_decode
        self._text = ""
        self._position = 0

    def document(self, large: LargeMembers) -> Any:
        """The value, with nothing after it."""
        value = self._value(large)
        if self._peek():
            raise ValueError("expected nothing behind the JSON value")
        return value

    def _value(self, large: LargeMembers) -> Any:
        opening = self._peek()
        if opening == "[":
            return [self._value(large) if large else self._small_value() for _ in self._entries("]")]
        return self._object(large) if opening == "{" else self._small_value()

    def _object(self, large: LargeMembers) -> Any:
        members = {}
        for _ in self._entries("}"):
            name = self._small_value()
            if not isinstance(name, str) or self._peek() != ":":
                raise ValueError("expected a member's name and a colon")
            self._position += 1
            members[name] = self._value(large[name]) if name in large else self._small_value()
        return self._hook(members)

    def _entries(self, closing: str) -> Iterator[None]:
        """Stop at each entry of the list or object that starts here, then move past its end."""
        self._position += 1
        if self._peek() != closing:
            yield
            while (mark := self._peek()) != closing:
                if mark != ",":
                    raise ValueError(f"expected a comma or {closing}")
                self._position += 1
                yield
        self._position += 1

    def _small_value(self) -> Any:
        """The value that starts here, decoded in one go by the json module."""
        while True:
            self._peek()
            try:
                value, end = self._raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                if not self._receive():
                    # Its position refers to the remaining text only.
                    raise ValueError(error.msg) from error
            else:
                if self._text[end : end + 1] in _DELIMITERS or not self._receive():
                    self._position = end
                    return value

    def _peek(self) -> str:
        """Skip whitespace and return the next character without consuming it; empty at the end."""
        while True:
            match = _WHITESPACE.match(self._text, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._text) or not self._receive():
                return self._text[self._position : self._position + 1]

    def _receive(self) -> bool:
        """Extend the text if there is more: to twice its size, so that a large value is not restarted too often."""
        pending = self._text[self._position :]
        text = pending
        for piece in self._incoming:
            text += piece
            if len(text) > 2 * len(pending):
                break
        if len(text) == len(pending):
            return False
        self._text, self._position = text, 0
        return True
