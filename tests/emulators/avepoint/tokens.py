"""The token endpoint: client credentials in, bearer tokens out, and the check of a token on every call.

Requests, answers and errors after RFC 6749, sections 4.4 and 5; client assertions after RFC 7523.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.emulators.avepoint.answers import Answer, Received, as_json
from tests.emulators.avepoint.assertions import AssertionChecker, AssertionRefusedError
from tests.emulators.avepoint.options import Options
from tests.emulators.clock import Clock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SEATS_SCOPE = "elements.license.read.all"
CUSTOMERS_SCOPE = "elements.customers.read.all"

CLIENT_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
CLIENT_SECRET = "local-secret"


@dataclass(slots=True)
class AppRegistration:
    """An app registration: its credentials, and the permissions it was given; fields may be changed at any time."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    certificates: list[bytes] = field(default_factory=list)
    scopes: frozenset[str] = frozenset({SEATS_SCOPE, CUSTOMERS_SCOPE})


class TokenRefusedError(Exception):
    """A token request is refused, with the error code of RFC 6749."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(slots=True)
class _Issued:
    scopes: frozenset[str]
    expires_at: float
    uses_left: int | None


class Tokens:
    """The tokens that were issued and are good; safe to use from any thread."""

    def __init__(self, registration: AppRegistration, clock: Clock) -> None:
        self.registration = registration
        self._clock = clock
        self._assertions = AssertionChecker(clock)
        self._good: dict[str, _Issued] = {}
        self._issued = 0
        self._refused = 0
        self._lock = threading.Lock()

    @property
    def issued(self) -> int:
        """How many tokens were issued."""
        return self._issued

    @property
    def refused(self) -> int:
        """How many token requests were refused for what they said."""
        return self._refused

    def revoke_all(self) -> int:
        """Let every token issued so far be no longer good, and return how many those are."""
        with self._lock:
            revoked = len(self._good)
            self._good.clear()
            return revoked

    def scopes_of(self, authorization: str | None) -> frozenset[str] | None:
        """Use the bearer token of an Authorization header: return what it permits, or None if it isn't good."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            issued = self._good.get(token)
            if issued is None:
                return None
            if issued.expires_at <= self._clock.monotonic() or issued.uses_left == 0:
                del self._good[token]
                return None
            if issued.uses_left is not None:
                issued.uses_left -= 1
            return issued.scopes

    def answer(self, request: Received, options: Options) -> Answer:
        """Answer a request to the token endpoint."""
        try:
            form = _form(request)
            self._authenticate(form, request.host)
            scopes = self._scopes(form)
        except TokenRefusedError as refused:
            with self._lock:
                self._refused += 1
            return token_error(refused.error, str(refused))
        return self._issue(scopes, options)

    def _issue(self, scopes: frozenset[str], options: Options) -> Answer:
        token = secrets.token_urlsafe(48)
        expires_at = self._clock.monotonic() + options.token_lifetime_seconds
        with self._lock:
            self._good[token] = _Issued(scopes, expires_at, options.token_uses)
            self._issued += 1
        document = {
            "access_token": token,
            "expires_in": options.token_lifetime_seconds,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        return as_json(200, document, {"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _authenticate(self, form: Mapping[str, str], host: str) -> None:
        if form["client_id"] != self.registration.client_id:
            raise TokenRefusedError("invalid_client", "There is no such client.")
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise TokenRefusedError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
            if "client_secret" in form:
                raise TokenRefusedError("invalid_request", "A client must not use two ways to authenticate.")
            try:
                self._assertions.check(
                    form["client_assertion"],
                    client_id=self.registration.client_id,
                    audience=f"http://{host}/connect/token",
                    certificates=self.registration.certificates,
                )
            except AssertionRefusedError as refused:
                raise TokenRefusedError("invalid_client", str(refused)) from refused
        elif not secrets.compare_digest(
            form.get("client_secret", "").encode(), self.registration.client_secret.encode()
        ):
            raise TokenRefusedError("invalid_client", "The client secret is missing or wrong.")

    def _scopes(self, form: Mapping[str, str]) -> frozenset[str]:
        asked = frozenset(form.get("scope", "").split())
        if not asked:
            raise TokenRefusedError("invalid_scope", "No scope was asked for.")
        if not asked <= self.registration.scopes:
            unknown = " ".join(sorted(asked - self.registration.scopes))
            raise TokenRefusedError("invalid_scope", f"The app registration has no permission {unknown}.")
        return asked


def form_of(request: Received) -> dict[str, str]:
    """Return the fields of a form; raises ValueError if one comes twice or the body is no form."""
    fields = parse_qsl(
        request.body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(request.body), errors="strict"
    )
    form = dict(fields)
    if len(form) != len(fields):
        raise ValueError("A parameter comes twice.")
    return form


def _form(request: Received) -> dict[str, str]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise TokenRefusedError("invalid_request", "The body must be application/x-www-form-urlencoded.")
    try:
        form = form_of(request)
    except ValueError as error:
        raise TokenRefusedError("invalid_request", "The body is no form, or a parameter comes twice.") from error
    if "grant_type" not in form or "client_id" not in form:
        raise TokenRefusedError("invalid_request", "grant_type and client_id are required.")
    if form["grant_type"] != "client_credentials":
        raise TokenRefusedError("unsupported_grant_type", "The grant type must be client_credentials.")
    return form


def token_error(error: str, description: str, status: int | None = None) -> Answer:
    """Return an error of the token endpoint; a client that isn't who it says it is gets 401, others 400."""
    document = {"error": error, "error_description": description}
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return as_json(status or (401 if error == "invalid_client" else 400), document, headers)
