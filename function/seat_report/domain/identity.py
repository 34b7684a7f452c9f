"""When two spellings are the same ID: the only place that decides it."""

import re

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def looks_like_guid(text: str) -> bool:
    """Whether the text is a GUID, the format of AvePoint's customer IDs."""
    return _GUID.fullmatch(text) is not None


def canonical_id(text: str) -> str:
    """A form that is equal for two spellings of one ID: GUIDs are case-insensitive, other IDs are case-sensitive."""
    return text.lower() if looks_like_guid(text) else text
