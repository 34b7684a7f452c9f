"""A run's collection of seats, over HTTP: results, concurrency, the deadline, and the caller's callback."""

import threading
import time

import pytest
import structlog

from seat_report.avepoint.transport import RequestFailedError
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.data import Tenant
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import client_harness, customer, failure_kinds, failure_of, queries

# Results


@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
def test_all_results_are_correct(contract: str) -> None:
    """In either contract, every result is correct, in query order, and delivered once."""
    big = customer(900, tenants=tuple(Tenant(f"b{n}", f"B {n}", Number.GOOGLE, n, 1) for n in range(250)))
    customers = [customer(n + 1) for n in range(30)] + [big]
    with client_harness(customers, Options(contract=contract)) as harness:  # type: ignore[arg-type] # a literal
        batch = queries(customers, tuple(TenantType))
        collection = harness.collect(batch)
        assert [result.query for result in collection.results] == batch
        assert harness.all_correct(collection.results)
        assert sorted(result.query for result in harness.delivered) == sorted(batch)
        assert collection.contract == contract
        assert collection.warnings == ()
        assert collection.requests == harness.request_count()
        assert (collection.retries, collection.throttled) == (0, 0)


def test_no_queries() -> None:
    """Without queries there are no results and no requests."""
    with client_harness() as harness:
        assert harness.collect([]).results == ()
        assert not harness.service.log.requests()


@pytest.mark.parametrize("counts", ["asked", "asked-null"])
@pytest.mark.parametrize("unfiltered", ["assigned", "available"])
def test_missing_counts_are_requested(counts: str, unfiltered: str) -> None:
    """A count missing from the first response is requested separately, and both are merged."""
    options = Options(contract="users", counts=counts, unfiltered=unfiltered)  # type: ignore[arg-type] # literals
    with client_harness(5, options) as harness:
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.requests == 10


def test_concurrency_is_limited() -> None:
    """There are never more requests in flight than the setting allows."""
    with client_harness(60, Options(latency_ms=10), avepoint_concurrency=4) as harness:
        harness.collect()
        harness.collect()
        assert harness.service.log.in_flight_max == 4


def test_user_agent_and_quoted_ids() -> None:
    """The service sees the client's user agent and receives customer IDs unchanged."""
    with client_harness([customer(1, id="a/b c?d#ü")]) as harness:
        assert harness.all_correct(harness.collect().results)
        (request,) = harness.service.log.requests("seats")
        assert request.headers["user-agent"].startswith("seat-report/")


@pytest.mark.parametrize("customer_id", ["", ".", "..", " "])
def test_ids_unfit_for_a_url_are_not_sent(customer_id: str) -> None:
    """No request is sent for an ID that would change the URL's path."""
    with client_harness() as harness:
        (result,) = harness.collect([Query(customer_id, TenantType.GOOGLE)]).results
        assert failure_of(result).kind is ProblemKind.INVALID_CUSTOMER_ID
        assert not harness.service.log.requests()


# The deadline


def test_deadline_during_the_run() -> None:
    """At the deadline, unsent queries are reported as not checked, and the results so far are kept."""
    with client_harness(60, Options(latency_ms=50), avepoint_concurrency=2) as harness:
        started = harness.clock.monotonic()
        collection = harness.collect(seconds=0.6)
        assert harness.clock.monotonic() - started < 1.6
        kinds = [result.failure.kind if result.failure else None for result in collection.results]
        assert set(kinds) == {None, ProblemKind.NOT_CHECKED}
        assert kinds == sorted(kinds, key=lambda kind: kind is not None)
        assert 3 <= harness.request_count() <= 30
        assert failure_of(collection.results[-1]).detail.startswith("Not checked: the run ran out of time.")
        assert len(harness.delivered) == 60


def test_deadline_already_passed() -> None:
    """With a deadline in the past, no request is sent."""
    with client_harness(3) as harness:
        collection = harness.collect(seconds=-1)
        assert failure_kinds(collection.results) == {ProblemKind.NOT_CHECKED}
        assert not harness.service.log.requests()
        assert "No customer was checked" in collection.warnings[0]


def test_deadline_ends_requests_in_flight() -> None:
    """Requests in flight at the deadline end with it, however long their own timeout."""
    with client_harness(40, avepoint_request_timeout_seconds=60) as harness:
        harness.service.faults.add(Fault(kind="hang"))
        started = time.monotonic()
        collection = harness.collect(seconds=0.5)
        assert time.monotonic() - started < 1.5
        assert failure_kinds(collection.results) <= {ProblemKind.TIMEOUT, ProblemKind.NOT_CHECKED}
        assert failure_of(collection.results[0]).kind is ProblemKind.TIMEOUT


def test_pause_beyond_the_deadline() -> None:
    """A pause that lasts beyond the deadline ends the run at once."""
    with client_harness(40) as harness:
        harness.service.faults.add(Fault(kind="status", status=429, retry_after="25", skip=3))
        started = time.monotonic()
        collection = harness.collect(seconds=20)
        assert time.monotonic() - started < 2
        kinds = {result.failure.kind for result in collection.results if result.failure}
        assert kinds == {ProblemKind.THROTTLED, ProblemKind.NOT_CHECKED}


def test_stuck_worker_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker stuck in an unbounded call, such as a name lookup, does not delay the end of the run."""
    with client_harness(3) as harness:
        release = threading.Event()
        released = threading.Event()

        def stuck_post(*_: object, **__: object) -> None:
            release.wait(20)
            released.set()
            raise RequestFailedError(ProblemKind.UNAVAILABLE, "Too late")

        monkeypatch.setattr(harness.client._transport, "post", stuck_post)
        started = time.monotonic()
        collection = harness.collect(seconds=0.3)
        assert time.monotonic() - started < 1.5
        assert all(result.failure for result in collection.results)
        release.set()
        assert released.wait(5)


# The caller


def test_callback_error_reaches_the_caller() -> None:
    """An error raised by the caller's callback ends the run and is raised to the caller."""
    with client_harness(30) as harness:

        def failing_callback(_: SeatResult) -> None:
            raise LookupError("the caller's own")

        with pytest.raises(LookupError, match="the caller's own"):
            harness.client.collect(
                queries(harness.customers), stop_at=harness.clock.monotonic() + 60, on_result=failing_callback
            )


def test_callback_is_never_called_concurrently() -> None:
    """Results are delivered one at a time, whichever thread they come from."""
    with client_harness(100) as harness:
        inside = threading.Lock()

        def exclusive_callback(_: SeatResult) -> None:
            assert inside.acquire(blocking=False)
            inside.release()

        harness.client.collect(
            queries(harness.customers), stop_at=harness.clock.monotonic() + 60, on_result=exclusive_callback
        )


def test_worker_logs_carry_the_callers_context() -> None:
    """Log entries of workers carry the logging context of the caller, and the reason for a retry."""
    with client_harness(2) as harness, structlog.contextvars.bound_contextvars(run_id="run-7"):
        harness.service.faults.add(Fault(kind="status", status=500, skip=1, times=1))
        with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
            harness.collect()
        (entry,) = logs
        assert (entry["event"], entry["why"], entry["run_id"]) == ("AvePoint is asked again", "status 500", "run-7")
        assert entry["log_level"] == "debug"
