"""What the spreadsheet says of a closed month: its seats, and for last month what is billed of them. Pure.

The seats, their basis and how complete they are come from the History tab alone and never change. What is billed is
what people have entered in the Billing tab by now, and that tab is about last month only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seat_report.domain import (
    NO_NUMBERS,
    Basis,
    Billed,
    Comparison,
    MonthSeats,
    TenantKey,
    TenantType,
    compare,
    month_before,
)
from seat_report.errors import ConfigurationError, Fault
from seat_report.workbook.sheets_api import Tab
from seat_report.workbook.tables import ObservedRow, ObservedTable
from seat_report.workbook.tabs.billing_columns import COLUMNS, REPEATED, billed_in, pair_in
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.month_close import pair_of
from seat_report.workbook.tabs.month_seats import SeatsOfMonth

# A month before any other, so that reading the tab adds none, and as many as are ever kept.
_BEFORE_ALL, _MONTHS = "2000-01", 120


class ClosedMonthLine(NamedTuple):
    """One customer and type; `billed` and `comparison` are None for months before the last."""

    customer_id: str
    customer: str
    tenant_type: TenantType
    seats: MonthSeats
    billed: Billed | None = None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A closed month. `status` says how complete it is, in words; `is_recorded`, whether that was kept at its close."""

    month: str
    basis: Basis
    status: str
    is_complete: bool
    is_recorded: bool
    lines: Sequence[ClosedMonthLine]


def closed_month(history_tab: Tab, billing_tab: Tab | None, month: str, tolerance: int = 0) -> ClosedMonth:
    """The month as the tabs have it; raises ConfigurationError if it is not one of the closed months."""
    history = History(history_tab, _BEFORE_ALL, _MONTHS)
    found = SeatsOfMonth.of(history, month, Basis.MONTH_END)
    _refuse_if_open(history, found, history_tab.title)
    is_last = month == month_before(history.running)
    billed = _entered(billing_tab) if is_last and billing_tab is not None else None
    rows: dict[TenantKey, tuple[str, str]] = {}
    for key, row in history.rows.items():
        rows.setdefault(pair_of(key.key), (row.text("customer_id"), row.text("customer")))
    pairs = {*found.known, *found.partial}
    if billed is not None:
        for pair, (row, entered) in billed.items():
            rows.setdefault(pair, (row.text("customer_id"), row.text("customer")))
            if entered.seats is not None or entered.fault not in ("", NO_NUMBERS):
                pairs.add(pair)
    lines = [_line(pair, rows[pair], found.of_pair(pair), billed, tolerance) for pair in pairs]
    return ClosedMonth(
        month=month,
        basis=found.basis,
        status=found.status,
        is_complete=found.close is not None and found.close.is_complete,
        is_recorded=found.close is not None,
        lines=sorted(lines, key=lambda line: (line.customer.casefold(), line.customer_id, line.tenant_type.number)),
    )


def _refuse_if_open(history: History, found: SeatsOfMonth, title: str) -> None:
    if not found.has_column:
        known = ", ".join(one for one in history.months if one < history.running) or "none"
        wrong = f"the tab {title!r} has no numbers for {found.month}; its closed months: {known}"
    elif found.month >= history.running or (not found.is_closed and found.has_peaks):
        wrong = f"{found.month} is not closed yet"
    else:
        return
    remedy = "Give a closed month; the first run for all customers in a new month closes the one before"
    raise ConfigurationError(Fault("--month", wrong, remedy))


def _entered(tab: Tab) -> Mapping[TenantKey, tuple[ObservedRow, Billed]]:
    """What people have entered for each customer and type, with its row."""
    entered: dict[TenantKey, tuple[ObservedRow, Billed]] = {}
    for row in ObservedTable(COLUMNS, tab).rows():
        pair = pair_in(row)
        if pair is None:
            continue
        billed = billed_in(row)
        before = entered.get(pair)
        if before is None or not before[0].cell("billed").text:
            entered[pair] = row, billed
        elif row.cell("billed").text:
            entered[pair] = row, billed._replace(fault=REPEATED)
    if any(row.cell("billed").text or billed.fault for row, billed in entered.values()):
        return entered
    return {pair: (row, billed._replace(fault=NO_NUMBERS)) for pair, (row, billed) in entered.items()}


def _line(
    pair: TenantKey,
    shown: tuple[str, str],
    seats: MonthSeats,
    entered: Mapping[TenantKey, tuple[ObservedRow, Billed]] | None,
    tolerance: int,
) -> ClosedMonthLine:
    # Every key here has a type.
    line = ClosedMonthLine(*shown, pair.tenant_type or TenantType.MICROSOFT_365, seats)
    if entered is None:
        return line
    is_unused = not any(billed.fault != NO_NUMBERS for _, billed in entered.values())
    _, billed = entered.get(pair, (None, Billed(fault=NO_NUMBERS if is_unused else "")))
    return line._replace(billed=billed, comparison=compare(billed, seats, MonthSeats(None), tolerance))
