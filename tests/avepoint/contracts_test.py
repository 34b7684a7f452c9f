"""The two contracts: requests, paging, and merging of responses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.avepoint.contracts import (
    NO_CONTENT,
    Contract,
    TenantsBatchRequest,
    UsersRequest,
    is_segment,
    seat_request,
)
from seat_report.avepoint.parsing import UnreadableResponseError
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantSeats, TenantType

QUERY = Query("a customer/1?", TenantType.GOOGLE)
BASE = "/partner/external/v3/general/customers/a%20customer%2F1%3F/3rd-party-products/type/2"


def user_entry(tenant_id: str, assigned: Any = 1, available: Any = 2) -> dict[str, Any]:
    return {"id": tenant_id, "name": tenant_id.upper(), "assignedUserSeat": assigned, "availableUserSeat": available}


def page(*tenant_ids: str, total: Any = None) -> dict[str, Any]:
    data = [
        {"type": 2, "tenantId": tenant_id, "tenantName": tenant_id, "assignedUserSeat": 1, "availableUserSeat": 2}
        for tenant_id in tenant_ids
    ]
    return {"data": data, "metadata": {"pageIndex": 1, "pageSize": 100, "totalCount": total}}


def tenant_ids(request: TenantsBatchRequest) -> list[str]:
    tenants, unusable = request.result("")
    assert not unusable
    return [tenant.tenant_id for tenant in tenants]


@pytest.mark.parametrize("total", [2, "2"])
def test_total_as_a_number_or_as_its_digits(total: Any) -> None:
    """A total in plain digits ends the list as the number does, without a page more."""
    assert TenantsBatchRequest(QUERY).receive(page("a", "b", total=total))


def test_first_request() -> None:
    """The customer ID is quoted in the path; neither contract filters at first."""
    users, batch = (seat_request(contract, QUERY) for contract in Contract)
    assert (users.path, users.body) == (f"{BASE}/users", b"{}")
    assert (batch.path, batch.body) == (f"{BASE}/tenants/batch?pageIndex=1&pageSize=100", b"{}")


def test_users_with_both_counts() -> None:
    """A response with both counts is complete."""
    request = UsersRequest(QUERY)
    assert request.receive([user_entry("a"), user_entry("b", 3, 4)])
    assert request.result("")[0] == (TenantSeats("a", "A", 1, 2), TenantSeats("b", "B", 3, 4))


def test_one_count_missing() -> None:
    """A missing count is requested by its filter, and merged by tenant."""
    request = UsersRequest(QUERY)
    assert not request.receive([user_entry("a", available=None), user_entry("b", 3, 4)])
    assert json.loads(request.body) == {"licenseAssignedStatus": 0}
    assert request.path == f"{BASE}/users"
    assert request.receive([user_entry("b", None, 9), user_entry("a", None, 8)])
    assert request.result("")[0] == (TenantSeats("a", "A", 1, 8), TenantSeats("b", "B", 3, 4))


def test_both_counts_missing() -> None:
    """Each missing count is requested separately."""
    request = UsersRequest(QUERY)
    bodies = []
    responses: list[list[Any]] = [[user_entry("a", None, None)], [user_entry("a", 5, None)], [user_entry("a", None, 6)]]
    for response in responses:
        bodies.append(json.loads(request.body))
        is_complete = request.receive(response)
    assert is_complete
    assert bodies == [{}, {"licenseAssignedStatus": 1}, {"licenseAssignedStatus": 0}]
    assert request.result("")[0] == (TenantSeats("a", "A", 5, 6),)


def test_count_missing_from_filtered_response() -> None:
    """A count that is null even when filtered for makes the tenant unusable, and is requested only once."""
    request = UsersRequest(QUERY)
    assert not request.receive([user_entry("a", available=None)])
    assert request.receive([user_entry("a", available=None)])
    tenants, (unusable,) = request.result("")
    assert not tenants
    assert unusable.tenant_id == "a"


def test_unusable_count_is_not_requested_again() -> None:
    """A count that was sent but is unusable is not requested again."""
    assert UsersRequest(QUERY).receive([user_entry("a", -1)])


@pytest.mark.parametrize("nothing", [NO_CONTENT, []])
def test_no_users(nothing: Any) -> None:
    """An empty array or no content is a valid response: no tenants."""
    request = UsersRequest(QUERY)
    assert request.receive(nothing)
    assert request.result("") == ((), ())


@pytest.mark.parametrize("wrong", [{"data": []}, "OK", 5, False, {}, None])
def test_users_response_of_another_shape(wrong: Any) -> None:
    """Anything but an array is not as documented."""
    with pytest.raises(UnreadableResponseError):
        UsersRequest(QUERY).receive(wrong)


@pytest.mark.parametrize("nothing", [NO_CONTENT, page(total=0), page()])
def test_no_tenants(nothing: Any) -> None:
    """No content or an empty page is a valid response: no tenants."""
    request = TenantsBatchRequest(QUERY)
    assert request.receive(nothing)
    assert tenant_ids(request) == []


def test_paging_until_the_total() -> None:
    """Pages are requested until the announced number of tenants has arrived."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive(page("a", "b", total=3))
    assert "pageIndex=2&" in request.path
    assert request.receive(page("c", total=3))
    assert tenant_ids(request) == ["a", "b", "c"]


