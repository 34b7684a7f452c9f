"""The spreadsheet: read its tabs, plan what they should hold and apply the plan, one run at a time."""

from seat_report.workbook.apply import apply, apply_formatting
from seat_report.workbook.conflicts import ConflictResolver
from seat_report.workbook.plan import Titles, WorkbookPlan, WorkbookPlanner, filter_requests, formatting_requests
from seat_report.workbook.run_lock import RunLock
from seat_report.workbook.sheets_api import (
    CONTENT_MASK,
    PROPERTIES_MASK,
    Request,
    Snapshot,
    Spreadsheet,
    Value,
    batches,
    connect,
    serial_of,
    wall_time,
    zone_named,
)
from seat_report.workbook.sheets_api import parse as parse_snapshot
from seat_report.workbook.tables import MARK_KEY, CellChange, Counts, Kind, ObservedTable, RowChange
from seat_report.workbook.tabs import (
    ClosedMonth,
    ClosedMonthLine,
    billed_parts,
    closed_month,
    customers,
    history,
    last_good,
    new_customers_tab,
    run_now,
    runs,
    seat_report,
)

__all__ = [
    "CONTENT_MASK",
    "MARK_KEY",
    "PROPERTIES_MASK",
    "CellChange",
    "ClosedMonth",
    "ClosedMonthLine",
    "ConflictResolver",
    "Counts",
    "Kind",
    "ObservedTable",
    "Request",
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
    "batches",
    "billed_parts",
    "closed_month",
    "connect",
    "customers",
    "filter_requests",
    "formatting_requests",
    "history",
    "last_good",
    "new_customers_tab",
    "parse_snapshot",
    "run_now",
    "runs",
    "seat_report",
    "serial_of",
    "wall_time",
    "zone_named",
]
