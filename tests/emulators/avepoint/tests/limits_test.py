from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

import pytest
import requests

from tests.emulators.avepoint.answers import Received
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.limits import FixedWindow, SlidingWindow, TokenBucket, retry_after
from tests.emulators.avepoint.tests.client import BATCH, NOON, Client, x509_time
from tests.support.clocks import ManualClock


def test_bucket() -> None:
    """A bucket lets its burst through, then one request for each slice of time, and never saves up more."""
    clock = ManualClock()
    bucket = TokenBucket(rate=4, burst=2, clock=clock.monotonic)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0.25, 0.25]
    clock.advance(0.125)
    assert bucket.take() == 0.125
    clock.advance(0.125)
    assert [bucket.take() for _ in range(2)] == [0, 0.25]
    clock.advance(3600)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0.25]


def test_fixed_window() -> None:
    """A fixed window lets its number through in each second of the clock, whenever in it, and no more."""
    clock = ManualClock(monotonic=0.75)
    window = FixedWindow(rate=2, clock=clock.monotonic)
    assert [window.take() for _ in range(3)] == [0, 0, 0.25]
    clock.advance(0.25)
    assert [window.take() for _ in range(3)] == [0, 0, 1]


def test_sliding_window() -> None:
    """A sliding window frees a place one second after it was taken."""
    clock = ManualClock()
    window = SlidingWindow(rate=2, clock=clock.monotonic)
    assert window.take() == 0
    clock.advance(0.25)
    assert [window.take() for _ in range(2)] == [0, 0.75]
    clock.advance(0.75)
    assert [window.take() for _ in range(2)] == [0, 0.25]


@pytest.mark.parametrize("counted", ["fixed-window", "sliding-window"])
def test_counted_by_the_second(client: Client, clock: ManualClock, counted: str) -> None:
    """A service that counts by the second refuses what is too much in it, and takes as many in the next."""
    client.service.configure(rate=2, counted=counted)
    for _ in range(2):
        assert [client.seats().status_code for _ in range(3)] == [200, 200, 429]
        clock.advance(1)


@pytest.mark.parametrize(("rate", "burst"), [(0.5, 1), (3, 3), (2.5, 3)])
def test_burst_unless_given(rate: float, burst: int) -> None:
    """Without a burst, one second's worth of requests goes through at once, and at least one."""
    bucket = TokenBucket(rate=rate, burst=None, clock=ManualClock().monotonic)
    assert [bucket.take() == 0 for _ in range(burst + 1)] == [True] * burst + [False]


@pytest.mark.parametrize(
    ("style", "header"),
    [
        ("seconds", {"Retry-After": "3"}),
        ("date", {"Retry-After": "Fri, 15 Jan 2027 08:00:03 GMT"}),
        ("none", {}),
    ],
)
def test_retry_after(style: Literal["seconds", "date", "none"], header: dict[str, str]) -> None:
    """Retry-After is in whole seconds, as a date, or not there."""
    assert retry_after(2.1, style, now=x509_time(NOON)) == header


@pytest.mark.parametrize("contract", ["users", BATCH])
def test_rate_limit(client: Client, clock: ManualClock, contract: str) -> None:
    """Above the rate requests are refused, told when to come back, and taken then."""
    client.service.configure(rate=0.1, burst=2)
    assert [client.seats(contract=contract).status_code for _ in range(2)] == [200, 200]
    refused = client.seats(contract=contract)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert refused.json()["statusCode"] == 429
    assert client.service.log.limited == 1
    clock.advance(10)
    assert client.seats(contract=contract).status_code == 200


def test_rate_limit_with_a_date(client: Client, clock: ManualClock) -> None:
    """The date of Retry-After is by the service's clock."""
    client.service.configure(rate=0.1, burst=1, retry_after="date")
    client.seats()
    date = parsedate_to_datetime(client.seats().headers["Retry-After"])
    assert date == clock.now() + timedelta(seconds=10)


def test_rate_limit_without_a_word(client: Client) -> None:
    """A refusal may leave it open when to come back."""
    client.service.configure(rate=0.1, burst=1, retry_after="none")
    client.seats()
    refused = client.seats()
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_tokens_are_not_limited(client: Client) -> None:
    """The rate limit is about seats; the token endpoint has none."""
    client.service.configure(rate=0.1, burst=1)
    assert [client.renew().status_code for _ in range(3)] == [200, 200, 200]


def test_rate_limit_taken_away(client: Client) -> None:
    """The limit can be changed while the service runs."""
    client.service.configure(rate=0.1, burst=1)
    assert [client.seats().status_code for _ in range(2)] == [200, 429]
    client.service.configure(rate=None, burst=None)
    assert [client.seats().status_code for _ in range(2)] == [200, 200]


def test_latency(client: Client) -> None:
    """With a latency beyond its patience a client gets no answer."""
    client.service.configure(latency_ms=600_000)
    with pytest.raises(requests.ReadTimeout):
        client.session.post(client.url(), timeout=(20, 0.1))
    client.service.configure(latency_ms=1)
    assert client.seats().status_code == 200


def test_latency_of_each_answer(client: Client) -> None:
    """Every answer about seats waits for the latency, a slow one for its own time besides; token answers don't."""
    client.service.configure(latency_ms=250)
    client.service.faults.add(Fault(kind="slow", seconds=2, times=1))
    request = Received("POST", urlsplit(client.url()).path, headers={"authorization": client.authorization})
    assert [client.service.service.answer(request).wait for _ in range(2)] == [2.25, 0.25]
    assert client.service.service.answer(Received("POST", "/connect/token")).wait == 0


@pytest.mark.parametrize(
    "changes",
    [{"rate": 0}, {"rate": -1}, {"burst": 0}, {"latency_ms": -1}, {"contract": "both of them"}, {"speed": 3}],
)
def test_wrong_options(client: Client, changes: dict[str, object]) -> None:
    """An option that can't be is refused and changes nothing."""
    before = client.service.service.options
    with pytest.raises(ValueError, match="validation error"):
        client.service.configure(**changes)
    assert client.service.service.options == before
