"""What to run, and what came of it: the words in which every answer, page and log line tells of a run."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from seat_report.domain import Outcome, Problem, Query, RunRequest, TenantType
from seat_report.errors import RunError
from seat_report.workbook import Counts, RowChange


@dataclass(slots=True)
class CustomerCounts:
    """Customers by what became of them; listed = queried + skipped, and failed are some of those queried."""

    listed: int = 0
    queried: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class SeatCounts:
    """Seats of one tenant type, over all tenants that answered."""

    assigned: int = 0
    available: int = 0


@dataclass(slots=True)
class RunResult:
    """What happened, filled in as the run goes: if it fails half-way, it says how far it got.

    `names` are the customers' names by ID; `queries` is what is asked, known before the first answer;
    `not_ok_in_a_row` counts the latest runs that did not end ok, this one included, None while that is unknown.
    """

    request: RunRequest
    started: datetime
    finished: datetime
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    outcome: Outcome = Outcome.FAILED
    failure: RunError | None = None
    duration_seconds: float = 0.0
    customers: CustomerCounts = field(default_factory=CustomerCounts)
    names: dict[str, str] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
    tenants: int = 0
    seats: dict[TenantType, SeatCounts] = field(default_factory=dict)
    changes: Counts = field(default_factory=Counts)
    rows: tuple[RowChange, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    contract: str | None = None
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    not_ok_in_a_row: int | None = None
    spreadsheet_url: str = ""

    @property
    def is_limited(self) -> bool:
        """Whether only some customers or types were asked about."""
        return bool(self.request.customer_ids or self.request.tenant_types)
