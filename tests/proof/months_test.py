"""Months of runs at random: closed months never change, and no change or peak says what nobody saw."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, note, settings
from hypothesis import strategies as st

from seat_report.domain.customers import Customer
from seat_report.domain.months import month_before, month_of
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult, UnusableTenant
from seat_report.domain.report_data import ReportData
from seat_report.domain.scope import Scope
from seat_report.domain.tenants import Number, Status, TenantKey, TenantSeats, TenantType
from seat_report.workbook.plan import Titles, WorkbookPlanner
from seat_report.workbook.sheets_api.snapshot import Snapshot, Value
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tabs import seat_report
from seat_report.workbook.tabs.history_columns import HistoryColumns, HistoryKey
from seat_report.workbook.tabs.month_close import MonthClose, closes_in
from seat_report.workbook.tabs.seat_row import key_of, status_of
from tests.proof.sampling import many
from tests.support.local_workbook import LocalWorkbook

TITLES = Titles("Seat Report", "By Customer", "History", "Overview", "Runs")
TYPES = (TenantType.MICROSOFT_365, TenantType.GOOGLE)
CUSTOMERS = ("c0", "c1", "c2")
TENANTS = ("t0", "t1")
PAIRS = tuple((customer, tenant_type) for customer in CUSTOMERS for tenant_type in TYPES)
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati")
_MONTH = re.compile(r"\d{4}-\d{2}")
_PROBLEM = Problem(ProblemKind.UNAVAILABLE, "It did not answer.")

Pair = tuple[str, TenantType]


class Step(NamedTuple):
    """One run and what happened before it: how far the clock moved, and what AvePoint says by then."""

    hours: int
    zone: str
    listed: frozenset[str]
    seats: Mapping[tuple[Pair, str], int]
    failing: frozenset[Pair]
    unusable: frozenset[tuple[Pair, str]]
    only_customer: str | None
    only_type: TenantType | None
    available_is_total: bool


def some(items: tuple[object, ...]) -> st.SearchStrategy[frozenset[object]]:
    """Seldom more than one or two of the items."""
    return st.frozensets(st.sampled_from(items), max_size=2)


TENANTS_OF_PAIRS = tuple((pair, tenant) for pair in PAIRS for tenant in TENANTS)
steps = st.builds(
    Step,
    # Usually forward, up to six weeks; now and then back, as a clock that is corrected.
    hours=st.sampled_from([1, 24, 24, 100, 240, 400, 740, 1000, -1, -30, -400]),
    zone=st.sampled_from((ZONES[0], *ZONES)),
    listed=st.frozensets(st.sampled_from(CUSTOMERS), min_size=1),
    seats=st.dictionaries(st.sampled_from(TENANTS_OF_PAIRS), st.integers(0, 9), max_size=8),
    failing=some(PAIRS),
    unusable=some(TENANTS_OF_PAIRS),
    only_customer=st.sampled_from([None, None, None, *CUSTOMERS]),
    only_type=st.sampled_from([None, None, None, *TYPES]),
    available_is_total=st.booleans(),
)


@dataclass
class Truth:
    """What runs saw, by what the clock and the zone of each said."""

    month_ends: dict[tuple[TenantKey, str], int] = field(default_factory=dict)
    peaks: dict[tuple[TenantKey, str], int] = field(default_factory=dict)
    pair_peaks: dict[tuple[TenantKey, str], int] = field(default_factory=dict)
    seen: dict[tuple[TenantKey, str], set[int]] = field(default_factory=dict)
    has_gone_back: bool = False

    def record(self, result: SeatResult, month: str, *, is_written: bool) -> None:
        """Record a run's result of that month."""
        query = result.query
        pair = TenantKey.of(query.customer_id, query.tenant_type)
        if result.failure:
            return
        named = {TenantKey.of(query.customer_id, query.tenant_type, one.tenant_id or "") for one in result.unusable}
        # An answer that lacks a tenant leaves the numbers of the month's last complete answer.
        ends_month = is_written and not (result.unusable and (pair, month) in self.pair_peaks)
        for seats in result.tenants:
            key = TenantKey.of(query.customer_id, query.tenant_type, seats.tenant_id)
            named.add(key)
            self.seen.setdefault((key, month), set()).add(seats.assigned)
            self.peaks[key, month] = max(self.peaks.get((key, month), 0), seats.assigned)
            if ends_month:
                self.month_ends[key, month] = seats.assigned
        if not ends_month:
            return
        for key in {key for key, _ in self.month_ends} - named:
            if key._replace(tenant="") == pair:
                self.month_ends[key, month] = 0
        if not result.unusable:
            total = sum(seats.assigned for seats in result.tenants)
            self.pair_peaks[pair, month] = max(self.pair_peaks.get((pair, month), 0), total)


