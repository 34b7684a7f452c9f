"""Purchased seats over HTTP, and what each answer means: a failure costs that number only."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.avepoint.contracts import NO_CONTENT, NOT_THERE, Contract
from seat_report.avepoint.parsing import UnreadableResponseError
from seat_report.avepoint.purchased import PRODUCT_TYPES, PurchasedRequests
from seat_report.domain.identity import canonical_id
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.purchased import PurchasedSeats
from seat_report.domain.queries import Query, SeatResult, Traffic
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.data import Purchase
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.faults import Fault
from tests.support.avepoint_client import LONG, Harness, client_harness, customer, queries

M365 = TenantType.MICROSOFT_365
PRODUCT = PRODUCT_TYPES[M365]


def buyers(count: int, seats: int = 25) -> list:  # type: ignore[type-arg] # of the local service's customers
    """So many customers, each of whom has bought seats."""
    return [replace(customer(n + 1), purchases=(Purchase(Number.MICROSOFT_365, seats + n),)) for n in range(count)]


def purchased(harness: Harness, seconds: float = LONG) -> list[PurchasedSeats]:
    """The purchased seats of the harness's customers, in order."""
    batch = queries(harness.customers)
    found, _ = harness.client.purchased(batch, stop_at=harness.clock.monotonic() + seconds)
    return [found[canonical_id(query.customer_id), query.tenant_type] for query in batch]


def test_the_seats_of_every_customer() -> None:
    """Each customer's own number, for the same permission, and the requests are counted."""
    with client_harness(buyers(20)) as harness:
        harness.collect()
        found, traffic = harness.client.purchased(
            queries(harness.customers, tuple(TenantType)), stop_at=harness.clock.monotonic() + LONG
        )
        assert [found[one.id, M365].seats for one in harness.customers] == [25 + n for n in range(20)]
        assert {found[one.id, TenantType.GOOGLE].seats for one in harness.customers} == {0}
        assert traffic == Traffic(80)
        assert harness.request_count("purchased") == 80


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=400),
        Fault(kind="status", status=403),
        Fault(kind="status", status=405),
        Fault(kind="status", status=500),
        Fault(kind="status", status=401),
        Fault(kind="status", status=429, retry_after="86400"),
        Fault(kind="reset"),
        Fault(kind="html"),
        Fault(kind="shape-null"),
        Fault(kind="shape-array"),
        Fault(kind="shape-nested"),
        Fault(kind="count", value="N/A"),
        Fault(kind="count", value=-1),
        Fault(kind="count", value=2.5),
        Fault(kind="count", value=None),
        Fault(kind="count-missing"),
        Fault(kind="id", value=32),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status or fault.value or ''}",
)
def test_a_failure_costs_that_number_only(fault: Fault) -> None:
    """It is not known, and why; the others are."""
    with client_harness(buyers(4)) as harness:
        harness.service.faults.add(replace(fault, endpoint="purchased", customer_id=harness.customers[1].id))
        first, failed, *others = purchased(harness)
        assert failed.seats is None
        assert failed.reason.endswith(".")
        assert [one.seats for one in (first, *others)] == [25, 27, 28]


@pytest.mark.parametrize("fault", [Fault(kind="status", status=503, times=2), Fault(kind="reset", times=1)])
def test_failures_that_pass_are_retried(fault: Fault) -> None:
    """As for seats."""
    with client_harness(buyers(2)) as harness:
        harness.service.faults.add(replace(fault, endpoint="purchased"))
        assert [one.seats for one in purchased(harness)] == [25, 26]


def test_refused_for_everybody_is_not_a_configuration_error() -> None:
    """Even if every token is refused here, the seats count."""
    with client_harness(buyers(12)) as harness:
        harness.service.faults.add(Fault(kind="status", status=401, endpoint="purchased"))
        assert {one.seats for one in purchased(harness)} == {None}


def test_out_of_time() -> None:
    """What there was no time for is not known."""
    with client_harness(buyers(2)) as harness:
        (first, _) = purchased(harness, seconds=-1)
        assert first.seats is None
        assert first.reason.startswith("Not checked: the run ran out of time.")


def test_text_counts() -> None:
    """Plain digits are taken for the number, with a warning."""
    with client_harness(buyers(1)) as harness:
        harness.service.faults.add(Fault(kind="count", value="1200", endpoint="purchased"))
        found, traffic = harness.client.purchased(queries(harness.customers), stop_at=harness.clock.monotonic() + LONG)
        assert [one.seats for one in found.values()] == [1200]
        assert len(traffic.warnings) == 1


@pytest.mark.parametrize("absent", ["first", "last"])
def test_404_means_none_bought_once_a_count_has_come(absent: str) -> None:
    """Before or after the 404, in the same run; without a count it means nothing."""
    with client_harness(buyers(3), avepoint_concurrency=1) as harness:
        index = 0 if absent == "first" else 2
        fault = Fault(kind="status", status=404, endpoint="purchased", customer_id=harness.customers[index].id)
        harness.service.faults.add(fault)
        assert purchased(harness)[index] == PurchasedSeats(0)
        harness.service.faults.add(Fault(kind="status", status=404, endpoint="purchased"))
        assert {one.seats for one in purchased(harness)} == {None}


def test_the_limit_that_was_learnt_from_seats_holds() -> None:
    """Purchased seats are asked for at the pace that the seats have found."""
    with client_harness(buyers(30)) as harness:
        harness.service.configure(rate=200.0, burst=5)
        harness.collect()
        assert [one.seats for one in purchased(harness)] == [25 + n for n in range(30)]


Answer = int | str
answers = st.lists(st.sampled_from([0, 7, "204", "404", "403", "no count"]), min_size=1, max_size=8)


@given(answers)
def test_what_the_answers_mean(sent: list[Answer]) -> None:
    """0 and 204 are none bought, 404 only beside a count, and nothing else is a number."""
    requests, results = PurchasedRequests(), []
    for number, answer in enumerate(sent):
        query = Query(f"c-{number}", M365)
        request, failure = requests.new_request(Contract.USERS, query), None
        try:
            if answer == "403":
                failure = Problem(ProblemKind.NOT_AUTHORISED, "No.")
            elif answer in ("204", "404"):
                assert request.receive(NO_CONTENT if answer == "204" else NOT_THERE)
            else:
                assert request.receive({"productType": str(PRODUCT), "PurchasedUserSeat": answer})
        except UnreadableResponseError as error:
            failure = Problem(ProblemKind.BAD_ANSWER, f"AvePoint {error}.")
        results.append(SeatResult(query, failure=failure))
    has_count = any(isinstance(answer, int) for answer in sent)
    expected = {"204": 0, "404": 0 if has_count else None, "403": None, "no count": None}
    found = requests.results(results)
    for number, answer in enumerate(sent):
        seats = found[f"c-{number}", M365]
        assert seats.seats == (answer if isinstance(answer, int) else expected[answer])
        assert (seats.seats is None) == bool(seats.reason)
