"""Removes secrets from replies: a gateway's error page may echo the request that it rejects."""

import json

from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.transport import Reply
from seat_report.settings import hidden


def redact(reply: Reply, *secrets: str) -> Reply:
    """The reply with each secret hidden in headers and body, in any spelling in which it may be echoed.

    Redacting a secret inside a number leaves invalid JSON, never a different number.
    """
    body = _in_utf_8(reply.body)
    headers = dict(reply.headers)
    for secret in secrets:
        body = hidden(body, secret)
        # Python's HTTP client decodes headers as Latin-1.
        raw = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
        headers |= {
            name: redacted.decode("latin-1")
            for name, value in raw.items()
            if (redacted := hidden(value, secret)) is not value
        }
    if headers != dict(reply.headers):
        reply = reply._replace(headers=CaseInsensitiveDict(headers))
    return reply if body is reply.body else reply._replace(body=body)


def _in_utf_8(body: bytes) -> bytes:
    """The body as UTF-8, should it be text in UTF-16 or UTF-32, which JSON's reader takes as well."""
    if b"\0" not in body[:4]:
        return body
    return body.decode(json.detect_encoding(body), "replace").encode()
