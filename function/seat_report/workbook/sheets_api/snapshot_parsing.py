"""The Sheets API's responses parsed into a snapshot.

Responses are parsed cell by cell into shared `Cell`s as they arrive, so that a tab of several hundred thousand cells
never exists as the text and nested objects that the API sends.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from seat_report.workbook.sheets_api.decoding import LargeMembers, decode
from seat_report.workbook.sheets_api.members import kind_of, nested, number, objects, text
from seat_report.workbook.sheets_api.snapshot import (
    BLANK,
    BasicFilter,
    Block,
    Cell,
    Chart,
    ColumnEntry,
    ColumnMark,
    NativeTable,
    Protection,
    Snapshot,
    Tab,
    TabEntry,
    Value,
)

# The parts of a `spreadsheets` resource that `parse` understands. Formulas come with their results, constants as they
# are; formats are not read. Nested masks: Google's guide "Use field masks".
PROPERTIES_MASK = (
    "properties(title,timeZone,locale),spreadsheetUrl,"
    "sheets/properties(sheetId,title,index,sheetType,"
    "gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount)),"
    "namedRanges,sheets/basicFilter(range,criteria,filterSpecs),sheets/bandedRanges/range,sheets/merges,"
    "sheets/tables(name,range),sheets/charts(chartId,spec/title),"
    "sheets/protectedRanges(protectedRangeId,description,range,warningOnly),"
    "sheets/developerMetadata(metadataId,metadataKey,metadataValue)"
)
CONTENT_MASK = (
    PROPERTIES_MASK + ",sheets/data(rowData/values(userEnteredValue/formulaValue,effectiveValue,note),"
    "columnMetadata/developerMetadata(metadataId,metadataKey,metadataValue,location))"
)

_VALUE_FIELDS = ("numberValue", "stringValue", "boolValue", "errorValue")
_CONTAINERS = (dict, list)
# Google's limit per spreadsheet.
_MAX_CELLS = 10_000_000


class _Formula(str):
    """A formula, as distinct from a text that happens to start with an equals sign."""

    __slots__ = ()


class _CellHook:
    """A JSON object hook that converts cells as the decoder completes each object, innermost first.

    Members that were not requested are ignored.
    """

    def __init__(self, mark_key: str) -> None:
        self._mark_key = mark_key
        self._shared: dict[tuple[type, Value, bool], Cell] = {}
        # Whether the API sends a constant with an empty object for what was entered. Only then can a value that nobody
        # entered be told from a constant.
        self.tells_spilled = False

    def __call__(self, members: dict[str, Any]) -> Any:
        if len(members) == 1:
            ((name, value),) = members.items()
            if name == "userEnteredValue" and type(value) is str:
                # Not a cell but what a filter's condition compares with.
                return members
        if "effectiveValue" in members or "userEnteredValue" in members or "note" in members:
            return self._cell(members)
        if len(members) == 1:
            if name in _VALUE_FIELDS:
                return _plain_value(name, value)
            if name == "formulaValue":
                return _Formula(text(members, name))
            if name == "values" and isinstance(value, list):
                # Reduce a row to its cells right away: the many small objects would take up half the memory of a read.
                return [cell or BLANK for cell in value]
        return members

    def _cell(self, members: Mapping[str, Any]) -> Cell:
        value = members.get("effectiveValue")
        if type(value) in _CONTAINERS:
            value = _value_among_others(value)
        entered = members.get("userEnteredValue")
        is_spilled = entered is None and value not in (None, "")
        if isinstance(entered, dict) and "formulaValue" in entered:
            entered = _Formula(text(entered, "formulaValue"))
        formula = str(entered) if isinstance(entered, _Formula) else None
        note = text(members, "note") or None if "note" in members else None
        if formula is None and entered is not None:
            self.tells_spilled = True
        if formula is not None or note is not None:
            return Cell(_checked(value), formula, note, is_spilled)
        key = type(value), value, is_spilled
        if (cell := self._shared.get(key)) is None:
            cell = self._shared[key] = Cell(_checked(value), is_spilled=is_spilled)
        return cell

    def is_mark(self, entry: ColumnEntry) -> bool:
        """Whether the entry marks one of our columns."""
        return entry.key == self._mark_key


def _column_entries(sheet_id: int, entries: Iterable[Mapping[str, Any]]) -> Iterable[ColumnEntry]:
    """A tab's column metadata; that of a copied tab may still refer to the original tab and is left out."""
    for entry in entries:
        span = nested(nested(entry, "location"), "dimensionRange")
        if number(span, "sheetId") == sheet_id:
            yield ColumnEntry(
                number(entry, "metadataId", None),
                text(entry, "metadataKey"),
                text(entry, "metadataValue"),
                number(span, "startIndex"),
            )


