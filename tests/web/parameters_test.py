"""Parameters: equal in a query string, a form or a JSON object; an invalid request runs nothing."""

import io
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.web.parameters import BadRequestError, HealthRequest, ParsedRequest, parse, parse_health, wants_page
from tests.support.flask_requests import flask_request

FULL_RUN = ParsedRequest(RunRequest(), "json")
FORM = "application/x-www-form-urlencoded"
BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def parse_request(
    query: str = "", data: Any = None, content_type: str | None = None, accept: str | None = None
) -> ParsedRequest:
    """Parse a request with this query, body and headers."""
    with flask_request(query, data, content_type, accept) as request:
        return parse(request)


def refusal(query: str = "", data: Any = None, content_type: str | None = None) -> str:
    """The message that refuses a request with this query and body."""
    with pytest.raises(BadRequestError) as caught:
        parse_request(query, data, content_type)
    assert 0 < len(str(caught.value)) < 500
    return str(caught.value)


def json_refusal(value: Any) -> str:
    """The message that refuses a JSON body with this value."""
    return refusal(data=json.dumps(value).encode(), content_type="application/json")


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/json", FORM, "multipart/form-data", "text/plain", "application/octet-stream", "nonsense"],
)
def test_empty_body(content_type: str | None) -> None:
    """An empty body has no parameters, whatever its Content-Type; the query still counts."""
    assert parse_request(data=b"", content_type=content_type) == FULL_RUN
    assert parse_request("dry_run=1", data=b"", content_type=content_type).run_request.dry_run


def test_no_parameters() -> None:
    """Without parameters, the request is for a run of everything, with a JSON response."""
    assert parse_request() == FULL_RUN


def test_query_and_body_are_combined() -> None:
    """Parameters of the query string and the body are combined."""
    parsed = parse_request(
        "customer_id=c-1&dry_run=true", data=b'{"customer_id": ["c-2", 3]}', content_type="application/json"
    )
    assert parsed.run_request == RunRequest(dry_run=True, customer_ids=("c-1", "c-2", "3"))


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False), ("on", True)])
def test_json_values(value: Any, expected: bool) -> None:
    """A JSON object may contain booleans and numbers."""
    body = json.dumps({"dry_run": value, "tenant_type": 2}).encode()
    assert parse_request(data=body).run_request == RunRequest(dry_run=expected, tenant_types=(TenantType.GOOGLE,))


def test_a_run_only_if_requested() -> None:
    """It has its own trigger and is answered in JSON, whoever asks; without it the run is like any other."""
    expected = ParsedRequest(RunRequest(trigger="request"), "json", if_requested=True)
    with flask_request("if_requested=true", b"", None, BROWSER_ACCEPT) as request:
        assert parse(request) == expected
    with flask_request("", b'{"if_requested": true}', None, None) as request:
        assert parse(request) == expected
    with flask_request("if_requested=false", b"", None, None) as request:
        assert parse(request) == FULL_RUN


@pytest.mark.parametrize("other", ["dry_run=false", "format=json", "customer_id=c-1", "tenant_type=0"])
def test_a_run_only_if_requested_takes_no_other_parameter(other: str) -> None:
    """Nor any other value, nor another method."""
    assert "no other parameter is allowed" in refusal(f"if_requested=true&{other}", data=b"")
    assert "use true or false" in refusal("if_requested=soon", data=b"")
    with (
        flask_request("if_requested=true", None, None, None) as request,
        pytest.raises(BadRequestError, match="not available with GET; use POST"),
    ):
        parse(request)


def test_duplicate_values() -> None:
    """Duplicate values count once: customers in the given order, types in the order of TenantType."""
    parsed = parse_request(
        "customer_id=b&customer_id=+a+&customer_id=b&tenant_type=3&tenant_type=google,0&tenant_type=Dynamics+365"
    )
    assert parsed.run_request.customer_ids == ("b", "a")
    assert parsed.run_request.tenant_types == (TenantType.MICROSOFT_365, TenantType.GOOGLE, TenantType.DYNAMICS_365)


