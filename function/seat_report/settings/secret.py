"""Text that is not to be shown, and what is shown in its place where somebody else repeats it."""

import json
from functools import lru_cache
from urllib.parse import quote, quote_plus

# Anything shorter is nobody's secret, and hiding it would spoil what merely looks like it.
_SHORTEST = 8
INSTEAD = "(hidden)"


class Secret:
    """A credential: wherever it is printed, logged or formatted, it shows that it is one, and nothing of itself.

    No dataclass, as turning one into a dictionary would lay it open.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def hidden(body: bytes, secret: str) -> bytes:
    """The body with the secret hidden, in whatever form an echo would have it."""
    for form in forms(secret):
        body = body.replace(form.encode(), INSTEAD.encode())
    return body


@lru_cache(maxsize=8)
def forms(secret: str) -> tuple[str, ...]:
    """The secret as it is, as a form field or part of an address, and within JSON."""
    if len(secret) < _SHORTEST:
        return ()
    in_json = [json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    found = [secret, quote_plus(secret), quote(secret, safe=""), *in_json]
    return tuple(dict.fromkeys([*found, *(form.replace("/", "\\/") for form in in_json)]))
