"""The domain: tenant types, seats, what one query came to, and problems in the words that people read.

Knows nothing of HTTP, spreadsheets or settings; everything else speaks in these terms.
"""

import enum
import functools
import re
from typing import NamedTuple

from seat_report.texts import found

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class TenantType(enum.StrEnum):
    """A product whose seats are counted; its value is the name used in settings, parameters and answers.

    The numbers are those of the seat API specification (path parameter `type`).
    """

    MICROSOFT_365 = "microsoft-365"
    SALESFORCE = "salesforce"
    GOOGLE = "google"
    DYNAMICS_365 = "dynamics-365"

    @property
    def number(self) -> int:
        """The type's number in AvePoint's addresses: 0 to 3."""
        return list(TenantType).index(self)

    @property
    def label(self) -> str:
        """The type as people write it: `Microsoft 365`."""
        return self.value.replace("-", " ").title()

    @classmethod
    @functools.lru_cache(maxsize=64)
    def parse(cls, text: str) -> "TenantType":
        """The type that a person means by its name, its label or its number, whatever the case and spacing.

        Raises ValueError, naming what is possible.
        """
        wanted = re.sub(r"[\s_-]+", "-", text.strip().casefold())
        for tenant_type in cls:
            if wanted in (tenant_type.value, str(tenant_type.number)):
                return tenant_type
        possible = ", ".join(f"{tenant_type} ({tenant_type.number})" for tenant_type in cls)
        raise ValueError(f"{found(text.strip())}, expected some of: {possible}")


class ProblemKind(enum.StrEnum):
    """Why something could not be answered or used; stable names that alerts and people's scripts rely on."""

    NOT_FOUND = "not-found"
    NOT_AUTHORISED = "not-authorised"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad-answer"
    NOT_CHECKED = "not-checked"
    INVALID_CUSTOMER_ID = "invalid-customer-id"
    BLANK_CUSTOMER_ID = "blank-customer-id"
    DUPLICATE_CUSTOMER_ID = "duplicate-customer-id"
    INVALID_TENANT_TYPES = "invalid-tenant-types"
    NOT_LISTED = "not-listed"
    INVALID_INCLUDE = "invalid-include"
    AMBIGUOUS_COLUMN = "ambiguous-column"
    HEADER_LOST = "header-lost"
    SPREADSHEET_BUSY = "spreadsheet-busy"
    MANY_DISAPPEARED = "many-disappeared"

    @property
    def is_notice(self) -> bool:
        """Whether it is worth a word but takes nothing away from the report."""
        return self in (
            ProblemKind.BLANK_CUSTOMER_ID,
            ProblemKind.DUPLICATE_CUSTOMER_ID,
            ProblemKind.INVALID_INCLUDE,
        )


class Customer(NamedTuple):
    """One customer that people listed.

    `tenant_types` are those that they limited it to, None for all; `row` is its row in the Customers tab, counted
    from 1; one that is not included is to be left out of the report.
    """

    customer_id: str
    name: str
    row: int
    tenant_types: tuple[TenantType, ...] | None = None
    is_included: bool = True


class Problem(NamedTuple):
    """One thing that went wrong, where, and in `detail` what happened and what to do, in a sentence for people.

    `row` is the row of the Customers tab, counted from 1 as people see it.
    """

    kind: ProblemKind
    detail: str
    customer_id: str | None = None
    row: int | None = None
    tenant_type: TenantType | None = None


class TenantSeats(NamedTuple):
    """One tenant's seats as the service counts them; both counts are whole and not negative."""

    tenant_id: str
    name: str
    assigned: int
    available: int


class UnusableTenant(NamedTuple):
    """An entry of an answer whose numbers can't be used; `tenant_id` is None if even that is missing."""

    tenant_id: str | None
    name: str
    problem: Problem


class Query(NamedTuple):
    """One question to the service: the seats of one customer's tenants of one type."""

    customer_id: str
    tenant_type: TenantType


class Answer(NamedTuple):
    """What one query came to: tenants (perhaps none), or in `failure` the reason why there is no answer.

    `unusable` holds entries of an answer whose numbers could not be used; the other tenants stand.
    """

    query: Query
    tenants: tuple[TenantSeats, ...] = ()
    unusable: tuple[UnusableTenant, ...] = ()
    failure: Problem | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that went wrong with this query, most important first."""
        failures = (self.failure,) if self.failure else ()
        return failures + tuple(tenant.problem for tenant in self.unusable)


class Collection(NamedTuple):
    """All answers of one run, one a query, and what it took to get them."""

    answers: tuple[Answer, ...]
    contract: str | None
    requests: int
    retries: int
    throttled: int
    warnings: tuple[str, ...] = ()


def looks_like_guid(text: str) -> bool:
    """Whether the text is written as a GUID, the form of AvePoint's customer IDs."""
    return _GUID.fullmatch(text) is not None


def same_id(text: str) -> str:
    """The form in which two spellings of one ID are equal: a GUID's case means nothing, other IDs' does."""
    return text.lower() if looks_like_guid(text) else text
