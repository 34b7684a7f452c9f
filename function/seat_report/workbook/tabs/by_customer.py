"""The By Customer tab: one row per customer, built from the rows of the Seat Report after the run. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from seat_report.domain import (
    Knowledge,
    Number,
    Part,
    ReportData,
    ReportTotals,
    Status,
    TenantRow,
    TenantType,
    canonical_id,
)
from seat_report.workbook.sheets_api import Tab, Value
from seat_report.workbook.tables import (
    HEADER_ROW,
    Column,
    DesiredRows,
    Kind,
    ObservedRow,
    ObservedTable,
    RowReconciler,
    folded,
)
from seat_report.workbook.tabs.overview import PastMonths
from seat_report.workbook.tabs.seat_row import is_in_month, status_of

_BEFORE_TYPES = (
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("status", "Status", Kind.TEXT, "How reliable the sums are; incomplete sums are blank."),
    Column("assigned", "Assigned seats", Kind.COUNT, "Assigned seats of all tenants; blank until all are known."),
    Column("available", "Available seats", Kind.COUNT, "Available seats of all tenants; blank until all are known."),
    Column("total", "Total seats", Kind.COUNT, "Total seats of all tenants; blank until all are known."),
    Column("utilisation", "Utilisation", Kind.SHARE, "Assigned seats as a share of total seats."),
    Column("change", "Change this month", Kind.CHANGE, "Assigned seats now less those at the end of last month."),
    Column("peak", "Peak this month", Kind.COUNT, "The most assigned seats in any run of this month."),
    Column("last_checked", "Last checked", Kind.MOMENT, "When all its numbers were last verified.", counts=False),
)
_BEHIND_TYPES = (
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer, as listed.", is_key=True),
)
_BLANK_WITHOUT_SEATS = ("assigned", "available", "total", "utilisation", "change", "peak")


def columns(tab: Tab, tenant_types: Sequence[TenantType]) -> tuple[Column, ...]:
    """The tab's columns: two for each type queried, and for each type that the tab still has from earlier."""
    header = {folded(cell.text) for cell in (tab.rows[HEADER_ROW] if tab.rows else ())}
    marked = {mark.name for mark in tab.marks}
    tab_columns = list(_BEFORE_TYPES)
    for tenant_type in TenantType:
        pair = [
            Column(f"{tenant_type}.{measure}", f"{tenant_type.label} {measure}", Kind.COUNT, note)
            for measure, note in (
                ("assigned", f"Assigned seats of the customer's {tenant_type.label} tenants; blank without any."),
                ("available", f"Available seats of the customer's {tenant_type.label} tenants; blank without any."),
            )
        ]
        is_present = any(folded(column.header) in header or column.name in marked for column in pair)
        if tenant_type in tenant_types or is_present:
            tab_columns.extend(pair)
    return (*tab_columns, *_BEHIND_TYPES)


def desired_rows(
    table: ObservedTable, tenant_rows: Sequence[TenantRow], data: ReportData, totals: ReportTotals, past: PastMonths
) -> DesiredRows:
    """The rows that the tab should have, given the Seat Report after the run, its totals and the past months."""
    return _RowsBuilder(table, tenant_rows, data, totals, past).build()


def lost_rows(table: ObservedTable) -> Iterator[ObservedRow]:
    """The rows of ours that have lost the customer's ID."""
    return (row for row in table.rows() if status_of(row) and not canonical_id(row.text("customer_id")))


