"""Sheets API requests: only long-established kinds, each built in one place.

Rows and columns count from 0; ends are exclusive. Reference: Google's "Requests" page of the Sheets API v4.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value

Request = dict[str, Any]


class RowFormula(str):
    """A formula of ours for each row of a column: `{row}` in it is the row's number as people see it.

    Any other text is written as text, whatever it looks like.
    """

    __slots__ = ()

    def at(self, row: int) -> str:
        """The formula in that row, counted from 0."""
        return self.replace("{row}", str(row + 1))


def extended_value(value: Value, row: int = 0) -> dict[str, Any]:
    """The value as the API takes it in that row; nothing as an empty object, which clears."""
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
    """Write values from that cell on, right and down, leaving formats and notes as they are."""
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
    """Write what stood there from that cell on downwards, formulas as such; formats and notes stay."""
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [_entered(cell)]} for cell in cells],
            "fields": "userEnteredValue",
        }
    }


def _entered(cell: Cell) -> dict[str, Any]:
    if cell.formula is not None:
        return {"userEnteredValue": {"formulaValue": cell.formula}}
    return extended_value(cell.value)


def grid_range(
    sheet_id: int, rows: tuple[int, int | None] | None = None, columns: tuple[int, int | None] | None = None
) -> dict[str, int]:
    """A rectangle; a side that is None is open."""
    span = {"sheetId": sheet_id}
    for name, ends in (("Row", rows), ("Column", columns)):
        for edge, index in zip(("start", "end"), ends or (), strict=False):
            if index is not None:
                span[f"{edge}{name}Index"] = index
    return span


def repeat_cell(span: Mapping[str, int], cell: Mapping[str, Any], fields: str) -> Request:
    """Put one cell's content, in the fields of the mask, into every cell of the span."""
    return {"repeatCell": {"range": dict(span), "cell": dict(cell), "fields": fields}}


def _dimension(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], start: int, end: int) -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}


def insert(
    sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], at: int, count: int, *, inherit_from_before: bool
) -> Request:
    """Insert blank rows or columns in front of index `at`, in the formats of the neighbour before or after."""
    span = _dimension(sheet_id, dimension, at, at + count)
    return {"insertDimension": {"range": span, "inheritFromBefore": inherit_from_before}}


def append(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], count: int) -> Request:
    """Add blank rows or columns at the end of the grid."""
    return {"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": count}}


def delete(sheet_id: int, dimension: Literal["ROWS", "COLUMNS"], start: int, end: int) -> Request:
    """Remove rows or columns."""
    return {"deleteDimension": {"range": _dimension(sheet_id, dimension, start, end)}}


def copy_formula(sheet_id: int, source: tuple[int, int], rows: tuple[int, int]) -> Request:
    """Copy the formula at `source` (row, column) down or up its column, into the rows of the span."""
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
    """Make the tab, empty, at that place among the tabs, or as the last."""
    grid = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        grid["frozenRowCount"] = tab.frozen_rows
    properties: dict[str, Any] = {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}
    if index is not None:
        properties["index"] = index
    return {"addSheet": {"properties": properties}}


def mark_column(sheet_id: int, column: int, key: str, name: str) -> Request:
    """Attach a developer metadata entry to the column; it follows the column wherever people move it."""
    location = {"dimensionRange": _dimension(sheet_id, "COLUMNS", column, column + 1)}
    entry = {"metadataKey": key, "metadataValue": name, "visibility": "DOCUMENT", "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def unmark(metadata_id: int) -> Request:
    """Remove one developer metadata entry."""
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": metadata_id}}}}


def note(sheet_id: int, row: int, column: int, text: str) -> Request:
    """Put a note on a cell."""
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [{"note": text}]}],
            "fields": "note",
        }
    }
