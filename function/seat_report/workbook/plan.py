"""The desired workbook, and the way to it from the present one: every table, from one reading of all tabs. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seat_report.seats import Problem
from seat_report.workbook import by_customer, history, overview, runs, seat_report, style
from seat_report.workbook.block import BlockPatch
from seat_report.workbook.findings import Findings
from seat_report.workbook.history import History
from seat_report.workbook.reconcile import Patch
from seat_report.workbook.requests import Request
from seat_report.workbook.rows import Number, SeatRow, Status
from seat_report.workbook.snapshot import Snapshot, Value
from seat_report.workbook.table import PresentTable
from seat_report.workbook.tabs import Tabs
from seat_report.workbook.work import Work


class Titles(NamedTuple):
    """The titles of the tabs that the report keeps."""

    report: str
    by_customer: str
    history: str
    overview: str
    runs: str

    def all(self) -> tuple[str, ...]:
        """All of them."""
        return (self.report, self.by_customer, self.history, self.overview, self.runs)


class Totals(NamedTuple):
    """Tenants and seats in the whole report as it stands after the run; None where nothing is known."""

    tenants: int
    assigned: Number | None
    available: Number | None


@dataclass(frozen=True, slots=True)
class Plan(Work):
    """What is to be done to bring the whole workbook up to date; `report` is the patch of the Seat Report tab."""

    report: Patch
    totals: Totals
    problems: Sequence[Problem]


RunRow = Callable[[Plan], Mapping[str, Value]]


class Planner:
    """Plans the workbook from what was read, as often as that changes, for one run.

    `run_row` gives the values of the run's row of the Runs tab from the first plan, whose figures hold for the run.
    """

    def __init__(
        self, titles: Titles, findings: Findings, *, run_id: str, history_months: int, run_row: RunRow
    ) -> None:
        self._titles = titles
        self._findings = findings
        self._run_id = run_id
        self._history_months = history_months
        self._run_row = run_row
        self._told: Mapping[str, Value] | None = None
        self._problems: Sequence[Problem] | None = None

    def plan(self, present: Snapshot) -> Plan:
        """The way from here to what the workbook should say."""
        tabs, titles, findings = Tabs(present), self._titles, self._findings
        months_tab, months_is_new = tabs.present_or_new(titles.history, len(history.FIXED) + self._history_months)
        months = History(months_tab, findings.month, self._history_months)
        last_month = months.of_month(history.month_before(findings.month))

        report_tab, report_is_new = tabs.present_or_new(titles.report, len(seat_report.COLUMNS))
        report_table = PresentTable(seat_report.COLUMNS, report_tab)
        report = seat_report.report(report_table, findings, last_month)

        customers_tab, customers_is_new = tabs.present_or_new(titles.by_customer)
        customers_table = PresentTable(by_customer.columns(customers_tab, findings.tenant_types), customers_tab)
        past = overview.Past(last_month, months.known_before(findings.month), months.sums(), months.names())
        customers_wish = by_customer.wish(customers_table, report.rows, findings, past)

        runs_tab, runs_is_new = tabs.present_or_new(titles.runs)
        runs_table = PresentTable(runs.COLUMNS, runs_tab)
        if self._problems is None:
            tables = (report_table, customers_table, months.table, runs_table)
            self._problems = [*report.problems, *(problem for table in tables for problem in table.problems)]

        overview_tab, overview_is_new = tabs.present_or_new(titles.overview, frozen_rows=0)
        lines = overview.lines(report.rows, findings, past, self._problems)
        block = BlockPatch(present, overview_tab, lines, tab_is_new=overview_is_new)
        # New tabs come behind the Overview, the report first.
        first = 0 if overview_is_new else 1
        patch = Patch(report_table, report.wish, new_at=first if report_is_new else None)
        patches: list[Patch | BlockPatch] = [
            # History first: should the rest be cut off, the month's last numbers are kept.
            Patch(months.table, months.wish(report.rows, findings), new_at=first if months_is_new else None),
            patch,
            Patch(customers_table, customers_wish, new_at=first + 1 if customers_is_new else None),
            block,
        ]
        plan = Plan(patches, (), patch, _totals(report.rows), self._problems)
        return self._with_runs(plan, runs_table, new_at=len(tabs) - 1 if runs_is_new else None)

    def _with_runs(self, plan: Plan, table: PresentTable, new_at: int | None) -> Plan:
        if self._told is None:
            self._told = self._run_row(plan)
        patch = Patch(table, runs.wish(table, self._run_id, self._told), new_at=new_at)
        lock = runs.Lock.of(table.tab)
        last = [runs.unlock(lock.entry)] if lock is not None and lock.run_id == self._run_id else []
        return Plan([*plan.patches, patch], last, plan.report, plan.totals, plan.problems)


def looks(present: Snapshot, titles: Titles, findings: Findings, history_months: int) -> list[Request]:
    """What gives the tabs their looks, as far as they lack them."""
    built: list[Request] = []
    if (tab := present.tab(titles.report)) is not None:
        built.extend(style.table_looks(PresentTable(seat_report.COLUMNS, tab)))
    if (tab := present.tab(titles.by_customer)) is not None:
        built.extend(style.table_looks(PresentTable(by_customer.columns(tab, findings.tenant_types), tab)))
    if (tab := present.tab(titles.history)) is not None:
        built.extend(style.table_looks(History(tab, findings.month, history_months).table))
    if (tab := present.tab(titles.runs)) is not None:
        built.extend(style.table_looks(PresentTable(runs.COLUMNS, tab)))
    if (tab := present.tab(titles.overview)) is not None:
        built.extend(style.overview_looks(tab, BlockPatch(present, tab, (), tab_is_new=False).block))
    return built


def _totals(rows: Sequence[SeatRow]) -> Totals:
    shown = [row for row in rows if row.is_shown]
    if not shown and any(row.status is Status.NO_DATA for row in rows):
        return Totals(0, None, None)
    return Totals(len(shown), sum(row.assigned or 0 for row in shown), sum(row.available or 0 for row in shown))
