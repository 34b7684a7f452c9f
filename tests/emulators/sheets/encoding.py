"""JSON as Google's front end writes it: two spaces, a final newline, non-ASCII as it is.

Long lists can be streams: they are made, written and forgotten piece by piece, so that a big answer needs little
memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pydantic_core

_CHUNK = 256 * 1024


class Stream:
    """A list that is made while it is written; it can be written once."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items


def encode(body: Any, *, compact: bool = False) -> Iterator[bytes]:
    """Give a body as pieces of JSON text."""
    collected = bytearray()
    for piece in _pieces(body, None if compact else 0):
        collected += piece
        if len(collected) >= _CHUNK:
            yield bytes(collected)
            collected.clear()
    collected += b"\n"
    yield bytes(collected)


def _pieces(value: Any, depth: int | None) -> Iterator[bytes]:
    """Give the text of a value whose first line is already indented; `depth` is None for compact text."""
    if not isinstance(value, Stream):
        try:
            yield _plain(value, depth)
        except pydantic_core.PydanticSerializationError:
            # A stream is somewhere inside.
            pass
        else:
            return
    inner = None if depth is None else depth + 1
    separator = b""
    if isinstance(value, dict):
        yield b"{"
        for name, item in value.items():
            yield separator + _line(depth, 1) + pydantic_core.to_json(name) + (b":" if depth is None else b": ")
            yield from _pieces(item, inner)
            separator = b","
        yield _line(depth, 0) + b"}"
        return
    yield b"["
    for item in value.items if isinstance(value, Stream) else value:
        yield separator + _line(depth, 1)
        yield from _pieces(item, inner)
        separator = b","
    yield _line(depth, 0) + b"]"


def _plain(value: Any, depth: int | None) -> bytes:
    if depth is None:
        return pydantic_core.to_json(value)
    # Strings hold no line breaks in JSON, so every one here starts a line.
    return pydantic_core.to_json(value, indent=2).replace(b"\n", b"\n" + b"  " * depth)


def _line(depth: int | None, more: int) -> bytes:
    return b"" if depth is None else b"\n" + b"  " * (depth + more)
