"""What to run, and what came of it: the words in which every answer, page and log line tells of a run."""

import enum
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from seat_report.errors import RunError
from seat_report.seats import Problem, Query, TenantType
from seat_report.texts import shortened
from seat_report.workbook.columns import Kind
from seat_report.workbook.reconcile import CellChange, Counts, RowChange
from seat_report.workbook.snapshot import Value

# Of a name, and of what stands or stood in a cell, so much is told in a line.
LONGEST_NAME = 100
_LONGEST_VALUE = 300


class Outcome(enum.StrEnum):
    """How a run ended."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"


class Order(NamedTuple):
    """What to run: for all customers and types or only some, and whether only to show what would be written.

    `trigger` is what set the run off (`schedule`, `manual` or `terminal`) and `by` who or which job, as far as it is
    known: text from outside, printable, on one line.
    """

    dry_run: bool = False
    customer_ids: tuple[str, ...] = ()
    tenant_types: tuple[TenantType, ...] = ()
    trigger: str = "manual"
    by: str = ""


@dataclass(slots=True)
class CustomerCounts:
    """Customers by what became of them; listed = queried + skipped, and failed are some of those queried."""

    listed: int = 0
    queried: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class SeatCounts:
    """Seats of one tenant type, over all tenants that answered."""

    assigned: int = 0
    available: int = 0


@dataclass(slots=True)
class Result:
    """What happened, filled in as the run goes: if it fails half-way, it says how far it got.

    `names` are the customers' names by ID; `queries` is what is asked, known before the first answer;
    `not_ok_in_a_row` counts the latest runs that did not end ok, this one included, None while that is unknown.
    """

    order: Order
    started: datetime
    finished: datetime
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    outcome: Outcome = Outcome.FAILED
    failure: RunError | None = None
    duration_seconds: float = 0.0
    customers: CustomerCounts = field(default_factory=CustomerCounts)
    names: dict[str, str] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
    tenants: int = 0
    seats: dict[TenantType, SeatCounts] = field(default_factory=dict)
    changes: Counts = field(default_factory=Counts)
    rows: tuple[RowChange, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    contract: str | None = None
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    not_ok_in_a_row: int | None = None
    spreadsheet_url: str = ""

    @property
    def is_limited(self) -> bool:
        """Whether only some customers or types were asked about."""
        return bool(self.order.customer_ids or self.order.tenant_types)

    @property
    def preview(self) -> Iterator[str]:
        """What a dry run would write, a line a row: `Contoso · Microsoft 365 · assigned 120 → 124`."""
        for change in self.rows:
            yield " · ".join([*_whose(change), _what(change)])


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


# Columns that only follow from others; told where nothing else changes.
_FOLLOWING = {"total", "utilisation", "change", "peak", "detail"}


def _name(change: CellChange) -> str:
    return change.column.header.removesuffix(" seats").lower()


def _shown(change: CellChange, value: Value) -> str:
    if value in (None, ""):
        return "nothing"
    if isinstance(value, str | bool):
        return shortened(str(value), _LONGEST_VALUE)
    return f"{value:.1%}" if change.column.kind is Kind.SHARE else f"{value:,.15g}"
