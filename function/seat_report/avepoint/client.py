"""The client of the AvePoint API: state that a warm instance keeps between runs, and one run's collection of seats."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from seat_report.avepoint import problems
from seat_report.avepoint.collector import ApiAccess, Collector
from seat_report.avepoint.contract_detection import ContractDetection
from seat_report.avepoint.contracts import Contract
from seat_report.avepoint.credentials import credential, expiry_warning
from seat_report.avepoint.tokens import NoTokenError, Tokens
from seat_report.avepoint.transport import Transport
from seat_report.clock import Clock, SystemClock
from seat_report.domain import Collection, Query, SeatResult
from seat_report.errors import RunError
from seat_report.settings import Settings

# The version in pyproject.toml, which is not deployed.
VERSION = "1.0.0"
# A connection idle for longer may have been dropped silently along the way.
_IDLE_SECONDS = 50.0


class AvePointUnavailableError(RunError):
    """AvePoint issues no access token at the moment, and no permanent cause is known; trying later may help."""


class AvePoint:
    """The AvePoint Elements API for one app registration; meant to be reused, and safe to use from any thread."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Read the credential, raising ConfigurationError if it is unusable. Sends no request yet."""
        self._clock = clock or SystemClock()
        self._credential = credential(settings)
        self._timeout = settings.avepoint_request_timeout_seconds
        self._transport = Transport(f"seat-report/{VERSION}", settings.avepoint_concurrency)
        self._tokens = Tokens(settings, self._credential, self._transport, self._clock)
        self._api = ApiAccess(
            api_url=settings.api_url,
            secret=self._credential.secret,
            timeout=self._timeout,
            concurrency=settings.avepoint_concurrency,
            transport=self._transport,
            tokens=self._tokens,
            clock=self._clock,
        )
        choice = settings.avepoint_seats_contract
        self._configured_contract = None if choice == "auto" else Contract(choice)
        self._remembered_contract: Contract | None = None
        self._used_at = self._clock.monotonic()

    @property
    def credential_ends(self) -> date | None:
        """The day the certificate expires; for a client secret, the day given in the settings, if any."""
        return self._credential.ends

    def collect(
        self, queries: Sequence[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """Return one result per query, in order, by `stop_at` on the clock's monotonic scale.

        `on_result` is called with each result as it is settled, one at a time, from any thread. `Collection.requests`
        counts requests for seats including retries, but not requests for tokens.
        Raises ConfigurationError for problems that only an operator can fix.
        """
        self._drop_idle_connections()
        detection = ContractDetection(self._configured_contract, self._remembered_contract)
        collector = Collector(self._api, detection, queries, stop_at=stop_at, on_result=on_result)
        try:
            results = collector.run()
        finally:
            self._remembered_contract = detection.known
            self._used_at = self._clock.monotonic()
        counters = collector.results
        return Collection(
            results=results,
            contract=detection.known,
            requests=counters.requests,
            retries=counters.retries,
            throttled=counters.throttled,
            warnings=tuple(self._warnings(results, has_text_counts=counters.has_text_counts)),
        )

    def check(self) -> None:
        """Get a new access token; raises ConfigurationError, or AvePointUnavailableError if none is available now."""
        try:
            self._tokens.get_new(self._clock.monotonic() + self._timeout)
        except NoTokenError as error:
            raise AvePointUnavailableError(f"{error.what}.") from None

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._transport.close_connections()

    def _drop_idle_connections(self) -> None:
        if self._clock.monotonic() - self._used_at > _IDLE_SECONDS:
            self._transport.close_connections()

    def _warnings(self, results: Sequence[SeatResult], *, has_text_counts: bool) -> Iterator[str]:
        """Yield each warning that concerns the entire run, once."""
        common = problems.common_failure(results)
        if common:
            yield common
        if has_text_counts:
            yield (
                "AvePoint sends counts as text; plain digits were taken for numbers. Compare some of them with "
                "AvePoint Elements once."
            )
        expiring = expiry_warning(self._credential, self._clock.now().date())
        if expiring:
            yield expiring
