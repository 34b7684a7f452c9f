"""What stands in the spreadsheet: the Sheets API's answers as plain values.

Answers are parsed cell by cell into shared `Cell`s while they come, so that a tab of some hundred thousand cells never
exists as the text and the nested objects that the API sends.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seat_report.workbook.sheets_api.decoding import Large, decoded, named, number, objects, part, text

# The part of a `spreadsheets` resource that `parse` understands. Formulas come with what they amount to, constants
# as they are; formats are not read. Nested masks: Google's guide "Use field masks".
PROPERTIES_MASK = (
    "properties(title,timeZone,locale),spreadsheetUrl,"
    "sheets/properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount,frozenRowCount)),"
    "namedRanges,sheets/basicFilter/range,sheets/bandedRanges/range,"
    "sheets/developerMetadata(metadataId,metadataKey,metadataValue)"
)
CONTENT_MASK = (
    PROPERTIES_MASK + ",sheets/data(rowData/values(userEnteredValue/formulaValue,effectiveValue,note),"
    "columnMetadata/developerMetadata(metadataId,metadataKey,metadataValue,location))"
)

_VALUE_FIELDS = ("numberValue", "stringValue", "boolValue", "errorValue")
_COMPOUND = (dict, list)
# Google's own limit for a spreadsheet.
_MOST_CELLS = 10_000_000

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it amounts to, the formula that says so if there is one, and its note.

    An error amounts to its type as text, such as `#REF`.
    """

    value: Value = None
    formula: str | None = None
    note: str | None = None

    @property
    def text(self) -> str:
        """The value as trimmed text; whole numbers without a decimal point, nothing as an empty text."""
        if self.value is None:
            return ""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return str(self.value).strip()

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in the cell (a note beside counts for nothing here)."""
        return self.formula is None and self.value in (None, "")


BLANK = Cell()


class ColumnMark(NamedTuple):
    """A developer metadata entry of ours on one column: which of our columns it is meant to be."""

    metadata_id: int
    name: str
    column: int


class TabEntry(NamedTuple):
    """A developer metadata entry on a tab as a whole."""

    metadata_id: int
    key: str
    value: str


class Block(NamedTuple):
    """A rectangle of cells in one tab; ends are exclusive."""

    sheet_id: int
    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; rows and columns count from 0, and rows end where their content does.

    `entries` are the developer metadata entries on the tab itself.
    """

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    frozen_rows: int = 0
    rows: list[list[Cell]] = field(default_factory=list)
    marks: tuple[ColumnMark, ...] = ()
    entries: tuple[TabEntry, ...] = ()
    has_filter: bool = False
    has_banding: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell there; a blank one beyond the content."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return BLANK

    @property
    def width(self) -> int:
        """How many columns have content."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The spreadsheet at one moment: its own facts, its named ranges, and its tabs by title.

    `named_ids` has the ids of all named ranges by their names, `named` where those are that are anywhere.
    Tabs come without content unless that was asked for.
    """

    title: str
    url: str
    time_zone: str
    tabs: Mapping[str, Tab]
    named: Mapping[str, Block] = field(default_factory=dict)
    named_ids: Mapping[str, str] = field(default_factory=dict)

    def tab(self, title: str) -> Tab | None:
        """The tab of this title, whatever its case: Google takes no two titles that differ in case alone."""
        wanted = title.casefold()
        return next((tab for name, tab in self.tabs.items() if name.casefold() == wanted), None)

    @property
    def sheet_ids(self) -> set[int]:
        """The ids in use."""
        return {tab.sheet_id for tab in self.tabs.values()}


class _Formula(str):
    """A formula's text, told apart from a text that happens to begin with an equals sign."""

    __slots__ = ()


