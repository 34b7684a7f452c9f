"""The progress of a run, counted from the results that have arrived."""

from dataclasses import replace
from datetime import UTC, datetime

from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.reporting.progress import Phase, Progress, ProgressSnapshot
from seat_report.reporting.result import RunResult
from tests.support.clocks import ManualClock

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def result_of(query: Query, *, failed: bool = False) -> SeatResult:
    """A result of the query."""
    return SeatResult(query, failure=Problem(ProblemKind.TIMEOUT, "Late.") if failed else None)


def test_progress_of_a_run() -> None:
    """A customer is done when all its queries are, failed when one is; the time left follows from the pace so far."""
    clock = ManualClock(NOW)
    progress = Progress(clock)
    result = RunResult(RunRequest(), started=NOW, finished=NOW)
    assert progress.snapshot(result) == ProgressSnapshot(Phase.READING)
    types = (TenantType.GOOGLE, TenantType.SALESFORCE)
    queries = [Query(customer, tenant_type) for customer in ("a", "b") for tenant_type in types]
    result = replace(result, queries=tuple(queries))
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2)
    assert not progress.has_begun
    clock.sleep(10)
    progress.record(result_of(queries[0]))
    progress.record(result_of(queries[2], failed=True))
    assert progress.has_begun
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2, done=0, failed=1, seconds_left=10)
    clock.sleep(5)
    progress.record(result_of(queries[1]))
    assert progress.snapshot(result) == ProgressSnapshot(Phase.ASKING, customers=2, done=1, failed=1, seconds_left=5)
    progress.record(result_of(queries[3], failed=True))
    assert progress.snapshot(result) == ProgressSnapshot(Phase.WRITING, customers=2, done=2, failed=1)
