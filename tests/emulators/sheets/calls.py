"""The calls of functions in stored formulas, found by their brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

_PIECE = re.compile(
    r"""(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.]*)\(|(?P<open>[({])|(?P<close>[)}])|[,;]"""
)


class Call(NamedTuple):
    """A call: the function's name as it is written, its arguments, and where the call ends."""

    name: str
    arguments: tuple[str, ...]
    end: int


@lru_cache(maxsize=16384)
def call_at(formula: str, start: int) -> Call | None:
    """Give the call that begins at a place, None if there is none."""
    match = _PIECE.match(formula, start)
    if match is None or not match["name"]:
        return None
    parts, end = _parts(formula, match.end())
    arguments = tuple(text.strip() for text, _ in parts)
    return Call(match["name"], () if arguments == ("",) else arguments, end)


def _parts(formula: str, start: int) -> tuple[list[tuple[str, str]], int]:
    """Give the texts up to the bracket that closes, each with the separator behind it, and where that bracket ends."""
    depth, begun = 0, start
    found: list[tuple[str, str]] = []
    for match in _PIECE.finditer(formula, start):
        piece = match.group()
        if match["name"] or match["open"]:
            depth += 1
        elif match["close"] and depth:
            depth -= 1
        elif match["close"]:
            return [*found, (formula[begun : match.start()], "")], match.end()
        elif not match["text"] and not depth:
            found.append((formula[begun : match.start()], piece))
            begun = match.end()
    return [*found, (formula[begun:], "")], len(formula)


def rewrite(
    formula: str, call: Callable[[str, list[str]], str], array: Callable[[list[list[str]]], str] | None = None
) -> str:
    """Give a formula with its calls and arrays in braces replaced, inner ones first."""
    written, position = "", 0
    while match := _PIECE.search(formula, position):
        written += formula[position : match.start()]
        position = match.end()
        if match["name"] or match.group() == "{":
            parts, position = _parts(formula, match.end())
            inner = [(rewrite(text.strip(), call, array), separator) for text, separator in parts]
            if match["name"]:
                arguments = [text for text, _ in inner]
                written += call(match["name"], [] if arguments == [""] else arguments)
            else:
                written += array(_rows(inner)) if array else formula[match.start() : position]
        else:
            written += match.group()
    return written + formula[position:]


def _rows(parts: list[tuple[str, str]]) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for text, separator in parts:
        rows[-1].append(text)
        if separator == ";":
            rows.append([])
    return rows