class _Reader:
    """Turns the API's objects into ours as the JSON decoder finishes each of them, innermost first.

    Members that we did not ask for mean nothing.
    """

    def __init__(self, mark_key: str) -> None:
        self._mark_key = mark_key
        self._shared: dict[tuple[type, Value], Cell] = {}

    def __call__(self, found: dict[str, Any]) -> Any:
        if "effectiveValue" in found or "userEnteredValue" in found or "note" in found:
            return self._cell(found)
        if len(found) == 1:
            ((name, value),) = found.items()
            if name in _VALUE_FIELDS:
                return _value(name, value)
            if name == "formulaValue":
                return _Formula(text(found, name))
            if name == "values" and isinstance(value, list):
                # A row at once as its cells: many small objects would make up half of the memory that reading takes.
                return [cell or BLANK for cell in value]
        return found

    def _cell(self, found: Mapping[str, Any]) -> Cell:
        value = found.get("effectiveValue")
        if type(value) in _COMPOUND:
            value = _unusual(value)
        entered = found.get("userEnteredValue")
        if isinstance(entered, dict) and "formulaValue" in entered:
            entered = _Formula(text(entered, "formulaValue"))
        formula = str(entered) if isinstance(entered, _Formula) else None
        note = text(found, "note") or None if "note" in found else None
        if formula is not None or note is not None:
            return Cell(_possible(value), formula, note)
        key = type(value), value
        if (cell := self._shared.get(key)) is None:
            cell = self._shared[key] = Cell(_possible(value))
        return cell

    def marks(self, sheet_id: int, entries: Iterable[Mapping[str, Any]]) -> Iterable[ColumnMark]:
        """Our entries among a tab's column metadata; a copied tab's may still name the tab it came from."""
        for entry in entries:
            span = part(part(entry, "location"), "dimensionRange")
            if text(entry, "metadataKey") == self._mark_key and number(span, "sheetId") == sheet_id:
                yield ColumnMark(
                    number(entry, "metadataId", None), text(entry, "metadataValue"), number(span, "startIndex")
                )


def _value(name: str, value: Any) -> Any:
    return f"#{value.get('type', 'ERROR')}" if name == "errorValue" and isinstance(value, dict) else value


def _unusual(found: Any) -> Value:
    """A value that came with members that nobody asked for, or is of a kind that we don't know."""
    if not isinstance(found, dict):
        raise ValueError(f"expected effectiveValue to be an object, found {named(found)}")
    # An object without selected content comes as {}.
    values = [_value(name, found[name]) for name in _VALUE_FIELDS if name in found]
    value: Value = next(iter(values), "#UNKNOWN" if found else None)
    return value


def _possible(value: Any) -> Value:
    """The value, if a cell can have it: numbers are those of floating point, without the infinite ones."""
    if isinstance(value, int | float):
        try:
            is_finite = math.isfinite(value)
        except OverflowError:
            is_finite = False
        if is_finite:
            return value
    elif value is None or isinstance(value, str):
        return value
    raise ValueError(f"expected effectiveValue to be what a cell can hold, found {named(value)}")


# A resource's large parts, down to the rows.
_LARGE: Large = {"sheets": {"data": {"rowData": {}}}}


