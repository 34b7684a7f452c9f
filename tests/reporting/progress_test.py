"""How far a run has got, from the answers that have come."""

from datetime import UTC, datetime

from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.reporting.progress import Phase, Progress, ProgressSnapshot
from seat_report.reporting.result import RunResult

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class ClockByHand:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.moment = 100.0

    def now(self) -> datetime:
        """The moment, in UTC."""
        return NOW

    def monotonic(self) -> float:
        """Seconds since some fixed point."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.moment += seconds


def answer(query: Query, *, failed: bool = False) -> SeatResult:
    """An answer to the query."""
    return SeatResult(query, failure=Problem(ProblemKind.TIMEOUT, "Late.") if failed else None)


def test_from_start_to_end() -> None:
    """Customers are done when all their queries are, fail when one does, and the time left follows the pace so far."""
    clock = ClockByHand()
    progress = Progress(clock)
    result = RunResult(RunRequest(), started=NOW, finished=NOW)
    assert progress.snapshot(result) == ProgressSnapshot(Phase.READING)
    queries = [Query(customer, one) for customer in ("a", "b") for one in (TenantType.GOOGLE, TenantType.SALESFORCE)]
    result.queries = tuple(queries)
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2)
    assert not progress.has_begun
    clock.sleep(10)
    progress.record(answer(queries[0]))
    progress.record(answer(queries[2], failed=True))
    assert progress.has_begun
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2, done=0, failed=1, seconds_left=10)
    clock.sleep(5)
    progress.record(answer(queries[1]))
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2, done=1, failed=1, seconds_left=5)
    progress.record(answer(queries[3], failed=True))
    assert progress.snapshot(result) == ProgressSnapshot(Phase.WRITING, customers=2, done=2, failed=1)
