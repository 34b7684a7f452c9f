"""The result of a run, on which every response, page and log line is based."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from seat_report.domain import BillingReport, Outcome, Problem, Query, RunRequest, SeatSum, TenantType
from seat_report.errors import RunError
from seat_report.workbook import Counts, RowChange

# How many changed rows are kept of a run, for display; a preview keeps all.
MOST_ROWS = 500


class CustomerCounts(NamedTuple):
    """Customers by their outcome; listed = queried + skipped, and the failed ones are among the queried."""

    listed: int = 0
    queried: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run has done so far: after a failure it shows how far the run got.

    `names` are the customers' names by ID; `queries` is known before the first result arrives. `tenants` and `seats`
    are those of the whole report after the run (a preview's: as it would be), empty if the run ended before.
    `not_ok_in_a_row` counts the latest runs for everybody in a row that did not end ok, and is None while unknown.
    `outcome_before` is the outcome of the last run for everybody before this one, empty if there was none;
    `closed_months` are the months that this run closed, and whether they are complete, in words; `billing` is what the
    Billing tab says after it.
    `rows` are the rows of the Seat Report that a preview would change, or the first of those that the run has changed.
    """

    request: RunRequest
    started: datetime
    finished: datetime
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    outcome: Outcome = Outcome.FAILED
    failure: RunError | None = None
    duration_seconds: float = 0.0
    customers: CustomerCounts = field(default_factory=CustomerCounts)
    names: Mapping[str, str] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
    tenants: int = 0
    seats: Mapping[TenantType, SeatSum] = field(default_factory=dict)
    changes: Counts = field(default_factory=Counts)
    rows: tuple[RowChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    contract: str | None = None
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    not_ok_in_a_row: int | None = None
    outcome_before: str = ""
    closed_months: Mapping[str, str] = field(default_factory=dict)
    billing: BillingReport | None = None
    spreadsheet_url: str = ""

    @property
    def is_limited(self) -> bool:
        """Whether the run was limited to some customers or types."""
        return self.request.is_limited
