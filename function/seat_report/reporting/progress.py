"""How far a run has got, as people who watch it want to know."""

import enum
import threading
from collections import Counter
from typing import NamedTuple

from seat_report.clock import Clock
from seat_report.domain import SeatResult
from seat_report.reporting.result import RunResult


class Phase(enum.Enum):
    """What a run is at."""

    READING = "Reading the Customers tab"
    ASKING = "Asking AvePoint"
    WRITING = "Writing the report"


class ProgressSnapshot(NamedTuple):
    """How far a run has got: customers to ask about, those done and those of them that failed.

    `seconds_left` is a guess at the time until all are done, None while there is nothing to go by.
    """

    phase: Phase
    customers: int = 0
    done: int = 0
    failed: int = 0
    seconds_left: float | None = None


class Progress:
    """Counts the answers of one run as they come; to be read from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._answered: Counter[str] = Counter()
        self._failed: set[str] = set()
        self._lock = threading.Lock()

    def note(self, answer: SeatResult) -> None:
        """Count an answer."""
        with self._lock:
            self._answered[answer.query.customer_id] += 1
            if answer.failure:
                self._failed.add(answer.query.customer_id)

    @property
    def has_begun(self) -> bool:
        """Whether an answer has come."""
        return bool(self._answered)

    def snapshot(self, result: RunResult) -> ProgressSnapshot:
        """How far the run that fills in this result has got."""
        if not result.queries:
            return ProgressSnapshot(Phase.READING)
        with self._lock:
            answered, failed = self._answered.copy(), len(self._failed)
        expected = Counter(query.customer_id for query in result.queries)
        done = sum(answered[customer_id] >= count for customer_id, count in expected.items())
        answers = answered.total()
        left = len(result.queries) - answers
        if left <= 0:
            return ProgressSnapshot(Phase.WRITING, len(expected), done, failed)
        so_far = self._clock.monotonic() - self._began
        return ProgressSnapshot(Phase.ASKING, len(expected), done, failed, so_far / answers * left if answers else None)
