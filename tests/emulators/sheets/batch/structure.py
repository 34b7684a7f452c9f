"""Inserting, deleting and moving rows and columns, with everything that has to follow."""

from __future__ import annotations

from tests.emulators.sheets import filtering
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import invalid
from tests.emulators.sheets.moving import Delete, Insert, Move

from .registry import Batch

_FROZEN = {"ROWS": "frozenRowCount", "COLUMNS": "frozenColumnCount"}
_NOUN = {"ROWS": "row", "COLUMNS": "column"}


def insert(batch: Batch, sheet: Sheet, dimension: str, at: int, count: int, inherit_from: int | None = None) -> None:
    """Insert rows or columns, formatted like the one at `inherit_from`."""
    sheet.grid.insert(dimension, at, count, inherit_from)
    frozen = sheet.grid_properties.get(_FROZEN[dimension], 0)
    if at < frozen:
        sheet.grid_properties[_FROZEN[dimension]] = frozen + count
    batch.check_size()
    batch.follow(Insert(sheet.sheet_id, dimension, None, at, count), sheet.title)


def delete(batch: Batch, sheet: Sheet, dimension: str, start: int, end: int) -> None:
    """Delete rows or columns [start, end); raises ApiError where the service refuses it."""
    noun, count = _NOUN[dimension], sheet.grid.axis(dimension).count
    if end > count:
        raise invalid(
            f"Cannot delete a {noun} that doesn't exist. Tried to delete {noun} index {end - 1} "
            f"but there are only {count} {noun}s."
        )
    if end - start >= count:
        raise invalid(f"You can't delete all the {noun}s on the sheet.")
    frozen = sheet.grid_properties.get(_FROZEN[dimension], 0)
    lost = max(0, min(end, frozen) - start)
    if frozen - lost and frozen - lost >= count - (end - start):
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {noun}s.")
    sheet.grid.delete(dimension, start, end)
    if lost:
        sheet.grid_properties[_FROZEN[dimension]] = frozen - lost
    _follow(batch, sheet, Delete(sheet.sheet_id, dimension, None, start, end))


def move(batch: Batch, sheet: Sheet, dimension: str, start: int, end: int, destination: int) -> None:
    """Move rows or columns [start, end) in front of `destination`, counted before the move."""
    sheet.grid.move(dimension, start, end, destination)
    _follow(batch, sheet, Move(sheet.sheet_id, dimension, None, start, end, destination))


def _follow(batch: Batch, sheet: Sheet, change: Delete | Move) -> None:
    """Let everything follow; a filter that loses a criterion shows the rows that this alone hid."""
    before = sheet.basic_filter
    batch.follow(change, sheet.title)
    after = sheet.basic_filter or {}
    if before and len(before.get("criteria", {})) > len(after.get("criteria", {})):
        batch.settle()
        filtering.hide(batch.view(), sheet)


def resize(batch: Batch, sheet: Sheet, rows: int, columns: int) -> None:
    """Give a grid another size: at its ends it grows or loses rows and columns."""
    for dimension, wanted in (("ROWS", rows), ("COLUMNS", columns)):
        count = sheet.grid.axis(dimension).count
        if wanted > count:
            sheet.grid.axis(dimension).count = wanted
        elif wanted < count:
            delete(batch, sheet, dimension, wanted, count)
    batch.check_size()
