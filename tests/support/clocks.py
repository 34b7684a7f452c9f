"""Clocks for tests and shows."""

from datetime import datetime

from seat_report.clock import SystemClock


class ShownClock(SystemClock):
    """A clock on the wall that shows what it is told; waiting takes as long as it takes."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment that it was told."""
        return self.moment
