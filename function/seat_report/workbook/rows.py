"""A row of the Seat Report as every table of the workbook understands it: its key, its status, its numbers."""

import enum
from typing import NamedTuple

from seat_report.seats import TenantType, same_id
from seat_report.workbook.table import PresentRow

Number = int | float


class Status(enum.StrEnum):
    """What a row's numbers are worth, in the words of the Status column."""

    CURRENT = "Current"
    STALE = "Stale"
    NO_DATA = "No data"
    NO_TENANTS = "No tenants"
    NOT_REPORTED = "Not reported"

    @classmethod
    def of(cls, row: PresentRow) -> "Status | None":
        """The row's status; None if a person wrote something else there."""
        try:
            return cls(row.text("status"))
        except ValueError:
            return None


class Key(NamedTuple):
    """What tells rows apart; a row that stands for a whole type or customer leaves the rest blank."""

    customer: str
    tenant_type: TenantType | None
    tenant: str

    @classmethod
    def made(cls, customer_id: str, tenant_type: TenantType | None = None, tenant_id: str = "") -> "Key":
        """The key of what has these IDs, whatever the case of a GUID."""
        return cls(same_id(customer_id), tenant_type, same_id(tenant_id))

    @classmethod
    def of(cls, row: PresentRow) -> "Key | None":
        """The row's key; None if what stands there can't be one."""
        customer_id, type_text = row.text("customer_id"), row.text("tenant_type")
        if not customer_id:
            return None
        try:
            tenant_type = TenantType.parse(type_text) if type_text else None
        except ValueError:
            return None
        return cls.made(customer_id, tenant_type, row.text("tenant_id"))


class SeatRow(NamedTuple):
    """One row of the Seat Report as it stands after a run; blank numbers are None.

    `last_checked` is a serial number in the spreadsheet's time zone. `is_confirmed` tells whether the numbers are of
    this very run.
    """

    key: Key
    customer_id: str
    customer: str
    tenant_id: str
    tenant: str
    status: Status
    detail: str
    assigned: Number | None = None
    available: Number | None = None
    total: Number | None = None
    change: Number | None = None
    last_checked: float | None = None
    is_confirmed: bool = False

    @property
    def tenant_type(self) -> TenantType | None:
        """The tenant's type; None in a row that stands for a whole customer."""
        return self.key.tenant_type

    @property
    def is_shown(self) -> bool:
        """Whether the row has numbers that count in totals."""
        return self.status in (Status.CURRENT, Status.STALE)
