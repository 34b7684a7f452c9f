"""What a month's column in the History tab says about its month once it is closed, kept as the column's metadata. Pure.

The first run for everybody in a later month that has answers closes a month. What it records is never rewritten, so no
later run, setting or clock changes what is said of the month.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from seat_report.domain import Basis, ReportData, Status, TenantKey, canonical_id
from seat_report.workbook.tables import NewEntry, ObservedTable
from seat_report.workbook.tabs.seat_row import key_of, status_of

CLOSED_KEY = "seat-report.month-closed"
# Marks a month in which a run for everybody had answers: all that was expected then has left a row somewhere.
COVERED_KEY = "seat-report.month-covered"
# Rows of what was queried; the others are about what was no longer expected, or has no type.
_EXPECTED = (Status.CURRENT, Status.STALE, Status.NO_DATA)


class MonthClose(NamedTuple):
    """How complete a month is: how many of the expected pairs of customer and tenant type had a good answer in it.

    `available` is what the vendor's "available" counted then, as in the setting AVAILABLE_SEATS_MEAN; `basis` is
    how the month is billed, None in records from before it was kept.
    """

    answered: int
    expected: int
    available: str = ""
    basis: Basis | None = None

    @property
    def missing(self) -> str:
        """How many of the pairs had no good answer, in words."""
        return f"{self.expected - self.answered:,} of {self.expected:,} (customers × tenant types)"

    @property
    def is_complete(self) -> bool:
        """Whether every expected pair had a good answer; nothing is complete where nothing was expected."""
        return 0 < self.expected == self.answered

    def entry(self, month: str) -> NewEntry:
        """The entry that records this on the month's column."""
        record = {
            "complete": self.is_complete,
            "answered": self.answered,
            "expected": self.expected,
            "available": self.available,
            "billing": self.basis,
        }
        return NewEntry(month, CLOSED_KEY, json.dumps(record, separators=(",", ":")))

    @classmethod
    def parse(cls, value: str) -> "MonthClose | None":
        """What an entry records; None if it can't be understood."""
        try:
            record = json.loads(value)
            close = cls(int(record["answered"]), int(record["expected"]), str(record["available"]))
            basis = record.get("billing")
            return close._replace(basis=Basis(basis)) if basis in list(Basis) else close
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            return None


NO_DATA = "No data"
NOT_RECORDED = "Not recorded"
NOT_CLOSED = "Not closed yet; the next run for all customers closes it"


def closed_note(close: MonthClose | None) -> str:
    """What is said of a closed month."""
    if close is None:
        return NOT_RECORDED
    return "Complete" if close.is_complete else f"Incomplete: no answer for {close.missing}"


def notes_of(entries: Iterable[NewEntry]) -> dict[str, str]:
    """The months that these entries close, and what is said of each."""
    return {entry.column: closed_note(MonthClose.parse(entry.value)) for entry in entries if entry.key == CLOSED_KEY}


def closes_in(table: ObservedTable) -> dict[str, MonthClose | None]:
    """What the entries of the History table record, by month; None for an entry that can't be understood.

    If a month has several entries, the first that was read counts.
    """
    months = {index: name for name, index in table.placement.at.items()}
    closes: dict[str, MonthClose | None] = {}
    for entry in table.tab.column_entries:
        if entry.key == CLOSED_KEY and entry.column in months:
            closes.setdefault(months[entry.column], MonthClose.parse(entry.value))
    return closes


def expected_now(data: ReportData) -> frozenset[TenantKey]:
    """The pairs of customer and type (a key without a tenant) that a run for everybody queries."""
    return frozenset(_expected(data))


def covered(month: str) -> NewEntry:
    """The entry that marks the month as one in which a run for everybody had answers."""
    return NewEntry(month, COVERED_KEY, "yes")


def covered_in(table: ObservedTable) -> frozenset[str]:
    """The months of a History table that are so marked."""
    months = {index: name for name, index in table.placement.at.items()}
    entries = (entry for entry in table.tab.column_entries if entry.key == COVERED_KEY)
    return frozenset(months[entry.column] for entry in entries if entry.column in months)


def expected_before(
    report: ObservedTable, recorded: Collection[TenantKey], data: ReportData, *, was_covered: bool
) -> frozenset[TenantKey]:
    """The pairs that were expected in an earlier month, as far as the workbook still shows it.

    `report` is the Seat Report before the run, `recorded` has the keys of the History tab's rows. If the month was
    covered by a run for everybody, a customer or a type that neither has a row of was added since, and was not expected
    then.
    """
    rows = [(key, status_of(row)) for row in report.rows() if (key := key_of(row)) is not None]
    known = [key for key, status in rows if status is not None]
    customers = {key.customer for key in (*known, *recorded)}
    types = {key.tenant_type for key in (*known, *recorded)}
    expected = {pair_of(key) for key, status in rows if key.tenant_type and status in _EXPECTED}
    return frozenset(expected) | {
        pair
        for pair in _expected(data)
        if not was_covered or (pair.customer in customers and pair.tenant_type in types)
    }


def pair_of(key: TenantKey) -> TenantKey:
    """The customer and the type of a tenant."""
    return key._replace(tenant="")


def _expected(data: ReportData) -> Iterator[TenantKey]:
    for customer in data.customers:
        if customer.is_included:
            for tenant_type in data.types_of(customer):
                yield TenantKey(canonical_id(customer.customer_id), tenant_type, "")
