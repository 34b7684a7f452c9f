"""The rows that a run changed, or that its preview would change: by customer, as JSON members, or one per line."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from seat_report.domain import TenantType, canonical_id, shortened
from seat_report.reporting.result import RunResult
from seat_report.workbook import CellChange, Kind, RowChange, Value

# How many rows a preview's JSON has: the platform answers with 32 MB at most, and a row takes one to two kilobytes.
MOST_IN_JSON = 10_000
# The longest name, and the longest old or new value of a cell, that is shown.
LONGEST_NAME = 100
_LONGEST_VALUE = 300
# Columns derived from others; shown only where nothing else changes.
_DERIVED = {"total", "utilisation", "change", "peak", "detail"}
# What is shown of a new row.
_OF_NEW_ROWS = ("status", "assigned", "available")


class ChangedCell(NamedTuple):
    """One cell, its values as people read them; blank is empty text."""

    column: str
    before: str
    after: str


class ChangedRow(NamedTuple):
    """One row: `change` is `added`, `updated` or `removed`; names are shortened, and empty if there are none.

    `row` is its number in the tab, None for a new one; `customer_id` is canonical, to tell customers of one name apart.
    """

    change: str
    row: int | None
    customer_id: str
    customer: str
    tenant_type: str
    tenant: str
    cells: tuple[ChangedCell, ...]


def changed_rows(result: RunResult) -> Iterator[ChangedRow]:
    """The rows, in the order of the Seat Report, each with the cells that say something."""
    for change in result.rows:
        values = change.values
        customer = str(values.get("customer") or values.get("customer_id") or "")
        tenant = str(values.get("tenant") or values.get("tenant_id") or "")
        yield ChangedRow(
            change.kind,
            None if change.row is None else change.row + 1,
            canonical_id(str(values.get("customer_id") or "")),
            shortened(customer, LONGEST_NAME),
            shortened(str(values.get("tenant_type") or ""), LONGEST_NAME),
            shortened(tenant if tenant != customer else "", LONGEST_NAME),
            tuple(_cells(change)),
        )


def by_customer(rows: Iterable[ChangedRow]) -> list[tuple[str, list[ChangedRow]]]:
    """The rows by customer, under its name, in the order in which each comes first; two may have the same name."""
    groups: dict[tuple[str, str], list[ChangedRow]] = {}
    for row in rows:
        # Without an ID the name has to tell them apart.
        groups.setdefault((row.customer_id, "" if row.customer_id else row.customer), []).append(row)
    return [(found[0].customer, found) for found in groups.values()]


def in_a_line(row: ChangedRow) -> str:
    """The row in one line: `Contoso · Microsoft 365 · assigned 120 → 124`."""
    names = [name for name in (row.customer, row.tenant_type, row.tenant) if name]
    if row.change == "removed":
        return " · ".join([*names, "row removed" if row.row is None else f"row {row.row} removed"])
    if row.change == "added":
        return " · ".join([*names, f"new: {', '.join(f'{_name(cell)} {cell.after}' for cell in row.cells) or 'a row'}"])
    cells = (f"{_name(cell)} {cell.before or 'nothing'} → {cell.after or 'nothing'}" for cell in row.cells)
    return " · ".join([*names, ", ".join(cells)])


def as_json(result: RunResult) -> list[dict[str, Any]]:
    """The first rows with all changed cells: numbers as they are, texts shortened, null for a blank cell."""
    return [
        {
            "change": change.kind,
            "customer_id": _text(change.values.get("customer_id")),
            "tenant_type": _type(change.values.get("tenant_type")),
            "tenant_id": _text(change.values.get("tenant_id")),
            "cells": [
                {"column": cell.column.header, "before": _json_value(cell.before), "after": _json_value(cell.after)}
                for cell in change.cells
            ],
        }
        for change in result.rows[:MOST_IN_JSON]
    ]


def left_out_of_json(result: RunResult) -> int:
    """How many rows `as_json` leaves out."""
    return max(0, len(result.rows) - MOST_IN_JSON)


def _cells(change: RowChange) -> Iterator[ChangedCell]:
    if change.kind == "removed":
        return
    if change.kind == "added":
        shown = [cell for cell in change.cells if cell.column.name in _OF_NEW_ROWS]
    else:
        shown = [cell for cell in change.cells if cell.column.name not in _DERIVED] or list(change.cells)
    for cell in shown:
        yield ChangedCell(cell.column.header, _shown(cell, cell.before), _shown(cell, cell.after))


def _name(cell: ChangedCell) -> str:
    return cell.column.removesuffix(" seats").lower()


def _shown(change: CellChange, value: Value) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, str | bool):
        return shortened(str(value), _LONGEST_VALUE)
    return f"{value:.1%}" if change.column.kind is Kind.SHARE else f"{value:,.15g}"


def _type(value: Value) -> TenantType | None:
    try:
        return TenantType.parse(str(value or ""))
    except ValueError:
        return None


def _text(value: Value) -> str | None:
    """An ID as text, also one that a cell holds as a number."""
    if value in (None, ""):
        return None
    is_whole = isinstance(value, float) and value.is_integer()
    return shortened(f"{value:.0f}" if is_whole else str(value), _LONGEST_VALUE)


def _json_value(value: Value) -> Value:
    if value == "":
        return None
    return shortened(value, _LONGEST_VALUE) if isinstance(value, str) else value