@pytest.mark.parametrize("name", ["dryrun", "Dry_Run", "customer", "customer_id[]", "", "x" * 9999, "\n"])
def test_unknown_parameters(name: str) -> None:
    """An unknown parameter is refused with the known ones, so that a typo doesn't run everything."""
    for message in (
        refusal(urlencode({name: "1"})),
        refusal(data={name: "1"}, content_type="multipart/form-data") if name.isprintable() else refusal("x=1"),
        json_refusal({name: "1"}),
    ):
        assert "use: customer_id, dry_run, format, if_requested, tenant_type" in message


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dry_run", "dry_run: '' is not valid; use true or false"),
        ("dry_run=", "dry_run: '' is not valid; use true or false"),
        ("dry_run=maybe", "dry_run: 'maybe' is not valid; use true or false"),
        ("dry_run=true&dry_run=true", "dry_run: 2 values given; use one"),
        ("format=xml", "format: 'xml' is not valid; use json or html"),
        ("format=json&format=html", "format: 2 values given; use one"),
        ("customer_id=", "customer_id: empty"),
        ("customer_id=a&customer_id=+", "customer_id: empty"),
        ("customer_id=a%2Fb", "customer_id: 'a/b' is not valid. An ID can't contain"),
        ("customer_id=..", "customer_id: '..' is not valid. An ID can't contain"),
        ("customer_id=a%0Ab", "customer_id: 'a\\nb' is not valid. An ID has no spaces"),
        ("customer_id=a+b", "customer_id: 'a b' is not valid. An ID has no spaces"),
        ("customer_id=" + "x" * 129, "It has 129 characters"),
        ("tenant_type=", "tenant_type: '' is not valid; use one or more of: microsoft-365 (0)"),
        ("tenant_type=sharepoint", "tenant_type: 'sharepoint' is not valid; use one or more of"),
        ("tenant_type=0,,1", "tenant_type: '' is not valid; use one or more of"),
        ("tenant_type=" + "x" * 9999, "… is not valid; use one or more of"),
    ],
)
def test_malformed_parameters(query: str, expected: str) -> None:
    """A malformed parameter is refused, in the query or a form, with what is wrong and what to send."""
    assert expected in refusal(query)
    assert expected in refusal(data=query.encode(), content_type=FORM)


def test_one_parameter_in_two_places() -> None:
    """A parameter that takes one value is refused if the query and the body both have it."""
    assert refusal("dry_run=false", data=b"dry_run=true", content_type=FORM) == "dry_run: 2 values given; use one"


@pytest.mark.parametrize("name", ["customer_id", "dry_run", "tenant_type", "format"])
@pytest.mark.parametrize("value", [None, 1.5, {}, {"a": 1}, [[]], [None], ["a", {}], []], ids=repr)
def test_malformed_json_members(name: str, value: Any) -> None:
    """A member with a wrong type is refused by name; an empty list of customers does not mean all customers."""
    assert json_refusal({name: value}).startswith(repr(name))


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
def test_body_that_is_not_a_json_object(body: bytes, content_type: str | None) -> None:
    """A body that is neither a form nor a JSON object is refused, however malformed it is."""
    assert refusal(data=body, content_type=content_type).startswith("Send JSON, form fields or an empty body")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"dry_run=true", "multipart/form-data"),
        (b"dry_run=true", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n', "multipart/form-data; boundary=y"),
        (b"&", FORM),
    ],
)
def test_unreadable_form(body: bytes, content_type: str) -> None:
    """An unreadable form is refused: it may have been meant as a dry run."""
    assert "no readable fields" in refusal(data=body, content_type=content_type)


@pytest.mark.parametrize("preceding", [b"", b'--x\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n'])
def test_form_field_without_name(preceding: bytes) -> None:
    """A form field without a name is refused, alone or after another one."""
    form = preceding + b"--x\r\nContent-Disposition: form-data\r\n\r\ntrue\r\n--x--\r\n"
    assert "has no name" in refusal(data=form, content_type="multipart/form-data; boundary=x")


def test_file_in_a_form() -> None:
    """A file instead of a field is refused, not ignored."""
    files = {"customer_id": "c-1", "dry_run": (io.BytesIO(b"true"), "dry_run.txt")}
    assert "or has files" in refusal(data=files, content_type="multipart/form-data")


