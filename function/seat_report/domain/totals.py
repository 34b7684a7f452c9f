"""What a report is expected to hold, what is known of it, and every sum of seats: complete, or saying that it is not.

The only place that adds seats up. Expected is each listed and included customer with each tenant type asked for it: a
*part*. A stale part counts with its last known numbers; a missing one was never known, or has a tenant that can't be
told, and whatever lacks it is incomplete. Pure.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seat_report.domain.identity import canonical_id
from seat_report.domain.report_data import ReportData
from seat_report.domain.tenants import Number, Status, TenantRow, TenantType

PartKey = tuple[str, TenantType]


class Knowledge(enum.Enum):
    """How much is known of a part."""

    CURRENT = enum.auto()
    STALE = enum.auto()
    MISSING = enum.auto()


class SeatSum(NamedTuple):
    """Seats added up over some parts, and how many of these parts are known.

    The counts are those of all tenants with numbers, also if other parts are missing; None if nothing is known.
    """

    tenants: int = 0
    assigned: Number | None = None
    available: Number | None = None
    total: Number | None = None
    known: int = 0
    expected: int = 0

    @property
    def missing(self) -> int:
        """How many parts the sum lacks."""
        return self.expected - self.known

    @property
    def is_complete(self) -> bool:
        """Whether the sum lacks nothing; a sum of which nothing is expected has not been checked, so it is not."""
        return self.expected > 0 and not self.missing

    @property
    def gap(self) -> str:
        """What to say of the sum beside its label: how many parts are missing; empty if none is."""
        return f"incomplete, {self.missing:,} of {self.expected:,} missing" if self.missing else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One customer's tenants of one type: what is known of them, and the rows with numbers.

    `reason` is the row that says why the part is not current, None if no row says anything.
    """

    customer: str
    tenant_type: TenantType
    knowledge: Knowledge
    shown: tuple[TenantRow, ...] = ()
    reason: TenantRow | None = None

    @property
    def is_known(self) -> bool:
        """Whether all its numbers are known, if not from this run then from an earlier one."""
        return self.knowledge is not Knowledge.MISSING


class ReportTotals:
    """The parts of a report after a run and their sums.

    `rows` are those of the Seat Report after the run. `without_tenants` are the parts that have no row because an
    earlier run learned that they have no tenant.
    """

    def __init__(self, data: ReportData, rows: Iterable[TenantRow], without_tenants: Collection[PartKey] = ()) -> None:
        self._data = data
        self._without_tenants = without_tenants
        self._rows: dict[PartKey, list[TenantRow]] = {}
        for row in rows:
            if row.tenant_type is not None:
                self._rows.setdefault((row.key.customer, row.tenant_type), []).append(row)
        self._parts: dict[PartKey, Part] = {}
        self._by_customer: dict[str, list[Part]] = {}
        for customer in data.customers:
            if customer.is_included:
                for tenant_type in data.types_of(customer):
                    self._add(canonical_id(customer.customer_id), tenant_type)
        # While an ID can't be read, any customer without an ID in the list may be the one that it means.
        self._kept = [key for key in self._rows if key not in self._parts and data.may_be_listed(key[0])]
        self._by_type = {tenant_type: self._sum_of_type(tenant_type) for tenant_type in data.tenant_types}

    @property
    def customers(self) -> Mapping[str, Sequence[Part]]:
        """The parts of each customer of whom any is expected, by `canonical_id`, in the customers' order."""
        return self._by_customer

    @property
    def by_type(self) -> Mapping[TenantType, SeatSum]:
        """The sum of each tenant type of which anything is expected."""
        return {tenant_type: seats for tenant_type, seats in self._by_type.items() if seats.expected}

    @property
    def overall(self) -> SeatSum:
        """The sum of everything."""
        sums = self._by_type.values()
        numbers = self._sum(part for part in [*self._parts.values(), *self._kept_parts(self._data.tenant_types)])
        return numbers._replace(known=sum(one.known for one in sums), expected=sum(one.expected for one in sums))

    def of_customer(self, customer: str) -> SeatSum:
        """The sum of one customer's parts."""
        return self._sum(self._by_customer.get(customer, ()))

    def of_part(self, customer: str, tenant_type: TenantType) -> SeatSum:
        """The sum of one part; nothing is expected if it is not asked for."""
        part = self._parts.get((customer, tenant_type))
        return self._sum((part,) if part else ())

    def _add(self, customer: str, tenant_type: TenantType) -> None:
        part = self._part(customer, tenant_type)
        self._parts[customer, tenant_type] = part
        self._by_customer.setdefault(customer, []).append(part)

    def _part(self, customer: str, tenant_type: TenantType) -> Part:
        rows = self._rows.get((customer, tenant_type), ())
        shown = tuple(row for row in rows if row.is_shown and row.has_numbers)
        missing = [row for row in rows if _hides_a_number(row)]
        if missing:
            return Part(customer, tenant_type, Knowledge.MISSING, shown, missing[0])
        stale = [row for row in rows if row.status in (Status.STALE, Status.NO_DATA)]
        if stale:
            return Part(customer, tenant_type, Knowledge.STALE, shown, stale[0])
        if shown or self._is_without_tenants(customer, tenant_type):
            return Part(customer, tenant_type, Knowledge.CURRENT, shown)
        return Part(customer, tenant_type, Knowledge.MISSING)

    def _is_without_tenants(self, customer: str, tenant_type: TenantType) -> bool:
        result = self._data.results.get((customer, tenant_type))
        if result is not None and result.failure is None:
            return True
        return (customer, tenant_type) in self._without_tenants

    def _kept_parts(self, types: Collection[TenantType]) -> list[Part]:
        return [self._part(*key) for key in self._kept if key[1] in types]

    def _sum_of_type(self, tenant_type: TenantType) -> SeatSum:
        parts = [part for part in self._parts.values() if part.tenant_type is tenant_type]
        numbers = self._sum([*parts, *self._kept_parts((tenant_type,))])
        known = sum(part.is_known for part in parts)
        return numbers._replace(known=known, expected=len(parts) + self._data.unusable_ids)

    def _sum(self, parts: Iterable[Part]) -> SeatSum:
        counted = list(parts)
        shown = [row for part in counted for row in part.shown]
        known = sum(part.is_known for part in counted)
        if not shown and not known:
            return SeatSum(expected=len(counted))
        assigned = sum(row.assigned or 0 for row in shown)
        available = sum(row.available or 0 for row in shown)
        total = available if self._data.available_is_total else assigned + available
        return SeatSum(len(shown), assigned, available, total, known, len(counted))


def _hides_a_number(row: TenantRow) -> bool:
    """Whether the row stands for seats whose number is not known.

    A row for all of a type without numbers that was confirmed once said then that there is no tenant.
    """
    if row.status is Status.NO_DATA:
        return bool(row.key.tenant) or row.last_checked is None
    if row.is_shown:
        return not row.has_numbers
    # Rows of tenants that are gone have no numbers; here somebody overwrote the status.
    return row.status is Status.NOT_REPORTED and row.assigned is not None
