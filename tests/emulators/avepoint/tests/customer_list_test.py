import pytest

from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tests.client import ACME, MANY, STRANGER, Client
from tests.emulators.avepoint.tokens import CUSTOMERS_SCOPE, SEATS_SCOPE


@pytest.fixture(autouse=True)
def permitted(client: Client) -> None:
    """The token has the permission."""
    client.renew(scope=f"{SEATS_SCOPE} {CUSTOMERS_SCOPE}")


def test_customers(client: Client) -> None:
    """All customers in the scope of the app registration, with their tenants."""
    document = client.customers(body={"customerIds": None}).json()
    assert [entry["id"] for entry in document["data"]] == [ACME.id, MANY.id]
    assert document["data"][0]["organization"] == "Acme"
    assert document["data"][0]["tenants"][0] == {"id": "t-1", "name": "Acme Head Office"}
    assert document["metadata"] == {"pageIndex": 1, "pageSize": 50, "totalCount": 2}


def test_pages(client: Client) -> None:
    """Each customer is on one page; a page past the end is empty."""
    pages = [client.customers(pageIndex=n, pageSize=1).json() for n in (1, 2, 3)]
    assert [[entry["id"] for entry in page["data"]] for page in pages] == [[ACME.id], [MANY.id], []]
    assert {page["metadata"]["totalCount"] for page in pages} == {2}


def test_customer_ids(client: Client) -> None:
    """`customerIds` limits the answer; one out of scope stays away."""
    document = client.customers(body={"customerIds": [MANY.id.upper(), STRANGER.id]}).json()
    assert [entry["id"] for entry in document["data"]] == [MANY.id]


@pytest.mark.parametrize("wrong", [{"body": {"customerIds": "all"}}, {"pageSize": 101}, {"pageIndex": 0}])
def test_bad_requests(client: Client, wrong: dict[str, object]) -> None:
    """What can't be read is 400."""
    assert client.customers(**wrong).status_code == 400


def test_the_permission_is_required(client: Client) -> None:
    """That for seats is not enough."""
    client.renew()
    response = client.customers()
    assert response.status_code == 403
    assert CUSTOMERS_SCOPE in response.json()["message"]


def test_faults(client: Client) -> None:
    """Of a page, and in its content."""
    client.service.faults.add(Fault(kind="status", status=500, endpoint="customers", page_index=2, times=1))
    client.service.faults.add(Fault(kind="total-too-big", endpoint="customers", times=1))
    client.service.faults.add(Fault(kind="no-id", endpoint="customers"))
    assert client.customers(pageIndex=2, pageSize=1).status_code == 500
    assert client.customers().json()["metadata"]["totalCount"] == 102
    assert "id" not in client.customers().json()["data"][0]
