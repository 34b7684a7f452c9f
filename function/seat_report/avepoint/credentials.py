"""Authentication with AvePoint: a client secret, or a certificate that signs a client assertion."""

import base64
import re
import uuid
from datetime import date, datetime, timedelta
from typing import Protocol

import google.auth.crypt
import google.auth.jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import Settings

_WARNING_PERIOD = timedelta(days=30)
_ASSERTION_LIFE_SECONDS = 300
_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_SETTING = "AVEPOINT_CERTIFICATE / AVEPOINT_CERTIFICATE_FILE"
_EXPECTED = "Put the certificate and its unencrypted RSA private key together, both as PEM"


class Credential(Protocol):
    """What a token request needs to authenticate, and when it expires."""

    @property
    def settings_name(self) -> str:
        """The names of the settings that hold it, for messages to an operator."""
        ...

    @property
    def ends(self) -> date | None:
        """The day it expires, if known."""
        ...

    @property
    def secret(self) -> str:
        """The long-lived secret that is sent, "" if there is none."""
        ...

    def parameters(self, now: datetime) -> dict[str, str]:
        """The form fields that authenticate the client."""
        ...


class ClientSecret:
    """A client secret; `ends` comes from the settings, as the secret itself doesn't contain its expiry."""

    settings_name = "AVEPOINT_CLIENT_SECRET / AVEPOINT_CLIENT_SECRET_FILE"

    def __init__(self, secret: str, ends: date | None) -> None:
        self.secret = secret
        self.ends = ends

    def parameters(self, now: datetime) -> dict[str, str]:  # noqa: ARG002 - a secret doesn't depend on time
        """The secret as a form field."""
        return {"client_secret": self.secret}


class Certificate:
    """A certificate with its private key, which signs a short-lived client assertion (RFC 7523)."""

    settings_name = _SETTING
    secret = ""  # Its key is never sent. # nosec B105

    def __init__(self, pem: str, client_id: str, token_url: str) -> None:
        """Read the certificate and its key from PEM, in either order; raises ConfigurationError."""
        certificate, key = _parse_pem(pem)
        self._client_id = client_id
        self._token_url = token_url
        self._signer = google.auth.crypt.RSASigner(key)  # type: ignore[no-untyped-call] # the library is untyped
        self.ends: date | None = certificate.not_valid_after_utc.date()
        # The vendor's sample names the certificate twice: `kid` in hexadecimal, `x5t` in base64url (RFC 7515, 4.1.7).
        thumbprint = certificate.fingerprint(hashes.SHA1())  # nosec B303 # noqa: S303 - x5t is defined as SHA-1; not used for security
        self._header = {
            "kid": thumbprint.hex().upper(),
            "x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
        }

    def parameters(self, now: datetime) -> dict[str, str]:
        """A newly signed assertion as form fields."""
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._token_url,
            "jti": str(uuid.uuid4()),
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + _ASSERTION_LIFE_SECONDS,
        }
        assertion: bytes = google.auth.jwt.encode(  # type: ignore[no-untyped-call] # the library is untyped
            self._signer, claims, header=dict(self._header)
        )
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion.decode(),
        }


def credential(settings: Settings) -> Credential:
    """The credential given in the settings; raises ConfigurationError if there is none or it is unusable."""
    if settings.avepoint_certificate:
        pem = settings.avepoint_certificate.reveal()
        return Certificate(pem, settings.avepoint_client_id, settings.token_url)
    if settings.avepoint_client_secret:
        secret = settings.avepoint_client_secret.reveal()
        if not _is_text(secret):
            name = ClientSecret.settings_name
            raise ConfigurationError(Fault(name, "found bytes in it that are no text", "Copy it from AvePoint again"))
        return ClientSecret(secret, settings.avepoint_credential_expires)
    raise ConfigurationError(
        Fault("AVEPOINT_CLIENT_SECRET", "found no credential", "Set a client secret or a certificate")
    )


def _is_text(secret: str) -> bool:
    """Whether it can be encoded: bytes in the environment that are not UTF-8 are decoded to lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in secret)


def expiry_warning(in_use: Credential, today: date) -> str | None:
    """A warning for people that the credential has expired or soon will; None otherwise."""
    ends = in_use.ends
    if ends is None or ends - today > _WARNING_PERIOD:
        return None
    kind = "certificate" if isinstance(in_use, Certificate) else "client secret"
    when = f"expired on {ends}" if ends < today else f"expires on {ends}"
    return (
        f"AvePoint's {kind} {when}; without a new one the report will go out of date. Create one in AvePoint Elements "
        f"(Settings, API app registration) and put it into {in_use.settings_name}."
    )


def _parse_pem(pem: str) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """The private key and the certificate it belongs to; a certificate chain may be included."""
    blocks: dict[str, list[bytes]] = {}
    for match in _PEM_BLOCK.finditer(pem):
        blocks.setdefault(match.group(1), []).append(match.group(0).encode())
    keys = [block for label, group in blocks.items() if label.endswith("PRIVATE KEY") for block in group]
    if not keys or "CERTIFICATE" not in blocks:
        missing = [] if "CERTIFICATE" in blocks else ["certificate"]
        missing += [] if keys else ["private key"]
        raise _certificate_error(f"found no {' and no '.join(missing)} in it")
    if len(keys) > 1:
        raise _certificate_error("found several private keys in it, expected one")
    key = _load_key(keys[0])
    try:
        certificates = [x509.load_pem_x509_certificate(block) for block in blocks["CERTIFICATE"]]
    except ValueError:
        raise _certificate_error("found a certificate that can't be read") from None
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            return certificate, key
    raise _certificate_error("found a private key that does not belong to the certificate")


def _load_key(block: bytes) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(block, password=None)
    except TypeError:
        raise _certificate_error("found a private key that is encrypted") from None
    except Exception:  # noqa: BLE001 - several types, some internal to the library; all mean the same here
        raise _certificate_error("found a private key that can't be read") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _certificate_error("found a private key that is not RSA, which AvePoint's access tokens need")
    return key


def _certificate_error(wrong: str) -> ConfigurationError:
    return ConfigurationError(Fault(_SETTING, wrong, _EXPECTED))
