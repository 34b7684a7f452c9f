"""What finance does with the seats of a month: every finding against a calculation of its own, and the sums."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain import TenantType
from seat_report.domain.billing import (
    NO_NUMBERS,
    Basis,
    Billed,
    BillingLine,
    BillingReport,
    Finding,
    MonthSeats,
    compare,
)

WHOLE = st.integers(0, 40)
billed_seats = st.none() | WHOLE | st.decimals(0, 40, places=2).map(float)
prices = st.none() | st.integers(-5, 40) | st.decimals(0, 99, places=2).map(float)
known = WHOLE.map(MonthSeats)
months = known | st.sampled_from(["No answer.", "First seen."]).map(lambda reason: MonthSeats(None, reason))
billed = st.builds(Billed, billed_seats, prices, st.sampled_from(["", "", "", "Not a number.", NO_NUMBERS]))
tolerances = st.integers(0, 3)
lines = st.builds(
    lambda number, name, entered, last, this, tolerance: BillingLine(
        f"c{number}", name, TenantType.GOOGLE, entered, last, this, compare(entered, last, this, tolerance)
    ),
    st.integers(0, 99),
    st.sampled_from(["A", "b", "C"]),
    billed,
    months,
    months,
    st.just(1),
)


def report(found: list[BillingLine]) -> BillingReport:
    """The report of these lines."""
    return BillingReport("2026-10", Basis.PEAK, 1, "Complete", is_recorded=True, lines=found)


def independent(seats: int, entered: Decimal, tolerance: int) -> Finding:
    """The finding about known seats, in the order in which finance would ask."""
    if seats == entered or abs(seats - entered) <= tolerance:
        return Finding.AGREES
    if entered == 0:
        return Finding.NOT_BILLED
    if seats == 0:
        return Finding.NOT_USED
    return Finding.BILL_MORE if seats > entered else Finding.BILL_LESS


@given(billed_seats, prices, known, months, tolerances)
def test_what_is_known_is_compared(
    entered: float | None, price: float | None, last: MonthSeats, this: MonthSeats, tolerance: int
) -> None:
    """The finding is the independent one; a difference is seats less billed, and the amount is that at the price."""
    found = compare(Billed(entered, price), last, this, tolerance)
    exact = Decimal(str(entered or 0))
    assert last.seats is not None
    assert found.finding is independent(int(last.seats), exact, tolerance)
    difference = int(last.seats) - exact
    assert Decimal(str(found.last_difference)) == difference
    assert (found.this_difference is None) is (this.seats is None)
    if price is None:
        assert found.amount is None
    else:
        assert abs(Decimal(str(found.amount)) - difference * Decimal(str(price))) < Decimal("0.0000011")
    assert bool(found.reason) is (found.finding is Finding.AGREES and difference != 0)


@given(billed, months, months, tolerances)
def test_nothing_is_compared_that_is_not_known(
    entered: Billed, last: MonthSeats, this: MonthSeats, tolerance: int
) -> None:
    """Neither seats that are not known nor what can't be used as a billed number; then the reason is given."""
    found = compare(entered, last, this, tolerance)
    is_known = not entered.fault and last.seats is not None
    assert (found.finding is not Finding.NOT_COMPARED) is is_known
    if not is_known:
        assert (found.last_difference, found.amount) == (None, None)
        assert found.reason == (entered.fault or last.reason)
    if entered.fault:
        assert found.this_difference is None


def test_nothing_billed_and_nothing_used_agrees() -> None:
    """Whether the billed number is 0 or blank."""
    for entered in (None, 0, 0.0):
        assert compare(Billed(entered), MonthSeats(0), MonthSeats(None)).finding is Finding.AGREES


@given(st.lists(lines, max_size=12))
def test_the_sums_are_those_of_the_lines(found: list[BillingLine]) -> None:
    """Each line is in one sum; what agrees by tolerance is among what agrees."""
    whole = report(found)
    assert sum(one.lines for one in whole.sums.values()) == len(found)
    for finding, one in whole.sums.items():
        mine = [line.comparison for line in found if line.comparison.finding is finding]
        assert abs(one.seats - sum(line.last_difference or 0 for line in mine)) < 1e-5
        amounts = [line.amount for line in mine if line.amount is not None]
        assert (one.amount is None) is (not amounts)
        assert abs((one.amount or 0) - sum(amounts)) < 1e-5
    assert whole.tolerated.lines <= whole.sums[Finding.AGREES].lines
    assert abs(whole.tolerated.seats - whole.sums[Finding.AGREES].seats) < 1e-5


@given(st.lists(lines, max_size=12), st.integers(1, 5))
def test_the_largest_are_the_largest(found: list[BillingLine], most: int) -> None:
    """Of what needs another invoice, whatever the order of the rows."""
    listed = report(found).largest(most)
    assert listed == report(found[::-1]).largest(most) or len({line.customer_id for line in found}) < len(found)
    sizes = [abs(line.comparison.last_difference or 0) for line in listed]
    assert sizes == sorted(sizes, reverse=True)
    others = [
        abs(line.comparison.last_difference or 0)
        for line in found
        if line not in listed and line.comparison.finding not in (Finding.AGREES, Finding.NOT_COMPARED)
    ]
    assert len(listed) == most or not others
    assert not others or max(others) <= min(sizes)


@given(st.lists(lines, max_size=12))
def test_exceptions_are_what_could_not_be_compared_for_a_reason_of_its_own(found: list[BillingLine]) -> None:
    """That nobody has entered a number yet is no exception."""
    exceptions = report(found).exceptions
    assert all(line.comparison.finding is Finding.NOT_COMPARED for line in exceptions)
    for line in found:
        is_exception = line.last_month.seats is None or line.billed.fault == "Not a number."
        assert (line in exceptions) is is_exception
