"""A whole collection over HTTP: contracts, retries, pauses, the deadline, and every customer's own problems."""

import itertools
import threading
import time
from dataclasses import replace

import pytest
import structlog

from seat_report.avepoint import worker_pool
from seat_report.avepoint.client import AvePoint
from seat_report.avepoint.transport import UnansweredError
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.data import Tenant
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import Bench, SkippingClock, bench, customer, queries, right, settings


def failure(answer: SeatResult) -> Problem:
    assert answer.failure
    return answer.failure


def asked(it: Bench) -> int:
    return len(it.service.log.requests("seats"))


def all_right(it: Bench, answers: tuple[SeatResult, ...]) -> bool:
    return all(right(it, answer) for answer in answers)


# What is collected


@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
def test_everything_right(contract: str) -> None:
    """By either contract, every answer is right, in the order of the queries, and passed on once."""
    big = customer(900, tenants=tuple(Tenant(f"b{n}", f"B {n}", Number.GOOGLE, n, 1) for n in range(250)))
    customers = [customer(n + 1) for n in range(30)] + [big]
    with bench(customers, Options(contract=contract)) as it:  # type: ignore[arg-type] # one of its literals
        wanted = queries(customers, tuple(TenantType))
        collection = it.collect(wanted)
        assert [answer.query for answer in collection.results] == wanted
        assert all_right(it, collection.results)
        assert sorted(answer.query for answer in it.passed_on) == sorted(wanted)
        assert collection.contract == contract
        assert collection.warnings == ()
        assert collection.requests == asked(it)
        assert (collection.retries, collection.throttled) == (0, 0)


def test_nothing_to_ask() -> None:
    """No queries are no answers, without a single request."""
    with bench() as it:
        assert it.collect([]).results == ()
        assert not it.service.log.requests()


@pytest.mark.parametrize("counts", ["asked", "asked-null"])
@pytest.mark.parametrize("unfiltered", ["assigned", "available"])
def test_counts_that_must_be_asked_for(counts: str, unfiltered: str) -> None:
    """A count that doesn't come by itself is asked for, and both belong together."""
    with bench(5, Options(contract="users", counts=counts, unfiltered=unfiltered)) as it:  # type: ignore[arg-type]
        collection = it.collect()
        assert all_right(it, collection.results)
        assert collection.requests == 10


def test_no_more_at_once_than_allowed() -> None:
    """Never more requests are under way than the setting allows."""
    with bench(60, Options(latency_ms=10), avepoint_concurrency=4) as it:
        it.collect()
        it.collect()
        assert it.service.log.in_flight_max == 4


def test_who_asks() -> None:
    """The service is told who asks, and the ids reach it as they are."""
    strange = customer(1, id="a/b c?d#ü")
    with bench([strange]) as it:
        assert all_right(it, it.collect().results)
        (request,) = it.service.log.requests("seats")
        assert request.headers["user-agent"].startswith("seat-report/")


@pytest.mark.parametrize("customer_id", ["", ".", "..", " "])
def test_ids_that_cannot_be_in_an_address(customer_id: str) -> None:
    """An id that would change the address is not asked for."""
    with bench() as it:
        (answer,) = it.collect([Query(customer_id, TenantType.GOOGLE)]).results
        assert failure(answer).kind is ProblemKind.INVALID_CUSTOMER_ID
        assert not it.service.log.requests()


# Which contract


def test_the_other_contract_costs_one_call() -> None:
    """A service that speaks the other contract costs one extra call, and none in the next run."""
    with bench(40, Options(contract="tenants-batch")) as it:
        assert it.collect().requests == 41
        assert it.collect().requests == 40


