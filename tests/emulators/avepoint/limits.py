"""The rate limit, counted in one of three ways, and its Retry-After."""

import math
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Literal, Protocol

# Seconds that a window is long.
_WINDOW = 1.0


class Limit(Protocol):
    """What turns requests away; safe to use from any thread."""

    def take(self) -> float:
        """Take one request's place; return 0, or the seconds until there is one."""
        ...


class TokenBucket:
    """A limit of `rate` requests a second that lets `burst` requests through at once; safe to use from any thread."""

    def __init__(self, rate: float, burst: int | None, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._capacity = float(burst if burst is not None else max(1, math.ceil(rate)))
        self._clock = clock
        self._level = self._capacity
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take one request's place; return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            self._level = min(self._capacity, self._level + (now - self._filled_at) * self._rate)
            self._filled_at = now
            if self._level >= 1.0:
                self._level -= 1.0
                return 0.0
            return (1.0 - self._level) / self._rate


class FixedWindow:
    """A limit of `rate` requests in each second of the clock; safe to use from any thread."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._places = max(1, math.floor(rate * _WINDOW))
        self._clock = clock
        self._window = 0
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take one request's place; return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            window = math.floor(now / _WINDOW)
            if window != self._window:
                self._window, self._taken = window, 0
            if self._taken >= self._places:
                return (window + 1) * _WINDOW - now
            self._taken += 1
            return 0.0


class SlidingWindow:
    """A limit of `rate` requests in any second that has just passed; safe to use from any thread."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=max(1, math.floor(rate * _WINDOW)))
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take one request's place; return 0, or the seconds until there is one."""
        with self._lock:
            now = self._clock()
            if len(self._taken) == self._taken.maxlen and now - self._taken[0] < _WINDOW:
                return self._taken[0] + _WINDOW - now
            self._taken.append(now)
            return 0.0


def retry_after(seconds: float, style: Literal["seconds", "date", "none"], now: datetime) -> dict[str, str]:
    """Return the Retry-After header in one of the two forms of RFC 9110, section 10.2.3, or none."""
    if style == "none":
        return {}
    whole = max(1, math.ceil(seconds))
    if style == "seconds":
        return {"Retry-After": str(whole)}
    return {"Retry-After": format_datetime(now + timedelta(seconds=whole), usegmt=True)}
