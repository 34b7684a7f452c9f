"""What the stages of a run come to, each frozen once it is over, and the result that they make together. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

from seat_report.collecting import Collected
from seat_report.domain import (
    BillingReport,
    CustomerList,
    Outcome,
    Problem,
    Query,
    RunRequest,
    Scope,
    SeatSum,
    TenantType,
    Traffic,
)
from seat_report.errors import AvePointError, RunError
from seat_report.reporting import MOST_ROWS, CustomerCounts, RunResult, no_answers_message
from seat_report.workbook import Counts, RowChange, WorkbookPlan


@dataclass(frozen=True, slots=True)
class Opened:
    """What the spreadsheet says before the run."""

    url: str
    zone: tzinfo
    not_ok_in_a_row: int | None = None
    outcome_before: str = ""


@dataclass(frozen=True, slots=True)
class Selected:
    """The customers that are listed, which of them the run covers, and its queries in their order."""

    customer_list: CustomerList
    scope: Scope
    queries: tuple[Query, ...] = ()

    @property
    def names(self) -> Mapping[str, str]:
        """The customers' names by ID."""
        return {customer.customer_id: customer.name for customer in self.customer_list.customers}


@dataclass(frozen=True, slots=True)
class Planned:
    """What the first plan of the workbook changes; later plans only repair."""

    overall: SeatSum
    seats: Mapping[TenantType, SeatSum]
    changes: Counts
    rows: tuple[RowChange, ...]
    billing: BillingReport | None
    closed_months: Mapping[str, str]

    @classmethod
    def of(cls, plan: WorkbookPlan) -> "Planned":
        """What this plan changes."""
        report = plan.report
        seats = dict(plan.totals.by_type)
        return cls(plan.totals.overall, seats, report.counts, report.rows[:MOST_ROWS], plan.billing, plan.closed)


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one run as far as it has got; `problems`, `warnings` and `traffic` are those of all of them.

    `is_refused` says that AvePoint could not be asked at all.
    """

    opened: Opened | None = None
    selected: Selected | None = None
    collected: Collected | None = None
    planned: Planned | None = None
    is_refused: bool = False
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def zone(self) -> tzinfo:
        """The spreadsheet's time zone."""
        return self.opened.zone if self.opened else UTC

    @property
    def customers(self) -> CustomerCounts:
        """How many customers are listed, queried, failed so far and skipped."""
        if (selected := self.selected) is None:
            return CustomerCounts()
        listed = len(selected.customer_list.customers) + selected.customer_list.unusable
        queried = len(selected.scope.queried)
        failed = queried if self.is_refused else self.collected.failed_customers if self.collected else 0
        return CustomerCounts(listed, queried, failed, listed - queried)

    def add_problems(self, *problems: Problem) -> "Stages":
        """These stages with more problems."""
        return replace(self, problems=(*self.problems, *problems))

    def add_warnings(self, *warnings: str) -> "Stages":
        """These stages with more warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))

    def add_traffic(self, traffic: Traffic) -> "Stages":
        """These stages with what AvePoint was sent; a warning that is known is not repeated."""
        before = self.traffic
        summed = Traffic(
            before.requests + traffic.requests, before.retries + traffic.retries, before.throttled + traffic.throttled
        )
        fresh = (warning for warning in traffic.warnings if warning not in self.warnings)
        return replace(self, traffic=summed, warnings=(*self.warnings, *fresh))


def summarise(
    stages: Stages,
    request: RunRequest,
    failure: RunError | None,
    *,
    run_id: str,
    started: datetime,
    finished: datetime,
    seconds: float,
) -> RunResult:
    """The result of a run that has got so far; `failure` is what ended it early."""
    opened, selected, collected, planned = stages.opened, stages.selected, stages.collected, stages.planned
    if failure is None and collected is not None and collected.is_nothing_answered:
        # The workbook is still updated: it shows which numbers are stale.
        failure = AvePointError(no_answers_message(collected.collection))
    outcome = _outcome(stages, failure)
    not_ok = opened.not_ok_in_a_row if opened else None
    if not_ok is not None and not (request.is_limited or request.dry_run):
        not_ok = 0 if outcome is Outcome.OK else not_ok + 1
    return RunResult(
        request=request,
        started=started,
        finished=finished,
        run_id=run_id,
        outcome=outcome,
        failure=failure,
        duration_seconds=round(seconds, 3),
        customers=stages.customers,
        names=selected.names if selected else {},
        queries=selected.queries if selected else (),
        tenants=planned.overall.tenants if planned else 0,
        seats=planned.seats if planned else {},
        changes=planned.changes if planned else Counts(),
        rows=planned.rows if planned else (),
        problems=stages.problems,
        warnings=stages.warnings,
        contract=collected.collection.contract if collected else None,
        requests=stages.traffic.requests,
        retries=stages.traffic.retries,
        throttled=stages.traffic.throttled,
        not_ok_in_a_row=not_ok,
        outcome_before=opened.outcome_before if opened else "",
        closed_months=planned.closed_months if planned else {},
        billing=planned.billing if planned else None,
        spreadsheet_url=opened.url if opened else "",
    )


def _outcome(stages: Stages, failure: RunError | None) -> Outcome:
    if failure is not None:
        return Outcome.FAILED
    return Outcome.PARTIAL if any(not problem.kind.is_notice for problem in stages.problems) else Outcome.OK
