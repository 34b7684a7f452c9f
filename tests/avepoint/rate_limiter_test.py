"""The rate limiter against simulated services, without real time: close to their limit, with few throttled requests."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import fmean
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter, Slot
from seat_report.avepoint.retry_policy import retry_after as parse_retry_after
from tests.emulators.avepoint.limits import FixedWindow, Limit, SlidingWindow, TokenBucket, retry_after

Style = Literal["seconds", "date", "none"]
MakeLimit = Callable[[Callable[[], float]], Limit]

RATES = (5, 15, 40)
LEARNING_SECONDS = 5.0
SECONDS = 50.0
# All threads share one interpreter, which takes this long per request; and a thread wakes up slightly late.
REQUEST_SECONDS = 0.0007
LATE_SECONDS = 0.001


@dataclass
class Clock:
    """The simulated time, which starts anywhere within a second of the service's clock."""

    now: float = 0.0
    offset: float = 1_800_000_000.0

    def __call__(self) -> float:
        """The service's time."""
        return self.offset + self.now


@dataclass
class Outcome:
    """When requests were admitted, and when they were throttled."""

    admitted: list[float] = field(default_factory=list)
    throttled: list[float] = field(default_factory=list)

    def admitted_rate(self, begin: float = LEARNING_SECONDS, end: float = SECONDS) -> float:
        """The number of requests admitted per second in this period."""
        return sum(begin < moment <= end for moment in self.admitted) / (end - begin)

    def throttled_share(self, begin: float = LEARNING_SECONDS, end: float = SECONDS) -> float:
        """The share of requests throttled in this period."""
        throttled = sum(begin < moment <= end for moment in self.throttled)
        return throttled / max(1.0, throttled + self.admitted_rate(begin, end) * (end - begin))


@dataclass(frozen=True)
class Conditions:
    """How a simulated service responds, and the number of workers."""

    style: Style = "seconds"
    latency: float = 0.05
    workers: int = 16
    seconds: float = SECONDS
    seed: int = 1

    def possible(self, rate: float) -> float:
        """The highest rate these workers can reach at a service with this limit."""
        return min(rate, self.workers / (self.latency + REQUEST_SECONDS))


def simulate(make: MakeLimit, conditions: Conditions) -> Outcome:
    """Simulate workers sending requests under the rate limiter; latency varies by half."""
    rng = random.Random(conditions.seed)
    clock = Clock(offset=1_800_000_000.0 + rng.random())
    limit, limiter, outcome = make(clock), AdaptiveRateLimiter(), Outcome()
    sequence = itertools.count()
    idle = Slot(0.0, granted=False, generation=0)
    events = [(0.0, next(sequence), "idle", idle, 0.0) for _ in range(conditions.workers)]
    interpreter_free_at = 0.0
    while events[0][0] < conditions.seconds:
        clock.now, _, kind, slot, pause = heapq.heappop(events)
        now = clock.now
        if kind == "idle" or (kind == "slot" and slot.generation != limiter.generation):
            slot = limiter.next_slot(now)
            late = rng.uniform(0, LATE_SECONDS) if slot.at > now else 0.0
            event = (slot.at + late, next(sequence), "slot" if slot.granted else "idle", slot, 0.0)
        elif kind == "slot":
            interpreter_free_at = max(interpreter_free_at, now) + REQUEST_SECONDS
            event = (interpreter_free_at, next(sequence), "arrival", slot, 0.0)
        elif kind == "arrival":
            seconds = limit.take()
            (outcome.throttled if seconds else outcome.admitted).append(now)
            back = now + conditions.latency * rng.uniform(0.5, 1.5)
            moment = datetime.fromtimestamp(clock(), UTC)
            headers = retry_after(seconds, conditions.style, moment) if seconds else {}
            pause = parse_retry_after(headers, moment) or 0.0
            event = (back, next(sequence), "throttled" if seconds else "admitted", slot, pause)
        else:
            if kind == "admitted":
                limiter.record_admitted(slot)
            else:
                limiter.record_throttled(now, slot, pause)
            event = (now, next(sequence), "idle", slot, 0.0)
        heapq.heappush(events, event)
    return outcome


