"""The Not Listed tab: customers that AvePoint shows to this app and the Customers tab lacks. Pure.

A row of ours has a time in `First seen`, or the ID of a customer that was found; any other row is people's.
"""

from collections.abc import Iterator, Mapping

from seat_report.domain import FoundCustomer, ReportData, canonical_id
from seat_report.workbook.sheets_api import Value, serial_of
from seat_report.workbook.tables import Addition, Column, DesiredRows, Kind, ObservedRow, ObservedTable

COLUMNS = (
    Column("customer", "Customer", Kind.TEXT, "The customer's name at AvePoint."),
    Column(
        "first_seen",
        "First seen",
        Kind.MOMENT,
        "When a run first found it; blank once it is listed or no longer at AvePoint.",
        counts=False,
    ),
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID, to copy into the Customers tab.", is_key=True),
)


def missing_customers(data: ReportData) -> Iterator[FoundCustomer]:
    """The customers that were found and are not listed; none while an ID that can't be read may be any of them."""
    if data.found is not None and not data.has_unreadable_ids:
        yield from (one for one in data.found.customers if not data.is_listed(one.customer_id))


def desired_rows(table: ObservedTable, data: ReportData) -> DesiredRows:
    """The rows that the tab should have, given what this run has found; it must have found out something.

    A row goes once its customer is listed or no longer at AvePoint, if that is certain. One in which people wrote
    stays, without its time.
    """
    found = {canonical_id(one.customer_id): one for one in missing_customers(data)}
    is_certain = data.found is not None and data.found.is_complete and not data.has_unreadable_ids
    now = serial_of(data.started, data.zone)
    rows: dict[str, ObservedRow] = {}
    surplus: list[ObservedRow] = []
    for row in table.rows():
        customer = canonical_id(row.text("customer_id"))
        if not customer or (row.number("first_seen") is None and customer not in found):
            continue
        if customer in rows or (customer not in found and is_certain):
            surplus.append(row)
        rows.setdefault(customer, row)
    updates: dict[int, Mapping[str, Value]] = {
        row.index: _values(found[customer], row, now) for customer, row in rows.items() if customer in found
    }
    updates |= {row.index: {"first_seen": None} for row in surplus if row.is_written_in}
    removals = frozenset(row.index for row in surplus if not row.is_written_in)
    additions = [
        Addition({"customer_id": one.customer_id, "customer": one.name, "first_seen": now})
        for customer, one in found.items()
        if customer not in rows
    ]
    ours = frozenset(row.index for row in (*rows.values(), *surplus))
    return DesiredRows(ours, updates, additions, removals)


def lost_rows(table: ObservedTable) -> Iterator[ObservedRow]:
    """The rows of ours that have lost the customer's ID."""
    return (
        row
        for row in table.rows()
        if row.number("first_seen") is not None and not canonical_id(row.text("customer_id"))
    )


def _values(customer: FoundCustomer, row: ObservedRow, now: float) -> Mapping[str, Value]:
    values: dict[str, Value] = {"customer": customer.name}
    if row.number("first_seen") is None:
        values["first_seen"] = now
    return values
