"""Parameters: the same from a query string, a form or a JSON object; what is not understood runs nothing."""

import contextlib
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.web.parameters import BadRequestError, HealthRequest, ParsedRequest, parse, parse_health, wants_page

EVERYTHING = ParsedRequest(RunRequest(), "json")
FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def asked(
    query: str = "", data: Any = None, content_type: str | None = None, accept: str | None = None
) -> ParsedRequest:
    """What a request with this query, body and these headers asks for."""
    headers = Headers({} if accept is None else {"Accept": accept})
    method = "GET" if data is None else "POST"
    body = (
        {"input_stream": io.BytesIO(data), "content_length": len(data)} if isinstance(data, bytes) else {"data": data}
    )
    builder = EnvironBuilder(query_string=query, method=method, content_type=content_type, headers=headers, **body)
    request = Request(builder.get_environ())
    with contextlib.closing(builder), contextlib.closing(request):
        return parse(request)


def refused(query: str = "", data: Any = None, content_type: str | None = None) -> str:
    """Why a request with this query and body is refused."""
    with pytest.raises(BadRequestError) as caught:
        asked(query, data, content_type)
    assert 0 < len(str(caught.value)) < 500
    return str(caught.value)


def in_json(value: Any) -> str:
    """Why a JSON body of this value is refused."""
    return refused(data=json.dumps(value).encode(), content_type="application/json")


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/json", FORM, "multipart/form-data", "text/plain", "application/octet-stream", "nonsense"],
)
def test_empty_body(content_type: str | None) -> None:
    """An empty body is no parameters, whatever its Content-Type; the query still counts."""
    assert asked(data=b"", content_type=content_type) == EVERYTHING
    assert asked("dry_run=1", data=b"", content_type=content_type).run_request.dry_run


def test_no_parameters() -> None:
    """Without parameters everything is run, written, and answered in JSON."""
    assert asked() == EVERYTHING


orders = st.fixed_dictionaries(
    {},
    optional={
        "dry_run": st.sampled_from(["true", "TRUE", "1", "yes", "on", "false", "0", "No", "off"]),
        "customer_id": st.lists(st.text(st.sampled_from("abcZ09-_.é&=+;:"), min_size=1, max_size=8), min_size=1),
        "tenant_type": st.lists(st.sampled_from(["google", "0", "Microsoft 365", "3,1"]), min_size=1, max_size=3),
        "format": st.sampled_from(["json", "html", "HTML"]),
    },
)


@given(orders)
def test_all_ways_are_one(parameters: Mapping[str, str | list[str]]) -> None:
    """The same parameters come to the same, in the query string, in either kind of form, and as a JSON object."""
    encoded = urlencode(parameters, doseq=True)
    ways: list[dict[str, Any]] = [
        {"query": encoded},
        {"data": json.dumps(parameters).encode(), "content_type": "application/json"},
        {"data": json.dumps(parameters).encode(), "content_type": "text/plain"},
    ]
    if parameters:
        ways.append({"data": encoded.encode(), "content_type": FORM})
        ways.append({"data": dict(parameters), "content_type": "multipart/form-data"})
    assert len({result(**way) for way in ways}) == 1


def result(**way: Any) -> ParsedRequest | str:
    """What is asked for in this way, or why it is refused."""
    try:
        return asked(**way)
    except BadRequestError as error:
        return str(error)


def test_in_parts() -> None:
    """The query string and the body add up."""
    found = asked("customer_id=c-1&dry_run=true", data=b'{"customer_id": ["c-2", 3]}', content_type="application/json")
    assert found.run_request == RunRequest(dry_run=True, customer_ids=("c-1", "c-2", "3"))


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False), ("on", True)])
def test_json_says_it_in_its_own_way(value: Any, expected: bool) -> None:
    """A JSON object may use true and numbers."""
    body = json.dumps({"dry_run": value, "tenant_type": 2}).encode()
    assert asked(data=body).run_request == RunRequest(dry_run=expected, tenant_types=(TenantType.GOOGLE,))


