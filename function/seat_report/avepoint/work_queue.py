"""The queue of pending inquiries: new ones in order first, then those that have waited, by due time.

Putting new ones first keeps workers from idling through a back-off, and gives a failing service as long as possible to
recover before a query uses up its attempts.
"""

import heapq
import itertools
import threading
from collections.abc import Iterable

from seat_report.avepoint.inquiry import Inquiry


class WorkQueue:
    """The inquiries that no worker is holding; safe to use from any thread."""

    def __init__(self, inquiries: Iterable[Inquiry]) -> None:
        """Take these when they are due, not before."""
        self._new = iter(inquiries)
        self._scheduled: list[tuple[float, int, Inquiry]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def take(self) -> tuple[Inquiry, float] | None:
        """The next one and the earliest time to go on with it; None if all that remain are held by workers.

        A worker that requeues an inquiry keeps taking them, so one that finds the queue empty can stop without any
        being forgotten.
        """
        with self._lock:
            inquiry = next(self._new, None)
            if inquiry:
                return inquiry, 0.0
            if not self._scheduled:
                return None
            due, _, inquiry = heapq.heappop(self._scheduled)
            return inquiry, due

    def requeue(self, inquiry: Inquiry, due: float) -> None:
        """Put an inquiry back, to go on no earlier than `due`."""
        with self._lock:
            heapq.heappush(self._scheduled, (due, next(self._order), inquiry))
