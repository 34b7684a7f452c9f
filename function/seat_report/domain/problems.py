"""What can go wrong with a customer, a query or the workbook, in words for people."""

import enum
from typing import NamedTuple

from seat_report.domain.tenants import TenantType


class ProblemKind(enum.StrEnum):
    """The kind of a problem; stable names that alerts and people's scripts rely on."""

    NOT_FOUND = "not-found"
    NOT_AUTHORISED = "not-authorised"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad-answer"
    NOT_CHECKED = "not-checked"
    NOTHING_CHECKED = "nothing-checked"
    INVALID_CUSTOMER_ID = "invalid-customer-id"
    BLANK_CUSTOMER_ID = "blank-customer-id"
    DUPLICATE_CUSTOMER_ID = "duplicate-customer-id"
    INVALID_TENANT_TYPES = "invalid-tenant-types"
    NOT_LISTED = "not-listed"
    INVALID_INCLUDE = "invalid-include"
    AMBIGUOUS_COLUMN = "ambiguous-column"
    HEADER_LOST = "header-lost"
    LOST_KEY = "lost-key"
    MERGED_CELLS = "merged-cells"
    KEPT_DIFFERENTLY = "kept-differently"
    SPREADSHEET_BUSY = "spreadsheet-busy"
    MANY_DISAPPEARED = "many-disappeared"
    MONTH_NOT_WRITTEN = "month-not-written"

    @property
    def is_notice(self) -> bool:
        """Whether the problem is only a notice: the report is complete despite it."""
        return self in (
            ProblemKind.BLANK_CUSTOMER_ID,
            ProblemKind.DUPLICATE_CUSTOMER_ID,
            ProblemKind.INVALID_INCLUDE,
        )


class Problem(NamedTuple):
    """One problem and where it occurred; `detail` says in a sentence for people what happened and what to do.

    `row` is the row of the Customers tab, counted from 1 as people see it. `evidence` is for support: what may differ
    each time the same happens, such as AvePoint's ID of the request. The spreadsheet leaves it out, or every run would
    change cells although nothing has changed.
    """

    kind: ProblemKind
    detail: str
    customer_id: str | None = None
    row: int | None = None
    tenant_type: TenantType | None = None
    evidence: str = ""

    @property
    def full_detail(self) -> str:
        """The detail with the evidence, for logs and responses."""
        return f"{self.detail.removesuffix('.')} ({self.evidence})." if self.evidence else self.detail
