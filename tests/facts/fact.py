"""What a fact is, and how it is tried: in a tab of its own, whose title begins with `~check`."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .client import Client, Json

PREFIX = "~check "
ROWS, COLUMNS = 6, 4


@dataclass(frozen=True)
class Tab:
    """The tab in which a fact is tried; new, empty, of 6 rows and 4 columns."""

    sheet_id: int
    title: str

    def a1(self, area: str = "") -> str:
        """Give a range of the tab in A1 notation, all of it by default."""
        title = "'" + self.title.replace("'", "''") + "'"
        return f"{title}!{area}" if area else title

    def range(self, top: int | None, bottom: int | None, left: int | None, right: int | None) -> Json:
        """Give a GridRange; None leaves an end out."""
        names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        ends = zip(names, (top, bottom, left, right), strict=True)
        return {"sheetId": self.sheet_id} | {name: index for name, index in ends if index is not None}

    def rows(self, start: int, end: int) -> Json:
        """Give a DimensionRange of rows."""
        return {"sheetId": self.sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}

    def columns(self, start: int, end: int) -> Json:
        """Give a DimensionRange of columns."""
        return {"sheetId": self.sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}

    def write(self, *rows: Sequence[Json]) -> Json:
        """Give a request that writes values from A1 on, each an ExtendedValue or empty."""
        written = [{"values": [{"userEnteredValue": value} if value else {} for value in row]} for row in rows]
        return {"updateCells": {"start": {"sheetId": self.sheet_id}, "rows": written, "fields": "userEnteredValue"}}


class Anything:
    """Stands for any value, which must be there."""


class Absent:
    """Stands for a field that isn't there, or is false."""


@dataclass(frozen=True)
class Having:
    """Stands for an object that has these fields, whatever else it has."""

    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Filled:
    """Stands for a list with these members, without regard to empty ones at its end."""

    members: Sequence[Any]


@dataclass(frozen=True)
class Including:
    """Stands for a list with such a member."""

    member: Any