def parse(chunks: Iterable[bytes], mark_key: str, *, whole: Sequence[str] = ()) -> Snapshot:
    """A `spreadsheets` resource read with one of the masks above, or a write's answer that holds one, as a snapshot.

    It comes in `chunks`; `mark_key` is the key of our developer metadata on columns; `whole` are the titles of tabs
    that were asked for with their content. Raises UnicodeDecodeError if it is no UTF-8, and another ValueError, saying
    what was expected and found, if it is not such JSON.
    """
    reader = _Reader(mark_key)
    try:
        resource = decoded(chunks, reader, {**_LARGE, "updatedSpreadsheet": _LARGE})
    except RecursionError as error:
        raise ValueError("expected a spreadsheet, found JSON nested too deeply to be one") from error
    if not isinstance(resource, dict):
        raise ValueError(f"expected a spreadsheet as a JSON object, found {named(resource)}")
    resource = part(resource, "updatedSpreadsheet") or resource
    if "properties" not in resource:
        raise ValueError("expected a spreadsheet with its properties, found none")
    properties = part(resource, "properties")
    sheets = objects(resource, "sheets")
    tabs = {tab.title: tab for tab in (_tab(sheet, reader) for sheet in sheets)}
    by_id = {tab.sheet_id: tab for tab in tabs.values()}
    ranges = objects(resource, "namedRanges")
    found = Snapshot(
        title=text(properties, "title"),
        url=text(resource, "spreadsheetUrl"),
        time_zone=text(properties, "timeZone"),
        tabs=tabs,
        named={text(entry, "name"): _block(part(entry, "range"), by_id) for entry in ranges if "range" in entry},
        named_ids={text(entry, "name"): text(entry, "namedRangeId") for entry in ranges},
    )
    if not len(sheets) == len(tabs) == len(found.sheet_ids):
        raise ValueError("expected tabs of different titles and ids, found two of the same")
    # A tab with nothing in it comes with content too: with that of columns without metadata.
    contents = {text(part(sheet, "properties"), "title") for sheet in sheets if sheet.get("data")}
    for title in whole:
        if (tab := found.tab(title)) is None or tab.title not in contents:
            raise ValueError(f"expected the content of the tab {title!r}, found none")
    return found


def _block(span: Mapping[str, Any], tabs: Mapping[int, Tab]) -> Block:
    # An end that is left out is open: as far as the tab goes, if we know it.
    sheet_id = number(span, "sheetId")
    tab = tabs.get(sheet_id)
    last_row, last_column = (tab.row_count, tab.column_count) if tab else (_MOST_CELLS, _MOST_CELLS)
    return Block(
        sheet_id=sheet_id,
        top=number(span, "startRowIndex"),
        bottom=min(number(span, "endRowIndex", last_row), last_row),
        left=number(span, "startColumnIndex"),
        right=min(number(span, "endColumnIndex", last_column), last_column),
    )


def _tab(sheet: Mapping[str, Any], reader: _Reader) -> Tab:
    properties = part(sheet, "properties")
    grid = part(properties, "gridProperties")
    if (size := number(grid, "rowCount") * number(grid, "columnCount")) > _MOST_CELLS:
        raise ValueError(f"expected a tab of {_MOST_CELLS:,} cells at most, found one of {size:,}")
    sheet_id = number(properties, "sheetId")
    data: Mapping[str, Any] = next(iter(objects(sheet, "data")), {})
    columns = objects(data, "columnMetadata")
    entries = [entry for column in columns for entry in objects(column, "developerMetadata")]
    return Tab(
        sheet_id=sheet_id,
        title=text(properties, "title", None),
        row_count=number(grid, "rowCount"),
        column_count=number(grid, "columnCount"),
        frozen_rows=number(grid, "frozenRowCount"),
        rows=_rows(data.get("rowData") or []),
        marks=tuple(reader.marks(sheet_id, entries)),
        entries=tuple(
            TabEntry(number(entry, "metadataId", None), text(entry, "metadataKey"), text(entry, "metadataValue"))
            for entry in objects(sheet, "developerMetadata")
        ),
        has_filter="basicFilter" in sheet,
        has_banding="bandedRanges" in sheet,
    )


def _rows(found: Any) -> list[list[Cell]]:
    if not isinstance(found, list):
        raise ValueError(f"expected rowData to be a list of rows, found {named(found)}")
    return [_row(row) for row in found]


def _row(found: Any) -> list[Cell]:
    """A row's cells: the reader has made them, unless there are none or members that nobody asked for."""
    cells = (found.get("values") or []) if isinstance(found, dict) else found
    if isinstance(cells, list) and {Cell}.issuperset(map(type, cells)):
        return cells
    if not isinstance(cells, list) or not all(isinstance(cell, Cell | dict) for cell in cells):
        raise ValueError(f"expected rowData to hold rows of cells, found {named(found)}")
    return [cell if isinstance(cell, Cell) else BLANK for cell in cells]
