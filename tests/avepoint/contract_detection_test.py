"""Detection of the service's contract, over HTTP: which contract is used, and at what cost in requests."""

import pytest

from seat_report.avepoint.contract_detection import MOST_DOUBTFUL
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import SeatResult
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import client_harness, customer, failure_kinds, failure_of, queries

CONTRACTS = ("users", "tenants-batch")


def test_detecting_the_other_contract_costs_one_request() -> None:
    """If the service offers the contract tried second, that costs one extra request, and none in the next run."""
    with client_harness(40, Options(contract="tenants-batch")) as harness:
        assert harness.collect().requests == 41
        assert harness.collect().requests == 40


@pytest.mark.parametrize("absent_status", [404, 405])
@pytest.mark.parametrize(("before", "after"), [("users", "tenants-batch"), ("tenants-batch", "users")])
def test_contract_changes_between_runs(before: str, after: str, absent_status: int) -> None:
    """A remembered contract that is now absent is replaced by the other one."""
    options = Options(contract=before, absent_status=absent_status)  # type: ignore[arg-type] # a literal
    with client_harness(40, options) as harness:
        harness.collect()
        harness.service.configure(contract=after)
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.contract == after
        assert collection.requests <= 40 + 16


@pytest.mark.parametrize("concurrency", [1, 16])
def test_contract_changes_during_a_run(concurrency: int) -> None:
    """If the contract changes during a run, no customer is lost."""
    with client_harness(100, Options(contract="users"), avepoint_concurrency=concurrency) as harness:
        count = 0

        def change_halfway(_: SeatResult) -> None:
            nonlocal count
            count += 1
            if count == 50:
                harness.service.configure(contract="tenants-batch")

        stop_at = harness.clock.monotonic() + 1000
        collection = harness.client.collect(queries(harness.customers), stop_at=stop_at, on_result=change_halfway)
        assert harness.all_correct(collection.results)
        assert collection.contract == "tenants-batch"


@pytest.mark.parametrize("route_status", [400, 403, 404, 405, 500])
@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
@pytest.mark.parametrize("concurrency", [1, 16])
def test_however_an_unknown_route_is_refused_the_other_contract_is_tried(
    contract: str, route_status: int, concurrency: int
) -> None:
    """What a gateway answers to a contract that the service doesn't offer is not documented; it costs one request."""
    options = Options(contract=contract, absent_status=route_status)  # type: ignore[arg-type] # literals
    with client_harness(40, options, avepoint_concurrency=concurrency) as harness:
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.contract == contract
        assert collection.requests == (40 if contract == "users" else 41)
        assert harness.collect().requests == 40


@pytest.mark.parametrize("route_status", [400, 403, 500])
def test_a_remembered_contract_that_a_gateway_refuses_is_replaced(route_status: int) -> None:
    """An instance that outlives the service's change of contract notices, whatever unknown routes answer now."""
    options = Options(contract="users", absent_status=route_status)  # type: ignore[arg-type] # a literal
    with client_harness(40, options) as harness:
        harness.collect()
        harness.service.configure(contract="tenants-batch")
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.contract == "tenants-batch"


@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
@pytest.mark.parametrize(("status", "kind"), [(403, ProblemKind.NOT_AUTHORISED), (400, ProblemKind.BAD_ANSWER)])
def test_a_refusal_in_the_offered_contract_is_the_one_reported(contract: str, status: int, kind: ProblemKind) -> None:
    """A customer outside the scope is told as that, not as unknown, although the other contract answers 404."""
    options = Options(contract=contract)  # type: ignore[arg-type] # a literal
    with client_harness(3, options) as harness:
        harness.service.faults.add(Fault(kind="status", status=status, customer_id=harness.customers[0].id))
        collection = harness.collect()
        assert failure_of(collection.results[0]).kind is kind
        assert harness.all_correct_except(0, collection.results)
        assert collection.requests <= 5


def test_a_confirmed_contract_is_not_doubted() -> None:
    """Once a contract has succeeded, a refusal costs no further request."""
    with client_harness(30, Options(contract="users")) as harness:
        for refused in harness.customers[10:]:
            harness.service.faults.add(Fault(kind="status", status=403, customer_id=refused.id))
        collection = harness.collect()
        assert failure_kinds(collection.results[10:]) == {ProblemKind.NOT_AUTHORISED}
        assert collection.requests == 30


def test_doubt_ends_after_twenty_customers() -> None:
    """If both contracts fail for so many customers, it is not the contract: the rest cost one request each."""
    with client_harness(50) as harness:
        for refused in harness.customers:
            harness.service.faults.add(Fault(kind="status", status=403, customer_id=refused.id))
        collection = harness.collect()
        assert failure_kinds(collection.results) == {ProblemKind.NOT_AUTHORISED}
        assert collection.requests == 50 + MOST_DOUBTFUL


