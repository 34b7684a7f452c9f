"""Credentials that must not be shown, and redaction where another service repeats one."""

import json
from functools import lru_cache
from urllib.parse import quote, quote_plus

# Anything shorter is no real secret, and redacting it would spoil unrelated text.
_MIN_LENGTH = 8
INSTEAD = "(hidden)"


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
    """The body with the secret replaced, in every form in which a service may repeat it."""
    for form in forms(secret):
        body = body.replace(form.encode(), INSTEAD.encode())
    return body


@lru_cache(maxsize=8)
def forms(secret: str) -> tuple[str, ...]:
    """The secret as it is, as a form field or part of a URL, and within JSON."""
    if len(secret) < _MIN_LENGTH:
        return ()
    in_json = [json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    candidates = [secret, quote_plus(secret), quote(secret, safe=""), *in_json]
    return tuple(dict.fromkeys([*candidates, *(form.replace("/", "\\/") for form in in_json)]))
