"""One run, from top to bottom: read the customers, ask AvePoint, write the report, say what happened."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from gspread.http_client import HTTPClient

from seat_report import customers
from seat_report.clock import Clock
from seat_report.customers import CustomerList
from seat_report.errors import AvePointError, ConfigurationError, Fault, RunError, SpreadsheetError
from seat_report.result import Order, Outcome, Result, SeatCounts
from seat_report.seats import Answer, Collection, Customer, Problem, ProblemKind, Query, TenantType, same_id
from seat_report.settings import Settings
from seat_report.workbook import asking_order, customers_tab, seat_report, style
from seat_report.workbook.findings import Findings, Limits
from seat_report.workbook.reconcile import Patch
from seat_report.workbook.serial import zone_named
from seat_report.workbook.sheets import Spreadsheet
from seat_report.workbook.snapshot import Snapshot
from seat_report.workbook.table import PresentTable
from seat_report.workbook.tabs import present_or_new
from seat_report.workbook.update import bring_up_to_date

# A quarter of the run's time, but no more than this, is kept for writing, reading back and answering.
_WRITING_SHARE = 0.25
_WRITING_SECONDS = 120.0

log = structlog.get_logger()


class Collector(Protocol):
    """What a run asks of the AvePoint client."""

    def collect(
        self, queries: list[Query], *, stop_at: float, on_answer: Callable[[Answer], None] | None = None
    ) -> Collection:
        """The answers to all queries, at the latest when the clock's monotonic time is `stop_at`."""
        ...


