"""One run, top to bottom: read the customers, query AvePoint, update the workbook, record what happened."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta

import structlog
from gspread.http_client import HTTPClient

from seat_report.clock import Clock
from seat_report.collecting import Collected, Collecting, Questions, SeatSource
from seat_report.domain import (
    CustomerList,
    FoundCustomers,
    ReportData,
    RunRequest,
    Scope,
    SeatResult,
    SeatSum,
    canonical_id,
    month_of,
    nothing_checked,
    scope_of,
)
from seat_report.errors import ConfigurationError, RunError
from seat_report.reporting import RunResult, run_row
from seat_report.settings import Settings
from seat_report.stages import Opened, Planned, Selected, Stages, summarise
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
    zone_named,
)

log = structlog.get_logger()


class Run:
    """One run; `go` does all of it, stage by stage: read, select, collect, plan and apply, summarise.

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
        self.run_id = uuid.uuid4().hex
        self._started = clock.now()
        self._start_time = clock.monotonic()
        deadline = self._start_time + settings.run_timeout_seconds
        self._spreadsheet = Spreadsheet(
            client, settings.spreadsheet_id, clock=clock, deadline=deadline, column_key=MARK_KEY
        )
        self._conflicts = ConflictResolver()
        self._avepoint = Collecting(settings, avepoint, deadline=deadline, on_result=on_result)
        self._stages = Stages()
        self._failure: RunError | None = None
        self.is_admitted = False

    @property
    def result(self) -> RunResult:
        """What the run has done so far."""
        return summarise(
            self._stages,
            self._request,
            self._failure,
            run_id=self.run_id,
            started=self._started,
            finished=self._clock.now(),
            seconds=self._clock.monotonic() - self._start_time,
        )

    def go(self) -> RunResult:
        """Run everything. The result holds all that is known; if the run ended early, its `failure` says why."""
        try:
            self._proceed()
        except RunError as error:
            self._failure = error
        return self.result

    def _proceed(self) -> None:
        snapshot = self._read()
        if (selected := self._select(snapshot)) is None:
            return
        questions = Questions.of(selected.scope, snapshot, self._settings)
        selected = replace(selected, queries=questions.queries)
        self._stages = replace(self._stages, selected=selected)
        if self._request.dry_run:
            self._write(self._collect(selected, questions))
            return
        run_lock = self._run_lock()
        run_lock.acquire(snapshot, self._run_row(), also=self._clear_request)
        self.is_admitted = True
        # Queries can take half an hour: by then the snapshot is out of date, and it is too large to keep meanwhile.
        del snapshot
        try:
            self._write(self._collect(selected, questions))
        except BaseException as error:
            # Whatever ended the run: release the lock, or the next run waits until it expires.
            unexpected = RunError("The run ended with an unexpected error, or was interrupted.")
            self._failure = error if isinstance(error, RunError) else unexpected
            self._release(run_lock)
            raise

    # Read: the tabs as they are.

    def _read(self) -> Snapshot:
        settings = self._settings
        tabs = [settings.customers_tab, settings.report_tab, settings.runs_tab]
        if settings.purchased_seats:
            tabs.append(settings.billing_tab)
        first_rows_of = [settings.history_tab, *([settings.overview_tab] if self._is_requested else [])]
        snapshot = self._spreadsheet.read(tabs, first_rows_of=first_rows_of)
        zone = zone_named(snapshot.time_zone)
        opened = Opened(snapshot.url, zone or UTC)
        self._stages = replace(self._stages, opened=opened)
        if zone is None:
            self._warn(f"The spreadsheet's time zone {snapshot.time_zone!r} is unknown: UTC was used.")
        if history_tab := snapshot.tab(settings.history_tab):
            history.refuse_wrong_clock(history_tab, month_of(self._started.astimezone(self._stages.zone)))
        opened = replace(opened, not_ok_in_a_row=0)
        if runs_tab := snapshot.tab(settings.runs_tab):
            table = ObservedTable(runs.COLUMNS, runs_tab)
            not_ok, before = runs.not_ok_before(table, self.run_id), runs.outcome_before(table, self.run_id)
            opened = replace(opened, not_ok_in_a_row=not_ok, outcome_before=before)
        self._stages = replace(self._stages, opened=opened)
        return snapshot

    # Select: the customers to query, and the problems of their rows. None ends the run.

    def _select(self, snapshot: Snapshot) -> Selected | None:
        title = self._settings.customers_tab
        tab = snapshot.tab(title)
        if tab is None:
            self._create_customers_tab(snapshot)
        customer_list = customers.parse(tab) if tab else CustomerList(())
        scope = scope_of(self._request, customer_list, self._settings.tenant_types)
        self._stages = replace(self._stages, selected=Selected(customer_list, scope))
        self._stages = self._stages.add_problems(*customer_list.problems, *scope.problems(title))
        if scope.customers == frozenset():
            # Nobody that was asked for is listed.
            return None
        if scope.queried:
            return Selected(customer_list, scope)
        if _is_new(snapshot, self._settings) and not customer_list.customers and not customer_list.unusable:
            # A new spreadsheet, whose customers have yet to be filled in or checked.
            if tab is not None or self._request.dry_run:
                self._warn(f"There are no customers in the tab {title!r} yet.")
            return None
        return self._nothing_to_check(customer_list, scope)

    def _create_customers_tab(self, snapshot: Snapshot) -> None:
        title = self._settings.customers_tab
        if title != Settings.customers_tab or not _is_new(snapshot, self._settings):
            raise customers.missing_tab(title, snapshot.tabs)
        if self._request.dry_run:
            return
        found = FoundCustomers()
        if self._settings.find_customers:
            found, traffic = self._avepoint.find_customers()
            self._stages = self._stages.add_traffic(traffic)
        self._spreadsheet.write(new_customers_tab.new_tab(title, snapshot, found.customers))
        what = "fill it in"
        if found.customers:
            what = (
                f"check the {len(found.customers):,} customers in it, which AvePoint shows to this app, then run again"
            )
        self._warn(f"The tab {title!r} was missing and has been created: {what}.")

    def _nothing_to_check(self, customer_list: CustomerList, scope: Scope) -> Selected:
        """Record that nothing is checked; without a single customer listed, the report only says so."""
        is_limited = self._request.is_limited
        problem = nothing_checked(customer_list, self._settings.customers_tab, is_limited=is_limited)
        self._stages = self._stages.add_problems(problem)
        if not is_limited:
            customer_list = customer_list._replace(problems=(*customer_list.problems, problem))
        if not customer_list.customers:
            scope = scope._replace(customers=frozenset())
        return Selected(customer_list, scope)

    # Collect: everything that AvePoint is asked.

    def _collect(self, selected: Selected, questions: Questions) -> ReportData:
        try:
            collected = self._avepoint.collect(selected.scope, questions)
        except ConfigurationError:
            self._stages = replace(self._stages, is_refused=True)
            raise
        self._stages = replace(self._stages, collected=collected)
        for traffic in collected.traffic:
            self._stages = self._stages.add_traffic(traffic)
        self._stages = self._stages.add_problems(*collected.problems(selected.scope.rows))
        return self._report_data(selected, collected)

    def _report_data(self, selected: Selected, collected: Collected) -> ReportData:
        settings, customer_list, collection = self._settings, selected.customer_list, collected.collection
        return ReportData(
            started=self._started,
            zone=self._stages.zone,
            customers=customer_list.customers,
            results={
                (canonical_id(seat_result.query.customer_id), seat_result.query.tenant_type): seat_result
                for seat_result in collection.results
            },
            tenant_types=settings.tenant_types,
            available_is_total=settings.available_seats_mean == "all",
            scope=selected.scope,
            problems=customer_list.problems,
            warnings=collection.warnings,
            unusable_ids=customer_list.unusable,
            has_unreadable_ids=customer_list.unreadable > 0,
            purchased=collected.purchased,
            found=collected.found,
            billing_basis=settings.billing_basis,
            billing_tolerance=settings.billing_tolerance,
        )

    # Plan and apply: current tabs → plan → spreadsheet.

    def _write(self, data: ReportData) -> None:
        titles, months = self._titles, self._settings.history_months
        if data.found is not None and data.found.was_read:
            titles = titles._replace(not_listed=self._settings.not_listed_tab)
        planner = WorkbookPlanner(titles, data, run_id=self.run_id, history_months=months)
        if self._request.dry_run:
            plan = planner.plan(self._spreadsheet.read(titles.all()))
            self._record(plan, all_rows=True)
            return
        row: dict[str, Value] = {}

        def plan_all(snapshot: Snapshot) -> WorkbookPlan:
            plan = planner.plan(snapshot)
            if not row:
                # The first plan has the run's figures; later plans only repair.
                self._record(plan)
                row.update(self._run_row(plan.totals.overall))
            return planner.with_run(plan, snapshot, row)

        try:
            applied = apply(self._spreadsheet, titles.all(), plan_all, self._conflicts)
        except BaseException:
            if (planned := self._stages.planned) is not None:
                # Planned, but perhaps never written.
                self._stages = replace(self._stages, planned=replace(planned, changes=Counts(), rows=()))
            raise
        if (problem := applied.problem) is not None:
            self._stages = self._stages.add_problems(problem)
            self._release(self._run_lock())
        snapshot, last_rows = applied.snapshot, planner.last_rows
        looks = formatting_requests(snapshot, titles, data, months, last_rows)
        self._format([*looks, *filter_requests(snapshot, titles, data, months, last_rows)])

    def _record(self, plan: WorkbookPlan, *, all_rows: bool = False) -> None:
        planned = Planned.of(plan)
        if all_rows:
            planned = replace(planned, rows=plan.report.rows)
        self._stages = replace(self._stages, planned=planned).add_problems(*plan.problems)
        self._stages = self._stages.add_warnings(*plan.warnings)

    def _format(self, batch: list[Request]) -> None:
        """Format new tabs and columns; a failure costs no numbers."""
        if warnings := apply_formatting(self._spreadsheet, batch):
            self._warn(*warnings)
            self._release(self._run_lock())

    # The run's own row.

    def _warn(self, *warnings: str) -> None:
        self._stages = self._stages.add_warnings(*warnings)

    @property
    def _is_requested(self) -> bool:
        return self._request.trigger == "request"

    def _clear_request(self, snapshot: Snapshot) -> list[Request]:
        """What clears the box that requested this run."""
        return run_now.clear_requests(snapshot, self._settings.overview_tab) if self._is_requested else []

    def _run_lock(self) -> RunLock:
        return RunLock(
            self._spreadsheet,
            self._titles.runs,
            run_id=self.run_id,
            now=self._started,
            zone=self._stages.zone,
            longest=timedelta(seconds=self._settings.run_timeout_seconds),
            checked_at=self._clock.now(),
            conflicts=self._conflicts,
        )

    def _release(self, run_lock: RunLock) -> None:
        """Complete the run's row if that is still possible; otherwise the next run marks it as interrupted."""
        try:
            run_lock.release(self._run_row())
        except RunError as last_error:
            log.warning("the run's row could not be completed", reason=str(last_error))

    def _run_row(self, overall: SeatSum | None = None) -> Mapping[str, Value]:
        """The run's row in the Runs tab as far as the run has got; `overall` are the seats that its plan writes."""
        return run_row(self.result, self._stages.zone, overall)


def _is_new(snapshot: Snapshot, settings: Settings) -> bool:
    """Whether no run has worked in the spreadsheet yet."""
    return snapshot.tab(settings.runs_tab) is None
