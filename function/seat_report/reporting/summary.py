"""A run in sentences for people: how it went, what changed, what needs attention, how long it will take."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from seat_report.domain import Outcome, Problem, ProblemKind, TenantType, canonical_id, shortened
from seat_report.reporting.result import RunResult
from seat_report.settings import Settings
from seat_report.workbook import CellChange, Kind, RowChange, Value

# Of a name, and of what stands or stood in a cell, so much is told in a line.
LONGEST_NAME = 100
_LONGEST_VALUE = 300
# Columns that only follow from others; told where nothing else changes.
_FOLLOWING = {"total", "utilisation", "change", "peak", "detail"}
_MINUTE = 60
_DID = ("added", "updated", "removed")
_WOULD = ("add", "update", "remove")


class Attention(NamedTuple):
    """One thing to see to: the same problem of one customer, told once for all tenant types that it struck.

    What struck several tenants of one type is as many things. `who` is the customer's name or else its ID, shortened,
    empty if it is nobody's; `row` is its row of the Customers tab.
    """

    kind: ProblemKind
    who: str
    customer_id: str
    row: int | None
    types: tuple[TenantType, ...]
    detail: str

    @property
    def where(self) -> str:
        """Which types and which row of the Customers tab, as far as there are any."""
        parts = [one.label for one in self.types]
        return ", ".join(parts + ([f"row {self.row}"] if self.row else []))


class Total(NamedTuple):
    """One tenant type's seats over all tenants; `share` is how much of them is assigned, None if there are none."""

    label: str
    assigned: int
    available: int
    share: float | None


def headline(result: RunResult) -> str:
    """The outcome in a few words."""
    if result.outcome is Outcome.FAILED:
        return "The run failed"
    if result.request.dry_run:
        return "Preview, nothing written"
    return "Up to date" if result.outcome is Outcome.OK else "Written, with gaps"


def sentence(result: RunResult) -> str:
    """The outcome in a sentence or two."""
    if result.failure is not None:
        return _ended(str(result.failure))
    customers = result.customers
    if not customers.queried:
        return "There was no customer to ask about, so there is nothing new."
    whose = "their rows are" if result.is_limited else "the report is"
    if customers.failed:
        of = f"{customers.failed:,} of {counted(customers.queried, 'customer')}"
        stay = (
            f"the numbers last known {'would stay' if result.request.dry_run else 'stay'}, and the report says how old"
        )
        return f"AvePoint did not answer for {of}, at least in part: {stay} they are."
    everybody = _answered(customers.queried)
    if result.outcome is Outcome.PARTIAL:
        return f"{everybody}, but something needs attention."
    return f"{everybody}." if result.request.dry_run else f"{everybody}; {whose} up to date."


def changes(result: RunResult) -> str:
    """How much the run changed in the Seat Report tab, or would change."""
    counts = result.changes
    if not (counts.rows_added or counts.rows_updated or counts.rows_removed):
        return "No number would change." if result.request.dry_run else "No number has changed."
    who, verbs = ("A run would", _WOULD) if result.request.dry_run else ("The run", _DID)
    numbers = (counts.rows_added, counts.rows_updated, counts.rows_removed)
    first, *more = [(verb, number) for verb, number in zip(verbs, numbers, strict=True) if number]
    parts = [f"{first[0]} {counted(first[1], 'row')}", *(f"{verb} {number:,}" for verb, number in more)]
    cells = f": {counted(counts.cells_changed, 'cell')}" if counts.cells_changed else ""
    return f"{who} {_listed(parts)}{cells}."


def attention(result: RunResult) -> list[Attention]:
    """What needs attention, the most serious first, each customer's like problems together."""
    together: dict[tuple[ProblemKind, str, int | None, int], list[Problem]] = {}
    times: Counter[tuple[ProblemKind, str, int | None, TenantType | None]] = Counter()
    for problem in result.problems:
        of = (problem.kind, problem.customer_id or "", problem.row)
        together.setdefault((*of, times[*of, problem.tenant_type]), []).append(problem)
        times[*of, problem.tenant_type] += 1
    names = {canonical_id(customer_id): name for customer_id, name in result.names.items()}
    found = [
        Attention(
            kind,
            shortened(names.get(canonical_id(customer_id)) or customer_id, LONGEST_NAME),
            customer_id,
            row,
            tuple(one.tenant_type for one in problems if one.tenant_type),
            problems[0].detail,
        )
        for (kind, customer_id, row, _), problems in together.items()
    ]
    return sorted(found, key=lambda one: one.kind.is_notice)


def time_left(seconds: float) -> str:
    """A rough time, so that it doesn't flicker: `about 3 minutes`."""
    if seconds < _MINUTE:
        return "less than a minute"
    return f"about {counted(round(seconds / _MINUTE), 'minute')}"


def counted(number: int, word: str) -> str:
    """A number with its word: `1 customer`, `1,200 customers`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def cut(lines: Iterable[str], most: int) -> tuple[Sequence[str], int]:
    """The first so many lines, and how many were left out."""
    everything = list(lines)
    return everything[:most], max(0, len(everything) - most)


def totals(result: RunResult, settings: Settings) -> Iterator[Total]:
    """The seats of each tenant type that was asked about."""
    for tenant_type, counts in result.seats.items():
        assigned, available = counts.assigned, counts.available
        everything = available if settings.available_seats_mean == "all" else assigned + available
        yield Total(tenant_type.label, assigned, available, min(1.0, assigned / everything) if everything else None)


def preview(result: RunResult) -> Iterator[str]:
    """What a preview would write, one line per row: `Contoso · Microsoft 365 · assigned 120 → 124`."""
    for change in result.rows:
        yield " · ".join([*_whose(change), _what(change)])


def _answered(customers: int) -> str:
    return "The one customer answered" if customers == 1 else f"All {counted(customers, 'customer')} answered"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _whose(change: RowChange) -> Iterator[str]:
    """Customer, tenant type, and the tenant if it is called otherwise than the customer."""
    values = change.values
    customer = str(values.get("customer") or values.get("customer_id") or "")
    tenant = str(values.get("tenant") or values.get("tenant_id") or "")
    tenant_type = str(values.get("tenant_type") or "")
    whose = filter(None, (customer, tenant_type, tenant if tenant != customer else ""))
    yield from (shortened(text, LONGEST_NAME) for text in whose)


def _what(change: RowChange) -> str:
    if change.kind == "removed":
        return "the row goes" if change.row is None else f"row {change.row + 1} goes"
    if change.kind == "added":
        said = {one.column.name: f"{_name(one)} {_shown(one, one.after)}" for one in change.cells}
        numbers = [said[name] for name in ("assigned", "available") if name in said]
        return "new: " + ", ".join(numbers or [said.get("status", "a row")])
    cells = [one for one in change.cells if one.column.name not in _FOLLOWING] or change.cells
    return ", ".join(f"{_name(one)} {_shown(one, one.before)} → {_shown(one, one.after)}" for one in cells)


def _name(change: CellChange) -> str:
    return change.column.header.removesuffix(" seats").lower()


def _shown(change: CellChange, value: Value) -> str:
    if value in (None, ""):
        return "nothing"
    if isinstance(value, str | bool):
        return shortened(str(value), _LONGEST_VALUE)
    return f"{value:.1%}" if change.column.kind is Kind.SHARE else f"{value:,.15g}"
