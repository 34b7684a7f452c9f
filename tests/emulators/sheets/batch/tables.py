"""Requests about native tables, and the rows that are appended to one."""

from __future__ import annotations

from tests.emulators.sheets import masks, structured, tables
from tests.emulators.sheets.addresses import Area, to_grid_range
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.document import Sheet, new_id
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.grid import Cell, Formula
from tests.emulators.sheets.resource import without_zero_ids

from . import structure
from .features import check_unbanded
from .filters import clear_basic_filter
from .registry import Batch, handles
from .tabs import feature_ids, table_names


def find(batch: Batch, table_id: str) -> tuple[Sheet, int]:
    """Give the tab of a table and its place among that tab's tables; raises ApiError if there is none."""
    for sheet in batch.spreadsheet.sheets:
        for index, table in enumerate(sheet.features["tables"]):
            if table["tableId"] == table_id:
                return sheet, index
    raise invalid(f"No table with id: {table_id}")


def _take_id(batch: Batch, wanted: str) -> str:
    taken = {table["tableId"] for sheet in batch.spreadsheet.sheets for table in sheet.features["tables"]}
    if not wanted:
        return str(new_id(feature_ids(batch.spreadsheet)))
    if wanted in taken:
        raise invalid(f"Table with id {wanted} already exists.")
    return wanted


def _checked_name(batch: Batch, wanted: str, own: str = "") -> str:
    taken = table_names(batch.spreadsheet) - {own.casefold()}
    if not wanted:
        number = 1
        while f"table{number}" in taken:
            number += 1
        return f"Table{number}"
    if wanted.casefold() in taken:
        raise invalid(f'A table with the name "{wanted}" already exists. Please enter another name.')
    return wanted


def _check_columns(given: list[Json], width: int) -> None:
    """Raise ApiError for columns that a table can't have."""
    seen: set[int] = set()
    names: set[str] = set()
    for column in given:
        index = column.get("columnIndex", 0)
        if not 0 <= index < width:
            raise invalid(f"Invalid columnIndex: {index}. The table has {width} columns.")
        if index in seen:
            raise invalid(f"Invalid columnIndex: {index} is given more than once.")
        seen.add(index)
        name = column.get("columnName", "").casefold()
        if name and name in names:
            raise invalid(f'A table column with the name "{column["columnName"]}" already exists.')
        names.add(name)
        is_dropdown = column.get("columnType") == "DROPDOWN"
        condition = column.get("dataValidationRule", {}).get("condition")
        if is_dropdown and not condition:
            raise invalid("Condition must be set for dropdown column type.")
        if not is_dropdown and "dataValidationRule" in column:
            raise invalid("Cannot set condition for non-dropdown column type.")
        if condition and (condition.get("type") != "ONE_OF_LIST" or not condition.get("values")):
            raise invalid("The condition of a dropdown column must be ONE_OF_LIST with values.")


def _check_place(batch: Batch, sheet: Sheet, area: Json, own: str = "") -> None:
    """Raise ApiError for a range that a table can't have: formulas in its header row, bands or filters in its way."""
    row = area["startRowIndex"]
    for _, _, cell in sheet.grid.stored(row, row + 1, area["startColumnIndex"], area["endColumnIndex"]):
        if type(cell.value) is Formula:
            raise invalid("Formulas are not supported in a table header row.")
    check_unbanded(sheet, area, tables.band_id(own) if own else None)
    basic = sheet.basic_filter
    if basic and not (own and basic.get("tableId") == own) and tables.meet(basic["range"], area):
        raise tables.over_filter()
    batch.guard(batch.area({**area, "endRowIndex": row + 1}))


