"""What went wrong with a query, in sentences that a finance person understands, each with what to do about it."""

from collections.abc import Sequence
from datetime import datetime

from seat_report.domain import Problem, ProblemKind, Query, SeatResult

_REGISTRATION = "the app registration (AvePoint Elements, Settings, API app registration)"
_OUT_OF_TIME = (
    "Not checked: the run's time was used up. The next run will ask again; "
    "if this happens often, give the run more time"
)
_AGAIN = "The next run will ask again; if this lasts, check AvePoint's service status or ask AvePoint's support"

# What a run says once if nothing but this came of it.
_TOLD_ONCE = {
    ProblemKind.NOT_FOUND: "AvePoint knows none of the customers. Check the IDs in the Customers tab, that "
    "AVEPOINT_ENVIRONMENT is the one they are in, and AVEPOINT_SEATS_CONTRACT if it is set",
    ProblemKind.NOT_AUTHORISED: f"AvePoint lets this report see none of the customers. Check the permission "
    f"elements.license.read.all and the customer scope of {_REGISTRATION}",
    ProblemKind.THROTTLED: "AvePoint turned away every question as too many. If this lasts, ask AvePoint's "
    "support for the limit",
    ProblemKind.UNAVAILABLE: f"AvePoint could not be reached or was out of order for every customer. {_AGAIN}",
    ProblemKind.TIMEOUT: f"AvePoint did not answer in time for any customer. {_AGAIN}",
    ProblemKind.BAD_ANSWER: "AvePoint's answers could not be understood for any customer. Ask the operator of this "
    "report to compare them with AvePoint's documentation",
    ProblemKind.NOT_CHECKED: "No customer was checked: the run's time was used up. Give the run more time",
}


def problem(query: Query, kind: ProblemKind, detail: str, request_id: str = "") -> Problem:
    """A problem of one query, with the service's name for the request where it gave one."""
    about = f" (AvePoint's request id: {request_id})" if request_id else ""
    return Problem(kind, f"{detail}{about}.", customer_id=query.customer_id, tenant_type=query.tenant_type)


def not_found(query: Query, request_id: str = "") -> Problem:
    """The service doesn't know the customer."""
    detail = (
        "AvePoint knows no customer with this ID. Check the ID in AvePoint Elements; if the customer has left, "
        "take it off the Customers tab"
    )
    return problem(query, ProblemKind.NOT_FOUND, detail, request_id)


def out_of_scope(query: Query, request_id: str = "") -> Problem:
    """The service won't tell this app about the customer."""
    detail = f"AvePoint does not let this report see this customer. Add it to the customer scope of {_REGISTRATION}"
    return problem(query, ProblemKind.NOT_AUTHORISED, detail, request_id)


def token_refused(query: Query, request_id: str = "") -> Problem:
    """The service refuses a token that was got just now."""
    detail = (
        f"AvePoint refused this report's access, even renewed. Check permissions and customer scope of {_REGISTRATION}"
    )
    return problem(query, ProblemKind.NOT_AUTHORISED, detail, request_id)


def question_refused(query: Query, status: int, said: str, request_id: str = "") -> Problem:
    """The service answered with a status that asking again doesn't mend."""
    quoted = f": “{said}”" if said else ""
    detail = (
        f"AvePoint refused the question with status {status}{quoted}. Check the customer's ID; "
        "if it is right, ask AvePoint's support"
    )
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id)


def redirected(query: Query, status: int, request_id: str = "") -> Problem:
    """The service pointed elsewhere, where this report's token must not go."""
    detail = f"AvePoint pointed to another address (status {status}), which is not followed. Check AVEPOINT_API_URL"
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id)


def unreadable(query: Query, what: str, said: str, request_id: str = "") -> Problem:
    """The service answered, but not as documented; `what` goes on after "AvePoint"."""
    quoted = f": “{said}”" if said else ""
    detail = f"AvePoint {what}{quoted}. The next run will ask again; if this stays so, ask AvePoint's support"
    return problem(query, ProblemKind.BAD_ANSWER, detail, request_id)


def failed(query: Query, status: int, attempts: int, request_id: str = "") -> Problem:
    """The service was out of order, each time it was asked."""
    detail = f"AvePoint was out of order (status {status}) {_times(attempts)}. {_AGAIN}"
    return problem(query, ProblemKind.UNAVAILABLE, detail, request_id)


def unanswered(query: Query, kind: ProblemKind, what: str, attempts: int) -> Problem:
    """No answer came, each time the service was asked; `what` is a sentence without its full stop."""
    return problem(query, kind, f"{what}, {_times(attempts)}. {_AGAIN}")


def throttled(query: Query, attempts: int, request_id: str = "") -> Problem:
    """The service turned the query away as too many, each time."""
    detail = f"AvePoint turned the question away as too many, {_times(attempts)}. The next run will ask again"
    return problem(query, ProblemKind.THROTTLED, detail, request_id)


def throttled_until(query: Query, until: datetime, request_id: str = "") -> Problem:
    """The service won't be asked again before a time that this run can't wait for."""
    detail = (
        f"AvePoint takes no more questions for now: throttled until {until:%Y-%m-%d %H:%M} UTC. "
        "A run after that will ask again"
    )
    return problem(query, ProblemKind.THROTTLED, detail, request_id)


def no_token(query: Query, kind: ProblemKind, what: str) -> Problem:
    """There was no access token to ask with; `what` is a sentence without its full stop."""
    return problem(query, kind, f"{what}, so this customer could not be asked for. {_AGAIN}")


def out_of_time(query: Query) -> Problem:
    """The query was never asked."""
    return problem(query, ProblemKind.NOT_CHECKED, _OUT_OF_TIME)


def cut_off(query: Query) -> Problem:
    """The query was asked, and the run's time ended before the answer."""
    return problem(query, ProblemKind.TIMEOUT, f"AvePoint had not answered when the run's time was used up. {_AGAIN}")


def bad_customer_id(query: Query) -> Problem:
    """The id can't be part of an address."""
    return problem(
        query, ProblemKind.INVALID_CUSTOMER_ID, "This can't be a customer's ID. Correct it in the Customers tab"
    )


def said_once(answers: Sequence[SeatResult]) -> str | None:
    """The one sentence that tells why there is no answer at all, if every query failed for the same reason."""
    kinds = {answer.failure.kind if answer.failure else None for answer in answers}
    if len(answers) < 2 or len(kinds) != 1:
        return None
    (kind,) = kinds
    return f"{_TOLD_ONCE[kind]}." if kind in _TOLD_ONCE else None


def _times(attempts: int) -> str:
    return {1: "once", 2: "twice"}.get(attempts, f"{attempts} times")
