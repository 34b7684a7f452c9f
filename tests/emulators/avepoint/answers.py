"""What came in and what goes out, apart from how HTTP carries it."""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"

GATEWAY_PAGE = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
)

# The codes the vendor documents (and 405, 502, 504 of gateways in front), in the words of its error bodies.
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in; header names are lower case, `host` is the address the client called."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = ""


class Delivery(enum.Enum):
    """How an answer is sent."""

    WHOLE = "whole"
    RESET = "reset"
    HANG = "hang"
    DRIBBLE = "dribble"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to send: `wait` seconds before its first byte, and `pause` seconds between bytes if it dribbles."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    wait: float = 0.0
    pause: float = 0.0


def as_json(status: int, document: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer that carries the document as JSON."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, headers=headers or {})


def as_html(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the page of a gateway that stands in front of the service."""
    title = f"{status} {REASONS[status]}" if status in REASONS else "Maintenance"
    return Answer(status, GATEWAY_PAGE.format(title=title).encode(), content_type=HTML, headers=headers or {})


def vendor_error(
    status: int,
    message: str,
    request_id: str,
    *,
    errors: tuple[Mapping[str, str], ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return an error with the body that the vendor documents; `errors` are its code, field and message entries."""
    document = {
        "statusCode": status,
        "message": message,
        "errors": list(errors),
        "requestId": request_id,
        "traceId": request_id.replace("-", ""),
    }
    return as_json(status, document, headers)
