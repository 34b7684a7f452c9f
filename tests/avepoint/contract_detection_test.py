"""Detection of the service's contract, over HTTP: which contract is used, and at what cost in requests."""

import pytest

from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import SeatResult
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import client_harness, customer, failure_kinds, failure_of, queries


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
        assert "AvePoint knows none of the customers" in warning


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
