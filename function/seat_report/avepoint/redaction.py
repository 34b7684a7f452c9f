"""What came back, without what was sent in confidence: a gateway's error page may echo the request that it refuses."""

from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.transport import Reply
from seat_report.settings import INSTEAD, forms, hidden


def without(reply: Reply, *secrets: str) -> Reply:
    """The reply with each secret hidden, in its headers and in its body, in whatever form an echo would have it.

    A secret within a number leaves no number, so that none is made up.
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
