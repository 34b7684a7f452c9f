"""The columns of the Seat Report tab. Pure."""

from collections.abc import Mapping

from seat_report.workbook.sheets_api import Value
from seat_report.workbook.tables import Column, Kind

COLUMNS = (
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("tenant_type", "Tenant type", Kind.TEXT, "The product whose seats are counted.", is_key=True),
    Column("tenant", "Tenant", Kind.TEXT, "The tenant's name at AvePoint."),
    Column("status", "Status", Kind.TEXT, "How reliable this row is. Current: verified at “Last checked”."),
    Column("assigned", "Assigned seats", Kind.COUNT, "Seats that AvePoint counts as assigned (licences, not people)."),
    Column("available", "Available seats", Kind.COUNT, "Seats that AvePoint counts as available."),
    Column("total", "Total seats", Kind.COUNT, "Total seats (depends on the setting AVAILABLE_SEATS_MEAN)."),
    Column("utilisation", "Utilisation", Kind.SHARE, "Assigned seats as a share of total seats."),
    Column(
        "change",
        "Change this month",
        Kind.CHANGE,
        "Assigned seats less those at the end of last month; blank until verified this month.",
    ),
    Column(
        "peak",
        "Peak this month",
        Kind.COUNT,
        "The most assigned seats in any run of this month; blank until verified this month.",
    ),
    Column("last_checked", "Last checked", Kind.MOMENT, "When the numbers were last verified.", counts=False),
    Column("detail", "Detail", Kind.TEXT, "Issue and next step, if the row is not current."),
    Column(
        "customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer, from the Customers tab.", is_key=True
    ),
    Column("tenant_id", "Tenant ID", Kind.TEXT, "AvePoint's ID of the tenant.", is_key=True),
)
NUMBERS = ("assigned", "available", "total", "utilisation", "change", "peak")
READ_COLUMNS = ("customer", "tenant_id", "tenant", *NUMBERS, "status", "detail", "last_checked")
NO_NUMBERS: Mapping[str, Value] = dict.fromkeys(NUMBERS)