def services(rate: int) -> dict[str, MakeLimit]:
    """Services that admit this many requests per second, each counting in another way."""
    return {
        "bucket of a second": lambda clock: TokenBucket(rate, rate, clock),
        "bucket of a tenth of a second": lambda clock: TokenBucket(rate, max(1, rate // 10), clock),
        "bucket of one": lambda clock: TokenBucket(rate, 1, clock),
        "fixed window": lambda clock: FixedWindow(rate, clock),
        "sliding window": lambda clock: SlidingWindow(rate, clock),
    }


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[float, float]]:
    """Of many services, the share of what they would admit that was taken, and the share of requests throttled."""
    shares = []
    loads = itertools.cycle([(0.0, 16), (0.05, 64), (0.1, 16), (0.2, 64)])
    styles: tuple[Style, ...] = ("seconds", "date", "none")
    for rate, (make, style) in itertools.product(RATES, itertools.product(services(1), styles)):
        conditions = Conditions(style, *next(loads))
        outcome = simulate(services(rate)[make], conditions)
        shares.append((outcome.admitted_rate() / conditions.possible(rate), outcome.throttled_share()))
    return shares


def test_most_of_what_services_admit_is_taken(outcomes: list[tuple[float, float]]) -> None:
    """Whatever their limits and ways of counting, on average more than nine tenths, and of none less than seven.

    The worst is a bucket of one, which throttles a request that arrives a millisecond early.
    """
    taken = [share for share, _ in outcomes]
    assert fmean(taken) >= 0.91
    assert min(taken) >= 0.7


def test_few_requests_are_throttled(outcomes: list[tuple[float, float]]) -> None:
    """A throttled request costs all workers a pause."""
    throttled = [share for _, share in outcomes]
    assert fmean(throttled) <= 0.02
    assert max(throttled) <= 0.1


@settings(max_examples=8)
@given(
    st.floats(5, 60),
    st.floats(1, 3),
    st.sampled_from(["seconds", "none"]),
    st.floats(0, 0.1),
    st.integers(16, 64),
    st.integers(),
)
def test_any_service(rate: float, burst: float, style: Style, latency: float, workers: int, seed: int) -> None:
    """Whatever the rate, burst, latency and number of workers, the service is well used, and not overrun."""
    conditions = Conditions(style, latency, workers, 30, seed)
    outcome = simulate(lambda clock: TokenBucket(rate, int(burst * rate), clock), conditions)
    assert outcome.admitted_rate(end=30) >= 0.8 * conditions.possible(rate)
    assert outcome.throttled_share(end=30) <= 0.1


@dataclass
class ChangingLimit:
    """A limit that is replaced by another one at a given time."""

    clock: Callable[[], float]
    before: Limit
    after: Limit
    at: float

    def take(self) -> float:
        """Take a request's place at the current limit."""
        return (self.before if self.clock() < self.at else self.after).take()


def after_a_change(service: str, style: Style, before: int, after: int, seconds: float) -> Outcome:
    """Requests to a service whose limit changes after thirty seconds."""

    def make(clock: Callable[[], float]) -> ChangingLimit:
        return ChangingLimit(clock, services(before)[service](clock), services(after)[service](clock), clock() + 30)

    return simulate(make, Conditions(style, seconds=30 + seconds))


@pytest.mark.parametrize("style", ["seconds", "none"])
@pytest.mark.parametrize("service", ["bucket of a second", "fixed window"])
def test_lower_limit(service: str, style: Style) -> None:
    """If the limit is halved, the rate follows within twenty seconds."""
    outcome = after_a_change(service, style, 40, 20, 45)
    assert outcome.admitted_rate(50, 75) >= 0.75 * 20
    assert outcome.throttled_share(50, 75) <= 0.1


@pytest.mark.parametrize(("style", "least", "most"), [("seconds", 1.05, 1.5), ("none", 1.2, 1.9)])
@pytest.mark.parametrize("service", ["bucket of a second", "fixed window"])
def test_higher_limit(service: str, style: Style, least: float, most: float) -> None:
    """If the limit doubles, the rate rises as steadily as before: where throttling costs a pause, it takes minutes.

    Faster would cost every service with an unchanged limit more pauses, and a run is over in minutes.
    """
    outcome = after_a_change(service, style, 20, 40, 60)
    assert least * 20 <= outcome.admitted_rate(80, 90) <= most * 20
    assert outcome.throttled_share(31, 90) <= 0.1


def test_no_limit_until_throttled() -> None:
    """Until a request is throttled, every worker gets a slot at once."""
    limiter = AdaptiveRateLimiter()
    for step in range(1000):
        slot = limiter.next_slot(step / 100)
        assert slot.granted
        assert slot.at == step / 100
        limiter.record_admitted(slot)


def test_even_spacing_after_throttling() -> None:
    """After a throttled request, slots are spaced evenly, however many workers are waiting."""
    limiter = AdaptiveRateLimiter()
    slots = [limiter.next_slot(0.0) for _ in range(16)]
    for slot in slots[:10]:
        limiter.record_admitted(slot)
    limiter.record_throttled(0.1, slots[10], 1.0)
    now = 1.1
    granted: list[float] = []
    while len(granted) < 10:
        slot = limiter.next_slot(now)
        granted += [slot.at] if slot.granted else []
        now = slot.at
    gaps = [later - earlier for earlier, later in itertools.pairwise(granted)]
    assert max(gaps) == pytest.approx(0.1, rel=0.05)
    assert gaps == sorted(gaps, reverse=True)
    assert min(gaps) > 0.04


def test_pause_applies_to_all_workers() -> None:
    """A pause voids the slots granted before, and no slot is granted until it is over; the longest pause counts."""
    limiter = AdaptiveRateLimiter()
    granted = limiter.next_slot(1.0)
    limiter.record_throttled(1.1, granted, 10.0)
    assert limiter.generation != granted.generation
    limiter.record_throttled(1.2, granted, 5.0)
    later = limiter.next_slot(1.3)
    assert not later.granted
    assert later.at == pytest.approx(11.1, abs=0.1)
    after = limiter.next_slot(11.2)
    assert after.granted
    assert after.at >= 11.1


def test_throttled_requests_in_flight_count_once() -> None:
    """Of requests sent before the first was throttled, the others being throttled teaches nothing new."""
    limiters = AdaptiveRateLimiter(), AdaptiveRateLimiter()
    for limiter in limiters:
        slots = [limiter.next_slot(0.0) for _ in range(16)]
        limiter.record_admitted(slots[0])
        for slot in slots[1 : 2 if limiter is limiters[0] else 16]:
            limiter.record_throttled(0.1, slot, 0)
    assert limiters[0].next_slot(5.0) == limiters[1].next_slot(5.0)


def test_throttled_repeatedly() -> None:
    """If throttled again and again without Retry-After, requests get further apart, up to a second."""
    limiter = AdaptiveRateLimiter()
    now = 0.0
    waits: list[float] = []
    for _ in range(2000):
        slot = limiter.next_slot(now)
        while not slot.granted:
            slot = limiter.next_slot(slot.at)
        waits.append(slot.at - now)
        now = slot.at + 0.01
        limiter.record_throttled(now, slot, 0)
    assert max(waits) <= 1.01
    assert waits[-1] == pytest.approx(1.0)


def test_slow_workers() -> None:
    """While workers send more slowly than allowed, the rate does not increase unused."""
    limiter = AdaptiveRateLimiter()
    slots = [limiter.next_slot(0.0) for _ in range(10)]
    for slot in slots[:9]:
        limiter.record_admitted(slot)
    limiter.record_throttled(0.1, slots[9], 0)
    for step in range(100):
        limiter.record_admitted(limiter.next_slot(1.0 + step))
    granted = [limiter.next_slot(101.0) for _ in range(10)]
    assert sum(slot.granted for slot in granted) <= 3
