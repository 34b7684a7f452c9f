"""The pace, against simulated services and without real time: near what they admit, with few refusals."""

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.pace import Pace

# Gives 0 if a request at this time is admitted, else the seconds until there is room.
Limit = Callable[[float], float]
LEARNING_SECONDS = 5.0


def token_bucket(rate: float, burst: float) -> Limit:
    """A service that saves up places, up to so many."""
    level, filled_at = burst, 0.0

    def take(now: float) -> float:
        nonlocal level, filled_at
        level, filled_at = min(burst, level + (now - filled_at) * rate), now
        if level < 1:
            return (1 - level) / rate
        level -= 1
        return 0

    return take


def window(rate: float) -> Limit:
    """A service that admits so many in each second."""
    second, taken = 0, 0.0

    def take(now: float) -> float:
        nonlocal second, taken
        if int(now) != second:
            second, taken = int(now), 0
        taken += 1
        return 0 if taken <= rate else second + 1 - now

    return take


@dataclass
class Outcome:
    """What came of a simulation after the first seconds: admitted a second, and the share that was refused."""

    admitted: float
    refused: float


def simulate(
    limit: Limit, *, says_when: bool, latency: float, workers: int, seconds: float = 30, seed: int = 1
) -> Outcome:
    """Let workers ask a service at the pace for so long; it sends Retry-After in whole seconds, or nothing."""
    chance = random.Random(seed)
    pace = Pace()
    order = itertools.count()
    events: list[tuple[float, int, str, int]] = [(0.0, next(order), "idle", 0) for _ in range(workers)]
    ends: dict[bool, list[float]] = {True: [], False: []}
    free = 0.0
    while events and events[0][0] < seconds:
        now, _, what, generation = heapq.heappop(events)
        if what == "idle":
            turn = pace.turn(now)
            # A thread wakes up a little late.
            late = chance.uniform(0, 0.001) if turn.at > now else 0.0
            heapq.heappush(events, (turn.at + late, next(order), "turn" if turn.granted else "idle", turn.generation))
        elif what == "turn" and generation == pace.generation:
            # All threads share one interpreter, which needs its time for each request.
            free = max(free, now) + 0.0007
            heapq.heappush(events, (free + latency, next(order), "arrival", generation))
        elif what == "turn":
            heapq.heappush(events, (now, next(order), "idle", 0))
        else:
            wait = limit(now)
            ends[wait == 0].append(now)
            if wait == 0:
                pace.admitted(now)
            else:
                pace.refused(now, generation, math.ceil(wait) if says_when else 0)
            heapq.heappush(events, (now, next(order), "idle", 0))
    admitted = sum(end > LEARNING_SECONDS for end in ends[True])
    refused = sum(end > LEARNING_SECONDS for end in ends[False])
    return Outcome(admitted / (seconds - LEARNING_SECONDS), refused / (admitted + refused))


def possible(rate: float, latency: float, workers: int) -> float:
    """What so many workers could get from a service of this rate at most."""
    return min(rate, workers / (latency + 0.0007))


@pytest.mark.parametrize("says_when", [False, True])
@pytest.mark.parametrize("burst", [1, 3])
@pytest.mark.parametrize("rate", [5, 20, 50, 100, 200])
def test_a_service_that_saves_up_places(rate: float, burst: float, says_when: bool) -> None:
    """Of a service that saves up a second's places or more, at least nine tenths are used, and hardly any refused."""
    for latency, workers in ((0.0, 16), (0.05, 16), (0.1, 64)):
        came = simulate(token_bucket(rate, burst * rate), says_when=says_when, latency=latency, workers=workers)
        assert came.admitted >= 0.9 * possible(rate, latency, workers)
        assert came.refused <= 0.1


@pytest.mark.parametrize("rate", [5, 20, 50, 100, 200])
def test_a_service_that_counts_by_the_second(rate: float) -> None:
    """So it is with a service that starts counting anew each second and doesn't say when to come back."""
    for latency, workers in ((0.0, 16), (0.05, 16)):
        came = simulate(window(rate), says_when=False, latency=latency, workers=workers)
        assert came.admitted >= 0.9 * rate
        assert came.refused <= 0.1


@pytest.mark.parametrize("rate", [5, 20, 50, 100])
def test_a_service_that_saves_up_little(rate: float) -> None:
    """Of a service that saves up hardly anything, or makes all wait for whole seconds, most is used."""
    services: list[tuple[Callable[[], Limit], bool, float]] = [
        (lambda: token_bucket(rate, 1), False, 0.85),
        (lambda: token_bucket(rate, 1), True, 0.7),
        (lambda: token_bucket(rate, max(1, rate / 5)), True, 0.75),
        (lambda: window(rate), True, 0.75),
    ]
    for limit, says_when, share in services:
        came = simulate(limit(), says_when=says_when, latency=0.05, workers=16)
        assert came.admitted >= share * rate
        assert came.refused <= 0.1


@settings(max_examples=25, deadline=None)
@given(st.floats(5, 200), st.floats(1, 3), st.booleans(), st.floats(0, 0.1), st.integers(16, 64), st.integers())
def test_any_service(rate: float, burst: float, says_when: bool, latency: float, workers: int, seed: int) -> None:
    """Whatever the rate and the burst, the delay and the workers: the service is used, and not overrun."""
    limit = token_bucket(rate, burst * rate)
    came = simulate(limit, says_when=says_when, latency=latency, workers=workers, seed=seed)
    assert came.admitted >= 0.9 * possible(rate, latency, workers)
    assert came.refused <= 0.1


def test_a_service_that_changes_its_mind() -> None:
    """A service that becomes slower in the middle, and then faster, is followed both ways."""
    slow, fast = token_bucket(10, 10), token_bucket(100, 100)
    came = simulate(
        lambda now: slow(now) if 20 < now < 40 else fast(now), says_when=False, latency=0.02, workers=16, seconds=120
    )
    assert came.admitted >= 0.65 * (95 * 100 + 20 * 10) / 115
    assert came.refused <= 0.1


def test_no_limit_without_a_refusal() -> None:
    """As long as nothing is refused, every worker may ask at once."""
    pace = Pace()
    for step in range(1000):
        turn = pace.turn(step / 100)
        assert turn.granted
        assert turn.at == step / 100
        pace.admitted(step / 100)


def test_a_pause_is_for_all() -> None:
    """A pause voids the turns that were given and holds everybody off until it is over; the longest counts."""
    pace = Pace()
    given = pace.turn(1.0)
    pace.refused(1.1, given.generation, 10.0)
    assert pace.generation != given.generation
    pace.refused(1.2, given.generation, 5.0)
    later = pace.turn(1.3)
    assert not later.granted
    assert later.at == pytest.approx(11.1, abs=0.1)
    after = pace.turn(11.2)
    assert after.granted
    assert after.at >= 11.1


def test_what_was_under_way_together_counts_once() -> None:
    """Of requests that went out before a refusal was known, the others' refusals teach nothing new."""
    paces = Pace(), Pace()
    for pace in paces:
        turns = [pace.turn(0.0) for _ in range(16)]
        pace.admitted(0.05)
        for turn in turns[: 1 if pace is paces[0] else 15]:
            pace.refused(0.1, turn.generation, 0)
    assert paces[0].turn(5.0) == paces[1].turn(5.0)
