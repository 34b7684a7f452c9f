"""The client: what a warm instance keeps of the AvePoint API between runs, and one run over it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from seat_report.avepoint import problems
from seat_report.avepoint.collector import Collector, Service
from seat_report.avepoint.contract_detection import ContractDetection
from seat_report.avepoint.contracts import Contract
from seat_report.avepoint.credentials import credential, ending_soon
from seat_report.avepoint.tokens import NoTokenError, Tokens
from seat_report.avepoint.transport import Transport
from seat_report.clock import Clock, SystemClock
from seat_report.domain import Collection, Query, SeatResult
from seat_report.errors import RunError
from seat_report.settings import Settings

# The version of pyproject.toml, which is not deployed.
VERSION = "1.0.0"
# A connection that was idle for longer may have been dropped on the way without a word.
_IDLE_SECONDS = 50.0


class AvePointUnavailableError(RunError):
    """AvePoint gives no access token for now, for no lasting reason that is known; trying later may help."""


class AvePoint:
    """The AvePoint Elements API as one app registration sees it; meant to be kept, and safe to use from any thread."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Read the credential; raises ConfigurationError if it can't be used. Nothing is asked yet."""
        self._clock = clock or SystemClock()
        self._credential = credential(settings)
        self._timeout = settings.avepoint_request_timeout_seconds
        self._transport = Transport(f"seat-report/{VERSION}", settings.avepoint_concurrency)
        self._tokens = Tokens(settings, self._credential, self._transport, self._clock)
        self._service = Service(
            api_url=settings.api_url,
            secret=self._credential.secret,
            timeout=self._timeout,
            concurrency=settings.avepoint_concurrency,
            transport=self._transport,
            tokens=self._tokens,
            clock=self._clock,
        )
        chosen = settings.avepoint_seats_contract
        self._fixed = None if chosen == "auto" else Contract(chosen)
        self._remembered: Contract | None = None
        self._used_at = self._clock.monotonic()

    @property
    def credential_ends(self) -> date | None:
        """The day the certificate ends, or the client secret as far as the settings tell."""
        return self._credential.ends

    def collect(
        self, queries: Sequence[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """The results to the queries, one each, in their order, all by `stop_at` on the clock's monotonic scale.

        `on_result` is called with each answer as it is settled, one at a time, from any thread. `Collection.requests`
        counts the requests about seats, repeated ones included, and not those for tokens.
        Raises ConfigurationError for what only an operator can mend.
        """
        self._drop_idle_connections()
        detection = ContractDetection(self._fixed, self._remembered)
        collector = Collector(self._service, detection, queries, stop_at=stop_at, on_result=on_result)
        try:
            results = collector.run()
        finally:
            self._remembered = detection.known
            self._used_at = self._clock.monotonic()
        done = collector.results
        return Collection(
            results=results,
            contract=detection.known,
            requests=done.requests,
            retries=done.retries,
            throttled=done.throttled,
            warnings=tuple(self._warnings(results)),
        )

    def check(self) -> None:
        """Get a new access token; raises ConfigurationError, or AvePointUnavailableError if there is none for now."""
        try:
            self._tokens.get_anew(self._clock.monotonic() + self._timeout)
        except NoTokenError as error:
            raise AvePointUnavailableError(f"{error.what}.") from None

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.forget_connections()

    def _drop_idle_connections(self) -> None:
        if self._clock.monotonic() - self._used_at > _IDLE_SECONDS:
            self._transport.forget_connections()

    def _warnings(self, results: Sequence[SeatResult]) -> Iterator[str]:
        """What concerns the whole run, each said once."""
        common = problems.said_once(results)
        if common:
            yield common
        ending = ending_soon(self._credential, self._clock.now().date())
        if ending:
            yield ending
