"""Everything that one run asks AvePoint for: seats, then purchased seats, then the customers that it knows."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from seat_report.domain import (
    Collection,
    FoundCustomers,
    Problem,
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


class Questions(NamedTuple):
    """What a run asks, given the tabs as they are: its queries in their order, and which parts may have seats.

    `with_rows` are the customers and types with tenants in the Seat Report, `billed` those with a billed number.
    """

    queries: tuple[Query, ...]
    with_rows: frozenset[Query] = frozenset()
    billed: frozenset[tuple[str, TenantType]] = frozenset()

    @classmethod
    def of(cls, scope: Scope, snapshot: Snapshot, settings: Settings) -> "Questions":
        """The queries of what the run covers: what was never answered first, then the oldest answers."""
        billing_tab, report_tab = snapshot.tab(settings.billing_tab), snapshot.tab(settings.report_tab)
        billed = billed_parts(billing_tab) if billing_tab else frozenset()
        if report_tab is None:
            return cls(tuple(scope.queries), billed=billed)
        last = list(seat_report.last_queries(ObservedTable(seat_report.COLUMNS, report_tab)))
        with_rows = frozenset(
            Query(one.key.customer, one.key.tenant_type)
            for one in last
            if one.checked and one.key.tenant and one.key.tenant_type is not None
        )
        return cls(tuple(in_order(scope.queries, last)), with_rows, billed)

    def is_billed(self, query: Query) -> bool:
        """Whether people have entered a billed number for the query's customer and type."""
        return (canonical_id(query.customer_id), query.tenant_type) in self.billed


class Collected(NamedTuple):
    """What AvePoint has answered; `purchased` and `found` as `ReportData` has them, `traffic` of one kind each."""

    collection: Collection
    purchased: PurchasedByPart
    found: FoundCustomers | None
    traffic: tuple[Traffic, ...]

    @property
    def is_nothing_answered(self) -> bool:
        """Whether every query failed; not if there was none."""
        results = self.collection.results
        return bool(results) and all(one.failure for one in results)

    @property
    def failed_customers(self) -> int:
        """The number of customers with at least one failed query."""
        return len({one.query.customer_id for one in self.collection.results if one.failure})

    def problems(self, rows: Mapping[str, int]) -> list[Problem]:
        """The problems of all queries; `rows` maps customers to their rows of the Customers tab."""
        return [
            problem._replace(row=rows.get(canonical_id(one.query.customer_id)))
            for one in self.collection.results
            for problem in one.problems
        ]


class Collecting:
    """One run's questions to AvePoint; `deadline` is the end of the run on the clock's monotonic scale."""

    def __init__(
        self,
        settings: Settings,
        source: SeatSource,
        *,
        deadline: float,
        on_result: Callable[[SeatResult], None] | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._on_result = on_result
        self._stop_at = deadline - min(_WRITING_SHARE * settings.run_timeout_seconds, _WRITING_SECONDS)

    def collect(self, scope: Scope, questions: Questions) -> Collected:
        """Ask for everything that the settings say. Raises ConfigurationError if seats can't be asked for."""
        collection, traffic = self._collect_seats(questions)
        is_answered = any(not one.failure for one in collection.results) or not collection.results
        purchased, more = self._collect_purchased(collection, questions, is_answered=is_answered)
        found, last = self._collect_customers(scope, is_answered=is_answered)
        return Collected(collection, purchased, found, (traffic, more, last))

    def find_customers(self) -> tuple[FoundCustomers, Traffic]:
        """The customers that AvePoint shows to this app; a warning says why that is not all."""
        found, traffic = self._source.customers(stop_at=self._stop_at)
        if found.is_complete:
            return found, traffic
        what = "not all of them could be read" if found.was_read else "not checked"
        warning = f"Customers at AvePoint that are not listed: {what}. {found.reason}"
        return found, traffic._replace(warnings=(*traffic.warnings, warning))

    def _collect_seats(self, questions: Questions) -> tuple[Collection, Traffic]:
        if not questions.queries:
            return Collection((), contract=None, requests=0, retries=0, throttled=0), Traffic()
        collection = self._source.collect(list(questions.queries), stop_at=self._stop_at, on_result=self._on_result)
        return collection, Traffic(collection.requests, collection.retries, collection.throttled, collection.warnings)

    def _collect_purchased(
        self, collection: Collection, questions: Questions, *, is_answered: bool
    ) -> tuple[PurchasedByPart, Traffic]:
        if not self._settings.purchased_seats:
            return {}, Traffic()
        queries = purchased_queries(collection.results, questions.with_rows, questions.is_billed)
        if not is_answered:
            unknown = PurchasedSeats(None, _NOTHING_ANSWERED)
            return {(canonical_id(query.customer_id), query.tenant_type): unknown for query in queries}, Traffic()
        return self._source.purchased(queries, stop_at=self._stop_at) if queries else ({}, Traffic())

    def _collect_customers(self, scope: Scope, *, is_answered: bool) -> tuple[FoundCustomers | None, Traffic]:
        if not self._settings.find_customers:
            return None, Traffic()
        if not scope.is_unlimited:
            # Without anybody listed the run is limited to nobody.
            reason = _LIMITED if scope.customers != frozenset() else "The Customers tab lists no customer."
            return FoundCustomers(reason=reason), Traffic()
        return self.find_customers() if is_answered else (FoundCustomers(reason=_NOTHING_ANSWERED), Traffic())
