"""Redaction: replies contain no secret, in any form in which it may be echoed."""

import html
import json
import string
from collections.abc import Callable
from struct import iter_unpack
from urllib.parse import quote, quote_plus, unquote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.redaction import redact
from seat_report.avepoint.transport import Reply
from tests.proof.sampling import many

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


def escaped_in_json(text: str) -> str:
    return "".join(f"\\u{unit:04x}" for (unit,) in iter_unpack(">H", text.encode("utf-16-be")))


def escaped_in_a_url(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


# One character, spelled as a service may spell it.
SPELLINGS: list[Callable[[str], str]] = [
    str,
    escaped_in_json,
    lambda text: escaped_in_json(text).upper().replace("U", "u"),
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: f"&#{ord(text)};",
    lambda text: f"&#x{ord(text):X};",
    lambda text: f"&#0{ord(text)};",
    html.escape,
    escaped_in_a_url,
    lambda text: escaped_in_a_url(text).lower(),
    quote_plus,
]
# What RFC 6750 allows in a token, and a client secret of any characters.
secrets = st.text(st.sampled_from(string.ascii_letters + string.digits + "-._~+/="), min_size=8, max_size=60)
# Surrogates and control characters are refused in settings; what looks like an escape can't be told from one.
odd_characters = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\\&%+ ")
odd_secrets = st.text(odd_characters, min_size=8, max_size=30)


@settings(max_examples=many(100, 5000))
@given(st.data(), secrets | odd_secrets, st.integers(1, 3), st.text('<>{}": ,', max_size=5))
def test_no_spelling_of_a_secret_survives(data: st.DataObject, secret: str, levels: int, around: str) -> None:
    """Escapes of JSON, HTML and URLs, of some characters or all, and several times over, hide no secret."""
    ways = data.draw(st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=4))
    spelled = "".join(ways[index % len(ways)](character) for index, character in enumerate(secret))
    for _ in range(levels - 1):
        # A text that is quoted is escaped as a whole.
        spelled = "".join(map(data.draw(st.sampled_from(SPELLINGS)), spelled))
    body = f"before {around}{spelled}{around} after"
    redacted = redact(reply_with(body, **{"X-Request-Id": f"id {spelled}"} if spelled.isascii() else {}), secret)
    assert redacted.body.decode() == f"before {around}(hidden){around} after"
    assert redacted.headers.get("X-Request-Id", "id (hidden)") == "id (hidden)"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_encodings(encoding: str) -> None:
    """A body in another encoding that JSON's reader takes is redacted, and still reads the same."""
    body = json.dumps([{"name": f"für {TOKEN}"}], ensure_ascii=False).encode(encoding)
    redacted = redact(Reply(200, CaseInsensitiveDict(), body), TOKEN)
    assert json.loads(redacted.body) == [{"name": "für (hidden)"}]


@given(st.lists(st.sampled_from(["aaaa", "aaaaaaaa", "b", "%61", "\\u0061"]), max_size=8))
def test_overlapping_secrets(parts: list[str]) -> None:
    """Where a secret overlaps itself, nothing of it is left."""
    redacted = redact(reply_with(" ".join(["x", "".join(parts)])), "aaaaaaaa").body.decode()
    assert "a" * 8 not in unquote(redacted).replace("\\u0061", "a")


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
