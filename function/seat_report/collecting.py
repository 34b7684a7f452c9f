"""Everything that one run asks AvePoint for: seats, then purchased seats, then the customers that it knows."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from seat_report.clock import Clock
from seat_report.domain import (
    Collection,
    FoundCustomers,
    PurchasedByPart,
    PurchasedSeats,
    Query,
    Scope,
    SeatResult,
    TenantType,
    Traffic,
    canonical_id,
    in_order,
    purchased_queries,
)
from seat_report.errors import ConfigurationError
from seat_report.reporting import RunResult
from seat_report.settings import Settings
from seat_report.workbook import ObservedTable, Snapshot, billed_parts, seat_report

# A quarter of the run's time, but no more than this, is reserved for writing, reading back and responding.
_WRITING_SHARE = 0.25
_WRITING_SECONDS = 120.0
_LIMITED = "This run was limited, so they were not checked."
_NOTHING_ANSWERED = "AvePoint answered for no customer in this run."


class SeatSource(Protocol):
    """What a run needs of the AvePoint client; `stop_at` is on the clock's monotonic scale."""

    def collect(
        self, queries: list[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """The results of all queries, by `stop_at`."""
        ...

    def purchased(self, queries: Sequence[Query], *, stop_at: float) -> tuple[PurchasedByPart, Traffic]:
        """The purchased seats of all queries' customers and types, by `stop_at`."""
        ...

    def customers(self, *, stop_at: float) -> tuple[FoundCustomers, Traffic]:
        """The customers that AvePoint shows to this app, by `stop_at`."""
        ...


class Collected(NamedTuple):
    """What AvePoint has answered; the last two as `ReportData` has them."""

    collection: Collection
    purchased: PurchasedByPart
    found: FoundCustomers | None


class Collecting:
    """One run's questions to AvePoint; what they took, and what went wrong, is added to the run's `result`.

    `deadline` is the end of the run on the clock's monotonic scale.
    """

    def __init__(
        self,
        settings: Settings,
        source: SeatSource,
        result: RunResult,
        *,
        clock: Clock,
        deadline: float,
        on_result: Callable[[SeatResult], None] | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._result = result
        self._clock = clock
        self._on_result = on_result
        self._stop_at = deadline - min(_WRITING_SHARE * settings.run_timeout_seconds, _WRITING_SECONDS)
        self._parts_with_rows: frozenset[Query] = frozenset()
        self._billed: frozenset[tuple[str, TenantType]] = frozenset()

    def order(self, scope: Scope, snapshot: Snapshot) -> None:
        """Put the run's queries in order, and know what is billed, given the tabs as they are."""
        queries = scope.queries
        if billing_tab := snapshot.tab(self._settings.billing_tab):
            self._billed = billed_parts(billing_tab)
        if report_tab := snapshot.tab(self._settings.report_tab):
            last = list(seat_report.last_queries(ObservedTable(seat_report.COLUMNS, report_tab)))
            queries = in_order(queries, last)
            self._parts_with_rows = frozenset(
                Query(one.key.customer, one.key.tenant_type)
                for one in last
                if one.checked and one.key.tenant and one.key.tenant_type is not None
            )
        self._result.queries = tuple(queries)

    def collect(self, scope: Scope) -> Collected:
        """Ask for everything that the settings say. Raises ConfigurationError if seats can't be asked for."""
        collection = self._collect_seats(scope)
        is_answered = any(not one.failure for one in collection.results) or not collection.results
        purchased = self._collect_purchased(collection, is_answered=is_answered)
        if not self._settings.find_customers:
            return Collected(collection, purchased, None)
        if not scope.is_unlimited:
            # Without anybody listed the run is limited to nobody.
            reason = _LIMITED if scope.customers != frozenset() else "The Customers tab lists no customer."
            return Collected(collection, purchased, FoundCustomers(reason=reason))
        found = self.find_customers() if is_answered else FoundCustomers(reason=_NOTHING_ANSWERED)
        return Collected(collection, purchased, found)

    def find_customers(self) -> FoundCustomers:
        """The customers that AvePoint shows to this app; a warning says why that is not all."""
        found, traffic = self._source.customers(stop_at=self._stop_at)
        self._record_traffic(traffic)
        if not found.is_complete:
            what = "not all of them could be read" if found.was_read else "not checked"
            self._result.warnings.append(f"Customers at AvePoint that are not listed: {what}. {found.reason}")
        return found

    def _collect_seats(self, scope: Scope) -> Collection:
        result, queries = self._result, list(self._result.queries)
        if not queries:
            return Collection((), contract=None, requests=0, retries=0, throttled=0)
        try:
            collection = self._source.collect(queries, stop_at=self._stop_at, on_result=self._on_result)
        except ConfigurationError:
            result.customers.failed = result.customers.queried
            raise
        self._record_collection(collection, scope.rows)
        return collection

    def _record_collection(self, collection: Collection, rows: Mapping[str, int]) -> None:
        """Add the collection to the run's result; `rows` maps customers to their rows of the Customers tab."""
        result = self._result
        result.contract = collection.contract
        warnings = collection.warnings
        self._record_traffic(Traffic(collection.requests, collection.retries, collection.throttled, warnings))
        result.customers.failed = len(
            {seat_result.query.customer_id for seat_result in collection.results if seat_result.failure}
        )
        for seat_result in collection.results:
            row = rows.get(canonical_id(seat_result.query.customer_id))
            result.problems.extend(problem._replace(row=row) for problem in seat_result.problems)

    def _collect_purchased(self, collection: Collection, *, is_answered: bool) -> PurchasedByPart:
        if not self._settings.purchased_seats:
            return {}
        queries = purchased_queries(collection.results, self._parts_with_rows, self._is_billed)
        if not is_answered:
            unknown = PurchasedSeats(None, _NOTHING_ANSWERED)
            return {(canonical_id(query.customer_id), query.tenant_type): unknown for query in queries}
        if not queries:
            return {}
        purchased, traffic = self._source.purchased(queries, stop_at=self._stop_at)
        self._record_traffic(traffic)
        return purchased

    def _is_billed(self, query: Query) -> bool:
        return (canonical_id(query.customer_id), query.tenant_type) in self._billed

    def _record_traffic(self, traffic: Traffic) -> None:
        result = self._result
        result.requests += traffic.requests
        result.retries += traffic.retries
        result.throttled += traffic.throttled
        result.warnings.extend(warning for warning in traffic.warnings if warning not in result.warnings)
