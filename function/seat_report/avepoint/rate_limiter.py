"""Adaptive rate limiter for all workers together: learns from what the service admits how fast to send.

There is no limit until the service throttles a request. From then on requests are spaced evenly, which any way of
counting admits if the rate is right: a token bucket of any size, a fixed or a sliding window. The rate is found in
three stages:

1. *Doubling*: from the rate admitted so far, doubling quickly, until a request is throttled.
2. *Approaching*: from well below that rate, slowly through it, until the next throttled request confirms it.
3. *Holding*: slightly below the confirmed rate for a long time, then slowly above it, in case the service admits more
   by now.

A throttled request with Retry-After pauses all workers, so what costs time is the number of throttled requests, and
the time spent at a rate that is too low. The constants were chosen by simulation to keep both small: over buckets that
hold from one request to a second's worth, fixed and sliding windows of a second, 5 to 200 requests per second, latency
of 0 to 200 ms, and Retry-After in seconds, as a date, or missing. `rate_limiter_test.py` contains such a simulation. A
bucket that holds a single request also throttles requests that happen to arrive early; the rate then settles where
that becomes rare, below the limit.
"""

import enum
import math
import threading
from dataclasses import dataclass
from typing import NamedTuple

# Doubling: the rate doubles in this time.
_DOUBLING_SECONDS = 0.8
# Approaching: starts at this share of the estimate, reaches it in this time, and twice that after the given time more.
_APPROACH_SHARE = 0.72
_CLIMB_SECONDS = 3.5
_APPROACH_DOUBLING_SECONDS = 8.0
# Holding: at this share of the estimate, reached from a lower share in the climb time; doubles in this time afterwards.
_HOLD_SHARE = 0.98
_HOLD_START_SHARE = 0.91
_HOLD_DOUBLING_SECONDS = 8.0
# The rate is held for this multiple of the pause that probing will cost: probing takes about a fiftieth of the time.
_HOLD_PER_PAUSE = 45.0
_LEAST_HOLD_SECONDS = 4.0
_LONGEST_HOLD_SECONDS = 60.0
# The rate that was too high is the one this long before the throttled request: a service counts over some time, so its
# capacity runs out late.
_DOUBLING_LAG_SECONDS = 0.16
_LAG_SECONDS = 0.35
# Throttled sooner than this, the rate was too high from the start, and says little about the right one.
_EARLY_SECONDS = 1.2
# Within these shares of the estimate, the next one confirms it. A rate found slowly, on the way up, is nearly right
# even if it is well above the estimate.
_CONFIRMED = (0.87, 1.5)
# Above this share of the rate that was held, the service has changed, and its rate has to be approached again.
_CHANGED = 1.3
# The weight of the admitted rate against the throttled one; low, because the admitted rate includes the pause.
_EARLY_ADMITTED_WEIGHT = 0.25
_ADMITTED_WEIGHT = 0.08
# The admitted rate is at least this share of the throttled one: a short time is too little evidence for less.
_LEAST_ADMITTED_SHARE = 0.25
# The lowest rate in requests per second, and the lowest that doubling starts from.
_LEAST_RATE = 0.25
_LEAST_FIRST_RATE = 1.0
# Without Retry-After, requests after a throttled one are at most this far apart, unless the rate itself is lower.
_LONGEST_GAP_SECONDS = 1.0
# A slot is granted at most this long ahead, because the rate may change in the meantime.
_AHEAD_SECONDS = 0.1


class Slot(NamedTuple):
    """Allows one request from `at` on; if not `granted`, ask for another slot then. Void once `generation` changes."""

    at: float
    granted: bool
    generation: int


class _Stage(enum.Enum):
    DOUBLING = enum.auto()
    APPROACHING = enum.auto()
    HOLDING = enum.auto()


@dataclass(slots=True)
class _RateCurve:
    """The rate between two throttled requests: from `start` to `top`, holding it for `hold_seconds`, then above it."""

    stage: _Stage
    start: float
    top: float = math.inf
    hold_seconds: float = 0.0

    def rate(self, seconds: float) -> float:
        """Requests per second, this many seconds after the curve started."""
        seconds = max(seconds, 0.0)
        if self.stage is _Stage.DOUBLING:
            return self.start * math.pow(2.0, seconds / _DOUBLING_SECONDS)
        if seconds < _CLIMB_SECONDS:
            remaining = 1 - seconds / _CLIMB_SECONDS
            return self.top - (self.top - self.start) * remaining * remaining
        above_seconds = max(seconds - _CLIMB_SECONDS - self.hold_seconds, 0.0)
        if self.stage is _Stage.APPROACHING:
            return self.top * (1 + math.pow(above_seconds / _APPROACH_DOUBLING_SECONDS, 2))
        return self.top * (1 + math.pow(above_seconds / _HOLD_DOUBLING_SECONDS, 3))


