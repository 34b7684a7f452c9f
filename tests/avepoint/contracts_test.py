"""The two contracts: what is asked, what comes next, and what the answers come to."""

import json
from typing import Any

import pytest

from seat_report.avepoint.contracts import (
    NO_CONTENT,
    Contract,
    TenantsBatchRequest,
    UsersRequest,
    is_segment,
    seat_request,
)
from seat_report.avepoint.parsing import UnreadableAnswerError
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantSeats, TenantType

QUERY = Query("a customer/1?", TenantType.GOOGLE)
BASE = "/partner/external/v3/general/customers/a%20customer%2F1%3F/3rd-party-products/type/2"


def user(name: str, assigned: Any = 1, available: Any = 2) -> dict[str, Any]:
    return {"id": name, "name": name.upper(), "assignedUserSeat": assigned, "availableUserSeat": available}


def page(*names: str, total: Any = None) -> dict[str, Any]:
    data = [
        {"type": 2, "tenantId": name, "tenantName": name, "assignedUserSeat": 1, "availableUserSeat": 2}
        for name in names
    ]
    return {"data": data, "metadata": {"pageIndex": 1, "pageSize": 100, "totalCount": total}}


def names(asked: TenantsBatchRequest) -> list[str]:
    tenants, unusable = asked.result("")
    assert not unusable
    return [tenant.tenant_id for tenant in tenants]


def test_the_first_request() -> None:
    """The customer's id is quoted in the address; neither contract filters at first."""
    users, batch = (seat_request(contract, QUERY) for contract in Contract)
    assert (users.path, users.body) == (f"{BASE}/users", b"{}")
    assert (batch.path, batch.body) == (f"{BASE}/tenants/batch?pageIndex=1&pageSize=100", b"{}")


def test_both_counts_at_once() -> None:
    """An answer with both counts is all there is to ask."""
    asked = UsersRequest(QUERY)
    assert asked.take([user("a"), user("b", 3, 4)])
    assert asked.result("")[0] == (TenantSeats("a", "A", 1, 2), TenantSeats("b", "B", 3, 4))


def test_one_count_left_out() -> None:
    """A count that was left out is asked for by its filter, and joined by tenant."""
    asked = UsersRequest(QUERY)
    assert not asked.take([user("a", available=None), user("b", 3, 4)])
    assert json.loads(asked.body) == {"licenseAssignedStatus": 0}
    assert asked.path == f"{BASE}/users"
    assert asked.take([user("b", None, 9), user("a", None, 8)])
    assert asked.result("")[0] == (TenantSeats("a", "A", 1, 8), TenantSeats("b", "B", 3, 4))


def test_both_counts_left_out() -> None:
    """Each count that was left out is asked for by itself."""
    asked = UsersRequest(QUERY)
    bodies = []
    replies: list[list[Any]] = [[user("a", None, None)], [user("a", 5, None)], [user("a", None, 6)]]
    for reply in replies:
        bodies.append(json.loads(asked.body))
        done = asked.take(reply)
    assert done
    assert bodies == [{}, {"licenseAssignedStatus": 1}, {"licenseAssignedStatus": 0}]
    assert asked.result("")[0] == (TenantSeats("a", "A", 5, 6),)


def test_a_count_that_stays_away() -> None:
    """A count that is null even when asked for is the tenant's problem, and asked for only once."""
    asked = UsersRequest(QUERY)
    assert not asked.take([user("a", available=None)])
    assert asked.take([user("a", available=None)])
    tenants, (unusable,) = asked.result("")
    assert not tenants
    assert unusable.tenant_id == "a"


def test_an_unfit_count_is_not_asked_for() -> None:
    """A count that came and can't be used is not asked for again."""
    assert UsersRequest(QUERY).take([user("a", -1)])


@pytest.mark.parametrize("nothing", [NO_CONTENT, []])
def test_no_users(nothing: Any) -> None:
    """An empty array or no content is an answer: no tenants."""
    asked = UsersRequest(QUERY)
    assert asked.take(nothing)
    assert asked.result("") == ((), ())