@pytest.mark.parametrize(("status", "switches"), [(404, True), (405, True), (400, False), (403, False), (500, False)])
def test_only_an_absent_route_switches_once_doubt_has_ended(status: int, *, switches: bool) -> None:
    """After so many customers for whom both contracts failed, 404 and 405 still lead to the other one, nothing else."""
    options = Options(contract="tenants-batch", absent_status=status)  # type: ignore[arg-type] # a literal
    with client_harness(MOST_DOUBTFUL + 3, options, avepoint_concurrency=1) as harness:
        for refused in harness.customers[:MOST_DOUBTFUL]:
            for contract in CONTRACTS:
                harness.service.faults.add(
                    Fault(kind="status", status=403, customer_id=refused.id, contract=contract)  # type: ignore[arg-type] # a literal
                )
        collection = harness.collect()
        assert failure_kinds(collection.results[:MOST_DOUBTFUL]) == {ProblemKind.NOT_AUTHORISED}
        assert harness.all_correct(collection.results[MOST_DOUBTFUL:]) == switches
        if not switches:
            assert not any(result.tenants for result in collection.results)


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ((400, 403), ProblemKind.NOT_AUTHORISED),
        ((403, 400), ProblemKind.NOT_AUTHORISED),
        ((403, 404), ProblemKind.NOT_AUTHORISED),
        ((404, 403), ProblemKind.NOT_AUTHORISED),
        ((403, 500), ProblemKind.NOT_AUTHORISED),
        ((500, 403), ProblemKind.NOT_AUTHORISED),
        ((400, 404), ProblemKind.BAD_ANSWER),
        ((404, 400), ProblemKind.BAD_ANSWER),
        ((400, 500), ProblemKind.BAD_ANSWER),
        ((500, 400), ProblemKind.BAD_ANSWER),
        ((404, 500), ProblemKind.UNAVAILABLE),
        ((500, 404), ProblemKind.UNAVAILABLE),
        ((404, 405), ProblemKind.NOT_FOUND),
    ],
    ids=str,
)
def test_the_contract_that_got_further_is_reported(statuses: tuple[int, int], kind: ProblemKind) -> None:
    """If both contracts fail, the refusal reported is of the one that knows more, whichever was tried first."""
    with client_harness(2) as harness:
        for contract, status in zip(CONTRACTS, statuses, strict=True):
            harness.service.faults.add(Fault(kind="status", status=status, contract=contract))  # type: ignore[arg-type] # a literal
        assert failure_kinds(harness.collect().results) == {kind}


def test_a_retry_goes_to_the_contract_confirmed_meanwhile() -> None:
    """A query that failed in both contracts at first is retried in the one that another query has confirmed since."""
    options = Options(contract="tenants-batch", absent_status=500)
    with client_harness(3, options, avepoint_concurrency=1) as harness:
        harness.service.faults.add(Fault(kind="status", status=503, times=1))
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.requests == 6


def test_a_failing_service_is_retried_in_the_first_contract() -> None:
    """If both contracts answer 503 at first, the query is not failed by that: it is retried and succeeds."""
    with client_harness(2) as harness:
        harness.service.faults.add(Fault(kind="status", status=503, times=2))
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert collection.requests == 4


def test_unknown_customers_do_not_determine_the_contract() -> None:
    """Unknown customers are reported as such, wherever they are; the other customers determine the contract."""
    unknown = [customer(n + 500) for n in range(12)]
    with client_harness(20, Options(contract="tenants-batch")) as harness:
        known = harness.customers
        mixed = queries(unknown[:4] + known[:10] + unknown[4:8] + known[10:] + unknown[8:])
        collection = harness.collect(mixed)
        for result in collection.results:
            if result.query.customer_id in {customer.id for customer in unknown}:
                assert failure_of(result).kind is ProblemKind.NOT_FOUND
                assert "Check the ID" in failure_of(result).detail
            else:
                assert harness.is_correct(result)
        assert collection.contract == "tenants-batch"


def test_unknown_customer_costs_one_request_once_the_contract_is_known() -> None:
    """Once the contract is known, an unknown customer does not call it into question."""
    with client_harness(20) as harness:
        collection = harness.collect(queries([*harness.customers, customer(500)]))
        assert failure_of(collection.results[-1]).kind is ProblemKind.NOT_FOUND
        assert collection.requests == 21


def test_only_unknown_customers() -> None:
    """If every customer is unknown, the contract stays unknown, and the run has a single warning."""
    with client_harness(0) as harness:
        collection = harness.collect(queries([customer(n) for n in range(5)]))
        assert failure_kinds(collection.results) == {ProblemKind.NOT_FOUND}
        assert collection.contract is None
        (warning,) = collection.warnings
        assert "AvePoint doesn't know any of the customers" in warning


def test_configured_contract() -> None:
    """A contract given in the settings is used without detection."""
    service_options = Options(contract="tenants-batch")
    with client_harness(3, service_options, avepoint_seats_contract="users") as harness:
        collection = harness.collect()
        assert failure_kinds(collection.results) == {ProblemKind.NOT_FOUND}
        assert collection.requests == 3
        assert "AVEPOINT_SEATS_CONTRACT" in collection.warnings[0]
    with client_harness(3, service_options, avepoint_seats_contract="tenants-batch") as harness:
        assert harness.collect().requests == 3
