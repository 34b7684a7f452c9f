"""One run, top to bottom: read the customers, query AvePoint, update the workbook, record what happened."""

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, tzinfo

import structlog
from gspread.http_client import HTTPClient

from seat_report.clock import Clock
from seat_report.collecting import Collected, Collecting, SeatSource
from seat_report.domain import (
    CustomerList,
    Outcome,
    ReportData,
    ReportTotals,
    RunRequest,
    Scope,
    SeatResult,
    canonical_id,
    month_of,
    nothing_checked,
    scope_of,
)
from seat_report.errors import AvePointError, RunError
from seat_report.reporting import MOST_ROWS, RunResult, limits, no_answers_message, run_message
from seat_report.settings import Settings
from seat_report.workbook import (
    MARK_KEY,
    ConflictResolver,
    Counts,
    ObservedTable,
    Request,
    RunLock,
    Snapshot,
    Spreadsheet,
    Titles,
    Value,
    WorkbookPlan,
    WorkbookPlanner,
    apply,
    apply_formatting,
    customers,
    filter_requests,
    formatting_requests,
    history,
    new_customers_tab,
    run_now,
    runs,
    serial_of,
    zone_named,
)

log = structlog.get_logger()


class Run:
    """One run; `go` does all of it.

    `client` connects to the spreadsheet, `avepoint` to the seats. `on_result` is called with each result as it arrives.
    `is_admitted` says whether the run has acquired the lock in the spreadsheet, which a preview does without.
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
        self._clock = clock
        self._titles = Titles(
            report=settings.report_tab,
            by_customer=settings.by_customer_tab,
            history=settings.history_tab,
            overview=settings.overview_tab,
            runs=settings.runs_tab,
            billing=settings.billing_tab,
        )
        self._start_time = clock.monotonic()
        self._deadline = self._start_time + settings.run_timeout_seconds
        self._spreadsheet = Spreadsheet(
            client, settings.spreadsheet_id, clock=clock, deadline=self._deadline, column_key=MARK_KEY
        )
        self._conflicts = ConflictResolver()
        now = clock.now()
        self._zone: tzinfo = UTC
        self.result = RunResult(request, started=now, finished=now)
        self._avepoint = Collecting(
            settings, avepoint, self.result, clock=clock, deadline=self._deadline, on_result=on_result
        )
        self.is_admitted = False

    def go(self) -> RunResult:
        """Run everything. The result holds all that is known; if the run ended early, its `failure` says why."""
        result = self.result
        try:
            self._execute()
        except RunError as error:
            result.failure = error
        finally:
            self._finish()
        return result

    def _execute(self) -> None:
        snapshot = self._read_tabs()
        customer_list = self._read_customers(snapshot)
        scope = self._select_customers(customer_list)
        if scope.customers == frozenset():
            # Nobody that was asked for is listed.
            return
        if not scope.queried:
            if _is_new(snapshot, self._settings) and not customer_list.customers and not customer_list.unusable:
                # A new spreadsheet, whose customers have yet to be filled in or checked.
                title = self._settings.customers_tab
                if snapshot.tab(title) is not None or self._request.dry_run:
                    self.result.warnings.append(f"There are no customers in the tab {title!r} yet.")
                return
            customer_list, scope = self._nothing_to_check(customer_list, scope)
        self._avepoint.order(scope, snapshot)
        if self._request.dry_run:
            self._collect_and_update(customer_list, scope)
            return
        run_lock = self._new_run_lock()
        run_lock.acquire(snapshot, self._run_row(), also=self._clear_request)
        self.is_admitted = True
        # Queries can take half an hour: by then the snapshot is out of date, and it is too large to keep meanwhile.
        del snapshot
        try:
            self._collect_and_update(customer_list, scope)
        except RunError as error:
            self.result.failure = error
            self._release(run_lock)
            raise
        except BaseException:
            # An unexpected error or an interruption: release the lock, or the next run waits until it expires.
            self.result.failure = RunError("The run ended with an unexpected error, or was interrupted.")
            self._release(run_lock)
            raise
        if self.result.failure is not None:
            raise self.result.failure

    def _collect_and_update(self, customer_list: CustomerList, scope: Scope) -> None:
        collected = self._avepoint.collect(scope)
        collection = collected.collection
        if collection.results and all(seat_result.failure for seat_result in collection.results):
            # The workbook is still updated: it shows which numbers are stale.
            self.result.failure = AvePointError(no_answers_message(collection))
        self._update_workbook(self._report_data(customer_list, scope, collected))

    # Customers tab → customers to query, and problems of its rows.

    def _read_tabs(self) -> Snapshot:
        settings, result = self._settings, self.result
        tabs = [settings.customers_tab, settings.report_tab, settings.runs_tab]
        if settings.purchased_seats:
            tabs.append(settings.billing_tab)
        first_rows_of = [settings.history_tab, *([settings.overview_tab] if self._is_requested else [])]
        snapshot = self._spreadsheet.read(tabs, first_rows_of=first_rows_of)
        result.spreadsheet_url = snapshot.url
        zone = zone_named(snapshot.time_zone)
        if zone is None:
            result.warnings.append(f"The spreadsheet's time zone {snapshot.time_zone!r} is unknown: UTC was used.")
        else:
            self._zone = zone
        if history_tab := snapshot.tab(settings.history_tab):
            history.refuse_wrong_clock(history_tab, month_of(result.started.astimezone(self._zone)))
        if runs_tab := snapshot.tab(settings.runs_tab):
            table = ObservedTable(runs.COLUMNS, runs_tab)
            result.not_ok_in_a_row = runs.not_ok_before(table, result.run_id)
            result.outcome_before = runs.outcome_before(table, result.run_id)
        else:
            result.not_ok_in_a_row = 0
        return snapshot

    def _read_customers(self, snapshot: Snapshot) -> CustomerList:
        tab = snapshot.tab(self._settings.customers_tab)
        if tab is None:
            self._create_customers_tab(snapshot)
            return CustomerList(())
        return customers.parse(tab)

    def _create_customers_tab(self, snapshot: Snapshot) -> None:
        title = self._settings.customers_tab
        if title != Settings.customers_tab or not _is_new(snapshot, self._settings):
            raise customers.missing_tab(title, snapshot.tabs)
        if self._request.dry_run:
            return
        found = self._avepoint.find_customers().customers if self._settings.find_customers else ()
        self._spreadsheet.write(new_customers_tab.new_tab(title, snapshot, found))
        what = "fill it in"
        if found:
            what = f"check the {len(found):,} customers in it, which AvePoint shows to this app, then run again"
        self.result.warnings.append(f"The tab {title!r} was missing and has been created: {what}.")

    def _select_customers(self, customer_list: CustomerList) -> Scope:
        result, title = self.result, self._settings.customers_tab
        scope = scope_of(self._request, customer_list, self._settings.tenant_types)
        result.problems.extend([*customer_list.problems, *scope.problems(title)])
        result.names = {customer.customer_id: customer.name for customer in customer_list.customers}
        result.customers.listed = len(customer_list.customers) + customer_list.unusable
        result.customers.queried = len(scope.queried)
        result.customers.skipped = result.customers.listed - len(scope.queried)
        return scope

    def _nothing_to_check(self, customer_list: CustomerList, scope: Scope) -> tuple[CustomerList, Scope]:
        """Record that nothing is checked; without a single customer listed, the report only says so."""
        problem = nothing_checked(customer_list, self._settings.customers_tab, is_limited=self.result.is_limited)
        self.result.problems.append(problem)
        if not self.result.is_limited:
            customer_list = customer_list._replace(problems=(*customer_list.problems, problem))
        if not customer_list.customers:
            scope = scope._replace(customers=frozenset())
        return customer_list, scope

    # Results → the data of the report.

    def _report_data(self, customer_list: CustomerList, scope: Scope, collected: Collected) -> ReportData:
        collection = collected.collection
        return ReportData(
            started=self.result.started,
            zone=self._zone,
            customers=customer_list.customers,
            results={
                (canonical_id(seat_result.query.customer_id), seat_result.query.tenant_type): seat_result
                for seat_result in collection.results
            },
            tenant_types=self._settings.tenant_types,
            available_is_total=self._settings.available_seats_mean == "all",
            scope=scope,
            problems=customer_list.problems,
            warnings=collection.warnings,
            unusable_ids=customer_list.unusable,
            has_unreadable_ids=customer_list.unreadable > 0,
            purchased=collected.purchased,
            found=collected.found,
            billing_basis=self._settings.billing_basis,
            billing_tolerance=self._settings.billing_tolerance,
        )

    # Current tabs → plan → spreadsheet.

    def _update_workbook(self, data: ReportData) -> None:
        if data.found is not None and data.found.was_read:
            self._titles = self._titles._replace(not_listed=self._settings.not_listed_tab)
        result, titles = self.result, self._titles
        months = self._settings.history_months
        planner = WorkbookPlanner(
            titles, data, run_id=result.run_id, history_months=months, run_row=self._record_first_plan
        )
        if self._request.dry_run:
            result.rows = planner.plan(self._spreadsheet.read(titles.all())).report.rows
            return
        try:
            applied = apply(self._spreadsheet, titles.all(), planner.plan, self._conflicts)
        except BaseException:
            # Planned, but perhaps never written.
            result.changes, result.rows = Counts(), ()
            raise
        if (problem := applied.problem) is not None:
            result.problems.append(problem)
            self._release(self._new_run_lock())
        snapshot, last_rows = applied.snapshot, planner.last_rows
        formatting = formatting_requests(snapshot, titles, data, months, last_rows)
        self._apply_formatting([*formatting, *filter_requests(snapshot, titles, data, months, last_rows)])

    def _record_first_plan(self, plan: WorkbookPlan) -> Mapping[str, Value]:
        """Record the changes of the first plan (later plans only repair) and return the run's completed row."""
        result = self.result
        result.changes, result.rows = plan.report.counts, plan.report.rows[:MOST_ROWS]
        result.tenants, result.seats = plan.totals.overall.tenants, dict(plan.totals.by_type)
        result.problems.extend(plan.problems)
        result.warnings.extend(plan.warnings)
        result.billing, result.closed_months = plan.billing, plan.closed
        result.outcome = _outcome_of(result)
        return self._run_row(plan.totals)

    def _apply_formatting(self, batch: list[dict[str, object]]) -> None:
        """Format new tabs and columns; a failure costs no numbers."""
        if warnings := apply_formatting(self._spreadsheet, batch):
            self.result.warnings.extend(warnings)
            self._release(self._new_run_lock())

    # The run's own row.

    @property
    def _is_requested(self) -> bool:
        return self._request.trigger == "request"

    def _clear_request(self, snapshot: Snapshot) -> list[Request]:
        """What clears the box that requested this run."""
        return run_now.clear_requests(snapshot, self._settings.overview_tab) if self._is_requested else []

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
            checked_at=self._clock.now(),
            conflicts=self._conflicts,
        )

    def _release(self, run_lock: RunLock) -> None:
        """Complete the run's row if that is still possible; otherwise the next run marks it as interrupted."""
        self.result.outcome = _outcome_of(self.result)
        try:
            run_lock.release(self._run_row())
        except RunError as last_error:
            log.warning("the run's row could not be completed", reason=str(last_error))

    def _run_row(self, totals: ReportTotals | None = None) -> Mapping[str, Value]:
        """The run's row in the Runs tab as far as the run has got; what isn't known yet keeps its value."""
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
        if result.is_limited:
            row["message"] = limits(result)
        if result.requests or result.failure or totals is not None:
            row |= {
                "finished": serial_of(self._clock.now(), self._zone),
                "seconds": round(self._clock.monotonic() - self._start_time),
                "failed": result.customers.failed,
                "message": run_message(result),
            }
        if totals is not None:
            # People take these numbers for those of the whole report, so they are blank if any part is missing.
            overall = totals.overall
            row |= {
                "tenants": overall.tenants if overall.is_complete else None,
                "assigned": overall.assigned if overall.is_complete else None,
                "available": overall.available if overall.is_complete else None,
                "rows_added": result.changes.rows_added,
                "rows_updated": result.changes.rows_updated,
                "rows_removed": result.changes.rows_removed,
            }
        return row

    def _finish(self) -> None:
        result = self.result
        result.outcome = _outcome_of(result)
        if result.not_ok_in_a_row is not None and not (result.is_limited or result.request.dry_run):
            result.not_ok_in_a_row = 0 if result.outcome is Outcome.OK else result.not_ok_in_a_row + 1
        result.finished = self._clock.now()
        result.duration_seconds = round(self._clock.monotonic() - self._start_time, 3)


def _is_new(snapshot: Snapshot, settings: Settings) -> bool:
    """Whether no run has worked in the spreadsheet yet."""
    return snapshot.tab(settings.runs_tab) is None


def _outcome_of(result: RunResult) -> Outcome:
    if result.failure is not None:
        return Outcome.FAILED
    return Outcome.PARTIAL if any(not problem.kind.is_notice for problem in result.problems) else Outcome.OK