def test_customers_and_types_once_each() -> None:
    """Repeated values count once: customers as they are given, types in our run_request."""
    found = asked(
        "customer_id=b&customer_id=+a+&customer_id=b&tenant_type=3&tenant_type=google,0&tenant_type=Dynamics+365"
    )
    assert found.run_request.customer_ids == ("b", "a")
    assert found.run_request.tenant_types == (TenantType.MICROSOFT_365, TenantType.GOOGLE, TenantType.DYNAMICS_365)


@pytest.mark.parametrize("name", ["dryrun", "Dry_Run", "customer", "customer_id[]", "", "x" * 9999, "\n"])
def test_unknown_parameters(name: str) -> None:
    """An unknown parameter is refused with those there are, so that a slip doesn't run everything."""
    for told in (
        refused(urlencode({name: "1"})),
        refused(data={name: "1"}, content_type="multipart/form-data") if name.isprintable() else refused("x=1"),
        in_json({name: "1"}),
    ):
        assert "expected some of: customer_id, dry_run, format, tenant_type" in told


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("dry_run", "dry_run: found '', expected true or false"),
        ("dry_run=", "dry_run: found '', expected true or false"),
        ("dry_run=maybe", "dry_run: found 'maybe', expected true or false"),
        ("dry_run=true&dry_run=true", "dry_run: found 2 values, expected one"),
        ("format=xml", "format: found 'xml', expected json or html"),
        ("format=json&format=html", "format: found 2 values, expected one"),
        ("customer_id=", "customer_id: found nothing"),
        ("customer_id=a&customer_id=+", "customer_id: found nothing"),
        ("customer_id=a%2Fb", "customer_id: found 'a/b'. An ID has none of"),
        ("customer_id=..", "customer_id: found '..'. An ID has none of"),
        ("customer_id=a%0Ab", "customer_id: found 'a\\nb'. An ID has no spaces"),
        ("customer_id=a+b", "customer_id: found 'a b'. An ID has no spaces"),
        ("customer_id=" + "x" * 129, "It has 129 characters"),
        ("tenant_type=", "tenant_type: found '', expected some of: microsoft-365 (0)"),
        ("tenant_type=sharepoint", "tenant_type: found 'sharepoint', expected some of"),
        ("tenant_type=0,,1", "tenant_type: found '', expected some of"),
        ("tenant_type=" + "x" * 9999, "…, expected some of"),
    ],
)
def test_malformed_parameters(query: str, told: str) -> None:
    """A malformed parameter is refused, in the query and in a form alike, with what was found and what is expected."""
    assert told in refused(query)
    assert told in refused(data=query.encode(), content_type=FORM)


def test_told_twice() -> None:
    """A parameter of which there is one is not taken from two places."""
    assert refused("dry_run=false", data=b"dry_run=true", content_type=FORM) == "dry_run: found 2 values, expected one"


@pytest.mark.parametrize("name", ["customer_id", "dry_run", "tenant_type", "format"])
@pytest.mark.parametrize("value", [None, 1.5, {}, {"a": 1}, [[]], [None], ["a", {}], []], ids=repr)
def test_malformed_json_members(name: str, value: Any) -> None:
    """A member of a kind that no parameter has is refused by name; no customers at all are not every customer."""
    assert in_json({name: value}).startswith(repr(name))


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize(
    "body",
    [
        b"dry_run=true",
        b" ",
        b"null",
        b"[]",
        b'["dry_run"]',
        b'"dry_run"',
        b"1",
        b'{"dry_run": true',
        b"{'dry_run': true}",
        b'{"dry_run": true} {}',
        b'{"customer_id": "\xff"}',
        b'{"customer_id": ' + b"1" * 5000 + b"}",
        b"[" * 200_000,
        b'{"customer_id": ' + b"[" * 200_000,
    ],
    ids=lambda body: ascii(body[:24]),
)
def test_body_that_is_no_json_object(body: bytes, content_type: str | None) -> None:
    """A body that is neither a form nor a JSON object is refused, however it is broken."""
    assert refused(data=body, content_type=content_type).startswith("found a body that is no JSON object")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"dry_run=true", "multipart/form-data"),
        (b"dry_run=true", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n', "multipart/form-data; boundary=y"),
        (b"&", FORM),
    ],
)
def test_form_that_can_not_be_read(body: bytes, content_type: str) -> None:
    """A form of which nothing can be read is refused: what it asked for may have been a dry run."""
    assert "form without fields" in refused(data=body, content_type=content_type)


