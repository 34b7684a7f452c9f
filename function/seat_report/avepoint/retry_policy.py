"""When to ask again: what a reply means, how long the service wants to be left alone, how long to wait otherwise."""

import enum
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from seat_report.avepoint.transport import Reply

# Requests that failed on the way or at the service; the first included.
MOST_ATTEMPTS = 4
# Each time-out costs a whole request's time.
MOST_TIMEOUTS = 3
# Being turned away is the pace's doing, hardly the query's, so it may happen to a query more often.
MOST_REFUSALS = 8
# The longest that a single Retry-After may make a run wait, and the longest that one query may make it wait in all.
LONGEST_PAUSE_SECONDS = 30.0
LONGEST_PAUSES_SECONDS = 60.0
_FIRST_BACKOFF_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 8.0
_SECONDS = re.compile(r"\d{1,9}(\.\d*)?")


class ReplyKind(enum.Enum):
    """What a reply comes to, by its status."""

    ANSWER = enum.auto()
    ABSENT = enum.auto()
    UNAUTHORISED = enum.auto()
    OUT_OF_SCOPE = enum.auto()
    REFUSED = enum.auto()
    FAILED = enum.auto()
    REDIRECTED = enum.auto()
    WRONG = enum.auto()


_MEANINGS = {
    200: ReplyKind.ANSWER,
    201: ReplyKind.ANSWER,
    204: ReplyKind.ANSWER,
    401: ReplyKind.UNAUTHORISED,
    403: ReplyKind.OUT_OF_SCOPE,
    404: ReplyKind.ABSENT,
    405: ReplyKind.ABSENT,
    408: ReplyKind.FAILED,
    429: ReplyKind.REFUSED,
}


def classify(reply: Reply) -> ReplyKind:
    """What the reply comes to. A 503 that says when to come back is a refusal, like a 429; without that, a failure."""
    if reply.status == 503 and "Retry-After" in reply.headers:
        return ReplyKind.REFUSED
    found = _MEANINGS.get(reply.status)
    if found:
        return found
    if 300 <= reply.status < 400:
        return ReplyKind.REDIRECTED
    return ReplyKind.FAILED if reply.status >= 500 else ReplyKind.WRONG


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, as seconds or as a date (RFC 9110, 10.2.3); None if that can't be told.

    A date is compared with the reply's own `Date`, so that it doesn't matter whether the clocks agree.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _date(value)
    return max(0.0, (until - (_date(headers.get("Date", "")) or now)).total_seconds()) if until else None


def backoff(failures: int, chance: random.Random) -> float:
    """Seconds to wait after so many failures: exponential, with full jitter."""
    return chance.uniform(0, min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** (failures - 1)))


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
