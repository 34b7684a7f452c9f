"""Client secrets and certificates: what is accepted, what is refused and how, and when they end."""

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from seat_report.avepoint.credentials import Certificate, ClientSecret, credential, ending_soon
from seat_report.errors import ConfigurationError
from seat_report.settings.secret import Secret
from tests.support.avepoint_client import certificate_pem, key_pem, rsa_key, settings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDS = datetime(2027, 6, 1, tzinfo=UTC)
URL = "https://identity.example/connect/token"


def certificate(*parts: str) -> Certificate:
    return Certificate("\n".join(parts), "the-client", URL)


def good() -> tuple[str, str]:
    return certificate_pem(rsa_key(), ENDS), key_pem(rsa_key())


@pytest.mark.parametrize("turned", [False, True])
def test_certificate_and_key_in_any_order(turned: bool) -> None:
    """PEM holds certificate and key, whichever comes first, with whatever around them."""
    parts = [good()[0], "Bag Attributes: none", good()[1]]
    assert certificate(*(reversed(parts) if turned else parts)).ends == date(2027, 6, 1)


def test_a_chain() -> None:
    """Of several certificates the one that the key belongs to is used."""
    other = certificate_pem(rsa.generate_private_key(65537, 2048), ENDS + timedelta(days=900))
    assert certificate(other, *good()).ends == date(2027, 6, 1)


def test_an_old_form_of_key() -> None:
    """A key in the form that older tools write is read as well."""
    old = rsa_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    assert certificate(good()[0], old.decode()).ends == date(2027, 6, 1)


def test_the_assertion() -> None:
    """The signed statement says who asks whom, for how long, and never the same twice."""
    held = certificate(*good())
    fields, again = held.parameters(NOW), held.parameters(NOW)
    header, claims, _ = (part + "=" * (-len(part) % 4) for part in fields["client_assertion"].split("."))
    said = json.loads(base64.urlsafe_b64decode(claims))
    named = json.loads(base64.urlsafe_b64decode(header))
    assert fields["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert (said["iss"], said["sub"], said["aud"]) == ("the-client", "the-client", URL)
    assert (said["nbf"], said["iat"]) == (int(NOW.timestamp()),) * 2
    assert said["exp"] - said["iat"] == 300
    assert named["alg"] == "RS256"
    assert base64.urlsafe_b64decode(named["x5t"] + "=").hex().upper() == named["kid"]
    assert fields["client_assertion"] != again["client_assertion"]


@pytest.mark.parametrize(
    ("pem", "wrong"),
    [
        ("nothing at all", "found no certificate and no private key in it"),
        (good()[0], "found no private key in it"),
        (good()[1], "found no certificate in it"),
        (good()[0] + key_pem(rsa_key(), b"password"), "found a private key that is encrypted"),
        (good()[0] + key_pem(rsa.generate_private_key(65537, 2048)), "found a private key that does not belong to"),
        (good()[0] + key_pem(ec.generate_private_key(ec.SECP256R1())), "found a private key that is not RSA"),
        (good()[0] + good()[1] + good()[1], "found several private keys"),
        (
            good()[0] + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "a private key that can't be read",
        ),
        (
            good()[1] + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "a certificate that can't be read",
        ),
    ],
    # Not the PEM itself, which differs each time.
    ids=[
        "nothing",
        "no key",
        "no certificate",
        "encrypted",
        "foreign key",
        "not RSA",
        "two keys",
        "key",
        "certificate",
    ],
)
def test_what_is_refused(pem: str, wrong: str) -> None:
    """What can't be used is refused with what is wrong with it, under the setting's name, and not a word of it told."""
    with pytest.raises(ConfigurationError) as raised:
        credential(settings(avepoint_client_secret=None, avepoint_certificate=Secret(pem)))
    (fault,) = raised.value.faults
    assert wrong in fault.wrong
    assert "AVEPOINT_CERTIFICATE_FILE" in fault.setting
    assert "PRIVATE KEY" not in str(raised.value)


def test_an_encrypted_key_of_the_old_form() -> None:
    """A key that is encrypted in the old form is refused as encrypted, too."""
    old = rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(b"password"),
    )
    with pytest.raises(ConfigurationError, match="encrypted"):
        certificate(good()[0], old.decode())


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, "ended on 2026-11-22"), (0, "ends on 2026-11-23"), (30, "ends on 2026-12-23"), (31, None), (None, None)],
)
def test_ending_soon(days: int | None, said: str | None) -> None:
    """A credential that ends within 30 days, or has ended, is worth a warning; one that ends later or unknown isn't."""
    ends = None if days is None else NOW.date() + timedelta(days=days)
    warning = ending_soon(ClientSecret("secret", ends), NOW.date())
    assert (said in warning and "AVEPOINT_CLIENT_SECRET" in warning) if warning and said else warning is said


def test_a_certificate_tells_by_itself() -> None:
    """A certificate's own end is what counts, and the warning names its settings."""
    held = certificate(*good())
    warning = ending_soon(held, date(2027, 5, 20)) or ""
    assert "certificate ends on 2027-06-01" in warning
    assert "AVEPOINT_CERTIFICATE" in warning


def test_nothing_shows_a_secret() -> None:
    """Neither credential shows what it keeps secret."""
    for held in (ClientSecret("hush", None), certificate(*good())):
        assert "hush" not in repr(held)
        assert "PRIVATE" not in repr(held)


def test_a_secret_that_is_no_text() -> None:
    """A secret that can't be sent is a fault of the settings, told without it."""
    with pytest.raises(ConfigurationError, match="no text") as raised:
        credential(settings(avepoint_client_secret=Secret("hush\udcff")))
    assert "hush" not in str(raised.value)


def test_no_credential() -> None:
    """Without any credential, the fault says what to set."""
    with pytest.raises(ConfigurationError, match=r"AVEPOINT_CLIENT_SECRET: found no credential\. Set "):
        credential(settings(avepoint_client_secret=None, avepoint_certificate=None))
