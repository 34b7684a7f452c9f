"""Try a fact, and find the first way in which the service differs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from seat_report.check.client import Client, Json
from seat_report.check.facts.fact import (
    Absent,
    Anything,
    DifferenceError,
    Fact,
    Filled,
    Having,
    Including,
    Step,
    Tab,
)

# So many refused requests of one batch are found out at most; each takes a write of the quota.
MOST_REFUSALS = 5
_MOST_ALONE = 8
_BAD_REQUEST = 400
_MOST_QUOTED = 300
_INDEX = re.compile(r"Invalid requests\[(\d{1,6})\]")


def difference(client: Client, fact: Fact, tab: Tab) -> str:
    """Try a fact in its tab; says in which way the service differs, nothing if it does not.

    Raises what the client raises.
    """
    steps = fact.steps(tab)
    answer: Json = {}
    number = 0
    while True:
        try:
            step = next(steps) if not number else steps.send(answer)
        except StopIteration:
            return ""
        except DifferenceError as error:
            return f"after step {number}: {error}"
        number += 1
        status, answer = _answer(client, step, tab)
        found = _problem(step, status, answer)
        if found:
            steps.close()
            if "error" in answer and not step.refused and len(step.requests) > 1:
                found += f"; request by request: {_refusals(client, step.requests)}"
            return f"step {number}: {found}"


def _answer(client: Client, step: Step, tab: Tab) -> tuple[int, Json]:
    query: dict[str, Any] = {"fields": step.fields} if step.fields else {}
    if step.requests:
        return client.batch({"requests": list(step.requests), **(step.body or {})}, **query)
    if not step.is_whole:
        query["ranges"] = list(step.ranges) or [tab.a1()]
    return client.get(**query)


def _refusals(client: Client, batch: Sequence[Json]) -> str:
    """Which requests of a refused batch are refused, in Google's words; the others are carried out."""
    left = list(enumerate(batch))
    refusals: list[str] = []
    while left and len(refusals) < MOST_REFUSALS:
        status, answer = client.batch({"requests": [request for _, request in left]})
        if "error" not in answer:
            break
        message = _message(answer)
        match = _INDEX.search(message)
        if match and int(match[1]) < len(left):
            index, request = left.pop(int(match[1]))
            refusals.append(f"{index} ({_kind(request)}): {status} {message}")
            continue
        if len(left) > _MOST_ALONE:
            refusals.append(f"none is named: {status} {message}")
            break
        for index, request in left:
            status, answer = client.batch({"requests": [request]})
            if "error" in answer:
                refusals.append(f"{index} ({_kind(request)}): {status} {_message(answer)}")
        break
    return "; ".join(refusals) or "each is carried out"


def _kind(request: Mapping[str, Any]) -> str:
    return next(iter(request), "?")


def _message(answer: Json) -> str:
    error = answer["error"]
    return str(error.get("message", "") if isinstance(error, dict) else error)


def _problem(step: Step, status: int, answer: Json) -> str:
    if "error" in answer:
        message = _message(answer)
        if not step.refused:
            return f"expected it to be carried out, found {status}: {message}"
        if status == _BAD_REQUEST and step.refused in message:
            return ""
        return f"expected it to be refused with {step.refused!r}, found {status}: {message}"
    if step.refused:
        return f"expected it to be refused with {step.refused!r}, found it carried out"
    return _unlike(step.expect, answer, "answer")


def _unlike(expected: Any, found: Any, path: str) -> str:
    """The first place in which an answer is not as expected, nothing if there is none."""
    if expected is Anything:
        return ""
    if isinstance(expected, Including) and isinstance(found, list):
        problems = [_unlike(expected.member, item, path) for item in found]
        return "" if "" in problems else f"{path}: expected a member {expected.member}, found {_quoted(found)}"
    if isinstance(expected, Filled) and isinstance(found, list):
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
    return "" if same else f"{path}: expected {_quoted(expected)}, found {_quoted(found)}"


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


def _filled(members: Sequence[Any]) -> list[Any]:
    listed = list(members)
    while listed and not listed[-1]:
        listed.pop()
    return listed


def _unlike_fields(expected: Mapping[str, Any], found: Json, path: str) -> str:
    for name, wanted in expected.items():
        if wanted is Absent:
            if found.get(name):
                return f"{path}.{name}: expected nothing, found {_quoted(found[name])}"
        elif name not in found:
            return f"{path}: expected {name}, which is not there"
        elif problem := _unlike(wanted, found[name], f"{path}.{name}"):
            return problem
    return ""