class AdaptiveRateLimiter:
    """The rate limiter of one run, on the caller's time scale; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Counts changes of rate and pauses: a slot of an earlier generation is void.
        self.generation = 0
        self._next_at = self._last_at = 0.0
        # None means no limit. The start moves with pauses and with time in which no worker requested a slot.
        self._curve: _RateCurve | None = None
        self._curve_start = 0.0
        self._estimate = math.inf
        self._was_early = False
        # The number of requests admitted, and since when.
        self._admitted = 0
        self._admitted_since: float | None = None
        # The seconds before the first throttled request, at least one.
        self._unlimited_seconds = 1.0
        # The gap between requests while they are throttled with none admitted in between; 0 once one is admitted.
        self._gap = 0.0

    def next_slot(self, now: float) -> Slot:
        """The next slot, for a worker ready to send now."""
        with self._lock:
            if self._admitted_since is None:
                self._admitted_since = now
            at = max(now, self._next_at)
            if at > now + _AHEAD_SECONDS:
                return Slot(at - _AHEAD_SECONDS / 2, granted=False, generation=self.generation)
            if self._curve:
                # While the workers are the bottleneck rather than the limiter, there is no reason to speed up.
                if now > self._next_at:
                    self._curve_start += max(now - max(self._last_at, self._curve_start), 0.0)
                self._next_at = at + 1 / self._curve.rate(at - self._curve_start)
            self._last_at = at
            return Slot(at, granted=True, generation=self.generation)

    def record_admitted(self, slot: Slot) -> None:
        """Record that the service admitted the request sent in this slot."""
        with self._lock:
            self._admitted += 1
            if slot.generation == self.generation:
                self._gap = 0.0
            elif self._curve and self._curve.stage is _Stage.DOUBLING:
                # It was sent before the first throttled request, when there was no limit, and counts as admitted then.
                self._curve.start += 1 / self._unlimited_seconds

    def record_throttled(self, now: float, slot: Slot, pause: float) -> None:
        """Record that the service throttled the request sent in this slot, and requests a pause of so many seconds."""
        with self._lock:
            # Of requests in flight together, only the first throttled one counts.
            if slot.generation == self.generation:
                if self._curve and self._gap and not pause:
                    # The same shortage as at the last throttled request: no new information about the rate.
                    self._gap = min(2 * self._gap, max(1 / self._curve.start, _LONGEST_GAP_SECONDS))
                    self._curve_start = now
                else:
                    self._curve = self._learn(now, slot.at, pause)
                    self._gap = 1 / self._curve.start
                self._next_at = now + self._gap
                self.generation += 1
            if pause > 0:
                self._next_at = max(self._next_at, now + pause)
                self._curve_start = max(self._curve_start, now + pause)
                self.generation += 1

    def _learn(self, now: float, sent_at: float, pause: float) -> _RateCurve:
        """The next curve, after a request sent at `sent_at` was throttled at `now`."""
        elapsed = now - (now if self._admitted_since is None else self._admitted_since)
        admitted, curve, curve_seconds = self._admitted, self._curve, max(sent_at - self._curve_start, 0.0)
        self._admitted_since = self._curve_start = now
        self._admitted = 0
        if curve is None:
            self._unlimited_seconds = max(elapsed, 1.0)
            return _RateCurve(_Stage.DOUBLING, max(admitted / self._unlimited_seconds, _LEAST_FIRST_RATE))
        lag = _DOUBLING_LAG_SECONDS if curve.stage is _Stage.DOUBLING else _LAG_SECONDS
        throttled_rate = curve.rate(curve_seconds - min(lag, curve_seconds / 2))
        admitted_rate = min(max(admitted / max(elapsed, 0.01), _LEAST_ADMITTED_SHARE * throttled_rate), throttled_rate)
        estimate, stage = self._next_estimate(curve.stage, curve_seconds, throttled_rate, admitted_rate)
        self._estimate, self._was_early = max(estimate, _LEAST_RATE), curve_seconds < _EARLY_SECONDS
        if stage is _Stage.APPROACHING:
            return _RateCurve(stage, _APPROACH_SHARE * self._estimate, self._estimate)
        hold_seconds = min(max(_HOLD_PER_PAUSE * pause, _LEAST_HOLD_SECONDS), _LONGEST_HOLD_SECONDS)
        return _RateCurve(stage, _HOLD_START_SHARE * self._estimate, _HOLD_SHARE * self._estimate, hold_seconds)

    def _next_estimate(
        self, stage: _Stage, curve_seconds: float, throttled_rate: float, admitted_rate: float
    ) -> tuple[float, _Stage]:
        """The estimated rate and the next stage, after this long in this stage."""
        is_early = curve_seconds < _EARLY_SECONDS
        if stage is _Stage.DOUBLING:
            return throttled_rate, _Stage.APPROACHING
        if stage is _Stage.APPROACHING:
            if is_early:
                return _weighted_mean(throttled_rate, admitted_rate, _EARLY_ADMITTED_WEIGHT), stage
            is_confirmed = _CONFIRMED[0] < throttled_rate / self._estimate < _CONFIRMED[1]
            return throttled_rate, _Stage.HOLDING if is_confirmed else stage
        estimate = _weighted_mean(throttled_rate, admitted_rate, _ADMITTED_WEIGHT)
        has_changed = (is_early and self._was_early) or estimate > _CHANGED * self._estimate
        return estimate, _Stage.APPROACHING if has_changed else stage


def _weighted_mean(first: float, second: float, weight: float) -> float:
    """The weighted geometric mean of two rates; `weight` is the second one's."""
    return math.pow(first, 1 - weight) * math.pow(second, weight)
