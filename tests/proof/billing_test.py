"""Months of runs at random beside people who bill: numbers stay with their customer, and no finding is made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from seat_report.domain import Basis, ReportData, TenantType, month_before, month_of
from seat_report.errors import ConfigurationError
from seat_report.workbook import closed_month
from seat_report.workbook.sheets_api import batching
from tests.proof.sampling import many
from tests.support.billing import TYPES, BilledWorkbook, Pair, run_data

CUSTOMERS = ("a", "b", "c")
TENANTS = ("t0", "t1")
PAIRS = tuple((customer, tenant_type) for customer in CUSTOMERS for tenant_type in TYPES)
PLACES = tuple((pair, tenant) for pair in PAIRS for tenant in TENANTS)
LABELS = {tenant_type.label: tenant_type for tenant_type in TYPES}
HEADERS = ("Customer", "Billed seats", "Unit price", "Last month", "Amount", "Finding", "This month", "Customer ID")
ENTERED = (0, 3, 5, 7, 12.5, -1, "ask", None, None)


class Step(NamedTuple):
    """What people do before a run, and the run."""

    days: int
    listed: frozenset[str]
    seats: Mapping[tuple[Pair, str], int]
    failing: frozenset[Pair]
    unusable: frozenset[tuple[Pair, str]]
    entries: tuple[tuple[int, Any], ...]
    sort: tuple[str, bool] | None
    crash_after: int | None


steps = st.builds(
    Step,
    days=st.sampled_from([0, 1, 1, 9, 20, 31, 31, 45]),
    listed=st.frozensets(st.sampled_from(CUSTOMERS), min_size=1),
    seats=st.dictionaries(st.sampled_from(PLACES), st.integers(0, 9), min_size=2, max_size=9),
    failing=st.frozensets(st.sampled_from(PAIRS), max_size=2),
    unusable=st.frozensets(st.sampled_from(PLACES), max_size=1),
    entries=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(ENTERED)), max_size=3).map(tuple),
    sort=st.none() | st.tuples(st.sampled_from(HEADERS), st.booleans()),
    crash_after=st.none() | st.integers(0, 12),
)


@dataclass
class Truth:
    """What runs saw of each customer and type in each month: the sum of the last complete answer, and the peak."""

    ends: dict[tuple[Pair, str], int] = field(default_factory=dict)
    peaks: dict[tuple[Pair, str], int] = field(default_factory=dict)

    def record(self, data: ReportData) -> None:
        """Record a run's answers."""
        for pair, result in data.results.items():
            if result.failure or result.unusable:
                continue
            total = sum(seats.assigned for seats in result.tenants)
            self.ends[pair, data.month] = total
            self.peaks[pair, data.month] = max(total, self.peaks.get((pair, data.month), 0))

    def seats(self, pair: Pair, month: str, basis: Basis) -> int | None:
        """The seats to bill, None if no run saw all of them."""
        return (self.peaks if basis is Basis.PEAK else self.ends).get((pair, month))


