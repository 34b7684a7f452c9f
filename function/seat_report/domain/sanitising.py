"""Text from outside, made fit to be written to a sheet, shown and logged."""

import re
import unicodedata

_LONGEST_REPEATED = 100
_QUOTED = 80
# More bytes than are quoted, as space is taken together and a character may have several.
_LOOKED_AT = 1024
_SPACE = re.compile(r"\s+")
# Marks that turn the direction of the text around them, with which a name could disguise itself and its neighbours.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def cut(text: str, longest: int) -> str:
    """The text, or so many characters of it, the last of which then says that there was more."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def repeated(value: object) -> str:
    """A value as an error repeats it."""
    return cut(repr(value), _LONGEST_REPEATED)


def found(value: object) -> str:
    """What was found, as an error says it: `found 'many'`."""
    return f"found {repeated(value)}"


def clean(text: str, longest: int) -> str:
    """The text with nothing in it that can't be written or shown, without surrounding space, at most so long."""
    if not text.isprintable():
        text = "".join(map(_shown, text))
    return text.strip()[:longest].rstrip()


def shortened(text: str, longest: int) -> str:
    """The text on one line, fit to be shown and at most so long, with an ellipsis where something is left out."""
    return cut(_SPACE.sub(" ", clean(text, len(text))), longest)


def quote(body: bytes) -> str:
    """The first characters of a body on one line, to be quoted to people and in logs."""
    text = body[:_LOOKED_AT].decode("utf-8", "replace")
    return clean(_SPACE.sub(" ", clean(text, _LOOKED_AT)), _QUOTED)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if character in _TURNING:
        return ""
    # Half of a surrogate pair, and what Unicode will never assign.
    if category == "Cs" or ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character