@pytest.mark.parametrize("before", [b"", b'--x\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n'])
def test_field_without_a_name(before: bytes) -> None:
    """A form's field without a name is refused, by itself and behind another."""
    form = before + b"--x\r\nContent-Disposition: form-data\r\n\r\ntrue\r\n--x--\r\n"
    assert "has no name" in refused(data=form, content_type="multipart/form-data; boundary=x")


def test_file_in_a_form() -> None:
    """A file in a field's place is refused, not overlooked."""
    files = {"customer_id": "c-1", "dry_run": (io.BytesIO(b"true"), "dry_run.txt")}
    assert "with files" in refused(data=files, content_type="multipart/form-data")


def test_body_beyond_measure() -> None:
    """A body that is larger than any order is refused, be it a form or not; so is one field of a form."""
    field = b'--x\r\nContent-Disposition: form-data; name="customer_id"\r\n\r\n' + b"x" * 1_000_000 + b"\r\n--x--\r\n"
    assert "too large" in refused(data=field, content_type="multipart/form-data; boundary=x")
    assert "too large" in refused(data=b"customer_id=" + b"x" * 500_000, content_type=FORM)
    assert "too large" in refused(data=b'{"customer_id": "' + b"x" * 500_000 + b'"}', content_type="application/json")


@pytest.mark.parametrize("body", [b'{"dry_run": true, "dry_run": false}', b'{"customer_id": "a", "customer_id": "b"}'])
def test_a_member_that_comes_twice(body: bytes) -> None:
    """A JSON member that comes twice is refused by name: the last one would win without a word."""
    assert "found this member more than once" in refused(data=body, content_type="application/json")


def test_more_customers_than_some() -> None:
    """So many customers that all could be meant are refused, with how to ask for all."""
    ids = [f"c-{number}" for number in range(1_001)]
    assert "found 1,001 values, expected 1,000 at most, or none" in in_json({"customer_id": ids})
    assert len(asked(data=json.dumps({"customer_id": ids[1:]}).encode()).run_request.customer_ids) == 1_000


def test_several_customers_in_one_parameter() -> None:
    """Several IDs in one parameter are refused with where they belong; the page's field alone takes them."""
    told = refused(data=b"customer_id=c-1%0D%0Ac-2", content_type=FORM)
    assert told.endswith("Several IDs go into as many customer_id parameters.")
    assert "Several" not in refused("customer_id=c%2F1")


@given(
    st.binary(min_size=1)
    | st.text(min_size=1).map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(repr).map(str.encode),
    st.sampled_from([None, FORM, "multipart/form-data; boundary=x", "application/json", "text/plain"]),
)
def test_any_body(body: bytes, content_type: str | None) -> None:
    """Any bytes as a body are understood as some parameter or refused; they never run everything."""
    try:
        found = asked(data=body, content_type=content_type)
    except BadRequestError:
        return
    assert found != EVERYTHING or body.strip() == b"{}"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/json, text/html", "json"),
        (BROWSER, "html"),
        ("text/html", "html"),
        ("text/html;q=0.9, application/json;q=0.5", "html"),
        ("text/html;q=0.4, application/json;q=0.5", "json"),
        ("text/html;q=0, */*", "json"),
        ("application/problem+json", "json"),
        ("image/png", "json"),
        ("", "json"),
        (";;;", "json"),
    ],
)
def test_format_by_accept(accept: str | None, expected: str) -> None:
    """The answer is in the format that is accepted best, and in JSON where it is all the same."""
    assert asked(accept=accept).format == expected


