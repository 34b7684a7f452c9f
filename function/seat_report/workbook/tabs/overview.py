"""The Overview tab: whether the numbers can be trusted, what needs attention, what changed. Pure.

Built from the rows of the Seat Report after the run and from the History tab:

    Seat report                                               Run now
    Verified at   2026-12-01 06:00   for 35 of 36 customers
    Out of date: numbers for 1 of 36 customers could not be verified …
    Billing       2026-11: Bill more 3 rows (+45 seats) …
    Tenant type   Tenants  Assigned  Available  Total  Utilisation  Last month  Change
    Assigned by month      2026-06   2026-07    …
    Needs attention, What changed since last month, Largest unused capacity, Billing, …

The number of lines above the lists is fixed, so that the charts over them stay right; the lists below grow and shrink.
Texts that are longer than a line go on in the next one: a cell of a block is as high as one line.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seat_report.domain import (
    BillingReport,
    Knowledge,
    Number,
    Problem,
    ProblemKind,
    ReportData,
    ReportTotals,
    SeatSum,
    Status,
    TenantKey,
    TenantRow,
    TenantType,
)
from seat_report.workbook.sheets_api import wall_time
from seat_report.workbook.tables import Line, Look, TextCell
from seat_report.workbook.tabs.month_totals import MonthTotal
from seat_report.workbook.tabs.overview_account import account_sections
from seat_report.workbook.tabs.overview_attention import attention_lines
from seat_report.workbook.tabs.overview_billing import billing_lines, billing_summary
from seat_report.workbook.tabs.overview_lines import MOST_LISTED, and_more, header_line, other_name
from seat_report.workbook.tabs.overview_months import month_lines
from seat_report.workbook.tabs.run_now import LABEL
from seat_report.workbook.tabs.seat_row import is_in_month

WIDTH = 8
# The lines with the headers over the totals and over the months, counted from 1.
TYPES_HEADER = 5
MONTHS_HEADER = TYPES_HEADER + len(TenantType) + 3


class PastMonths(NamedTuple):
    """Assigned seats of past months and names of tenants, from the History tab.

    `last_month` has last month's assigned seats. `earlier` are the tenants that had seats in any month before this one
    and may have had some last month: without a number for it such a tenant is not new but unknown, and there is nothing
    to compare with. `by_month` has the assigned seats of each month after the run, the current one included. `names`
    has the customer's and the tenant's name of each tenant. With `is_past` a later month has begun before this run's.
    """

    last_month: Mapping[TenantKey, Number]
    earlier: frozenset[TenantKey]
    by_month: Mapping[str, MonthTotal]
    names: Mapping[TenantKey, tuple[str, str]]
    is_past: bool = False


def lines(
    tenant_rows: Sequence[TenantRow],
    data: ReportData,
    totals: ReportTotals,
    past: PastMonths,
    problems: Sequence[Problem],
    billing: BillingReport,
    not_listed_tab: str = "",
) -> list[Line]:
    """The lines of the block, each of WIDTH cells; `problems` are those of the workbook itself."""
    built = [*_LinesBuilder(tenant_rows, data, totals, past, problems, billing).build(), (), *billing_lines(billing)]
    return [_padded(line) for line in (*built, *account_sections(data, totals, billing.billed, not_listed_tab))]


class _LinesBuilder:
    """Builds the lines of one block."""

    def __init__(
        self,
        tenant_rows: Sequence[TenantRow],
        data: ReportData,
        totals: ReportTotals,
        past: PastMonths,
        problems: Sequence[Problem],
        billing: BillingReport,
    ) -> None:
        self._totals = totals
        self._billing = billing
        self._data = data
        self._problems = [problem for problem in (*problems, *data.problems) if not problem.kind.is_notice]
        self._past = past
        self._rows = tenant_rows
        self._shown = [row for row in tenant_rows if row.is_shown]
        self._rows_by_customer: dict[str, list[TenantRow]] = {}
        for row in tenant_rows:
            self._rows_by_customer.setdefault(row.key.customer, []).append(row)

    def build(self) -> Iterator[Line]:
        # The label is beside the box, which is right of the block.
        title, label = TextCell("Seat report", Look.TITLE), TextCell(LABEL, Look.LABEL)
        yield (title, *[TextCell()] * (WIDTH - 2), label)
        yield from self._reliability()
        yield (TextCell("Billing", Look.BOLD), TextCell(billing_summary(self._billing)))
        yield from self._totals_by_type()
        yield ()
        yield from month_lines(self._past.by_month, self._data.month, WIDTH - 1)
        yield ()
        yield from attention_lines(self._data, self._totals, self._problems)
        yield ()
        yield from self._changes()
        yield ()
        yield from self._unused()

    # Can the numbers be trusted?

    def _reliability(self) -> Iterator[Line]:
        customers = self._totals.customers
        verified = [
            customer
            for customer, parts in customers.items()
            if all(part.knowledge is Knowledge.CURRENT for part in parts)
        ]
        count, total = len(verified), len(customers)
        verified_at = self._last_verified(verified)
        yield (
            TextCell("Verified at" if count else "Last verified", Look.BOLD),
            TextCell(verified_at, Look.MOMENT),
            TextCell(f"for {count:,} of {total:,} customers", Look.BOLD),
        )
        nothing = next((one.detail for one in self._problems if one.kind is ProblemKind.NOTHING_CHECKED), None)
        if nothing is not None:
            text = nothing
        elif count < total:
            text = self._gaps(total - count, total)
        elif self._problems:
            number = f"{len(self._problems):,} {'issue' if len(self._problems) == 1 else 'issues'}"
            text = f"Resolve {number} before relying on these numbers. See “Needs attention”."
        elif not total:
            text = "No customers selected."
        else:
            moment = wall_time(verified_at)
            as_of = f" as of {moment:%Y-%m-%d %H:%M}" if moment else ""
            yield (TextCell(f"Complete: all numbers verified{as_of}.", Look.GOOD),)
            return
        yield (TextCell(text, Look.BAD),)

    def _gaps(self, unverified: int, total: int) -> str:
        parts = [part for parts in self._totals.customers.values() for part in parts]
        stale = sum(part.knowledge is Knowledge.STALE for part in parts)
        missing = sum(not part.is_known for part in parts)
        counts = f"{stale:,} out of date, {missing:,} missing"
        text = f"numbers for {unverified:,} of {total:,} customers could not be verified ({counts})."
        return f"{'Incomplete' if missing else 'Out of date'}: {text} See “Needs attention”."

    def _last_verified(self, verified: Sequence[str]) -> float | None:
        """When the least recent of the verified rows was confirmed; with none, when any row last was."""
        rows = [row for customer in verified for row in self._rows_by_customer.get(customer, ())]
        moments = [row.last_checked for row in rows if row.status is not Status.NOT_REPORTED]
        known = [moment for moment in moments if moment is not None]
        if verified:
            return min(known, default=None)
        return max((row.last_checked for row in self._rows if row.last_checked is not None), default=None)

    # Totals.

    def _totals_by_type(self) -> Iterator[Line]:
        numbers = ("Tenants", "Assigned", "Available", "Total", "Utilisation", "Last month", "Change")
        yield header_line((("Tenant type",), numbers))
        for tenant_type in TenantType:
            keys = [key for key in self._past.last_month if key.tenant_type is tenant_type]
            shown = [row for row in self._shown if row.tenant_type is tenant_type]
            seats = self._totals.by_type.get(tenant_type, SeatSum())
            yield self._total_line(tenant_type.label, seats, shown, keys)
        yield self._total_line("All", self._totals.overall, self._shown, list(self._past.last_month), bold=True)

    def _total_line(
        self, label: str, seats: SeatSum, shown: Sequence[TenantRow], keys: Sequence[TenantKey], *, bold: bool = False
    ) -> Line:
        """A line of totals, without numbers where none are known; `keys` are the tenants of last month."""
        gap = f" ({seats.gap})" if seats.gap else ""
        name = TextCell(f"{label}{gap}", Look.BOLD_TEXT if bold else Look.TEXT)
        if seats.assigned is None:
            return (name,)
        count, change, share = (
            (Look.BOLD_COUNT, Look.BOLD_CHANGE, Look.BOLD_SHARE) if bold else (Look.COUNT, Look.CHANGE, Look.SHARE)
        )
        before = self._before(shown, keys)
        # A sum that lacks a tenant can't be compared.
        has_change = before is not None and not seats.missing and self._is_of_this_month(shown)
        return (
            name,
            TextCell(seats.tenants, count),
            TextCell(seats.assigned, count),
            TextCell(seats.available, count),
            TextCell(seats.total, count),
            TextCell(round(seats.assigned / seats.total, 6) if seats.total else None, share),
            TextCell(before, count),
            TextCell(seats.assigned - (before or 0) if has_change else None, change),
        )

    def _is_of_this_month(self, shown: Sequence[TenantRow]) -> bool:
        """Whether all these numbers were verified this month; what is older says nothing of this month's change."""
        return all(is_in_month(row.last_checked, self._data.month) for row in shown)

    def _before(self, shown: Sequence[TenantRow], keys: Sequence[TenantKey]) -> Number | None:
        """Last month's assigned seats; None if there are none or a current tenant is unknown in that month."""
        before = self._past.last_month
        if not before or any(self._is_unknown(row) for row in shown):
            return None
        return sum(before[key] for key in keys)

    def _is_unknown(self, row: TenantRow) -> bool:
        return row.key in self._past.earlier and row.key not in self._past.last_month

    # What changed.

    def _changes(self) -> Iterator[Line]:
        yield (TextCell("What changed since last month", Look.SECTION),)
        before = self._past.last_month
        if not before:
            yield (TextCell("No data for last month."),)
            return
        headers = (("Customer", "Tenant type", "What"), ("Last month", "Now", "Change"))
        yield (*header_line(headers), TextCell("Tenant", Look.HEADER))
        # Not by the rows' own change: that of a row outside a limited run may still be of the month before.
        verified = [row for row in self._shown if is_in_month(row.last_checked, self._data.month)]
        changed = [row for row in verified if row.key in before and row.assigned != before[row.key]]
        # In an order that does not depend on where rows are, or the lines would be written again after new rows are in.
        changed.sort(key=lambda row: (-abs((row.assigned or 0) - before[row.key]), row.customer.casefold(), row.key))
        yield from self._shortened_list(
            [
                self._change_line(row.customer, row.key, row.tenant, "Changed", before[row.key], row.assigned)
                for row in changed
            ],
            "changed tenants",
        )
        new = [row for row in self._shown if row.key not in before and not self._is_unknown(row)]
        new.sort(key=lambda row: (row.customer.casefold(), row.key))
        yield from self._shortened_list(
            [self._change_line(row.customer, row.key, row.tenant, "New", None, row.assigned) for row in new],
            "new tenants",
        )
        shown = {row.key for row in self._shown}
        # A tenant that ended last month with 0 was gone by then.
        removed = [key for key, assigned in before.items() if assigned and key not in shown]
        removed.sort(key=lambda key: (self._names_of(key)[0].casefold(), key))
        yield from self._shortened_list(
            [self._change_line(*self._names_of(key), "Removed", before[key], None) for key in removed],
            "removed tenants",
        )
        if not changed and not new and not removed:
            yield (TextCell("Nothing."),)

    def _names_of(self, key: TenantKey) -> tuple[str, TenantKey, str]:
        customer, tenant = self._past.names.get(key, ("", ""))
        return customer, key, tenant

    def _change_line(
        self, customer: str, key: TenantKey, tenant: str, kind: str, before: Number | None, now: Number | None
    ) -> Line:
        return (
            TextCell(customer or key.customer, Look.TEXT),
            TextCell(key.tenant_type.label if key.tenant_type else ""),
            TextCell(kind),
            TextCell(before, Look.COUNT),
            TextCell(now, Look.COUNT),
            TextCell((now or 0) - (before or 0), Look.CHANGE),
            TextCell(other_name(tenant or key.tenant, customer)),
        )

    def _shortened_list(self, lines: Sequence[Line], kind: str) -> Iterator[Line]:
        yield from lines[:MOST_LISTED]
        yield from and_more(len(lines) - MOST_LISTED, f" {kind}")

    # Unused.

    def _unused(self) -> Iterator[Line]:
        yield (TextCell("Largest unused capacity", Look.SECTION),)
        unused_seats = [(row, (row.total or 0) - (row.assigned or 0)) for row in self._shown]
        unused_seats = [(row, unused) for row, unused in unused_seats if unused > 0]
        unused_seats.sort(key=lambda pair: (-pair[1], pair[0].customer.casefold(), pair[0].key))
        if not unused_seats:
            yield (TextCell("None."),)
            return
        headers = (("Customer", "Tenant type", ""), ("Assigned", "Total", "Unused"))
        yield (*header_line(headers), TextCell("Tenant", Look.HEADER))
        for row, unused in unused_seats[:MOST_LISTED]:
            yield (
                TextCell(row.customer or row.customer_id, Look.TEXT),
                TextCell(row.tenant_type.label if row.tenant_type else ""),
                TextCell(""),
                TextCell(row.assigned, Look.COUNT),
                TextCell(row.total, Look.COUNT),
                TextCell(unused, Look.COUNT),
                TextCell(other_name(row.tenant or row.tenant_id, row.customer)),
            )


# Looks that extend to the end of their line.
_EXTENDING_LOOKS = (Look.GOOD, Look.BAD, Look.HEADER, Look.HEADER_RIGHT)


def _padded(line: Line) -> Line:
    last = line[-1].look if line else Look.PLAIN
    rest = TextCell(None, last if last in _EXTENDING_LOOKS else Look.PLAIN)
    return (*line, *[rest] * (WIDTH - len(line)))
