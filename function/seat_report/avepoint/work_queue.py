"""What is still to be asked: the queries in their order, and after them those to be asked again, when it is time.

Fresh queries come first. That keeps a worker from idling through a back-off, and gives a service that is out of order
for a while the longest time to recover before a query's attempts are used up.
"""

import heapq
import itertools
import threading
from collections.abc import Iterator, Sequence

from seat_report.avepoint.query_state import QueryState
from seat_report.domain import Query


class WorkQueue:
    """The tasks that no worker has at the moment; safe to use from any thread."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._fresh: Iterator[QueryState] = itertools.starmap(QueryState, enumerate(queries))
        self._later: list[tuple[float, int, QueryState]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def take(self) -> tuple[QueryState, float] | None:
        """The next task and the time from when it may be asked; None if there is nothing left but what workers have.

        A worker that gives a task back takes on; so one that finds nothing here may end, and none is forgotten.
        """
        with self._lock:
            state = next(self._fresh, None)
            if state:
                return state, 0.0
            if not self._later:
                return None
            due, _, state = heapq.heappop(self._later)
            return state, due

    def give_back(self, state: QueryState, due: float) -> None:
        """Put a task back, to be asked again from that time on."""
        with self._lock:
            heapq.heappush(self._later, (due, next(self._order), state))
