"""Which function answers which URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulators.sheets.errors import Json
from tests.emulators.sheets.masks import ALL, Mask, for_answer, project
from tests.emulators.sheets.schema import check, check_enum
from tests.emulators.sheets.store import Store


@dataclass
class Call:
    """One request: its parsed body, what its URL says, and who asks."""

    store: Store
    base_url: str
    caller: str
    path: dict[str, str]
    query: dict[str, list[str]]
    body: Any = None
    raw: bytes = b""
    content_type: str = ""

    def one(self, name: str, default: str = "") -> str:
        """Give a query parameter, the last one if it repeats."""
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        """Give a boolean query parameter."""
        return self.one(name).lower() in ("true", "1")

    def enum(self, message: str, field: str, name: str, default: str) -> str:
        """Give a query parameter that is an enum field of a message."""
        value = self.one(name)
        snake = re.sub(r"[A-Z]", lambda match: "_" + match.group().lower(), name)
        return check_enum(message, field, value, snake) if value else default

    def checked(self, schema: str, root: str = "") -> Json:
        """Give the body, checked against a schema; an absent one is empty."""
        found: Json = check(schema, {} if self.body is None else self.body, root)
        return found

    def mask(self, schema: str) -> Mask:
        """Give the mask of the `fields` parameter for an answer of the named schema."""
        text = self.one("fields")
        return for_answer(text, schema) if text else ALL

    def masked(self, answer: Json, schema: str) -> Json:
        """Give the part of an answer that the `fields` parameter asks for."""
        shown: Json = project(answer, self.mask(schema))
        return shown


@dataclass(frozen=True)
class Media:
    """An answer that is a file."""

    content: bytes
    content_type: str


Endpoint = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """A method and path with the function that answers it.

    `writes` says which quota it counts on, `media` that the body is a file and not JSON.
    """

    method: str
    pattern: re.Pattern[str]
    endpoint: Endpoint
    writes: bool
    media: bool = False


ROUTES: list[Route] = []


def answers(method: str, pattern: str, *, writes: bool, media: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Register the function that answers a method and path."""

    def register(endpoint: Endpoint) -> Endpoint:
        ROUTES.append(Route(method, re.compile(pattern, re.DOTALL), endpoint, writes, media))
        return endpoint

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Give the route for a request and the parts of its path."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match:
            return route, match.groupdict()
    return None
