"""What a reply means, and when to ask again."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.retry_policy import ReplyKind, backoff, classify, retry_after
from seat_report.avepoint.transport import Reply

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
LATER = "Mon, 23 Nov 2026 12:00:20 GMT"


def reply(status: int, **headers: str) -> Reply:
    return Reply(status, CaseInsensitiveDict({name.replace("_", "-"): text for name, text in headers.items()}), b"")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, ReplyKind.ANSWER),
        (201, ReplyKind.ANSWER),
        (204, ReplyKind.ANSWER),
        (202, ReplyKind.WRONG),
        (301, ReplyKind.REDIRECTED),
        (307, ReplyKind.REDIRECTED),
        (400, ReplyKind.WRONG),
        (401, ReplyKind.UNAUTHORISED),
        (403, ReplyKind.OUT_OF_SCOPE),
        (404, ReplyKind.ABSENT),
        (405, ReplyKind.ABSENT),
        (408, ReplyKind.FAILED),
        (418, ReplyKind.WRONG),
        (429, ReplyKind.REFUSED),
        (500, ReplyKind.FAILED),
        (502, ReplyKind.FAILED),
        (503, ReplyKind.FAILED),
        (504, ReplyKind.FAILED),
    ],
)
def test_what_a_status_means(status: int, expected: ReplyKind) -> None:
    """Each status has one meaning."""
    assert classify(reply(status)) is expected


def test_a_503_that_says_when_to_come_back() -> None:
    """A 503 with Retry-After is a refusal as a 429 is."""
    assert classify(reply(503, retry_after="5")) is ReplyKind.REFUSED


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": " 0 "}, 0.0),
        ({"retry_after": "2.5"}, 2.5),
        ({"retry_after": "86400"}, 86400.0),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": ""}, None),
        ({"retry_after": "9" * 30}, None),
        ({"retry_after": LATER}, 20.0),
        ({"retry_after": "Mon, 23 Nov 2026 11:59:00 GMT"}, 0.0),
        ({"retry_after": LATER, "date": "Mon, 23 Nov 2026 12:00:15 GMT"}, 5.0),
        ({"retry_after": LATER, "date": "today"}, 20.0),
        ({"retry_after": "Mon, 99 Nov 2026 12:00:20 GMT"}, None),
        ({"retry_after": "Mon, 23 Nov 2026 12:00:20 -0000"}, 20.0),
    ],
)
def test_when_to_come_back(headers: dict[str, str], expected: float | None) -> None:
    """Seconds and dates are understood, a date by the service's own clock; anything else is as if it weren't there."""
    assert retry_after(reply(429, **headers).headers, NOW) == expected


@given(st.text(), st.text())
def test_whatever_the_headers_say(after: str, date: str) -> None:
    """No header is an exception, or a wait into the past."""
    wait = retry_after({"Retry-After": after, "Date": date}, NOW)
    assert wait is None or wait >= 0


@given(st.integers(1, 50), st.integers())
def test_backing_off(failures: int, seed: int) -> None:
    """The wait is between nothing and twice as much each time, up to a bound: full jitter."""
    assert 0 <= backoff(failures, random.Random(seed)) <= min(8, 2 ** (failures - 1))
