"""The state of one run: results so far, request counters, and whether the run is over."""

import threading
from collections.abc import Callable, Sequence

from seat_report.domain import Problem, Query, SeatResult

Reason = Callable[[Query], Problem]


class QueryResults:
    """One run's results and counters, shared by all workers; safe to use from any thread."""

    def __init__(self, queries: Sequence[Query], on_result: Callable[[SeatResult], None] | None) -> None:
        self._queries = queries
        self._on_result = on_result
        self._results: list[SeatResult | None] = [None] * len(queries)
        self._was_sent = bytearray(len(queries))
        self._lock = threading.Lock()
        self.requests = 0
        self.retries = 0
        self.throttled = 0
        # Whether any count came as text; never set back.
        self.has_text_counts = False
        # Each is set once: why no more requests are sent (open queries fail for this reason), and whether results are
        # final.
        self.give_up_reason: Reason | None = None
        self.closed = False
        self.error: BaseException | None = None

    def record_request(self, index: int, *, is_retry: bool) -> None:
        """Count a request for the query."""
        with self._lock:
            self._was_sent[index] = True
            self.requests += 1
            self.retries += is_retry

    def record_throttled(self) -> None:
        """Count a throttled request."""
        with self._lock:
            self.throttled += 1

    def settle(self, index: int, result: SeatResult) -> None:
        """Store the query's final result and pass it to the caller's callback, one at a time."""
        with self._lock:
            if not self.closed and self._results[index] is None:
                self._results[index] = result
                if self._on_result:
                    self._on_result(result)

    def give_up(self, reason: Reason) -> None:
        """Send no more requests; open queries fail for this reason."""
        self.give_up_reason = self.give_up_reason or reason

    def fail(self, error: BaseException) -> None:
        """End the run with an error."""
        with self._lock:
            self.error = self.error or error
            self.closed = True

    def close(self, never_sent: Reason, cut_off: Reason) -> tuple[SeatResult, ...]:
        """Fail the open queries, ignore anything that arrives later, and return all results in query order."""
        for index, query in enumerate(self._queries):
            if self._results[index] is None:
                reason = cut_off if self._was_sent[index] else self.give_up_reason or never_sent
                self.settle(index, SeatResult(query, failure=reason(query)))
        with self._lock:
            self.closed = True
            return tuple(result for result in self._results if result)
