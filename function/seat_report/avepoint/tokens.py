"""Access tokens: one for all workers, got when needed, kept until shortly before it expires, renewed when refused."""

import random
import re
import threading
from urllib.parse import urlencode

import structlog

from seat_report.avepoint.credentials import Credential
from seat_report.avepoint.parsing import UnreadableAnswerError, as_object, read_json
from seat_report.avepoint.redaction import without
from seat_report.avepoint.retry_policy import LONGEST_PAUSE_SECONDS, MOST_ATTEMPTS, backoff, retry_after
from seat_report.avepoint.transport import Reply, Transport, UnansweredError
from seat_report.clock import Clock
from seat_report.domain import ProblemKind
from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import Settings

SCOPE = "elements.license.read.all"
# A token is renewed so long before its end that a request under way doesn't outlive it, clocks that differ included.
_RENEWED_AHEAD_SECONDS = 60.0
_RENEWED_AHEAD_SHARE = 0.1
# If that fails while the old one is still good, it is tried again after so long.
_RENEWED_AGAIN_SECONDS = 10.0
# RFC 6749, 5.1, only recommends `expires_in`; without it a token is kept for so long.
_LIFE_UNLESS_TOLD_SECONDS = 300.0
_LONGEST_LIFE_SECONDS = 24 * 3600.0
# What may stand in a header (RFC 6749, appendix A.12), and in one that every server takes.
_TOKEN = re.compile(r"[\x20-\x7e]{1,16384}")
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error"})
_REGISTRATION = "AvePoint Elements, Settings, API app registration"

log = structlog.get_logger()


