"""The Seat Report tab: one row per tenant, reconciled with the results of this run. Pure.

Takes the tab as observed and the data of the run; gives the desired rows and problems.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from seat_report.domain import (
    Customer,
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
)
from seat_report.workbook.sheets_api import Value, serial_of, wall_time
from seat_report.workbook.tables import DesiredRows, ObservedRow, ObservedTable, RowReconciler
from seat_report.workbook.tabs.desired_tenant import DesiredTenant
from seat_report.workbook.tabs.known_parts import AskedTypes, KnownParts
from seat_report.workbook.tabs.month_figures import MonthFigures
from seat_report.workbook.tabs.row_states import RowStates, RowStatesAfter, last_queries
from seat_report.workbook.tabs.seat_report_columns import COLUMNS, NO_NUMBERS, READ_COLUMNS
from seat_report.workbook.tabs.seat_row import (
    LONGEST_TEXT,
    LOST_KEY,
    is_result,
    is_surely_in_scope,
    key_of,
    read_tenant_row,
    status_of,
)

__all__ = ["COLUMNS", "DesiredReport", "desired_report", "last_queries"]

_NOT_ASKED = "Not checked yet: no run has included this tenant type. The next run for all customers checks it."
_DISAPPEARING_SHARE = 1 / 5


@dataclass(slots=True)
class DesiredReport:
    """The desired rows of the tab, its rows as they will be after the write, and problems to report.

    `without_tenants` are the parts that an earlier run learned to have no tenant: they have no row. `states` is what to
    remember of the rows beyond their cells.
    """

    desired: DesiredRows
    rows: list[TenantRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without_tenants: frozenset[PartKey] = frozenset()
    states: RowStates = field(default_factory=RowStates)


def desired_report(
    table: ObservedTable,
    data: ReportData,
    last_month: Mapping[TenantKey, Number] | None = None,
    *,
    is_past_month: bool = False,
) -> DesiredReport:
    """The rows that the Seat Report tab should have after this run.

    `last_month` has the assigned seats at the end of last month, as far as they are known; with `is_past_month` a later
    month has begun already, see `MonthFigures`.
    """
    figures = MonthFigures(data.month, last_month or {}, is_past_month, RowStates.of(table.tab))
    return _ReportBuilder(table, data, figures).build()


class _ReportBuilder:
    """Builds the desired rows of one run; `build` is called once."""

    def __init__(self, table: ObservedTable, data: ReportData, figures: MonthFigures) -> None:
        self._table = table
        self._data = data
        self._serial = serial_of(data.started, data.zone)
        self._figures = figures
        self._states = figures.states
        # The rows that become Not reported, and whether that is because they have lost their key.
        self._newly_not_reported: dict[int, bool] = {}
        self._customers_by_id = {canonical_id(customer.customer_id): customer for customer in reversed(data.customers)}
        self._rows: dict[TenantKey, ObservedRow] = {}
        self._duplicates: list[tuple[TenantKey, ObservedRow]] = []
        self._lost: list[ObservedRow] = []
        self._keys_by_type: dict[tuple[str, TenantType | None], list[TenantKey]] = {}
        self._reconciler = RowReconciler()
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
        for row in self._lost:
            if is_surely_in_scope(row, self._data.scope):
                self._retire_lost(row)
        for key, row in [*self._rows.items(), *self._duplicates]:
            self._reconciler.claim(row, key.customer)
        for row in self._lost:
            self._reconciler.claim(row)
        self._add_new(desired_tenants)
        desired = self._reconciler.desired()
        without_tenants = self._known.without_tenants(self._data.customers, self._data)
        rows, problems = list(self._resulting_rows(desired)), list(self._problems())
        return DesiredReport(desired, rows, problems, without_tenants, self._states_after(desired, desired_tenants))

    def _states_after(self, desired: DesiredRows, tenants: Mapping[TenantKey, DesiredTenant]) -> RowStates:
        if self._table.is_unsafe:
            return self._states
        after = RowStatesAfter(self._states, self._data.month)
        for key, tenant in tenants.items():
            if key not in self._rows:
                after.note_addition(tenant)
        for row in self._table.rows():
            if row.index in desired.ours and row.index not in desired.removals:
                written = desired.updates.get(row.index)
                status = str(written["status"]) if written else row.text("status")
                asked = tenants.get(row_key) if written and (row_key := key_of(row)) else None
                after.note(row, status, asked, self._newly_not_reported.get(row.index), self._figures.peak(row))
        return after.states()

    def _resulting_rows(self, desired: DesiredRows) -> Iterator[TenantRow]:
        for row in self._written_rows(desired):
            # A row that this run leaves alone may show a total by another meaning of "available": no sum mixes the two.
            yield row._replace(total=self._data.total_of(row.assigned, row.available))

    def _written_rows(self, desired: DesiredRows) -> Iterator[TenantRow]:
        for key, row in self._rows.items():
            if row.index not in desired.removals:
                values = desired.updates.get(row.index, {})
                present = {name: row.cell(name).value for name in READ_COLUMNS if name not in values}
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
            if self._states.has_lost_key(row):
                self._lost.append(row)
                continue
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

    def _desired_tenants(self, customer: Customer) -> Iterator[DesiredTenant]:
        rows: list[DesiredTenant] = []
        key, known, types = canonical_id(customer.customer_id), self._known, self._data.types_of(customer)
        unasked = [tenant_type for tenant_type in types if (key, tenant_type) not in self._data.results]
        for tenant_type in types:
            if tenant_type not in unasked:
                rows.extend(self._tenants_of_result(customer, self._data.results[key, tenant_type]))
            elif not known.has_row(key, tenant_type) and not known.is_without_tenants(key, tenant_type):
                rows.append(
                    DesiredTenant(
                        customer, tenant_type, "", status=Status.NO_DATA, detail=_NOT_ASKED, is_out_of_time=True
                    )
                )
        if rows:
            yield from rows
        elif types and not unasked:
            yield DesiredTenant(customer, None, "", status=Status.NO_TENANTS, checked=self._serial)
        elif len(unasked) == len(types) or TenantKey.of(key) in self._rows:
            return
        elif all(known.is_without_tenants(key, tenant_type) for tenant_type in unasked):
            # The last tenant is gone; that the other types have none was confirmed earlier.
            yield DesiredTenant(customer, None, "", status=Status.NO_TENANTS, checked=known.last_checked(key))

    def _tenants_of_result(self, customer: Customer, result: SeatResult) -> Iterator[DesiredTenant]:
        tenant_type = result.query.tenant_type
        for seats in sorted(result.tenants, key=lambda seats: (seats.name.casefold(), seats.tenant_id)):
            yield DesiredTenant(customer, tenant_type, seats.tenant_id, seats, name=seats.name)
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
    ) -> DesiredTenant:
        """The row for all of a type; `checked` is when it was last confirmed that there is no tenant."""
        detail = problem.detail
        if moment := wall_time(checked):
            detail += f" On {moment:%Y-%m-%d %H:%M} there were no tenants of this type."
        late = problem.kind is ProblemKind.NOT_CHECKED
        return DesiredTenant(
            customer, tenant_type, "", None, Status.NO_DATA, detail, checked=checked, is_out_of_time=late
        )

    def _unverified(
        self, customer: Customer, tenant_type: TenantType, tenant_id: str, problem: Problem, name: str
    ) -> DesiredTenant:
        row = self._rows.get(TenantKey.of(customer.customer_id, tenant_type, tenant_id))
        known = row is not None and row.number("assigned") is not None and row.number("available") is not None
        detail = problem.detail
        if known and row is not None and (checked := wall_time(row.number("last_checked"))):
            detail += f" Numbers as of {checked:%Y-%m-%d %H:%M}."
        status = Status.STALE if known else Status.NO_DATA
        late = problem.kind is ProblemKind.NOT_CHECKED
        return DesiredTenant(customer, tenant_type, tenant_id, None, status, detail, name, is_out_of_time=late)

    # The desired values of existing rows.

    def _update(self, row: ObservedRow, key: TenantKey, tenant: DesiredTenant | None) -> None:
        status = status_of(row)
        if status in (Status.CURRENT, Status.STALE):
            self._shown_count += 1
        if tenant is not None:
            self._reconciler.write(row, self._values(tenant, row))
        elif status is Status.NOT_REPORTED:
            self._remove_if_expired(row)
        elif status in (Status.NO_DATA, Status.NO_TENANTS):
            # It holds no numbers.
            if not self._reconciler.drop(row):
                self._reconciler.write(row, self._not_reported(row, "see the customer's other rows"))
        else:
            self._disappeared_count += 1
            self._reconciler.write(row, self._not_reported(row, self._absence_reason(key)))

    def _values(self, tenant: DesiredTenant, row: ObservedRow | None) -> Mapping[str, Value]:
        values: dict[str, Value] = {
            "customer": cut(tenant.customer.name, LONGEST_TEXT),
            "tenant": cut(tenant.name, LONGEST_TEXT),
            "status": str(tenant.status),
            "detail": cut(tenant.detail, LONGEST_TEXT),
        }
        if tenant.seats is not None:
            values |= self._numbers(tenant.key, tenant.seats, row)
        elif tenant.status is Status.NO_TENANTS:
            values |= {**NO_NUMBERS, "last_checked": tenant.checked}
        elif tenant.status is Status.NO_DATA:
            detail = self._figures.with_peak(tenant.detail, row)
            values |= {**NO_NUMBERS, "detail": cut(detail, LONGEST_TEXT), "last_checked": tenant.checked}
        elif row is not None:
            values |= self._derived(row.number("assigned"), row.number("available"))
            values |= self._figures.of_last_known(tenant.key, row)
        return values

    def _derived(self, assigned: Number | None, available: Number | None) -> Mapping[str, Value]:
        total = self._data.total_of(assigned, available)
        return {"total": total, "utilisation": round(assigned / total, 6) if total and assigned is not None else None}

    def _numbers(self, key: TenantKey, seats: TenantSeats, row: ObservedRow | None) -> Mapping[str, Value]:
        return {
            "assigned": seats.assigned,
            "available": seats.available,
            **self._derived(seats.assigned, seats.available),
            **self._figures.of_answer(key, seats.assigned, row),
            "last_checked": self._serial,
        }

    def _absence_reason(self, key: TenantKey) -> str:
        listed = self._customers_by_id.get(key.customer)
        if listed is None:
            return "the customer is no longer in the Customers tab"
        if not listed.is_included:
            return "the Customers tab excludes the customer"
        if key.tenant_type not in self._data.types_of(listed):
            return "this tenant type is no longer checked"
        return "AvePoint no longer reports this tenant"

    def _not_reported(self, row: ObservedRow, reason: str) -> Mapping[str, Value]:
        self._newly_not_reported[row.index] = reason == LOST_KEY
        detail = f"Not reported since {self._data.day}: {reason}."
        assigned, available = row.number("assigned"), row.number("available")
        checked = wall_time(row.number("last_checked"))
        if assigned is not None and available is not None:
            when = f" on {checked:%Y-%m-%d}" if checked else ""
            detail += f" Last: {assigned:,.0f} assigned, {available:,.0f} available{when}."
        return {**NO_NUMBERS, "status": str(Status.NOT_REPORTED), "detail": self._figures.with_peak(detail, row)}

    def _remove_if_expired(self, row: ObservedRow) -> None:
        """Drop a row that has not been reported since an earlier month."""
        since = self._states.not_reported_since(row)
        if since is None:
            self._reconciler.write(row, self._not_reported(row, "the reason is no longer known"))
        elif since < self._data.month:
            self._reconciler.drop(row)

    def _retire_duplicate(self, row: ObservedRow) -> None:
        if not self._reconciler.drop(row) and status_of(row) is not Status.NOT_REPORTED:
            reason = "it duplicates another row, which is kept up to date"
            self._reconciler.write(row, self._not_reported(row, reason))

    def _retire_lost(self, row: ObservedRow) -> None:
        if status_of(row) is Status.NOT_REPORTED:
            self._remove_if_expired(row)
        else:
            self._reconciler.write(row, self._not_reported(row, LOST_KEY))

    # New rows.

    def _add_new(self, desired_tenants: Mapping[TenantKey, DesiredTenant]) -> None:
        for key, tenant in desired_tenants.items():
            if key not in self._rows:
                identity = {
                    "customer_id": tenant.customer.customer_id,
                    "tenant_type": tenant.tenant_type.label if tenant.tenant_type else None,
                    "tenant_id": tenant.tenant_id,
                }
                self._reconciler.add({**identity, **self._values(tenant, None)}, key.customer)

    def _problems(self) -> Iterator[Problem]:
        yield from self._table.lost_keys(self._lost)
        disappeared, shown = self._disappeared_count, self._shown_count
        if disappeared > shown * _DISAPPEARING_SHARE:
            detail = (
                f"{disappeared} of {shown} tenants are no longer reported, more than a fifth at once. "
                "Check the Customers tab and, in AvePoint, the customer scope of the app registration."
            )
            yield Problem(ProblemKind.MANY_DISAPPEARED, detail)
