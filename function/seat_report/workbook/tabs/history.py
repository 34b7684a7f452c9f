"""The History tab: the seats of every tenant, one column per month, oldest first. Pure.

Each good answer writes the current month's cells; closed months never change. `Assigned` and `Available` are a tenant's
seats at the last good answer of the month, 0 once such an answer no longer has it. `Peak` is of all tenants of one
customer and type together: the most assigned seats that any run of the month saw. It is written, be it 0, whenever all
of them were answered, so its presence also says that the month is known for this customer and type.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from seat_report.domain import (
    Customer,
    Number,
    Problem,
    ReportData,
    Scope,
    SeatResult,
    TenantKey,
    TenantRow,
    TenantType,
    canonical_id,
    cut,
)
from seat_report.workbook.sheets_api import RowFormula, Tab, Value, column_letters
from seat_report.workbook.tables import ColumnLayout, DesiredRows, NewEntry, ObservedRow, ObservedTable, RowReconciler
from seat_report.workbook.tabs import month_close
from seat_report.workbook.tabs.history_columns import (
    ASSIGNED,
    AVAILABLE,
    FIXED,
    PEAK,
    HistoryColumns,
    HistoryKey,
    refuse_wrong_clock,
)
from seat_report.workbook.tabs.month_close import MonthClose, pair_of
from seat_report.workbook.tabs.seat_row import LONGEST_TEXT, key_of

__all__ = ["FIXED", "History", "refuse_wrong_clock"]

# How the formula of a trend begins.
_TREND = "=SPARKLINE("


class History:
    """The tab as it was read, the months that it has, and the months that it should have.

    Raises ConfigurationError if the month is so much later than the tab's newest that a clock must be wrong.
    """

    def __init__(self, tab: Tab, month: str, months_kept: int) -> None:
        self._columns = HistoryColumns(tab, month, months_kept)
        self.month = month
        self.months = self._columns.months
        self.table = self._columns.table
        self._closes = month_close.closes_in(self.table)
        self._covered = month_close.covered_in(self.table)
        self._rows: dict[HistoryKey, ObservedRow] = {}
        self._duplicates: list[ObservedRow] = []
        self._lost: list[ObservedRow] = []
        for row in self.table.rows():
            if (key := HistoryKey.of(row)) is None:
                if self._has_lost_key(row):
                    self._lost.append(row)
                continue
            first = self._rows.setdefault(key, row)
            if first is not row:
                # A row whose key people restored has older months than the one that came in its place.
                if min(self._known_months(row), default="9") < min(self._known_months(first), default="9"):
                    self._rows[key], row = row, first
                self._duplicates.append(row)

    @property
    def problems(self) -> Iterator[Problem]:
        """What is wrong with the tab or its rows, and why the run does not write its month, if it doesn't."""
        yield from self.table.problems
        yield from self._columns.problems()
        yield from self.table.lost_keys(self._lost)

    def _has_lost_key(self, row: ObservedRow) -> bool:
        """Whether a row is ours but lacks what tells whose it is: people deleted a key cell or column.

        People may have totals of their own in the columns of months, but as formulas.
        """
        if not any(row.cell(month).formula is None for month in self._known_months(row)):
            return False
        trend = row.cell("trend").formula or ""
        key = key_of(row)
        parts = (
            bool(row.text("customer_id")),
            key is not None and key.tenant_type is not None,
            bool(row.text("tenant_id")),
            row.text("seats").capitalize() in (ASSIGNED, AVAILABLE, PEAK),
        )
        return trend.upper().startswith(_TREND) or sum(parts) > 1

    def _known_months(self, row: ObservedRow, last: str = "9") -> frozenset[str]:
        """The months up to this one in which the row has a number."""
        return frozenset(month for month in self.months if month <= last and row.number(month) is not None)

    def _join_duplicates(self, rows: RowReconciler, scope: Scope) -> None:
        """Add the months that only a duplicate has to the row that is kept, and drop duplicates that have no other."""
        for row in self._duplicates:
            key = HistoryKey.of(row)
            if key is None or not _is_in_scope(row, scope):
                continue
            kept = self._rows[key]
            lacking = {month: row.number(month) for month in self._known_months(row) - self._known_months(kept)}
            if lacking:
                rows.write(kept, {**lacking, **(rows.written(kept) or {})})
            else:
                rows.drop(row)

    @property
    def is_past(self) -> bool:
        """Whether the tab has a later month than the run's, which is closed then."""
        return self._columns.is_past

    @property
    def running(self) -> str:
        """The month that is not closed: the run's, or the tab's newest if that is later."""
        return self._columns.newest or self.month if self.is_past else self.month

    def of_month(self, month: str, measure: str = ASSIGNED) -> Mapping[TenantKey, Number]:
        """The seats of each tenant (or for Peak, pair of customer and type) in that month, as far as they are known."""
        known = {}
        for key, row in self._rows.items():
            if key.measure == measure and (number := row.number(month)) is not None:
                known[key.key] = number
        return known

    def unknown_in(self, month: str) -> frozenset[TenantKey]:
        """The tenants that had assigned seats in an earlier month and may have had some in this one."""
        earlier = [other for other in self.months if other < month]
        answered = self.of_month(month, PEAK)
        return frozenset(
            key
            for (key, measure), row in self._rows.items()
            if measure == ASSIGNED
            and pair_of(key) not in answered
            and row.number(month) is None
            and any(row.number(other) is not None for other in earlier)
        )

    def names(self) -> Mapping[TenantKey, tuple[str, str]]:
        """The customer's and the tenant's name of each tenant in the tab."""
        return {key.key: (row.text("customer"), row.text("tenant")) for key, row in self._rows.items()}

    # The rows that the tab should have.

    def desired(self, tenant_rows: Iterable[TenantRow], data: ReportData, report: ObservedTable) -> DesiredRows:
        """The rows that the tab should have after this run, given those of the Seat Report after it.

        `report` is the Seat Report before the run. A run whose month can't be written leaves the tab as it is.
        """
        rows, trend = RowReconciler(), self._trend()
        for key, row in self._rows.items():
            rows.claim(row, key.key.customer)
        for row in (*self._duplicates, *self._lost):
            rows.claim(row)
        if not self._columns.is_writable:
            return rows.desired()
        new: list[tuple[HistoryKey, dict[str, Value]]] = []
        for key, identity, values in self._written(list(tenant_rows), data):
            existing = self._rows.get(key)
            if existing is not None:
                rows.write(existing, values)
            else:
                new.append((key, {**identity, "seats": key.measure, **values, "trend": trend}))
        self._join_duplicates(rows, data.scope)
        for row in self._rows.values():
            is_expired = rows.written(row) is None and self._is_expired(row) and data.scope.is_unlimited
            if not (is_expired and rows.drop(row)):
                rows.write(row, {"trend": trend})
        # New customers in the order of the Customers tab.
        order = {canonical_id(customer.customer_id): place for place, customer in enumerate(data.customers)}
        for key, values in sorted(new, key=lambda pair: order.get(pair[0].key.customer, len(order))):
            rows.add(values, key.key.customer)
        has_answers = rows.has_additions or any(self.month in values for values in rows.updates.values())
        return rows.desired(
            column_removals=self._columns.removals,
            column_entries=tuple(self._closings(data, report)) if has_answers else (),
            obsolete_entries=self._reopened(),
        )

    def _written(
        self, tenant_rows: Sequence[TenantRow], data: ReportData
    ) -> Iterator[tuple[HistoryKey, dict[str, Value], dict[str, Value]]]:
        """The cells of the month that this run writes: a row's key, its key cells and its other cells.

        Where an answer lacks a tenant, the numbers of the month's last complete answer stay, if it has one: those of
        the others alone would add up to less than the truth.
        """
        complete = self.of_month(self.month, PEAK)
        partial = {_pair_of_result(result) for result in data.results.values() if result.unusable}
        kept = partial & complete.keys()
        reported: set[TenantKey] = set()
        for row in tenant_rows:
            if not row.is_confirmed or row.tenant_type is None:
                continue
            reported.add(row.key)
            if pair_of(row.key) in kept:
                continue
            identity: dict[str, Value] = {
                "customer_id": row.customer_id,
                "tenant_type": row.tenant_type.label,
                "tenant_id": row.tenant_id,
            }
            for measure, number in ((ASSIGNED, row.assigned), (AVAILABLE, row.available)):
                values = {"customer": row.customer, "tenant": row.tenant, self.month: number}
                yield HistoryKey(row.key, measure), identity, values
        yield from self._peaks(data)
        for key in self._gone(reported, data):
            if pair_of(key.key) not in kept:
                yield key, {}, {self.month: 0}

    def _peaks(self, data: ReportData) -> Iterator[tuple[HistoryKey, dict[str, Value], dict[str, Value]]]:
        for customer, result in _results(data):
            if result.failure or result.unusable:
                continue
            key = HistoryKey(_pair_of_result(result), PEAK)
            row = self._rows.get(key)
            before = row.number(self.month) if row is not None else None
            now = sum(seats.assigned for seats in result.tenants)
            identity: dict[str, Value] = {
                "customer_id": customer.customer_id,
                "tenant_type": result.query.tenant_type.label,
            }
            name = cut(customer.name, LONGEST_TEXT)
            yield key, identity, {"customer": name, self.month: now if before is None else max(before, now)}

    def _gone(self, reported: Collection[TenantKey], data: ReportData) -> Iterator[HistoryKey]:
        """The rows of tenants that a good answer no longer has, unless they have ended with 0 already."""
        named: set[TenantKey] = {*reported}
        answered: set[TenantKey] = set()
        for result in data.results.values():
            query = result.query
            ids = [unusable.tenant_id for unusable in result.unusable]
            if result.failure is None and None not in ids:
                answered.add(_pair_of_result(result))
                named.update(TenantKey.of(query.customer_id, query.tenant_type, one or "") for one in ids)
        for key in self._rows:
            if key.measure == PEAK or key.key in named or pair_of(key.key) not in answered:
                continue
            if any(self._last_known(key.key, measure) for measure in (ASSIGNED, AVAILABLE)):
                yield key

    def _last_known(self, key: TenantKey, measure: str) -> Number | None:
        row = self._rows.get(HistoryKey(key, measure))
        numbers = (row.number(month) for month in reversed(self.months)) if row is not None else iter(())
        return next((number for number in numbers if number is not None), None)

    def _is_expired(self, row: ObservedRow) -> bool:
        """Whether none of the months kept has a number in the row."""
        return all(row.cell(month).is_blank for month in self.months)

    def _trend(self) -> RowFormula | None:
        """A sparkline over the months of a row; without options, as their separator depends on the locale."""
        at = ColumnLayout(self.table, self._columns.removals).at
        columns = [at[month] for month in self.months if month in at]
        if not columns:
            return None
        first, last = column_letters(min(columns)), column_letters(max(columns))
        span = f"{first}{{row}}" if first == last else f"{first}{{row}}:{last}{{row}}"
        return RowFormula(f"{_TREND}{span})")

    # Closing months.

    def _closings(self, data: ReportData, report: ObservedTable) -> Iterator[NewEntry]:
        """The records of the months that this run closes: those before its own that it is the first to find open.

        Only a run for everybody closes, and marks its own month. A month without any peak is older than these records.
        """
        if not data.scope.is_unlimited:
            return
        if self.month not in self._covered:
            yield month_close.covered(self.month)
        recorded = {key.key for key in self._rows}
        for month in self.months:
            if month >= self.month or month in self._closes or not (peaks := self.of_month(month, PEAK)):
                continue
            expected = month_close.expected_before(report, recorded, data, was_covered=month in self._covered)
            yield MonthClose(len(expected & peaks.keys()), len(expected), _meaning(data), data.billing_basis).entry(
                month
            )

    def _reopened(self) -> frozenset[int]:
        """The records of the run's own month: a later one, made under a wrong clock, was deleted by somebody."""
        at = self.table.placement.at.get(self.month)
        return frozenset(
            entry.metadata_id
            for entry in self.table.tab.column_entries
            if entry.key == month_close.CLOSED_KEY and entry.column == at
        )

    # What the months come to.

    def closes(self, desired: DesiredRows) -> Mapping[str, MonthClose | None]:
        """What is recorded of each closed month after this run; None for a record that can't be understood."""
        return self._closes | {
            entry.column: MonthClose.parse(entry.value)
            for entry in desired.column_entries
            if entry.key == month_close.CLOSED_KEY
        }

    @property
    def rows(self) -> Mapping[HistoryKey, ObservedRow]:
        """Our rows by key, as the tab was read."""
        return self._rows

    def is_recorded(self, month: str) -> bool:
        """Whether runs kept peaks by that month, so that a month without one had no good answer."""
        kept = (key.measure == PEAK and any(self._known_months(row, month)) for key, row in self._rows.items())
        return any(covered <= month for covered in self._covered) or any(kept)


def _meaning(data: ReportData) -> str:
    """What the vendor's "available" counts, as the setting says it."""
    return "all" if data.available_is_total else "unassigned"


def _results(data: ReportData) -> Iterator[tuple[Customer, SeatResult]]:
    """The results by customer and type, in the order of the Customers tab whatever the order of the queries."""
    for customer in data.customers:
        for tenant_type in TenantType:
            if (result := data.results.get((canonical_id(customer.customer_id), tenant_type))) is not None:
                yield customer, result


def _pair_of_result(result: SeatResult) -> TenantKey:
    return TenantKey.of(result.query.customer_id, result.query.tenant_type)


def _is_in_scope(row: ObservedRow, scope: Scope) -> bool:
    """Whether this run may change the row of a tenant."""
    key = key_of(row)
    if key is None or key.tenant_type is None:
        return False
    return scope.admits_customer(key.customer) and scope.admits_type(key.tenant_type)
