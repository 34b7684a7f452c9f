"""The Seat Report tab: one row per tenant, reconciled with the results of this run. Pure.

Takes the tab as observed and the data of the run; gives the desired rows and problems.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from seat_report.domain import (
    Customer,
    LastQuery,
    Number,
    PartKey,
    Problem,
    ProblemKind,
    ReportData,
    SeatResult,
    Status,
    TenantKey,
    TenantRow,
    TenantSeats,
    TenantType,
    canonical_id,
    cut,
    month_of,
)
from seat_report.workbook.sheets_api import Value, serial_of, wall_time
from seat_report.workbook.tables import Addition, Column, DesiredRows, Kind, ObservedRow, ObservedTable
from seat_report.workbook.tabs.known_parts import AskedTypes, KnownParts
from seat_report.workbook.tabs.seat_row import is_result, key_of, read_tenant_row, status_of

COLUMNS = (
    Column(
        "customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer, from the Customers tab.", is_key=True
    ),
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("tenant_type", "Tenant type", Kind.TEXT, "The product whose seats are counted.", is_key=True),
    Column("tenant_id", "Tenant ID", Kind.TEXT, "AvePoint's ID of the tenant.", is_key=True),
    Column("tenant", "Tenant", Kind.TEXT, "The tenant's name at AvePoint."),
    Column("assigned", "Assigned seats", Kind.COUNT, "Seats that AvePoint counts as assigned (licences, not people)."),
    Column("available", "Available seats", Kind.COUNT, "Seats that AvePoint counts as available."),
    Column("total", "Total seats", Kind.COUNT, "All seats, by what 'available' was set to mean."),
    Column("utilisation", "Utilisation", Kind.SHARE, "Assigned seats as a share of all seats."),
    Column("change", "Change this month", Kind.CHANGE, "Assigned seats now less those at the end of last month."),
    Column("peak", "Peak this month", Kind.COUNT, "The most assigned seats that any run of this month has seen."),
    Column("status", "Status", Kind.TEXT, "Whether the numbers of this row are right, and if not, which way."),
    Column("detail", "Detail", Kind.TEXT, "What happened and what to do, if the row is not current."),
    Column("last_checked", "Last checked", Kind.MOMENT, "When the numbers were last confirmed.", counts=False),
)
NUMBERS = ("assigned", "available", "total", "utilisation", "change", "peak")
_READ_COLUMNS = ("customer", "tenant_id", "tenant", *NUMBERS, "status", "detail", "last_checked")
NO_NUMBERS: Mapping[str, Value] = dict.fromkeys(NUMBERS)

# A cell holds 50,000 characters; no name or sentence of ours needs a tenth of that.
LONGEST_TEXT = 5_000
# `Detail` begins with this, in any case, where the last run had no time left for the query.
NOT_CHECKED = "not checked"
_NOT_ASKED = "Not checked yet: no run so far was for this tenant type. The next run for everybody checks it."
_NOT_REPORTED_SINCE = re.compile(r"Not reported since (\d{4}-\d{2})-\d{2}")
_DISAPPEARING_SHARE = 1 / 5


@dataclass(slots=True)
class _DesiredTenant:
    """A row that the results of this run call for: its key and what its other cells should hold."""

    customer: Customer
    tenant_type: TenantType | None
    tenant_id: str
    seats: TenantSeats | None = None
    status: Status = Status.CURRENT
    detail: str = ""
    name: str = ""
    # When it was last confirmed that there is no tenant; None for a row of a tenant.
    checked: float | None = None

    @property
    def key(self) -> TenantKey:
        return TenantKey.of(self.customer.customer_id, self.tenant_type, self.tenant_id)


@dataclass(slots=True)
class DesiredReport:
    """The desired rows of the tab, its rows as they will be after the write, and problems to report.

    `without_tenants` are the parts that an earlier run learned to have no tenant: they have no row.
    """

    desired: DesiredRows
    rows: list[TenantRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without_tenants: frozenset[PartKey] = frozenset()


def desired_report(
    table: ObservedTable, data: ReportData, last_month: Mapping[TenantKey, Number] | None = None
) -> DesiredReport:
    """The rows that the Seat Report tab should have after this run.

    `last_month` has the assigned seats at the end of last month, as far as they are known.
    """
    return _ReportBuilder(table, data, last_month or {}).build()


def last_queries(table: ObservedTable) -> Iterator[LastQuery]:
    """How the last query for each row of the table went."""
    for row in table.rows():
        if (key := key_of(row)) is not None:
            yield LastQuery(
                key,
                row.number("last_checked") or 0.0,
                failed=status_of(row) in (Status.STALE, Status.NO_DATA),
                out_of_time=row.text("detail").casefold().startswith(NOT_CHECKED),
            )


class _ReportBuilder:
    """Builds the desired rows of one run; `build` is called once."""

    def __init__(self, table: ObservedTable, data: ReportData, last_month: Mapping[TenantKey, Number]) -> None:
        self._table = table
        self._data = data
        self._serial = serial_of(data.started, data.zone)
        self._last_month = last_month
        self._customers_by_id = {canonical_id(customer.customer_id): customer for customer in reversed(data.customers)}
        self._rows: dict[TenantKey, ObservedRow] = {}
        self._duplicates: list[tuple[TenantKey, ObservedRow]] = []
        self._keys_by_type: dict[tuple[str, TenantType | None], list[TenantKey]] = {}
        self._updates: dict[int, Mapping[str, Value]] = {}
        self._removals: set[int] = set()
        self._seen_customers: set[str] = set()
        self._disappeared_count = 0
        self._shown_count = 0

    def build(self) -> DesiredReport:
        self._identify_rows()
        self._known = KnownParts(self._rows, AskedTypes.of(self._table.tab))
        desired_tenants = {
            tenant.key: tenant for customer in self._customers() for tenant in self._desired_tenants(customer)
        }
        self._seen_customers = {key.customer for key in desired_tenants}
        for key, row in self._rows.items():
            if self._is_in_scope(key):
                self._update(row, key, desired_tenants.get(key))
        for key, row in self._duplicates:
            if self._is_in_scope(key):
                self._retire_duplicate(row)
        desired = DesiredRows(
            ours=frozenset(row.index for row in self._rows.values()) | {row.index for _, row in self._duplicates},
            updates=self._updates,
            additions=list(self._additions(desired_tenants)),
            removals=frozenset(self._removals),
        )
        without_tenants = self._known.without_tenants(self._data.customers, self._data)
        return DesiredReport(desired, list(self._resulting_rows(desired)), list(self._problems()), without_tenants)

    def _resulting_rows(self, desired: DesiredRows) -> Iterator[TenantRow]:
        for key, row in self._rows.items():
            if row.index not in desired.removals:
                values = desired.updates.get(row.index, {})
                present = {name: row.cell(name).value for name in _READ_COLUMNS if name not in values}
                values = {**present, **values, "customer_id": row.text("customer_id")}
                yield read_tenant_row(key, values, self._serial)
        for addition in desired.additions:
            values = addition.values
            tenant_type = TenantType.parse(str(values["tenant_type"])) if values["tenant_type"] else None
            key = TenantKey.of(str(values["customer_id"]), tenant_type, str(values["tenant_id"] or ""))
            yield read_tenant_row(key, values, self._serial)

    # Which rows are ours.

    def _identify_rows(self) -> None:
        """Tell our rows from users': ours have one of our statuses, or at least name a tenant of a listed customer."""
        if self._table.is_unsafe:
            return
        listed = {canonical_id(customer.customer_id) for customer in self._data.customers}
        for row in self._table.rows():
            key = key_of(row)
            if key is None or not (status_of(row) or (key.customer in listed and is_result(row, key))):
                continue
            first = self._rows.get(key)
            if first is None:
                self._rows[key] = row
            elif status_of(first) is Status.NOT_REPORTED is not status_of(row):
                self._rows[key] = row
                self._duplicates.append((key, first))
            else:
                self._duplicates.append((key, row))
        for key in self._rows:
            self._keys_by_type.setdefault((key.customer, key.tenant_type), []).append(key)

    def _is_in_scope(self, key: TenantKey) -> bool:
        scope = self._data.scope
        if not self._data.admits(key.customer):
            return False
        if key.tenant_type is not None:
            return scope.admits_type(key.tenant_type)
        # A run limited to some types can confirm that a customer has tenants, but not that it has none.
        return scope.tenant_types is None or key.customer in self._seen_customers

    def _customers(self) -> Iterator[Customer]:
        scope = self._data.scope
        for customer in self._data.customers:
            if customer.is_included and scope.admits_customer(customer.customer_id):
                yield customer

    # The rows that the results call for.

    def _desired_tenants(self, customer: Customer) -> Iterator[_DesiredTenant]:
        rows: list[_DesiredTenant] = []
        key, known, types = canonical_id(customer.customer_id), self._known, self._data.types_of(customer)
        unasked = [tenant_type for tenant_type in types if (key, tenant_type) not in self._data.results]
        for tenant_type in types:
            if tenant_type not in unasked:
                rows.extend(self._tenants_of_result(customer, self._data.results[key, tenant_type]))
            elif not known.has_row(key, tenant_type) and not known.is_without_tenants(key, tenant_type):
                rows.append(_DesiredTenant(customer, tenant_type, "", status=Status.NO_DATA, detail=_NOT_ASKED))
        if rows:
            yield from rows
        elif types and not unasked:
            yield _DesiredTenant(customer, None, "", status=Status.NO_TENANTS, checked=self._serial)
        elif len(unasked) == len(types) or TenantKey.of(key) in self._rows:
            return
        elif all(known.is_without_tenants(key, tenant_type) for tenant_type in unasked):
            # The last tenant is gone; that the other types have none was confirmed earlier.
            yield _DesiredTenant(customer, None, "", status=Status.NO_TENANTS, checked=known.last_checked(key))

    def _tenants_of_result(self, customer: Customer, result: SeatResult) -> Iterator[_DesiredTenant]:
        tenant_type = result.query.tenant_type
        for seats in sorted(result.tenants, key=lambda seats: (seats.name.casefold(), seats.tenant_id)):
            yield _DesiredTenant(customer, tenant_type, seats.tenant_id, seats, name=seats.name)
        reported = {TenantKey.of(customer.customer_id, tenant_type, seats.tenant_id) for seats in result.tenants}
        failure, has_unnamed = result.failure, False
        for unusable in result.unusable:
            if unusable.tenant_id is None:
                failure, has_unnamed = failure or unusable.problem, True
                continue
            desired = self._unverified(customer, tenant_type, unusable.tenant_id, unusable.problem, unusable.name)
            reported.add(desired.key)
            yield desired
        if failure is None:
            return
        # Any known tenant of this type may be one that the answer failed to name: it stays, marked.
        known = [
            key
            for key in self._keys_by_type.get((canonical_id(customer.customer_id), tenant_type), ())
            if key.tenant and key not in reported and status_of(self._rows[key]) is not Status.NOT_REPORTED
        ]
        for key in known:
            row = self._rows[key]
            yield self._unverified(customer, tenant_type, row.text("tenant_id"), failure, row.text("tenant"))
        part = canonical_id(customer.customer_id), tenant_type
        if has_unnamed or self._known.placeholder(*part) or not (known or reported):
            # A tenant that can't be told is missing until an answer names it, also beside others that are known.
            checked = None if has_unnamed else self._known.last_without_tenants(*part)
            yield self._no_answer(customer, tenant_type, failure, checked)

    def _no_answer(
        self, customer: Customer, tenant_type: TenantType, problem: Problem, checked: float | None
    ) -> _DesiredTenant:
        """The row for all of a type; `checked` is when it was last confirmed that there is no tenant."""
        detail = problem.detail
        if moment := wall_time(checked):
            detail += f" On {moment:%Y-%m-%d %H:%M} there were no tenants of this type."
        return _DesiredTenant(customer, tenant_type, "", status=Status.NO_DATA, detail=detail, checked=checked)

    def _unverified(
        self, customer: Customer, tenant_type: TenantType, tenant_id: str, problem: Problem, name: str
    ) -> _DesiredTenant:
        row = self._rows.get(TenantKey.of(customer.customer_id, tenant_type, tenant_id))
        known = row is not None and row.number("assigned") is not None and row.number("available") is not None
        detail = problem.detail
        if known and row is not None and (checked := wall_time(row.number("last_checked"))):
            detail += f" The numbers are those of {checked:%Y-%m-%d %H:%M}."
        status = Status.STALE if known else Status.NO_DATA
        return _DesiredTenant(customer, tenant_type, tenant_id, status=status, detail=detail, name=name)

    # The desired values of existing rows.

    def _update(self, row: ObservedRow, key: TenantKey, tenant: _DesiredTenant | None) -> None:
        status = status_of(row)
        if status in (Status.CURRENT, Status.STALE):
            self._shown_count += 1
        if tenant is not None:
            self._updates[row.index] = self._values(tenant, row)
        elif status is Status.NOT_REPORTED:
            self._remove_if_expired(row)
        elif status in (Status.NO_DATA, Status.NO_TENANTS):
            self._remove_unless_written_in(row)
        else:
            self._disappeared_count += 1
            self._updates[row.index] = self._not_reported(row, self._absence_reason(key))

    def _values(self, tenant: _DesiredTenant, row: ObservedRow | None) -> Mapping[str, Value]:
        values: dict[str, Value] = {
            "customer": cut(tenant.customer.name, LONGEST_TEXT),
            "tenant": cut(tenant.name, LONGEST_TEXT),
            "status": str(tenant.status),
            "detail": cut(tenant.detail, LONGEST_TEXT),
        }
        if tenant.seats is not None:
            values |= self._numbers(tenant.key, tenant.seats, row)
        elif tenant.status in (Status.NO_TENANTS, Status.NO_DATA):
            values |= {**NO_NUMBERS, "last_checked": tenant.checked}
        elif row is not None and (assigned := row.number("assigned")) is not None:
            values |= {"change": self._change(tenant.key, assigned), "peak": self._peak(assigned, row)}
        return values

    def _numbers(self, key: TenantKey, seats: TenantSeats, row: ObservedRow | None) -> Mapping[str, Value]:
        total = self._data.total(seats)
        return {
            "assigned": seats.assigned,
            "available": seats.available,
            "total": total,
            "utilisation": round(seats.assigned / total, 6) if total else None,
            "change": self._change(key, seats.assigned),
            "peak": self._peak(seats.assigned, row),
            "last_checked": self._serial,
        }

    def _change(self, key: TenantKey, assigned: Number) -> Number | None:
        before = self._last_month.get(key)
        return None if before is None else assigned - before

    def _peak(self, assigned: Number, row: ObservedRow | None) -> Number:
        peak = row.number("peak") if row else None
        if row is None or peak is None or not self._is_of_this_month(row):
            return assigned
        return max(peak, assigned)

    def _is_of_this_month(self, row: ObservedRow) -> bool:
        checked = wall_time(row.number("last_checked"))
        return checked is not None and month_of(checked) == self._data.month

    def _absence_reason(self, key: TenantKey) -> str:
        listed = self._customers_by_id.get(key.customer)
        if listed is None:
            return "the customer is no longer in the Customers tab"
        if not listed.is_included:
            return "the Customers tab leaves the customer out"
        if key.tenant_type not in self._data.types_of(listed):
            return "this tenant type is no longer asked about"
        return "AvePoint no longer reports this tenant"

    def _not_reported(self, row: ObservedRow, reason: str) -> Mapping[str, Value]:
        detail = f"Not reported since {self._data.day}: {reason}."
        assigned, available = row.number("assigned"), row.number("available")
        checked = wall_time(row.number("last_checked"))
        if assigned is not None and available is not None:
            when = f" on {checked:%Y-%m-%d}" if checked else ""
            detail += f" Last: {assigned:,.0f} assigned, {available:,.0f} available{when}."
        return {**NO_NUMBERS, "status": str(Status.NOT_REPORTED), "detail": detail}

    def _remove_if_expired(self, row: ObservedRow) -> None:
        """Remove a row that has not been reported since an earlier month, unless a person has written in it."""
        marked = _NOT_REPORTED_SINCE.match(row.text("detail"))
        if marked is None:
            self._updates[row.index] = self._not_reported(row, "the row's own explanation was lost")
        elif marked.group(1) < self._data.month and not row.is_written_in:
            self._removals.add(row.index)

    def _remove_unless_written_in(self, row: ObservedRow) -> None:
        """Remove a row that holds no numbers, unless a person has written in it."""
        if row.is_written_in:
            self._updates[row.index] = self._not_reported(row, "the customer's other rows say what is known now")
        else:
            self._removals.add(row.index)

    def _retire_duplicate(self, row: ObservedRow) -> None:
        if not row.is_written_in:
            self._removals.add(row.index)
        elif status_of(row) is not Status.NOT_REPORTED:
            self._updates[row.index] = self._not_reported(row, "another row has the same tenant and is kept up to date")

    # New rows.

    def _additions(self, desired_tenants: Mapping[TenantKey, _DesiredTenant]) -> Iterator[Addition]:
        last: dict[str, int] = {}
        for key, row in [*self._rows.items(), *self._duplicates]:
            last[key.customer] = max(last.get(key.customer, 0), row.index)
        for key, tenant in desired_tenants.items():
            if key in self._rows:
                continue
            values = {
                "customer_id": tenant.customer.customer_id,
                "tenant_type": tenant.tenant_type.label if tenant.tenant_type else None,
                "tenant_id": tenant.tenant_id,
                **self._values(tenant, None),
            }
            yield Addition(values, last.get(key.customer))

    def _problems(self) -> Iterator[Problem]:
        disappeared, shown = self._disappeared_count, self._shown_count
        if disappeared > shown * _DISAPPEARING_SHARE:
            detail = (
                f"{disappeared} of {shown} tenants are no longer reported, more than a fifth at once. "
                "Check the Customers tab, and in AvePoint the customers that the app registration may see."
            )
            yield Problem(ProblemKind.MANY_DISAPPEARED, detail)
