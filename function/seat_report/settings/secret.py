"""Credentials that must not be shown, and redaction where another service repeats one."""

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

# Anything shorter is no real secret, and redacting it would spoil unrelated text.
_MIN_LENGTH = 8
# How often a text may be escaped again: a gateway's page may quote a JSON text that quotes a URL.
_MOST_LEVELS = 6
INSTEAD = b"(hidden)"
# JSON's and JavaScript's escapes (a pair of surrogates is one character), HTML's references, and those of URLs.
_ESCAPE = re.compile(
    rb"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
    |\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\["'\\/bfnrt]
    |&\#[0-9]{1,10};?|&\#[xX][0-9a-fA-F]{1,8};?|&[A-Za-z][A-Za-z0-9]{1,31};
    |%[0-9a-fA-F]{2}|%u[0-9a-fA-F]{4}""",
    re.VERBOSE,
)
# Those of ASCII alone: all that matter for a token, and few where names are escaped letter by letter.
_ASCII_ESCAPE = re.compile(
    rb"""\\u00[0-7][0-9a-fA-F]|\\x[0-7][0-9a-fA-F]|\\["'\\/bfnrt]
    |&\#0{0,7}1?[0-9]{2}(?:;|(?![0-9]))|&\#[xX]0{0,6}[2-7][0-9a-fA-F](?:;|(?![0-9a-fA-F]))|&[A-Za-z][A-Za-z0-9]{1,31};
    |%[0-7][0-9a-fA-F]|%u00[0-7][0-9a-fA-F]""",
    re.VERBOSE,
)
_ESCAPED = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Secret:
    """A credential that never reveals itself when printed, logged or formatted.

    Not a dataclass: `asdict` would expose the text.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the code that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def hidden(body: bytes, secret: str) -> bytes:
    """The body with the secret replaced in whatever spelling it is repeated there; the same object if it is not.

    Spellings are escapes of JSON, HTML and URLs, also of some characters only, and several times over.
    """
    if len(secret) < _MIN_LENGTH:
        return body
    spans = sorted(_spans(body, _needles(secret), _ASCII_ESCAPE if secret.isascii() else _ESCAPE))
    if not spans:
        return body
    parts = []
    behind = 0
    for start, end in spans:
        # Of spans that overlap, the first hides what they share.
        if start >= behind:
            parts += [body[behind:start], INSTEAD]
        behind = max(behind, end)
    return b"".join([*parts, body[behind:]])


class _Unescaped(NamedTuple):
    """A text with its escapes decoded once, and where each decoded one lies in both texts."""

    text: bytes
    # Arrays, because a large text may hold millions of escapes: where each begins and ends, before and after decoding.
    starts: "array[int]"
    ends: "array[int]"
    source_starts: "array[int]"
    source_ends: "array[int]"

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text before decoding that became this one."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, offset: int) -> tuple[int, int]:
        """The span that became the byte at this offset."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0:
            return offset, offset + 1
        beyond = offset - self.ends[index]
        source_end = self.source_ends[index]
        if beyond < 0:
            return self.source_starts[index], source_end
        return source_end + beyond, source_end + beyond + 1


def _spans(body: bytes, needles: Sequence[bytes], escape: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Where one of these is in the body, however often that is escaped."""
    levels: list[_Unescaped] = []
    text = body
    while True:
        spaced = _spaced(text)
        for needle in needles:
            at = spaced.find(needle)
            while at >= 0:
                span = (at, at + len(needle))
                for level in reversed(levels):
                    span = level.source(*span)
                yield span
                at = spaced.find(needle, at + 1)
        if len(levels) == _MOST_LEVELS or not any(mark in text for mark in (b"\\", b"&", b"%")):
            return
        unescaped = _unescaped(text, escape)
        if unescaped.text == text:
            return
        levels.append(unescaped)
        text = unescaped.text


def _unescaped(text: bytes, escape: re.Pattern[bytes]) -> _Unescaped:
    starts, ends, source_starts, source_ends = (array("I") for _ in range(4))
    decoded = bytearray()
    behind = 0
    for match in escape.finditer(text):
        decoded += text[behind : match.start()]
        starts.append(len(decoded))
        decoded += _decoded(match.group())
        ends.append(len(decoded))
        source_starts.append(match.start())
        source_ends.append(match.end())
        behind = match.end()
    decoded += text[behind:]
    return _Unescaped(bytes(decoded), starts, ends, source_starts, source_ends)


def _decoded(escape: bytes) -> bytes:
    """The character or byte that an escape stands for."""
    if escape.startswith(b"&"):
        return html.unescape(escape.decode()).encode("utf-8", "surrogatepass")
    if escape[1:2] == b"u":
        units = b"".join(bytes.fromhex(unit.decode()) for unit in re.findall(rb"[0-9a-fA-F]{4}", escape))
        return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    if escape.startswith(b"%") or escape[1:2] == b"x":
        return bytes.fromhex(escape[-2:].decode())
    return _ESCAPED.get(escape[1:], escape[1:])


def _spaced(text: bytes) -> bytes:
    """The text with a plus sign like a space, for which it stands in form fields."""
    return text.replace(b"+", b" ")


@lru_cache(maxsize=8)
def _needles(secret: str) -> tuple[bytes, ...]:
    """The secret as it is, and decoded like the texts it is searched in, should it look as if it held escapes."""
    text = secret.encode("utf-8", "surrogatepass")
    needles = [text]
    for _ in range(_MOST_LEVELS):
        text = _unescaped(text, _ESCAPE).text
        needles.append(text)
    return tuple(dict.fromkeys(_spaced(needle) for needle in needles if len(needle) >= _MIN_LENGTH))
