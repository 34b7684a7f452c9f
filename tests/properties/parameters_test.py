"""Parameters: any request is parsed exactly as meant or refused in a sentence; none runs everything by mistake."""

import contextlib
import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from seat_report.domain.customers import invalid_id_reason
from seat_report.domain.identity import bare_id
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.web.parameters import BadRequestError, ParsedRequest, parse, parse_health, wants_page
from tests.proof.sampling import chosen, many
from tests.properties.corpus import CORPUS, HALVES, Hostile
from tests.properties.page_test import check_json
from tests.support.flask_requests import flask_request
from tests.support.world import World

HOSTILE_TEXTS = CORPUS + HALVES
many_examples = settings(max_examples=many(50, 4000))

texts = st.sampled_from([one.text for one in HOSTILE_TEXTS]) | st.text(
    st.characters(exclude_categories=[]), max_size=50
)
names = st.sampled_from(["customer_id", "dry_run", "tenant_type", "format", "deep", "fresh", "DRY_RUN"]) | texts
values = st.sampled_from(["true", "false", "1", "0", "google", "json", "html", "c-1", "26h", ""]) | texts
json_values = st.recursive(
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
    st.text(min_size=1).map(str.encode),
    st.recursive(st.none() | st.text(), st.lists).map(repr).map(str.encode),
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16", "replace")),
    pairs.map(lambda fields: _urlencoded(fields).encode()),
    pairs.map(lambda fields: _multipart(fields)),
    st.dictionaries(names, json_values, max_size=4).map(lambda value: json.dumps(value).encode()),
)
accepts = st.sampled_from(["", "*/*", "text/html", "application/json;q=nan", "text/html;q=1e99,*/*;q=-1"]) | st.text(
    st.characters(codec="latin-1"), max_size=30
)


