"""When to retry: how replies are classified, how long the service asks to wait, and how long to back off otherwise."""

import enum
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from seat_report.avepoint.transport import Reply

# Attempts at a request that fails in transit or at the service, including the first.
MOST_ATTEMPTS = 4
# Each timeout uses up a full request timeout.
MOST_TIMEOUTS = 3
# Throttling is caused by the overall rate rather than by the query, so a query may be throttled more often.
MOST_THROTTLES = 8
# How many times one query may have its token refused, and how many times it may cause the token's renewal.
MOST_UNAUTHORISED = 8
MOST_RENEWALS = 2
# The longest wait that a single Retry-After can impose on a run, and the longest total wait for one query.
LONGEST_PAUSE_SECONDS = 30.0
LONGEST_TOTAL_PAUSE_SECONDS = 60.0
_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 8.0
_SECONDS = re.compile(r"\d{1,9}(\.\d*)?")


class ReplyKind(enum.Enum):
    """The kind of a reply, by its status."""

    SUCCESS = enum.auto()
    ABSENT = enum.auto()
    UNAUTHORISED = enum.auto()
    OUT_OF_SCOPE = enum.auto()
    THROTTLED = enum.auto()
    FAILED = enum.auto()
    REDIRECTED = enum.auto()
    UNEXPECTED = enum.auto()


_KINDS = {
    200: ReplyKind.SUCCESS,
    201: ReplyKind.SUCCESS,
    204: ReplyKind.SUCCESS,
    401: ReplyKind.UNAUTHORISED,
    403: ReplyKind.OUT_OF_SCOPE,
    404: ReplyKind.ABSENT,
    405: ReplyKind.ABSENT,
    408: ReplyKind.FAILED,
    429: ReplyKind.THROTTLED,
}


def classify(reply: Reply) -> ReplyKind:
    """The kind of the reply. A 503 with Retry-After is throttling, like a 429; without it, a failure."""
    if reply.status == 503 and "Retry-After" in reply.headers:
        return ReplyKind.THROTTLED
    kind = _KINDS.get(reply.status)
    if kind:
        return kind
    if 300 <= reply.status < 400:
        return ReplyKind.REDIRECTED
    return ReplyKind.FAILED if reply.status >= 500 else ReplyKind.UNEXPECTED


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The wait in seconds that `Retry-After` asks for, as seconds or a date (RFC 9110, 10.2.3); None if unreadable.

    A date is compared with the reply's own `Date` header, so that clock skew doesn't matter.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _parse_date(value)
    return max(0.0, (until - (_parse_date(headers.get("Date", "")) or now)).total_seconds()) if until else None


def backoff(failures: int, rng: random.Random) -> float:
    """Seconds to wait after this many failures: exponential, with full jitter."""
    return rng.uniform(0, min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)))


def _parse_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
