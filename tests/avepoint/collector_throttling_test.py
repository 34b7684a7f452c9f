"""Throttling of a collection, over HTTP: pauses, back-off, giving up, and adapting to a rate limit."""

import itertools

import pytest

from seat_report.domain.problems import ProblemKind
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import Harness, client_harness, failure_of, queries


def arrival_times(harness: Harness) -> list[float]:
    return [request.at for request in harness.service.log.requests("seats")]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("style", ["as-is", "date"])
def test_retry_after_pauses_all_workers(status: int, style: str) -> None:
    """No request is sent until the time given in Retry-After; then the run continues."""
    with client_harness(30) as harness:
        harness.service.faults.add(
            Fault(kind="status", status=status, retry_after="20", retry_after_as=style, skip=5, times=1)  # type: ignore[arg-type]
        )
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert (collection.throttled, collection.retries) == (1, 1)
        assert 18 < max(later - earlier for earlier, later in itertools.pairwise(arrival_times(harness))) < 28


def test_throttled_without_retry_after() -> None:
    """Without Retry-After, throttled requests are retried after a back-off."""
    with client_harness(30) as harness:
        harness.service.faults.add(Fault(kind="status", status=429, skip=5, times=3))
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.throttled == 3


@pytest.mark.parametrize("retry_after", [None, "0", "1", "30"])
def test_customer_that_is_always_throttled(retry_after: str | None) -> None:
    """A customer that is throttled repeatedly fails; the other results are correct."""
    with client_harness(10) as harness:
        harness.service.faults.add(
            Fault(kind="status", status=429, retry_after=retry_after, customer_id=harness.customers[3].id)
        )
        collection = harness.collect()
        assert failure_of(collection.results[3]).kind is ProblemKind.THROTTLED
        assert collection.throttled <= 8
        assert harness.clock.skipped < 120
        assert harness.all_correct_except(3, collection.results)


def test_customer_throttled_for_a_day() -> None:
    """A pause longer than a run can wait fails that query with the end of the pause, and pauses no other."""
    with client_harness(30) as harness:
        harness.service.faults.add(
            Fault(kind="status", status=429, retry_after="86400", customer_id=harness.customers[3].id)
        )
        collection = harness.collect()
        problem = failure_of(collection.results[3])
        assert problem.kind is ProblemKind.THROTTLED
        assert "throttled until 20" in problem.evidence
        assert harness.all_correct_except(3, collection.results)
        assert harness.clock.skipped < 10


def test_all_customers_throttled_for_a_day() -> None:
    """After three customers in a row with such a long pause, the remaining queries are not sent."""
    with client_harness(200, avepoint_concurrency=4) as harness:
        harness.service.faults.add(Fault(kind="status", status=429, retry_after="86400", skip=20))
        collection = harness.collect()
        failures = [result.failure for result in collection.results if result.failure]
        assert len(failures) == 180
        assert {problem.kind for problem in failures} == {ProblemKind.THROTTLED}
        assert all("throttled until" in problem.evidence for problem in failures)
        assert harness.request_count() < 30


def test_adapting_to_a_rate_limit() -> None:
    """A service with a rate limit gets all requests, at a rate close to its limit on its own clock."""
    with client_harness(1, Options(rate=50, retry_after="seconds")) as harness:
        (query,) = queries(harness.customers)
        collection = harness.collect([query] * 1000)
        assert harness.all_correct(collection.results)
        times = arrival_times(harness)
        # The clock skips in steps, which costs much of the rate on a busy machine; rate_limiter_test.py measures it.
        assert times[-1] - times[0] < 1000 / 50 / 0.3
        assert harness.service.log.limited < 100
