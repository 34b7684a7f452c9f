"""The content of each tab, one module per tab, and the formatting of the tabs. Pure."""

from seat_report.workbook.tabs import (
    by_customer,
    customers,
    formatting,
    history,
    not_listed,
    overview,
    run_now,
    runs,
    seat_report,
)
from seat_report.workbook.tabs.formatting import OVERVIEW_BLOCK
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.known_parts import AskedTypes
from seat_report.workbook.tabs.runs import last_good

__all__ = [
    "OVERVIEW_BLOCK",
    "AskedTypes",
    "History",
    "by_customer",
    "customers",
    "formatting",
    "history",
    "last_good",
    "not_listed",
    "overview",
    "run_now",
    "runs",
    "seat_report",
]
