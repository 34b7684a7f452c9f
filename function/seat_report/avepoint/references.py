"""What a reply says about itself: its request id, which the vendor's support asks for, and the service's own words."""

from seat_report.avepoint.answers import UnreadableAnswerError, read_json
from seat_report.avepoint.http import Reply
from seat_report.texts import clean, quote

_HEADERS = ("x-request-id", "request-id", "x-ms-request-id", "x-correlation-id")
_FIELDS = ("requestId", "traceId")
_LONGEST_ID = 100
_LONGEST_MESSAGE = 160


def request_id(reply: Reply) -> str:
    """The service's name for the request, from a header or an error's body; "" if it gave none."""
    given: object = next((reply.headers[name] for name in _HEADERS if reply.headers.get(name)), None)
    if given is None and reply.status >= 400:
        error = _error(reply)
        given = next((error[name] for name in _FIELDS if error.get(name)), None)
    return clean(given, _LONGEST_ID) if isinstance(given, str) else ""


def said(reply: Reply) -> str:
    """What an error's body says, or else its first characters."""
    error = _error(reply)
    messages = [error.get("message")]
    details = error.get("errors")
    if isinstance(details, list):
        messages += [detail.get("message") for detail in details if isinstance(detail, dict)]
    text = " ".join(message for message in messages if isinstance(message, str))
    return clean(text, _LONGEST_MESSAGE) if text.strip() else quote(reply.body)


def _error(reply: Reply) -> dict[str, object]:
    try:
        value = read_json(reply.body)
    except UnreadableAnswerError:
        return {}
    return value if isinstance(value, dict) else {}
