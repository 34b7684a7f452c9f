"""Clocks for tests and demonstrations."""

from datetime import UTC, datetime, timedelta

from seat_report.clock import SystemClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class ShownClock(SystemClock):
    """A clock that shows the moment that it is set to; sleeping takes real time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment that the clock is set to."""
        return self.moment


class ManualClock:
    """A clock that stands still until a test moves it; waiting moves it too."""

    def __init__(self, moment: datetime = NOON, *, monotonic: float = 100.0) -> None:
        self._moment = moment
        # Not zero, so that code which forgets to subtract its start time is noticed.
        self._monotonic = monotonic

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self._moment

    def monotonic(self) -> float:
        """Seconds since some fixed point."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Let so much time have passed."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let so much time have passed."""
        self._moment += timedelta(seconds=seconds)
        self._monotonic += seconds


class HastyClock(ShownClock):
    """Shows a fixed time such as `2026-01-31 06:00` (UTC); sleeping only advances its monotonic clock."""

    def __init__(self, moment: str) -> None:
        super().__init__(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        self._slept = 0.0

    def monotonic(self) -> float:
        """Seconds since some fixed point, including those slept."""
        return super().monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Advance the monotonic clock without waiting."""
        self._slept += seconds
