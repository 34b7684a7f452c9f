"""What one run has come to so far: the answers, what it took to get them, and whether it is over."""

import threading
from collections.abc import Callable, Sequence

from seat_report.domain import Problem, Query, SeatResult

Reason = Callable[[Query], Problem]


class QueryResults:
    """One run's books, written by all workers; safe to use from any thread."""

    def __init__(self, queries: Sequence[Query], on_result: Callable[[SeatResult], None] | None) -> None:
        self._queries = queries
        self._on_result = on_result
        self._answers: list[SeatResult | None] = [None] * len(queries)
        self._asked = bytearray(len(queries))
        self._lock = threading.Lock()
        self.requests = 0
        self.retries = 0
        self.throttled = 0
        # Set once: why nothing more is asked (the queries left end with this), and that nothing more counts.
        self.given_up: Reason | None = None
        self.closed = False
        self.error: BaseException | None = None

    def asking(self, index: int, *, again: bool) -> None:
        """Note a request for the query."""
        with self._lock:
            self._asked[index] = True
            self.requests += 1
            self.retries += again

    def turned_away(self) -> None:
        """Note that a request was throttled."""
        with self._lock:
            self.throttled += 1

    def settle(self, index: int, answer: SeatResult) -> None:
        """Note what the query came to, once and for all, and pass it on; one at a time."""
        with self._lock:
            if not self.closed and self._answers[index] is None:
                self._answers[index] = answer
                if self._on_result:
                    self._on_result(answer)

    def give_up(self, reason: Reason) -> None:
        """Ask nothing more; the queries left end for this reason."""
        self.given_up = self.given_up or reason

    def fail(self, error: BaseException) -> None:
        """End the run with an error."""
        with self._lock:
            self.error = self.error or error
            self.closed = True

    def close(self, never_asked: Reason, cut_off: Reason) -> tuple[SeatResult, ...]:
        """All answers, in the order of the queries; what is open ends here, and whatever comes later counts no more."""
        for index, query in enumerate(self._queries):
            if self._answers[index] is None:
                reason = cut_off if self._asked[index] else self.given_up or never_asked
                self.settle(index, SeatResult(query, failure=reason(query)))
        with self._lock:
            self.closed = True
            return tuple(answer for answer in self._answers if answer)
