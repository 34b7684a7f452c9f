"""The History tab: assigned and available seats of every tenant, one column per month, oldest first. Pure.

Each successful answer writes the current month's cells; closed months never change.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from seat_report.domain import Number, Problem, ReportData, Scope, TenantKey, TenantRow, TenantType, months_between
from seat_report.workbook.sheets_api import RowFormula, Tab, Value, column_letters
from seat_report.workbook.tables import (
    HEADER_ROW,
    Addition,
    Column,
    ColumnLayout,
    DesiredRows,
    Kind,
    ObservedRow,
    ObservedTable,
    folded,
)
from seat_report.workbook.tabs.seat_row import key_of

ASSIGNED = "Assigned"
AVAILABLE = "Available"
MEASURES = (ASSIGNED, AVAILABLE)

FIXED = (
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer.", is_key=True),
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("tenant_type", "Tenant type", Kind.TEXT, "The product whose seats are counted.", is_key=True),
    Column("tenant_id", "Tenant ID", Kind.TEXT, "AvePoint's ID of the tenant.", is_key=True),
    Column("tenant", "Tenant", Kind.TEXT, "The tenant's name at AvePoint."),
    Column("seats", "Seats", Kind.TEXT, "Which seats the row counts: assigned or available.", is_key=True),
    Column("trend", "Trend", Kind.TEXT, "The months of this row as a line.", counts=False),
)
# How the formula of a trend begins.
_TREND = "=SPARKLINE("
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


class _HistoryKey(NamedTuple):
    key: TenantKey
    measure: str


class History:
    """The tab as it was read, the months that it has, and the months that it should have."""

    def __init__(self, tab: Tab, month: str, months_kept: int) -> None:
        observed = ObservedTable((*FIXED, *map(_month_column, _months_named(tab))), tab)
        existing = {column.name for column in observed.columns if _MONTH.fullmatch(column.name)}
        existing -= {column.name for column in observed.placement.missing}
        newest = max(existing, default=None)
        new = [month] if newest is None else months_between(newest, month)
        kept = sorted({*existing, *new})[-months_kept:]
        self.month = month
        self.months: tuple[str, ...] = tuple(kept)
        self.table = ObservedTable((*FIXED, *map(_month_column, kept)), tab)
        self.column_removals = frozenset(
            observed.placement.at[name] for name in existing - set(kept) if name in observed.placement.at
        )
        self._rows: dict[_HistoryKey, ObservedRow] = {}
        self._duplicates: list[ObservedRow] = []
        self._lost: list[ObservedRow] = []
        for row in self.table.rows():
            if (key := _key_of(row)) is None:
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
        """What is wrong with the tab or its rows."""
        yield from self.table.problems
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
            row.text("seats").capitalize() in MEASURES,
        )
        return trend.upper().startswith(_TREND) or sum(parts) > 1

    def _known_months(self, row: ObservedRow) -> frozenset[str]:
        """The months in which the row has a number."""
        return frozenset(month for month in self.months if row.number(month) is not None)

    def _join_duplicates(self, updates: dict[int, dict[str, Value]], scope: Scope) -> set[int]:
        """Add the months that only a duplicate has to the row that is kept; gives the duplicates to remove."""
        removals = set()
        for row in self._duplicates:
            key = _key_of(row)
            if key is None or not _is_in_scope(row, scope):
                continue
            kept = self._rows[key]
            lacking = {month: row.number(month) for month in self._known_months(row) - self._known_months(kept)}
            if lacking:
                updates[kept.index] = {**lacking, **updates.get(kept.index, {})}
            elif not row.is_written_in:
                removals.add(row.index)
        return removals

    def of_month(self, month: str, measure: str = ASSIGNED) -> Mapping[TenantKey, Number]:
        """The seats of each tenant at the end of that month, as far as they are known."""
        known = {}
        for key, row in self._rows.items():
            if key.measure == measure and (number := row.number(month)) is not None:
                known[key.key] = number
        return known

    def known_before(self, month: str) -> frozenset[TenantKey]:
        """The tenants that had assigned seats in any month before this one."""
        earlier = [other for other in self.months if other < month]
        return frozenset(key for other in earlier for key in self.of_month(other))

    def sums(self) -> Mapping[str, Number]:
        """Assigned seats of all tenants, by month, for the months in which every tenant is known.

        A tenant with numbers before and after a month but not in it could not be queried then, so the sum of that month
        would lack it.
        """
        known = {month: self.of_month(month) for month in self.months}
        seen: set[TenantKey] = set()
        later = {key: month for month in self.months for key in known[month]}
        sums = {}
        for month in self.months:
            has_gap = any(key not in known[month] and later[key] > month for key in seen)
            seen |= known[month].keys()
            if known[month] and not has_gap:
                sums[month] = sum(known[month].values())
        return sums

    def names(self) -> Mapping[TenantKey, tuple[str, str]]:
        """The customer's and the tenant's name of each tenant in the tab."""
        return {key.key: (row.text("customer"), row.text("tenant")) for key, row in self._rows.items()}

    def desired(self, tenant_rows: Iterable[TenantRow], data: ReportData) -> DesiredRows:
        """The rows that the tab should have after this run, given those of the Seat Report."""
        updates: dict[int, dict[str, Value]] = {}
        additions = []
        trend = self._trend()
        last_rows = _LastRows(self._rows)
        for tenant_row in tenant_rows:
            if not tenant_row.is_confirmed or tenant_row.tenant_type is None:
                continue
            for measure, number in ((ASSIGNED, tenant_row.assigned), (AVAILABLE, tenant_row.available)):
                values = {"customer": tenant_row.customer, "tenant": tenant_row.tenant, self.month: number}
                row = self._rows.get(_HistoryKey(tenant_row.key, measure))
                if row is not None:
                    updates[row.index] = values
                    continue
                identity = {
                    "customer_id": tenant_row.customer_id,
                    "tenant_type": tenant_row.tenant_type.label,
                    "tenant_id": tenant_row.tenant_id,
                    "seats": measure,
                }
                additions.append(
                    Addition({**identity, **values, "trend": trend}, last_rows.of(tenant_row.key.customer))
                )
        removals = self._join_duplicates(updates, data.scope)
        for row in self._rows.values():
            if row.index not in updates and self._is_expired(row) and data.scope.is_unlimited:
                removals.add(row.index)
            else:
                updates.setdefault(row.index, {})["trend"] = trend
        return DesiredRows(
            ours=frozenset(row.index for row in (*self._rows.values(), *self._duplicates, *self._lost)),
            updates=updates,
            additions=additions,
            removals=frozenset(removals),
            column_removals=self.column_removals,
        )

    def _is_expired(self, row: ObservedRow) -> bool:
        """Whether none of the months kept has a number in the row, and nobody has written in it."""
        return all(row.cell(month).is_blank for month in self.months) and not row.is_written_in

    def _trend(self) -> RowFormula | None:
        """A sparkline over the months of a row; without options, as their separator depends on the locale."""
        at = ColumnLayout(self.table, self.column_removals).at
        columns = [at[month] for month in self.months if month in at]
        if not columns:
            return None
        first, last = column_letters(min(columns)), column_letters(max(columns))
        span = f"{first}{{row}}" if first == last else f"{first}{{row}}:{last}{{row}}"
        return RowFormula(f"{_TREND}{span})")


class _LastRows:
    """The last row of each customer, behind which its new rows are inserted."""

    def __init__(self, rows: Mapping[_HistoryKey, ObservedRow]) -> None:
        self._last: dict[str, int] = {}
        for key, row in rows.items():
            self._last[key.key.customer] = max(self._last.get(key.key.customer, HEADER_ROW), row.index)

    def of(self, customer: str) -> int | None:
        """The index of the customer's last row; None if it has none."""
        return self._last.get(customer)


def _months_named(tab: Tab) -> Iterator[str]:
    """Each month that a header or a metadata entry names."""
    header = tab.rows[HEADER_ROW] if tab.rows else []
    named = {folded(cell.text) for cell in header} | {mark.name for mark in tab.marks}
    yield from sorted(name for name in named if _MONTH.fullmatch(name))


def _month_column(month: str) -> Column:
    return Column(month, month, Kind.COUNT, f"Seats at the last good answer of {month}; blank if there was none.")


def _is_in_scope(row: ObservedRow, scope: Scope) -> bool:
    """Whether this run may change the row of a tenant."""
    key = key_of(row)
    if key is None or key.tenant_type is None:
        return False
    return scope.admits_customer(key.customer) and scope.admits_type(key.tenant_type)


def _key_of(row: ObservedRow) -> _HistoryKey | None:
    key = key_of(row)
    if key is None or not isinstance(key.tenant_type, TenantType) or not key.tenant:
        return None
    measure = row.text("seats").capitalize()
    return _HistoryKey(key, measure) if measure in MEASURES else None
