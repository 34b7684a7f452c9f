import pytest
import requests

from tests.emulators.avepoint.service import Handle
from tests.emulators.avepoint.tests.client import TIMEOUT, Client
from tests.emulators.avepoint.tokens import CUSTOMERS_SCOPE, SEATS_SCOPE
from tests.support.clocks import ManualClock


def test_secret_gets_a_token(client: Client) -> None:
    """The secret gets a bearer token with its lifetime and scope, never to be stored."""
    response = client.renew()
    assert response.status_code == 200
    document = response.json()
    assert len(document.pop("access_token")) > 40
    assert document == {"token_type": "Bearer", "expires_in": 3600, "scope": SEATS_SCOPE}
    assert response.headers["Cache-Control"] == "no-store"


def test_several_scopes(client: Client) -> None:
    """Scopes are separated by spaces and come back as they were granted."""
    assert client.renew(scope=f"{SEATS_SCOPE} {CUSTOMERS_SCOPE}").json()["scope"] == f"{CUSTOMERS_SCOPE} {SEATS_SCOPE}"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_secret": "ключ"}, 401, "invalid_client"),
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "elements.everything"}, 400, "invalid_scope"),
        ({"scope": f"{SEATS_SCOPE} elements.everything"}, 400, "invalid_scope"),
        ({"scope": None}, 400, "invalid_scope"),
    ],
)
def test_refusals(client: Client, changes: dict[str, str | None], status: int, error: str) -> None:
    """What is wrong with a token request is told by the codes of RFC 6749."""
    response = client.renew(**changes)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert client.service.tokens.refused == 1
    assert client.service.tokens.issued == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"grant_type": "client_credentials"}', "application/json"),
        ("grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        ("no form at all", "application/x-www-form-urlencoded"),
        ("", "application/x-www-form-urlencoded"),
        ("grant_type=\u20ac", "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_requests(service: Handle, body: str, content_type: str) -> None:
    """A body that is no form, or says something twice, is an invalid request."""
    headers = {"Content-Type": content_type}
    response = requests.post(service.token_url, data=body.encode(), headers=headers, timeout=TIMEOUT)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_get_is_refused(service: Handle) -> None:
    """The token endpoint takes POST only."""
    response = requests.get(service.token_url, timeout=TIMEOUT)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_expiry(client: Client, clock: ManualClock) -> None:
    """A token is good until its lifetime is over, and no second longer."""
    clock.advance(3599)
    assert client.seats().status_code == 200
    clock.advance(1)
    assert client.seats().status_code == 401
    client.renew()
    assert client.seats().status_code == 200


def test_lifetime_of_new_tokens(client: Client, clock: ManualClock) -> None:
    """The lifetime is an option."""
    client.service.configure(token_lifetime_seconds=60)
    assert client.renew().json()["expires_in"] == 60
    clock.advance(60)
    assert client.seats().status_code == 401


def test_revocation(client: Client) -> None:
    """A token that is revoked dies at once; a new one is good."""
    assert client.service.tokens.revoke_all() == 1
    refused = client.seats()
    assert refused.status_code == 401
    assert refused.json()["statusCode"] == 401
    assert "invalid_token" in refused.headers["WWW-Authenticate"]
    client.renew()
    assert client.seats().status_code == 200


def test_token_that_dies_midway(client: Client) -> None:
    """With `token_uses` a token is good so many times."""
    client.service.configure(token_uses=2)
    client.renew()
    assert [client.seats().status_code for _ in range(3)] == [200, 200, 401]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic d3Jvbmc="])
def test_no_good_token(client: Client, authorization: str | None) -> None:
    """Every call needs a token that was issued."""
    response = requests.post(client.url(), headers={"Authorization": authorization}, timeout=TIMEOUT)
    assert response.status_code == 401
    assert response.json()["requestId"] == response.headers["x-request-id"]


def test_permission(client: Client) -> None:
    """A token without the permission for seats is good, but not for seats."""
    client.renew(scope=CUSTOMERS_SCOPE)
    response = client.seats()
    assert response.status_code == 403
    assert SEATS_SCOPE in response.json()["message"]