def test_format_by_parameter() -> None:
    """The parameter counts for more than what is accepted."""
    assert asked("format=json", accept=BROWSER).format == "json"
    assert asked("format=HTML", accept="application/json").format == "html"


@pytest.mark.parametrize(
    ("query", "accept", "page"),
    [
        ("", BROWSER, True),
        ("", "*/*", False),
        ("format=html", "*/*", True),
        ("format=json", BROWSER, False),
        ("dry_run=maybe", BROWSER, True),
        ("format=xml", BROWSER, True),
        ("format=xml", "*/*", False),
    ],
)
def test_page_for_people(query: str, accept: str, page: bool) -> None:
    """Who looks on in a browser gets a page, even if the parameters can't be understood."""
    builder = EnvironBuilder(query_string=query, headers=Headers({"Accept": accept}))
    with contextlib.closing(builder):
        assert wants_page(Request(builder.get_environ())) is page


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_field_of_the_page(content_type: str) -> None:
    """The page's one field takes several IDs, or none, where other callers' blank ID is refused."""
    form = {"format": "html", "customer_id": " c-1\r\nc-2  c-1 "}
    assert asked(data=form, content_type=content_type).run_request.customer_ids == ("c-1", "c-2")
    assert asked(data={**form, "customer_id": " "}, content_type=content_type).run_request == RunRequest()
    assert "An ID has none of" in refused(data={**form, "customer_id": "c-1 ../c"}, content_type=content_type)
    assert "found nothing" in refused(data={**form, "format": "json", "customer_id": " "}, content_type=content_type)


@pytest.mark.parametrize(
    ("headers", "trigger", "by"),
    [
        ({}, "manual", ""),
        ({"X-CloudScheduler": "true", "X-CloudScheduler-JobName": "seat-report"}, "schedule", "seat-report"),
        ({"X-CloudScheduler": "TRUE?"}, "manual", ""),
        ({"X-Goog-Authenticated-User-Email": "accounts.google.com:a@example.com"}, "manual", "a@example.com"),
        ({"X-CloudScheduler-JobName": " two\twords\u0007 "}, "manual", "two words"),
        ({"X-CloudScheduler-JobName": "x" * 999}, "manual", "x" * 200),
    ],
)
def test_who_asks(headers: dict[str, str], trigger: str, by: str) -> None:
    """What set the run off is told as far as the platform says it, on one short line."""
    environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    builder = EnvironBuilder(environ_overrides=environ)
    with contextlib.closing(builder):
        run_request = parse(Request(builder.get_environ())).run_request
    assert (run_request.trigger, run_request.by) == (trigger, by)


def health(query: str) -> HealthRequest:
    """What a health check with this query asks for."""
    builder = EnvironBuilder(query_string=query)
    with contextlib.closing(builder):
        return parse_health(Request(builder.get_environ()))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", HealthRequest(deep=False, fresh=None)),
        ("deep=1", HealthRequest(deep=True, fresh=None)),
        ("deep=no&fresh=90m", HealthRequest(deep=False, fresh=timedelta(minutes=90))),
        ("fresh=26H", HealthRequest(deep=False, fresh=timedelta(hours=26))),
        ("fresh=45s", HealthRequest(deep=False, fresh=timedelta(seconds=45))),
        ("fresh=999999d", HealthRequest(deep=False, fresh=timedelta(days=999_999))),
    ],
)
def test_health(query: str, expected: HealthRequest) -> None:
    """A health check takes whether to look deep, and an age in seconds, minutes, hours or days."""
    assert health(query) == expected


@pytest.mark.parametrize(
    "query", ["fresh=", "fresh=26", "fresh=0h", "fresh=-1h", "fresh=1.5h", "fresh=1h&fresh=1h", "deep", "dry_run=true"]
)
def test_health_refuses_the_rest(query: str) -> None:
    """Anything else is refused: a check that looked at nothing would pass for a good one."""
    with pytest.raises(BadRequestError, match="found"):
        health(query)
