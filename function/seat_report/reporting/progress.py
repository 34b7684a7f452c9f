"""The progress of a run, for people who watch it."""

import enum
import threading
from collections import Counter
from typing import NamedTuple

from seat_report.clock import Clock
from seat_report.domain import SeatResult
from seat_report.reporting.result import RunResult


class Phase(enum.Enum):
    """The current phase of a run."""

    READING = "Reading the Customers tab"
    ASKING = "Asking AvePoint"
    WRITING = "Writing the report"


class ProgressSnapshot(NamedTuple):
    """The progress at one moment: how many customers to query, how many are done, and how many of those failed.

    `seconds_left` is an estimate of the time until all are done, None while there is no basis for one.
    """

    phase: Phase
    customers: int = 0
    done: int = 0
    failed: int = 0
    seconds_left: float | None = None


class Progress:
    """Counts the results of one run as they arrive; any thread may read it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start_time = clock.monotonic()
        self._received: Counter[str] = Counter()
        self._failed: set[str] = set()
        self._lock = threading.Lock()

    def record(self, result: SeatResult) -> None:
        """Count a result."""
        with self._lock:
            self._received[result.query.customer_id] += 1
            if result.failure:
                self._failed.add(result.query.customer_id)

    @property
    def has_begun(self) -> bool:
        """Whether a first result has arrived."""
        return bool(self._received)

    def snapshot(self, result: RunResult) -> ProgressSnapshot:
        """The current progress of the run with this result."""
        if not result.queries:
            return ProgressSnapshot(Phase.READING)
        with self._lock:
            received, failed = self._received.copy(), len(self._failed)
        expected = Counter(query.customer_id for query in result.queries)
        done = sum(received[customer_id] >= queries for customer_id, queries in expected.items())
        count = received.total()
        remaining = len(result.queries) - count
        if remaining <= 0:
            return ProgressSnapshot(Phase.WRITING, len(expected), done, failed)
        elapsed = self._clock.monotonic() - self._start_time
        return ProgressSnapshot(
            Phase.ASKING, len(expected), done, failed, elapsed / count * remaining if count else None
        )
