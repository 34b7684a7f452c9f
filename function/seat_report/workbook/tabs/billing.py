"""The Billing tab: the seats of last month and this one beside what people bill, one row per customer and type. Pure.

People enter the quantity and the price, in columns that a run makes and never writes; the rest is from the History tab
after the run, and the same whichever customers the run was limited to. Rows are found by customer and type.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from seat_report.domain import (
    NO_NUMBERS,
    Billed,
    BillingLine,
    BillingReport,
    Finding,
    MonthSeats,
    ReportData,
    ReportTotals,
    TenantKey,
    TenantType,
    canonical_id,
    compare,
    cut,
    month_before,
)
from seat_report.workbook.sheets_api import Value
from seat_report.workbook.tables import DesiredRows, ObservedRow, ObservedTable, RowReconciler, number_in
from seat_report.workbook.tabs.billing_columns import COLUMNS, REPEATED, billed_in, finding_of, pair_in
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.history_numbers import last_before
from seat_report.workbook.tabs.month_close import pair_of
from seat_report.workbook.tabs.month_seats import SeatsOfMonth
from seat_report.workbook.tabs.seat_row import LONGEST_TEXT

__all__ = ["COLUMNS", "BillingTab"]

_LOST_KEY = "The Customer ID or Tenant type of this row is missing."
_NUMBERS = ("last_month", "last_difference", "amount", "this_month", "this_difference", "purchased")


class BillingTab:
    """The tab as it was read, and the rows that it should have after the run.

    `table` is the tab, `history` the History tab and `months` the rows that it should have after the run; `totals` are
    those of the Seat Report after the run.
    """

    def __init__(
        self, table: ObservedTable, history: History, months: DesiredRows, data: ReportData, totals: ReportTotals
    ) -> None:
        self._table = table
        self._data = data
        self._last = SeatsOfMonth.of(history, month_before(history.running), data.billing_basis, months)
        self._this = SeatsOfMonth.of(history, history.running, data.billing_basis, months)
        self._seen = {pair_of(key.key) for key in last_before(history.rows, history.running, history.months)}
        # What the report can't tell now is not known of the running month either, whatever was answered earlier in it.
        self._missing = (
            frozenset()
            if history.is_past
            else frozenset(
                TenantKey(part.customer, part.tenant_type, "")
                for parts in totals.customers.values()
                for part in parts
                if not part.is_known
            )
        )
        self._names = {key.customer: names[0] for key, names in history.names().items() if names[0]}
        self._names |= {canonical_id(one.customer_id): one.name for one in data.customers if one.name}
        self._order = {canonical_id(one.customer_id): place for place, one in enumerate(data.customers)}
        self._history = history
        self._listed = {canonical_id(one.customer_id): one.customer_id for one in data.customers}
        self._rows: dict[TenantKey, ObservedRow] = {}
        self._others: list[tuple[TenantKey, ObservedRow]] = []
        self.lost: list[ObservedRow] = []
        for row in table.rows():
            self._take(row)
        self._repeated = {key for key, row in self._others if row.is_written_in}
        entered = (row.cell("billed") for row in (*self._rows.values(), *(row for _, row in self._others)))
        self._is_unused = "billed" not in table.placement.ambiguous and not any(cell.text for cell in entered)
        self._lines: dict[TenantKey, BillingLine] = {}

    def _take(self, row: ObservedRow) -> None:
        """Sort a row of the tab to where it belongs: ours, another one of the same key, ours without its key."""
        key = pair_in(row)
        if key is None:
            if finding_of(row) is not None:
                self.lost.append(row)
        elif finding_of(row) is not None or row.cell("billed").text or self._is_known(key):
            first = self._rows.setdefault(key, row)
            if first is row:
                return
            if row.is_written_in and not first.is_written_in:
                self._rows[key], row = row, first
            self._others.append((key, row))

    def _is_known(self, key: TenantKey) -> bool:
        return key in self._last.known or key in self._this.known

    # The rows that the tab should have.

    def desired(self) -> DesiredRows:
        """The rows that the tab should have after this run."""
        rows = RowReconciler()
        for key, row in self._rows.items():
            rows.claim(row, key.customer)
            if self._admits(key) and self._is_over(key, row) and rows.drop(row):
                continue
            line = self._lines[key] = self._line(key, row)
            rows.write(row, self._values(key, line))
        for key, row in self._others:
            rows.claim(row)
            if not (self._admits(key) and rows.drop(row)) and key in self._lines:
                rows.write(row, {**dict.fromkeys(_NUMBERS), **_not_compared(REPEATED)})
        for row in self.lost:
            rows.claim(row)
            rows.write(row, {**dict.fromkeys(_NUMBERS), **_not_compared(_LOST_KEY)})
        self._add_new(rows)
        return rows.desired()

    def report(self) -> BillingReport:
        """What the tab says after the run; only once the desired rows are known."""
        return BillingReport(
            month=self._last.month,
            basis=self._last.basis,
            tolerance=self._data.billing_tolerance,
            status=self._last.status,
            is_recorded=self._last.has_column,
            lines=tuple(self._lines.values()),
        )

    def _admits(self, key: TenantKey) -> bool:
        """Whether the run may remove rows of this customer and type."""
        return (
            key.tenant_type is not None
            and self._data.admits(key.customer)
            and self._data.scope.admits_type(key.tenant_type)
        )

    def _is_over(self, key: TenantKey, row: ObservedRow) -> bool:
        """Whether nothing of the row is left to bill or to compare."""
        is_billed = "billed" in self._table.placement.ambiguous or bool(row.cell("billed").text)
        months = (self._last.known.get(key), self._this_month(key).seats)
        return not is_billed and all(seats is None for seats in months)

    def _add_new(self, rows: RowReconciler) -> None:
        """Add the new rows, each behind its customer's last row; new customers in the order of the Customers tab."""
        new = {key for key in self._used() if key not in self._rows}
        for key in sorted(new, key=self._place):
            line = self._lines[key] = self._line(key, None)
            identity = {"customer_id": line.customer_id, "tenant_type": line.tenant_type.label}
            rows.add({**identity, **self._values(key, line)}, key.customer)

    def _used(self) -> Iterable[TenantKey]:
        """The customers and types that have seats this month or had some last month."""
        yield from (key for key, seats in self._last.known.items() if seats)
        yield from (key for key in self._this.known if self._this_month(key).seats)

    def _place(self, key: TenantKey) -> tuple[int, str, int]:
        number = key.tenant_type.number if key.tenant_type else 0
        return self._order.get(key.customer, len(self._order)), key.customer, number

    # One row.

    def _line(self, key: TenantKey, row: ObservedRow | None) -> BillingLine:
        billed = Billed() if row is None else billed_in(row)
        if self._is_unused:
            billed = billed._replace(fault=NO_NUMBERS)
        elif key in self._repeated:
            billed = billed._replace(fault=REPEATED)
        last_month = self._last_month(key)
        this_month = self._this_month(key)
        comparison = compare(billed, last_month, this_month, self._data.billing_tolerance)
        shown = ("", "") if row is None else (row.text("customer_id"), row.text("customer"))
        name = cut(self._names.get(key.customer, shown[1]), LONGEST_TEXT)
        customer_id = shown[0] or self._listed.get(key.customer) or self._recorded_ids.get(key.customer, key.customer)
        # Every key here has a type.
        tenant_type = key.tenant_type or TenantType.MICROSOFT_365
        return BillingLine(customer_id, name, tenant_type, billed, last_month, this_month, comparison)

    @cached_property
    def _recorded_ids(self) -> Mapping[str, str]:
        """The IDs in History as shown there, for customers that are no longer listed."""
        return {key.key.customer: row.text("customer_id") for key, row in self._history.rows.items()}

    def _last_month(self, key: TenantKey) -> MonthSeats:
        return self._last.of_pair(key, is_new=key in self._this.known and key not in self._seen)

    def _this_month(self, key: TenantKey) -> MonthSeats:
        if key in self._missing:
            return MonthSeats(None, "Numbers for a tenant are missing.")
        return self._this.of_pair(key)

    def _values(self, key: TenantKey, line: BillingLine) -> Mapping[str, Value]:
        comparison = line.comparison
        values: dict[str, Value] = {
            "customer": line.customer,
            "last_month": line.last_month.seats,
            "last_difference": comparison.last_difference,
            "amount": number_in(comparison.amount),
            "finding": str(comparison.finding),
            "this_month": line.this_month.seats,
            "this_difference": comparison.this_difference,
            "reason": comparison.reason,
        }
        purchased = self._data.purchased.get((key.customer, line.tenant_type))
        if purchased is not None:
            values["purchased"] = purchased.seats
            if purchased.seats is None and purchased.reason:
                values["reason"] = cut(f"{comparison.reason} {purchased.reason}".strip(), LONGEST_TEXT)
        elif self._admits(key):
            values["purchased"] = None
        return values


def _not_compared(reason: str) -> Mapping[str, Value]:
    return {"finding": str(Finding.NOT_COMPARED), "reason": reason}