def test_total_too_small() -> None:
    """More tenants than announced prove the total wrong: pages are requested until one is empty."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive(page("a", "b", total=1))
    assert not request.receive(page("c", total=1))
    assert request.receive(page(total=1))
    assert tenant_ids(request) == ["a", "b", "c"]


@pytest.mark.parametrize("total", [None, "N/A", "1,200", -1, True, 2.5])
def test_no_total(total: Any) -> None:
    """Without a total, pages are requested until one is empty."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive(page("a", total=total))
    assert request.receive(page(total=total))
    assert tenant_ids(request) == ["a"]


def test_no_metadata() -> None:
    """Without metadata, paging continues as if more tenants were to come."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive({"data": page("a")["data"]})
    assert request.receive({"data": []})
    assert tenant_ids(request) == ["a"]


def read_again(request: TenantsBatchRequest, *pages: Any) -> bool:
    """Send these pages from the first one until the request is complete; return whether it asked for each anew."""
    for number, sent in enumerate(pages, start=1):
        assert f"pageIndex={number}&" in request.path
        is_complete = request.receive(sent)
    return not is_complete and "pageIndex=1&" in request.path


@pytest.mark.parametrize(
    "pages",
    [
        (page("a", "b", total=5), page(total=5)),
        (page("a", "b", total=5), page("a", "b", total=5)),
        (page("a", "b", total=5), NO_CONTENT),
        (page("a", "b", total=5), page(total=0)),
        (page("a", "b", total=3), page("a", "b", total=3)),
        (page(total=2),),
        (page("a", "b", total=4), page("c", total=3)),
        (page("a", "b", total=3), page("b", "c", total=4)),
        (page("a", "b", total=3), page("b", "c", total=3)),
        (page("a", "b"), page("b", "c")),
    ],
    ids=[
        "fewer, then an empty page",
        "fewer, then a repeated page",
        "fewer, then no content",
        "fewer, then a total of zero",
        "one fewer",
        "none of those announced",
        "shrinking",
        "growing",
        "one on two pages",
        "one on two pages, without a total",
    ],
)
def test_a_list_that_changes_is_read_again(pages: tuple[Any, ...]) -> None:
    """It is read again from the start, twice at most: the whole list counts, or else what came last is incomplete."""
    request = TenantsBatchRequest(QUERY)
    assert read_again(request, *pages)
    assert request.receive(page("x", total=1))
    assert tenant_ids(request) == ["x"]

    request = TenantsBatchRequest(QUERY)
    assert read_again(request, *pages)
    assert read_again(request, *pages)
    assert not read_again(request, *pages, *([page()] if pages[-1] == page("b", "c") else []))
    tenants, (missing,) = request.result("r-1")
    assert {tenant.tenant_id for tenant in tenants} == {
        entry["tenantId"] for sent in pages if isinstance(sent, dict) for entry in sent["data"]
    }
    assert (missing.tenant_id, missing.name, missing.problem.kind) == (None, "", ProblemKind.BAD_ANSWER)
    assert "kept changing" in missing.problem.detail
    assert "r-1" in missing.problem.evidence


@given(st.data(), st.integers(0, 8), st.integers(1, 3))
def test_no_tenant_is_left_out_silently(data: st.DataObject, count: int, size: int) -> None:
    """Whichever tenants come and go between the pages, an answer that does not say it is incomplete is the list."""
    present = [f"t{number}" for number in range(count)]
    request = TenantsBatchRequest(QUERY)
    is_complete, unchanged = False, True
    while not is_complete:
        index = int(request.path.split("pageIndex=")[1].split("&")[0]) - 1
        unchanged = unchanged or not index
        is_complete = request.receive(page(*present[index * size : (index + 1) * size], total=len(present)))
        if not is_complete and "pageIndex=1&" in request.path:
            unchanged = True
        elif not is_complete and data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(present)))
            if at < len(present) and data.draw(st.booleans()):
                del present[at]
            else:
                present.insert(at, f"new{data.draw(st.uuids())}")
            unchanged = False
    tenants, unusable = request.result("")
    if not unusable:
        assert sorted(tenant.tenant_id for tenant in tenants) == sorted(present)
    if unchanged:
        assert not unusable


def test_repeated_page_without_total() -> None:
    """Without a total, a repeated page is the end, and its tenants count once."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive(page("a", "b"))
    assert request.receive(page("a", "b"))
    assert tenant_ids(request) == ["a", "b"]


def test_tenant_twice_on_one_page() -> None:
    """The service's total counts entries, so a tenant sent twice counts twice towards it."""
    request = TenantsBatchRequest(QUERY)
    assert request.receive(page("a", "a", total=2))
    assert tenant_ids(request) == ["a"]


