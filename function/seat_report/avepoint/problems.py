"""Problems of a query, in sentences for finance people, each with a next step.

The same failure has the same sentence in every run; what may differ is evidence.
"""

from collections.abc import Sequence
from datetime import datetime

from seat_report.domain import Problem, ProblemKind, Query, SeatResult
from seat_report.errors import ConfigurationError, Fault

_REGISTRATION = "the app registration (AvePoint Elements, Settings, API app registration)"
_OUT_OF_TIME = (
    "Not checked: the run ran out of time. The next run will try again; if this happens often, give runs more time"
)
_AGAIN = "The next run will try again; if this persists, check AvePoint's service status or contact AvePoint support"

# The warning of a run in which every query failed for the same reason.
_COMMON_FAILURES = {
    ProblemKind.NOT_FOUND: "AvePoint doesn't know any of the customers. Check the IDs in the Customers tab, "
    "AVEPOINT_ENVIRONMENT, and AVEPOINT_SEATS_CONTRACT if it is set",
    ProblemKind.NOT_AUTHORISED: f"This app isn't authorised for any of the customers. Check the permission "
    f"elements.license.read.all and the customer scope of {_REGISTRATION}",
    ProblemKind.THROTTLED: "AvePoint rate-limited every request. If this persists, ask AvePoint support for the limit",
    ProblemKind.UNAVAILABLE: f"AvePoint could not be reached or returned an error for every customer. {_AGAIN}",
    ProblemKind.TIMEOUT: f"AvePoint did not answer in time for any customer. {_AGAIN}",
    ProblemKind.BAD_ANSWER: "AvePoint's answers could not be read for any customer. Ask the operator of this "
    "report to compare them with AvePoint's documentation",
    ProblemKind.NOT_CHECKED: "No customer was checked: the run ran out of time. Give runs more time",
}


# How far the service got with a query that it refused in this way, for telling two refusals apart.
_PROGRESS = (
    ProblemKind.NOT_FOUND,
    ProblemKind.TIMEOUT,
    ProblemKind.UNAVAILABLE,
    ProblemKind.BAD_ANSWER,
    ProblemKind.NOT_AUTHORISED,
)


def progress(problem: Problem) -> int:
    """How far the service got with the query, to choose between the refusals of both contracts."""
    return _PROGRESS.index(problem.kind) if problem.kind in _PROGRESS else 0


def problem(query: Query, kind: ProblemKind, detail: str, request_id: str = "", *evidence: str) -> Problem:
    """A problem of one query; `detail` lacks its full stop, `request_id` is the service's ID of the request if any."""
    reference = f"AvePoint's request id: {request_id}" if request_id else ""
    return Problem(
        kind,
        f"{detail}.",
        customer_id=query.customer_id,
        tenant_type=query.tenant_type,
        evidence="; ".join(filter(None, (*evidence, reference))),
    )


def not_found(query: Query, request_id: str = "") -> Problem:
    """The service doesn't know the customer (404 or 405 in both contracts)."""
    detail = (
        "AvePoint doesn't know a customer with this ID. Check the ID in AvePoint Elements; if the customer has left, "
        "remove it from the Customers tab"
    )
    return problem(query, ProblemKind.NOT_FOUND, detail, request_id)


def out_of_scope(query: Query, request_id: str = "") -> Problem:
    """The app is not authorised for the customer (403)."""
    detail = f"This app isn't authorised for this customer. Add it to the customer scope of {_REGISTRATION}"
    return problem(query, ProblemKind.NOT_AUTHORISED, detail, request_id)


def token_refused(query: Query, request_id: str = "") -> Problem:
    """The service refuses even a newly issued token (401)."""
    detail = (
        "AvePoint rejected this app's access token, even a new one. Check permissions and customer scope of "
        f"{_REGISTRATION}"
    )
    return problem(query, ProblemKind.NOT_AUTHORISED, detail, request_id)


def unexpected_status(query: Query, status: int, message: str, request_id: str = "") -> Problem:
    """The service replied with a status that retrying doesn't fix."""
    detail = (
        f"AvePoint rejected the request (status {status}). Check the customer's ID; "
        "if it is right, contact AvePoint support"
    )
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id, _quoted(message))