@pytest.mark.parametrize("wrong", [{"data": []}, "OK", 5, False, {}, None])
def test_users_of_another_shape(wrong: Any) -> None:
    """Anything but an array is not the documented answer."""
    with pytest.raises(UnreadableAnswerError):
        UsersRequest(QUERY).take(wrong)


@pytest.mark.parametrize("nothing", [NO_CONTENT, page(total=0), page()])
def test_no_tenants(nothing: Any) -> None:
    """No content or an empty page is an answer: no tenants."""
    asked = TenantsBatchRequest(QUERY)
    assert asked.take(nothing)
    assert names(asked) == []


def test_page_after_page() -> None:
    """Pages are asked for until there are as many tenants as the service says."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", "b", total=3))
    assert "pageIndex=2&" in asked.path
    assert asked.take(page("c", total=3))
    assert names(asked) == ["a", "b", "c"]


def test_a_total_that_was_too_small() -> None:
    """More tenants than announced prove the total wrong: pages are asked for until one is empty."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", "b", total=1))
    assert not asked.take(page("c", total=1))
    assert asked.take(page(total=1))
    assert names(asked) == ["a", "b", "c"]


@pytest.mark.parametrize("total", [None, "3", -1, True, 2.5])
def test_no_total(total: Any) -> None:
    """Without a total, pages are asked for until one brings nothing."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", total=total))
    assert asked.take(page(total=total))
    assert names(asked) == ["a"]


def test_no_metadata() -> None:
    """Tenants without metadata are read as if more were to come."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take({"data": page("a")["data"]})
    assert asked.take({"data": []})
    assert names(asked) == ["a"]


@pytest.mark.parametrize(
    "second", [page(total=5), page("a", "b", total=5), NO_CONTENT], ids=["empty", "again", "no content"]
)
def test_fewer_than_announced(second: Any) -> None:
    """Tenants that are announced and don't come fail the query: silently left out, they would read as gone."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", "b", total=5))
    with pytest.raises(UnreadableAnswerError, match="announced 5 tenants and sent only 2"):
        asked.take(second)


def test_a_page_that_comes_again() -> None:
    """Without a total, a page that comes again is the end, and its tenants count once."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", "b"))
    assert asked.take(page("a", "b"))
    assert names(asked) == ["a", "b"]


