from dataclasses import replace
from typing import Literal

import pytest
import requests

from tests.emulators.avepoint.tests.client import ACME, BATCH, MANY, STRANGER, TIMEOUT, USERS, Client


def test_users(client: Client) -> None:
    """The contract `users` answers a bare array with both counts."""
    assert client.seats().json() == [
        {"id": "t-1", "name": "Acme Head Office", "availableUserSeat": 20, "assignedUserSeat": 80},
        {"id": "t-2", "name": "Acme Branch", "availableUserSeat": 3, "assignedUserSeat": 7},
    ]


def test_tenants_batch(client: Client) -> None:
    """The contract `tenants-batch` answers an object with data and paging."""
    assert client.seats(tenant_type=1, contract=BATCH, body={}).json() == {
        "data": [
            {
                "type": 1,
                "tenantId": "t-3",
                "tenantName": "Acme Sales",
                "availableUserSeat": 0,
                "assignedUserSeat": 40,
            }
        ],
        "metadata": {"pageIndex": 1, "pageSize": 50, "totalCount": 1},
    }


def test_no_tenant_of_the_type(client: Client) -> None:
    """A customer without a tenant of the type is an answer."""
    assert client.seats(tenant_type=3).json() == []
    document = client.seats(tenant_type=3, contract=BATCH).json()
    assert (document["data"], document["metadata"]["totalCount"]) == ([], 0)


def test_customer_id_in_any_case(client: Client) -> None:
    """Customer ids are GUIDs: their case means nothing, and a quoted one is read."""
    customer = replace(ACME, id="abcdefab-0000-4000-8000-000000000000")
    client.service.directory.put(customer)
    assert len(client.seats(customer.id.upper()).json()) == 2
    assert len(client.seats("%61" + customer.id[1:]).json()) == 2


