"""The local services' time: handed in, so that a test can set the date and move it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the services ask of time."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed point, never going back."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the machine's date

    def monotonic(self) -> float:
        """Seconds since some fixed point, never going back."""
        return time.monotonic()
