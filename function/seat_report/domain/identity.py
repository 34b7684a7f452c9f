"""When two spellings are the same ID: the only place that decides it.

Sources: Salesforce's IDs of 15 characters differ in case alone; Microsoft writes GUIDs in any case, and in braces.
"""

import re
import unicodedata

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GUID_LENGTH = 36


def bare_id(text: str) -> str:
    """The ID alone: without spaces and invisible characters around it, and without braces around the whole of it."""
    if text and "!" <= text[0] <= "z" and "!" <= text[-1] <= "z":
        # Quick for nearly all: neither braces nor invisible.
        return text
    text = _without_invisible_ends(text)
    if text[:1] == "{" and text[-1:] == "}":
        inside = _without_invisible_ends(text[1:-1])
        if inside and not {"{", "}"} & set(inside):
            return inside
    return text


def looks_like_guid(text: str) -> bool:
    """Whether the ID is a GUID, the format of AvePoint's customer IDs."""
    return _is_guid(bare_id(text))


def canonical_id(text: str) -> str:
    """A form that is equal for two spellings of one ID: GUIDs whatever their case, other IDs to the letter."""
    bare = bare_id(text)
    return bare.lower() if _is_guid(bare) else bare


def _is_guid(bare: str) -> bool:
    return len(bare) == _GUID_LENGTH and _GUID.fullmatch(bare) is not None


def _without_invisible_ends(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while start < end and _is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_invisible(character: str) -> bool:
    """Whether it is a space, a control character or one without width, such as a byte order mark."""
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}
