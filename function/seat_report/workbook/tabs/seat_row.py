"""Read a `TenantRow` from a row of the Seat Report: its key, its status and its numbers."""

from collections.abc import Mapping

from seat_report.domain import Number, Scope, Status, TenantKey, TenantRow, TenantType, month_of
from seat_report.workbook.sheets_api import Value, wall_time
from seat_report.workbook.tables import ObservedRow, number_in

# A cell holds 50,000 characters; no name or sentence of ours needs a tenth of that.
LONGEST_TEXT = 5_000
# What `Detail` says of a row that has lost its key; earlier versions recognised it by this.
LOST_KEY = "its Customer ID, Tenant type or Tenant ID is missing"


def key_of(row: ObservedRow) -> TenantKey | None:
    """The row's key; None if the row has no valid one."""
    customer_id, type_text = row.text("customer_id"), row.text("tenant_type")
    try:
        tenant_type = TenantType.parse(type_text) if type_text else None
    except ValueError:
        return None
    key = TenantKey.of(customer_id, tenant_type, row.text("tenant_id"))
    return key if key.customer else None


def status_of(row: ObservedRow) -> Status | None:
    """The row's status; None if the cell holds anything else."""
    try:
        return Status(row.text("status"))
    except ValueError:
        return None


def is_result(row: ObservedRow, key: TenantKey) -> bool:
    """Whether a row without a status is ours: people don't note when they checked a customer's tenant."""
    has_result = row.number("last_checked") is not None or (key.tenant_type is not None and row.text("detail") != "")
    return has_result or bool(key.tenant and key.tenant_type)


def is_in_month(last_checked: Number | None, month: str) -> bool:
    """Whether numbers with this `Last checked` were verified in the month."""
    checked = wall_time(last_checked)
    return checked is not None and month_of(checked) == month


def is_surely_in_scope(row: ObservedRow, scope: Scope) -> bool:
    """Whether a run of this scope may change a row that has lost its key, whosever it is."""
    customer_id = row.text("customer_id")
    if scope.tenant_types is not None or not customer_id:
        return scope.is_unlimited
    return scope.admits_customer(customer_id)


def read_tenant_row(key: TenantKey, values: Mapping[str, Value], run_serial: float) -> TenantRow:
    """The row with this key and these values of its other columns, by name.

    `run_serial` is the start of the run: a current row that was last checked then was confirmed by this run.
    """

    def text(name: str) -> str:
        return str(values.get(name) or "")

    def number(name: str) -> Number | None:
        return number_in(values.get(name))

    try:
        status = Status(text("status"))
    except ValueError:
        # Somebody overwrote the status, and the row is out of this run's scope: its numbers don't count.
        status = Status.NOT_REPORTED
    checked = number("last_checked")
    return TenantRow(
        key=key,
        customer_id=text("customer_id"),
        customer=text("customer"),
        tenant_id=text("tenant_id"),
        tenant=text("tenant"),
        status=status,
        detail=text("detail"),
        assigned=number("assigned"),
        available=number("available"),
        total=number("total"),
        change=number("change"),
        last_checked=checked,
        is_confirmed=status is Status.CURRENT and checked == run_serial,
    )