class Simulation:
    """A workbook, the truth, and what people have entered."""

    def __init__(self, basis: Basis, tolerance: int) -> None:
        self.book = BilledWorkbook()
        self.truth = Truth()
        self.basis, self.tolerance = basis, tolerance
        self.now = datetime(2026, 1, 15, tzinfo=UTC)
        self.billed: dict[Pair, Any] = {}
        self.closed: dict[tuple[str, Pair], Any] = {}

    def go(self, step: Step) -> None:
        """People act, a run perhaps crashes, and the next one ends; then everything is as it should be."""
        self.now += timedelta(days=step.days)
        if self.book.snapshot.tab("Billing") is not None:
            self._people(step)
        data = run_data(
            f"{self.now:%Y-%m-%d}",
            self._seats(step),
            listed=step.listed,
            failing=step.failing,
            unusable=step.unusable,
            basis=self.basis,
            tolerance=self.tolerance,
        )
        if step.crash_after is not None:
            self.book.crash_with(data, step.crash_after)
        self.book.run_with(data)
        self.truth.record(data)
        self._check_rows(step)
        self._check_statements()

    @staticmethod
    def _seats(step: Step) -> dict[Pair, dict[str, int]]:
        seats: dict[Pair, dict[str, int]] = {}
        for (pair, tenant), count in step.seats.items():
            if pair[0] in step.listed:
                seats.setdefault(pair, {})[tenant] = count
        return seats

    def _people(self, step: Step) -> None:
        for number, value in step.entries:
            rows = self.book.table()
            if rows:
                pair = pair_of(rows[number % len(rows)])
                self.book.enter(pair[0], value, tenant_type=pair[1])
                self.billed[pair] = value
        if step.sort is not None and len(self.book.tab("Billing").rows) > 1:
            self.book.sort_by_filter(step.sort[0], descending=step.sort[1])

    def _check_rows(self, step: Step) -> None:
        month = month_of(self.now)
        rows = self.book.table()
        found = {pair_of(row): row for row in rows}
        assert len(found) == len(rows)
        entered = {pair: value for pair, value in self.billed.items() if value is not None}
        assert {pair: row["Billed seats"] for pair, row in found.items() if row["Billed seats"] is not None} == entered
        for pair, row in found.items():
            last = self.truth.seats(pair, month_before(month), self.basis)
            this = self.truth.seats(pair, month, self.basis)
            assert row["Last month"] == last
            assert row["This month"] == this or (row["This month"] is None and self._is_doubtful(step, pair))
            finding, difference = independent(last, self.billed.get(pair), self.tolerance, has_any=bool(entered))
            assert (row["Finding"], row["Last month difference"]) == (finding, difference), (pair, row)
            assert finding != "Not compared" or row["Detail"]
        for pair in PAIRS:
            if self.truth.seats(pair, month_before(month), self.basis):
                assert pair in found

    def _is_doubtful(self, step: Step, pair: Pair) -> bool:
        """Whether the report may lack a tenant of it now."""
        return any((pair, tenant) in step.unusable for tenant in TENANTS) or pair in step.failing

    def _check_statements(self) -> None:
        """Each closed month has what runs saw in it, and says the same for ever."""
        month = month_of(self.now)
        for _ in range(4):
            month = month_before(month)
            try:
                found = closed_month(self.book.tab("History"), self.book.tab("Billing"), month, self.tolerance)
            except ConfigurationError:
                continue
            for line in found.lines:
                pair = (line.customer_id, line.tenant_type)
                assert line.seats.seats == self.truth.seats(pair, month, self.basis)
                assert self.closed.setdefault((month, pair), line.seats.seats) == line.seats.seats
            shown = {(line.customer_id, line.tenant_type) for line in found.lines}
            known = {pair for pair in PAIRS if self.truth.seats(pair, month, self.basis) is not None}
            assert known <= shown


def pair_of(row: Mapping[str, Any]) -> Pair:
    """The customer and type of a row."""
    found: TenantType = LABELS[row["Tenant type"]]
    return row["Customer ID"], found


def independent(last: int | None, billed: Any, tolerance: int, *, has_any: bool) -> tuple[str, float | None]:
    """The finding and the difference, as somebody would find them with a pencil."""
    is_number = billed is None or (isinstance(billed, int | float) and billed >= 0)
    if not has_any or not is_number or last is None:
        return "Not compared", None
    more = last - (billed or 0)
    if -tolerance <= more <= tolerance:
        return "Agrees", more
    if more < 0:
        return ("Bill less" if last else "Not used"), more
    return ("Bill more" if billed else "Not billed"), more


# An example takes seconds, so that to shrink one would take many minutes.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.mark.parametrize("basis", Basis)
@settings(max_examples=many(2, 100), phases=_PHASES)
@given(st.lists(steps, min_size=3, max_size=9), st.integers(0, 2))
def test_what_is_billed_stays_with_its_customer_and_is_compared_with_what_was_seen(
    basis: Basis, run_steps: list[Step], tolerance: int
) -> None:
    """Over sorts, month turns, customers that come and leave, failures and crashes after any piece of a write."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "BATCH_BYTES", 3_000)
        patch.setattr(batching, "STEP_BYTES", 3_000)
        simulation = Simulation(basis, tolerance)
        for step in run_steps:
            simulation.go(step)
