"""The columns of the History tab: which of them are months of the report's, and which months it should have. Pure.

A month is a column that carries our mark and holds numbers in rows of ours. What people head `2027-01` is theirs.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from seat_report.domain import Problem, ProblemKind, TenantKey, TenantType, months_apart, months_between
from seat_report.errors import ConfigurationError, Fault
from seat_report.workbook.sheets_api import Tab, column_letters
from seat_report.workbook.tables import HEADER_ROW, Column, Kind, ObservedRow, ObservedTable, folded
from seat_report.workbook.tabs.seat_row import key_of

ASSIGNED = "Assigned"
AVAILABLE = "Available"
PEAK = "Peak"

FIXED = (
    Column("customer", "Customer", Kind.TEXT, "The customer's name, from the Customers tab."),
    Column("tenant_type", "Tenant type", Kind.TEXT, "The product whose seats are counted.", is_key=True),
    Column("tenant", "Tenant", Kind.TEXT, "The tenant's name at AvePoint; blank in a Peak row."),
    Column(
        "seats",
        "Seats",
        Kind.TEXT,
        "Assigned or Available: the tenant's seats. Peak: the most assigned seats of all tenants of the type, in sum.",
        is_key=True,
    ),
    Column("trend", "Trend", Kind.TEXT, "This row's months as a line chart.", counts=False),
    Column("customer_id", "Customer ID", Kind.TEXT, "AvePoint's ID of the customer.", is_key=True),
    Column("tenant_id", "Tenant ID", Kind.TEXT, "AvePoint's ID of the tenant; blank in a Peak row.", is_key=True),
)
# A pause of the report that is longer than this is taken for a wrong clock.
MOST_MONTHS_APART = 13
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


class HistoryKey(NamedTuple):
    """What identifies a row: the tenant (in a Peak row only customer and type) and what is counted."""

    key: TenantKey
    measure: str

    @classmethod
    def of(cls, row: ObservedRow) -> "HistoryKey | None":
        """The row's key; None if it is not a row of ours."""
        key = key_of(row)
        if key is None or not isinstance(key.tenant_type, TenantType):
            return None
        measure = row.text("seats").capitalize()
        # Either every tenant or all tenants together.
        is_valid = measure == PEAK if not key.tenant else measure in (ASSIGNED, AVAILABLE)
        return cls(key, measure) if is_valid else None


class HistoryColumns:
    """The months that the tab has and should have.

    `newest` is the newest month with numbers. `is_past` says that it is later than the run's month, to which nothing
    may be written then. `months` are those that the tab should have, oldest first, without the run's if somebody else's
    column has its header.
    """

    def __init__(self, tab: Tab, month: str, months_kept: int) -> None:
        observed = ObservedTable((*FIXED, *map(_month_column, _months_named(tab, month))), tab)
        at = observed.placement.at
        existing = {column.name for column in observed.columns if _MONTH.fullmatch(column.name) and column.name in at}
        ambiguous = {name for name in observed.placement.ambiguous if _MONTH.fullmatch(name)}
        self._tab = tab
        self._month = month
        self.newest = next((name for name in sorted(existing, reverse=True) if _has_numbers(observed, name)), None)
        _refuse_if_too_late(tab.title, self.newest, month)
        self.is_past = self.newest is not None and month < self.newest
        wanted = {*existing, *ambiguous}
        self._foreign = None if month in wanted else _column_of_others(tab, month)
        if not self.is_past:
            new = [month] if self.newest is None else months_between(self.newest, month)
            unused = {name for name in new if name in wanted or _column_of_others(tab, name) is None}
            wanted = {name for name in wanted if name <= month} | unused
        kept = sorted(wanted) if self.is_past else sorted(wanted)[-months_kept:]
        self.months = tuple(kept)
        self.table = ObservedTable((*FIXED, *map(_month_column, kept)), tab)
        # Months after the run's that hold no number are left as they are.
        self.removals = frozenset(at[name] for name in existing - set(kept) if name <= month)

    @property
    def is_writable(self) -> bool:
        """Whether this run may write into its month."""
        return not self.is_past and self._month in self.months

    def problems(self) -> Iterator[Problem]:
        """Why this run does not write into its month, if it doesn't."""
        if self.is_past:
            detail = (
                f"The tab {self._tab.title!r} already has numbers of {self.newest}, a later month than this run's "
                f"({self._month}), so this run left the tab unchanged and shows no change or peak. After a change of "
                f"the spreadsheet's time zone wait until {self.newest} begins; if a clock was wrong, correct it and "
                f"delete the column {self.newest}."
            )
            yield Problem(ProblemKind.MONTH_NOT_WRITTEN, detail)
        elif self._foreign is not None:
            detail = (
                f"Tab {self._tab.title!r}, column {column_letters(self._foreign)} has the header {self._month}, "
                "but is not the report's, so this month was not written there. Rename that column; the next run adds "
                "its own."
            )
            yield Problem(ProblemKind.MONTH_NOT_WRITTEN, detail)


def refuse_wrong_clock(tab: Tab, month: str) -> None:
    """Raise ConfigurationError if the month is so much later than the tab's newest that a clock must be wrong.

    The tab's first row is enough, so this can be asked before anything is queried or written.
    """
    _refuse_if_too_late(tab.title, max(_months_named(tab, month), default=None), month)


def _refuse_if_too_late(title: str, newest: str | None, month: str) -> None:
    if newest is None or months_apart(newest, month) <= MOST_MONTHS_APART:
        return
    wrong = (
        f"the newest month in the tab {title!r} is {newest} and this run's is {month}, more than "
        f"{MOST_MONTHS_APART} months later; nothing was written"
    )
    remedy = f"Correct the clock. If the report has really paused that long, rename the tab {title!r}: the next run "
    raise ConfigurationError(Fault("HISTORY_TAB", wrong, remedy + "starts a new one"))


def _has_numbers(table: ObservedTable, month: str) -> bool:
    return any(row.number(month) is not None and HistoryKey.of(row) is not None for row in table.rows())


def _months_named(tab: Tab, month: str) -> set[str]:
    """The months that our marks name; in a tab without any mark (a copy of ours), those that headers name up to now."""
    if tab.marks:
        return {mark.name for mark in tab.marks if _MONTH.fullmatch(mark.name)}
    header = tab.rows[HEADER_ROW] if tab.rows else []
    return {name for cell in header if _MONTH.fullmatch(name := folded(cell.text)) and name <= month}


def _column_of_others(tab: Tab, month: str) -> int | None:
    """The index of a column with content that has the month's header; None if there is none.

    It must be asked only of a month that has no column of ours.
    """
    for column, cell in enumerate(tab.rows[HEADER_ROW] if tab.rows else ()):
        if folded(cell.text) == month and any(
            not tab.cell(row, column).is_blank for row in range(HEADER_ROW + 1, len(tab.rows))
        ):
            return column
    return None


def _month_column(month: str) -> Column:
    return Column(month, month, Kind.COUNT, f"Seats at the last successful check in {month}; blank if there was none.")
