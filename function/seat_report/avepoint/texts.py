"""Text from outside, made fit to be written to a sheet, shown and logged."""

import re
import unicodedata

_QUOTED = 80
# Far more than is quoted, so that what must be hidden is seen whole.
_LOOKED_AT = 65536
_SPACE = re.compile(r"\s+")
# Marks that turn the direction of the text around them, with which a name could disguise itself and its neighbours.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, longest: int) -> str:
    """The text with nothing in it that can't be written or shown, without surrounding space, at most so long."""
    if not text.isprintable():
        text = "".join(map(_shown, text))
    return text.strip()[:longest].rstrip()


def quote(body: bytes, hide: str = "") -> str:
    """The first characters of a body on one line, to be quoted to people and in logs; `hide` never appears in them."""
    text = body[:_LOOKED_AT].decode("utf-8", "replace")
    if hide:
        text = text.replace(hide, "…")
    text = text[:_QUOTED]
    return clean(_SPACE.sub(" ", clean(text, _QUOTED)), _QUOTED)


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