class _RowsBuilder:
    """Builds the desired rows of one run."""

    def __init__(
        self,
        table: ObservedTable,
        tenant_rows: Sequence[TenantRow],
        data: ReportData,
        totals: ReportTotals,
        past: PastMonths,
    ) -> None:
        self._table = table
        self._report_totals = totals
        self._names = frozenset(column.name for column in table.columns)
        self._data = data
        self._groups: dict[str, list[TenantRow]] = {}
        for tenant_row in tenant_rows:
            self._groups.setdefault(tenant_row.key.customer, []).append(tenant_row)
        self._before: dict[str, Number] = {}
        self._past = past
        for key, assigned in past.last_month.items():
            self._before[key.customer] = self._before.get(key.customer, 0) + assigned

    def build(self) -> DesiredRows:
        rows, kept = RowReconciler(), set[str]()
        for row in self._table.rows():
            customer = canonical_id(row.text("customer_id"))
            if customer and (customer in self._groups or status_of(row)):
                rows.claim(row)
                self._reconcile(rows, row, customer, is_first=customer not in kept)
                kept.add(customer)
        for row in lost_rows(self._table):
            rows.claim(row)
            if self._data.scope.is_unlimited:
                rows.write(row, self._not_reported())
        for customer in self._in_order():
            if customer not in kept and self._data.admits(customer):
                rows.add({"customer_id": self._groups[customer][0].customer_id, **self._values(customer, None)})
        return rows.desired()

    def _reconcile(self, rows: RowReconciler, row: ObservedRow, customer: str, *, is_first: bool) -> None:
        if not is_first:
            if self._data.scope.admits_customer(customer):
                rows.drop(row)
        elif self._data.admits(customer):
            if customer in self._groups:
                rows.write(row, self._values(customer, row))
            else:
                rows.drop(row, instead=self._not_reported())

    def _not_reported(self) -> dict[str, Value]:
        return {**self._no_seats(), "status": str(Status.NOT_REPORTED)}

    def _in_order(self) -> Iterator[str]:
        listed = [canonical_id(customer.customer_id) for customer in self._data.customers]
        yield from (customer for customer in dict.fromkeys([*listed, *self._groups]) if customer in self._groups)

    def _no_seats(self) -> dict[str, Value]:
        by_type = [column.name for column in self._table.columns if "." in column.name]
        return dict.fromkeys((*_BLANK_WITHOUT_SEATS, *by_type))

    def _values(self, customer: str, row: ObservedRow | None) -> Mapping[str, Value]:
        parts = self._report_totals.customers.get(customer, ())
        status = _status(parts)
        values = self._no_seats() | {"customer": self._groups[customer][0].customer, "status": str(status)}
        for part in parts:
            # People look these cells up: a sum that lacks a tenant is left blank, as is one of no tenant.
            if part.is_known and part.shown:
                seats = self._report_totals.of_part(customer, part.tenant_type)
                values[f"{part.tenant_type}.assigned"] = seats.assigned
                values[f"{part.tenant_type}.available"] = seats.available
        if status is Status.INCOMPLETE:
            # A failure never moves the time, and the highest sum that was known stays the highest.
            values.pop("peak")
            if row is not None and not is_in_month(row.number("last_checked"), self._data.month):
                values["peak"] = None
        else:
            values["last_checked"] = self._last_checked(customer, parts)
        if status in (Status.CURRENT, Status.STALE):
            values |= self._totals(customer, parts, row)
        return {name: value for name, value in values.items() if name in self._names}

    def _last_checked(self, customer: str, parts: Sequence[Part]) -> float | None:
        """When the least recently confirmed of the customer's rows was; None if any never was, or there are none."""
        rows = [row for row in self._groups[customer] if parts and row.status is not Status.NOT_REPORTED]
        known = [row.last_checked for row in rows if row.last_checked is not None]
        return min(known) if known and len(known) == len(rows) else None

    def _totals(self, customer: str, parts: Sequence[Part], row: ObservedRow | None) -> Mapping[str, Value]:
        seats = self._report_totals.of_customer(customer)
        if seats.assigned is None or not seats.tenants:
            return {}
        # A tenant known in earlier months but not last month leaves nothing to compare with.
        earlier, last_month = self._past.earlier, self._past.last_month
        keys = [tenant_row.key for part in parts for tenant_row in part.shown]
        is_unknown = any(key in earlier and key not in last_month for key in keys)
        before = None if is_unknown else self._before.get(customer)
        # Numbers verified in an earlier month say nothing of this month's change and peak.
        is_of_month = not self._past.is_past and is_in_month(self._last_checked(customer, parts), self._data.month)
        return {
            "assigned": seats.assigned,
            "available": seats.available,
            "total": seats.total,
            "utilisation": round(seats.assigned / seats.total, 6) if seats.total else None,
            "change": seats.assigned - before if before is not None and is_of_month else None,
            "peak": self._peak(seats.assigned, row) if is_of_month else None,
        }

    def _peak(self, assigned: Number, row: ObservedRow | None) -> Number:
        previous = row.number("peak") if row else None
        checked = row.number("last_checked") if row else None
        if previous is not None and is_in_month(checked, self._data.month):
            return max(previous, assigned)
        return assigned


def _status(parts: Sequence[Part]) -> Status:
    """How reliable the customer's sums are; a customer of whom nothing is expected is not part of the report."""
    if not parts:
        return Status.NOT_REPORTED
    if any(part.knowledge is Knowledge.MISSING for part in parts):
        return Status.INCOMPLETE
    if any(part.knowledge is Knowledge.STALE for part in parts):
        return Status.STALE
    return Status.CURRENT if any(part.shown for part in parts) else Status.NO_TENANTS
