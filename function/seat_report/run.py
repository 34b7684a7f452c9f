"""One run, from top to bottom: read the customers, ask AvePoint, write the workbook, say what happened."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Protocol

import structlog
from gspread.http_client import HTTPClient

from seat_report.clock import Clock
from seat_report.domain import (
    Collection,
    CustomerList,
    Outcome,
    Problem,
    ProblemKind,
    Query,
    ReportData,
    RunRequest,
    Scope,
    SeatResult,
    TenantType,
    canonical_id,
    cut,
    in_order,
    scope_of,
)
from seat_report.errors import AvePointError, ConfigurationError, RunError, SpreadsheetError
from seat_report.reporting import RunResult, SeatCounts
from seat_report.settings import Settings
from seat_report.workbook import (
    MARK_KEY,
    ConflictResolver,
    ObservedTable,
    RunLock,
    Snapshot,
    Spreadsheet,
    Titles,
    Totals,
    Value,
    WorkbookPlan,
    WorkbookPlanner,
    apply,
    customers,
    formatting_requests,
    runs,
    seat_report,
    serial_of,
    zone_named,
)

# A quarter of the run's time, but no more than this, is kept for writing, reading back and answering.
_WRITING_SHARE = 0.25
_WRITING_SECONDS = 120.0
_LONGEST_MESSAGE = 500

log = structlog.get_logger()


class SeatSource(Protocol):
    """What a run asks of the AvePoint client."""

    def collect(
        self, queries: list[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """The answers to all queries, at the latest when the clock's monotonic time is `stop_at`."""
        ...


