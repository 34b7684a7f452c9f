"""The content of each tab, one module per tab, and the formatting of the tabs. Pure."""

from seat_report.workbook.tabs import (
    billing,
    by_customer,
    customers,
    formatting,
    history,
    month_close,
    new_customers_tab,
    not_listed,
    overview,
    run_now,
    runs,
    seat_report,
)
from seat_report.workbook.tabs.billing import BillingTab
from seat_report.workbook.tabs.billing_columns import billed_parts
from seat_report.workbook.tabs.closed_month import ClosedMonth, ClosedMonthLine, closed_month
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.known_parts import AskedTypes
from seat_report.workbook.tabs.month_totals import month_totals
from seat_report.workbook.tabs.overview_formatting import OVERVIEW_BLOCK, overview_formatting
from seat_report.workbook.tabs.runs import last_good

__all__ = [
    "OVERVIEW_BLOCK",
    "AskedTypes",
    "BillingTab",
    "ClosedMonth",
    "ClosedMonthLine",
    "History",
    "billed_parts",
    "billing",
    "by_customer",
    "closed_month",
    "customers",
    "formatting",
    "history",
    "last_good",
    "month_close",
    "month_totals",
    "new_customers_tab",
    "not_listed",
    "overview",
    "overview_formatting",
    "run_now",
    "runs",
    "seat_report",
]
