from dataclasses import replace
from typing import Literal

import pytest

from tests.emulators.avepoint.data import Purchase, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tests.client import ACME, STRANGER, TIMEOUT, Client
from tests.emulators.avepoint.tokens import CUSTOMERS_SCOPE

BUYER = replace(ACME, purchases=(Purchase(TenantType.MICROSOFT_365, 25), Purchase(TenantType.GOOGLE, 7)))


@pytest.fixture(autouse=True)
def buyer(client: Client) -> None:
    """The first customer has bought seats of two products."""
    client.service.directory.put(BUYER)


@pytest.mark.parametrize(("product", "seats"), [(2048, 25), (33554432, 7)])
def test_a_purchase(client: Client, product: int, seats: int) -> None:
    """The answer names the product and the seats bought, and the log says whose."""
    assert client.purchased(product=product).json() == {"productType": product, "purchasedUserSeat": seats}
    (logged,) = client.service.log.requests("purchased")
    assert (logged.method, logged.customer_id, logged.status) == ("GET", BUYER.id, 200)


@pytest.mark.parametrize(("unpurchased", "status"), [("zero", 200), ("no-content", 204), ("not-found", 404)])
def test_without_a_purchase(
    client: Client, unpurchased: Literal["zero", "no-content", "not-found"], status: int
) -> None:
    """What comes without a subscription is not documented: any of three answers."""
    client.service.configure(unpurchased=unpurchased)
    response = client.purchased(product=32)
    assert response.status_code == status
    if status == 200:
        assert response.json() == {"productType": 32, "purchasedUserSeat": 0}


def test_refusals(client: Client) -> None:
    """An unknown customer, one out of scope, an unknown product, another method, a token without the permission."""
    assert client.purchased("nobody").status_code == 404
    assert client.purchased(STRANGER).status_code == 403
    assert client.purchased(product=1).status_code == 400
    assert client.session.post(client.purchased().url, timeout=TIMEOUT).status_code == 405
    client.renew(scope=CUSTOMERS_SCOPE)
    assert client.purchased().status_code == 403
    client.service.tokens.revoke_all()
    assert client.purchased().status_code == 401


def test_faults(client: Client) -> None:
    """A fault of this endpoint strikes here and not at the seats endpoints, and the other way round."""
    client.service.faults.add(Fault(kind="status", status=503, endpoint="purchased", tenant_type=0, times=1))
    client.service.faults.add(Fault(kind="status", status=500))
    assert client.purchased(product=33554432).status_code == 200
    assert client.seats().status_code == 500
    assert client.purchased().status_code == 503


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (Fault(kind="count", value="N/A", endpoint="purchased"), {"productType": 2048, "purchasedUserSeat": "N/A"}),
        (Fault(kind="count-missing", endpoint="purchased"), {"productType": 2048}),
        (Fault(kind="id", value="32", endpoint="purchased"), {"productType": "32", "purchasedUserSeat": 25}),
        (Fault(kind="shape-array", endpoint="purchased"), [{"productType": 2048, "purchasedUserSeat": 25}]),
        (Fault(kind="shape-nested", endpoint="purchased"), {"data": {"productType": 2048, "purchasedUserSeat": 25}}),
        (Fault(kind="shape-null", endpoint="purchased"), None),
        (Fault(kind="shape-text", endpoint="purchased"), "OK"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_faults_in_the_content(client: Client, fault: Fault, body: object) -> None:
    """What the answer says may be wrong in every way."""
    client.service.faults.add(fault)
    assert client.purchased().json() == body


@pytest.mark.parametrize("kind", ["no-metadata", "twice", "shape-other-contract"])
def test_faults_that_are_not_of_this_endpoint(client: Client, kind: str) -> None:
    """Faults of lists are refused here."""
    with pytest.raises(ValueError, match="knows no fault"):
        client.service.faults.add(Fault(kind=kind, endpoint="purchased"))


def test_the_rate_limit_counts_all_endpoints(client: Client) -> None:
    """Requests for seats, purchased seats and customers share the limit."""
    client.service.configure(rate=1.0, burst=1)
    assert client.seats().status_code == 200
    assert client.purchased().status_code == 429
    assert client.customers().status_code == 429
