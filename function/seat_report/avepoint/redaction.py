"""Removes secrets from replies: a gateway's error page may echo the request that it rejects."""

from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.transport import Reply
from seat_report.settings import INSTEAD, forms, hidden


def redact(reply: Reply, *secrets: str) -> Reply:
    """The reply with each secret hidden in headers and body, in any form in which it may be echoed.

    Redacting a secret inside a number leaves invalid JSON, never a different number.
    """
    for secret in secrets:
        for form in forms(secret):
            if any(form in value for value in reply.headers.values()):
                headers = {name: value.replace(form, INSTEAD) for name, value in reply.headers.items()}
                reply = reply._replace(headers=CaseInsensitiveDict(headers))
        body = hidden(reply.body, secret)
        if body is not reply.body:
            reply = reply._replace(body=body)
    return reply