@handles("addTable")
def add_table(batch: Batch, body: Json) -> Json:
    """Make a range a table; its header cells name its columns, unless the request does."""
    given = body.get("table", {})
    area = to_grid_range(batch.area(given.get("range", {})))
    sheet = batch.spreadsheet.sheet(area["sheetId"])
    table: Json = {
        "tableId": _take_id(batch, given.get("tableId", "")),
        "name": _checked_name(batch, given.get("name", "")),
        "range": area,
        "rowsProperties": tidy(tables.rows_properties(given.get("rowsProperties", {})), "TableRowsProperties"),
    }
    columns = given.get("columnProperties", [])
    _check_columns(columns, tables.width(table))
    _check_place(batch, sheet, area)
    unnamed = 0
    named = []
    for column in columns:
        # Those with a type and no name are counted among themselves, whatever their header cells say.
        if column.get("columnType", "COLUMN_TYPE_UNSPECIFIED") != "COLUMN_TYPE_UNSPECIFIED":
            unnamed += not column.get("columnName")
            column = {"columnName": f"Column {unnamed}", **column}
        named.append(column)
    table["columnProperties"] = _columns(sheet, table, named)
    sheet.features["tables"] = [*sheet.features["tables"], table]
    return {"table": without_zero_ids(_settled(batch, table["tableId"]))}


def _settled(batch: Batch, table_id: str) -> Json:
    """Give a table once its columns are called what its header cells say."""
    batch.name_table_columns()
    sheet, index = find(batch, table_id)
    return sheet.features["tables"][index]


def _columns(sheet: Sheet, table: Json, given: list[Json]) -> list[Json]:
    """Give a table's columns, those that are not given without a type; the names go into the header cells."""
    area = table["range"]
    by_index = {column.get("columnIndex", 0): column for column in given}
    columns = []
    for index in range(tables.width(table)):
        properties = by_index.get(index, {})
        name = properties.get("columnName", "")
        if name:
            _put(sheet, area["startRowIndex"], area["startColumnIndex"] + index, name)
        columns.append(tables.column(index, name, properties))
        _fill(sheet, table, area["startColumnIndex"] + index, properties.get("columnType", ""))
    return columns


def _put(sheet: Sheet, row: int, column: int, value: str | float | bool) -> None:
    """Write a value as it is; runs of formatted text and chips are lost, the cell's own format and note stay."""
    cell = sheet.grid.get(row, column)
    kept = {name: item for name, item in (cell.extra or {}).items() if name == "dataValidation"}
    sheet.grid.put(row, column, cell._replace(value=value, extra=kept or None))


def _fill(sheet: Sheet, table: Json, column: int, kind: str) -> None:
    """Give cells what their column's type fills in: check boxes hold FALSE, ratings 0, lists are the column's alone."""
    for row in body_rows(table):
        cell = sheet.grid.get(row, column)
        if kind == "BOOLEAN" and (cell.value is None or type(cell.value) is str):
            _put(sheet, row, column, False)
        elif kind == "RATINGS_CHIP" and cell.value is None:
            _put(sheet, row, column, 0.0)
        elif kind == "DROPDOWN" and "dataValidation" in (cell.extra or {}):
            kept = {name: item for name, item in (cell.extra or {}).items() if name != "dataValidation"}
            sheet.grid.put(row, column, cell._replace(extra=kept or None))


def body_rows(table: Json) -> range:
    """Give the rows of a table between its header and its footer."""
    area = table["range"]
    return range(area["startRowIndex"] + 1, area["endRowIndex"] - ("footerColorStyle" in table["rowsProperties"]))


