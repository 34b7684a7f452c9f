"""`Change this month` and `Peak this month` of a tenant's row: only what was verified this month counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seat_report.domain import Number, TenantKey
from seat_report.workbook.sheets_api import Value
from seat_report.workbook.tables import ObservedRow
from seat_report.workbook.tabs.row_states import RowStates
from seat_report.workbook.tabs.seat_row import is_in_month

# What `Detail` says of the peak of a row without numbers.
_PEAK = "Peak of {month}: {peak:,.0f}."


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The figures of one month.

    `last_month` has the assigned seats at the end of the month before, as far as they are known. With `is_past` a later
    month has begun already: this one's figures are not known any more. `states` keep the peak of rows without numbers,
    from where the next good answer in the same month takes it back.
    """

    month: str
    last_month: Mapping[TenantKey, Number]
    is_past: bool = False
    states: RowStates = field(default_factory=RowStates)

    def of_answer(self, key: TenantKey, assigned: Number, row: ObservedRow | None) -> Mapping[str, Value]:
        """The figures of a tenant with these assigned seats now; `row` is its row before."""
        if self.is_past:
            return {"change": None, "peak": None}
        before, peak = self.last_month.get(key), self.peak(row)
        return {
            "change": None if before is None else assigned - before,
            "peak": assigned if peak is None else max(peak, assigned),
        }

    def of_last_known(self, key: TenantKey, row: ObservedRow) -> Mapping[str, Value]:
        """The figures of a row that keeps its last known numbers; blank if these are of an earlier month."""
        assigned = row.number("assigned")
        if assigned is None or not self._is_of_month(row):
            return {"change": None, "peak": None}
        return self.of_answer(key, assigned, row)

    def with_peak(self, detail: str, row: ObservedRow | None) -> str:
        """The detail of a row whose numbers go, with its peak of the month, so that this is not lost."""
        peak = self.peak(row)
        return detail if peak is None else f"{detail} {_PEAK.format(month=self.month, peak=peak)}"

    def peak(self, row: ObservedRow | None) -> Number | None:
        """The row's peak of the month so far; None if it has none yet."""
        if row is None:
            return None
        if (peak := row.number("peak")) is not None:
            return peak if self._is_of_month(row) else None
        return self.states.peak(row, self.month)

    def _is_of_month(self, row: ObservedRow) -> bool:
        return is_in_month(row.number("last_checked"), self.month)
