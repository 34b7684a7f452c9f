"""The queue of pending queries: new ones in order first, then those waiting to be sent again, by due time.

Putting new queries first keeps workers from idling through a back-off, and gives a failing service as long as possible
to recover before a query uses up its attempts.
"""

import heapq
import itertools
import threading
from collections.abc import Iterator, Sequence

from seat_report.avepoint.contracts import RequestFactory, seat_request
from seat_report.avepoint.query_state import QueryState
from seat_report.domain import Query


class WorkQueue:
    """The queries that no worker is holding; safe to use from any thread."""

    def __init__(self, queries: Sequence[Query], new_request: RequestFactory = seat_request) -> None:
        self._new: Iterator[QueryState] = (QueryState(index, query, new_request) for index, query in enumerate(queries))
        self._scheduled: list[tuple[float, int, QueryState]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def take(self) -> tuple[QueryState, float] | None:
        """The next query and the earliest time to send it; None if all remaining queries are held by workers.

        A worker that requeues a query keeps taking queries, so one that finds the queue empty can stop without any
        query being forgotten.
        """
        with self._lock:
            state = next(self._new, None)
            if state:
                return state, 0.0
            if not self._scheduled:
                return None
            due, _, state = heapq.heappop(self._scheduled)
            return state, due

    def requeue(self, state: QueryState, due: float) -> None:
        """Put a query back, to be sent again no earlier than `due`."""
        with self._lock:
            heapq.heappush(self._scheduled, (due, next(self._order), state))
