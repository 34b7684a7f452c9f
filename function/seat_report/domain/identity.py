"""When two spellings are the same ID: the one place that decides it."""

import re

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def looks_like_guid(text: str) -> bool:
    """Whether the text is written as a GUID, the form of AvePoint's customer IDs."""
    return _GUID.fullmatch(text) is not None


def canonical_id(text: str) -> str:
    """The form in which two spellings of one ID are equal: a GUID's case means nothing, other IDs' does."""
    return text.lower() if looks_like_guid(text) else text
