"""The customers that AvePoint shows to the app: all of them, or a reason why not."""

import pytest

from seat_report.avepoint.tokens import CUSTOMERS_SCOPE, SCOPE
from seat_report.domain.found_customers import FoundCustomers
from tests.emulators.avepoint.data import Customer
from tests.emulators.avepoint.faults import Fault
from tests.support.avepoint_client import LONG, Harness, client_harness, customer


def found(harness: Harness, seconds: float = LONG) -> FoundCustomers:
    """What the client finds out."""
    return harness.client.customers(stop_at=harness.clock.monotonic() + seconds)[0]


@pytest.mark.parametrize("count", [0, 1, 100, 250])
def test_all_customers(count: int) -> None:
    """Page by page, each once, except those that the app may not see."""
    hidden = customer(9999, in_scope=False)
    with client_harness([*(customer(n + 1) for n in range(count)), hidden], find_customers=True) as harness:
        result = found(harness)
        assert result.is_complete
        assert sorted(one.customer_id for one in result.customers) == [one.id for one in harness.customers[:count]]
        assert harness.request_count("customers") == max(1, -(-count // 100))


def test_the_permission_is_asked_for_only_if_it_is_needed() -> None:
    """Otherwise the token request is as before."""
    for is_on in (True, False):
        with client_harness(find_customers=is_on) as harness:
            harness.collect()
            (request,) = harness.service.log.requests("token")
            assert (CUSTOMERS_SCOPE in request.body) is is_on
            assert SCOPE in request.body


def test_without_the_permission() -> None:
    """A token is got without it, seats are collected as ever, and the list says what to do, without being asked for."""
    with client_harness(find_customers=True) as harness:
        harness.service.registration.scopes = frozenset({SCOPE})
        assert harness.all_correct(harness.collect().results)
        result = found(harness)
        assert (result.customers, result.is_complete) == ((), False)
        assert f"lacks the permission {CUSTOMERS_SCOPE}. Grant it" in result.reason
        assert harness.request_count("customers") == 0
        assert harness.request_count("token") == 2


def test_without_any_permission() -> None:
    """The fault names the permission that seats need."""
    with client_harness(find_customers=True) as harness:
        harness.service.registration.scopes = frozenset()
        assert SCOPE in found(harness).reason


@pytest.mark.parametrize("status", [401, 403])
def test_refused_in_spite_of_the_permission(status: int) -> None:
    """The same as without it."""
    with client_harness(find_customers=True) as harness:
        harness.service.faults.add(Fault(kind="status", status=status, endpoint="customers"))
        assert "lacks the permission" in found(harness).reason


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=404),
        Fault(kind="status", status=400),
        Fault(kind="status", status=500),
        Fault(kind="html"),
        Fault(kind="reset"),
        Fault(kind="shape-text"),
        Fault(kind="shape-array"),
        Fault(kind="no-id"),
        Fault(kind="id", value="a/b"),
        Fault(kind="entry", value=7),
        Fault(kind="total-too-big"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status or ''}",
)
def test_what_could_not_be_read_makes_it_incomplete(fault: Fault) -> None:
    """With a reason, whatever it is."""
    with client_harness(5, find_customers=True) as harness:
        harness.service.faults.add(Fault(kind=fault.kind, status=fault.status, value=fault.value, endpoint="customers"))
        result = found(harness)
        assert not result.is_complete
        assert result.reason.endswith(".")


def test_a_page_that_fails_leaves_the_others() -> None:
    """What was read before counts as seen."""
    with client_harness(150, find_customers=True) as harness:
        harness.service.faults.add(Fault(kind="status", status=500, endpoint="customers", page_index=2))
        result = found(harness)
        assert (len(result.customers), result.is_complete, result.was_read) == (100, False, True)


@pytest.mark.parametrize("kind", ["list-shrinks", "list-grows"])
def test_a_list_that_changes_is_read_again(kind: str) -> None:
    """Once changed, it is complete in the end; always changing, it is not."""
    for times, is_complete in ((1, True), (None, False)):
        with client_harness(150, find_customers=True) as harness:
            harness.service.faults.add(Fault(kind=kind, endpoint="customers", page_index=2, times=times))
            assert found(harness).is_complete is is_complete


def test_names_are_cleaned() -> None:
    """On one line, without what disguises them; a formula is a name like any other."""
    names = ['=IMPORTXML("http://x")', "two\nlines\u202e", "x" * 900]
    customers = [Customer(f"c-{number}", name) for number, name in enumerate(names)]
    with client_harness(customers, find_customers=True) as harness:
        by_id = {one.customer_id: one.name for one in found(harness).customers}
        assert by_id == {"c-0": names[0], "c-1": "two lines", "c-2": "x" * 500}
