"""The Overview's table of the latest months: assigned seats by tenant type, and how complete each month is. Pure."""

from collections.abc import Iterator, Mapping

from seat_report.domain import TenantType, last_months
from seat_report.workbook.tables import Line, Look, TextCell
from seat_report.workbook.tabs.month_totals import MonthState, MonthTotal
from seat_report.workbook.tabs.overview_lines import header_line

_NOTHING = MonthTotal({}, MonthState.NO_DATA, "")


def month_lines(by_month: Mapping[str, MonthTotal], month: str, most: int) -> Iterator[Line]:
    """A header, a line per type, their sum, the months' states, and why shown months lack numbers.

    Shown are at most so many months, from the first that has numbers to the newest; `month` is the run's own.
    """
    shown = _shown_months(by_month, month, most)
    totals = [by_month.get(one, _NOTHING) for one in shown]
    yield header_line((("Assigned by month",), shown))
    for tenant_type in TenantType:
        counts = (TextCell(total.by_type.get(tenant_type), Look.COUNT) for total in totals)
        yield (TextCell(tenant_type.label), *counts)
    yield (TextCell("Total", Look.BOLD), *(TextCell(total.assigned, Look.BOLD_COUNT) for total in totals))
    yield (TextCell("Status"), *(TextCell(str(total.state), Look.RIGHT) for total in totals))
    for one, total in zip(shown, totals, strict=True):
        if total.note:
            yield (TextCell(f"{one}: {total.note}"),)


def _shown_months(by_month: Mapping[str, MonthTotal], month: str, most: int) -> list[str]:
    newest = max([month, *by_month])
    latest = last_months(newest, most)
    first = min((one for one in latest if one in by_month and by_month[one].by_type), default=newest)
    return [one for one in latest if one >= first]