@pytest.mark.parametrize(("page_size", "pages"), [(None, 5), (100, 3), (250 // 5, 5), (99, 3)])
def test_pages(client: Client, page_size: int | None, pages: int) -> None:
    """Pages hold 50 tenants unless asked otherwise, up to 100, and together each tenant once."""
    query = {} if page_size is None else {"pageSize": page_size}
    documents = [client.seats(MANY, 0, BATCH, pageIndex=n, **query).json() for n in range(1, pages + 2)]
    assert {document["metadata"]["totalCount"] for document in documents} == {250}
    assert [entry["tenantId"] for document in documents for entry in document["data"]] == [t.id for t in MANY.tenants]
    assert documents[-1]["data"] == []


def test_users_has_no_pages(client: Client) -> None:
    """The contract `users` answers all tenants at once."""
    assert len(client.seats(MANY, pageIndex=2, pageSize=10).json()) == 250


def test_tenant_ids(client: Client) -> None:
    """`tenantIds` limits the answer and its total; an empty one doesn't."""
    document = client.seats(contract=BATCH, body={"tenantIds": ["t-2", "unknown"]}).json()
    assert [entry["tenantId"] for entry in document["data"]] == ["t-2"]
    assert document["metadata"]["totalCount"] == 1
    assert client.seats(contract=BATCH, body={"tenantIds": []}).json()["metadata"]["totalCount"] == 2


@pytest.mark.parametrize(
    ("body", "unfiltered", "answered"),
    [
        (None, "assigned", "assignedUserSeat"),
        ({}, "available", "availableUserSeat"),
        ({"licenseAssignedStatus": None}, "assigned", "assignedUserSeat"),
        ({"licenseAssignedStatus": 0}, "assigned", "availableUserSeat"),
        ({"licenseAssignedStatus": 1}, "available", "assignedUserSeat"),
    ],
)
def test_counts(client: Client, body: object, unfiltered: Literal["assigned", "available"], answered: str) -> None:
    """A service may answer only the count that was asked for, and leave out or null the other."""
    both = {"availableUserSeat": 20, "assignedUserSeat": 80}
    asked = {answered: both[answered]}

    def counts() -> dict[str, object]:
        entry: dict[str, object] = client.seats(body=body).json()[0]
        return {name: value for name, value in entry.items() if name not in ("id", "name")}

    assert counts() == both
    client.service.configure(counts="asked", unfiltered=unfiltered)
    assert counts() == asked
    client.service.configure(counts="asked-null")
    assert counts() == dict.fromkeys(both) | asked


@pytest.mark.parametrize("absent_status", [404, 405])
def test_absent_contract(client: Client, absent_status: Literal[404, 405]) -> None:
    """The contract that isn't served answers 404 or 405, whoever asks."""
    client.service.configure(contract="users", absent_status=absent_status)
    assert client.seats(contract=USERS).status_code == 200
    assert client.seats(contract=BATCH).status_code == absent_status
    assert requests.post(client.url(contract=BATCH), timeout=TIMEOUT).status_code == absent_status
    client.service.configure(contract="tenants-batch")
    assert client.seats(contract=USERS).status_code == absent_status
    assert client.seats(contract=BATCH).status_code == 200


@pytest.mark.parametrize(("absent_as", "body"), [("json", b"{"), ("html", b"<"), ("empty", b"")])
def test_bodies_of_an_absent_contract(client: Client, absent_as: str, body: bytes) -> None:
    """An unknown route is answered by the service, by a gateway's page, or without a body."""
    client.service.configure(contract="users", absent_status=403, absent_as=absent_as)
    answer = client.seats(contract=BATCH)
    assert (answer.status_code, answer.content[:1]) == (403, body)


def test_styles_of_answers(client: Client) -> None:
    """Members come in PascalCase and numbers as text, where the options ask for it."""
    client.service.configure(members="pascal-case", numbers="text")
    entry, *_ = client.seats(contract=USERS).json()
    assert (entry["AvailableUserSeat"], entry["AssignedUserSeat"]) == ("20", "80")
    page = client.seats(contract=BATCH).json()
    assert (len(page["Data"]), page["Metadata"]["TotalCount"]) == (2, "2")
    assert "RequestId" in client.seats(STRANGER, 0, USERS).json()


@pytest.mark.parametrize("contract", [USERS, BATCH])
def test_customers_that_answer_nothing(client: Client, contract: str) -> None:
    """An unknown customer is 404, one out of the app registration's scope 403; others aren't touched by that."""
    assert client.seats("44444444-4444-4444-8444-444444444444", 0, contract).status_code == 404
    assert client.seats(STRANGER, 0, contract).status_code == 403
    assert client.seats(ACME, 0, contract).status_code == 200


@pytest.mark.parametrize(
    ("contract", "tenant_type", "body", "query", "field"),
    [
        (USERS, 4, None, {}, "type"),
        (USERS, "microsoft-365", None, {}, "type"),
        (USERS, -1, None, {}, "type"),
        (USERS, "9" * 5000, None, {}, "type"),
        (USERS, 0, [], {}, "body"),
        (USERS, 0, {"licenseAssignedStatus": 2}, {}, "licenseAssignedStatus"),
        (USERS, 0, {"licenseAssignedStatus": "1"}, {}, "licenseAssignedStatus"),
        (USERS, 0, {"licenseAssignedStatus": True}, {}, "licenseAssignedStatus"),
        (BATCH, 0, {"tenantIds": "t-1"}, {}, "tenantIds"),
        (BATCH, 0, {"tenantIds": [1]}, {}, "tenantIds"),
        (BATCH, 0, None, {"pageIndex": 0}, "pageIndex"),
        (BATCH, 0, None, {"pageIndex": "one"}, "pageIndex"),
        (BATCH, 0, None, {"pageIndex": "9" * 5000}, "pageIndex"),
        (BATCH, 0, None, {"pageSize": 0}, "pageSize"),
        (BATCH, 0, None, {"pageSize": 101}, "pageSize"),
    ],
)
def test_bad_requests(
    client: Client, contract: str, tenant_type: object, body: object, query: dict[str, object], field: str
) -> None:
    """What can't be read is 400 with the vendor's error body, which names the field."""
    response = client.seats(ACME, tenant_type, contract, body=body, **query)
    document = response.json()
    assert response.status_code == document["statusCode"] == 400
    assert [error["field"] for error in document["errors"]] == [field]
    assert set(document) == {"statusCode", "message", "errors", "requestId", "traceId"}
    assert document["requestId"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "content_type"), [("{", "application/json"), ("a=1", "application/x-www-form-urlencoded"), ("{}", "")]
)
def test_bodies_that_are_no_json(client: Client, body: str, content_type: str) -> None:
    """A body must be JSON and say so; none at all needs no type."""
    headers = {"Content-Type": content_type}
    assert client.session.post(client.url(), data=body, headers=headers, timeout=TIMEOUT).status_code == 400
    assert client.session.post(client.url(), data=" ", headers=headers, timeout=TIMEOUT).status_code == 200


def test_get(client: Client) -> None:
    """The seats contracts take POST only."""
    response = client.session.get(client.url(), timeout=TIMEOUT)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/partner/external/v3/general/customers", "/partner/x/users"])
def test_other_paths(client: Client, path: str) -> None:
    """What the service doesn't have is 404, with a request id too."""
    response = client.session.post(client.service.url + path, timeout=TIMEOUT)
    assert response.status_code == 404
    assert response.headers["x-request-id"]


def test_data_changes_while_it_runs(client: Client) -> None:
    """A change of the data shows in the next answer."""
    tenant = replace(ACME.tenants[0], assigned=81)
    client.service.directory.put_tenant(ACME.id, tenant)
    client.service.directory.remove_tenant(ACME.id, "t-2")
    assert [(entry["id"], entry["assignedUserSeat"]) for entry in client.seats().json()] == [("t-1", 81)]
    client.service.directory.remove(ACME.id)
    assert client.seats().status_code == 404
