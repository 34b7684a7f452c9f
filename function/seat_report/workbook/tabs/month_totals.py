"""The assigned seats of every month of the History tab by tenant type, and how complete each month is. Pure."""

import enum
from collections.abc import Collection, Mapping
from typing import NamedTuple

from seat_report.domain import Number, ReportData, TenantType
from seat_report.workbook.tables import DesiredRows
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.history_columns import ASSIGNED, AVAILABLE, PEAK
from seat_report.workbook.tabs.history_numbers import numbers_after
from seat_report.workbook.tabs.month_close import MonthClose, expected_now


class MonthState(enum.StrEnum):
    """How complete a month's numbers are, in a word or two."""

    COMPLETE = "Complete"
    INCOMPLETE = "Incomplete"
    SO_FAR = "So far"
    NOT_CLOSED = "Not closed"
    NOT_RECORDED = "Not recorded"
    NO_DATA = "No data"


class MonthTotal(NamedTuple):
    """The assigned seats of one month by tenant type, without those that are not known, and how complete they are.

    `note` says what is missing or when that changes, and is empty if there is nothing to add to the state. A month with
    `has_gaps` has no sum yet: its types without gaps are known, the others may still get their answers.
    """

    by_type: Mapping[TenantType, Number]
    state: MonthState
    note: str = ""
    has_gaps: bool = False

    @property
    def assigned(self) -> Number | None:
        """The sum of all types, None if nothing is known or a part of it has yet to come."""
        return sum(self.by_type.values()) if self.by_type and not self.has_gaps else None


def month_totals(history: History, desired: DesiredRows, data: ReportData) -> Mapping[str, MonthTotal]:
    """The totals of all months once the desired rows of the History tab are written."""
    closes = history.closes(desired)
    sums, with_peaks = _sums(history)
    totals = {}
    for month in history.months:
        by_type = sums.get(month, {})
        if month in closes:
            totals[month] = _closed(by_type, closes[month])
        elif month in with_peaks:
            totals[month] = MonthTotal(by_type, MonthState.NOT_CLOSED, "the next run for all customers closes it")
        else:
            totals[month] = MonthTotal(by_type, MonthState.NOT_RECORDED if by_type else MonthState.NO_DATA)
    if history.running in totals:
        totals[history.running] = _running(history, desired, data)
    return totals


def _closed(by_type: Mapping[TenantType, Number], close: MonthClose | None) -> MonthTotal:
    if close is None:
        return MonthTotal(by_type, MonthState.NOT_RECORDED)
    if close.is_complete:
        return MonthTotal(by_type, MonthState.COMPLETE)
    return MonthTotal(by_type, MonthState.INCOMPLETE, f"no answer for {close.missing}")


def _sums(history: History) -> tuple[Mapping[str, Mapping[TenantType, Number]], Collection[str]]:
    """The assigned seats of each month and type that has any, as the tab was read, and the months with peaks."""
    sums: dict[str, dict[TenantType, Number]] = {}
    with_peaks: set[str] = set()
    for key, row in history.rows.items():
        if key.measure == AVAILABLE:
            continue
        for month in history.months:
            if (number := row.number(month)) is None:
                continue
            if key.measure == PEAK:
                with_peaks.add(month)
            elif key.key.tenant_type:
                _add(sums.setdefault(month, {}), key.key.tenant_type, number)
    return sums, with_peaks


def _running(history: History, desired: DesiredRows, data: ReportData) -> MonthTotal:
    known = numbers_after(history.rows, history.running, desired)
    by_type: dict[TenantType, Number] = {}
    for key, number in known.items():
        if key.measure == ASSIGNED and key.key.tenant_type:
            _add(by_type, key.key.tenant_type, number)
    expected = expected_now(data)
    answered = expected & {key.key for key in known if key.measure == PEAK}
    close = MonthClose(len(answered), len(expected))
    if not close.expected or close.is_complete:
        return MonthTotal(by_type, MonthState.SO_FAR)
    # A sum of some customers beside last month's of all would look like a fall, above all in a chart.
    gaps = {key.tenant_type for key in expected - answered}
    whole = {tenant_type: number for tenant_type, number in by_type.items() if tenant_type not in gaps}
    return MonthTotal(whole, MonthState.SO_FAR, f"no answer yet for {close.missing}", has_gaps=True)


def _add(sums: dict[TenantType, Number], tenant_type: TenantType, number: Number) -> None:
    sums[tenant_type] = sums.get(tenant_type, 0) + number