class Simulation:
    """A workbook, the clock and the truth, step by step."""

    def __init__(self) -> None:
        self.workbook = LocalWorkbook()
        self.truth = Truth()
        self.now = datetime(2026, 1, 20, 9, tzinfo=UTC)
        self.newest = ""
        self.closed_cells: dict[tuple[HistoryKey, str], Number] = {}
        self.closed_sums: dict[str, Value] = {}
        self.closed_lines: dict[str, tuple[Value, Value]] = {}
        self.closes: dict[str, MonthClose] = {}
        self.asked: frozenset[str] = frozenset()
        self.listed: dict[str, frozenset[str]] = {}
        self.runs = 0

    def run(self, step: Step) -> None:
        """Make a run, and check what the workbook says after it."""
        self.now += timedelta(hours=step.hours)
        data = self._data(step)
        month = month_of(self.now.astimezone(data.zone))
        before = self.newest
        is_past = month < before
        note(f"{self.now:%Y-%m-%d %H:%M} {step.zone} {month} newest {self.newest}")
        self.truth.has_gone_back |= is_past
        for result in data.results.values():
            self.truth.record(result, month, is_written=not is_past)
        self.runs += 1
        row: dict[str, Value] = {"outcome": "ok", "started": float(self.runs)}
        planner = WorkbookPlanner(TITLES, data, run_id=f"r{self.runs}", history_months=24)
        snapshot = self.workbook.snapshot
        self.workbook.write(planner.with_run(planner.plan(snapshot), snapshot, row))
        snapshot = self.workbook.snapshot
        assert list(planner.with_run(planner.plan(snapshot), snapshot, row).steps()) == []
        if any(not result.failure for result in data.results.values()):
            self.newest = max(self.newest, self._newest_with_numbers(snapshot))
        if not is_past:
            self.asked |= {customer for customer, _ in data.results}
            self.listed[month] = step.listed & self.asked
        self._check_history(snapshot, before)
        self._check_overview(snapshot)
        self._check_figures(snapshot, data, month, is_past=is_past)

    def _data(self, step: Step) -> ReportData:
        listed = tuple(Customer(name, name.upper(), row) for row, name in enumerate(sorted(step.listed), 2))
        only = frozenset({step.only_customer}) if step.only_customer in step.listed else None
        types = None if step.only_type is None else (step.only_type,)
        scope = Scope(only, types)
        results = {
            (customer.customer_id, tenant_type): self._result(step, (customer.customer_id, tenant_type))
            for customer in listed
            for tenant_type in TYPES
            if scope.admits_customer(customer.customer_id) and scope.admits_type(tenant_type)
        }
        return ReportData(self.now, ZoneInfo(step.zone), listed, results, TYPES, step.available_is_total, scope=scope)

    @staticmethod
    def _result(step: Step, pair: Pair) -> SeatResult:
        query = Query(*pair)
        if pair in step.failing:
            return SeatResult(query, failure=_PROBLEM)
        bad = [tenant for tenant in TENANTS if (pair, tenant) in step.unusable]
        tenants = tuple(
            TenantSeats(tenant, tenant.upper(), step.seats[pair, tenant], 3)
            for tenant in TENANTS
            if (pair, tenant) in step.seats and tenant not in bad
        )
        return SeatResult(query, tenants, tuple(UnusableTenant(tenant, "", _PROBLEM) for tenant in bad))

    @staticmethod
    def _months(snapshot: Snapshot) -> HistoryColumns:
        tab = snapshot.tab(TITLES.history)
        assert tab is not None
        return HistoryColumns(tab, "2000-01", 120)

    def _newest_with_numbers(self, snapshot: Snapshot) -> str:
        return self._months(snapshot).newest or ""

    def _check_history(self, snapshot: Snapshot, before: str) -> None:
        """Every number is what a run saw in its month; those of months before the newest stay for ever.

        `before` was the newest month before the run.
        """
        columns = self._months(snapshot)
        cells = {
            (key, month): number
            for row in columns.table.rows()
            if (key := HistoryKey.of(row)) is not None
            for month in columns.months
            if (number := row.number(month)) is not None
        }
        for (key, month), number in cells.items():
            if key.measure == "Peak":
                assert number == self.truth.pair_peaks[key.key, month]
            elif key.measure == "Assigned":
                assert number == self.truth.month_ends[key.key, month]
        closed = {place: number for place, number in cells.items() if place[1] < self.newest}
        assert self.closed_cells.items() <= closed.items()
        assert all(month == before or (key, month) in self.closed_cells for key, month in closed)
        self.closed_cells = closed
        closes = closes_in(columns.table)
        for month, close in closes.items():
            assert month < self.newest
            assert close is not None
            assert self.closes.get(month, close) == close
            if close.is_complete:
                self._check_complete(month)
        self.closes = {month: close for month, close in closes.items() if close is not None}

    def _check_complete(self, month: str) -> None:
        """Whoever any run met by the end of a complete month, and is listed when it closes, was answered for in it."""
        listed = self.listed[month] & (self.listed[self.newest] if month not in self.closes else frozenset())
        for customer in listed:
            for tenant_type in TYPES:
                assert (TenantKey.of(customer, tenant_type), month) in self.truth.pair_peaks

    def _check_overview(self, snapshot: Snapshot) -> None:
        """What the Overview says of a closed month stays; its sum is that of the month's column."""
        tab = snapshot.tab(TITLES.overview)
        assert tab is not None
        lines = {
            row[0].text: (row[1].value, row[2].value)
            for row in tab.rows
            if len(row) > 2 and _MONTH.fullmatch(row[0].text)
        }
        sums: dict[str, Number] = {}
        for (key, month), number in self.closed_cells.items():
            if key.measure == "Assigned":
                sums[month] = sums.get(month, 0) + number
        for month, (assigned, status) in lines.items():
            if month < self.newest:
                assert assigned == sums.get(month)
                assert self.closed_lines.get(month, (assigned, status)) == (assigned, status)
                if month in self.closes:
                    self.closed_lines[month] = (assigned, status)

    def _check_figures(self, snapshot: Snapshot, data: ReportData, month: str, *, is_past: bool) -> None:
        """Change and peak of the rows that the run covers, by what runs of this month and the last saw."""
        tab = snapshot.tab(TITLES.report)
        assert tab is not None
        for row in ObservedTable(seat_report.COLUMNS, tab).rows():
            key = key_of(row)
            assert key is not None
            change, peak, assigned = row.number("change"), row.number("peak"), row.number("assigned")
            covered = key.tenant_type is None or data.scope.admits_type(key.tenant_type)
            if not covered or not data.scope.admits_customer(key.customer):
                continue
            if is_past or status_of(row) not in (Status.CURRENT, Status.STALE):
                assert (change, peak) == (None, None)
                continue
            assert assigned is not None
            total = 3 if data.available_is_total else assigned + 3
            assert row.number("total") == total
            if peak is None:
                assert change is None
                assert status_of(row) is Status.STALE
                continue
            assert peak in self.truth.seen[key, month]
            assert peak >= assigned
            if not self.truth.has_gone_back:
                assert peak == self.truth.peaks[key, month]
            before = self.truth.month_ends.get((key, month_before(month)))
            assert change is None or before is not None
            assert change is None or change == assigned - (before or 0)


@settings(max_examples=many(5, 400))
@given(st.lists(steps, min_size=2, max_size=12))
def test_closed_months_never_change_and_nothing_is_shown_that_nobody_saw(run_steps: list[Step]) -> None:
    """Over runs that are limited, fail, and whose zone and clock move, for several months."""
    simulation = Simulation()
    for step in run_steps:
        simulation.run(step)
