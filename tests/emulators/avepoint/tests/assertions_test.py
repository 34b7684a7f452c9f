import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests
from google.auth import crypt, jwt

from tests.emulators.avepoint.assertions import certificate_only
from tests.emulators.avepoint.service import Handle
from tests.emulators.avepoint.tests.client import NOON, Client, assertion_form, credential
from tests.emulators.avepoint.tokens import CLIENT_ID
from tests.support.clocks import ManualClock

OURS = "seat-report"


@dataclass
class Parts:
    """An assertion before it is signed."""

    header: dict[str, object]
    claims: dict[str, object]
    signer: str = OURS
    form: dict[str, str | None] = field(default_factory=dict)


def good(service: Handle) -> Parts:
    """Return the parts of an assertion that is good at NOON."""
    claims: dict[str, object] = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": service.token_url,
        "jti": str(uuid.uuid4()),
        "iat": int(NOON),
        "nbf": int(NOON),
        "exp": int(NOON) + 300,
    }
    return Parts(credential(OURS).header(), claims)


def ask(client: Client, parts: Parts) -> requests.Response:
    """Ask for a token with the assertion."""
    assertion = credential(parts.signer).sign(parts.header, parts.claims)
    return client.renew(**(assertion_form(assertion) | parts.form))


def refusal(response: requests.Response) -> str:
    """Return why the assertion was refused."""
    document = response.json()
    assert (response.status_code, document["error"]) == (401, "invalid_client")
    return str(document["error_description"])


@pytest.fixture(autouse=True)
def registered(service: Handle) -> None:
    """The app registration has the certificate, among others."""
    service.registration.certificates += [credential("another").pem, credential(OURS).pem]


def test_certificate_gets_a_token(client: Client) -> None:
    """A good assertion gets a token that works."""
    assert ask(client, good(client.service)).status_code == 200
    assert client.seats().status_code == 200


def test_assertion_of_google_auth(client: Client) -> None:
    """An assertion signed by the library that is at hand, with this header and these claims, is good."""
    thumbprint = credential(OURS).thumbprint.hex()
    # google-auth declares these two without types.
    signer = crypt.RSASigner.from_string(credential(OURS).key_pem, key_id=thumbprint)  # type: ignore[no-untyped-call]
    parts = good(client.service)
    token = jwt.encode(signer, parts.claims, header={"x5t": parts.header["x5t"]})  # type: ignore[no-untyped-call]
    assert client.renew(**assertion_form(token.decode())).status_code == 200


def test_certificate_of_a_file_with_its_key() -> None:
    """A registered certificate may come from a file that holds the private key too."""
    assert certificate_only(credential(OURS).pem_with_key) == credential(OURS).pem


def test_jti_twice(client: Client) -> None:
    """The same assertion is good once."""
    parts = good(client.service)
    assert ask(client, parts).status_code == 200
    assert "used before" in refusal(ask(client, parts))


def _claim(name: str, value: object) -> Callable[[Parts], object]:
    return lambda parts: parts.claims.update({name: value})


def _no_claim(name: str) -> Callable[[Parts], object]:
    return lambda parts: parts.claims.pop(name)


def _header(name: str, value: object) -> Callable[[Parts], object]:
    return lambda parts: parts.header.update({name: value})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_claim("iss", "somebody"), "iss and sub"),
        (_claim("sub", "somebody"), "iss and sub"),
        (_claim("aud", "https://identity.avepointonlineservices.com/connect/token"), "aud"),
        (_claim("exp", NOON), "has expired"),
        (_claim("exp", NOON + 86_400), "exp is more than an hour ahead"),
        (_claim("nbf", NOON + 300), "lies ahead"),
        (_claim("iat", NOON + 300), "lies ahead"),
        (_claim("iat", "now"), "iat must be a number"),
        (_claim("iat", True), "iat must be a number"),
        (_claim("jti", ""), "jti is required"),
        (_no_claim("iss"), "iss and sub"),
        (_no_claim("sub"), "iss and sub"),
        (_no_claim("aud"), "aud"),
        (_no_claim("jti"), "jti is required"),
        (_no_claim("iat"), "iat must be a number"),
        (_no_claim("nbf"), "nbf must be a number"),
        (_no_claim("exp"), "exp must be a number"),
        (_header("alg", "none"), "alg must be RS256"),
        (_header("alg", "HS256"), "alg must be RS256"),
        (_header("x5t", "AAAA"), "x5t names no registered certificate"),
        (_header("x5t", None), "x5t names no registered certificate"),
        (_header("kid", None), "kid must be"),
        (_header("kid", "00" * 20), "kid must be"),
        (lambda parts: setattr(parts, "signer", "another"), "signature is wrong"),
    ],
)
def test_bad_assertions(client: Client, spoil: Callable[[Parts], object], reason: str) -> None:
    """Each header field, each claim and the signature is checked."""
    parts = good(client.service)
    spoil(parts)
    assert reason in refusal(ask(client, parts))


@pytest.mark.parametrize("assertion", ["", "no", "a.b.c", "e30.e30.", "bnVsbA.bnVsbA.AAAA", "é.é.é"])
def test_no_jwt(client: Client, assertion: str) -> None:
    """What isn't a JWT at all is refused, not a crash."""
    assert refusal(client.renew(**assertion_form(assertion)))


def test_certificate_that_has_run_out(client: Client, clock: ManualClock) -> None:
    """An assertion signed after the certificate's end is refused."""
    clock.advance(400 * 86_400)
    parts, now = good(client.service), clock.now().timestamp()
    parts.claims |= dict.fromkeys(("iat", "nbf"), now) | {"exp": now + 300}
    assert "isn't valid now" in refusal(ask(client, parts))


@pytest.mark.parametrize("form", [{"client_assertion_type": "saml"}, {"client_secret": "local-secret"}])
def test_form_around_the_assertion(client: Client, form: dict[str, str | None]) -> None:
    """The assertion's type must be named, and no second credential given."""
    parts = good(client.service)
    parts.form = form
    response = ask(client, parts)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
