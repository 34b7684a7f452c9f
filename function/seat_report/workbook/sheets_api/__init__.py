"""The Google Sheets API: read tabs as plain values, build requests and apply them in batches. Knows no tab of ours."""

from seat_report.workbook.sheets_api import batching, requests
from seat_report.workbook.sheets_api.a1 import column_letters
from seat_report.workbook.sheets_api.batching import Step, batches
from seat_report.workbook.sheets_api.client import RequestRefusedError, Spreadsheet, WriteUncertainError, connect
from seat_report.workbook.sheets_api.dates import serial_of, wall_time, zone_named
from seat_report.workbook.sheets_api.requests import Request, RowFormula
from seat_report.workbook.sheets_api.snapshot import (
    BLANK,
    BasicFilter,
    Block,
    Cell,
    ColumnEntry,
    ColumnMark,
    NativeTable,
    Protection,
    Snapshot,
    Tab,
    TabEntry,
    Value,
)
from seat_report.workbook.sheets_api.snapshot_parsing import CONTENT_MASK, PROPERTIES_MASK, parse

__all__ = [
    "BLANK",
    "CONTENT_MASK",
    "PROPERTIES_MASK",
    "BasicFilter",
    "Block",
    "Cell",
    "ColumnEntry",
    "ColumnMark",
    "NativeTable",
    "Protection",
    "Request",
    "RequestRefusedError",
    "RowFormula",
    "Snapshot",
    "Spreadsheet",
    "Step",
    "Tab",
    "TabEntry",
    "Value",
    "WriteUncertainError",
    "batches",
    "batching",
    "column_letters",
    "connect",
    "parse",
    "requests",
    "serial_of",
    "wall_time",
    "zone_named",
]
