"""The columns of the Billing tab, and what stands in a row of it. Pure."""

from seat_report.domain import Billed, Finding, TenantKey, TenantType
from seat_report.workbook.sheets_api import Cell, Tab
from seat_report.workbook.tables import Column, Kind, ObservedRow, ObservedTable, number_in
from seat_report.workbook.tabs.seat_row import key_of

COLUMNS = (
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("tenant_type", "Tenant type", Kind.TEXT, "The product whose seats are billed.", is_key=True),
    Column(
        "billed",
        "Billed seats",
        Kind.COUNT,
        "Yours: the quantity on the customer's monthly invoice as of now, as a number or a formula such as a look-up.",
        is_peoples=True,
    ),
    Column("price", "Unit price", Kind.MONEY, "Yours: the price of one seat for a month.", is_peoples=True),
    Column("last_month", "Last month", Kind.COUNT, "Seats to bill for last month; blank if not known."),
    Column("last_difference", "Last month difference", Kind.CHANGE, "Last month's seats less billed seats."),
    Column("amount", "Amount", Kind.MONEY, "Last month's difference times the unit price."),
    Column("finding", "Finding", Kind.TEXT, "How last month's seats compare with billed seats."),
    Column("this_month", "This month", Kind.COUNT, "Seats to bill for this month so far; blank if not known."),
    Column("this_difference", "This month difference", Kind.CHANGE, "This month's seats less billed seats."),
    Column("purchased", "Purchased seats", Kind.COUNT, "Seats purchased at AvePoint; blank if not checked or known."),
    # Not named as the Detail of other tabs, which vouches for numbers that can't be written.
    Column("reason", "Detail", Kind.TEXT, "Why the row was not compared, and the next step."),
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer.", is_key=True),
)
REPEATED = "Several rows have this customer and tenant type. Keep one billed number and delete the other rows."


def pair_in(row: ObservedRow) -> TenantKey | None:
    """The customer and type of a row, as a key without a tenant; None if one of them is missing or can't be read."""
    key = key_of(row)
    return None if key is None or key.tenant_type is None else key._replace(tenant="")


def billed_parts(tab: Tab) -> frozenset[tuple[str, TenantType]]:
    """The customers, by `canonical_id`, and types of the rows in which people entered a billed number."""
    rows = ObservedTable(COLUMNS, tab).rows()
    keys = (pair_in(row) for row in rows if billed_in(row).seats is not None)
    return frozenset((key.customer, key.tenant_type) for key in keys if key and isinstance(key.tenant_type, TenantType))


def finding_of(row: ObservedRow) -> Finding | None:
    """The row's finding; None if the cell holds anything else."""
    try:
        return Finding(row.text("finding"))
    except ValueError:
        return None


def billed_in(row: ObservedRow) -> Billed:
    """What people entered in the row; a formula counts by its value."""
    return Billed(number_in(row.cell("billed").value), number_in(row.cell("price").value), _fault(row))


def _fault(row: ObservedRow) -> str:
    """Why the billed seats of the row can't be used; empty if they can, or if there are none."""
    if "billed" in row.table.placement.ambiguous:
        return "Two columns could be 'Billed seats'. Rename or remove one of them."
    return _fault_of(row.cell("billed"))


def _fault_of(cell: Cell) -> str:
    if not cell.text:
        return ""
    number = number_in(cell.value)
    if number is None:
        if isinstance(cell.value, str) and cell.value.startswith("#"):
            return "Billed seats shows an error. Correct its formula, or enter a number."
        return "Billed seats is not a number. Enter the quantity as a number."
    return "Billed seats is negative. Enter the quantity on the invoice." if number < 0 else ""
