"""What one run found out, as the tables need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import NamedTuple

from seat_report.seats import Answer, Customer, Problem, TenantSeats, TenantType, same_id
from seat_report.workbook.serial import month_of, serial_of


class Limits(NamedTuple):
    """What a run is limited to; None is no limit. Rows of anything else stay exactly as they are."""

    customers: frozenset[str] | None = None
    tenant_types: tuple[TenantType, ...] | None = None

    @property
    def is_none(self) -> bool:
        """Whether the run is for everybody and everything."""
        return self.customers is None and self.tenant_types is None

    def admit_customer(self, customer_id: str) -> bool:
        """Whether the run may touch this customer."""
        return self.customers is None or same_id(customer_id) in self.customers

    def admit_type(self, tenant_type: TenantType) -> bool:
        """Whether the run may touch tenants of this type."""
        return self.tenant_types is None or tenant_type in self.tenant_types


@dataclass(frozen=True, slots=True)
class Findings:
    """One run's findings, from which every table is made.

    `customers` are all that people listed, in their order, with those they left out; `answers` go by `same_id` of the
    customer and tenant type; `tenant_types` are those queried by default; `zone` is the spreadsheet's.
    `available_is_total` tells what the vendor's "available" counts: all seats, or those not assigned. `problems` are
    those of the Customers tab, `warnings` what else people should know.
    """

    started: datetime
    zone: tzinfo
    customers: tuple[Customer, ...]
    answers: Mapping[tuple[str, TenantType], Answer]
    tenant_types: tuple[TenantType, ...]
    available_is_total: bool = False
    limits: Limits = field(default_factory=Limits)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def serial(self) -> float:
        """When the run started, as a cell shows it."""
        return serial_of(self.started, self.zone)

    @property
    def day(self) -> str:
        """The day of the run's start in the spreadsheet's time zone: `2026-11-23`."""
        return f"{self.started.astimezone(self.zone):%Y-%m-%d}"

    @property
    def month(self) -> str:
        """The month of the run's start in the spreadsheet's time zone: `2026-11`."""
        return month_of(self.started.astimezone(self.zone))

    def types_of(self, customer: Customer) -> tuple[TenantType, ...]:
        """The types that belong into the report for this customer."""
        if customer.tenant_types is None:
            return self.tenant_types
        return tuple(tenant_type for tenant_type in self.tenant_types if tenant_type in customer.tenant_types)

    def total(self, seats: TenantSeats) -> int:
        """All seats of the tenant."""
        return seats.available if self.available_is_total else seats.assigned + seats.available
