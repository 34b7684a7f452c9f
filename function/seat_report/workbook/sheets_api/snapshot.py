"""A spreadsheet's content as plain values: cells, tabs, and what else is read of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its effective value, its formula if it has one, and its note.

    The value of an error is its type as text, such as `#REF`. With `is_spilled` a formula in another cell, or a pivot
    table, fills the cell: nobody entered its value, and writing to it would break its source.
    """

    value: Value = None
    formula: str | None = None
    note: str | None = None
    is_spilled: bool = False

    @property
    def text(self) -> str:
        """The value as trimmed text; integers without a decimal point, no value as an empty string."""
        if self.value is None:
            return ""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return str(self.value).strip()

    @property
    def is_blank(self) -> bool:
        """Whether the cell has no content; a note does not count."""
        return self.formula is None and self.value in (None, "")

    @property
    def is_entered(self) -> bool:
        """Whether somebody entered the cell's content."""
        return not self.is_blank and not self.is_spilled


BLANK = Cell()


class ColumnMark(NamedTuple):
    """A developer metadata entry of ours on a column: which of our columns it marks."""

    metadata_id: int
    name: str
    column: int


class ColumnEntry(NamedTuple):
    """Any developer metadata entry on a column."""

    metadata_id: int
    key: str
    value: str
    column: int


class TabEntry(NamedTuple):
    """A developer metadata entry on a tab itself."""

    metadata_id: int
    key: str
    value: str


class Block(NamedTuple):
    """A rectangle of cells in a tab; ends are exclusive."""

    sheet_id: int
    top: int
    bottom: int
    left: int
    right: int


class BasicFilter(NamedTuple):
    """A tab's filter: the cells that it covers, and which rows it hides, by criteria that people set.

    `criteria` has, by the index of each column with criteria, these as the API sends them. A filter's sort orders are
    not read: whoever sets the filter again must not sort the rows.
    """

    block: Block
    criteria: Mapping[int, Mapping[str, Any]] = MappingProxyType({})


class NativeTable(NamedTuple):
    """A range that people converted to a table: it has a filter of its own."""

    name: str
    block: Block


class Protection(NamedTuple):
    """A protected range; with `only_warns` everybody may edit it after a prompt."""

    protection_id: int
    description: str
    block: Block
    only_warns: bool


class Chart(NamedTuple):
    """A chart over a tab's cells."""

    chart_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; rows and columns count from 0, and rows end with their content.

    `entries` are the developer metadata entries on the tab itself, `column_entries` those on its columns other than
    `marks`. `merges` are ranges of merged cells: only the first cell of each has a value, and what is written to the
    others is lost. `is_grid` is false for charts and connected data on tabs of their own, which have no cells.
    """

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    frozen_rows: int = 0
    rows: list[list[Cell]] = field(default_factory=list)
    marks: tuple[ColumnMark, ...] = ()
    column_entries: tuple[ColumnEntry, ...] = ()
    entries: tuple[TabEntry, ...] = ()
    basic_filter: BasicFilter | None = None
    has_banding: bool = False
    merges: tuple[Block, ...] = ()
    native_tables: tuple[NativeTable, ...] = ()
    protections: tuple[Protection, ...] = ()
    charts: tuple[Chart, ...] = ()
    frozen_columns: int = 0
    is_grid: bool = True

    def cell(self, row: int, column: int) -> Cell:
        """The cell at this position; blank beyond the content."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return BLANK

    @property
    def width(self) -> int:
        """Number of columns with content."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The spreadsheet at one moment: its properties, its named ranges, and its tabs by title.

    `named_ids` maps the names of all named ranges to their ids, `named` those that refer to cells to their block.
    Tabs have no content unless it was requested.
    """

    title: str
    url: str
    time_zone: str
    tabs: Mapping[str, Tab]
    named: Mapping[str, Block] = field(default_factory=dict)
    named_ids: Mapping[str, str] = field(default_factory=dict)
    locale: str = ""

    def tab(self, title: str) -> Tab | None:
        """The tab of this title, ignoring case: Google allows no two titles that differ in case alone."""
        key = title.casefold()
        return next((tab for name, tab in self.tabs.items() if name.casefold() == key), None)

    @property
    def sheet_ids(self) -> set[int]:
        """The sheet ids in use."""
        return {tab.sheet_id for tab in self.tabs.values()}

    @property
    def size(self) -> str:
        """The size of the tabs' grids: `8 tabs, 12,000 rows, 312,000 cells`."""
        rows = sum(tab.row_count for tab in self.tabs.values())
        cells = sum(tab.row_count * tab.column_count for tab in self.tabs.values())
        return f"{len(self.tabs):,} tabs, {rows:,} rows, {cells:,} cells"
