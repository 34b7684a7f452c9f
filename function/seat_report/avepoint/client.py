"""The client of the AvePoint API: state that a warm instance keeps between runs, and one run's collection of seats."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from seat_report.avepoint import problems
from seat_report.avepoint.api_access import ApiAccess
from seat_report.avepoint.collector import Collector
from seat_report.avepoint.contract_detection import ContractDetection
from seat_report.avepoint.contracts import Contract
from seat_report.avepoint.credentials import credential, expiry_warning
from seat_report.avepoint.customer_list import LIST_QUERY, NO_PERMISSION, CustomersRequest
from seat_report.avepoint.purchased import PurchasedRequests, classify_purchased
from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.tokens import CUSTOMERS_SCOPE, NoTokenError, Tokens
from seat_report.avepoint.transport import Transport
from seat_report.clock import Clock, SystemClock
from seat_report.domain import (
    Collection,
    FoundCustomers,
    PurchasedByPart,
    PurchasedSeats,
    Query,
    SeatResult,
    Traffic,
    canonical_id,
)
from seat_report.errors import ConfigurationError, RunError
from seat_report.settings import Settings

# The version in pyproject.toml, which is not deployed.
VERSION = "1.0.0"
# A connection idle for longer may have been dropped silently along the way.
_IDLE_SECONDS = 50.0
_TEXT_COUNTS = (
    "AvePoint sends counts as text; plain digits were read as numbers. Compare a few of them with AvePoint Elements."
)


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
        # What was learnt about the service's rate limit in a run holds for everything that the run asks for.
        self._rate_limiter = AdaptiveRateLimiter()

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
        self._rate_limiter = AdaptiveRateLimiter()
        detection = ContractDetection(self._configured_contract, self._remembered_contract)
        collector = Collector(
            self._api,
            detection,
            queries,
            stop_at=stop_at,
            on_result=on_result,
            rate_limiter=self._rate_limiter,
        )
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

    def purchased(self, queries: Sequence[Query], *, stop_at: float) -> tuple[PurchasedByPart, Traffic]:
        """The purchased seats of these customers and types, by `stop_at`, as part of the run that collected last.

        Whatever goes wrong costs only numbers: then they are not known, with the reason.
        """
        requests = PurchasedRequests()
        collector = Collector(
            self._api,
            ContractDetection(Contract.USERS, None),
            queries,
            stop_at=stop_at,
            rate_limiter=self._rate_limiter,
            new_request=requests.new_request,
            classify=classify_purchased,
        )
        try:
            purchased = requests.results(collector.run())
        except ConfigurationError as error:
            unknown = PurchasedSeats(None, f"{error}.")
            purchased = {(canonical_id(query.customer_id), query.tenant_type): unknown for query in queries}
        self._used_at = self._clock.monotonic()
        return purchased, _traffic(collector.results)

    def customers(self, *, stop_at: float) -> tuple[FoundCustomers, Traffic]:
        """The customers that AvePoint shows to this app, by `stop_at`.

        Whatever goes wrong only makes the list incomplete, with the reason.
        """
        self._drop_idle_connections()
        request = CustomersRequest()
        collector = Collector(
            self._api,
            ContractDetection(Contract.USERS, None),
            [LIST_QUERY],
            stop_at=stop_at,
            rate_limiter=self._rate_limiter,
            new_request=request.new_request,
        )
        try:
            token = self._tokens.get(stop_at)
        except (ConfigurationError, NoTokenError) as error:
            return FoundCustomers(reason=f"{error}."), Traffic()
        if CUSTOMERS_SCOPE not in token.scopes:
            return FoundCustomers(reason=NO_PERMISSION), Traffic()
        try:
            (result,) = collector.run()
            found = request.found(result.failure)
        except ConfigurationError:
            # Every token is refused for the list.
            found = FoundCustomers(reason=NO_PERMISSION)
        self._used_at = self._clock.monotonic()
        return found, _traffic(collector.results)

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
            yield _TEXT_COUNTS
        expiring = expiry_warning(self._credential, self._clock.now().date())
        if expiring:
            yield expiring


def _traffic(results: QueryResults) -> Traffic:
    warnings = (_TEXT_COUNTS,) if results.has_text_counts else ()
    return Traffic(results.requests, results.retries, results.throttled, warnings)
