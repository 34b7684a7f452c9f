"""How fast all workers together may ask, learned from what the service lets through.

There is no limit until the service turns a request away. From then on requests are spaced out, at a rate that starts
from what was let through of late and climbs towards the rate at which a request was turned away, then past it, ever
faster. Each refusal starts that anew, with what it taught. When refusals come at much the same rate, the rate is known,
and the climb takes its time: a refusal costs little, but a pause that comes with it costs all workers.

What was let through is measured with and without the pause, as either may mislead: a service that saves up
its places while nobody asks looks faster than it is without the pause, one that doesn't looks slower with it.
The constants were chosen by simulation, over services that admit 5 to 200 requests a second with bursts of one place to
three seconds' worth, and by fixed windows, with and without Retry-After; `pace_test.py` has it.
"""

import math
import threading
from collections import deque
from dataclasses import dataclass

# The climb's length in seconds: at first, at most, and by how much it grows when refusals come at much the same rate.
_FIRST_CLIMB = 2.0
_LONGEST_CLIMB = 32.0
_LONGER_CLIMB = 3.0
_SAME_RATE = 1.8
# How the climb bends: it nears its top fast and then more slowly, and leaves it slowly and then faster.
_BEND = 2.0
_BEND_BEYOND = 3.0
# Past the climb's top the rate has doubled after so many seconds.
_DOUBLED_AFTER = 8.0
# What a refusal teaches: how much the measure with the pause counts, and how much the rate that was turned away.
_SHARE_WITH_PAUSE = 0.25
_SHARE_OF_REFUSED = 0.75
# A climb is at least so high, and the rate at least so many requests a second.
_LEAST_CLIMB = 1.03
_LEAST_RATE = 0.25
# Within a second the rate grows to at most so many times what was let through, and some.
_GROWTH = 4.0
_GROWTH_FROM_NOTHING = 4.0
_MEASURED_SECONDS = 2.0
# A worker is given its place at most so long ahead: the rate may change until then.
_AHEAD_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker may ask from `at` on; with `granted` false, it is to come again then. Void once `generation` changes."""

    at: float
    granted: bool
    generation: int


class Pace:
    """The rate of one run's requests, on a time scale that the caller gives; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Counts refusals and pauses: a turn of an earlier generation is void.
        self.generation = 0
        self._next = 0.0
        self._limited = False
        self._started: float | None = None
        self._asked = 0
        self._admitted = 0
        self._recent = _Recent()
        # The climb: when it begins, from and to which rate, and how long it takes. And when the last refusal was.
        self._begins = 0.0
        self._bottom = 0.0
        self._top = 0.0
        self._climb = _FIRST_CLIMB
        self._refused_at = 0.0

    def turn(self, now: float) -> Turn:
        """The next turn, for a worker that would ask now."""
        with self._lock:
            if self._started is None:
                self._started = self._begins = now
            at = max(now, self._next)
            if at > now + _AHEAD_SECONDS:
                return Turn(at - _AHEAD_SECONDS / 2, granted=False, generation=self.generation)
            self._asked += 1
            if self._limited:
                self._next = at + 1 / self._rate(now)
            return Turn(at, granted=True, generation=self.generation)

    def admitted(self, now: float) -> None:
        """Note that the service let a request through."""
        with self._lock:
            self._admitted += 1
            self._recent.add(now)

    def refused(self, now: float, generation: int, pause: float) -> None:
        """Note that the service turned a request of this generation away, and wants none for so many seconds."""
        with self._lock:
            # Of requests that were under way together, the first that is turned away says it for all.
            if generation == self.generation:
                self._learn(now)
                self._next = now + 1 / self._bottom
                self.generation += 1
            if pause > 0:
                self._next = max(self._next, now + pause)
                self._begins = max(self._begins, now + pause)
                self.generation += 1

    def _rate(self, now: float) -> float:
        """Requests a second, now."""
        left = min(self._begins + self._climb - now, self._climb)
        if left > 0:
            rate = self._top * math.pow(self._bottom / self._top, math.pow(left / self._climb, _BEND))
        else:
            rate = self._top * (1 + math.pow(-left / _DOUBLED_AFTER, _BEND_BEYOND))
        return min(rate, max(self._bottom, _GROWTH * self._recent.count(now, 1.0) + _GROWTH_FROM_NOTHING))

    def _learn(self, now: float) -> None:
        """Set the climb that follows a refusal."""
        asking = max(now - self._begins, 0.0)
        window = min(max(asking, 1.0), _MEASURED_SECONDS)
        measured = self._recent.count(now, window) / window
        refused = self._rate(now) if self._limited else self._asked / max(asking, 0.01)
        bottom, top = measured, refused
        since = now - self._refused_at
        if self._limited and since > 1:
            with_pause = min(measured, self._admitted / since)
            bottom = _between(measured, with_pause, _SHARE_WITH_PAUSE)
            top = min(refused, _between(measured, refused, _SHARE_OF_REFUSED))
        bottom = max(min(bottom, refused), _LEAST_RATE)
        top = max(top, bottom * _LEAST_CLIMB)
        known = self._limited and top < 2 * bottom and max(top / self._top, self._top / top) < _SAME_RATE
        self._climb = min(self._climb * _LONGER_CLIMB, _LONGEST_CLIMB) if known else _FIRST_CLIMB
        self._bottom, self._top = bottom, top
        self._begins = self._refused_at = now
        self._asked = self._admitted = 0
        self._limited = True


class _Recent:
    """How many there were of late, to a tenth of a second."""

    def __init__(self) -> None:
        self._tenths: deque[list[int]] = deque(maxlen=int(_MEASURED_SECONDS * 10) + 1)

    def add(self, now: float) -> None:
        """Count one."""
        tenth = math.floor(now * 10)
        if self._tenths and self._tenths[-1][0] >= tenth:
            self._tenths[-1][1] += 1
        else:
            self._tenths.append([tenth, 1])

    def count(self, now: float, seconds: float) -> int:
        """How many there were in the last so many seconds."""
        since = (now - seconds) * 10
        return sum(number for tenth, number in self._tenths if tenth + 1 > since)


def _between(one: float, other: float, share: float) -> float:
    """A number between two, nearer to the other the greater its share; in proportion, as rates are compared."""
    return math.pow(max(one, _LEAST_RATE), 1 - share) * math.pow(max(other, _LEAST_RATE), share)
