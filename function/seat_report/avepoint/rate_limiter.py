"""Rate limiter for all workers together: slow start, then additive increase and multiplicative decrease, as TCP does.

There is no limit until the service throttles a request. From then on requests are spaced evenly, which any way of
counting admits if the rate is right: a token bucket, a fixed or a sliding window. The rate starts from what was
admitted so far and doubles every second until a request is throttled again. From then on each throttled request lowers
it by a share, and time raises it steadily. A throttled request with Retry-After pauses all workers and so costs time:
the longer the pause, the slower the rate rises.
"""

import math
import threading
from typing import NamedTuple

_DOUBLING_SECONDS = 1.0
# Doubling overshoots, because the service takes time to run out; what follows overshoots less.
_AFTER_DOUBLING = 0.7
_DECREASE = 0.92
# The rate is back where it was throttled after this multiple of the pause, and this long at least. The first times it
# may still be far from the right one, and is back sooner.
_RECOVERY_PER_PAUSE = 30.0
_LEAST_RECOVERY_SECONDS = 10.0
_FIRST_RECOVERY_SECONDS = 3.0
_FIRST_RECOVERIES = 2
# The lowest rate in requests per second, and the longest gap while all requests are throttled.
_LEAST_RATE = 0.25
_LONGEST_GAP_SECONDS = 1.0
# A slot is granted at most this long ahead, because the rate may change in the meantime.
_AHEAD_SECONDS = 0.1


class Slot(NamedTuple):
    """Allows one request from `at` on; if not `granted`, ask for another slot then. Void once `generation` changes."""

    at: float
    granted: bool
    generation: int


class AdaptiveRateLimiter:
    """The rate limiter of one run, on the caller's time scale; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Counts changes of rate and pauses: a slot of an earlier generation is void.
        self.generation = 0
        self._next_at = self._last_at = 0.0
        # The rate at `_changed_at`, infinite while there is no limit, and by how much it rises in a second from then
        # on; None while it doubles. The moment moves with pauses and with time in which no worker requested a slot.
        self._rate = math.inf
        self._rise: float | None = None
        self._changed_at = 0.0
        self._decreases = 0
        # Requests admitted, and since when; whether any was since the last throttled one, and the gap while none is.
        self._admitted = 0
        self._began_at: float | None = None
        self._admits = True
        self._gap = 0.0

    def next_slot(self, now: float) -> Slot:
        """The next slot, for a worker ready to send now."""
        with self._lock:
            if self._began_at is None:
                self._began_at = now
            at = max(now, self._next_at)
            if at > now + _AHEAD_SECONDS:
                return Slot(at - _AHEAD_SECONDS / 2, granted=False, generation=self.generation)
            # While the workers are the bottleneck rather than the limiter, there is no reason to speed up.
            if now > self._next_at:
                self._changed_at += max(now - max(self._last_at, self._changed_at), 0.0)
            self._last_at = at
            self._next_at = at + 1 / self._rate_at(at)
            return Slot(at, granted=True, generation=self.generation)

    def record_admitted(self, slot: Slot) -> None:
        """Record that the service admitted the request sent in this slot."""
        with self._lock:
            self._admitted += 1
            self._admits |= slot.generation == self.generation

    def record_throttled(self, now: float, slot: Slot, pause: float) -> None:
        """Record that the service throttled the request sent in this slot, and requests a pause of so many seconds."""
        with self._lock:
            # Of requests in flight together, only the first throttled one counts.
            if slot.generation == self.generation:
                if self._admits or pause > 0:
                    self._decrease(now, slot, pause)
                    self._gap = 1 / self._rate
                else:
                    # The same shortage as at the last throttled request: no new information about the rate.
                    self._gap = min(2 * self._gap, max(1 / self._rate, _LONGEST_GAP_SECONDS))
                self._admits = False
                self._changed_at = now
                self._next_at = now + self._gap
                self.generation += 1
            if pause > 0:
                self._next_at = max(self._next_at, now + pause)
                self._changed_at = max(self._changed_at, now + pause)
                self.generation += 1

    def _rate_at(self, moment: float) -> float:
        """The requests per second at a moment."""
        seconds = max(moment - self._changed_at, 0.0)
        if self._rise is None:
            return self._rate * math.pow(2.0, seconds / _DOUBLING_SECONDS)
        return self._rate + self._rise * seconds

    def _decrease(self, now: float, slot: Slot, pause: float) -> None:
        if self._rate == math.inf:
            began_at = now if self._began_at is None else self._began_at
            self._rate = max(self._admitted / max(now - began_at, 1.0), 1.0)
            return
        throttled = self._rate_at(slot.at)
        self._rate = max(throttled * (_AFTER_DOUBLING if self._rise is None else _DECREASE), _LEAST_RATE)
        self._decreases += 1
        recovery = max(_RECOVERY_PER_PAUSE * pause, _LEAST_RECOVERY_SECONDS)
        if self._decreases <= _FIRST_RECOVERIES:
            recovery = _FIRST_RECOVERY_SECONDS
        self._rise = (1 - _DECREASE) * throttled / recovery
