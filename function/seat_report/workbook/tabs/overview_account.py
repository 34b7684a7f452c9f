"""The Overview's sections about the account at AvePoint: purchased seats, and customers that nobody lists. Pure."""

from collections import Counter
from collections.abc import Iterator

from seat_report.domain import Number, PurchasedSeats, ReportData, ReportTotals, SeatSum
from seat_report.workbook.tables import Line, Look, TextCell
from seat_report.workbook.tabs.not_listed import missing_customers
from seat_report.workbook.tabs.overview_lines import long_text

MOST_NAMED = 10


def account_sections(
    data: ReportData, totals: ReportTotals, billed: Number | None = None, not_listed_tab: str = ""
) -> Iterator[Line]:
    """The sections for what the run asked AvePoint besides seats, each with a blank line above it.

    `billed` is the sum of the seats that are billed, None if no number was entered.
    """
    if data.purchased:
        yield ()
        yield from purchased_lines(data, totals, billed)
    if data.found is not None:
        yield ()
        yield from _not_listed_lines(data, not_listed_tab)


def purchased_lines(data: ReportData, totals: ReportTotals, billed: Number | None = None) -> Iterator[Line]:
    """Purchased seats beside assigned ones, and beside those billed if they are given; why some are not known.

    Expected are all customers and types that have tenants: in a limited run those that it did not ask for are missing.
    """
    parts = {
        (customer, part.tenant_type) for customer, parts in totals.customers.items() for part in parts if part.shown
    }
    expected = parts | data.purchased.keys()
    answers = [data.purchased.get(part, PurchasedSeats(None)) for part in sorted(expected)]
    known = [answer.seats for answer in answers if answer.seats is not None]
    missing = len(answers) - len(known)
    gap = f" (incomplete, {missing:,} of {len(answers):,} missing)" if missing else ""
    assigned = totals.overall
    values = [("Purchased", sum(known) if known else None), ("Assigned", assigned.assigned)]
    if billed is not None:
        values.append(("Billed", billed))
    yield (TextCell("Purchased seats", Look.SECTION),)
    yield (TextCell("All tenant types", Look.HEADER), *(TextCell(name, Look.HEADER_RIGHT) for name, _ in values))
    label = f"All{gap}{_assigned_gap(assigned)}"
    yield (TextCell(label, Look.BOLD), *(TextCell(number, Look.BOLD_COUNT) for _, number in values))
    reasons = Counter(answer.reason for answer in answers if answer.reason)
    if reasons:
        # The first in the alphabet of those that are equally frequent, or the line would differ from run to run.
        reason, _ = min(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        yield from long_text(f"{missing:,} missing. Most common reason: {reason}")


def _assigned_gap(assigned: SeatSum) -> str:
    return f"; assigned seats {assigned.gap}" if assigned.gap else ""


def _not_listed_lines(data: ReportData, title: str) -> Iterator[Line]:
    yield (TextCell("Customers not listed", Look.SECTION),)
    found = data.found
    if found is None or not found.was_read:
        yield from long_text(f"Not checked. {found.reason if found else ''}")
        return
    missing = list(missing_customers(data))
    if data.has_unreadable_ids:
        yield (TextCell("Not checked. The Customers tab has IDs that can't be read."),)
    elif missing:
        names = [one.name or one.customer_id for one in missing[:MOST_NAMED]]
        more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
        where = f" See the tab {title!r}." if title else ""
        verb = "customer is" if len(missing) == 1 else "customers are"
        yield (TextCell(f"{len(missing):,} {verb} at AvePoint but not in the Customers tab.{where}", Look.BOLD),)
        yield from long_text(f"{', '.join(names)}{more}")
    elif found.is_complete:
        yield (TextCell("None: every customer that AvePoint shows to this app is in the Customers tab."),)
    if not found.is_complete:
        yield from long_text(f"Not all customers could be read. {found.reason}")
