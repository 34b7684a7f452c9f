"""The Overview's section on billing: the sum of each finding, the largest differences, what was not compared. Pure."""

from collections.abc import Iterator

from seat_report.domain import Basis, BillingLine, BillingReport, BillingSum, Finding
from seat_report.workbook.tables import Line, Look, TextCell
from seat_report.workbook.tabs.overview_lines import MOST_LISTED, and_more, header_line, wrapped

_BASES = {Basis.MONTH_END: "seats at the end of the month", Basis.PEAK: "the month's peak"}


def billing_summary(report: BillingReport) -> str:
    """The findings in one line."""
    if not report.lines:
        return "There are no seats to bill."
    if not report.is_recorded:
        return f"Nothing to compare yet: History has no numbers for {report.month}."
    if not report.has_numbers:
        return "No billed numbers entered: type the invoiced quantities into the Billing tab."
    parts = [
        f"{finding} {found.lines:,}{f' ({found.seats:+,})' if finding in _DIFFERING else ''}"
        for finding, found in report.sums.items()
        if found.lines and finding is not Finding.AGREES
    ]
    if not parts:
        return f"{report.month}: all {len(report.lines):,} rows agree."
    return f"{report.month}, rows (seats): {', '.join(parts)}"


def billing_lines(report: BillingReport) -> Iterator[Line]:
    """The section's lines."""
    yield (TextCell("Billing", Look.SECTION),)
    if not report.lines:
        yield (TextCell("There are no seats to bill."),)
        return
    if not report.is_recorded:
        yield (TextCell(f"Nothing to compare yet: History has no numbers for {report.month}."),)
        return
    yield (TextCell(f"{report.month}, {_BASES[report.basis]}: {report.status}"),)
    if report.has_numbers:
        yield from _sums(report)
        yield from _largest(report)
    else:
        yield (TextCell("No billed numbers entered. Type the invoiced quantities into the column Billed seats."),)
    yield from _exceptions(report)


def _sums(report: BillingReport) -> Iterator[Line]:
    yield header_line((("Finding",), ("Rows", "Seats", "Amount", "No price")))
    for finding, found in report.sums.items():
        yield _sum_line(str(finding), found, has_seats=finding is not Finding.NOT_COMPARED)
    if report.tolerated.lines:
        yield _sum_line(f"Agrees by a tolerance of {report.tolerance:,}", report.tolerated, has_seats=True)


def _sum_line(label: str, found: BillingSum, *, has_seats: bool) -> Line:
    return (
        TextCell(label),
        TextCell(found.lines, Look.COUNT),
        TextCell(found.seats if has_seats else None, Look.CHANGE),
        TextCell(found.amount, Look.MONEY),
        TextCell(found.unpriced or None, Look.COUNT),
    )


def _largest(report: BillingReport) -> Iterator[Line]:
    largest = report.largest(MOST_LISTED)
    if not largest:
        return
    yield ()
    yield header_line((("Customer", "Tenant type", "Finding"), ("Billed", "Last month", "Difference", "Amount")))
    for line in largest:
        yield (
            TextCell(line.customer or line.customer_id, Look.TEXT),
            TextCell(line.tenant_type.label),
            TextCell(str(line.comparison.finding)),
            TextCell(line.billed.seats, Look.COUNT),
            TextCell(line.last_month.seats, Look.COUNT),
            TextCell(line.comparison.last_difference, Look.CHANGE),
            TextCell(line.comparison.amount, Look.MONEY),
        )
    left = sum(found.lines for finding, found in report.sums.items() if finding in _DIFFERING) - len(largest)
    yield from and_more(left, ": see the Finding column of the Billing tab")


_DIFFERING = (Finding.BILL_MORE, Finding.BILL_LESS, Finding.NOT_BILLED, Finding.NOT_USED)


def _exceptions(report: BillingReport) -> Iterator[Line]:
    exceptions = report.exceptions
    if not exceptions:
        return
    yield ()
    yield header_line((("Not compared", "Tenant type", "Why"), ()))
    for line in exceptions[:MOST_LISTED]:
        reason = line.last_month.reason if line.last_month.seats is None else line.billed.fault
        yield from wrapped(_who(line), reason)
    yield from and_more(len(exceptions) - MOST_LISTED, ": see the Detail column of the Billing tab")


def _who(line: BillingLine) -> tuple[str, str]:
    return line.customer or line.customer_id, line.tenant_type.label
