"""The Not Listed tab: customers that AvePoint shows to this app and the Customers tab lacks. Pure.

A row of ours has a time in `First seen`, or the ID of a customer that was found; any other row is people's.
"""

from collections.abc import Iterator, Mapping

from seat_report.domain import FoundCustomer, ReportData, canonical_id
from seat_report.workbook.sheets_api import Value, serial_of
from seat_report.workbook.tables import Column, DesiredRows, Kind, ObservedRow, ObservedTable, RowReconciler

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
    rows, kept = RowReconciler(), set[str]()
    for row in table.rows():
        customer = canonical_id(row.text("customer_id"))
        if not customer or (row.number("first_seen") is None and customer not in found):
            continue
        rows.claim(row)
        if customer in kept or (customer not in found and is_certain):
            rows.drop(row, instead={"first_seen": None})
        elif customer in found:
            rows.write(row, _values(found[customer], row, now))
        kept.add(customer)
    for customer, one in found.items():
        if customer not in kept:
            rows.add({"customer_id": one.customer_id, "customer": one.name, "first_seen": now})
    return rows.desired()


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
