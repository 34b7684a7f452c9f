"""The pace, against simulated services and without real time: near what they admit, with few refusals."""

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
from seat_report.avepoint.retry_policy import retry_after as wanted_pause
from tests.emulators.avepoint.limits import FixedWindow, Limit, SlidingWindow, TokenBucket, retry_after

Style = Literal["seconds", "date", "none"]
MakeLimit = Callable[[Callable[[], float]], Limit]

LEARNING_SECONDS = 5.0
SECONDS = 65.0
# All threads share one interpreter, which needs its time for each request; and a thread wakes up a little late.
REQUEST_SECONDS = 0.0007
LATE_SECONDS = 0.001


@dataclass
class Clock:
    """The simulation's time, which begins at some moment between two seconds of the service's clock."""

    now: float = 0.0
    offset: float = 1_800_000_000.0

    def __call__(self) -> float:
        """The service's time."""
        return self.offset + self.now


@dataclass
class Outcome:
    """When requests were admitted, and when they were refused."""

    admitted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def a_second(self, begin: float = LEARNING_SECONDS, end: float = SECONDS) -> float:
        """How many were admitted a second, in this time."""
        return sum(begin < moment <= end for moment in self.admitted) / (end - begin)

    def share_refused(self, begin: float = LEARNING_SECONDS, end: float = SECONDS) -> float:
        """The share of requests that was refused, in this time."""
        refused = sum(begin < moment <= end for moment in self.refused)
        return refused / max(1.0, refused + self.a_second(begin, end) * (end - begin))


@dataclass(frozen=True)
class Conditions:
    """How a simulated service answers, and how many ask it."""

    style: Style = "seconds"
    latency: float = 0.05
    workers: int = 16
    seconds: float = SECONDS
    seed: int = 1

    def possible(self, rate: float) -> float:
        """What so many workers could get from a service of this rate at most."""
        return min(rate, self.workers / (self.latency + REQUEST_SECONDS))


def simulate(make: MakeLimit, conditions: Conditions) -> Outcome:
    """Let workers ask a service at the pace for so long; what takes its answers so long varies by half."""
    chance = random.Random(conditions.seed)
    clock = Clock(offset=1_800_000_000.0 + chance.random())
    limit, pace, outcome = make(clock), AdaptiveRateLimiter(), Outcome()
    order = itertools.count()
    idle = Slot(0.0, granted=False, generation=0)
    events = [(0.0, next(order), "idle", idle, 0.0) for _ in range(conditions.workers)]
    free = 0.0
    while events[0][0] < conditions.seconds:
        clock.now, _, what, turn, pause = heapq.heappop(events)
        now = clock.now
        if what == "idle" or (what == "turn" and turn.generation != pace.generation):
            turn = pace.slot(now)
            late = chance.uniform(0, LATE_SECONDS) if turn.at > now else 0.0
            event = (turn.at + late, next(order), "turn" if turn.granted else "idle", turn, 0.0)
        elif what == "turn":
            free = max(free, now) + REQUEST_SECONDS
            event = (free, next(order), "arrival", turn, 0.0)
        elif what == "arrival":
            seconds = limit.take()
            (outcome.refused if seconds else outcome.admitted).append(now)
            back = now + conditions.latency * chance.uniform(0.5, 1.5)
            moment = datetime.fromtimestamp(clock(), UTC)
            headers = retry_after(seconds, conditions.style, moment) if seconds else {}
            pause = wanted_pause(headers, moment) or 0.0
            event = (back, next(order), "refused" if seconds else "admitted", turn, pause)
        else:
            if what == "admitted":
                pace.admitted(turn)
            else:
                pace.refused(now, turn, pause)
            event = (now, next(order), "idle", turn, 0.0)
        heapq.heappush(events, event)
    return outcome


