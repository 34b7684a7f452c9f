"""The rate limiter against simulated services, without real time: close to their limit, with few throttled requests."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter, Slot
from seat_report.avepoint.retry_policy import retry_after as parse_retry_after
from tests.emulators.avepoint.limits import FixedWindow, Limit, SlidingWindow, TokenBucket, retry_after
from tests.proof.sampling import chosen

Style = Literal["seconds", "date", "none"]
MakeLimit = Callable[[Callable[[], float]], Limit]

LEARNING_SECONDS = 5.0
SECONDS = 65.0
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


def useful_share(rate: int, service: str) -> float:
    """The share of the rate that must be used.

    A bucket of one throttles a request that arrives a millisecond early, and threads wake up no more precisely than
    that: the higher the rate, the larger the share of each interval that must be left unused.
    """
    return 0.9 - LATE_SECONDS * rate if service == "bucket of one" and rate > 20 else 0.9


STYLES: tuple[Style, ...] = ("seconds", "date", "none")
CASES = list(itertools.product((5, 7, 10, 20, 50, 100, 200), services(1), STYLES))


@pytest.mark.parametrize(("rate", "service", "style"), chosen(CASES, 53))
def test_rate_close_to_the_limit(rate: int, service: str, style: Style) -> None:
    """Whatever its way of counting, nine tenths of a service's limit are used, and few requests are throttled."""
    # Each service is tested with one of these; all combinations would take minutes, with the same outcome.
    load = [(0.0, 16), (0.05, 64), (0.1, 16), (0.2, 64)][(rate + list(services(1)).index(service) + len(style)) % 4]
    conditions = Conditions(style, *load)
    outcome = simulate(services(rate)[service], conditions)
    assert outcome.admitted_rate() >= useful_share(rate, service) * conditions.possible(rate)
    assert outcome.throttled_share() <= 0.1


@settings(max_examples=15)
@given(
    st.floats(5, 100),
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
    assert outcome.admitted_rate(end=30) >= 0.9 * conditions.possible(rate)
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


@pytest.mark.parametrize(
    ("before", "after", "style", "seconds"),
    [(50, 25, "seconds", 20), (50, 25, "none", 10), (50, 100, "seconds", 70), (50, 100, "none", 15)],
)
@pytest.mark.parametrize("service", ["bucket of a second", "fixed window"])
def test_service_that_changes_its_limit(before: int, after: int, style: Style, seconds: float, service: str) -> None:
    """A lower limit is followed soon; a higher one once it is worth the risk of a pause."""

    def make(clock: Callable[[], float]) -> ChangingLimit:
        return ChangingLimit(clock, services(before)[service](clock), services(after)[service](clock), clock() + 30)

    outcome = simulate(make, Conditions(style, seconds=40 + seconds + 30))
    assert outcome.admitted_rate(15, 30) >= 0.9 * before
    assert outcome.admitted_rate(30 + seconds, 60 + seconds) >= 0.9 * after
    assert outcome.throttled_share(15, 60 + seconds) <= 0.1


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
