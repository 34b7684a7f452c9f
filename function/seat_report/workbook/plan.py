"""Plan the patches that bring every tab of the workbook to its desired state, from one snapshot of them all. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from seat_report.domain import BillingReport, Problem, ReportData, ReportTotals, month_before
from seat_report.workbook.sheets_api import Request, Snapshot, Step, Value
from seat_report.workbook.tables import HEADER_ROW, BlockPatch, NewTabs, ObservedTable, Patch
from seat_report.workbook.tabs import (
    OVERVIEW_BLOCK,
    AskedTypes,
    BillingTab,
    History,
    billing,
    by_customer,
    formatting,
    history,
    month_close,
    month_totals,
    not_listed,
    overview,
    overview_formatting,
    run_now,
    runs,
    seat_report,
)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """The patches to apply to one snapshot of the tabs, and the requests to send after them."""

    patches: Sequence[Patch | BlockPatch]
    last: Sequence[Request]

    def steps(self) -> Iterator[Step]:
        """All requests, built lazily."""
        for patch in self.patches:
            yield from patch.steps()
        if self.last:
            yield Step(tuple(self.last))

    @property
    def is_empty(self) -> bool:
        """Whether the plan makes no request."""
        return next(self.steps(), None) is None


class Titles(NamedTuple):
    """The titles of the tabs that the report maintains; "" for one that this run leaves alone."""

    report: str
    by_customer: str
    history: str
    overview: str
    runs: str
    billing: str = "Billing"
    not_listed: str = ""

    def all(self) -> tuple[str, ...]:
        """All titles of tabs to maintain."""
        return tuple(title for title in self if title)


@dataclass(frozen=True, slots=True)
class WorkbookPlan(WritePlan):
    """The plan for all tabs; `report` is the patch of the Seat Report tab, `totals` are those after the run.

    `runs_table` is the Runs tab, to be added at `runs_new_at` if it is new. `closed` has the months that the run
    closes, and whether they are complete, in words.
    """

    report: Patch
    runs_table: ObservedTable
    runs_new_at: int | None
    totals: ReportTotals
    problems: Sequence[Problem]
    warnings: Sequence[str] = ()
    billing: BillingReport | None = None
    closed: Mapping[str, str] = field(default_factory=dict)


class WorkbookPlanner:
    """Plans the workbook of one run from a snapshot, again for every new snapshot."""

    def __init__(self, titles: Titles, data: ReportData, *, run_id: str, history_months: int) -> None:
        self._titles = titles
        self._data = data
        self._run_id = run_id
        self._history_months = history_months
        self._problems: Sequence[Problem] | None = None
        # By sheet id, the last row of ours in each table, in the snapshot planned from last.
        self.last_rows: Mapping[int, int] = {}

    def plan(self, snapshot: Snapshot) -> WorkbookPlan:
        """The plan from this snapshot to the desired workbook, but for the run's own row."""
        tabs, titles, data = NewTabs(snapshot), self._titles, self._data
        months_tab, months_is_new = tabs.existing_or_new(titles.history, len(history.FIXED) + self._history_months)
        months = History(months_tab, data.month, self._history_months)
        last_month = {} if months.is_past else months.of_month(month_before(data.month))

        report_tab, report_is_new = tabs.existing_or_new(titles.report, len(seat_report.COLUMNS))
        report_table = ObservedTable(seat_report.COLUMNS, report_tab)
        report = seat_report.desired_report(report_table, data, last_month, is_past_month=months.is_past)
        totals = ReportTotals(data, report.rows, report.without_tenants)
        months_desired = months.desired(report.rows, data, report_table)

        customers_tab, customers_is_new = tabs.existing_or_new(titles.by_customer)
        customers_table = ObservedTable(by_customer.columns(customers_tab, data.tenant_types), customers_tab)
        past = overview.PastMonths(
            last_month,
            months.unknown_in(month_before(data.month)),
            month_totals(months, months_desired, data),
            months.names(),
            is_past=months.is_past,
        )
        customers_desired = by_customer.desired_rows(customers_table, report.rows, data, totals, past)

        billing_tab, billing_is_new = tabs.existing_or_new(titles.billing)
        billing_table = ObservedTable(billing.COLUMNS, billing_tab)
        bills = BillingTab(billing_table, months, months_desired, data, totals)
        bills_desired = bills.desired()

        others = [*self._not_listed_patches(tabs)]
        runs_tab, runs_is_new = tabs.existing_or_new(titles.runs)
        runs_table = ObservedTable(runs.COLUMNS, runs_tab)
        if self._problems is None:
            tables = (
                report_table,
                customers_table,
                billing_table,
                *(other.table for other in others),
                runs_table,
            )
            self._problems = [
                *report.problems,
                *customers_table.lost_keys(by_customer.lost_rows(customers_table)),
                *billing_table.lost_keys(bills.lost),
                *(problem for other in others for problem in other.table.lost_keys(not_listed.lost_rows(other.table))),
                *months.problems,
                *(problem for table in tables for problem in table.problems),
                *report_table.merge_problems(report.desired.updates),
                *customers_table.merge_problems(customers_desired.updates),
                *months.table.merge_problems(months_desired.updates),
            ]

        overview_tab, overview_is_new = tabs.existing_or_new(titles.overview, frozen_rows=0)
        bill_report = bills.report()
        lines = overview.lines(report.rows, data, totals, past, self._problems, bill_report, titles.not_listed)
        block = BlockPatch(OVERVIEW_BLOCK, snapshot, overview_tab, lines, tab_is_new=overview_is_new)
        # New tabs are added behind the Overview, the report first.
        first = 0 if overview_is_new else 1
        patch = Patch(report_table, report.desired, new_at=first if report_is_new else None)
        patches: list[Patch | BlockPatch] = [
            # History first, so that the month's last numbers are kept if the rest is cut off.
            Patch(months.table, months_desired, new_at=first if months_is_new else None),
            patch,
            Patch(customers_table, customers_desired, new_at=first + 1 if customers_is_new else None),
            Patch(billing_table, bills_desired, new_at=first + 2 if billing_is_new else None),
            *others,
            block,
        ]
        asked = AskedTypes.of(report_tab).after(data, report.rows).requests(report_tab)
        remembered = [*asked, *report.states.requests(report_tab)]
        # The run takes its problems from the first plan. The Overview can't show what it can't show itself.
        problems = [*self._problems, *block.problems]
        of_tables = [each for each in patches if isinstance(each, Patch)]
        warnings = [text for each in of_tables for text in formatting.partial_tables(each.table, _last_row(each))]
        closed = month_close.notes_of(months_desired.column_entries)
        self.last_rows = _last_rows(patches)
        runs_new_at = len(tabs) - 1 if runs_is_new else None
        return WorkbookPlan(
            patches,
            remembered,
            patch,
            runs_table,
            runs_new_at,
            totals,
            problems,
            warnings,
            bill_report,
            closed,
        )

    def with_run(self, plan: WorkbookPlan, snapshot: Snapshot, values: Mapping[str, Value]) -> WorkbookPlan:
        """The plan, made from this snapshot, with the run's row of these values and with what releases its lock."""
        table = plan.runs_table
        patch = Patch(table, runs.desired_rows(table, self._run_id, values), new_at=plan.runs_new_at)
        self.last_rows = {**self.last_rows, **_last_rows([patch])}
        lock = runs.LockEntry.among(snapshot.tabs.values())
        unlock = [runs.unlock_request(lock.entry)] if lock is not None and lock.run_id == self._run_id else []
        return replace(plan, patches=[*plan.patches, patch], last=[*plan.last, *unlock])

    def _not_listed_patches(self, tabs: NewTabs) -> Iterator[Patch]:
        """The patch of the Not Listed tab, if the run has found out something about it."""
        title, found = self._titles.not_listed, self._data.found
        if title and found is not None and found.was_read:
            tab, is_new = tabs.existing_or_new(title)
            table = ObservedTable(not_listed.COLUMNS, tab)
            yield Patch(table, not_listed.desired_rows(table, self._data), new_at=len(tabs) - 1 if is_new else None)


