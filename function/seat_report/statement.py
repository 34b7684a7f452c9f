"""The statement of a closed month as CSV or JSON, from what the spreadsheet says of it. Pure."""

import csv
import io
import json

from seat_report.domain import Billed, Comparison, Finding
from seat_report.workbook import ClosedMonth, ClosedMonthLine, Value

# What begins like this is a formula for programs that open a CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(found: ClosedMonth) -> str:
    """The statement as a JSON object."""
    body = {
        "month": found.month,
        "basis": found.basis,
        "complete": found.is_complete,
        "status": found.status,
        "lines": [_members(found, line) for line in found.lines],
    }
    return json.dumps(body, indent=2) + "\n"


def as_csv(found: ClosedMonth) -> str:
    """The statement as CSV, one line per customer and tenant type; a text that looks like a formula stays text."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_CSV_HEADERS)
    for line in found.lines:
        members = {"month": found.month, **_members(found, line), "status": found.status}
        members["tenant_type"] = line.tenant_type.label
        is_complete = members["complete"]
        members["complete"] = "not recorded" if is_complete is None else "yes" if is_complete else "no"
        writer.writerow([_safe(members[name]) for name in _CSV_HEADERS])
    return written.getvalue()


_CSV_HEADERS = (
    *("month", "customer_id", "customer", "tenant_type", "seats", "basis", "complete", "reason", "status"),
    *("billed_seats", "difference", "unit_price", "amount", "finding"),
)


def is_whole(found: ClosedMonth) -> bool:
    """Whether the month is complete and every line has its seats."""
    return found.is_complete and all(line.seats.seats is not None for line in found.lines)


def _members(found: ClosedMonth, line: ClosedMonthLine) -> dict[str, Value]:
    """One line; what is billed is None for months before the last."""
    billed, comparison = line.billed or Billed(), line.comparison or Comparison(Finding.NOT_COMPARED)
    is_known = line.seats.seats is not None
    return {
        "customer_id": line.customer_id,
        "customer": line.customer,
        "tenant_type": str(line.tenant_type),
        "seats": line.seats.seats,
        "basis": str(found.basis),
        "complete": None if is_known and not found.is_recorded else is_known,
        "reason": line.seats.reason or billed.fault,
        "billed_seats": billed.seats,
        "difference": comparison.last_difference,
        "unit_price": billed.unit_price,
        "amount": comparison.amount,
        "finding": str(comparison.finding) if line.comparison else None,
    }


def _safe(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    text = value.encode("utf-8", "replace").decode()
    return f"'{text}" if text.lstrip(" \xa0").startswith(_FORMULA) else text