class NoTokenError(Exception):
    """There is no token to be had for now: the kind of problem, and in `what` a sentence without its full stop."""

    def __init__(self, kind: ProblemKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what


class Token:
    """A token; `accepted` once the service has taken it for good."""

    __slots__ = ("accepted", "expires_at", "in_place_of_another", "renew_at", "value")

    def __init__(self, value: str, expires_at: float, renew_at: float, *, in_place_of_another: bool) -> None:
        self.value = value
        self.expires_at = expires_at
        self.renew_at = renew_at
        self.in_place_of_another = in_place_of_another
        self.accepted = False

    def __repr__(self) -> str:
        """The token without its value."""
        return f"Token(renew_at={self.renew_at}, accepted={self.accepted})"


class Tokens:
    """The client's access token; safe to use from any thread."""

    def __init__(self, settings: Settings, credential: Credential, transport: Transport, clock: Clock) -> None:
        self._url = settings.token_url
        self._client_id = settings.avepoint_client_id
        self._timeout = settings.avepoint_request_timeout_seconds
        self._credential = credential
        self._transport = transport
        self._clock = clock
        self._chance = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        self._token: Token | None = None
        self._lock = threading.Lock()
        # How often getting a token has failed, and how it did last.
        self._failures = 0
        self._failure: Exception | None = None

    def get(self, stop_at: float) -> Token:
        """The token, got anew if need be by the first who asks; it takes until `stop_at` at most.

        Raises NoTokenError, and ConfigurationError if the service refuses this app.
        """
        token = self._token
        if token and self._clock.monotonic() < token.renew_at:
            return token
        failures = self._failures
        with self._lock:
            held = self._token
            if held is None or self._clock.monotonic() >= held.renew_at:
                self._share_failure(failures)
                held = self._token = self._renewed(held, stop_at)
            return held

    def get_anew(self, stop_at: float) -> Token:
        """A new token, whatever there is: whether the service still gives one. Raises as `get` does."""
        with self._lock:
            self._token = self._fetch(stop_at, in_place_of_another=False)
            return self._token

    def is_current(self, token: Token) -> bool:
        """Whether no other token has replaced this one yet."""
        return self._token is token

    def replace(self, refused: Token, stop_at: float) -> Token | None:
        """A token in the place of one that the service refused; None if that was itself such a one and never any good.

        Whoever comes with a token that others have replaced already gets theirs. Raises as `get` does.
        """
        failures = self._failures
        with self._lock:
            if self._token is refused or self._token is None:
                if refused.in_place_of_another and not refused.accepted:
                    return None
                self._share_failure(failures)
                self._token = self._fetch(stop_at, in_place_of_another=True)
            return self._token

    def _renewed(self, token: Token | None, stop_at: float) -> Token:
        """A new token; if there is none to be had, the one at hand is used to its end."""
        try:
            return self._fetch(stop_at, in_place_of_another=False)
        except NoTokenError:
            now = self._clock.monotonic()
            if token is None or now >= token.expires_at:
                raise
            token.renew_at = min(token.expires_at, now + _RENEWED_AGAIN_SECONDS)
            return token

    def _share_failure(self, failures: int) -> None:
        """Raise what others met with while this one waited for them, rather than going through the same again."""
        if self._failure and self._failures != failures:
            raise self._failure

    def _fetch(self, stop_at: float, *, in_place_of_another: bool) -> Token:
        """Get a token; a failure is noted for those who wait for it too."""
        try:
            return self._ask_until(stop_at, in_place_of_another=in_place_of_another)
        except (NoTokenError, ConfigurationError) as error:
            self._failures += 1
            self._failure = error
            raise

    def _ask_until(self, stop_at: float, *, in_place_of_another: bool) -> Token:
        """Ask for a token, and again when that fails."""
        failures = 0
        while True:
            left = stop_at - self._clock.monotonic()
            if left <= 0:
                raise NoTokenError(ProblemKind.TIMEOUT, "AvePoint gave no access token in the run's time")
            try:
                return self._ask(min(self._timeout, left), in_place_of_another=in_place_of_another)
            except _PassingError as error:
                failures += 1
                wait = backoff(failures, self._chance) if error.retry_after is None else error.retry_after
                log.debug("AvePoint gave no access token", attempt=failures, why=error.what, wait=round(wait, 2))
                if failures == MOST_ATTEMPTS or wait > LONGEST_PAUSE_SECONDS or wait >= left:
                    raise NoTokenError(error.kind, error.what) from None
                self._clock.sleep(wait)

    def _ask(self, timeout: float, *, in_place_of_another: bool) -> Token:
        fields = {"grant_type": "client_credentials", "client_id": self._client_id, "scope": SCOPE}
        body = urlencode(fields | self._credential.parameters(self._clock.now()))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        asked_at = self._clock.monotonic()
        try:
            reply = self._transport.post(self._url, headers, body, timeout)
        except UnansweredError as error:
            raise _PassingError(error.kind, f"{error.what} for an access token") from None
        if reply.status != 200:
            raise self._refusal(reply)
        value, life = _read_token(reply)
        ahead = min(_RENEWED_AHEAD_SECONDS, life * _RENEWED_AHEAD_SHARE)
        return Token(value, asked_at + life, asked_at + life - ahead, in_place_of_another=in_place_of_another)

    def _refusal(self, reply: Reply) -> Exception:
        """What a reply other than 200 comes to: a fault of the settings, or something that passes."""
        code = _error_code(without(reply, self._credential.secret))
        if reply.status in {408, 429} or reply.status >= 500 or code in _PASSING_ERRORS:
            what = f"AvePoint gave no access token (status {reply.status})"
            kind = ProblemKind.THROTTLED if reply.status == 429 else ProblemKind.UNAVAILABLE
            return _PassingError(kind, what, retry_after(reply.headers, self._clock.now()))
        return ConfigurationError(self._fault(reply.status, code))

    def _fault(self, status: int, code: str) -> Fault:
        """Which setting makes the service refuse, as far as its error code tells (RFC 6749, 5.2)."""
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


class _PassingError(Exception):
    """No token this time, for a reason that may pass."""

    def __init__(self, kind: ProblemKind, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.retry_after = retry_after


def _read_token(reply: Reply) -> tuple[str, float]:
    """The token of a good reply and the seconds it lives."""
    try:
        answer = as_object(read_json(reply.body))
    except UnreadableAnswerError:
        raise _PassingError(ProblemKind.UNAVAILABLE, "AvePoint gave something other than an access token") from None
    value, life = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise _PassingError(ProblemKind.UNAVAILABLE, "AvePoint gave something other than an access token")
    if isinstance(life, bool) or not isinstance(life, int | float) or not 0 < life < float("inf"):
        life = _LIFE_UNLESS_TOLD_SECONDS
    return value, float(min(life, _LONGEST_LIFE_SECONDS))


def _error_code(reply: Reply) -> str:
    """The error code of RFC 6749 in a reply, or ""; nothing else is taken, as it might quote what was sent."""
    try:
        code = as_object(read_json(reply.body)).get("error")
    except UnreadableAnswerError:
        return ""
    return code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
