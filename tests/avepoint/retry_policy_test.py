"""The retry policy: kinds of replies, Retry-After, and back-off."""

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
        (200, ReplyKind.SUCCESS),
        (201, ReplyKind.SUCCESS),
        (204, ReplyKind.SUCCESS),
        (202, ReplyKind.UNEXPECTED),
        (301, ReplyKind.REDIRECTED),
        (307, ReplyKind.REDIRECTED),
        (400, ReplyKind.UNEXPECTED),
        (401, ReplyKind.UNAUTHORISED),
        (403, ReplyKind.OUT_OF_SCOPE),
        (404, ReplyKind.ABSENT),
        (405, ReplyKind.ABSENT),
        (408, ReplyKind.FAILED),
        (418, ReplyKind.UNEXPECTED),
        (429, ReplyKind.THROTTLED),
        (500, ReplyKind.FAILED),
        (502, ReplyKind.FAILED),
        (503, ReplyKind.FAILED),
        (504, ReplyKind.FAILED),
    ],
)
def test_classify(status: int, expected: ReplyKind) -> None:
    """Each status has one kind."""
    assert classify(reply(status)) is expected


def test_503_with_retry_after_is_throttling() -> None:
    """A 503 with Retry-After is throttling, like a 429."""
    assert classify(reply(503, retry_after="5")) is ReplyKind.THROTTLED


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
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    """Seconds and dates are supported, dates relative to the service's own clock; anything else is ignored."""
    assert retry_after(reply(429, **headers).headers, NOW) == expected


@given(st.text(), st.text())
def test_retry_after_with_any_headers(after: str, date: str) -> None:
    """No header raises an exception, or yields a negative wait."""
    wait = retry_after({"Retry-After": after, "Date": date}, NOW)
    assert wait is None or wait >= 0


@given(st.integers(1, 50), st.integers())
def test_backoff(failures: int, seed: int) -> None:
    """The wait is random between 0 and a bound that doubles each time up to a limit: full jitter."""
    assert 0 <= backoff(failures, random.Random(seed)) <= min(8, 2 ** (failures - 1))
