"""Which function answers which URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulators.sheets.errors import Json, violations
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


@dataclass(frozen=True)
class Media:
    """An answer that is a file."""

    content: bytes
    content_type: str


Endpoint = Callable[[Call], Any]


@dataclass(frozen=True)
class Route:
    """A method and path with the function that answers it.

    `writes` says which quota it counts on, `media` that the body is a file and not JSON. `schema` is that of the
    answer, which `fields` trims, and `query` are the parameters that the method takes; Drive's methods, which have
    none of either here, look after both themselves.
    """

    method: str
    pattern: re.Pattern[str]
    endpoint: Endpoint
    writes: bool
    media: bool = False
    schema: str = ""
    query: frozenset[str] = frozenset()


ROUTES: list[Route] = []


def answers(
    method: str, pattern: str, *, writes: bool, media: bool = False, schema: str = "", query: str = ""
) -> Callable[[Endpoint], Endpoint]:
    """Register the function that answers a method and path; `query` lists its parameters."""

    def register(endpoint: Endpoint) -> Endpoint:
        parameters = frozenset(query.split())
        ROUTES.append(Route(method, re.compile(pattern, re.DOTALL), endpoint, writes, media, schema, parameters))
        return endpoint

    return register


# Parameters that every method takes.
_GLOBAL = frozenset(
    {"$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser"}
    | {"upload_protocol", "uploadType"}
)


def answer(route: Route, call: Call) -> Any:
    """Carry out a request: first what the URL asks for is checked, then the method does its work."""
    if not route.schema:
        return route.endpoint(call)
    unknown = [name for name in call.query if name not in _GLOBAL | route.query]
    if unknown:
        raise violations([("", _cannot_bind(name)) for name in unknown])
    mask = call.mask(route.schema)
    return project(route.endpoint(call), mask)


def _cannot_bind(name: str) -> str:
    return (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Give the route for a request and the parts of its path; a slash at the path's end is passed over."""
    found = _find(method, path)
    # Not at once: a slash may belong to a range.
    return found or _find(method, re.sub(r"/(?=:|$)", "", path))


def _find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match:
            return route, match.groupdict()
    return None
