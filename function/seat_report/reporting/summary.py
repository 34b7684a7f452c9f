"""A run summarised in sentences: how it went, what changed, what needs attention, how long it will take."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from seat_report.domain import Number, Outcome, Problem, ProblemKind, TenantType, canonical_id, shortened
from seat_report.errors import SpreadsheetError
from seat_report.reporting.result import MOST_ROWS, RunResult
from seat_report.reporting.row_changes import LONGEST_NAME, ChangedRow, changed_rows

_MINUTE = 60
_NOBODY = "No customers to check."
_DONE = ("added", "updated", "removed")


class Attention(NamedTuple):
    """One item that needs attention: a problem of one customer, reported once for all affected tenant types.

    Problems of several tenants of one type are separate items. `who` is the customer's name or else its ID, shortened,
    and empty if there is no customer; `row` is its row of the Customers tab.
    """

    kind: ProblemKind
    who: str
    customer_id: str
    row: int | None
    types: tuple[TenantType, ...]
    detail: str

    @property
    def where(self) -> str:
        """The types and the row of the Customers tab, if any."""
        parts = [tenant_type.label for tenant_type in self.types]
        return ", ".join(parts + ([f"row {self.row}"] if self.row else []))


class Total(NamedTuple):
    """One tenant type's seats in the whole report; `share` is the assigned share, None if there are no seats.

    `gap` says how many customers the sum lacks, and is empty if it is complete. Counts are None if nothing is known.
    """

    label: str
    assigned: Number | None
    available: Number | None
    share: float | None
    gap: str = ""


def headline(result: RunResult) -> str:
    """The outcome in a few words."""
    if result.outcome is Outcome.FAILED:
        return "The run failed"
    if result.request.dry_run:
        return "Preview, nothing written"
    if not result.customers.queried:
        return "Nothing checked"
    return "Up to date" if result.outcome is Outcome.OK else "Written, with gaps"


def sentence(result: RunResult) -> str:
    """The outcome in a sentence or two."""
    if result.failure is not None:
        return _with_full_stop(str(result.failure))
    customers = result.customers
    if not customers.queried:
        return next((one.detail for one in result.problems if one.kind is ProblemKind.NOTHING_CHECKED), _NOBODY)
    subject = "their rows are" if result.is_limited else "the report is"
    if customers.failed:
        of = f"{customers.failed:,} of {counted(customers.queried, 'customer')}"
        are = "would be" if result.request.dry_run else "are"
        return f"AvePoint did not answer for {of}, at least in part: previous numbers {are} kept and dated."
    all_answered = _all_answered(customers.queried)
    if result.outcome is Outcome.PARTIAL:
        return f"{all_answered}, but something needs attention."
    return f"{all_answered}." if result.request.dry_run else f"{all_answered}; {subject} up to date."


def changes(result: RunResult) -> str:
    """How much the run changed, or would change, in the Seat Report tab."""
    counts = result.changes
    if not (counts.rows_added or counts.rows_updated or counts.rows_removed):
        if isinstance(result.failure, SpreadsheetError):
            return "No change is confirmed."
        return "No numbers would change." if result.request.dry_run else "No numbers changed."
    numbers = (counts.rows_added, counts.rows_updated, counts.rows_removed)
    first, *more = [(verb, number) for verb, number in zip(_DONE, numbers, strict=True) if number]
    would_be = "would be " if result.request.dry_run else ""
    parts = [f"{counted(first[1], 'row')} {would_be}{first[0]}", *(f"{number:,} {verb}" for verb, number in more)]
    cells = f" ({counted(counts.cells_changed, 'cell')})" if counts.cells_changed else ""
    return f"{', '.join(parts)}{cells}."


def attention(result: RunResult) -> list[Attention]:
    """What needs attention, notices last, with similar problems of a customer combined."""
    groups: dict[tuple[ProblemKind, str, int | None, int], list[Problem]] = {}
    times: Counter[tuple[ProblemKind, str, int | None, TenantType | None]] = Counter()
    for problem in result.problems:
        key = (problem.kind, problem.customer_id or "", problem.row)
        groups.setdefault((*key, times[*key, problem.tenant_type]), []).append(problem)
        times[*key, problem.tenant_type] += 1
    names = {canonical_id(customer_id): name for customer_id, name in result.names.items()}
    items = [
        Attention(
            kind,
            shortened(names.get(canonical_id(customer_id)) or customer_id, LONGEST_NAME),
            customer_id,
            row,
            tuple(problem.tenant_type for problem in problems if problem.tenant_type),
            problems[0].full_detail,
        )
        for (kind, customer_id, row, _), problems in groups.items()
    ]
    return sorted(items, key=lambda item: item.kind.is_notice)


def time_left(seconds: float) -> str:
    """A rough time, so that the display doesn't flicker: `about 3 minutes`."""
    if seconds < _MINUTE:
        return "less than a minute"
    return f"about {counted(round(seconds / _MINUTE), 'minute')}"


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with its word: `1 customer`, `1,200 customers`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {plural or f'{word}s'}"


def totals(result: RunResult) -> Iterator[Total]:
    """The seats of each tenant type in the whole report after the run."""
    for tenant_type, seats in result.seats.items():
        share = min(1.0, seats.assigned / seats.total) if seats.assigned is not None and seats.total else None
        yield Total(tenant_type.label, seats.assigned, seats.available, share, seats.gap)


def first_changed_rows(result: RunResult) -> tuple[list[ChangedRow], int]:
    """The first changed rows, and how many more there are."""
    counts = result.changes
    rows = list(islice(changed_rows(result), MOST_ROWS))
    return rows, counts.rows_added + counts.rows_updated + counts.rows_removed - len(rows)


def _all_answered(customers: int) -> str:
    return "The one customer answered" if customers == 1 else f"All {counted(customers, 'customer')} answered"


def _with_full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