def loosely(value: Any) -> Any:
    """Let the objects in an expected value, at any depth, have other fields as well."""
    if isinstance(value, dict):
        return Having({name: loosely(item) for name, item in value.items()})
    return [loosely(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Step:
    """A request and what is expected of it: a batchUpdate if it has requests, else a reading of the tab.

    `refused` is a part of the message with which it is refused; otherwise it must be carried out, and its answer must
    be as `expect` says. `body` is what else the batchUpdate says.
    """

    requests: Sequence[Json] = ()
    fields: str = ""
    ranges: Sequence[str] = ()
    expect: Any = Anything
    refused: str = ""
    body: Mapping[str, Any] | None = None


Steps = Callable[[Tab], Generator[Step, Json, None]]


@dataclass(frozen=True)
class Fact:
    """Something that the function takes for granted.

    `steps` yields requests with what is expected of each and is sent their answers. `matters` says what it means for
    the report if the service differs.
    """

    name: str
    matters: str
    steps: Steps


def difference(client: Client, fact: Fact, tab: Tab) -> str:
    """Try a fact in its tab; say in which way the service differs, nothing if it does not."""
    steps = fact.steps(tab)
    answer: Json = {}
    number = 0
    while True:
        try:
            step = next(steps) if not number else steps.send(answer)
        except StopIteration:
            return ""
        number += 1
        status, answer = _answer(client, step, tab)
        found = _problem(step, status, answer)
        if found:
            steps.close()
            return f"step {number}: {found}"


def _answer(client: Client, step: Step, tab: Tab) -> tuple[int, Json]:
    query: dict[str, Any] = {"fields": step.fields} if step.fields else {}
    if step.requests:
        return client.batch({"requests": list(step.requests), **(step.body or {})}, **query)
    return client.get(ranges=list(step.ranges) or [tab.a1()], **query)


def _problem(step: Step, status: int, answer: Json) -> str:
    if "error" in answer:
        message = str(answer["error"].get("message", ""))
        if not step.refused:
            return f"expected it to be carried out, found {status}: {message}"
        if status == 400 and step.refused in message:
            return ""
        return f"expected it to be refused with {step.refused!r}, found {status}: {message}"
    if step.refused:
        return f"expected it to be refused with {step.refused!r}, found it carried out"
    return _unlike(step.expect, answer, "answer")


def _unlike(expected: Any, found: Any, path: str) -> str:
    """Give the first place in which an answer is not as expected, nothing if there is none."""
    if expected is Anything:
        return ""
    if isinstance(expected, Including):
        problems = [_unlike(expected.member, item, path) for item in found]
        return "" if "" in problems else f"{path}: expected a member {expected.member}, found {found}"
    if isinstance(expected, Filled):
        return _unlike(_filled(expected.members), _filled(found), path)
    if isinstance(expected, Having) and isinstance(found, dict):
        return _unlike_fields(expected.fields, found, path)
    if isinstance(expected, dict) and isinstance(found, dict):
        extra = next((name for name in found if name not in expected), "")
        return f"{path}: found {extra}, which was not expected" if extra else _unlike_fields(expected, found, path)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        places = (
            _unlike(one, other, f"{path}[{index}]")
            for index, (one, other) in enumerate(zip(expected, found, strict=True))
        )
        return next((problem for problem in places if problem), "")
    same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
    return "" if same else f"{path}: expected {expected!r}, found {found!r}"


def _filled(members: Sequence[Any]) -> list[Any]:
    listed = list(members)
    while listed and not listed[-1]:
        listed.pop()
    return listed


def _unlike_fields(expected: Mapping[str, Any], found: Json, path: str) -> str:
    for name, wanted in expected.items():
        if wanted is Absent:
            if found.get(name):
                return f"{path}.{name}: expected nothing, found {found[name]!r}"
        elif name not in found:
            return f"{path}: expected {name}, which is not there"
        elif problem := _unlike(wanted, found[name], f"{path}.{name}"):
            return problem
    return ""


@contextmanager
def tabs_for(client: Client, facts: Sequence[Fact]) -> Iterator[Mapping[str, Tab]]:
    """Add a tab for each fact, by its name, and remove them at the end, with any that an earlier check left behind."""
    taken = {sheet["properties"]["sheetId"] for sheet in _sheets(client)}
    ids = iter(random.sample(range(10**6, 2 * 10**9), len(facts) + len(taken)))
    free = [sheet_id for sheet_id in ids if sheet_id not in taken]
    tabs = {
        fact.name: Tab(sheet_id, f"{PREFIX}{sheet_id} {fact.name}"[:90])
        for fact, sheet_id in zip(facts, free, strict=False)
    }
    grid = {"rowCount": ROWS, "columnCount": COLUMNS}
    adding = [
        {"addSheet": {"properties": {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}}}
        for tab in tabs.values()
    ]
    _carry_out(client, adding)
    try:
        yield tabs
    finally:
        listed = [sheet["properties"] for sheet in _sheets(client)]
        removing = [
            {"deleteSheet": {"sheetId": item["sheetId"]}} for item in listed if str(item["title"]).startswith(PREFIX)
        ]
        if removing:
            _carry_out(client, removing)


def _sheets(client: Client) -> list[Json]:
    status, answer = client.get(fields="sheets.properties(sheetId,title)")
    if "error" in answer:
        raise RuntimeError(f"The scratch spreadsheet could not be read: {status}, {answer['error'].get('message')}")
    found: list[Json] = answer["sheets"]
    return found


def _carry_out(client: Client, requests: list[Json]) -> None:
    status, answer = client.batch({"requests": requests})
    if "error" in answer:
        raise RuntimeError(f"The scratch spreadsheet could not be changed: {status}, {answer['error'].get('message')}")
