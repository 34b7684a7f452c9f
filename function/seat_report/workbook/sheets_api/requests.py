"""Builders of Sheets API requests, limited to long-established kinds.

Rows and columns count from 0; ends are exclusive. Reference: Google's "Requests" page of the Sheets API v4.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from seat_report.workbook.sheets_api.snapshot import Cell, Tab, TabEntry, Value

Request = dict[str, Any]


class RowFormula(str):
    """A formula of ours for every row of a column; `{row}` stands for the row number as people see it, from 1.

    Any other string is written as text, whatever it looks like.
    """

    __slots__ = ()

    def at(self, row: int) -> str:
        """The formula for this row, counted from 0."""
        return self.replace("{row}", str(row + 1))


def extended_value(value: Value, row: int = 0) -> dict[str, Any]:
    """The value as a CellData object for this row; no value is an empty object, which clears the cell."""
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    if isinstance(value, RowFormula):
        return {"userEnteredValue": {"formulaValue": value.at(row)}}
    return {"userEnteredValue": {"stringValue": value}}


def update_cells(sheet_id: int, row: int, column: int, rows: Sequence[Sequence[Value]]) -> Request:
    """Write values from this cell to the right and down; formats and notes stay."""
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [
                {"values": [extended_value(value, index) for value in values]}
                for index, values in enumerate(rows, start=row)
            ],
            "fields": "userEnteredValue",
        }
    }


def restore_cells(sheet_id: int, row: int, column: int, cells: Sequence[Cell]) -> Request:
    """Write previous contents back from this cell down, formulas as formulas; formats and notes stay."""
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [_entered_value(cell)]} for cell in cells],
            "fields": "userEnteredValue",
        }
    }


def _entered_value(cell: Cell) -> dict[str, Any]:
    if cell.formula is not None:
        return {"userEnteredValue": {"formulaValue": cell.formula}}
    return extended_value(cell.value)


def grid_range(
    sheet_id: int, rows: tuple[int, int | None] | None = None, columns: tuple[int, int | None] | None = None
) -> dict[str, int]:
    """A GridRange; an end that is None is unbounded."""
    span = {"sheetId": sheet_id}
    for name, ends in (("Row", rows), ("Column", columns)):
        for edge, index in zip(("start", "end"), ends or (), strict=False):
            if index is not None:
                span[f"{edge}{name}Index"] = index
    return span


def repeat_cell(span: Mapping[str, int], cell: Mapping[str, Any], fields: str) -> Request:
    """Copy one cell's content, limited to the field mask, into every cell of the range."""
    return {"repeatCell": {"range": dict(span), "cell": dict(cell), "fields": fields}}


def _dimension(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], start: int, end: int) -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}


def insert(
    sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], at: int, count: int, *, inherit_from_before: bool
) -> Request:
    """Insert blank rows or columns before index `at`, formatted like the neighbour before or after."""
    span = _dimension(sheet_id, dimension, at, at + count)
    return {"insertDimension": {"range": span, "inheritFromBefore": inherit_from_before}}


def append(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], count: int) -> Request:
    """Append blank rows or columns at the end of the grid."""
    return {"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": count}}


def delete(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], start: int, end: int) -> Request:
    """Delete rows or columns."""
    return {"deleteDimension": {"range": _dimension(sheet_id, dimension, start, end)}}


def copy_formula(sheet_id: int, source: tuple[int, int], rows: tuple[int, int]) -> Request:
    """Copy the formula at `source` (row, column) within its column to these rows."""
    row, column = source
    columns = (column, column + 1)
    return {
        "copyPaste": {
            "source": grid_range(sheet_id, (row, row + 1), columns),
            "destination": grid_range(sheet_id, rows, columns),
            "pasteType": "PASTE_FORMULA",
        }
    }


def add_sheet(tab: Tab, index: int | None = None) -> Request:
    """Add the tab, empty, at this position among the tabs or at the end."""
    grid = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        grid["frozenRowCount"] = tab.frozen_rows
    properties: dict[str, Any] = {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}
    if index is not None:
        properties["index"] = index
    return {"addSheet": {"properties": properties}}


def set_filter(span: Mapping[str, int], criteria: Mapping[int, Mapping[str, Any]]) -> Request:
    """Set the tab's filter over this range in place of the one it has, with criteria by column, without sorting."""
    specs = [{"columnIndex": column, "filterCriteria": dict(found)} for column, found in sorted(criteria.items())]
    given: dict[str, Any] = {"range": dict(span)}
    if specs:
        given["filterSpecs"] = specs
    return {"setBasicFilter": {"filter": given}}


def mark_column(sheet_id: int, column: int, key: str, name: str) -> Request:
    """Attach a developer metadata entry to the column; it stays with the column wherever people move it."""
    location = {"dimensionRange": _dimension(sheet_id, "COLUMNS", column, column + 1)}
    entry = {"metadataKey": key, "metadataValue": name, "visibility": "DOCUMENT", "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def unmark(metadata_id: int) -> Request:
    """Delete one developer metadata entry."""
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": metadata_id}}}}


def set_entry(sheet_id: int, entry: TabEntry | None, key: str, value: str) -> Request:
    """Create a developer metadata entry on a tab, or change the value of the one that is there."""
    if entry is None:
        location = {"sheetId": sheet_id}
        created = {"metadataKey": key, "metadataValue": value, "visibility": "DOCUMENT", "location": location}
        return {"createDeveloperMetadata": {"developerMetadata": created}}
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": entry.metadata_id}}],
            "developerMetadata": {"metadataValue": value},
            "fields": "metadataValue",
        }
    }


def note(sheet_id: int, row: int, column: int, text: str) -> Request:
    """Set a cell's note."""
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [{"note": text}]}],
            "fields": "note",
        }
    }
