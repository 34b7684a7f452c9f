"""Parameters: any request is an order that was meant just so, or is refused in a sentence; it never runs everything."""

import contextlib
import io
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from seat_report.domain.customers import invalid_id_reason
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.web.parameters import BadRequestError, ParsedRequest, parse, parse_health, wants_page
from tests.proof.sampling import chosen, many
from tests.properties.corpus import CORPUS, HALVES, Hostile
from tests.properties.page_test import check_json
from tests.support.world import World

EVERYTHING = CORPUS + HALVES
unhurried = settings(max_examples=many(100, 4000))

texts = st.sampled_from([one.text for one in EVERYTHING]) | st.text(st.characters(exclude_categories=[]), max_size=50)
names = st.sampled_from(["customer_id", "dry_run", "tenant_type", "format", "deep", "fresh", "DRY_RUN"]) | texts
values = st.sampled_from(["true", "false", "1", "0", "google", "json", "html", "c-1", "26h", ""]) | texts
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | values,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=10,
)
content_types = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        "text/plain",
        "text/html",
        "*/*",
        ";",
        "",
    ]
) | st.text(st.characters(codec="latin-1"), max_size=30)
pairs = st.lists(st.tuples(names, values), max_size=6)
bodies = st.one_of(
    st.binary(max_size=200),
    anything.map(lambda value: json.dumps(value).encode()),
    anything.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16", "replace")),
    pairs.map(lambda given: _encoded(given).encode()),
    pairs.map(lambda given: _parts(given)),
    st.dictionaries(names, anything, max_size=4).map(lambda value: json.dumps(value).encode()),
)
accepts = st.sampled_from(["", "*/*", "text/html", "application/json;q=nan", "text/html;q=1e99,*/*;q=-1"]) | st.text(
    st.characters(codec="latin-1"), max_size=30
)


def _encoded(given: list[tuple[str, str]]) -> str:
    return urlencode([(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in given])


def _parts(given: list[tuple[str, str]]) -> bytes:
    """A form in parts, its names and values as they are, so that they may end their part."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in given]
    return ("".join(parts) + "--x--\r\n").encode("utf-8", "replace")


def made(query: str, body: bytes, **environ: str) -> Request:
    """The request as a server hands it over."""
    builder = EnvironBuilder(
        method="POST",
        query_string=query,
        input_stream=io.BytesIO(body),
        content_length=len(body),
        environ_overrides=environ,
    )
    with contextlib.closing(builder):
        return Request(builder.get_environ())


def asked(request: Request) -> ParsedRequest | None:
    """What the request asks for; None if it is refused, which takes a sentence."""
    told = "."
    with contextlib.closing(request):
        wants_page(request)
        try:
            return parse(request)
        except BadRequestError as error:
            told = str(error)
    assert 1 < len(told) < 1000
    assert told.isprintable()
    return None


@unhurried
@given(pairs, bodies, content_types, accepts)
def test_any_request(query: list[tuple[str, str]], body: bytes, content_type: str, accept: str) -> None:
    """Any request is refused in a sentence, or comes to an order whose every part can be used."""
    found = asked(made(_encoded(query), body, CONTENT_TYPE=content_type, HTTP_ACCEPT=accept))
    if found is None:
        return
    assert [one for one in found.run_request.customer_ids if invalid_id_reason(one)] == []
    assert set(found.run_request.tenant_types) <= set(TenantType)
    assert found.run_request.by == ""
    # An empty object in whatever encoding is no parameters; JSON may be in UTF-16 or UTF-32.
    plain = body.replace(b"\0", b"").strip(b" \t\r\n{}\xff\xfe\xef\xbb\xbf")
    # Someone who said anything at all was understood, and does not get everything unless that is what it said: nothing
    # limited, a real run.
    assert found.run_request != RunRequest() or not (plain or query) or _says_all(f"{query}{plain!r}")


def _says_all(said: str) -> bool:
    """Whether what is said may be no limit: how to be answered, or that the run is a real one."""
    return "format" in said or "dry_run" in said


@unhurried
@given(st.lists(st.tuples(names, anything), min_size=1, max_size=4), st.integers(0, 3))
def test_any_member_twice(members: list[tuple[str, Any]], index: int) -> None:
    """A JSON object in which any member comes twice is refused, whatever its two values are."""
    twice = [*members, members[index % len(members)]]
    body = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in twice) + "}"
    assert asked(made("", body.encode(), CONTENT_TYPE="application/json")) is None


@unhurried
@given(pairs, accepts)
def test_any_health_check(query: list[tuple[str, str]], accept: str) -> None:
    """Any health check is refused in a sentence or looks at what it was asked to."""
    request = made(_encoded(query), b"", HTTP_ACCEPT=accept)
    with contextlib.closing(request):
        try:
            found = parse_health(request)
        except BadRequestError as error:
            told = str(error)
        else:
            told = f"{found}"
            assert found.deep or found.fresh or not query or "deep" in dict(query)
    assert len(told) < 1000


@pytest.mark.parametrize("hostile", chosen(CORPUS, 50) + HALVES, ids=str)
def test_each_text_as_each_parameter(hostile: Hostile) -> None:
    """Each text as each parameter, in the query, a form and JSON alike, is that text or is refused."""
    text = hostile.text.encode("utf-8", "replace").decode()
    for name in ("customer_id", "dry_run", "tenant_type", "format", text):
        encoded = f"{quote(name, safe='')}={quote(text, safe='')}"
        found = [
            asked(made(encoded, b"")),
            asked(made("", encoded.encode(), CONTENT_TYPE="application/x-www-form-urlencoded")),
            asked(made("", json.dumps({name: text}).encode(), CONTENT_TYPE="application/json")),
        ]
        assert found[0] == found[1] == found[2]
        assert found[0] is None or found[0].run_request.customer_ids in ((), (text.strip(),))


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("size", [499_990, 500_001, 20_000_000])
def test_bodies_beyond_measure(world: World, size: int, content_type: str) -> None:
    """A body beyond measure is refused in so many words, also when its length wasn't told, and runs nothing."""
    body = b'{"customer_id": "' + b"x" * size + b'"}'
    for length in (str(len(body)), ""):
        environ: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input_terminated": True}
        answer = world.function.open(
            "/",
            method="POST",
            input_stream=io.BytesIO(body),
            content_type=content_type,
            environ_overrides=environ,
        )
        assert answer.status_code == 400
        assert "too large" in check_json(answer)["detail"]
    assert world.avepoint.log.requests() == []


def test_form_of_too_many_parts(world: World) -> None:
    """So is a form of more parts than the framework reads."""
    body = _parts([("customer_id", "c-1")] * 5000)
    answer = world.function.post("/", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
    assert "too large" in check_json(answer)["detail"]
