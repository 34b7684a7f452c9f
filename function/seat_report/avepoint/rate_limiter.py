"""How fast all workers together may ask, learned from what the service lets through.

There is no limit until the service turns a request away. From then on requests are spaced out evenly, which any way of
counting admits if the rate is right: a bucket however small, a window fixed or sliding. The rate is found in three
stages:

1. *Doubling*: from what was let through at first, twice as fast every moment, until a request is turned away.
2. *Nearing*: from well below that rate, slowly through it, until the next refusal confirms it.
3. *Keeping*: a little below the confirmed rate for long, then slowly past it, in case the service admits more by now.

A refusal with Retry-After makes everybody wait, so in the end the number of refusals counts, and the time at a rate
that is too low. The constants were chosen by simulation to keep both small: over buckets that hold one place to a
second's worth, fixed and sliding windows of a second, 5 to 200 requests a second, answers within 0 to 200 ms, and
Retry-After in seconds, as a date, or missing. `pace_test.py` has such a simulation. Where a service has a single place,
what comes early by chance is turned away too; the pace then settles where that becomes rare, below the limit.
"""

import enum
import math
import threading
from dataclasses import dataclass
from typing import NamedTuple

# Doubling: in so many seconds.
_DOUBLED_AFTER = 0.8
# Nearing: from this share of the estimate, up to it in so many seconds, and to its double in so many more.
_NEARING_FROM = 0.72
_CLIMB_SECONDS = 3.5
_NEARED_DOUBLED_AFTER = 8.0
# Keeping: this share of the estimate, climbed to from a lower one in the same time; then to its double in so many.
_KEEPING = 0.98
_KEEPING_FROM = 0.91
_KEPT_DOUBLED_AFTER = 8.0
# It is kept for so many times the pause that trying more is going to cost: about a fiftieth of the time.
_KEPT_PER_PAUSE = 45.0
_KEPT_SECONDS_LEAST = 4.0
_KEPT_SECONDS_MOST = 60.0
# The rate that was too much is that of so long before the refusal: places are counted over some time, and run out late.
_BEFORE_DOUBLING = 0.16
_BEFORE = 0.35
# A refusal sooner than this says that the rate was too high from the start, not what it should be.
_SOON_SECONDS = 1.2
# Between these shares of an estimate the next confirms it. What is found slowly, on the way up, is nearly right even if
# it is well above the estimate.
_CONFIRMED = (0.87, 1.5)
# Above this share of what was kept, the service has changed, and the rate is to be neared anew.
_CHANGED = 1.3
# How much what was admitted counts against the rate that was refused: it is less for the pause in it.
_SHARE_OF_ADMITTED_SOON = 0.25
_SHARE_OF_ADMITTED = 0.08
# So much of the refused rate was admitted, at least: a short time tells too little to believe in less.
_LEAST_ADMITTED = 0.25
# The least rate in requests a second, and the least that doubling starts from.
_LEAST_RATE = 0.25
_LEAST_FIRST_RATE = 1.0
# Without Retry-After, requests after a refusal are this far apart at most, unless the rate itself asks for more.
_LONGEST_GAP_SECONDS = 1.0
# A worker is given its place at most so long ahead: the rate may change until then.
_AHEAD_SECONDS = 0.1


class Slot(NamedTuple):
    """A worker may ask from `at` on; with `granted` false, it is to come again then. Void once `generation` changes."""

    at: float
    granted: bool
    generation: int


class _Stage(enum.Enum):
    DOUBLING = enum.auto()
    NEARING = enum.auto()
    KEEPING = enum.auto()


@dataclass(slots=True)
class _RateCurve:
    """The rates between two refusals: from `start` to `top`, there for `kept` seconds, then beyond."""

    stage: _Stage
    start: float
    top: float = math.inf
    kept: float = 0.0

    def rate(self, seconds: float) -> float:
        """Requests a second, so many seconds after the course began."""
        seconds = max(seconds, 0.0)
        if self.stage is _Stage.DOUBLING:
            return self.start * math.pow(2.0, seconds / _DOUBLED_AFTER)
        if seconds < _CLIMB_SECONDS:
            left = 1 - seconds / _CLIMB_SECONDS
            return self.top - (self.top - self.start) * left * left
        beyond = max(seconds - _CLIMB_SECONDS - self.kept, 0.0)
        if self.stage is _Stage.NEARING:
            return self.top * (1 + math.pow(beyond / _NEARED_DOUBLED_AFTER, 2))
        return self.top * (1 + math.pow(beyond / _KEPT_DOUBLED_AFTER, 3))