@handles("updateTable")
def update_table(batch: Batch, body: Json) -> None:
    """Write the masked fields of a table; the list of columns is replaced whole, each with its name."""
    mask = masks.for_update(body.get("fields", ""), "Table")
    given = body.get("table", {})
    table_id = given.get("tableId", "")
    sheet, index = find(batch, table_id)
    old = sheet.features["tables"][index]
    written = masks.merge(old, given, {name: inner for name, inner in mask.items() if name != "columnProperties"})
    table = {**old, **written, "tableId": table_id, "name": _checked_name(batch, written.get("name", ""), old["name"])}
    table["rowsProperties"] = tidy(tables.rows_properties(table.get("rowsProperties", {})), "TableRowsProperties")
    if "range" in mask:
        area = to_grid_range(batch.area(given.get("range", {})))
    else:
        # A footer comes below the last row and goes with its row.
        footers = ("footerColorStyle" in table["rowsProperties"]) - ("footerColorStyle" in old["rowsProperties"])
        area = {**old["range"], "endRowIndex": old["range"]["endRowIndex"] + footers}
    if area["sheetId"] != sheet.sheet_id:
        raise invalid("A table cannot be moved to another sheet.")
    table["range"] = to_grid_range(batch.area(area))
    columns = given.get("columnProperties", [])
    if "columnProperties" in mask:
        _check_columns(columns, tables.width(table))
        if not all(column.get("columnName") for column in columns):
            raise invalid("Table header row cell must have a value.")
    if not tables.same(table["range"], old["range"]):
        _check_place(batch, sheet, table["range"], table_id)
        shift = table["range"]["startColumnIndex"] - old["range"]["startColumnIndex"]
        kept = dict(enumerate(old["columnProperties"], -shift))
        table["columnProperties"] = [tables.column(place, "", kept.get(place)) for place in range(tables.width(table))]
        _filter_over(sheet, table)
    if "columnProperties" in mask:
        renamed = _columns(sheet, table, columns)
        names = tables.changed_names(table, {"columnProperties": [{"columnName": "", **column} for column in renamed]})
        names = {old: new for old, new in names.items() if new}
        if names:
            batch.rewrite(lambda text: structured.rename_columns(text, old["name"], names))
        table["columnProperties"] = renamed
    if table["name"] != old["name"]:
        batch.rewrite(lambda text: structured.rename_table(text, old["name"], table["name"]))
    sheet.features["tables"] = [
        table if place == index else other for place, other in enumerate(sheet.features["tables"])
    ]


def _filter_over(sheet: Sheet, table: Json) -> None:
    """Let the filter that a table backs cover all of it."""
    if sheet.basic_filter and sheet.basic_filter.get("tableId") == table["tableId"]:
        sheet.basic_filter = {**sheet.basic_filter, "range": table["range"]}


@handles("deleteTable")
def delete_table(batch: Batch, body: Json) -> None:
    """Delete a table with what its cells hold, the conditional formats over it and the filter it backs."""
    sheet, index = find(batch, body.get("tableId", ""))
    table = sheet.features["tables"][index]
    area = batch.area(table["range"])
    batch.guard(area)
    if sheet.basic_filter and sheet.basic_filter.get("tableId") == table["tableId"]:
        clear_basic_filter(batch, {"sheetId": sheet.sheet_id})
    sheet.features["tables"] = [other for other in sheet.features["tables"] if other is not table]
    for row, column, _ in list(sheet.grid.stored(area.top, area.bottom, area.left, area.right)):
        sheet.grid.put(row, column, Cell())
    rules = []
    for rule in sheet.features["conditionalFormats"]:
        ranges = [part for part in rule["ranges"] if not _covers(table["range"], part)]
        if ranges:
            rules.append({**rule, "ranges": ranges})
    sheet.features["conditionalFormats"] = rules


def _covers(outer: Json, inner: Json) -> bool:
    """Tell whether a bounded range holds all of another."""
    infinity = float("inf")
    return bool(
        outer["startRowIndex"] <= inner.get("startRowIndex", 0)
        and inner.get("endRowIndex", infinity) <= outer["endRowIndex"]
        and outer["startColumnIndex"] <= inner.get("startColumnIndex", 0)
        and inner.get("endColumnIndex", infinity) <= outer["endColumnIndex"]
    )


def room_for(batch: Batch, table_id: str, count: int) -> Area:
    """Give where rows appended to a table go: behind its last row with a value, above its footer.

    Rows are inserted if the table has not enough that are free, and belong to it.
    """
    sheet, index = find(batch, table_id)
    table = sheet.features["tables"][index]
    area, rows = table["range"], body_rows(table)
    filled = (
        row
        for row, _, cell in sheet.grid.stored(rows.start, rows.stop, area["startColumnIndex"], area["endColumnIndex"])
        if cell.value is not None
    )
    top = max(filled, default=rows.start - 1) + 1
    missing = top + count - rows.stop
    if missing > 0:
        end = area["endRowIndex"] + missing
        structure.insert(batch, sheet, "ROWS", rows.stop, missing, rows.stop - 1)
        table = {**sheet.features["tables"][index], "range": {**area, "endRowIndex": end}}
        sheet.features["tables"][index] = table
        _filter_over(sheet, table)
    return Area(sheet, top, top + count, area["startColumnIndex"], area["endColumnIndex"])