@pytest.mark.parametrize("absent_status", [404, 405])
@pytest.mark.parametrize(("before", "after"), [("users", "tenants-batch"), ("tenants-batch", "users")])
def test_a_contract_that_changed_between_runs(before: str, after: str, absent_status: int) -> None:
    """A remembered contract that is absent now is given up for the other."""
    with bench(40, Options(contract=before, absent_status=absent_status)) as it:  # type: ignore[arg-type]
        it.collect()
        it.service.configure(contract=after)
        collection = it.collect()
        assert all_right(it, collection.results)
        assert collection.contract == after
        assert collection.requests <= 40 + 16


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_contract_that_changes_mid_run(concurrency: int) -> None:
    """A contract that goes away in the middle of a run costs no customer."""
    with bench(100, Options(contract="users"), avepoint_concurrency=concurrency) as it:
        count = 0

        def change(_: SeatResult) -> None:
            nonlocal count
            count += 1
            if count == 50:
                it.service.configure(contract="tenants-batch")

        stop_at = it.clock.monotonic() + 1000
        collection = it.client.collect(queries(it.customers), stop_at=stop_at, on_result=change)
        assert all_right(it, collection.results)
        assert collection.contract == "tenants-batch"


def test_unknown_customers_do_not_tell_the_contract() -> None:
    """Customers that nobody knows are told as such, first, last or alone, and the contract is found by the others."""
    unknown = [customer(n + 500) for n in range(12)]
    with bench(20, Options(contract="tenants-batch")) as it:
        mixed = queries(unknown[:4] + it.customers[:10] + unknown[4:8] + it.customers[10:] + unknown[8:])
        collection = it.collect(mixed)
        for answer in collection.results:
            if answer.query.customer_id in {one.id for one in unknown}:
                assert failure(answer).kind is ProblemKind.NOT_FOUND
                assert "Check the ID" in failure(answer).detail
            else:
                assert right(it, answer)
        assert collection.contract == "tenants-batch"


def test_a_known_contract_is_not_doubted_for_one_customer() -> None:
    """Once a contract is known, an unknown customer costs one call."""
    with bench(20) as it:
        collection = it.collect(queries([*it.customers, customer(500)]))
        assert failure(collection.results[-1]).kind is ProblemKind.NOT_FOUND
        assert collection.requests == 21


def test_only_unknown_customers() -> None:
    """If no customer is known, the contract isn't either, and it is said once."""
    with bench(0) as it:
        collection = it.collect(queries([customer(n) for n in range(5)]))
        assert {failure(answer).kind for answer in collection.results} == {ProblemKind.NOT_FOUND}
        assert collection.contract is None
        (warning,) = collection.warnings
        assert "AvePoint knows none of the customers" in warning


def test_a_contract_that_was_set() -> None:
    """A contract that was set is not negotiated."""
    with bench(3, Options(contract="tenants-batch"), avepoint_seats_contract="users") as it:
        collection = it.collect()
        assert {failure(answer).kind for answer in collection.results} == {ProblemKind.NOT_FOUND}
        assert collection.requests == 3
        assert "AVEPOINT_SEATS_CONTRACT" in collection.warnings[0]
    with bench(3, Options(contract="tenants-batch"), avepoint_seats_contract="tenants-batch") as it:
        assert it.collect().requests == 3


