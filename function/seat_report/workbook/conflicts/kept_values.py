"""Find cells that Google keeps differently from how they were written, so that every plan wants them again. Pure."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from seat_report.workbook.conflicts.block import BlockExpectation
from seat_report.workbook.conflicts.detection import Expectation
from seat_report.workbook.conflicts.footprint import Footprint
from seat_report.workbook.conflicts.repair import Place
from seat_report.workbook.sheets_api import Cell, RowFormula, Tab, Value, column_letters
from seat_report.workbook.tables import BlockPatch, Patch, equal

# So much of a value is quoted.
_LONGEST = 60


class KeptValue(NamedTuple):
    """A cell, what was written into it and what it holds instead."""

    title: str
    place: Place
    written: Value
    kept: Value

    def __str__(self) -> str:
        row, column = self.place
        return (
            f"{self.title!r}!{column_letters(column)}{row + 1} ({_quoted(self.written)}, kept as {_quoted(self.kept)})"
        )


def kept_in_table(expectation: Expectation, patch: Patch) -> list[KeptValue] | None:
    """The cells that the patch wants once more as the write before wrote them; None if it wants anything else."""
    if not patch.changes_only_cells:
        return None
    footprint = Footprint(expectation.table.tab, expectation.steps())
    at = patch.table.placement.at
    wanted = (
        ((row, at[change.column.name]), change.after) for row, changes in patch.changed.items() for change in changes
    )

    def was_written(place: Place, value: Value) -> bool:
        cell = Cell(None, value.at(place[0])) if isinstance(value, RowFormula) else Cell(None if value == "" else value)
        return footprint.holds(place, cell)

    return _kept(patch.table.tab, wanted, was_written)


def kept_in_block(expectation: BlockExpectation, patch: BlockPatch) -> list[KeptValue] | None:
    """The cells of the block that the patch wants once more as they were written; None if it wants anything else."""
    if patch.block != expectation.block or patch.is_range_set:
        return None
    tab = patch.tab
    wanted = ((place, cell.value) for place, cell in patch.written.items() if not equal(tab.cell(*place), cell.value))
    return _kept(tab, wanted, lambda place, value: place in expectation.written and expectation.written[place] == value)


def _kept(
    tab: Tab, wanted: Iterator[tuple[Place, Value]], was_written: Callable[[Place, Value], bool]
) -> list[KeptValue] | None:
    found = []
    for place, value in wanted:
        if not was_written(place, value):
            return None
        cell = tab.cell(*place)
        written = value.at(place[0]) if isinstance(value, RowFormula) else value
        found.append(KeptValue(tab.title, place, written, cell.value if cell.formula is None else cell.formula))
    return found


def _quoted(value: Value) -> str:
    if value in (None, ""):
        return "nothing"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