class Run:
    """One run; `go` is all of it.

    `client` reaches the spreadsheet, `avepoint` the seats. `on_answer` is told of each answer as it comes.
    """

    def __init__(
        self,
        settings: Settings,
        order: Order,
        *,
        client: HTTPClient,
        avepoint: Collector,
        clock: Clock,
        on_answer: Callable[[Answer], None] | None = None,
    ) -> None:
        self._settings = settings
        self._order = order
        self._avepoint = avepoint
        self._clock = clock
        self._on_answer = on_answer
        self._began = clock.monotonic()
        self._deadline = self._began + settings.run_timeout_seconds
        self._spreadsheet = Spreadsheet(client, settings.spreadsheet_id, clock=clock, deadline=self._deadline)
        now = clock.now()
        self.result = Result(order, started=now, finished=now)

    def go(self) -> Result:
        """Do it all. What ends the run early is in the result's `failure`, with all that was found out before."""
        result = self.result
        try:
            self._all_steps()
        except RunError as error:
            result.failure = error
        result.outcome = _outcome(result)
        result.finished = self._clock.now()
        result.duration_seconds = round(self._clock.monotonic() - self._began, 3)
        return result

    def _all_steps(self) -> None:
        listed, present = self._read_customers()
        limits = self._limits(listed)
        chosen = self._choose(listed, limits)
        if not listed.customers or limits.customers == frozenset():
            return
        collection = self._ask(chosen, present)
        self._report(self._findings(listed, limits, collection, self._zone(present)))
        if collection.answers and all(answer.failure for answer in collection.answers):
            raise AvePointError(_why_nobody_answered(collection))

    # Customers tab → customers, and rows that can't be used.

    def _read_customers(self) -> tuple[CustomerList, Snapshot]:
        settings, result = self._settings, self.result
        titles = self._spreadsheet.list_tabs()
        result.spreadsheet_url = titles.url
        present = self._spreadsheet.read([settings.customers_tab, settings.report_tab])
        tab = present.tab(settings.customers_tab)
        if tab is None:
            self._make_customers_tab(present)
            return CustomerList(()), present
        listed = customers.parse(tab)
        result.problems.extend(listed.problems)
        result.customers.listed = len(listed.customers) + listed.unusable
        result.names = {customer.customer_id: customer.name for customer in listed.customers}
        return listed, present

    def _make_customers_tab(self, present: Snapshot) -> None:
        title = self._settings.customers_tab
        if title != Settings.model_fields["customers_tab"].default:
            there = ", ".join(repr(name) for name in present.tabs)
            wrong = f"there is no tab {title!r}; the tabs are: {there}"
            raise ConfigurationError(Fault("CUSTOMERS_TAB", wrong, "Correct the title"))
        if not self._order.dry_run:
            self._spreadsheet.write(customers_tab.made(title, present))
            self.result.warnings.append(f"The tab {title!r} was missing and has been made: fill it in.")

    def _limits(self, listed: CustomerList) -> Limits:
        """What the order limits the run to; what it names but nobody listed is a problem and touched by nothing."""
        order = self._order
        if not order.customer_ids:
            return Limits(None, order.tenant_types or None)
        known = {same_id(customer.customer_id) for customer in listed.customers}
        for customer_id in order.customer_ids:
            if same_id(customer_id) not in known:
                detail = f"The tab {self._settings.customers_tab!r} does not list this customer; add it there first."
                self.result.problems.append(Problem(ProblemKind.NOT_LISTED, detail, customer_id=customer_id))
        return Limits(frozenset(map(same_id, order.customer_ids)) & known, order.tenant_types or None)

    def _choose(self, listed: CustomerList, limits: Limits) -> list[tuple[Customer, tuple[TenantType, ...]]]:
        """Whom to ask, and about which types."""
        result = self.result
        chosen = []
        for customer in listed.included:
            types = tuple(one for one in self._types_of(customer) if limits.admit_type(one))
            if types and limits.admit_customer(customer.customer_id):
                chosen.append((customer, types))
        result.customers.queried = len(chosen)
        result.customers.skipped = result.customers.listed - len(chosen)
        if not listed.customers and not listed.unusable:
            result.warnings.append(f"There are no customers in the tab {self._settings.customers_tab!r} yet.")
        return chosen

    def _types_of(self, customer: Customer) -> tuple[TenantType, ...]:
        limited = customer.tenant_types
        return tuple(one for one in self._settings.tenant_types if limited is None or one in limited)

    # AvePoint → answers.

    def _ask(self, chosen: list[tuple[Customer, tuple[TenantType, ...]]], present: Snapshot) -> Collection:
        result, settings = self.result, self._settings
        queries = [Query(customer.customer_id, one) for customer, types in chosen for one in types]
        if report_tab := present.tab(settings.report_tab):
            queries = asking_order.in_order(queries, PresentTable(seat_report.COLUMNS, report_tab))
        result.queries = tuple(queries)
        kept_for_writing = min(_WRITING_SHARE * settings.run_timeout_seconds, _WRITING_SECONDS)
        stop_at = self._deadline - kept_for_writing
        collection = self._avepoint.collect(queries, stop_at=stop_at, on_answer=self._on_answer)
        result.contract = collection.contract
        result.requests, result.retries = collection.requests, collection.retries
        result.throttled = collection.throttled
        result.warnings.extend(collection.warnings)
        failed = {answer.query.customer_id for answer in collection.answers if answer.failure}
        result.customers.failed = len(failed)
        asked = {query.tenant_type for query in queries}
        result.seats = {tenant_type: SeatCounts() for tenant_type in TenantType if tenant_type in asked}
        rows = {same_id(customer.customer_id): customer.row for customer, _ in chosen}
        for answer in collection.answers:
            result.problems.extend(_with_row(problem, rows) for problem in answer.problems)
            for seats in answer.tenants:
                result.tenants += 1
                result.seats[answer.query.tenant_type].assigned += seats.assigned
                result.seats[answer.query.tenant_type].available += seats.available
        return collection

    def _findings(self, listed: CustomerList, limits: Limits, collection: Collection, zone: ZoneInfo) -> Findings:
        return Findings(
            started=self.result.started,
            zone=zone,
            customers=listed.customers,
            answers={
                (same_id(answer.query.customer_id), answer.query.tenant_type): answer for answer in collection.answers
            },
            tenant_types=self._settings.tenant_types,
            available_is_total=self._settings.available_seats_mean == "all",
            limits=limits,
        )

    def _zone(self, present: Snapshot) -> ZoneInfo:
        zone = zone_named(present.time_zone)
        if zone is None:
            self.result.warnings.append(f"The spreadsheet's time zone {present.time_zone!r} is unknown: UTC was used.")
        return zone or ZoneInfo("UTC")

    # Present tabs → patch → the spreadsheet.

    def _report(self, findings: Findings) -> None:
        result, titles = self.result, [self._settings.report_tab]
        present = self._spreadsheet.read(titles)

        def plan(snapshot: Snapshot) -> tuple[Patch, list[Problem]]:
            tab, is_new = present_or_new(snapshot, self._settings.report_tab, seat_report.COLUMNS)
            table = PresentTable(seat_report.COLUMNS, tab)
            wanted = seat_report.report(table, findings)
            return Patch(table, wanted.wish, tab_is_new=is_new), wanted.problems

        patch, problems = plan(present)
        result.problems.extend(problems)
        result.changes = patch.counts
        if self._order.dry_run:
            result.rows = patch.rows
            return
        written = bring_up_to_date(self._spreadsheet, present, titles, lambda snapshot: plan(snapshot)[0])
        if not written.is_complete:
            result.warnings.append("Somebody was working in the spreadsheet: what is still amiss, the next run mends.")
        self._dress(written.snapshot)

    def _dress(self, present: Snapshot) -> None:
        """Give new tabs and columns their looks; that it fails costs no number."""
        tab = present.tab(self._settings.report_tab)
        batch = style.looks(PresentTable(seat_report.COLUMNS, tab)) if tab else []
        if not batch:
            return
        try:
            self._spreadsheet.write(batch)
        except SpreadsheetError as error:
            log.warning("the looks could not be applied", reason=str(error))
            self.result.warnings.append(f"The numbers are written, but the looks could not be applied: {error}")


def _with_row(problem: Problem, rows: Mapping[str, int]) -> Problem:
    """The problem with its customer's row of the Customers tab."""
    row = rows.get(same_id(problem.customer_id)) if problem.customer_id else None
    return replace(problem, row=row)


def _why_nobody_answered(collection: Collection) -> str:
    failures = [answer.failure for answer in collection.answers if answer.failure]
    (kind, _), *_rest = Counter(failure.kind for failure in failures).most_common()
    first = next(failure.detail for failure in failures if failure.kind is kind)
    return f"AvePoint answered for no customer; the report shows the last known numbers as stale. Most often: {first}"


def _outcome(result: Result) -> Outcome:
    if result.failure is not None:
        return Outcome.FAILED
    return Outcome.PARTIAL if any(not problem.kind.is_notice for problem in result.problems) else Outcome.OK