def test_a_tenant_that_moved_to_the_next_page() -> None:
    """A tenant that comes on two pages, as they shifted in between, is one tenant."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", "b", total=3))
    assert asked.take(page("b", "c", total=3))
    assert names(asked) == ["a", "b", "c"]


def test_a_tenant_twice_on_a_page() -> None:
    """The service counts entries, so a tenant that comes twice fulfils its total twice."""
    asked = TenantsBatchRequest(QUERY)
    assert asked.take(page("a", "a", total=2))
    assert names(asked) == ["a"]


def test_entries_without_an_id_count() -> None:
    """Entries that nobody can use were sent all the same, so nothing is missing."""
    asked = TenantsBatchRequest(QUERY)
    nameless = page("a", "b", total=2)
    del nameless["data"][1]["tenantId"]
    assert asked.take(nameless)
    tenants, unusable = asked.result("")
    assert (len(tenants), len(unusable)) == (1, 1)


def test_a_first_page_of_entries_without_an_id_is_complete() -> None:
    """As many came as were announced, though none can be told from the others."""
    asked = TenantsBatchRequest(QUERY)
    nameless = page("a", "b", total=2)
    for entry in nameless["data"]:
        del entry["tenantId"]
    assert asked.take(nameless)
    assert [one.name for one in asked.result("")[1]] == ["a", "b"]


def test_entries_without_an_id_that_come_again_do_not_count() -> None:
    """A page that is sent again brings nothing that was missing."""
    asked = TenantsBatchRequest(QUERY)
    again = page("a", "b", total=3)
    del again["data"][1]["tenantId"]
    assert not asked.take(again)
    with pytest.raises(UnreadableAnswerError, match="announced 3 tenants and sent only 2"):
        asked.take(again)


def test_a_total_of_nothing_behind_the_last_page_takes_no_promise_back() -> None:
    """A page behind the end may come without tenants and say 0: that is no word on those that were announced."""
    asked = TenantsBatchRequest(QUERY)
    assert not asked.take(page("a", total=2))
    with pytest.raises(UnreadableAnswerError, match="announced 2 tenants and sent only 1"):
        asked.take(page(total=0))


@pytest.mark.parametrize(
    ("contract", "answer"),
    [(Contract.USERS, [user("a", assigned=-1)]), (Contract.TENANTS_BATCH, page("a", total=1))],
)
def test_what_identifies_an_answer_that_cannot_be_used(contract: Contract, answer: Any) -> None:
    """The tenant by its name, the answer by the service's own name for it: AvePoint's support asks for both."""
    asked = seat_request(contract, QUERY)
    if contract is Contract.TENANTS_BATCH:
        answer["data"][0]["assignedUserSeat"] = -1
        answer["data"][0]["tenantName"] = "A"
    assert asked.take(answer)
    _, (unusable,) = asked.result("r-1")
    assert unusable.name == "A"
    assert "(AvePoint's request id: r-1)" in unusable.problem.detail


def test_each_contract_is_the_others_other() -> None:
    """What is tried when the service does not know the one."""
    assert [contract.other for contract in Contract] == list(reversed(Contract))


def test_pages_without_end() -> None:
    """A service that always has something new is given up some time."""
    asked = TenantsBatchRequest(QUERY)
    for number in range(99):
        assert not asked.take(page(f"t{number}"))
    with pytest.raises(UnreadableAnswerError, match="did not come to an end after 100 pages"):
        asked.take(page("t99"))


@pytest.mark.parametrize(
    "wrong", [[], {}, "OK", 5, None, {"data": None}, {"data": {}}, {"data": "a", "metadata": None}]
)
def test_tenants_of_another_shape(wrong: Any) -> None:
    """Anything but an object with an array of tenants is not the documented answer."""
    with pytest.raises(UnreadableAnswerError):
        TenantsBatchRequest(QUERY).take(wrong)


def test_a_total_beyond_measure() -> None:
    """More tenants than a customer can have are refused when they are announced, and their number isn't repeated."""
    with pytest.raises(UnreadableAnswerError, match="announced more than 10,000 tenants") as refused:
        TenantsBatchRequest(QUERY).take(page("a", total=10**4000))
    assert len(str(refused.value)) < 100
    assert not TenantsBatchRequest(QUERY).take(page("a", total=10_000))


@pytest.mark.parametrize("contract", Contract)
def test_tenants_beyond_measure(contract: Contract) -> None:
    """More tenants than a customer can have are refused however they come; as many as one can have are not."""
    entries: list[Any] = [{}] * 10_000
    seat_request(contract, QUERY).take(entries if contract is Contract.USERS else {"data": entries})
    entries = [*entries, {}]
    with pytest.raises(UnreadableAnswerError, match="sent more than 10,000 tenants"):
        seat_request(contract, QUERY).take(entries if contract is Contract.USERS else {"data": entries})


def test_many_entries_that_can_not_be_told_apart() -> None:
    """Entries without an id are told one by one only as long as they are few; the last one counts the rest."""
    asked = UsersRequest(QUERY)
    assert asked.take([7] * 5_000)
    tenants, unusable = asked.result("")
    assert not tenants
    assert len(unusable) == 11
    assert "4,990 more tenants" in unusable[-1].problem.detail


@pytest.mark.parametrize(
    ("customer_id", "fits"),
    [
        ("c-1", True),
        ("a/b", True),
        ("é", True),
        ("a..b", True),
        ("X", True),
        ("..", False),
        (" . ", False),
        ("", False),
        ("a\ud800", False),
        ("\udfff", False),
    ],
)
def test_what_fits_into_an_address(customer_id: str, fits: bool) -> None:
    """An ID is asked about only if it can stand in an address as it is."""
    assert is_segment(customer_id) is fits
