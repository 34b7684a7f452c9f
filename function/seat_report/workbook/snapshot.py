"""What stands in the spreadsheet: the Sheets API's answers as plain values.

Answers are parsed cell by cell into shared `Cell`s while the JSON is read, so that a tab of some hundred thousand
cells never exists as the nested objects that the API sends.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    """Turns the API's objects into ours as the JSON decoder finishes each of them, innermost first."""

    def __init__(self, mark_key: str) -> None:
        self._mark_key = mark_key
        self._shared: dict[tuple[type, Value], Cell] = {}

    def __call__(self, found: dict[str, Any]) -> Any:
        if "effectiveValue" in found or "userEnteredValue" in found or "note" in found:
            return self._cell(found)
        if len(found) == 1:
            ((name, value),) = found.items()
            if name in _VALUE_FIELDS:
                return f"#{value.get('type', 'ERROR')}" if name == "errorValue" else value
            if name == "formulaValue":
                return _Formula(value)
            if name == "values":
                # A row at once as its cells: many small objects would make up half of the memory that reading takes.
                return [cell or BLANK for cell in value]
        return found

    def _cell(self, found: Mapping[str, Any]) -> Cell:
        # An object without selected content comes as {}.
        value = found.get("effectiveValue", {})
        value = None if isinstance(value, dict) else value
        entered = found.get("userEnteredValue")
        formula = str(entered) if isinstance(entered, _Formula) else None
        note = found.get("note") or None
        if formula is not None or note is not None:
            return Cell(value, formula, note)
        key = type(value), value
        if (cell := self._shared.get(key)) is None:
            cell = self._shared[key] = Cell(value)
        return cell

    def marks(self, sheet_id: int, entries: Iterable[Mapping[str, Any]]) -> Iterable[ColumnMark]:
        """Our entries among a tab's column metadata; a copied tab's may still name the tab it came from."""
        for entry in entries:
            span = entry.get("location", {}).get("dimensionRange", {})
            if entry.get("metadataKey") == self._mark_key and span.get("sheetId", 0) == sheet_id:
                yield ColumnMark(entry["metadataId"], entry.get("metadataValue", ""), span.get("startIndex", 0))


def parse(answer: str, mark_key: str) -> Snapshot:
    """A `spreadsheets` resource read with one of the masks above, or a write's answer that holds one, as a snapshot.

    `mark_key` is the key of our developer metadata on columns. Raises ValueError if it is not such JSON.
    """
    reader = _Reader(mark_key)
    resource = json.loads(answer, object_hook=reader)
    if not isinstance(resource, dict):
        raise ValueError("expected a spreadsheet as a JSON object")
    resource = resource.get("updatedSpreadsheet", resource)
    properties = resource.get("properties")
    if not isinstance(properties, dict):
        raise ValueError("expected a spreadsheet with its properties")
    tabs = [_tab(sheet, reader) for sheet in resource.get("sheets", [])]
    return Snapshot(
        title=properties.get("title", ""),
        url=resource.get("spreadsheetUrl", ""),
        time_zone=properties.get("timeZone", ""),
        tabs={tab.title: tab for tab in tabs},
        named={entry["name"]: _block(entry["range"]) for entry in resource.get("namedRanges", ()) if "range" in entry},
        named_ids={entry["name"]: entry.get("namedRangeId", "") for entry in resource.get("namedRanges", ())},
    )


def _block(span: Mapping[str, int]) -> Block:
    # An end that is left out is open: as far as anything of ours could reach.
    far = 10_000_000
    return Block(
        sheet_id=span.get("sheetId", 0),
        top=span.get("startRowIndex", 0),
        bottom=span.get("endRowIndex", far),
        left=span.get("startColumnIndex", 0),
        right=span.get("endColumnIndex", far),
    )


def _tab(sheet: Mapping[str, Any], reader: _Reader) -> Tab:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    sheet_id = properties.get("sheetId", 0)
    data: Mapping[str, Any] = next(iter(sheet.get("data", ())), {})
    entries = [entry for column in data.get("columnMetadata", ()) for entry in column.get("developerMetadata", ())]
    return Tab(
        sheet_id=sheet_id,
        title=properties.get("title", ""),
        row_count=grid.get("rowCount", 0),
        column_count=grid.get("columnCount", 0),
        frozen_rows=grid.get("frozenRowCount", 0),
        rows=[row or [] for row in data.get("rowData", ())],
        marks=tuple(reader.marks(sheet_id, entries)),
        entries=tuple(
            TabEntry(entry["metadataId"], entry.get("metadataKey", ""), entry.get("metadataValue", ""))
            for entry in sheet.get("developerMetadata", ())
        ),
        has_filter="basicFilter" in sheet,
        has_banding="bandedRanges" in sheet,
    )
