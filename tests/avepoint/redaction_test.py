"""Redaction: replies contain no secret, in any form in which it may be echoed."""

import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.redaction import redact
from seat_report.avepoint.transport import Reply

SECRET = 'p~Q8/q 1"ü\\x+z'
TOKEN = "eyJhbGciOi.J9-_.x/y+z=="


def reply_with(body: str, **headers: str) -> Reply:
    return Reply(400, CaseInsensitiveDict(headers), body.encode())


@pytest.mark.parametrize(
    "body",
    [
        f"You sent {SECRET}.",
        urlencode({"client_secret": SECRET, "client_id": "me"}),
        f"/connect?client_secret={quote(SECRET, safe='')}",
        json.dumps({"message": f"no such secret {SECRET}"}),
        json.dumps({"message": SECRET}, ensure_ascii=False),
        json.dumps({"message": SECRET}).replace("/", "\\/"),
        f"Authorization: Bearer {TOKEN}",
        json.dumps({"authorization": f"Bearer {TOKEN}"}),
    ],
)
def test_secrets_in_the_body(body: str) -> None:
    """A secret is hidden as plain text, in form fields, in URLs and in JSON; the rest is kept."""
    redacted = redact(reply_with(body), SECRET, TOKEN).body.decode()
    for secret in (SECRET, TOKEN):
        forms = (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
        assert not any(form in redacted for form in forms)
    assert "(hidden)" in redacted
    assert redacted[:2] == body[:2]


def test_secrets_in_headers() -> None:
    """A secret in a header is hidden, too, and header names stay case-insensitive."""
    redacted = redact(reply_with("", **{"X-Request-Id": f"for {TOKEN}", "Retry-After": "5"}), SECRET, TOKEN)
    assert redacted.headers["x-request-id"] == "for (hidden)"
    assert redacted.headers["retry-after"] == "5"


def test_reply_without_secrets() -> None:
    """A reply without secrets is returned as is; a text too short to be a secret is not treated as one."""
    reply = reply_with('{"assignedUserSeat": 1234567}')
    assert redact(reply, SECRET, "", "1234567") is reply


def test_secret_in_a_number() -> None:
    """A number that contains a secret becomes invalid JSON rather than a different number."""
    redacted = redact(reply_with('[{"assignedUserSeat": 1234567890}]'), "12345678")
    with pytest.raises(json.JSONDecodeError):
        json.loads(redacted.body)
