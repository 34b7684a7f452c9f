"""Texts from outside, as they are told to people: never longer than somebody would read."""

_LONGEST_FOUND = 100


def cut(text: str, longest: int) -> str:
    """The text, or so many characters of it, the last of which then says that there was more."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def found(text: str) -> str:
    """What was found, as an error says it: `found 'many'`."""
    return f"found {cut(repr(text), _LONGEST_FOUND)}"
