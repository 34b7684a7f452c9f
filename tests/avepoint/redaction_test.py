"""Redaction: what comes back never holds what was sent in confidence, in any form in which it could be echoed."""

import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.redaction import without
from seat_report.avepoint.transport import Reply

SECRET = 'p~Q8/q 1"ü\\x+z'
TOKEN = "eyJhbGciOi.J9-_.x/y+z=="


def echo(body: str, **headers: str) -> Reply:
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
def test_nothing_is_repeated(body: str) -> None:
    """A secret is hidden as it is, as a form field, in an address and in JSON, and the rest stays."""
    found = without(echo(body), SECRET, TOKEN).body.decode()
    for secret in (SECRET, TOKEN):
        forms = (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
        assert not any(form in found for form in forms)
    assert "(hidden)" in found
    assert found[:2] == body[:2]


def test_headers() -> None:
    """A header holds no secret either, and is still found in any case."""
    found = without(echo("", **{"X-Request-Id": f"for {TOKEN}", "Retry-After": "5"}), SECRET, TOKEN)
    assert found.headers["x-request-id"] == "for (hidden)"
    assert found.headers["retry-after"] == "5"


def test_what_holds_no_secret() -> None:
    """A reply without a secret is left as it is; and what is too short for one is not taken for one."""
    reply = echo('{"assignedUserSeat": 1234567}')
    assert without(reply, SECRET, "", "1234567") is reply


def test_a_secret_in_a_number() -> None:
    """A number in which the secret stands is no number any more, rather than another one."""
    found = without(echo('[{"assignedUserSeat": 1234567890}]'), "12345678")
    with pytest.raises(json.JSONDecodeError):
        json.loads(found.body)
