"""A new Customers tab, made for people to fill in. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from seat_report.domain import FoundCustomer, TenantType
from seat_report.workbook.sheets_api import Request, Snapshot, Tab, Value, requests
from seat_report.workbook.tables import NewTabs
from seat_report.workbook.tabs.colours import HEADER_FILL, WHITE, YELLOW
from seat_report.workbook.tabs.customers import HEADERS
from seat_report.workbook.tabs.formatting import column_width

_ROWS = 1000
_COLUMNS = 26
# Right of the headers, with a column between.
_HELP_COLUMN = len(HEADERS) + 1
_HELP = (
    "How to fill in this tab: one customer per row. Only Customer ID is required. Tenant types: leave empty for all, "
    "choose one, or type several separated by commas. Include: choose no to leave a customer out. All other columns "
    "are yours; this text may go."
)
_NOTES = {
    "Customer ID": "Required. AvePoint's ID of the customer, such as 50db6dd5-dda7-5290-8a7e-5f4f3a1c9d20.",
    "Customer": "The name to show in the report.",
    "Tenant types": "Leave empty for all. To limit a customer to some, separate them by commas: Microsoft 365, Google.",
    "Include": "no leaves the customer out; anything else, or nothing, includes it.",
}
_WIDTHS = (290, 220, 160, 80, 20, 440)


def new_tab(title: str, snapshot: Snapshot, found: Sequence[FoundCustomer] = ()) -> list[Request]:
    """Requests that create the tab, as the first, with these customers, drop-downs, and how to fill it in."""
    sheet_id = NewTabs(snapshot).free_id()
    header = requests.grid_range(sheet_id, (0, 1), (0, len(HEADERS)))
    rows: list[list[Value]] = [[*HEADERS, None, _HELP]]
    rows += [[one.customer_id, one.name] for one in found]
    looks = {
        "backgroundColor": HEADER_FILL,
        "textFormat": {"bold": True, "foregroundColor": WHITE},
        "verticalAlignment": "MIDDLE",
    }
    hint = {"backgroundColor": YELLOW, "wrapStrategy": "WRAP", "verticalAlignment": "TOP"}
    ids = requests.grid_range(sheet_id, (1, None), (0, 1))
    plain_text = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    return [
        requests.add_sheet(Tab(sheet_id, title, _ROWS + len(found), _COLUMNS, frozen_rows=1), index=0),
        # Before the IDs are written: one of digits alone stays as it is.
        requests.repeat_cell(ids, plain_text, "userEnteredFormat.numberFormat"),
        requests.update_cells(sheet_id, 0, 0, rows),
        requests.repeat_cell(header, {"userEnteredFormat": looks}, "userEnteredFormat"),
        requests.repeat_cell(
            requests.grid_range(sheet_id, (0, 1), (_HELP_COLUMN, _HELP_COLUMN + 1)),
            {"userEnteredFormat": hint},
            "userEnteredFormat",
        ),
        *(column_width(sheet_id, index, pixels) for index, pixels in enumerate(_WIDTHS)),
        *(requests.note(sheet_id, 0, index, _NOTES[name]) for index, name in enumerate(HEADERS)),
        _drop_down(sheet_id, HEADERS.index("Tenant types"), [tenant_type.label for tenant_type in TenantType]),
        _drop_down(sheet_id, HEADERS.index("Include"), ["yes", "no"]),
    ]


def _drop_down(sheet_id: int, column: int, values: Sequence[str]) -> Request:
    """A drop-down over the column that offers these values and accepts others."""
    condition: Mapping[str, Any] = {
        "type": "ONE_OF_LIST",
        "values": [{"userEnteredValue": value} for value in values],
    }
    rule = {"condition": dict(condition), "strict": False, "showCustomUi": True}
    span = requests.grid_range(sheet_id, (1, None), (column, column + 1))
    return {"setDataValidation": {"range": span, "rule": rule}}