# What goes wrong for one customer


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (Fault(kind="status", status=400), ProblemKind.BAD_ANSWER, "refused the question with status 400"),
        (Fault(kind="status", status=403), ProblemKind.NOT_AUTHORISED, "Add it to the customer scope"),
        (Fault(kind="status", status=404), ProblemKind.NOT_FOUND, "Check the ID"),
        (Fault(kind="html"), ProblemKind.BAD_ANSWER, "answered with a web page: “<"),
        (Fault(kind="body", body=""), ProblemKind.BAD_ANSWER, "answered with nothing."),
        (Fault(kind="malformed"), ProblemKind.BAD_ANSWER, "answered with something that is not JSON: “[{"),
        (Fault(kind="shape-object"), ProblemKind.BAD_ANSWER, "other than the documented list"),
        (Fault(kind="shape-text"), ProblemKind.BAD_ANSWER, 'other than the documented list of tenants: “"OK"”'),
        (Fault(kind="shape-null"), ProblemKind.BAD_ANSWER, "other than the documented list"),
        (Fault(kind="status", status=410), ProblemKind.BAD_ANSWER, "status 410"),
    ],
    ids=lambda value: f"{value.kind} {value.status or ''}" if isinstance(value, Fault) else "",
)
def test_what_is_not_asked_again(fault: Fault, kind: ProblemKind, says: str) -> None:
    """What asking again doesn't mend is told at once, with the request's id, and concerns that customer alone."""
    with bench(6, Options(contract="users")) as it:
        it.service.faults.add(replace(fault, customer_id=it.customers[2].id))
        collection = it.collect()
        problem = failure(collection.results[2])
        assert problem.kind is kind
        assert says in problem.detail
        assert (problem.customer_id, problem.tenant_type) == (it.customers[2].id, TenantType.MICROSOFT_365)
        if kind is not ProblemKind.NOT_FOUND:
            assert "AvePoint's request id: " in problem.detail
        assert all_right(it, collection.results[:2] + collection.results[3:])
        assert collection.retries == 0
        assert collection.warnings == ()


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_failures_are_asked_again(status: int) -> None:
    """A service that is out of order for a moment costs nothing but retries; one that stays so is told."""
    with bench(6) as it:
        it.service.faults.add(Fault(kind="status", status=status, customer_id=it.customers[1].id, times=3))
        it.service.faults.add(Fault(kind="status", status=status, customer_id=it.customers[2].id))
        collection = it.collect()
        problem = failure(collection.results[2])
        assert problem.kind is ProblemKind.UNAVAILABLE
        assert f"out of order (status {status}) 4 times" in problem.detail
        assert all_right(it, collection.results[:2] + collection.results[3:])
        assert collection.retries == 6
        assert collection.requests == 12


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_broken_connections_are_asked_again(kind: str) -> None:
    """An answer that breaks off is asked for again, and never read in part."""
    with bench(6) as it:
        it.service.faults.add(Fault(kind=kind, customer_id=it.customers[1].id, times=2))
        it.service.faults.add(Fault(kind=kind, customer_id=it.customers[2].id))
        collection = it.collect()
        assert failure(collection.results[2]).kind is ProblemKind.UNAVAILABLE
        assert all_right(it, collection.results[:2] + collection.results[3:])


@pytest.mark.parametrize("kind", ["hang", "dribble"])
def test_answers_that_take_for_ever(kind: str) -> None:
    """An answer that doesn't come, or comes byte by byte, is given up in time, a few times."""
    with bench(4, avepoint_request_timeout_seconds=0.3) as it:
        it.service.faults.add(Fault(kind=kind, customer_id=it.customers[1].id))
        began = time.monotonic()
        collection = it.collect()
        assert time.monotonic() - began < 5
        problem = failure(collection.results[1])
        assert problem.kind is ProblemKind.TIMEOUT
        assert "did not answer in time, 3 times" in problem.detail
        assert all_right(it, (collection.results[0], *collection.results[2:]))


