"""The spreadsheet: read its tabs, plan what they should hold and apply the plan, one run at a time."""

from seat_report.workbook.apply import apply, apply_formatting
from seat_report.workbook.conflicts import ConflictResolver
from seat_report.workbook.plan import Titles, WorkbookPlan, WorkbookPlanner, filter_requests, formatting_requests
from seat_report.workbook.run_lock import RunLock
from seat_report.workbook.sheets_api import Snapshot, Spreadsheet, Value, connect, serial_of, zone_named
from seat_report.workbook.tables import MARK_KEY, CellChange, Counts, Kind, ObservedTable, RowChange
from seat_report.workbook.tabs import (
    ClosedMonth,
    ClosedMonthLine,
    closed_month,
    customers,
    history,
    last_good,
    runs,
    seat_report,
)

__all__ = [
    "MARK_KEY",
    "CellChange",
    "ClosedMonth",
    "ClosedMonthLine",
    "ConflictResolver",
    "Counts",
    "Kind",
    "ObservedTable",
    "RowChange",
    "RunLock",
    "Snapshot",
    "Spreadsheet",
    "Titles",
    "Value",
    "WorkbookPlan",
    "WorkbookPlanner",
    "apply",
    "apply_formatting",
    "closed_month",
    "connect",
    "customers",
    "filter_requests",
    "formatting_requests",
    "history",
    "last_good",
    "runs",
    "seat_report",
    "serial_of",
    "zone_named",
]
