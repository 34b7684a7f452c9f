"""One run's data, as the tables need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from seat_report.domain.billing import Basis
from seat_report.domain.customers import Customer
from seat_report.domain.found_customers import FoundCustomers
from seat_report.domain.identity import canonical_id
from seat_report.domain.months import month_of
from seat_report.domain.problems import Problem
from seat_report.domain.purchased import PurchasedByPart
from seat_report.domain.queries import SeatResult
from seat_report.domain.scope import Scope
from seat_report.domain.tenants import Number, TenantSeats, TenantType


@dataclass(frozen=True, slots=True)
class ReportData:
    """One run's data, from which every table is built.

    `customers` are all listed customers, in their order, including those to leave out; `results` are keyed by the
    customer's `canonical_id` and the tenant type; `tenant_types` are those queried by default; `zone` is the
    spreadsheet's time zone. `available_is_total` says whether the vendor's "available" counts all seats or those not
    assigned. `problems` are those of the Customers tab, `warnings` what else people should know. `unusable_ids` is the
    number of listed customers whose ID can't be used; with `has_unreadable_ids` some ID is an error that may pass, so
    that nobody can be taken as no longer listed. Billing compares the seats of `billing_basis` with those billed, and
    differences of `billing_tolerance` seats agree. `purchased` are the purchased seats, empty if they were not asked
    for; `found` are the customers that AvePoint knows, None if it was not asked for them.
    """

    started: datetime
    zone: tzinfo
    customers: tuple[Customer, ...]
    results: Mapping[tuple[str, TenantType], SeatResult]
    tenant_types: tuple[TenantType, ...]
    available_is_total: bool = False
    scope: Scope = field(default_factory=Scope)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    unusable_ids: int = 0
    has_unreadable_ids: bool = False
    billing_basis: Basis = Basis.MONTH_END
    billing_tolerance: int = 0
    purchased: PurchasedByPart = field(default_factory=dict)
    found: FoundCustomers | None = None
    _listed: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Know all listed IDs, against which every row is checked while one can't be read."""
        listed = frozenset(canonical_id(customer.customer_id) for customer in self.customers)
        object.__setattr__(self, "_listed", listed)

    def is_listed(self, customer_id: str) -> bool:
        """Whether the Customers tab lists the customer, included or not."""
        return canonical_id(customer_id) in self._listed

    @property
    def day(self) -> str:
        """The day of the run's start in the spreadsheet's time zone: `2026-11-23`."""
        return f"{self.started.astimezone(self.zone):%Y-%m-%d}"

    @property
    def month(self) -> str:
        """The month of the run's start in the spreadsheet's time zone: `2026-11`."""
        return month_of(self.started.astimezone(self.zone))

    def types_of(self, customer: Customer) -> tuple[TenantType, ...]:
        """The types that the report shows for this customer."""
        if customer.tenant_types is None:
            return self.tenant_types
        return tuple(tenant_type for tenant_type in self.tenant_types if tenant_type in customer.tenant_types)

    def may_be_listed(self, customer_id: str) -> bool:
        """Whether the customer, though not among those listed, may be meant by an ID that can't be read."""
        return self.has_unreadable_ids and canonical_id(customer_id) not in self._listed

    def admits(self, customer_id: str) -> bool:
        """Whether the run may touch rows of this customer."""
        return self.scope.admits_customer(customer_id) and not self.may_be_listed(customer_id)

    def total(self, seats: TenantSeats) -> int:
        """All seats of the tenant."""
        return seats.available if self.available_is_total else seats.assigned + seats.available

    def total_of(self, assigned: Number | None, available: Number | None) -> Number | None:
        """All seats, by what "available" means in this run; None if either is unknown."""
        if assigned is None or available is None:
            return None
        return available if self.available_is_total else assigned + available
