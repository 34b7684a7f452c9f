"""Tenant types, a tenant's seats, and a tenant's row as all tables of the report use it."""

import enum
import functools
import re
from typing import NamedTuple

from seat_report.domain.identity import canonical_id
from seat_report.domain.sanitising import repeated


class TenantType(enum.StrEnum):
    """A product whose seats are counted; its value is the name used in settings, parameters and responses.

    The numbers are those of the seat API specification (path parameter `type`).
    """

    MICROSOFT_365 = "microsoft-365"
    SALESFORCE = "salesforce"
    GOOGLE = "google"
    DYNAMICS_365 = "dynamics-365"

    @property
    def number(self) -> int:
        """The type's number in AvePoint's URLs: 0 to 3."""
        return list(TenantType).index(self)

    @property
    def label(self) -> str:
        """The type as people write it: `Microsoft 365`."""
        return self.value.replace("-", " ").title()

    @classmethod
    @functools.lru_cache(maxsize=64)
    def parse(cls, text: str) -> "TenantType":
        """The type with this name, label or number, ignoring case and spacing.

        Raises ValueError, which lists the valid values.
        """
        wanted = re.sub(r"[\s_-]+", "-", text.strip().casefold())
        for tenant_type in cls:
            if wanted in (tenant_type.value, str(tenant_type.number)):
                return tenant_type
        possible = ", ".join(f"{tenant_type} ({tenant_type.number})" for tenant_type in cls)
        raise ValueError(f"{repeated(text.strip())} is not valid; use one or more of: {possible}")


class TenantSeats(NamedTuple):
    """One tenant's seats as the service counts them; both counts are whole and not negative."""

    tenant_id: str
    name: str
    assigned: int
    available: int


Number = int | float


class Status(enum.StrEnum):
    """How reliable a row's numbers are, in the words of the Status column."""

    CURRENT = "Current"
    STALE = "Stale"
    INCOMPLETE = "Incomplete"
    NO_DATA = "No data"
    NO_TENANTS = "No tenants"
    NOT_REPORTED = "Not reported"


class TenantKey(NamedTuple):
    """What identifies a row; a row for all of a type or customer leaves the rest blank."""

    customer: str
    tenant_type: TenantType | None
    tenant: str

    @classmethod
    def of(cls, customer_id: str, tenant_type: TenantType | None = None, tenant_id: str = "") -> "TenantKey":
        """The key for these IDs, equal for all spellings of them."""
        return cls(canonical_id(customer_id), tenant_type, canonical_id(tenant_id))


class TenantRow(NamedTuple):
    """One row of the Seat Report after a run; blank numbers are None.

    `last_checked` is a serial number in the spreadsheet's time zone. `is_confirmed` says whether this run confirmed the
    numbers.
    """

    key: TenantKey
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
        """The tenant's type; None in a row for all of a customer."""
        return self.key.tenant_type

    @property
    def is_shown(self) -> bool:
        """Whether the row has numbers that count in totals."""
        return self.status in (Status.CURRENT, Status.STALE)

    @property
    def has_numbers(self) -> bool:
        """Whether both counts are there."""
        return self.assigned is not None and self.available is not None
