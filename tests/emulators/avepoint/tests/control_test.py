import json
from collections.abc import Callable

import pytest
import requests

from tests.emulators.avepoint.documents import customers_to_json
from tests.emulators.avepoint.tests.client import (
    ACME,
    MANY,
    STRANGER,
    TIMEOUT,
    Client,
    assertion_form,
    credential,
)

Control = Callable[..., requests.Response]


@pytest.fixture
def control(client: Client) -> Control:
    """Calls the control API."""

    def call(method: str, path: str, body: object = None) -> requests.Response:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return client.session.request(method, f"{client.service.url}/emulator/{path}", data=data, timeout=TIMEOUT)

    return call


def test_state(client: Client, control: Control) -> None:
    """The state has the options and counters."""
    client.seats()
    state = control("GET", "state").json()
    assert state["options"]["contract"] == "both"
    assert state["counters"] == {
        "requests": 2,
        "limited": 0,
        "in_flight_max": 1,
        "tokens_issued": 1,
        "tokens_refused": 0,
    }


def test_options(client: Client, control: Control) -> None:
    """Options are changed one by one; the others stay."""
    assert control("PATCH", "options", {"contract": "tenants-batch"}).json()["contract"] == "tenants-batch"
    assert control("PATCH", "options", {"absent_status": 405}).json()["contract"] == "tenants-batch"
    assert client.seats().status_code == 405


def test_faults(client: Client, control: Control) -> None:
    """Faults are set, one or several, seen with how often they struck, and cleared."""
    assert control("POST", "faults", {"kind": "status", "status": 429, "times": 1}).status_code == 204
    assert control("POST", "faults", [{"kind": "no-content", "times": 1}, {"kind": "reset"}]).status_code == 204
    assert [client.seats().status_code for _ in range(2)] == [429, 204]
    assert control("GET", "faults").json() == [
        {"fault": {"kind": "status", "status": 429, "times": 1}, "struck": 1},
        {"fault": {"kind": "no-content", "times": 1}, "struck": 1},
        {"fault": {"kind": "reset"}, "struck": 0},
    ]
    control("DELETE", "faults")
    assert client.seats().status_code == 200


def test_customers(client: Client, control: Control) -> None:
    """Customers are read, replaced, added and removed."""
    assert control("GET", "customers").content == customers_to_json([ACME, MANY, STRANGER])
    assert control("PUT", "customers", customers_to_json([MANY])).status_code == 204
    assert client.seats(ACME).status_code == 404
    customer = {"id": ACME.id, "organization": "Acme", "tenants": []}
    assert control("POST", "customers", customer).status_code == 204
    assert client.seats(ACME).json() == []
    assert control("DELETE", f"customers/{ACME.id}").status_code == 204
    assert control("DELETE", f"customers/{ACME.id}").status_code == 404


def test_month(client: Client, control: Control) -> None:
    """A month passes, by a seed or by its number, and says what changed."""
    month = control("POST", "month", {"seed": 1}).json()
    assert set(month) == {"moved", "came", "went"}
    assert control("POST", "month").status_code == 200
    assert client.seats(MANY).status_code == 200


def test_requests(client: Client, control: Control) -> None:
    """The log is read and cleared; calls of the control API aren't in it."""
    client.seats()
    paths = [entry["path"] for entry in control("GET", "requests").json()]
    assert paths == ["/connect/token", client.url().removeprefix(client.service.url)]
    control("DELETE", "requests")
    assert control("GET", "requests").json() == []


def test_tokens(client: Client, control: Control) -> None:
    """All tokens can be revoked."""
    assert control("POST", "tokens/revoke").json() == {"revoked": 1}
    assert client.seats().status_code == 401


def test_certificates(client: Client, control: Control) -> None:
    """A certificate can be registered; a private key that comes with it is dropped."""
    assert control("POST", "certificates", credential("control").pem_with_key).status_code == 204
    assert client.service.registration.certificates == [credential("control").pem]
    assertion = credential("control").sign(credential("control").header(), {})
    assert "iss and sub" in client.renew(**assertion_form(assertion)).json()["error_description"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "options", {"contract": "none"}),
        ("PATCH", "options", {"colour": "blue"}),
        ("PATCH", "options", [1]),
        ("PATCH", "options", b"{"),
        ("POST", "faults", {"kind": "flood"}),
        ("POST", "faults", {"kind": "reset", "time": 1}),
        ("POST", "faults", {"kind": "reset", "times": 0}),
        ("POST", "faults", b""),
        ("PUT", "customers", {"customers": 3}),
        ("POST", "customers", {"id": "a"}),
        ("POST", "month", {"seed": "one"}),
        ("POST", "certificates", b"no certificate"),
    ],
)
def test_refusals(client: Client, control: Control, method: str, path: str, body: object) -> None:
    """What can't be understood is 400 with a reason, and changes nothing."""
    response = control(method, path, body)
    assert response.status_code == 400
    assert response.json()["error"]
    assert control("GET", "faults").json() == []
    assert client.seats().status_code == 200


def test_unknown_paths(client: Client, control: Control) -> None:
    """What the control API doesn't have is 404 or 405, and no request to the service."""
    assert control("GET", "nothing").status_code == 404
    assert control("PUT", "state").status_code == 405
    assert len(client.service.log.requests()) == 1