def _last_rows(patches: Iterable[Patch | BlockPatch]) -> dict[int, int]:
    return {patch.table.tab.sheet_id: _last_row(patch) for patch in patches if isinstance(patch, Patch)}


def _last_row(patch: Patch) -> int:
    """The last row of ours, as read."""
    return max(patch.desired.ours, default=HEADER_ROW)


def formatting_requests(
    snapshot: Snapshot, titles: Titles, data: ReportData, history_months: int, last_rows: Mapping[int, int]
) -> list[Request]:
    """Requests that format tabs and columns that never were formatted, and make the box "Run now" if it is missing.

    `last_rows` are those of the snapshot's plan.
    """
    batch: list[Request] = []
    for table in _tables(snapshot, titles, data, history_months):
        batch.extend(formatting.table_formatting(table, last_rows.get(table.tab.sheet_id, HEADER_ROW)))
    if (tab := snapshot.tab(titles.overview)) is not None:
        block = BlockPatch(OVERVIEW_BLOCK, snapshot, tab, (), tab_is_new=False).block
        batch.extend(overview_formatting(tab, block))
        batch.extend(run_now.box_requests(snapshot, tab, OVERVIEW_BLOCK.block_on(snapshot, tab) or block))
    return batch


def filter_requests(
    snapshot: Snapshot, titles: Titles, data: ReportData, history_months: int, last_rows: Mapping[int, int]
) -> list[Request]:
    """Requests that make each tab's filter cover its table again; `last_rows` are those of the snapshot's plan."""
    tables = _tables(snapshot, titles, data, history_months)
    filters = (formatting.filter_again(table, last_rows.get(table.tab.sheet_id, HEADER_ROW)) for table in tables)
    return [request for requests in filters for request in requests]


def _tables(snapshot: Snapshot, titles: Titles, data: ReportData, history_months: int) -> Iterator[ObservedTable]:
    """The tables that the spreadsheet has."""
    if (tab := snapshot.tab(titles.report)) is not None:
        yield ObservedTable(seat_report.COLUMNS, tab)
    if (tab := snapshot.tab(titles.by_customer)) is not None:
        yield ObservedTable(by_customer.columns(tab, data.tenant_types), tab)
    if (tab := snapshot.tab(titles.billing)) is not None:
        yield ObservedTable(billing.COLUMNS, tab)
    if titles.not_listed and (tab := snapshot.tab(titles.not_listed)) is not None:
        yield ObservedTable(not_listed.COLUMNS, tab)
    if (tab := snapshot.tab(titles.history)) is not None:
        yield History(tab, data.month, history_months).table
    if (tab := snapshot.tab(titles.runs)) is not None:
        yield ObservedTable(runs.COLUMNS, tab)