def test_the_first_customer_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the contract is unknown, a first customer that hangs holds nobody up for long."""
    monkeypatch.setattr(worker_pool, "_PATIENCE_SECONDS", 0.05)
    with bench(30, avepoint_request_timeout_seconds=0.8) as it:
        it.service.faults.add(Fault(kind="hang", customer_id=it.customers[0].id, times=1))
        began = time.monotonic()
        done: list[float] = []
        collection = it.client.collect(
            queries(it.customers),
            stop_at=it.clock.monotonic() + 1000,
            on_result=lambda _: done.append(time.monotonic() - began),
        )
        assert all_right(it, collection.results)
        assert sorted(done)[28] < 0.8


def test_some_counts_unusable() -> None:
    """A tenant whose numbers can't be used is told with the request's id; the other tenants of the customer stand."""
    one = customer(1)
    two = replace(one, tenants=(*one.tenants, Tenant("other", "Other", Number.MICROSOFT_365, 5, 6)))
    with bench([two]) as it:
        it.service.faults.add(Fault(kind="count", value=-1, field="assigned", tenant_id="tenant-1"))
        (answer,) = it.collect().results
        assert [tenant.tenant_id for tenant in answer.tenants] == ["other"]
        assert "assignedUserSeat: -1 is negative" in answer.unusable[0].problem.detail
        assert "request id: " in answer.unusable[0].problem.detail


def test_a_service_that_quotes_the_token() -> None:
    """A token that the service sends back is not passed on to anybody."""
    with bench(1) as it:
        it.service.faults.add(Fault(kind="body", endpoint="token", body='{"access_token": "hush-hush"}'))
        it.service.faults.add(Fault(kind="body", status=400, body='{"message": "hush-hush is not for you"}', times=1))
        it.service.faults.add(Fault(kind="body", body="<p>hush-hush</p>"))
        with structlog.testing.capture_logs() as logs:
            details = [failure(it.collect().results[0]).detail for _ in range(2)]
        assert "“(hidden) is not for you”" in details[0]
        assert "“<p>(hidden)</p>”" in details[1]
        assert "hush" not in str(logs)


# Too many questions


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("style", ["as-is", "date"])
def test_a_refusal_pauses_everybody(status: int, style: str) -> None:
    """Until the time that a refusal names nobody asks anything; then everything goes on."""
    with bench(30) as it:
        it.service.faults.add(
            Fault(kind="status", status=status, retry_after="20", retry_after_as=style, skip=5, times=1)  # type: ignore[arg-type]
        )
        collection = it.collect()
        assert all_right(it, collection.results)
        assert (collection.throttled, collection.retries) == (1, 1)
        times = [request.at for request in it.service.log.requests("seats")]
        assert 18 < max(later - earlier for earlier, later in itertools.pairwise(times)) < 28


def test_a_refusal_without_a_time() -> None:
    """A refusal that names no time is backed off from."""
    with bench(30) as it:
        it.service.faults.add(Fault(kind="status", status=429, skip=5, times=3))
        collection = it.collect()
        assert all_right(it, collection.results)
        assert collection.throttled == 3


@pytest.mark.parametrize("retry_after", [None, "0", "1", "30"])
def test_a_customer_that_is_always_refused(retry_after: str | None) -> None:
    """A customer that is refused again and again is given up, and the others are right."""
    with bench(10) as it:
        it.service.faults.add(Fault(kind="status", status=429, retry_after=retry_after, customer_id=it.customers[3].id))
        collection = it.collect()
        assert failure(collection.results[3]).kind is ProblemKind.THROTTLED
        assert collection.throttled <= 8
        assert it.clock.skipped < 120
        assert all_right(it, collection.results[:3] + collection.results[4:])


def test_refused_for_a_day() -> None:
    """A refusal for longer than a run can wait ends that query, says until when, and pauses nobody."""
    with bench(30) as it:
        it.service.faults.add(Fault(kind="status", status=429, retry_after="86400", customer_id=it.customers[3].id))
        collection = it.collect()
        problem = failure(collection.results[3])
        assert problem.kind is ProblemKind.THROTTLED
        assert "throttled until 20" in problem.detail
        assert all_right(it, collection.results[:3] + collection.results[4:])
        assert it.clock.skipped < 10


def test_everybody_refused_for_a_day() -> None:
    """Three customers in a row that are refused for long speak for all: the rest isn't asked."""
    with bench(200, avepoint_concurrency=4) as it:
        it.service.faults.add(Fault(kind="status", status=429, retry_after="86400", skip=20))
        collection = it.collect()
        failures = [answer.failure for answer in collection.results if answer.failure]
        assert len(failures) == 180
        assert {problem.kind for problem in failures} == {ProblemKind.THROTTLED}
        assert all("throttled until" in problem.detail for problem in failures)
        assert asked(it) < 30


def test_a_rate_that_must_be_learned() -> None:
    """A service with a limit is asked about everything, near its limit, on its own time."""
    with bench(1, Options(rate=50, retry_after="seconds")) as it:
        (one,) = queries(it.customers)
        collection = it.collect([one] * 1000)
        assert all_right(it, collection.results)
        times = [request.at for request in it.service.log.requests("seats")]
        # Time skips in steps here, which costs much of the rate on a busy machine; pace_test.py measures it.
        assert times[-1] - times[0] < 1000 / 50 / 0.3
        assert it.service.log.limited < 100


# The deadline


def test_time_that_is_used_up() -> None:
    """What was never asked when the time is used up is told as not checked; what was answered stands."""
    with bench(60, Options(latency_ms=50), avepoint_concurrency=2) as it:
        began = it.clock.monotonic()
        collection = it.collect(seconds=0.6)
        assert it.clock.monotonic() - began < 1.6
        kinds = [answer.failure.kind if answer.failure else None for answer in collection.results]
        assert set(kinds) == {None, ProblemKind.NOT_CHECKED}
        assert kinds == sorted(kinds, key=lambda kind: kind is not None)
        assert 3 <= asked(it) <= 30
        assert failure(collection.results[-1]).detail.startswith("Not checked: the run's time was used up.")
        assert len(it.passed_on) == 60


