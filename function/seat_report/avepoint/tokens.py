"""Access tokens: one shared by all workers, fetched on demand, renewed shortly before it expires or when refused."""

import random
import re
import threading
from urllib.parse import urlencode

import structlog

from seat_report.avepoint.credentials import Credential
from seat_report.avepoint.parsing import UnreadableResponseError, as_object, read_json
from seat_report.avepoint.redaction import redact
from seat_report.avepoint.retry_policy import LONGEST_PAUSE_SECONDS, MOST_ATTEMPTS, backoff, retry_after
from seat_report.avepoint.transport import LARGEST_SHORT_BODY, Reply, RequestFailedError, Transport
from seat_report.clock import Clock
from seat_report.domain import ProblemKind
from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import Settings

SCOPE = "elements.license.read.all"
# Asked for only with FIND_CUSTOMERS, and done without if the app lacks it.
CUSTOMERS_SCOPE = "elements.customers.read.all"
# A token is renewed early enough that no request in flight outlives it, clock skew included.
_RENEW_AHEAD_SECONDS = 60.0
_RENEW_AHEAD_SHARE = 0.1
# If renewal fails while the old token is still valid, it is retried after this long.
_RENEW_RETRY_SECONDS = 10.0
# RFC 6749, 5.1, only recommends `expires_in`; without it, a token is assumed valid for this long.
_DEFAULT_LIFETIME_SECONDS = 300.0
_LONGEST_LIFETIME_SECONDS = 24 * 3600.0
# What is allowed in a token (RFC 6749, appendix A.12), at a header length that every server accepts.
_TOKEN = re.compile(r"[\x20-\x7e]{1,16384}")
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_TRANSIENT_ERRORS = frozenset({"temporarily_unavailable", "server_error"})
_REGISTRATION = "AvePoint Elements, Settings, API app registration"

log = structlog.get_logger()