def _plain_value(name: str, value: Any) -> Any:
    return f"#{value.get('type', 'ERROR')}" if name == "errorValue" and isinstance(value, dict) else value


def _value_among_others(members: Any) -> Value:
    """A value that arrived with members that were not requested, or of an unknown kind."""
    if not isinstance(members, dict):
        raise ValueError(f"expected effectiveValue to be an object, found {kind_of(members)}")
    # An object without selected content arrives as {}.
    values = [_plain_value(name, members[name]) for name in _VALUE_FIELDS if name in members]
    value: Value = next(iter(values), "#UNKNOWN" if members else None)
    return value


def _checked(value: Any) -> Value:
    """The value, if a cell can hold it: numbers are finite floating-point numbers."""
    if isinstance(value, int | float):
        try:
            is_finite = math.isfinite(value)
        except OverflowError:
            is_finite = False
        if is_finite:
            return value
    elif value is None or isinstance(value, str):
        return value
    raise ValueError(f"expected effectiveValue to be what a cell can hold, found {kind_of(value)}")


# The large parts of a resource, down to the rows.
_LARGE: LargeMembers = {"sheets": {"data": {"rowData": {}}}}


def parse(chunks: Iterable[bytes], mark_key: str, *, content_of: Sequence[str] = ()) -> Snapshot:
    """Parse a `spreadsheets` resource read with one of the masks above, or the response to a write that holds one.

    `mark_key` is the key of our developer metadata on columns; `content_of` are the titles of the tabs whose content
    was requested. Raises UnicodeDecodeError if the chunks are not UTF-8, and another ValueError, saying what was
    expected and found, if they are not such JSON.
    """
    hook = _CellHook(mark_key)
    try:
        resource = decode(chunks, hook, {**_LARGE, "updatedSpreadsheet": _LARGE})
    except RecursionError as error:
        raise ValueError("expected a spreadsheet, found JSON nested too deeply to be one") from error
    if not isinstance(resource, dict):
        raise ValueError(f"expected a spreadsheet as a JSON object, found {kind_of(resource)}")
    resource = nested(resource, "updatedSpreadsheet") or resource
    if "properties" not in resource:
        raise ValueError("expected a spreadsheet with its properties, found none")
    properties = nested(resource, "properties")
    sheets = objects(resource, "sheets")
    tabs = {tab.title: tab for tab in (_parse_tab(sheet, hook) for sheet in sheets)}
    if not hook.tells_spilled:
        tabs = {title: _without_spilled(tab) for title, tab in tabs.items()}
    by_id = {tab.sheet_id: tab for tab in tabs.values()}
    ranges = objects(resource, "namedRanges")
    snapshot = Snapshot(
        title=text(properties, "title"),
        url=text(resource, "spreadsheetUrl"),
        time_zone=text(properties, "timeZone"),
        tabs=tabs,
        named={
            text(entry, "name"): _parse_block(nested(entry, "range"), by_id) for entry in ranges if "range" in entry
        },
        named_ids={text(entry, "name"): text(entry, "namedRangeId") for entry in ranges},
        locale=text(properties, "locale"),
    )
    if not len(sheets) == len(tabs) == len(snapshot.sheet_ids):
        raise ValueError("expected tabs of different titles and ids, found two of the same")
    # Even an empty tab arrives with content: that of its columns, without metadata.
    with_content = {text(nested(sheet, "properties"), "title") for sheet in sheets if sheet.get("data")}
    for title in content_of:
        tab = snapshot.tab(title)
        if tab is None or (tab.is_grid and tab.title not in with_content):
            raise ValueError(f"expected the content of the tab {title!r}, found none")
    return snapshot


def _without_spilled(tab: Tab) -> Tab:
    """The tab with every value taken as entered; equal constants are still one object."""
    shared: dict[tuple[type, Value], Cell] = {}

    def entered(cell: Cell) -> Cell:
        if not cell.is_spilled or cell.note is not None:
            return replace(cell, is_spilled=False) if cell.is_spilled else cell
        return shared.setdefault((type(cell.value), cell.value), Cell(cell.value))

    return replace(tab, rows=[[entered(cell) for cell in row] for row in tab.rows])


def _parse_block(span: Mapping[str, Any], tabs: Mapping[int, Tab]) -> Block:
    tab = tabs.get(number(span, "sheetId"))
    return _block(span, (tab.row_count, tab.column_count) if tab else (_MAX_CELLS, _MAX_CELLS))


