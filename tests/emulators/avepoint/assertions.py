"""The check of a client assertion: a JWT signed with a registered certificate (RFC 7523, section 3).

The vendor's sample signs with .NET's X509SecurityKey, which puts the certificate's SHA-1 thumbprint into the header
twice: `kid` in hexadecimal, `x5t` in base64url (RFC 7515, section 4.1.7).
"""

import base64
import binascii
import json
import threading
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.emulators.clock import Clock

# Clocks differ a little; an assertion of a minute ahead is accepted, as identity servers do.
LEEWAY_SECONDS = 60
LONGEST_LIFE_SECONDS = 3600 + LEEWAY_SECONDS


class AssertionRefusedError(Exception):
    """A client assertion isn't good, and why."""


class AssertionChecker:
    """Checks client assertions and remembers their `jti`; safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, assertion: str, *, client_id: str, audience: str, certificates: Iterable[bytes]) -> None:
        """Check an assertion against the registered certificates (PEM); raises AssertionRefusedError."""
        signed, _, signature = assertion.rpartition(".")
        encoded_header, _, encoded_claims = signed.partition(".")
        header, claims = _json_part(encoded_header), _json_part(encoded_claims)
        certificate = _certificate(header, certificates)
        _verify(certificate, signed.encode(), _decoded(signature))
        moment = self._clock.now()
        _check_valid(certificate, moment)
        now = moment.timestamp()
        _check_parties(claims, client_id, audience)
        expires = _check_times(claims, now)
        self._check_unused(claims, expires, now)

    def _check_unused(self, claims: dict[str, object], expires: float, now: float) -> None:
        jti = claims.get("jti")
        if not isinstance(jti, str) or not jti:
            raise AssertionRefusedError("jti is required.")
        with self._lock:
            self._seen = {seen: until for seen, until in self._seen.items() if until + LEEWAY_SECONDS > now}
            if jti in self._seen:
                raise AssertionRefusedError("This jti was used before.")
            self._seen[jti] = expires


def thumbprint(pem: bytes) -> bytes:
    """Return the SHA-1 of a certificate's DER, by which the header of an assertion names it."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA1())  # noqa: S303 - what x5t is, not a protection


def certificate_only(pem: bytes) -> bytes:
    """Return the certificate of a PEM file that may hold its private key too; raises ValueError if there is none."""
    return x509.load_pem_x509_certificate(pem).public_bytes(encoding=serialization.Encoding.PEM)


def _certificate(header: dict[str, object], certificates: Iterable[bytes]) -> x509.Certificate:
    if header.get("alg") != "RS256":
        raise AssertionRefusedError("alg must be RS256.")
    for pem in certificates:
        digest = thumbprint(pem)
        if header.get("x5t") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            if str(header.get("kid")).lower() != digest.hex():
                raise AssertionRefusedError("kid must be the certificate's SHA-1 thumbprint in hexadecimal.")
            return x509.load_pem_x509_certificate(pem)
    raise AssertionRefusedError("x5t names no registered certificate.")


def _verify(certificate: x509.Certificate, signed: bytes, signature: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise AssertionRefusedError("The certificate's key isn't RSA.")
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise AssertionRefusedError("The signature is wrong.") from error


def _check_valid(certificate: x509.Certificate, moment: datetime) -> None:
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise AssertionRefusedError("The certificate isn't valid now.")


def _check_parties(claims: dict[str, object], client_id: str, audience: str) -> None:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefusedError("iss and sub must be the client id.")
    if claims.get("aud") not in (audience, [audience]):
        raise AssertionRefusedError(f"aud must be {audience}.")


def _check_times(claims: dict[str, object], now: float) -> float:
    """Check exp, nbf and iat, and return exp."""
    times: dict[str, float] = {}
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AssertionRefusedError(f"{name} must be a number of seconds.")
        times[name] = value
    if times["exp"] <= now:
        raise AssertionRefusedError("The assertion has expired.")
    if times["exp"] > now + LONGEST_LIFE_SECONDS:
        raise AssertionRefusedError("exp is more than an hour ahead.")
    if max(times["nbf"], times["iat"]) > now + LEEWAY_SECONDS:
        raise AssertionRefusedError("nbf or iat lies ahead.")
    return times["exp"]


def _json_part(encoded: str) -> dict[str, object]:
    try:
        part = json.loads(_decoded(encoded))
    except ValueError as error:
        raise AssertionRefusedError("The assertion is no JWT.") from error
    if not isinstance(part, dict):
        raise AssertionRefusedError("The assertion is no JWT.")
    return part


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise AssertionRefusedError("The assertion is no JWT.") from error
