"""The seats to bill of one month, by customer and tenant type, from the History tab. Pure.

A month is known for a customer and type if all its tenants were answered for at least once in it, which is when `Peak`
is written. Its seats are that peak, or the sum of what the last good answer of the month said of each tenant.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seat_report.domain import Basis, MonthSeats, Number, TenantKey
from seat_report.workbook.tables import DesiredRows
from seat_report.workbook.tabs import month_close
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.history_columns import ASSIGNED, PEAK
from seat_report.workbook.tabs.history_numbers import last_before, numbers_after
from seat_report.workbook.tabs.month_close import MonthClose, pair_of


@dataclass(frozen=True, slots=True)
class SeatsOfMonth:
    """The seats to bill of one month.

    `known` has those of each customer and type (a key without a tenant) that is known; `partial` are those of which
    only some number is. `close` is what was recorded when the month was closed. `has_column` says whether History
    has the month, `has_peaks` whether runs kept peaks by then.
    """

    month: str
    basis: Basis
    known: Mapping[TenantKey, Number]
    partial: frozenset[TenantKey]
    close: MonthClose | None
    is_closed: bool
    has_column: bool
    has_peaks: bool

    @classmethod
    def of(cls, history: History, month: str, basis: Basis, desired: DesiredRows | None = None) -> "SeatsOfMonth":
        """The seats of a month once History's desired rows are written.

        A closed month keeps the basis that was recorded with it; one that was closed before the basis was recorded is
        billed by its end. `basis` is that of months that are not closed.
        """
        desired = desired or DesiredRows()
        closes = history.closes(desired)
        close = closes.get(month)
        if month in closes:
            basis = close.basis if close is not None and close.basis is not None else Basis.MONTH_END
        numbers = numbers_after(history.rows, month, desired)
        peaks = {key.key: number for key, number in numbers.items() if key.measure == PEAK}
        has_peaks = bool(peaks) or history.is_recorded(month)
        known: Mapping[TenantKey, Number] = peaks
        sums: dict[TenantKey, Number] = {}
        for key, number in numbers.items():
            if key.measure == ASSIGNED:
                pair = pair_of(key.key)
                sums[pair] = sums.get(pair, 0) + number
        if basis is Basis.MONTH_END:
            known = {pair: sums.get(pair, 0) for pair in peaks}
            if not has_peaks and month < history.running:
                last = last_before(history.rows, month, history.months)
                unknown = {pair_of(key.key) for key, number in last.items() if number and key not in numbers}
                known = {pair: number for pair, number in sums.items() if pair not in unknown}
        partial = frozenset(sums.keys() - known.keys())
        return cls(month, basis, known, partial, close, month in closes, month in history.months, has_peaks)

    @property
    def status(self) -> str:
        """How complete the month is, in words."""
        if self.is_closed:
            return month_close.closed_note(self.close)
        if not self.has_column:
            return month_close.NO_DATA
        return month_close.NOT_CLOSED if self.has_peaks else month_close.NOT_RECORDED

    def of_pair(self, pair: TenantKey, *, is_new: bool = False) -> MonthSeats:
        """The seats of a customer and type, or why they are not known; `is_new` says that it has no earlier number."""
        if (seats := self.known.get(pair)) is not None:
            return MonthSeats(seats)
        if not self.has_column:
            return MonthSeats(None, f"History has no numbers for {self.month}.")
        if self.basis is Basis.PEAK and not self.has_peaks:
            return MonthSeats(None, f"No peak recorded yet for {self.month}.")
        if is_new:
            return MonthSeats(None, f"First seen after {self.month}, so there is nothing to compare yet.")
        return MonthSeats(None, f"No complete data for {self.month}.")
