"""Clocks for tests and demonstrations."""

from datetime import datetime

from seat_report.clock import SystemClock


class ShownClock(SystemClock):
    """A clock that shows the moment that it is set to; sleeping takes real time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment that the clock is set to."""
        return self.moment


class ManualClock(ShownClock):
    """A clock on which time passes only by sleeping, which returns at once."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment)
        # Not zero, so that code which forgets to subtract its start time is noticed.
        self._seconds = 100.0

    def monotonic(self) -> float:
        """Seconds since some fixed point."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass at once."""
        self._seconds += seconds