class Run:
    """One run; `go` is all of it.

    `client` reaches the spreadsheet, `avepoint` the seats. `on_result` is told of each answer as it comes.
    """

    def __init__(
        self,
        settings: Settings,
        request: RunRequest,
        *,
        client: HTTPClient,
        avepoint: SeatSource,
        clock: Clock,
        on_result: Callable[[SeatResult], None] | None = None,
    ) -> None:
        self._settings = settings
        self._request = request
        self._avepoint = avepoint
        self._clock = clock
        self._on_result = on_result
        self._titles = Titles(
            report=settings.report_tab,
            by_customer=settings.by_customer_tab,
            history=settings.history_tab,
            overview=settings.overview_tab,
            runs=settings.runs_tab,
        )
        self._began = clock.monotonic()
        self._deadline = self._began + settings.run_timeout_seconds
        self._spreadsheet = Spreadsheet(
            client, settings.spreadsheet_id, clock=clock, deadline=self._deadline, column_key=MARK_KEY
        )
        self._conflicts = ConflictResolver()
        now = clock.now()
        self._zone: tzinfo = UTC
        self.result = RunResult(request, started=now, finished=now)

    def go(self) -> RunResult:
        """Do it all. What ends the run early is in the result's `failure`, with all that was found out before."""
        result = self.result
        try:
            self._from_customers_to_workbook()
        except RunError as error:
            result.failure = error
        finally:
            self._finish()
        return result

    def _from_customers_to_workbook(self) -> None:
        present = self._read()
        listed = self._listed(present)
        scope = self._select(listed)
        if not listed.customers or scope.customers == frozenset():
            return
        self._order_queries(scope, present)
        if self._request.dry_run:
            self._work(listed, scope)
            return
        run_lock = self._new_run_lock()
        run_lock.acquire(present, self._run_row())
        # Asking can take half an hour; what was read is too old then, and too large to be kept meanwhile.
        del present
        try:
            self._work(listed, scope)
        except RunError as error:
            self.result.failure = error
            self._release(run_lock)
            raise
        except BaseException:
            # Nobody expected it, or a person interrupted: the next run should not have to wait for this one's time.
            self.result.failure = RunError("The run ended by an error that nobody expected, or was interrupted.")
            self._release(run_lock)
            raise
        if self.result.failure is not None:
            raise self.result.failure

    def _work(self, listed: CustomerList, scope: Scope) -> None:
        collection = self._ask(scope)
        if collection.results and all(one.failure for one in collection.results):
            # The workbook is written nevertheless: it shows what is stale.
            self.result.failure = AvePointError(_why_nobody_answered(collection))
        self._report(self._report_data(listed, scope, collection))

    # Customers tab → customers, and rows that can't be used.

    def _read(self) -> Snapshot:
        settings, result = self._settings, self.result
        present = self._spreadsheet.read([settings.customers_tab, settings.report_tab, settings.runs_tab])
        result.spreadsheet_url = present.url
        zone = zone_named(present.time_zone)
        if zone is None:
            result.warnings.append(f"The spreadsheet's time zone {present.time_zone!r} is unknown: UTC was used.")
        else:
            self._zone = zone
        if runs_tab := present.tab(settings.runs_tab):
            table = ObservedTable(runs.COLUMNS, runs_tab)
            result.not_ok_in_a_row = runs.not_ok_before(table, result.run_id)
        else:
            result.not_ok_in_a_row = 0
        return present

    def _listed(self, present: Snapshot) -> CustomerList:
        tab = present.tab(self._settings.customers_tab)
        if tab is None:
            self._make_customers_tab(present)
            return CustomerList(())
        return customers.parse(tab)

    def _make_customers_tab(self, present: Snapshot) -> None:
        title = self._settings.customers_tab
        if title != Settings.customers_tab:
            raise customers.missing_tab(title, present.tabs)
        if not self._request.dry_run:
            self._spreadsheet.write(customers.new_tab(title, present))
            self.result.warnings.append(f"The tab {title!r} was missing and has been made: fill it in.")

    def _select(self, listed: CustomerList) -> Scope:
        result, title = self.result, self._settings.customers_tab
        scope = scope_of(self._request, listed, self._settings.tenant_types)
        result.problems.extend([*listed.problems, *scope.problems(title)])
        result.names = {customer.customer_id: customer.name for customer in listed.customers}
        result.customers.listed = len(listed.customers) + listed.unusable
        result.customers.queried = len(scope.queried)
        result.customers.skipped = result.customers.listed - len(scope.queried)
        if not listed.customers and not listed.unusable:
            result.warnings.append(f"There are no customers in the tab {title!r} yet.")
        return scope

    # AvePoint → answers.

    def _order_queries(self, scope: Scope, present: Snapshot) -> None:
        queries = scope.queries
        if report_tab := present.tab(self._settings.report_tab):
            table = ObservedTable(seat_report.COLUMNS, report_tab)
            queries = in_order(queries, seat_report.last_queries(table))
        self.result.queries = tuple(queries)

    def _ask(self, scope: Scope) -> Collection:
        settings, queries = self._settings, list(self.result.queries)
        kept_for_writing = min(_WRITING_SHARE * settings.run_timeout_seconds, _WRITING_SECONDS)
        stop_at = self._deadline - kept_for_writing
        try:
            collection = self._avepoint.collect(queries, stop_at=stop_at, on_result=self._on_result)
        except ConfigurationError:
            self.result.customers.failed = self.result.customers.queried
            raise
        self._tell(collection, scope.rows)
        return collection

    def _tell(self, collection: Collection, rows: Mapping[str, int]) -> None:
        """Take the collection into the result; `rows` are the rows of the Customers tab."""
        result = self.result
        result.contract = collection.contract
        result.requests, result.retries = collection.requests, collection.retries
        result.throttled = collection.throttled
        result.warnings.extend(collection.warnings)
        result.customers.failed = len({one.query.customer_id for one in collection.results if one.failure})
        # A type that nobody answered for has no counts: no answer is not zero.
        answered = {one.query.tenant_type for one in collection.results if not one.failure}
        result.seats = {tenant_type: SeatCounts() for tenant_type in TenantType if tenant_type in answered}
        for one in collection.results:
            row = rows.get(canonical_id(one.query.customer_id))
            result.problems.extend(problem._replace(row=row) for problem in one.problems)
            for seats in one.tenants:
                result.tenants += 1
                result.seats[one.query.tenant_type].assigned += seats.assigned
                result.seats[one.query.tenant_type].available += seats.available

    def _report_data(self, listed: CustomerList, scope: Scope, collection: Collection) -> ReportData:
        return ReportData(
            started=self.result.started,
            zone=self._zone,
            customers=listed.customers,
            results={(canonical_id(one.query.customer_id), one.query.tenant_type): one for one in collection.results},
            tenant_types=self._settings.tenant_types,
            available_is_total=self._settings.available_seats_mean == "all",
            scope=scope,
            problems=listed.problems,
            warnings=collection.warnings,
        )

    # Present tabs → plan → the spreadsheet.

    def _report(self, data: ReportData) -> None:
        result, titles = self.result, self._titles
        months = self._settings.history_months
        planner = WorkbookPlanner(
            titles, data, run_id=result.run_id, history_months=months, run_row=self._take_first_plan
        )
        if self._request.dry_run:
            result.rows = planner.plan(self._spreadsheet.read(titles.all())).report.rows
            return
        written = apply(self._spreadsheet, titles.all(), planner.plan, self._conflicts)
        if not written.is_complete:
            detail = (
                "Somebody was working in the spreadsheet all the while, so that some numbers may stand in the wrong "
                "row. Run again when nobody does: that sets it right."
            )
            result.problems.append(Problem(ProblemKind.SPREADSHEET_BUSY, detail))
            self._release(self._new_run_lock())
        if batch := formatting_requests(written.snapshot, titles, data, months):
            self._format(batch)

    def _take_first_plan(self, plan: WorkbookPlan) -> Mapping[str, Value]:
        """What the first plan says holds for the run: later ones only repair. Gives the run's completed row."""
        result = self.result
        result.changes = plan.report.counts
        result.problems.extend(plan.problems)
        result.outcome = _outcome(result)
        return self._run_row(plan.totals)

    def _format(self, batch: list[dict[str, object]]) -> None:
        """Give new tabs and columns their looks; that it fails costs no number."""
        try:
            self._spreadsheet.write(batch)
        except (SpreadsheetError, ConfigurationError) as error:
            log.warning("the looks could not be applied", reason=str(error))
            warning = f"The numbers are written, but the looks could not be applied: {error}"
            self.result.warnings.append(warning)
            self._release(self._new_run_lock())

    # The run's own row.

    def _new_run_lock(self) -> RunLock:
        longest = timedelta(seconds=self._settings.run_timeout_seconds)
        started, run_id = self.result.started, self.result.run_id
        return RunLock(
            self._spreadsheet,
            self._titles.runs,
            run_id=run_id,
            now=started,
            zone=self._zone,
            longest=longest,
            conflicts=self._conflicts,
        )

    def _release(self, run_lock: RunLock) -> None:
        """Complete the run's row, if that is still possible; otherwise the next run finds it interrupted."""
        self.result.outcome = _outcome(self.result)
        try:
            run_lock.release(self._run_row())
        except RunError as last_error:
            log.warning("the run's row could not be completed", reason=str(last_error))

    def _run_row(self, totals: Totals | None = None) -> Mapping[str, Value]:
        """The run's row of the Runs tab as far as the run has got; what isn't known yet stays as it is."""
        result, request = self.result, self._request
        row: dict[str, Value] = {
            "started": serial_of(result.started, self._zone),
            "trigger": request.trigger,
            "by": request.by,
            "outcome": str(result.outcome),
            "customers": result.customers.queried,
            "requests": result.requests,
            "retries": result.retries,
        }
        if result.requests or result.failure or totals is not None:
            row |= {
                "finished": serial_of(self._clock.now(), self._zone),
                "seconds": round(self._clock.monotonic() - self._began),
                "failed": result.customers.failed,
                "message": _message(result),
            }
        if totals is not None:
            row |= {
                "tenants": totals.tenants,
                "assigned": totals.assigned,
                "available": totals.available,
                "rows_added": result.changes.rows_added,
                "rows_updated": result.changes.rows_updated,
                "rows_removed": result.changes.rows_removed,
            }
        return row

    def _finish(self) -> None:
        result = self.result
        result.outcome = _outcome(result)
        if result.not_ok_in_a_row is not None:
            result.not_ok_in_a_row = 0 if result.outcome is Outcome.OK else result.not_ok_in_a_row + 1
        result.finished = self._clock.now()
        result.duration_seconds = round(self._clock.monotonic() - self._began, 3)


def _message(result: RunResult) -> str:
    """What was wrong, in short."""
    parts = [str(result.failure)] if result.failure else []
    kinds = Counter(problem.kind for problem in result.problems)
    parts += [f"{count} × {kind}" for kind, count in kinds.most_common()]
    parts += result.warnings
    return cut("; ".join(parts), _LONGEST_MESSAGE)


def _why_nobody_answered(collection: Collection) -> str:
    failures = [one.failure for one in collection.results if one.failure]
    (kind, _), *_rest = Counter(failure.kind for failure in failures).most_common()
    first = next(failure.detail for failure in failures if failure.kind is kind)
    return f"AvePoint answered for no customer; the report shows the last known numbers as stale. Most often: {first}"


def _outcome(result: RunResult) -> Outcome:
    if result.failure is not None:
        return Outcome.FAILED
    return Outcome.PARTIAL if any(not problem.kind.is_notice for problem in result.problems) else Outcome.OK
