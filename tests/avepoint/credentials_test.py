"""Client secrets and certificates: which are accepted or rejected, and the expiry warning."""

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from seat_report.avepoint.credentials import Certificate, ClientSecret, credential, expiry_warning
from seat_report.errors import ConfigurationError
from seat_report.settings.secret import Secret
from tests.support.avepoint_client import certificate_pem, key_pem, rsa_key, settings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDS = datetime(2027, 6, 1, tzinfo=UTC)
URL = "https://identity.example/connect/token"


def load_certificate(*parts: str) -> Certificate:
    return Certificate("\n".join(parts), "the-client", URL)


def pem_pair() -> tuple[str, str]:
    return certificate_pem(rsa_key(), ENDS), key_pem(rsa_key())


@pytest.mark.parametrize("is_reversed", [False, True])
def test_certificate_and_key_in_any_order(is_reversed: bool) -> None:
    """PEM may contain certificate and key in any order, with other text around them."""
    parts = [pem_pair()[0], "Bag Attributes: none", pem_pair()[1]]
    assert load_certificate(*(reversed(parts) if is_reversed else parts)).ends == date(2027, 6, 1)


def test_certificate_chain() -> None:
    """Of several certificates, the one matching the key is used."""
    other = certificate_pem(rsa.generate_private_key(65537, 2048), ENDS + timedelta(days=900))
    assert load_certificate(other, *pem_pair()).ends == date(2027, 6, 1)


def test_traditional_key_format() -> None:
    """A key in the traditional OpenSSL format is accepted, too."""
    old = rsa_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    assert load_certificate(pem_pair()[0], old.decode()).ends == date(2027, 6, 1)


def test_client_assertion() -> None:
    """The signed assertion has the required claims and headers, and is never the same twice."""
    certificate = load_certificate(*pem_pair())
    fields, again = certificate.parameters(NOW), certificate.parameters(NOW)
    header, claims, _ = (part + "=" * (-len(part) % 4) for part in fields["client_assertion"].split("."))
    payload = json.loads(base64.urlsafe_b64decode(claims))
    header_fields = json.loads(base64.urlsafe_b64decode(header))
    assert fields["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert (payload["iss"], payload["sub"], payload["aud"]) == ("the-client", "the-client", URL)
    assert (payload["nbf"], payload["iat"]) == (int(NOW.timestamp()),) * 2
    assert payload["exp"] - payload["iat"] == 300
    assert header_fields["alg"] == "RS256"
    assert base64.urlsafe_b64decode(header_fields["x5t"] + "=").hex().upper() == header_fields["kid"]
    assert fields["client_assertion"] != again["client_assertion"]


@pytest.mark.parametrize(
    ("pem", "wrong"),
    [
        ("nothing at all", "found no certificate and no private key in it"),
        (pem_pair()[0], "found no private key in it"),
        (pem_pair()[1], "found no certificate in it"),
        (pem_pair()[0] + key_pem(rsa_key(), b"password"), "found a private key that is encrypted"),
        (pem_pair()[0] + key_pem(rsa.generate_private_key(65537, 2048)), "found a private key that does not belong to"),
        (pem_pair()[0] + key_pem(ec.generate_private_key(ec.SECP256R1())), "found a private key that is not RSA"),
        (pem_pair()[0] + pem_pair()[1] + pem_pair()[1], "found several private keys"),
        (
            pem_pair()[0] + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "a private key that can't be read",
        ),
        (
            pem_pair()[1] + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
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
def test_rejected_certificates(pem: str, wrong: str) -> None:
    """An unusable certificate is rejected with the reason and the setting's name, without quoting it."""
    with pytest.raises(ConfigurationError) as raised:
        credential(settings(avepoint_client_secret=None, avepoint_certificate=Secret(pem)))
    (fault,) = raised.value.faults
    assert wrong in fault.wrong
    assert "AVEPOINT_CERTIFICATE_FILE" in fault.setting
    assert "PRIVATE KEY" not in str(raised.value)


def test_encrypted_key_in_traditional_format() -> None:
    """A key encrypted in the traditional format is rejected as encrypted, too."""
    old = rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(b"password"),
    )
    with pytest.raises(ConfigurationError, match="encrypted"):
        load_certificate(pem_pair()[0], old.decode())


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, "expired on 2026-11-22"),
        (0, "expires on 2026-11-23"),
        (30, "expires on 2026-12-23"),
        (31, None),
        (None, None),
    ],
)
def test_expiry_warning(days: int | None, expected: str | None) -> None:
    """A credential that has expired, or will within 30 days, causes a warning; a later or unknown expiry doesn't."""
    ends = None if days is None else NOW.date() + timedelta(days=days)
    warning = expiry_warning(ClientSecret("secret", ends), NOW.date())
    assert (
        (expected in warning and "AVEPOINT_CLIENT_SECRET" in warning) if warning and expected else warning is expected
    )


def test_certificate_expiry_warning() -> None:
    """A certificate's own expiry date counts, and the warning names its settings."""
    certificate = load_certificate(*pem_pair())
    warning = expiry_warning(certificate, date(2027, 5, 20)) or ""
    assert "certificate expires on 2027-06-01" in warning
    assert "AVEPOINT_CERTIFICATE" in warning


def test_repr_hides_secrets() -> None:
    """The representation of a credential contains no secret."""
    for candidate in (ClientSecret("hush", None), load_certificate(*pem_pair())):
        assert "hush" not in repr(candidate)
        assert "PRIVATE" not in repr(candidate)


def test_secret_that_is_not_text() -> None:
    """A secret that can't be encoded is a faulty setting, reported without quoting it."""
    with pytest.raises(ConfigurationError, match="no text") as raised:
        credential(settings(avepoint_client_secret=Secret("hush\udcff")))
    assert "hush" not in str(raised.value)


def test_no_credential() -> None:
    """Without any credential, the fault says what to set."""
    with pytest.raises(ConfigurationError, match=r"AVEPOINT_CLIENT_SECRET: found no credential\. Set "):
        credential(settings(avepoint_client_secret=None, avepoint_certificate=None))