def test_body_too_large() -> None:
    """A body that is too large is refused, whether a form or not; so is a single field of a form."""
    field = b'--x\r\nContent-Disposition: form-data; name="customer_id"\r\n\r\n' + b"x" * 1_000_000 + b"\r\n--x--\r\n"
    assert "too large" in refusal(data=field, content_type="multipart/form-data; boundary=x")
    assert "too large" in refusal(data=b"customer_id=" + b"x" * 500_000, content_type=FORM)
    assert "too large" in refusal(data=b'{"customer_id": "' + b"x" * 500_000 + b'"}', content_type="application/json")


@pytest.mark.parametrize("body", [b'{"dry_run": true, "dry_run": false}', b'{"customer_id": "a", "customer_id": "b"}'])
def test_repeated_json_member(body: bytes) -> None:
    """A repeated JSON member is refused: otherwise the last one would silently win."""
    assert "appears more than once" in refusal(data=body, content_type="application/json")


def test_too_many_customers() -> None:
    """Too many customers are refused with how to request all of them."""
    ids = [f"c-{number}" for number in range(1_001)]
    assert "1,001 values are too many. Use at most 1,000, or none" in json_refusal({"customer_id": ids})
    assert len(parse_request(data=json.dumps({"customer_id": ids[1:]}).encode()).run_request.customer_ids) == 1_000


def test_several_customers_in_one_parameter() -> None:
    """Several IDs in one parameter are refused with a hint; only the page's field takes them."""
    message = refusal(data=b"customer_id=c-1%0D%0Ac-2", content_type=FORM)
    assert message.endswith("For several IDs, repeat customer_id.")
    assert "several" not in refusal("customer_id=c%2F1")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/json, text/html", "json"),
        (BROWSER_ACCEPT, "html"),
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
    """The response is in the preferred format of the Accept header, and in JSON without a preference."""
    assert parse_request(accept=accept).format == expected


def test_format_by_parameter() -> None:
    """The parameter takes precedence over the Accept header."""
    assert parse_request("format=json", accept=BROWSER_ACCEPT).format == "json"
    assert parse_request("format=HTML", accept="application/json").format == "html"


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("", BROWSER_ACCEPT, True),
        ("", "*/*", False),
        ("format=html", "*/*", True),
        ("format=json", BROWSER_ACCEPT, False),
        ("dry_run=maybe", BROWSER_ACCEPT, True),
        ("format=xml", BROWSER_ACCEPT, True),
        ("format=xml", "*/*", False),
    ],
)
def test_wants_page(query: str, accept: str, expected: bool) -> None:
    """A browser gets a page, even if the parameters are invalid."""
    with flask_request(query, accept=accept) as request:
        assert wants_page(request) is expected


@pytest.mark.parametrize("content_type", [FORM, "multipart/form-data"])
def test_field_for_customers(content_type: str) -> None:
    """The page's field takes several IDs or none, while a blank ID of other clients is refused."""
    form = {"format": "html", "customer_id": " c-1\r\nc-2  c-1 "}
    assert parse_request(data=form, content_type=content_type).run_request.customer_ids == ("c-1", "c-2")
    assert parse_request(data={**form, "customer_id": " "}, content_type=content_type).run_request == RunRequest()
    assert "An ID can't contain" in refusal(data={**form, "customer_id": "c-1 ../c"}, content_type=content_type)
    assert "customer_id: empty" in refusal(
        data={**form, "format": "json", "customer_id": " "}, content_type=content_type
    )


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
def test_trigger_and_requester(headers: dict[str, str], trigger: str, by: str) -> None:
    """The trigger and the requester are taken from the platform's headers, as one short line."""
    environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    with flask_request(environ=environ) as request:
        run_request = parse(request).run_request
    assert (run_request.trigger, run_request.by) == (trigger, by)


def parse_health_query(query: str) -> HealthRequest:
    """Parse a health check with this query."""
    with flask_request(query) as request:
        return parse_health(request)


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
    """A health check takes whether to check deeply, and an age in seconds, minutes, hours or days."""
    assert parse_health_query(query) == expected


@pytest.mark.parametrize(
    "query", ["fresh=", "fresh=26", "fresh=0h", "fresh=-1h", "fresh=1.5h", "fresh=1h&fresh=1h", "deep", "dry_run=true"]
)
def test_invalid_health_parameters(query: str) -> None:
    """Anything else is refused: a check that skipped something would look like a passed one."""
    with pytest.raises(BadRequestError, match=r"; use"):
        parse_health_query(query)
