"""Failures during a collection, over HTTP: what is retried, what fails at once, and what the failure says."""

import time
from dataclasses import replace

import pytest
import structlog

from seat_report.avepoint import worker_pool
from seat_report.avepoint.client import AvePoint
from seat_report.domain.problems import ProblemKind
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.data import Tenant
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import (
    SkippingClock,
    client_harness,
    customer,
    failure_kinds,
    failure_of,
    queries,
    settings,
)


@pytest.mark.parametrize(
    ("fault", "kind", "detail"),
    [
        (Fault(kind="status", status=400), ProblemKind.BAD_ANSWER, "rejected the request (status 400)"),
        (Fault(kind="status", status=403), ProblemKind.NOT_AUTHORISED, "Add it to the customer scope"),
        (Fault(kind="status", status=404), ProblemKind.NOT_FOUND, "Check the ID"),
        (Fault(kind="html"), ProblemKind.BAD_ANSWER, "AvePoint said “<"),
        (Fault(kind="body", body=""), ProblemKind.BAD_ANSWER, "answered with nothing."),
        (Fault(kind="malformed"), ProblemKind.BAD_ANSWER, "AvePoint said “[{"),
        (Fault(kind="shape-object"), ProblemKind.BAD_ANSWER, "other than the documented list"),
        (Fault(kind="shape-text"), ProblemKind.BAD_ANSWER, 'AvePoint said “"OK"”'),
        (Fault(kind="shape-null"), ProblemKind.BAD_ANSWER, "other than the documented list"),
        (Fault(kind="status", status=410), ProblemKind.BAD_ANSWER, "status 410"),
    ],
    ids=lambda value: f"{value.kind} {value.status or ''}" if isinstance(value, Fault) else "",
)
def test_permanent_failures_are_not_retried(fault: Fault, kind: ProblemKind, detail: str) -> None:
    """A failure that a retry can't fix is reported at once, with the request ID, for that customer alone."""
    with client_harness(6, Options(contract="users")) as harness:
        harness.service.faults.add(replace(fault, customer_id=harness.customers[2].id))
        collection = harness.collect()
        problem = failure_of(collection.results[2])
        assert problem.kind is kind
        assert detail in problem.full_detail
        assert (problem.customer_id, problem.tenant_type) == (harness.customers[2].id, TenantType.MICROSOFT_365)
        if kind is not ProblemKind.NOT_FOUND:
            assert "AvePoint's request id: " in problem.evidence
            assert "request id" not in problem.detail
        assert harness.all_correct_except(2, collection.results)
        assert collection.retries == 0
        assert collection.warnings == ()


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_transient_failures_are_retried(status: int) -> None:
    """A transient failure costs only retries; a lasting one is reported."""
    with client_harness(6) as harness:
        harness.service.faults.add(Fault(kind="status", status=status, customer_id=harness.customers[1].id, times=3))
        harness.service.faults.add(Fault(kind="status", status=status, customer_id=harness.customers[2].id))
        collection = harness.collect()
        problem = failure_of(collection.results[2])
        assert problem.kind is ProblemKind.UNAVAILABLE
        assert f"returned an error (status {status})." in problem.detail
        assert problem.evidence.startswith("tried 4 times; AvePoint's request id: ")
        assert harness.all_correct_except(2, collection.results)
        assert collection.retries == 6
        assert collection.requests == 12


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_broken_connections_are_retried(kind: str) -> None:
    """A response that breaks off is requested again, and never parsed in part."""
    with client_harness(6) as harness:
        harness.service.faults.add(Fault(kind=kind, customer_id=harness.customers[1].id, times=2))
        harness.service.faults.add(Fault(kind=kind, customer_id=harness.customers[2].id))
        collection = harness.collect()
        assert failure_of(collection.results[2]).kind is ProblemKind.UNAVAILABLE
        assert harness.all_correct_except(2, collection.results)


@pytest.mark.parametrize("kind", ["hang", "dribble"])
def test_endless_responses_time_out(kind: str) -> None:
    """A response that never arrives, or arrives byte by byte, times out, and fails after a few attempts."""
    with client_harness(4, avepoint_request_timeout_seconds=0.3) as harness:
        harness.service.faults.add(Fault(kind=kind, customer_id=harness.customers[1].id))
        started = time.monotonic()
        collection = harness.collect()
        assert time.monotonic() - started < 5
        problem = failure_of(collection.results[1])
        assert problem.kind is ProblemKind.TIMEOUT
        assert "did not answer in time." in problem.detail
        assert problem.evidence == "tried 3 times"
        assert harness.all_correct_except(1, collection.results)


def test_first_customer_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the contract is unknown, a first customer that hangs doesn't delay the others for long."""
    monkeypatch.setattr(worker_pool, "_EXTRA_WORKER_SECONDS", 0.05)
    with client_harness(30, avepoint_request_timeout_seconds=0.8) as harness:
        harness.service.faults.add(Fault(kind="hang", customer_id=harness.customers[0].id, times=1))
        started = time.monotonic()
        settled_after: list[float] = []
        collection = harness.client.collect(
            queries(harness.customers),
            stop_at=harness.clock.monotonic() + 1000,
            on_result=lambda _: settled_after.append(time.monotonic() - started),
        )
        assert harness.all_correct(collection.results)
        assert sorted(settled_after)[28] < 0.8


def test_unusable_counts_affect_only_their_tenant() -> None:
    """A tenant with unusable counts is reported with the request ID; the customer's other tenants are kept."""
    base = customer(1)
    with_two_tenants = replace(base, tenants=(*base.tenants, Tenant("other", "Other", Number.MICROSOFT_365, 5, 6)))
    with client_harness([with_two_tenants]) as harness:
        harness.service.faults.add(Fault(kind="count", value=-1, field="assigned", tenant_id="tenant-1"))
        (result,) = harness.collect().results
        assert [tenant.tenant_id for tenant in result.tenants] == ["other"]
        assert "assignedUserSeat: -1 is negative" in result.unusable[0].problem.detail
        assert "request id: " in result.unusable[0].problem.evidence


def test_echoed_token_is_hidden() -> None:
    """A token that the service echoes appears neither in problems nor in logs."""
    with client_harness(1) as harness:
        harness.service.faults.add(Fault(kind="body", endpoint="token", body='{"access_token": "hush-hush"}'))
        harness.service.faults.add(
            Fault(kind="body", status=400, body='{"message": "hush-hush is not for you"}', times=1)
        )
        harness.service.faults.add(Fault(kind="body", body="<p>hush-hush</p>"))
        with structlog.testing.capture_logs() as logs:
            details = [failure_of(harness.collect().results[0]).full_detail for _ in range(2)]
        assert "“(hidden) is not for you”" in details[0]
        assert "“<p>(hidden)</p>”" in details[1]
        assert "hush" not in str(logs)


def test_unreachable_service() -> None:
    """If no service is listening, every query fails as unavailable, and the run has one warning."""
    client = AvePoint(settings(), clock=(clock := SkippingClock()))
    collection = client.collect(queries([customer(1), customer(2)]), stop_at=clock.monotonic() + 600)
    client.close()
    assert failure_kinds(collection.results) == {ProblemKind.UNAVAILABLE}
    assert "AvePoint could not be reached" in collection.warnings[0]
    assert "could not be reached" in failure_of(collection.results[0]).detail