def test_no_time_at_all() -> None:
    """A deadline that has passed asks nothing."""
    with bench(3) as it:
        collection = it.collect(seconds=-1)
        assert {failure(answer).kind for answer in collection.results} == {ProblemKind.NOT_CHECKED}
        assert not it.service.log.requests()
        assert "No customer was checked" in collection.warnings[0]


def test_hanging_when_the_time_is_used_up() -> None:
    """What is under way when the time is used up ends with it, however long its own time would be."""
    with bench(40, avepoint_request_timeout_seconds=60) as it:
        it.service.faults.add(Fault(kind="hang"))
        began = time.monotonic()
        collection = it.collect(seconds=0.5)
        assert time.monotonic() - began < 1.5
        kinds = {failure(answer).kind for answer in collection.results}
        assert kinds <= {ProblemKind.TIMEOUT, ProblemKind.NOT_CHECKED}
        assert failure(collection.results[0]).kind is ProblemKind.TIMEOUT


def test_a_pause_that_outlasts_the_run() -> None:
    """A pause beyond the deadline ends the run at once."""
    with bench(40) as it:
        it.service.faults.add(Fault(kind="status", status=429, retry_after="25", skip=3))
        began = time.monotonic()
        collection = it.collect(seconds=20)
        assert time.monotonic() - began < 2
        kinds = {answer.failure.kind for answer in collection.results if answer.failure}
        assert kinds == {ProblemKind.THROTTLED, ProblemKind.NOT_CHECKED}


def test_a_worker_that_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is stuck where nothing bounds it, such as looking up a name, is left behind."""
    with bench(3) as it:
        free = threading.Event()
        left = threading.Event()

        def stuck(*_: object) -> None:
            free.wait(20)
            left.set()
            raise UnansweredError(ProblemKind.UNAVAILABLE, "Too late")

        monkeypatch.setattr(it.client._transport, "post", stuck)
        began = time.monotonic()
        collection = it.collect(seconds=0.3)
        assert time.monotonic() - began < 1.5
        assert all(answer.failure for answer in collection.results)
        free.set()
        assert left.wait(5)


# The caller


def test_an_error_of_the_caller() -> None:
    """An error in what the answers are passed on to ends the run and reaches the caller."""
    with bench(30) as it:

        def broken(_: SeatResult) -> None:
            raise LookupError("the caller's own")

        with pytest.raises(LookupError, match="the caller's own"):
            it.client.collect(queries(it.customers), stop_at=it.clock.monotonic() + 60, on_result=broken)


def test_answers_are_passed_on_one_at_a_time() -> None:
    """Whatever thread an answer comes from, no two are passed on at once."""
    with bench(100) as it:
        inside = threading.Lock()

        def alone(_: SeatResult) -> None:
            assert inside.acquire(blocking=False)
            inside.release()

        it.client.collect(queries(it.customers), stop_at=it.clock.monotonic() + 60, on_result=alone)


def test_logs_know_their_run() -> None:
    """What workers log carries the context of who started the run, and says why something is asked again."""
    with bench(2) as it, structlog.contextvars.bound_contextvars(run_id="run-7"):
        it.service.faults.add(Fault(kind="status", status=500, times=1))
        with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
            it.collect()
        (entry,) = logs
        assert (entry["event"], entry["why"], entry["run_id"]) == ("AvePoint is asked again", "status 500", "run-7")
        assert entry["log_level"] == "debug"


def test_a_service_that_is_not_there() -> None:
    """Without anybody listening, every query ends as unavailable, and it is said once."""
    client = AvePoint(settings(), clock=(clock := SkippingClock()))
    collection = client.collect(queries([customer(1), customer(2)]), stop_at=clock.monotonic() + 600)
    client.close()
    assert {failure(answer).kind for answer in collection.results} == {ProblemKind.UNAVAILABLE}
    assert "AvePoint could not be reached" in collection.warnings[0]
    assert "could not be reached" in failure(collection.results[0]).detail
