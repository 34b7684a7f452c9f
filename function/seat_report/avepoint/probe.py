"""Single requests to AvePoint whose answers are given as they came, for a check of the service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from seat_report.avepoint.client import VERSION, AvePointUnavailableError
from seat_report.avepoint.contracts import NO_CONTENT, Contract, seat_request
from seat_report.avepoint.credentials import credential
from seat_report.avepoint.parsing import UnreadableResponseError, read_json
from seat_report.avepoint.redaction import redact
from seat_report.avepoint.tokens import NoTokenError, Token, Tokens
from seat_report.avepoint.transport import Reply, RequestFailedError, Transport
from seat_report.clock import Clock
from seat_report.domain import Query
from seat_report.settings import Settings

CONTRACTS = tuple(str(contract) for contract in Contract)
# One request; a check asks few questions and has little time.
_LONGEST_SECONDS = 15.0
# One reading of a small customer; a large one is not read to its end.
_MOST_REQUESTS = 3
_UNKNOWN_ROUTE = "/partner/external/v3/general/no-such-route"


@dataclass(frozen=True)
class Answer:
    """An answer, or in `failure` why there is none (a sentence without its full stop).

    `value` is its JSON value, unless it has none: then `unreadable` says what it is instead, continuing a sentence that
    starts with "AvePoint". `headers` has names in lower case. Secrets that were sent are hidden.
    """

    seconds: float
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    value: object = None
    unreadable: str = ""
    failure: str = ""


class SeatAnswer(NamedTuple):
    """The first answer about a customer's seats, and what the contract makes of all of them.

    `unreadable` is why the answer isn't as documented, "" if it is. Without it, `tenants` and `unusable` are the
    numbers of tenants in it, as far as it was read; `has_text_counts` says whether any count came as text.
    """

    first: Answer
    unreadable: str = ""
    tenants: int = 0
    unusable: int = 0
    has_text_counts: bool = False


class Probe:
    """AvePoint, asked one question at a time; nothing is repeated. Every method returns by `stop_at`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the credential, raising ConfigurationError if it is unusable. Sends no request yet."""
        self._clock = clock
        self._credential = credential(settings)
        self._api_url = settings.api_url
        self._timeout = min(settings.avepoint_request_timeout_seconds, _LONGEST_SECONDS)
        self._transport = Transport(f"seat-report/{VERSION}", 1)
        self._tokens = Tokens(settings, self._credential, self._transport, clock)
        self._token: Token | None = None

    @property
    def credential_ends(self) -> date | None:
        """The day the credential expires, if known."""
        return self._credential.ends

    def get_token(self, stop_at: float) -> float:
        """Get an access token, with which the rest is asked; gives the seconds that it is valid.

        Raises ConfigurationError, or AvePointUnavailableError.
        """
        now = self._clock.monotonic()
        try:
            self._token = self._tokens.get_new(min(stop_at, now + self._timeout))
        except NoTokenError as error:
            raise AvePointUnavailableError(f"{error.what}.") from None
        return self._token.expires_at - now

    def ask_seats(self, contract: str, query: Query, stop_at: float) -> SeatAnswer:
        """Ask for a customer's seats in one of the CONTRACTS."""
        request = seat_request(Contract(contract), query)
        first: Answer | None = None
        for _ in range(_MOST_REQUESTS):
            answer = self._post(request.path, request.body, stop_at)
            first = first or answer
            if answer.status not in (200, 204) or answer.failure:
                return SeatAnswer(first)
            if answer.unreadable and answer.status != 204:
                return SeatAnswer(first, answer.unreadable)
            try:
                is_last = request.receive(NO_CONTENT if answer.unreadable else answer.value)
            except UnreadableResponseError as error:
                return SeatAnswer(first, str(error))
            if is_last:
                break
        assert first is not None  # nosec B101 # noqa: S101 - the loop has run
        tenants, unusable = request.result("")
        return SeatAnswer(first, "", len(tenants), len(unusable), request.has_text_counts)

    def ask_unknown_route(self, stop_at: float) -> Answer:
        """Ask what no contract of the service has."""
        return self._post(_UNKNOWN_ROUTE, b"{}", stop_at)

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._transport.close_connections()

    def _post(self, path: str, body: bytes, stop_at: float) -> Answer:
        token = self._token.value if self._token else ""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        began = self._clock.monotonic()
        if began >= stop_at:
            return Answer(0.0, failure="The check's time was up")
        timeout = min(self._timeout, stop_at - began)
        try:
            reply = self._transport.post(self._api_url + path, headers, body, timeout)
        except RequestFailedError as error:
            return Answer(self._clock.monotonic() - began, failure=error.what)
        seconds = self._clock.monotonic() - began
        return _answer(redact(reply, token, self._credential.secret), seconds)


def _answer(reply: Reply, seconds: float) -> Answer:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    try:
        return Answer(seconds, reply.status, headers, read_json(reply.body))
    except UnreadableResponseError as error:
        return Answer(seconds, reply.status, headers, unreadable=str(error))
