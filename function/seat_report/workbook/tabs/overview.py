"""The Overview tab's content: whether the numbers can be trusted, what needs attention, what changed. Pure.

Made from the rows of the Seat Report as they stand after the run and from the History tab. The first lines are always
as many, so that charts over them stay right; the lists below grow and shrink.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seat_report.domain import (
    Number,
    Problem,
    ReportData,
    Status,
    TenantKey,
    TenantRow,
    TenantType,
    canonical_id,
    last_months,
)
from seat_report.workbook.sheets_api import wall_time
from seat_report.workbook.tables import Line, Look, TextCell

WIDTH = 8
TYPES_HEADER = 5
MONTHS_HEADER = TYPES_HEADER + len(TenantType) + 3
MONTHS_SHOWN = 12

MOST_ATTENTION = 25
MOST_LISTED = 10


class PastMonths(NamedTuple):
    """What the History tab knows: last month's assigned seats, those of every month, and names of tenants.

    `earlier` are the tenants that had seats in any month before this one: without a number of last month such a tenant
    is not new but unknown, and there is nothing to compare with.
    `by_month` has the sums of assigned seats of the months that have any; this month's are those of the report.
    """

    last_month: Mapping[TenantKey, Number]
    earlier: frozenset[TenantKey]
    by_month: Mapping[str, Number]
    names: Mapping[TenantKey, tuple[str, str]]


def lines(
    tenant_rows: Sequence[TenantRow], data: ReportData, past: PastMonths, problems: Sequence[Problem] = ()
) -> list[Line]:
    """The block's lines, each of WIDTH cells; `problems` are those of the workbook itself."""
    return [_padded(line) for line in _LinesBuilder(tenant_rows, data, past, problems).all()]


