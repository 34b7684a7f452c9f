"""What finance does with the seats of a month: compare them with what is billed, and add up the differences. Pure."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seat_report.domain.tenants import Number, TenantType

# More digits than any price has, fewer than those in which binary fractions show.
_DIGITS = 6
NO_NUMBERS = "No billed numbers entered."


class Basis(enum.StrEnum):
    """Which seats of a month are billed: the last that were right in it, or the most that any run of it saw."""

    MONTH_END = "month-end"
    PEAK = "peak"


class Finding(enum.StrEnum):
    """How the seats to bill of last month compare with what is billed, in the words of the Finding column."""

    BILL_MORE = "Bill more"
    BILL_LESS = "Bill less"
    NOT_BILLED = "Not billed"
    NOT_USED = "Not used"
    AGREES = "Agrees"
    NOT_COMPARED = "Not compared"


class Billed(NamedTuple):
    """What people entered for one customer and tenant type.

    `seats` and `unit_price` are None if nothing is entered; `fault` says why `seats` can't be used, if they can't.
    """

    seats: Number | None = None
    unit_price: Number | None = None
    fault: str = ""


class MonthSeats(NamedTuple):
    """The seats to bill of one month, or in `reason` why they are not known."""

    seats: Number | None
    reason: str = ""


class Comparison(NamedTuple):
    """The finding about last month, and what the seats of both months are more than those billed."""

    finding: Finding
    reason: str = ""
    last_difference: Number | None = None
    this_difference: Number | None = None
    amount: Number | None = None


def compare(billed: Billed, last_month: MonthSeats, this_month: MonthSeats, tolerance: int = 0) -> Comparison:
    """Compare the seats to bill with those billed; what is not known or can't be used is not compared.

    Nothing entered counts as 0 seats billed. A difference of up to `tolerance` seats agrees, and is still given.
    """
    if billed.fault:
        return Comparison(Finding.NOT_COMPARED, billed.fault)
    this_difference = _difference(this_month.seats, billed.seats)
    difference = _difference(last_month.seats, billed.seats)
    if difference is None:
        return Comparison(Finding.NOT_COMPARED, last_month.reason, this_difference=this_difference)
    amount = None if billed.unit_price is None else _rounded(difference * billed.unit_price)
    finding = _finding(last_month.seats, billed.seats, difference, tolerance)
    within = finding is Finding.AGREES and difference != 0
    reason = f"Differs by no more than the tolerance of {_counted(tolerance)}." if within else ""
    return Comparison(finding, reason, difference, this_difference, amount)


def _finding(seats: Number | None, billed: Number | None, difference: Number, tolerance: int) -> Finding:
    if abs(difference) <= tolerance:
        return Finding.AGREES
    if not billed:
        return Finding.NOT_BILLED
    if not seats:
        return Finding.NOT_USED
    return Finding.BILL_MORE if difference > 0 else Finding.BILL_LESS


def _difference(seats: Number | None, billed: Number | None) -> Number | None:
    return None if seats is None else _rounded(seats - (billed or 0))


def _rounded(number: Number) -> Number:
    return number if isinstance(number, int) else round(number, _DIGITS)


def _counted(seats: int) -> str:
    return f"{seats:,} {'seat' if seats == 1 else 'seats'}"


class BillingLine(NamedTuple):
    """One customer and tenant type: its seats of both months, what is billed, and how they compare.

    `customer_id` is as shown, `customer` the name.
    """

    customer_id: str
    customer: str
    tenant_type: TenantType
    billed: Billed
    last_month: MonthSeats
    this_month: MonthSeats
    comparison: Comparison


class BillingSum(NamedTuple):
    """Differences added up: over how many lines, in seats, and in money as far as there are unit prices.

    `unpriced` are the lines with a difference but without an amount.
    """

    lines: int = 0
    seats: Number = 0
    amount: Number | None = None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class BillingReport:
    """The lines of the Billing tab after a run.

    `month` is last month, `basis` the one by which it is billed, and `status` says how complete it is. `is_recorded`
    says whether the workbook has the month at all.
    """

    month: str
    basis: Basis
    tolerance: int
    status: str
    is_recorded: bool
    lines: Sequence[BillingLine]

    @property
    def has_numbers(self) -> bool:
        """Whether anybody has entered a billed number."""
        return any(line.billed.fault != NO_NUMBERS for line in self.lines)

    @property
    def billed(self) -> Number | None:
        """The sum of all billed numbers that can be used; None if there is none."""
        known = [line.billed.seats for line in self.lines if line.billed.seats is not None]
        return sum(known) if known else None

    @property
    def sums(self) -> Mapping[Finding, BillingSum]:
        """The sum of each finding."""
        return {finding: _sum(line for line in self.lines if line.comparison.finding is finding) for finding in Finding}

    @property
    def tolerated(self) -> BillingSum:
        """The sum of the differences that agree only because of the tolerance."""
        return _sum(
            line for line in self.lines if line.comparison.finding is Finding.AGREES and line.comparison.last_difference
        )

    def largest(self, most: int) -> Sequence[BillingLine]:
        """The lines that need another invoice, largest difference first, at most so many."""
        differing = [
            line for line in self.lines if line.comparison.finding not in (Finding.AGREES, Finding.NOT_COMPARED)
        ]
        return sorted(differing, key=_by_size)[:most]

    @property
    def exceptions(self) -> Sequence[BillingLine]:
        """The lines of which last month's seats are not known or the billed number can't be used, by name."""
        found = [
            line for line in self.lines if line.last_month.seats is None or line.billed.fault not in ("", NO_NUMBERS)
        ]
        return sorted(found, key=lambda line: (line.customer.casefold(), line.customer_id, line.tenant_type.number))


def _sum(lines: Iterable[BillingLine]) -> BillingSum:
    found = [line.comparison for line in lines]
    amounts = [one.amount for one in found if one.amount is not None]
    return BillingSum(
        lines=len(found),
        seats=_rounded(sum(one.last_difference or 0 for one in found)),
        amount=_rounded(sum(amounts)) if amounts else None,
        unpriced=sum(bool(one.last_difference) and one.amount is None for one in found),
    )


def _by_size(line: BillingLine) -> tuple[Number, Number, str, str, int]:
    comparison = line.comparison
    return (
        -abs(comparison.last_difference or 0),
        -abs(comparison.amount or 0),
        line.customer.casefold(),
        line.customer_id,
        line.tenant_type.number,
    )
