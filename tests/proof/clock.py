"""A clock that shows a given moment and on which waiting takes no time."""

from datetime import UTC, datetime

from tests.support.clocks import ShownClock


class HastyClock(ShownClock):
    """Shows a moment such as `2026-01-31 06:00`, in UTC; what is slept through passes on the other scale at once."""

    def __init__(self, moment: str) -> None:
        super().__init__(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        self._slept = 0.0

    def monotonic(self) -> float:
        """Seconds since some fixed point, with those slept through."""
        return super().monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        """Let the seconds have passed."""
        self._slept += seconds
