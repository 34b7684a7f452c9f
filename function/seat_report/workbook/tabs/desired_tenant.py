"""A row that the results of a run call for in the Seat Report. Pure."""

from dataclasses import dataclass

from seat_report.domain import Customer, Status, TenantKey, TenantSeats, TenantType


@dataclass(slots=True)
class DesiredTenant:
    """A row that the results of this run call for: its key and what its other cells should hold."""

    customer: Customer
    tenant_type: TenantType | None
    tenant_id: str
    seats: TenantSeats | None = None
    status: Status = Status.CURRENT
    detail: str = ""
    name: str = ""
    # When it was last confirmed that there is no tenant; None for a row of a tenant.
    checked: float | None = None
    # Whether it has no good answer because there was no time to ask, in this run or any before.
    is_out_of_time: bool = False

    @property
    def key(self) -> TenantKey:
        """What identifies the row."""
        return TenantKey.of(self.customer.customer_id, self.tenant_type, self.tenant_id)
