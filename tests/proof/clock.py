"""A clock that shows a given time and on which sleeping takes no time."""

from datetime import UTC, datetime

from tests.support.clocks import ShownClock


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