class NoTokenError(Exception):
    """No token is available for now: the kind of problem, and in `what` a sentence without its full stop."""

    def __init__(self, kind: ProblemKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what


class Token:
    """A token for these scopes; `accepted` is set once the service has accepted it."""

    __slots__ = ("accepted", "expires_at", "is_replacement", "renew_at", "scopes", "value")

    def __init__(
        self,
        value: str,
        expires_at: float,
        renew_at: float,
        *,
        is_replacement: bool,
        scopes: tuple[str, ...] = (SCOPE,),
    ) -> None:
        self.value = value
        self.expires_at = expires_at
        self.renew_at = renew_at
        self.is_replacement = is_replacement
        self.scopes = scopes
        self.accepted = False

    def __repr__(self) -> str:
        """A representation without the token's value."""
        return f"Token(renew_at={self.renew_at}, accepted={self.accepted})"


class Tokens:
    """The client's access token; safe to use from any thread."""

    def __init__(self, settings: Settings, credential: Credential, transport: Transport, clock: Clock) -> None:
        self._url = settings.token_url
        self._client_id = settings.avepoint_client_id
        self._scopes = (SCOPE, CUSTOMERS_SCOPE) if settings.find_customers else (SCOPE,)
        self._timeout = settings.avepoint_request_timeout_seconds
        self._credential = credential
        self._transport = transport
        self._clock = clock
        self._rng = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        self._token: Token | None = None
        self._lock = threading.Lock()
        # The number of failed fetches, and the error of the last.
        self._failures = 0
        self._failure: Exception | None = None

    def get(self, stop_at: float) -> Token:
        """The current token, renewed by the first caller if necessary; returns by `stop_at` at the latest.

        Raises NoTokenError, and ConfigurationError if the service refuses this app.
        """
        token = self._token
        if token and self._clock.monotonic() < token.renew_at:
            return token
        failures = self._failures
        with self._lock:
            current = self._token
            if current is None or self._clock.monotonic() >= current.renew_at:
                self._share_failure(failures)
                current = self._token = self._renew(current, stop_at)
            return current

    def get_new(self, stop_at: float) -> Token:
        """A new token in any case, to check that the service still issues them. Raises like `get`."""
        with self._lock:
            self._token = self._fetch(stop_at, is_replacement=False)
            return self._token

    def is_current(self, token: Token) -> bool:
        """Whether this token has not been replaced yet."""
        return self._token is token

    def replace(self, refused: Token, stop_at: float) -> Token | None:
        """A replacement for a token that the service refused; None if it was itself a replacement and never accepted.

        A caller whose token was already replaced by another caller gets that replacement. Raises like `get`.
        """
        failures = self._failures
        with self._lock:
            if self._token is refused or self._token is None:
                if refused.is_replacement and not refused.accepted:
                    return None
                self._share_failure(failures)
                self._token = self._fetch(stop_at, is_replacement=True)
            return self._token

    def _renew(self, token: Token | None, stop_at: float) -> Token:
        """A new token; if none is available, the current one until it expires."""
        try:
            return self._fetch(stop_at, is_replacement=False)
        except NoTokenError:
            now = self._clock.monotonic()
            if token is None or now >= token.expires_at:
                raise
            token.renew_at = min(token.expires_at, now + _RENEW_RETRY_SECONDS)
            return token

    def _share_failure(self, failures: int) -> None:
        """Raise the error that another caller got while this one waited, instead of running into it again."""
        if self._failure and self._failures != failures:
            raise self._failure

    def _fetch(self, stop_at: float, *, is_replacement: bool) -> Token:
        """Fetch a token; record a failure for the callers waiting for the same token."""
        try:
            return self._request_until(stop_at, is_replacement=is_replacement)
        except (NoTokenError, ConfigurationError) as error:
            self._failures += 1
            self._failure = error
            raise

    def _request_until(self, stop_at: float, *, is_replacement: bool) -> Token:
        """Request a token, retrying transient failures until `stop_at`."""
        failures, scopes = 0, self._scopes
        while True:
            remaining = stop_at - self._clock.monotonic()
            if remaining <= 0:
                raise NoTokenError(ProblemKind.TIMEOUT, "AvePoint issued no access token in the run's time")
            try:
                return self._request(min(self._timeout, remaining), scopes, is_replacement=is_replacement)
            except _ScopeRefusedError:
                # Whether it is a further scope that the app lacks, the next answer says.
                scopes = (SCOPE,)
            except _TransientError as error:
                failures += 1
                wait = backoff(failures, self._rng) if error.retry_after is None else error.retry_after
                log.debug("AvePoint issued no access token", attempt=failures, why=error.what, wait=round(wait, 2))
                if failures == MOST_ATTEMPTS or wait > LONGEST_PAUSE_SECONDS or wait >= remaining:
                    raise NoTokenError(error.kind, error.what) from None
                self._clock.sleep(wait)

    def _request(self, timeout: float, scopes: tuple[str, ...], *, is_replacement: bool) -> Token:
        fields = {"grant_type": "client_credentials", "client_id": self._client_id, "scope": " ".join(scopes)}
        body = urlencode(fields | self._credential.parameters(self._clock.now()))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        requested_at = self._clock.monotonic()
        try:
            reply = self._transport.post(self._url, headers, body, timeout, largest=LARGEST_SHORT_BODY)
        except RequestFailedError as error:
            raise _TransientError(error.kind, f"{error.what} for an access token") from None
        if reply.status != 200:
            raise self._error_for(reply, scopes)
        value, lifetime = _read_token(reply)
        ahead = min(_RENEW_AHEAD_SECONDS, lifetime * _RENEW_AHEAD_SHARE)
        expires_at = requested_at + lifetime
        return Token(value, expires_at, expires_at - ahead, is_replacement=is_replacement, scopes=scopes)

    def _error_for(self, reply: Reply, scopes: tuple[str, ...]) -> Exception:
        """The error for a reply other than 200: a faulty setting, or a transient failure."""
        code = _error_code(redact(reply, self._credential.secret))
        if reply.status in {408, 429} or reply.status >= 500 or code in _TRANSIENT_ERRORS:
            what = f"AvePoint issued no access token (status {reply.status})"
            kind = ProblemKind.THROTTLED if reply.status == 429 else ProblemKind.UNAVAILABLE
            return _TransientError(kind, what, retry_after(reply.headers, self._clock.now()))
        if code == "invalid_scope" and len(scopes) > 1:
            return _ScopeRefusedError()
        return ConfigurationError(self._fault_for(reply.status, code))

    def _fault_for(self, status: int, code: str) -> Fault:
        """The setting at fault, as far as the error code identifies it (RFC 6749, 5.2)."""
        credential = self._credential.settings_name
        if code == "invalid_client":
            remedy = (
                f"Check in {_REGISTRATION} that the client ID is right, that this credential is listed and has not "
                "ended, and that AVEPOINT_ENVIRONMENT is the one you sign in to"
            )
            return Fault(
                f"AVEPOINT_CLIENT_ID, {credential}", "AvePoint does not accept this client (invalid_client)", remedy
            )
        if code == "unauthorized_client":
            remedy = f"Check in {_REGISTRATION} that the app is active and was made for API access"
            return Fault("AVEPOINT_CLIENT_ID", "this client may not get access tokens (unauthorized_client)", remedy)
        if code == "invalid_scope":
            remedy = f"Grant the app the permission {SCOPE} in {_REGISTRATION}"
            return Fault("AVEPOINT_CLIENT_ID", f"this client lacks the permission {SCOPE} (invalid_scope)", remedy)
        if status not in {404, 405} and (code or status in {400, 401, 403}):
            wrong = f"AvePoint refuses an access token (status {status}{f', {code}' if code else ''})"
            remedy = f"Compare client ID, credential and permissions with {_REGISTRATION}"
            return Fault(f"AVEPOINT_CLIENT_ID, {credential}", wrong, remedy)
        return Fault(
            "AVEPOINT_ENVIRONMENT / AVEPOINT_TOKEN_URL",
            f"access tokens are not given at this address (status {status})",
            "Choose the environment you sign in to; unset AVEPOINT_TOKEN_URL unless AvePoint told you another address",
        )


class _ScopeRefusedError(Exception):
    """A token was refused for one of several scopes."""


class _TransientError(Exception):
    """A token request failed for a reason that may be transient."""

    def __init__(self, kind: ProblemKind, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.retry_after = retry_after


def _read_token(reply: Reply) -> tuple[str, float]:
    """The token in a successful reply and its lifetime in seconds."""
    try:
        response = as_object(read_json(reply.body))
    except UnreadableResponseError:
        raise _TransientError(ProblemKind.UNAVAILABLE, "AvePoint sent something other than an access token") from None
    value, lifetime = response.get("access_token"), response.get("expires_in")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise _TransientError(ProblemKind.UNAVAILABLE, "AvePoint sent something other than an access token")
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not 0 < lifetime < float("inf"):
        lifetime = _DEFAULT_LIFETIME_SECONDS
    return value, float(min(lifetime, _LONGEST_LIFETIME_SECONDS))


def _error_code(reply: Reply) -> str:
    """The error code (RFC 6749) in a reply, or ""; nothing else is used, as it might echo secrets."""
    try:
        code = as_object(read_json(reply.body)).get("error")
    except UnreadableResponseError:
        return ""
    return code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
