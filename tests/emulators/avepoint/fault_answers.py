"""Faults that take the place of an answer: what a gateway says before the service has looked at the request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.emulators.avepoint.answers import REASONS, Answer, Delivery, as_html, vendor_error
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import token_error

# These come from the gateways in front, as pages, unless the fault says otherwise.
GATEWAY_STATUSES = frozenset({502, 504})


@dataclass(frozen=True, slots=True)
class Moment:
    """What an answer says besides the fault: the request's id and the time."""

    request_id: str
    now: datetime


def _status(fault: Fault, moment: Moment) -> Answer:
    status = fault.status or 500
    headers = _retry_after(fault, moment.now)
    html = fault.html
    if html is None:
        # An identity server answers failures of its own with a page too.
        html = status in GATEWAY_STATUSES or (fault.endpoint == "token" and status >= 500)
    if html:
        return as_html(status, headers)
    if fault.endpoint == "token":
        answer = token_error(fault.error or _token_error_code(status), "The request was refused.", status)
        return Answer(answer.status, answer.body, headers={**answer.headers, **headers})
    return vendor_error(status, REASONS.get(status, "Error"), moment.request_id, headers=headers)


def _token_error_code(status: int) -> str:
    return {401: "invalid_client", 429: "temporarily_unavailable", 503: "temporarily_unavailable"}.get(
        status, "invalid_request"
    )


def _retry_after(fault: Fault, now: datetime) -> Mapping[str, str]:
    if fault.retry_after is None:
        return {}
    if fault.retry_after_as == "date":
        return {"Retry-After": format_datetime(now + timedelta(seconds=int(fault.retry_after)), usegmt=True)}
    return {"Retry-After": fault.retry_after}


def _no_content(_fault: Fault, _moment: Moment) -> Answer:
    return Answer(204, content_type=None)


def _html(fault: Fault, _moment: Moment) -> Answer:
    return as_html(fault.status or 200)


def _body(fault: Fault, _moment: Moment) -> Answer:
    return Answer(fault.status or 200, (fault.body or "").encode())


def _reset(_fault: Fault, _moment: Moment) -> Answer:
    return Answer(0, delivery=Delivery.RESET)


def _hang(_fault: Fault, _moment: Moment) -> Answer:
    return Answer(0, delivery=Delivery.HANG)


KINDS: Mapping[str, Callable[[Fault, Moment], Answer]] = {
    "status": _status,
    "no-content": _no_content,
    "html": _html,
    "body": _body,
    "reset": _reset,
    "hang": _hang,
}
