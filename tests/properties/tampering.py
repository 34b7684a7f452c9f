"""Replacements of Google's responses: mutations of real ones, corrupted ones, and other statuses and bodies."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from hypothesis import strategies as st

from seat_report.domain.sanitising import repeated
from tests.properties.corpus import CORPUS, HALVES

TOKEN = "canary.of/an+access-token=="


class Reply(NamedTuple):
    """A response that replaces one of Google's."""

    status: int
    body: bytes

    def __repr__(self) -> str:
        return f"Reply({self.status}, {repeated(self.body)})"


# How a response is changed, or what replaces it, whatever it is.
Tampering = Callable[[bytes], Reply] | Reply

# The path of a node, with * for any index of a list, so that a thousand cells are not chosen more often than the title.
Path = tuple[str, ...]
Node = tuple[Any, Any]

UNUSUAL_VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 5.0, 0.5, 2**31 - 1, 2**31, 2**53 + 1, 10**30, 10**400, 1e308, -1e308),
    *(float("nan"), float("inf"), "", "x", "5", "=1+1", "c-1", "Seat Report", "Europe/Berlin", "\ud800", TOKEN),
    *([], [[]], [{}], [5], {}, {"x": 1}, {"stringValue": "x"}, {"numberValue": 1e308}, {"values": [{"x": 1}]}),
]
texts = st.sampled_from([hostile.text for hostile in CORPUS + HALVES]) | st.text(st.characters(exclude_categories=[]))
unusual_values = st.sampled_from(UNUSUAL_VALUES) | texts
indexes = st.integers(0, 2**16)


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every member and item within a value: its path, its container, and its name or index there."""
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            inner_path = (*path, key if isinstance(value, dict) else "*")
            yield inner_path, (value, key)
            yield from nodes(inner, inner_path)


def choose_node(document: Any, path_index: int, node_index: int) -> Node | None:
    """The node that these numbers select; None if the document has none."""
    by_path: dict[Path, list[Node]] = {}
    for path, node in nodes(document):
        by_path.setdefault(path, []).append(node)
    if not by_path:
        return None
    candidates = by_path[sorted(by_path)[path_index % len(by_path)]]
    return candidates[node_index % len(candidates)]


def drop(parent: Any, key: Any, _: Any) -> None:
    """Remove the node."""
    del parent[key]


def replace(parent: Any, key: Any, unusual_value: Any) -> None:
    """Replace the node by an unusual value."""
    parent[key] = deepcopy(unusual_value)


def duplicate(parent: Any, key: Any, _: Any) -> None:
    """Duplicate the node in its list, or turn it into a list of two."""
    if isinstance(parent, list):
        parent.insert(key, deepcopy(parent[key]))
    else:
        parent[key] = [parent[key], deepcopy(parent[key])]


def halve(parent: Any, key: Any, _: Any) -> None:
    """Keep the first half of the node, or remove it."""
    value = parent[key]
    if isinstance(value, str | list):
        parent[key] = value[: len(value) // 2]
    else:
        del parent[key]


def add_unknown_member(parent: Any, key: Any, unusual_value: Any) -> None:
    """Add an unknown member to the node or its container."""
    value = parent[key]
    for container in (value, parent):
        if isinstance(container, dict):
            container["futureMember"] = {"of": [deepcopy(unusual_value)]}
            return


@st.composite
def mutations(draw: st.DrawFn, mutators: Sequence[Callable[[Any, Any, Any], None]], max_count: int = 3) -> Tampering:
    """A few mutations of a real response, each at a random node."""
    chosen_mutations = draw(
        st.lists(st.tuples(st.sampled_from(mutators), indexes, indexes, unusual_values), min_size=1, max_size=max_count)
    )

    def tampering(body: bytes) -> Reply:
        document = json.loads(body)
        for mutate, path_index, node_index, unusual_value in chosen_mutations:
            if node := choose_node(document, path_index, node_index):
                mutate(*node, unusual_value)
        return Reply(200, json.dumps(document).encode())

    return tampering


ECHO = f"GET /v4/spreadsheets HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
BODIES = [
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"null",
        b"5",
        b'"x"',
        b"[]",
        b"{}",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}{}",
    ),
    *(b'{"error": "denied"}', b'{"error": {}}', b'{"error": []}', b'{"error": {"code": "x", "message": {}}}'),
    b"<!doctype html><title>Sign in</title><form action=/login>",
    ECHO.encode(),
    json.dumps({"error": {"code": 400, "message": ECHO, "status": TOKEN}}).encode(),
    json.dumps({"error": {"message": f"{'x' * 300}{TOKEN}{'y' * 300}"}}).replace("/", "\\/").encode(),
    json.dumps({"properties": {"title": TOKEN}, "sheets": TOKEN}).encode(),
    json.dumps({"properties": {"timeZone": {TOKEN: 1}}}).encode(),
    f"<html>{TOKEN}</html>".encode(),
]
CORRUPTIONS: list[Callable[[bytes], bytes]] = [
    lambda body: body[: len(body) // 2],
    lambda body: body[:-1],
    lambda body: body + body,
    lambda body: b"[" + body + b"]",
    lambda body: body.replace(b'"', b"'"),
    lambda body: body.decode().encode("utf-16"),
    lambda body: body.replace(b"e", b"\xff"),
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: b")]}'\n" + body,
]
STATUSES = [
    *(200, 201, 202, 204, 206, 226, 300, 301, 302, 304, 307, 308),
    *(400, 401, 403, 404, 408, 409, 410, 412, 413, 418, 421, 429, 451, 499, 500, 501, 502, 503, 504, 520, 599, 999),
]
other_replies = st.builds(Reply, st.sampled_from(STATUSES), st.sampled_from(BODIES) | st.binary())