def _urlencoded(fields: list[tuple[str, str]]) -> str:
    return urlencode([(name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in fields])


def _multipart(fields: list[tuple[str, str]]) -> bytes:
    """A multipart form with names and values as they are, so that they may contain the end of a part."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    return ("".join(parts) + "--x--\r\n").encode("utf-8", "replace")


def request_with(query: str, body: bytes, **environ: str) -> Request:
    """The request as a server passes it on."""
    builder = EnvironBuilder(
        method="POST",
        query_string=query,
        input_stream=io.BytesIO(body),
        content_length=len(body),
        environ_overrides=environ,
    )
    with contextlib.closing(builder):
        return Request(builder.get_environ())


def parse_or_refuse(request: Request) -> ParsedRequest | None:
    """The parsed request; None if it is refused, which must be a sentence."""
    message = "."
    with contextlib.closing(request):
        wants_page(request)
        try:
            return parse(request)
        except BadRequestError as error:
            message = str(error)
    assert 1 < len(message) < 1000
    assert message.isprintable()
    return None


@many_examples
@given(pairs, bodies, content_types, accepts)
def test_any_request(query: list[tuple[str, str]], body: bytes, content_type: str, accept: str) -> None:
    """Any request is refused in a sentence, or parsed into a run request with valid parts."""
    parsed = parse_or_refuse(request_with(_urlencoded(query), body, CONTENT_TYPE=content_type, HTTP_ACCEPT=accept))
    if parsed is None:
        return
    assert [text for text in parsed.run_request.customer_ids if invalid_id_reason(text)] == []
    assert set(parsed.run_request.tenant_types) <= set(TenantType)
    assert parsed.run_request.by == ""
    # Nothing but an empty object, in any encoding of JSON, means no parameters: UTF-16 and UTF-32 have zero bytes and
    # may begin with a byte order mark.
    content = re.sub(rb"[\0 \t\r\n\xff\xfe]|\xef\xbb\xbf", b"", body)
    is_empty = not query and (not body or content == b"{}")
    # Any parameter must have an effect; it runs everything only if it says so.
    assert parsed.run_request != RunRequest() or is_empty or _may_mean_everything(f"{query}{content!r}")


def _may_mean_everything(parameters: str) -> bool:
    """Whether the parameters may set no limit: those for the format of the response, or for a real run."""
    return "format" in parameters or "dry_run" in parameters


run_parameters = st.fixed_dictionaries(
    {},
    optional={
        "dry_run": st.sampled_from(["true", "TRUE", "1", "yes", "on", "false", "0", "No", "off"]),
        "customer_id": st.lists(st.text(st.sampled_from("abcZ09-_.é&=+;:"), min_size=1, max_size=8), min_size=1),
        "tenant_type": st.lists(st.sampled_from(["google", "0", "Microsoft 365", "3,1"]), min_size=1, max_size=3),
        "format": st.sampled_from(["json", "html", "HTML"]),
    },
)


def parse_or_message(**request_arguments: Any) -> ParsedRequest | str:
    """The parsed request, or the message that refuses it."""
    with flask_request(**request_arguments) as request:
        try:
            return parse(request)
        except BadRequestError as error:
            return str(error)


@given(run_parameters)
def test_all_ways_are_equal(parameters: Mapping[str, str | list[str]]) -> None:
    """The same parameters have the same effect in the query string, in either kind of form and as a JSON object."""
    encoded = urlencode(parameters, doseq=True)
    ways: list[dict[str, Any]] = [
        {"query": encoded},
        {"data": json.dumps(parameters).encode(), "content_type": "application/json"},
        {"data": json.dumps(parameters).encode(), "content_type": "text/plain"},
    ]
    if parameters:
        ways.append({"data": encoded.encode(), "content_type": "application/x-www-form-urlencoded"})
        ways.append({"data": dict(parameters), "content_type": "multipart/form-data"})
    assert len({parse_or_message(**way) for way in ways}) == 1


@many_examples
@given(st.lists(st.tuples(names, json_values), min_size=1, max_size=4), st.integers(0, 3))
def test_repeated_member(members: list[tuple[str, Any]], index: int) -> None:
    """A JSON object with a repeated member is refused, whatever its two values are."""
    repeated = [*members, members[index % len(members)]]
    body = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in repeated) + "}"
    assert parse_or_refuse(request_with("", body.encode(), CONTENT_TYPE="application/json")) is None


@many_examples
@given(pairs, accepts)
def test_any_health_check(query: list[tuple[str, str]], accept: str) -> None:
    """Any health check is refused in a sentence or parsed into what it requests."""
    request = request_with(_urlencoded(query), b"", HTTP_ACCEPT=accept)
    with contextlib.closing(request):
        try:
            parsed = parse_health(request)
        except BadRequestError as error:
            message = str(error)
        else:
            message = f"{parsed}"
            assert parsed.deep or parsed.fresh or not query or "deep" in dict(query)
    assert len(message) < 1000


@pytest.mark.parametrize("hostile", chosen(CORPUS, 25) + HALVES, ids=str)
def test_each_text_as_each_parameter(hostile: Hostile) -> None:
    """Each text as each parameter is that text or is refused, and equally so in the query, a form and JSON."""
    text = hostile.text.encode("utf-8", "replace").decode()
    for name in ("customer_id", "dry_run", "tenant_type", "format", text):
        encoded = f"{quote(name, safe='')}={quote(text, safe='')}"
        results = [
            parse_or_refuse(request_with(encoded, b"")),
            parse_or_refuse(request_with("", encoded.encode(), CONTENT_TYPE="application/x-www-form-urlencoded")),
            parse_or_refuse(request_with("", json.dumps({name: text}).encode(), CONTENT_TYPE="application/json")),
        ]
        assert results[0] == results[1] == results[2]
        assert results[0] is None or results[0].run_request.customer_ids in ((), (bare_id(text),))


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("size", [499_990, 500_001, 20_000_000])
def test_bodies_too_large(world: World, size: int, content_type: str) -> None:
    """A body that is too large is refused as such, even without a Content-Length, and runs nothing."""
    body = b'{"customer_id": "' + b"x" * size + b'"}'
    for length in (str(len(body)), ""):
        environ: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input_terminated": True}
        response = world.function.open(
            "/",
            method="POST",
            input_stream=io.BytesIO(body),
            content_type=content_type,
            environ_overrides=environ,
        )
        assert response.status_code == 400
        assert "too large" in check_json(response)["detail"]
    assert world.avepoint.log.requests() == []


def test_form_of_too_many_parts(world: World) -> None:
    """A form with more parts than the framework reads is refused as too large."""
    body = _multipart([("customer_id", "c-1")] * 5000)
    response = world.function.post("/", data=body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400
    assert "too large" in check_json(response)["detail"]
