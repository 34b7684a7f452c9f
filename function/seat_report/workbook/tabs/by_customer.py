"""The By Customer tab: one row per customer, built from the rows of the Seat Report after the run. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from seat_report.domain import Number, ReportData, Status, TenantRow, TenantType, canonical_id, month_of
from seat_report.workbook.sheets_api import Tab, Value, wall_time
from seat_report.workbook.tables import (
    HEADER_ROW,
    Addition,
    Column,
    DesiredRows,
    Kind,
    ObservedRow,
    ObservedTable,
    folded,
)
from seat_report.workbook.tabs.overview import PastMonths
from seat_report.workbook.tabs.seat_row import status_of

_FIXED = (
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer, as listed.", is_key=True),
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("assigned", "Assigned seats", Kind.COUNT, "Assigned seats of all tenants; blank until all are known."),
    Column("available", "Available seats", Kind.COUNT, "Available seats of all tenants; blank until all are known."),
    Column("total", "Total seats", Kind.COUNT, "All seats of all tenants; blank until all are known."),
    Column("utilisation", "Utilisation", Kind.SHARE, "Assigned seats as a share of all seats."),
    Column("change", "Change this month", Kind.CHANGE, "Assigned seats now less those at the end of last month."),
    Column("peak", "Peak this month", Kind.COUNT, "The most assigned seats that any run of this month has seen."),
    Column("status", "Status", Kind.TEXT, "The worst status of the customer's rows in the Seat Report."),
    Column("last_checked", "Last checked", Kind.MOMENT, "When all its numbers were last confirmed.", counts=False),
)
_WORST_FIRST = (Status.NO_DATA, Status.STALE, Status.CURRENT, Status.NO_TENANTS, Status.NOT_REPORTED)
_BLANK_WITHOUT_SEATS = ("assigned", "available", "total", "utilisation", "change", "peak")


def columns(tab: Tab, tenant_types: Sequence[TenantType]) -> tuple[Column, ...]:
    """The tab's columns: two for each type queried, and for each type that the tab still has from earlier."""
    header = {folded(cell.text) for cell in (tab.rows[HEADER_ROW] if tab.rows else ())}
    marked = {mark.name for mark in tab.marks}
    tab_columns = list(_FIXED)
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
    return tuple(tab_columns)