class AdaptiveRateLimiter:
    """The rate of one run's requests, on a time scale that the caller gives; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Counts refusals and pauses: a turn of an earlier generation is void.
        self.generation = 0
        self._next = self._last = 0.0
        # No course, no limit. When it began, not counting pauses and the time in which nobody wanted to ask.
        self._course: _RateCurve | None = None
        self._began = 0.0
        self._estimate = math.inf
        self._soon = False
        # What was admitted, and since when.
        self._admitted = 0
        self._since: float | None = None
        # The seconds, one at least, before the first refusal.
        self._unlimited = 1.0
        # How far apart requests are after refusals with nothing admitted in between; 0 once something is.
        self._gap = 0.0

    def slot(self, now: float) -> Slot:
        """The next turn, for a worker that would ask now."""
        with self._lock:
            if self._since is None:
                self._since = now
            at = max(now, self._next)
            if at > now + _AHEAD_SECONDS:
                return Slot(at - _AHEAD_SECONDS / 2, granted=False, generation=self.generation)
            if self._course:
                # While the workers, not the pace, are what holds requests up, there is no reason to go faster.
                if now > self._next:
                    self._began += max(now - max(self._last, self._began), 0.0)
                self._next = at + 1 / self._course.rate(at - self._began)
            self._last = at
            return Slot(at, granted=True, generation=self.generation)

    def admitted(self, slot: Slot) -> None:
        """Note that the service let the request of this turn through."""
        with self._lock:
            self._admitted += 1
            if slot.generation == self.generation:
                self._gap = 0.0
            elif self._course and self._course.stage is _Stage.DOUBLING:
                # It went out before the first refusal, when there was no limit, and belongs to what was let through.
                self._course.start += 1 / self._unlimited

    def refused(self, now: float, slot: Slot, pause: float) -> None:
        """Note that the service turned the request of this turn away, and wants none for so many seconds."""
        with self._lock:
            # Of requests that were under way together, the first that is turned away says it for all.
            if slot.generation == self.generation:
                if self._course and self._gap and not pause:
                    # The same lack of places as at the refusal before: it says nothing new about the rate.
                    self._gap = min(2 * self._gap, max(1 / self._course.start, _LONGEST_GAP_SECONDS))
                    self._began = now
                else:
                    self._course = self._learn(now, slot.at, pause)
                    self._gap = 1 / self._course.start
                self._next = now + self._gap
                self.generation += 1
            if pause > 0:
                self._next = max(self._next, now + pause)
                self._began = max(self._began, now + pause)
                self.generation += 1

    def _learn(self, now: float, asked_at: float, pause: float) -> _RateCurve:
        """The course to take after a refusal at this time, of a request that went out at that time."""
        passed = now - (now if self._since is None else self._since)
        admitted, course, asking = self._admitted, self._course, max(asked_at - self._began, 0.0)
        self._since = self._began = now
        self._admitted = 0
        if course is None:
            self._unlimited = max(passed, 1.0)
            return _RateCurve(_Stage.DOUBLING, max(admitted / self._unlimited, _LEAST_FIRST_RATE))
        before = _BEFORE_DOUBLING if course.stage is _Stage.DOUBLING else _BEFORE
        refused = course.rate(asking - min(before, asking / 2))
        let_through = min(max(admitted / max(passed, 0.01), _LEAST_ADMITTED * refused), refused)
        estimate, stage = self._judge(course.stage, asking, refused, let_through)
        self._estimate, self._soon = max(estimate, _LEAST_RATE), asking < _SOON_SECONDS
        if stage is _Stage.NEARING:
            return _RateCurve(stage, _NEARING_FROM * self._estimate, self._estimate)
        kept = min(max(_KEPT_PER_PAUSE * pause, _KEPT_SECONDS_LEAST), _KEPT_SECONDS_MOST)
        return _RateCurve(stage, _KEEPING_FROM * self._estimate, _KEEPING * self._estimate, kept)

    def _judge(self, stage: _Stage, asking: float, refused: float, let_through: float) -> tuple[float, _Stage]:
        """What the service admits, and the stage that follows, after asking for so long in this stage."""
        soon = asking < _SOON_SECONDS
        if stage is _Stage.DOUBLING:
            return refused, _Stage.NEARING
        if stage is _Stage.NEARING:
            if soon:
                return _between(refused, let_through, _SHARE_OF_ADMITTED_SOON), stage
            confirmed = _CONFIRMED[0] < refused / self._estimate < _CONFIRMED[1]
            return refused, _Stage.KEEPING if confirmed else stage
        estimate = _between(refused, let_through, _SHARE_OF_ADMITTED)
        changed = (soon and self._soon) or estimate > _CHANGED * self._estimate
        return estimate, _Stage.NEARING if changed else stage


def _between(one: float, other: float, share: float) -> float:
    """A rate between two, nearer to the other the greater its share; in proportion, as rates are compared."""
    return math.pow(one, 1 - share) * math.pow(other, share)
