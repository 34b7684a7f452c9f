"""A Customers tab for people to fill in, where there is none yet."""

from seat_report.customers import HEADERS
from seat_report.workbook import requests
from seat_report.workbook.requests import Request
from seat_report.workbook.snapshot import Snapshot, Tab
from seat_report.workbook.tabs import Tabs

_ROWS = 1000
_COLUMNS = 26
_NOTE = (
    "One customer a row. Customer ID is required: AvePoint's ID of the customer. Customer is the name to show. "
    "Tenant types limits a customer to some types, such as: Microsoft 365, Salesforce. Include = no leaves one out. "
    "Any other column is yours."
)


def made(title: str, snapshot: Snapshot) -> list[Request]:
    """The requests that make the tab, with its header and a note that says how to fill it in."""
    sheet_id = Tabs(snapshot).free_id()
    header = requests.grid_range(sheet_id, (0, 1), (0, len(HEADERS)))
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    return [
        requests.add_sheet(Tab(sheet_id, title, _ROWS, _COLUMNS, frozen_rows=1)),
        requests.update_cells(sheet_id, 0, 0, [HEADERS]),
        requests.repeat_cell(header, bold, "userEnteredFormat.textFormat.bold"),
        requests.note(sheet_id, 0, 0, _NOTE),
    ]