def desired_rows(
    table: ObservedTable, tenant_rows: Sequence[TenantRow], data: ReportData, past: PastMonths
) -> DesiredRows:
    """The rows that the tab should have, given the Seat Report after the run and the past months."""
    return _RowsBuilder(table, tenant_rows, data, past).build()


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
        past: PastMonths,
    ) -> None:
        self._table = table
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
        rows: dict[str, ObservedRow] = {}
        duplicates: list[ObservedRow] = []
        scope = self._data.scope
        for row in self._table.rows():
            customer = canonical_id(row.text("customer_id"))
            if not customer or not (customer in self._groups or status_of(row)):
                continue
            if customer in rows:
                duplicates.append(row)
            else:
                rows[customer] = row
        updates: dict[int, Mapping[str, Value]] = {}
        removals: set[int] = {
            row.index
            for row in duplicates
            if scope.admits_customer(canonical_id(row.text("customer_id"))) and not row.is_written_in
        }
        for customer, row in rows.items():
            if not scope.admits_customer(customer):
                continue
            if customer in self._groups:
                updates[row.index] = self._values(customer, row)
            elif row.is_written_in:
                updates[row.index] = {**self._no_seats(), "status": str(Status.NOT_REPORTED)}
            else:
                removals.add(row.index)
        lost = list(lost_rows(self._table))
        if scope.is_unlimited:
            not_reported = {**self._no_seats(), "status": str(Status.NOT_REPORTED)}
            updates |= {row.index: not_reported for row in lost}
        additions = [
            Addition({"customer_id": self._groups[customer][0].customer_id, **self._values(customer, None)})
            for customer in self._in_order()
            if customer not in rows and scope.admits_customer(customer)
        ]
        ours = frozenset(row.index for row in (*rows.values(), *duplicates, *lost))
        return DesiredRows(ours, updates, additions, frozenset(removals))

    def _in_order(self) -> Iterator[str]:
        listed = [canonical_id(customer.customer_id) for customer in self._data.customers]
        yield from (customer for customer in dict.fromkeys([*listed, *self._groups]) if customer in self._groups)

    def _no_seats(self) -> dict[str, Value]:
        by_type = [column.name for column in self._table.columns if "." in column.name]
        return dict.fromkeys((*_BLANK_WITHOUT_SEATS, *by_type))

    def _values(self, customer: str, row: ObservedRow | None) -> Mapping[str, Value]:
        group = self._groups[customer]
        shown = [tenant_row for tenant_row in group if tenant_row.is_shown]
        status = next(status for status in _WORST_FIRST if any(tenant_row.status is status for tenant_row in group))
        # While a part was never known there is no sum, because a partial sum would look complete. If a part fails after
        # the sum was known, the last known numbers stay, marked by the status.
        was_known = row is not None and row.number("assigned") is not None
        has_sum = bool(shown) and (status is not Status.NO_DATA or was_known)
        counting = [
            tenant_row for tenant_row in group if tenant_row.status not in (Status.NOT_REPORTED, Status.NO_DATA)
        ]
        values = self._no_seats() | {
            "customer": group[0].customer,
            "status": str(status),
            "last_checked": _oldest(counting) if has_sum or status is not Status.NO_DATA else None,
        }
        for tenant_type in TenantType:
            of_type = [tenant_row for tenant_row in group if tenant_row.tenant_type is tenant_type]
            tenants = [tenant_row for tenant_row in of_type if tenant_row.is_shown]
            if tenants and all(tenant_row.status is not Status.NO_DATA for tenant_row in of_type):
                values[f"{tenant_type}.assigned"] = _sum_known(tenant_row.assigned for tenant_row in tenants)
                values[f"{tenant_type}.available"] = _sum_known(tenant_row.available for tenant_row in tenants)
        if has_sum:
            values |= self._totals(customer, shown, row)
        return {name: value for name, value in values.items() if name in self._names}

    def _totals(self, customer: str, shown: Sequence[TenantRow], row: ObservedRow | None) -> Mapping[str, Value]:
        assigned = _sum_known(tenant_row.assigned for tenant_row in shown)
        total = _sum_known(tenant_row.total for tenant_row in shown)
        # A tenant known in earlier months but not last month leaves nothing to compare with.
        earlier, last_month = self._past.earlier, self._past.last_month
        is_unknown = any(tenant_row.key in earlier and tenant_row.key not in last_month for tenant_row in shown)
        before = None if is_unknown else self._before.get(customer)
        return {
            "assigned": assigned,
            "available": _sum_known(tenant_row.available for tenant_row in shown),
            "total": total,
            "utilisation": round(assigned / total, 6) if total else None,
            "change": assigned - before if before is not None else None,
            "peak": self._peak(assigned, row),
        }

    def _peak(self, assigned: Number, row: ObservedRow | None) -> Number:
        previous = row.number("peak") if row else None
        checked = row.number("last_checked") if row else None
        if previous is not None and checked is not None and self._is_of_this_month(checked):
            return max(previous, assigned)
        return assigned

    def _is_of_this_month(self, serial: float) -> bool:
        moment = wall_time(serial)
        return moment is not None and month_of(moment) == self._data.month


def _oldest(rows: Sequence[TenantRow]) -> float | None:
    """When the least recently confirmed of these rows was; None if any never was, or there are none."""
    known = [row.last_checked for row in rows if row.last_checked is not None]
    return min(known) if known and len(known) == len(rows) else None


def _sum_known(numbers: Iterator[Number | None]) -> Number:
    return sum(number for number in numbers if number is not None)