def redirected(query: Query, status: int, request_id: str = "") -> Problem:
    """The service redirected to another address, where the access token must not be sent."""
    detail = f"AvePoint redirected the request (status {status}), which is not allowed. Check AVEPOINT_API_URL"
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id)


def unreadable(query: Query, what: str, message: str, request_id: str = "") -> Problem:
    """The service replied, but not as documented; `what` continues a sentence that starts with "AvePoint"."""
    detail = f"AvePoint {what}. The next run will try again; if this persists, contact AvePoint support"
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id, _quoted(message))


def incomplete_list(query: Query, evidence: str, request_id: str = "") -> Problem:
    """The list of tenants changed each time it was read, so it may lack some."""
    detail = (
        "AvePoint's list of this customer's tenants kept changing while it was read, so some may be missing. "
        "The next run will try again; if this persists, contact AvePoint support"
    )
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id, evidence)


def failed(query: Query, status: int, attempts: int, request_id: str = "") -> Problem:
    """The service failed at every attempt (408 or 5xx)."""
    detail = f"AvePoint returned an error (status {status}). {_AGAIN}"
    return problem(query, ProblemKind.UNAVAILABLE, detail, request_id, _tried(attempts))


def no_reply(query: Query, kind: ProblemKind, what: str, attempts: int) -> Problem:
    """No reply arrived at any attempt; `what` is a sentence without its full stop."""
    return problem(query, kind, f"{what}. {_AGAIN}", "", _tried(attempts))


def throttled(query: Query, attempts: int, request_id: str = "") -> Problem:
    """The service throttled the query at every attempt."""
    detail = "AvePoint rate-limited the request. The next run will try again"
    return problem(query, ProblemKind.THROTTLED, detail, request_id, _tried(attempts))


def throttled_until(query: Query, until: datetime, request_id: str = "") -> Problem:
    """The service throttles until a time that this run can't wait for."""
    detail = "AvePoint accepts no more requests for now. A later run will try again"
    return problem(query, ProblemKind.THROTTLED, detail, request_id, f"throttled until {until:%Y-%m-%d %H:%M} UTC")


def no_token(query: Query, kind: ProblemKind, what: str) -> Problem:
    """No access token was available; `what` is a sentence without its full stop."""
    return problem(query, kind, f"{what}, so this customer could not be checked. {_AGAIN}")


def out_of_time(query: Query) -> Problem:
    """The run's time was up before the query was sent."""
    return problem(query, ProblemKind.NOT_CHECKED, _OUT_OF_TIME)


def cut_off(query: Query) -> Problem:
    """The run's time was up before the reply arrived."""
    return problem(query, ProblemKind.TIMEOUT, f"AvePoint did not answer before the run ran out of time. {_AGAIN}")


def bad_customer_id(query: Query) -> Problem:
    """The customer ID can't be part of a URL."""
    return problem(
        query, ProblemKind.INVALID_CUSTOMER_ID, "This is not a valid customer ID. Correct it in the Customers tab"
    )


def common_failure(results: Sequence[SeatResult]) -> str | None:
    """The warning for a run in which all of several queries failed for the same reason; None otherwise."""
    kinds = {result.failure.kind if result.failure else None for result in results}
    if len(results) < 2 or len(kinds) != 1:
        return None
    (kind,) = kinds
    return f"{_COMMON_FAILURES[kind]}." if kind in _COMMON_FAILURES else None


def unauthorised() -> ConfigurationError:
    """The error of a run for whose tokens the service refuses every customer."""
    return ConfigurationError(
        Fault(
            "AVEPOINT_CLIENT_ID / AVEPOINT_ENVIRONMENT",
            "AvePoint issues access tokens but rejects them for every customer (status 401)",
            "Check in AvePoint Elements (Settings, API app registration) that the app has the permission "
            "elements.license.read.all, and that AVEPOINT_ENVIRONMENT and AVEPOINT_API_URL belong to it",
        )
    )


def _tried(attempts: int) -> str:
    return "tried " + {1: "once", 2: "twice"}.get(attempts, f"{attempts} times")


def _quoted(message: str) -> str:
    return f"AvePoint said “{message}”" if message else ""