def _block(span: Mapping[str, Any], size: tuple[int, int]) -> Block:
    # An end that is left out is unbounded: it is the end of the tab, if that is known.
    last_row, last_column = size
    return Block(
        sheet_id=number(span, "sheetId"),
        top=number(span, "startRowIndex"),
        bottom=min(number(span, "endRowIndex", last_row), last_row),
        left=number(span, "startColumnIndex"),
        right=min(number(span, "endColumnIndex", last_column), last_column),
    )


def _parse_tab(sheet: Mapping[str, Any], hook: _CellHook) -> Tab:
    properties = nested(sheet, "properties")
    grid = nested(properties, "gridProperties")
    row_count, column_count = number(grid, "rowCount"), number(grid, "columnCount")
    is_grid = text(properties, "sheetType") in ("", "GRID")
    # Connected data, on a tab of its own, may have more rows than a spreadsheet can have cells.
    if is_grid and (cells := row_count * column_count) > _MAX_CELLS:
        raise ValueError(f"expected a tab of {_MAX_CELLS:,} cells at most, found one of {cells:,}")
    sheet_id, size = number(properties, "sheetId"), (row_count, column_count)
    data: Mapping[str, Any] = next(iter(objects(sheet, "data")), {})
    columns = objects(data, "columnMetadata")
    entries = list(
        _column_entries(sheet_id, [entry for column in columns for entry in objects(column, "developerMetadata")])
    )
    return Tab(
        sheet_id=sheet_id,
        title=text(properties, "title", None),
        row_count=row_count,
        column_count=column_count,
        frozen_rows=number(grid, "frozenRowCount"),
        frozen_columns=number(grid, "frozenColumnCount"),
        rows=_parse_rows(data.get("rowData") or []),
        marks=tuple(
            ColumnMark(entry.metadata_id, entry.value, entry.column) for entry in entries if hook.is_mark(entry)
        ),
        column_entries=tuple(entry for entry in entries if not hook.is_mark(entry)),
        entries=tuple(
            TabEntry(number(entry, "metadataId", None), text(entry, "metadataKey"), text(entry, "metadataValue"))
            for entry in objects(sheet, "developerMetadata")
        ),
        basic_filter=_parse_filter(nested(sheet, "basicFilter"), size) if "basicFilter" in sheet else None,
        has_banding="bandedRanges" in sheet,
        merges=tuple(_block(span, size) for span in objects(sheet, "merges")),
        native_tables=tuple(
            NativeTable(text(found, "name"), _block(nested(found, "range"), size)) for found in objects(sheet, "tables")
        ),
        protections=tuple(
            Protection(
                number(found, "protectedRangeId"),
                text(found, "description"),
                _block(nested(found, "range"), size),
                found.get("warningOnly") is True,
            )
            for found in objects(sheet, "protectedRanges")
        ),
        charts=tuple(
            Chart(number(found, "chartId"), text(nested(found, "spec"), "title")) for found in objects(sheet, "charts")
        ),
        is_grid=is_grid,
    )


def _parse_filter(resource: Mapping[str, Any], size: tuple[int, int]) -> BasicFilter:
    """A filter; its criteria come in one of two forms, usually in both."""
    criteria = {
        number(spec, "columnIndex"): nested(spec, "filterCriteria")
        for spec in objects(resource, "filterSpecs")
        if "filterCriteria" in spec
    }
    for column, found in nested(resource, "criteria").items():
        if not column.isdecimal() or not isinstance(found, dict):
            raise ValueError(f"expected a filter's criteria by column, found {kind_of(found)}")
        criteria.setdefault(int(column), found)
    return BasicFilter(_block(nested(resource, "range"), size), criteria)


def _parse_rows(rows: Any) -> list[list[Cell]]:
    if not isinstance(rows, list):
        raise ValueError(f"expected rowData to be a list of rows, found {kind_of(rows)}")
    return [_parse_row(row) for row in rows]


def _parse_row(row: Any) -> list[Cell]:
    """A row's cells: already built by the hook, unless the row is empty or has members that were not requested."""
    cells = (row.get("values") or []) if isinstance(row, dict) else row
    if isinstance(cells, list) and {Cell}.issuperset(map(type, cells)):
        return cells
    if not isinstance(cells, list) or not all(isinstance(cell, Cell | dict) for cell in cells):
        raise ValueError(f"expected rowData to hold rows of cells, found {kind_of(row)}")
    return [cell if isinstance(cell, Cell) else BLANK for cell in cells]
