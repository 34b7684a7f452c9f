"""Makes text from outside safe to write to a sheet, show and log."""

import re
import unicodedata

_LONGEST_REPEATED = 100
_QUOTED = 80
# More bytes than are quoted: spaces are collapsed, and a character may take several bytes.
_INSPECTED_BYTES = 1024
_SPACE = re.compile(r"\s+")
# Marks that change the text direction, with which a name could disguise itself and the text around it.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def cut(text: str, longest: int) -> str:
    """The text, at most `longest` characters of it; an ellipsis ends a text that was cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def repeated(value: object) -> str:
    """A value as an error message repeats it."""
    return cut(repr(value), _LONGEST_REPEATED)


def found(value: object) -> str:
    """The found value, as an error message puts it: `found 'many'`."""
    return f"found {repeated(value)}"


def clean(text: str, longest: int) -> str:
    """The text without characters that can't be written or shown, trimmed, at most `longest` characters."""
    if not text.isprintable():
        text = "".join(map(_safe_character, text))
    return text.strip()[:longest].rstrip()


def shortened(text: str, longest: int) -> str:
    """The cleaned text on one line, at most `longest` characters, with an ellipsis where it was cut."""
    return cut(_SPACE.sub(" ", clean(text, len(text))), longest)


def quote(body: bytes) -> str:
    """The first characters of a body on one line, to quote to people and in logs."""
    text = body[:_INSPECTED_BYTES].decode("utf-8", "replace")
    return clean(_SPACE.sub(" ", clean(text, _INSPECTED_BYTES)), _QUOTED)


def _safe_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if character in _BIDI_CONTROLS:
        return ""
    # Half of a surrogate pair, or a noncharacter.
    if category == "Cs" or ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character