def test_entries_without_id_count_towards_the_total() -> None:
    """Unusable entries were sent all the same, so nothing is missing."""
    request = TenantsBatchRequest(QUERY)
    without_ids = page("a", "b", total=2)
    del without_ids["data"][1]["tenantId"]
    assert request.receive(without_ids)
    tenants, unusable = request.result("")
    assert (len(tenants), len(unusable)) == (1, 1)


def test_first_page_without_any_id() -> None:
    """As many entries arrived as announced, although none can be identified."""
    request = TenantsBatchRequest(QUERY)
    without_ids = page("a", "b", total=2)
    for entry in without_ids["data"]:
        del entry["tenantId"]
    assert request.receive(without_ids)
    assert [tenant.name for tenant in request.result("")[1]] == ["a", "b"]


def test_repeated_entries_without_id_do_not_count() -> None:
    """A repeated page adds nothing that was missing."""
    request = TenantsBatchRequest(QUERY)
    repeated = page("a", "b", total=3)
    del repeated["data"][1]["tenantId"]
    assert read_again(request, repeated, repeated)


@pytest.mark.parametrize(
    ("contract", "response"),
    [(Contract.USERS, [user_entry("a", assigned=-1)]), (Contract.TENANTS_BATCH, page("a", total=1))],
)
def test_unusable_tenant_has_name_and_request_id(contract: Contract, response: Any) -> None:
    """The problem names the tenant and the request ID: AvePoint's support needs both."""
    request = seat_request(contract, QUERY)
    if contract is Contract.TENANTS_BATCH:
        response["data"][0]["assignedUserSeat"] = -1
        response["data"][0]["tenantName"] = "A"
    assert request.receive(response)
    _, (unusable,) = request.result("r-1")
    assert unusable.name == "A"
    assert unusable.problem.evidence == "AvePoint's request id: r-1"


def test_other_contract() -> None:
    """Each contract is the other one's alternative."""
    assert [contract.other for contract in Contract] == list(reversed(Contract))


def test_endless_pages() -> None:
    """A service that always sends something new is given up eventually."""
    request = TenantsBatchRequest(QUERY)
    for number in range(99):
        assert not request.receive(page(f"t{number}"))
    with pytest.raises(UnreadableResponseError, match="did not come to an end after 100 pages"):
        request.receive(page("t99"))


@pytest.mark.parametrize(
    "wrong", [[], {}, "OK", 5, None, {"data": None}, {"data": {}}, {"data": "a", "metadata": None}]
)
def test_tenants_response_of_another_shape(wrong: Any) -> None:
    """Anything but an object with an array of tenants is not as documented."""
    with pytest.raises(UnreadableResponseError):
        TenantsBatchRequest(QUERY).receive(wrong)


def test_announced_total_too_large() -> None:
    """More tenants than the limit are rejected when announced, and the number is not quoted."""
    with pytest.raises(UnreadableResponseError, match="announced more than 10,000 tenants") as raised:
        TenantsBatchRequest(QUERY).receive(page("a", total=10**4000))
    assert len(str(raised.value)) < 100
    assert not TenantsBatchRequest(QUERY).receive(page("a", total=10_000))


@pytest.mark.parametrize("contract", Contract)
def test_too_many_tenants(contract: Contract) -> None:
    """More tenants than the limit are rejected in either contract; exactly the limit is accepted."""
    entries: list[Any] = [{}] * 10_000
    seat_request(contract, QUERY).receive(entries if contract is Contract.USERS else {"data": entries})
    entries = [*entries, {}]
    with pytest.raises(UnreadableResponseError, match="sent more than 10,000 tenants"):
        seat_request(contract, QUERY).receive(entries if contract is Contract.USERS else {"data": entries})


def test_many_entries_without_id() -> None:
    """Entries without an ID are reported one by one only up to a limit; the last item counts the rest."""
    request = UsersRequest(QUERY)
    assert request.receive([7] * 5_000)
    tenants, unusable = request.result("")
    assert not tenants
    assert len(unusable) == 11
    assert "4,990 more tenants" in unusable[-1].problem.detail


@pytest.mark.parametrize(
    ("customer_id", "expected"),
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
def test_is_segment(customer_id: str, expected: bool) -> None:
    """An ID is usable only if it can be a path segment as it is."""
    assert is_segment(customer_id) is expected


@pytest.mark.parametrize(("total", "announced"), [(5, 5), (None, 3)])
def test_evidence_of_a_list_that_changes(total: int | None, announced: int) -> None:
    """It says how many tenants were announced, if that was said at all, and how many were sent."""
    request = TenantsBatchRequest(QUERY)
    for _ in range(3):
        # A tenant on both pages shows that the list changed between them.
        request.receive(page("a", "b", total=total))
        request.receive(page("b", "c", total=total))
        request.receive(page(total=total))
    _, (missing,) = request.result("r-1")
    assert missing.problem.evidence.startswith(f"announced {announced} and sent 3 when read 3 times")


def test_a_total_of_zero_on_a_later_page_changes_nothing() -> None:
    """A page past the end may report it; the list was announced before."""
    request = TenantsBatchRequest(QUERY)
    assert not request.receive(page("a", total=2))
    assert request.receive(page("b", total=0))
    assert tenant_ids(request) == ["a", "b"]