def services(rate: int) -> dict[str, MakeLimit]:
    """Services that admit so many requests a second, and differ in how they count."""
    return {
        "a second's places": lambda clock: TokenBucket(rate, rate, clock),
        "a tenth of a second's places": lambda clock: TokenBucket(rate, max(1, rate // 10), clock),
        "a single place": lambda clock: TokenBucket(rate, 1, clock),
        "a fixed window": lambda clock: FixedWindow(rate, clock),
        "a sliding window": lambda clock: SlidingWindow(rate, clock),
    }


def useful_share(rate: int, service: str) -> float:
    """The share of the rate that must be used.

    A service with a single place admits nothing that comes a millisecond early, and threads wake up about so exactly:
    the faster it is, the further apart the requests must be for none to come too early.
    """
    return 0.9 - LATE_SECONDS * rate if service == "a single place" and rate > 20 else 0.9


@pytest.mark.parametrize("style", ["seconds", "date", "none"])
@pytest.mark.parametrize("service", list(services(1)))
@pytest.mark.parametrize("rate", [5, 7, 10, 20, 50, 100, 200])
def test_near_the_limit(rate: int, service: str, style: Style) -> None:
    """Whatever its way of counting, nine tenths of what a service admits are used, and few requests refused."""
    # Each service is met under one of these; all of them under all take minutes, and come to the same.
    under = [(0.0, 16), (0.05, 64), (0.1, 16), (0.2, 64)][(rate + len(service) + len(style)) % 4]
    conditions = Conditions(style, *under)
    came = simulate(services(rate)[service], conditions)
    assert came.a_second() >= useful_share(rate, service) * conditions.possible(rate)
    assert came.share_refused() <= 0.1


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
    """Whatever the rate and the burst, the delay and the workers: the service is used, and not overrun."""
    conditions = Conditions(style, latency, workers, 30, seed)
    came = simulate(lambda clock: TokenBucket(rate, int(burst * rate), clock), conditions)
    assert came.a_second(end=30) >= 0.9 * conditions.possible(rate)
    assert came.share_refused(end=30) <= 0.1


@dataclass
class Changing:
    """A limit that is replaced by another at some time."""

    clock: Callable[[], float]
    before: Limit
    after: Limit
    at: float

    def take(self) -> float:
        """What the limit that holds at the moment says."""
        return (self.before if self.clock() < self.at else self.after).take()


@pytest.mark.parametrize(
    ("before", "after", "style", "seconds"),
    [(50, 25, "seconds", 20), (50, 25, "none", 10), (50, 100, "seconds", 70), (50, 100, "none", 15)],
)
@pytest.mark.parametrize("service", ["a second's places", "a fixed window"])
def test_a_service_that_changes_its_mind(before: int, after: int, style: Style, seconds: float, service: str) -> None:
    """A service that admits less is followed soon; one that admits more, once it is worth the risk of a pause."""

    def make(clock: Callable[[], float]) -> Changing:
        return Changing(clock, services(before)[service](clock), services(after)[service](clock), clock() + 30)

    came = simulate(make, Conditions(style, seconds=40 + seconds + 30))
    assert came.a_second(15, 30) >= 0.9 * before
    assert came.a_second(30 + seconds, 60 + seconds) >= 0.9 * after
    assert came.share_refused(15, 60 + seconds) <= 0.1


def test_no_limit_without_a_refusal() -> None:
    """As long as nothing is refused, every worker may ask at once."""
    pace = AdaptiveRateLimiter()
    for step in range(1000):
        turn = pace.slot(step / 100)
        assert turn.granted
        assert turn.at == step / 100
        pace.admitted(turn)


def test_evenly_spaced_after_a_refusal() -> None:
    """After a refusal nobody's requests come in bunches, however many want to ask."""
    pace = AdaptiveRateLimiter()
    turns = [pace.slot(0.0) for _ in range(16)]
    for turn in turns[:10]:
        pace.admitted(turn)
    pace.refused(0.1, turns[10], 1.0)
    now = 1.1
    given: list[float] = []
    while len(given) < 10:
        turn = pace.slot(now)
        given += [turn.at] if turn.granted else []
        now = turn.at
    gaps = [later - earlier for earlier, later in itertools.pairwise(given)]
    assert max(gaps) == pytest.approx(0.1, rel=0.05)
    assert gaps == sorted(gaps, reverse=True)
    assert min(gaps) > 0.04


def test_a_pause_is_for_all() -> None:
    """A pause voids the turns that were given and holds everybody off until it is over; the longest counts."""
    pace = AdaptiveRateLimiter()
    given = pace.slot(1.0)
    pace.refused(1.1, given, 10.0)
    assert pace.generation != given.generation
    pace.refused(1.2, given, 5.0)
    later = pace.slot(1.3)
    assert not later.granted
    assert later.at == pytest.approx(11.1, abs=0.1)
    after = pace.slot(11.2)
    assert after.granted
    assert after.at >= 11.1


def test_what_was_under_way_together_counts_once() -> None:
    """Of requests that went out before a refusal was known, the others' refusals teach nothing new."""
    paces = AdaptiveRateLimiter(), AdaptiveRateLimiter()
    for pace in paces:
        turns = [pace.slot(0.0) for _ in range(16)]
        pace.admitted(turns[0])
        for turn in turns[1 : 2 if pace is paces[0] else 16]:
            pace.refused(0.1, turn, 0)
    assert paces[0].slot(5.0) == paces[1].slot(5.0)


def test_refusals_in_a_row() -> None:
    """Refused again and again without a word about when to come back, requests get further apart, up to a second."""
    pace = AdaptiveRateLimiter()
    now = 0.0
    waits: list[float] = []
    for _ in range(2000):
        turn = pace.slot(now)
        while not turn.granted:
            turn = pace.slot(turn.at)
        waits.append(turn.at - now)
        now = turn.at + 0.01
        pace.refused(now, turn, 0)
    assert max(waits) <= 1.01
    assert waits[-1] == pytest.approx(1.0)


def test_workers_that_are_busy_elsewhere() -> None:
    """While the workers come more slowly than they might, the pace doesn't speed up behind their backs."""
    pace = AdaptiveRateLimiter()
    turns = [pace.slot(0.0) for _ in range(10)]
    for turn in turns[:9]:
        pace.admitted(turn)
    pace.refused(0.1, turns[9], 0)
    for step in range(100):
        pace.admitted(pace.slot(1.0 + step))
    given = [pace.slot(101.0) for _ in range(10)]
    assert sum(turn.granted for turn in given) <= 3