class _LinesBuilder:
    """One block in the making."""

    def __init__(
        self, tenant_rows: Sequence[TenantRow], data: ReportData, past: PastMonths, problems: Sequence[Problem]
    ) -> None:
        self._data = data
        self._problems = [one for one in (*problems, *data.problems) if not one.kind.is_notice]
        self._past = past
        self._rows = tenant_rows
        self._shown = [row for row in tenant_rows if row.is_shown]
        included = {canonical_id(one.customer_id): one for one in data.customers if one.is_included}
        self._customers: dict[str, list[TenantRow]] = {customer: [] for customer in included}
        for row in tenant_rows:
            if row.key.customer in included:
                self._customers[row.key.customer].append(row)

    def all(self) -> Iterator[Line]:
        yield (TextCell("Seat report", Look.TITLE),)
        yield from self._trust()
        yield ()
        yield from self._totals()
        yield ()
        yield from self._months()
        yield ()
        yield from self._attention()
        yield ()
        yield from self._changes()
        yield ()
        yield from self._unused()

    # Can the numbers be trusted?

    def _is_right(self, rows: Sequence[TenantRow]) -> bool:
        return bool(rows) and all(
            row.status in (Status.CURRENT, Status.NO_TENANTS, Status.NOT_REPORTED) for row in rows
        )

    def _trust(self) -> Iterator[Line]:
        right = [rows for rows in self._customers.values() if self._is_right(rows)]
        count, of_all = len(right), len(self._customers)
        when = self._last_right(right)
        yield (
            TextCell("Right as of" if count else "Last right", Look.BOLD),
            TextCell(when, Look.MOMENT),
            TextCell(f"for {count:,} of {of_all:,} customers", Look.BOLD),
        )
        if count < of_all:
            stale = sum(row.status is Status.STALE for row in self._rows)
            unknown = sum(row.status is Status.NO_DATA for row in self._rows)
            text = (
                f"Incomplete: {of_all - count:,} of {of_all:,} customers have numbers that are not confirmed "
                f"({stale:,} rows stale, {unknown:,} without data). See “Needs attention”."
            )
        elif self._problems:
            text = f"{len(self._problems):,} things need attention before these numbers can be relied on: see below."
        elif not of_all:
            text = "No customer is listed and included."
        else:
            moment = wall_time(when)
            told = f" as of {moment:%Y-%m-%d %H:%M}" if moment else ""
            yield (TextCell(f"Complete: every number is confirmed{told}.", Look.GOOD),)
            return
        yield (TextCell(text, Look.BAD),)

    def _last_right(self, right: Sequence[Sequence[TenantRow]]) -> float | None:
        """When all that is right was confirmed; with nothing right, when anything last was."""
        moments = [row.last_checked for rows in right for row in rows if row.status is not Status.NOT_REPORTED]
        known = [moment for moment in moments if moment is not None]
        if right:
            return min(known, default=None)
        return max((row.last_checked for row in self._rows if row.last_checked is not None), default=None)

    # Totals.

    def _totals(self) -> Iterator[Line]:
        numbers = ("Tenants", "Assigned", "Available", "Total", "Utilisation", "Last month", "Change")
        yield _headed((("Tenant type",), numbers))
        for tenant_type in TenantType:
            rows = [row for row in self._rows if row.tenant_type is tenant_type]
            keys = [key for key in self._past.last_month if key.tenant_type is tenant_type]
            yield self._total(tenant_type.label, rows, keys, is_asked=tenant_type in self._data.tenant_types)
        unknown = any(row.status is Status.NO_DATA for row in self._rows)
        label = "All that is known" if unknown else "All"
        yield self._total(label, self._rows, list(self._past.last_month), is_asked=True, bold=True)

    def _total(
        self, label: str, rows: Sequence[TenantRow], keys: Sequence[TenantKey], *, is_asked: bool, bold: bool = False
    ) -> Line:
        """A line of totals; `keys` are the tenants of last month. Nothing is said where nothing is known."""
        name = TextCell(label, Look.BOLD if bold else Look.PLAIN)
        shown = [row for row in rows if row.is_shown]
        if not shown and (not is_asked or any(row.status is Status.NO_DATA for row in rows)):
            return (name,)
        assigned = _sum(row.assigned for row in shown)
        total = _sum(row.total for row in shown)
        before = self._before(shown, keys)
        count, change, share = (
            (Look.BOLD_COUNT, Look.BOLD_CHANGE, Look.BOLD_SHARE) if bold else (Look.COUNT, Look.CHANGE, Look.SHARE)
        )
        return (
            name,
            TextCell(len(shown), count),
            TextCell(assigned, count),
            TextCell(_sum(row.available for row in shown), count),
            TextCell(total, count),
            TextCell(round(assigned / total, 6) if total else None, share),
            TextCell(before, count),
            TextCell(assigned - before if before is not None else None, change),
        )

    def _before(self, shown: Sequence[TenantRow], keys: Sequence[TenantKey]) -> Number | None:
        """Last month's assigned seats, unless nothing is known of it or one of today's tenants is unknown there."""
        before = self._past.last_month
        if not before or any(self._is_unknown(row) for row in shown):
            return None
        return sum(before[key] for key in keys)

    def _is_unknown(self, row: TenantRow) -> bool:
        return row.key in self._past.earlier and row.key not in self._past.last_month

    def _months(self) -> Iterator[Line]:
        yield _headed((("Month",), ("Assigned",)))
        now = {self._data.month: _sum(row.assigned for row in self._shown)} if self._shown else {}
        known = {**self._past.by_month, **now}
        for month in last_months(self._data.month, MONTHS_SHOWN):
            yield (TextCell(month), TextCell(known.get(month), Look.COUNT))

    # Needs attention.

    def _attention(self) -> Iterator[Line]:
        yield (TextCell("Needs attention", Look.SECTION),)
        found = [*self._troubles()]
        if not found:
            yield (TextCell("Nothing."),)
            return
        yield _headed((("Customer", "Customer ID", "Status", "What happened, what to do"), ()))
        yield from found[:MOST_ATTENTION]
        if len(found) > MOST_ATTENTION:
            yield (TextCell(f"and {len(found) - MOST_ATTENTION:,} more: see the Status column of the Seat Report"),)

    def _troubles(self) -> Iterator[Line]:
        for warning in self._data.warnings:
            yield (TextCell(""), TextCell(""), TextCell("Warning"), TextCell(warning))
        for problem in self._problems:
            where = "" if problem.row is None else f"Customers, row {problem.row}"
            yield (TextCell(where), TextCell(problem.customer_id), TextCell("Problem"), TextCell(problem.detail))
        for rows in self._customers.values():
            worst = [row for row in rows if row.status in (Status.NO_DATA, Status.STALE)]
            if worst:
                status = Status.NO_DATA if any(row.status is Status.NO_DATA for row in worst) else Status.STALE
                first = worst[0]
                yield (
                    TextCell(first.customer),
                    TextCell(first.customer_id),
                    TextCell(str(status)),
                    TextCell(first.detail),
                )

    # What changed.

    def _changes(self) -> Iterator[Line]:
        yield (TextCell("What changed since last month", Look.SECTION),)
        before = self._past.last_month
        if not before:
            yield (TextCell("Nothing is known of last month."),)
            return
        heads = (("Customer", "Tenant type", "Tenant", "What"), ("Last month", "Now", "Change"))
        yield _headed(heads)
        movers = [row for row in self._shown if row.change and row.key in before]
        movers.sort(key=lambda row: (-abs(row.change or 0), row.customer.casefold(), row.key.tenant))
        for row in movers[:MOST_LISTED]:
            yield self._change(row.customer, row.key, row.tenant, "Moved", before[row.key], row.assigned)
        new = [row for row in self._shown if row.key not in before and not self._is_unknown(row)]
        yield from self._listed(
            [self._change(row.customer, row.key, row.tenant, "New", None, row.assigned) for row in new], "new tenants"
        )
        shown = {row.key for row in self._shown}
        gone = [key for key in before if key not in shown]
        yield from self._listed(
            [self._change(*self._name(key), "Gone", before[key], None) for key in gone], "tenants that are gone"
        )
        if not movers and not new and not gone:
            yield (TextCell("Nothing."),)

    def _name(self, key: TenantKey) -> tuple[str, TenantKey, str]:
        customer, tenant = self._past.names.get(key, ("", ""))
        return customer, key, tenant

    def _change(
        self, customer: str, key: TenantKey, tenant: str, what: str, before: Number | None, now: Number | None
    ) -> Line:
        return (
            TextCell(customer or key.customer),
            TextCell(key.tenant_type.label if key.tenant_type else ""),
            TextCell(tenant or key.tenant),
            TextCell(what),
            TextCell(before, Look.COUNT),
            TextCell(now, Look.COUNT),
            TextCell((now or 0) - (before or 0), Look.CHANGE),
        )

    def _listed(self, found: Sequence[Line], what: str) -> Iterator[Line]:
        yield from found[:MOST_LISTED]
        if len(found) > MOST_LISTED:
            yield (TextCell(f"and {len(found) - MOST_LISTED:,} more {what}"),)

    # Unused.

    def _unused(self) -> Iterator[Line]:
        yield (TextCell("Most unused seats", Look.SECTION),)
        found = [(row, (row.total or 0) - (row.assigned or 0)) for row in self._shown]
        found = [(row, unused) for row, unused in found if unused > 0]
        found.sort(key=lambda pair: (-pair[1], pair[0].customer.casefold(), pair[0].key.tenant))
        if not found:
            yield (TextCell("None."),)
            return
        heads = (("Customer", "Tenant type", "Tenant", ""), ("Assigned", "Total", "Unused"))
        yield _headed(heads)
        for row, unused in found[:MOST_LISTED]:
            yield (
                TextCell(row.customer or row.customer_id),
                TextCell(row.tenant_type.label if row.tenant_type else ""),
                TextCell(row.tenant or row.tenant_id),
                TextCell(""),
                TextCell(row.assigned, Look.COUNT),
                TextCell(row.total, Look.COUNT),
                TextCell(unused, Look.COUNT),
            )


def _headed(heads: tuple[Sequence[str], Sequence[str]]) -> Line:
    """A line of column heads: those over texts, and those over numbers."""
    texts, numbers = heads
    return (*(TextCell(head, Look.HEADER) for head in texts), *(TextCell(head, Look.HEADER_RIGHT) for head in numbers))


# Looks that go on to the end of their line.
_TO_THE_END = (Look.GOOD, Look.BAD, Look.HEADER, Look.HEADER_RIGHT)


def _padded(line: Line) -> Line:
    last = line[-1].look if line else Look.PLAIN
    rest = TextCell(None, last if last in _TO_THE_END else Look.PLAIN)
    return (*line, *[rest] * (WIDTH - len(line)))


def _sum(numbers: Iterator[Number | None]) -> Number:
    return sum(number for number in numbers if number is not None)
