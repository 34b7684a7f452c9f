"""Pivot tables as they are stored in the cell that holds them: checked, and in the form in which they are answered."""

from __future__ import annotations

from typing import Any

from .addresses import from_grid_range
from .document import Sheet, Spreadsheet
from .errors import Json, invalid
from .moving import Shift, shift_range

# Zeros of these are not answered.
_SILENT = ("sourceColumnOffset", "sheetId")
_CALCULATED = ("SUM", "CUSTOM")


def checked(given: Json, spreadsheet: Spreadsheet) -> Json:
    """Give a pivot table as it is stored; raises ApiError for one that the service refuses."""
    if "source" not in given and "dataSourceId" not in given:
        raise invalid("At least one source data must be specified")
    if "source" in given:
        from_grid_range(given["source"], spreadsheet)
    groups = [*given.get("rows", []), *given.get("columns", [])]
    if any(group.get("sortOrder", "SORT_ORDER_UNSPECIFIED") == "SORT_ORDER_UNSPECIFIED" for group in groups):
        raise invalid("No sort order specified.")
    for value in given.get("values", []):
        _check_value(value)
    return _spelled(given)


def _check_value(value: Json) -> None:
    function = value.get("summarizeFunction", "PIVOT_STANDARD_VALUE_FUNCTION_UNSPECIFIED")
    if function == "PIVOT_STANDARD_VALUE_FUNCTION_UNSPECIFIED":
        raise invalid("No PivotValue.summarizeFunction specified.")
    if "formula" in value and function not in _CALCULATED:
        raise invalid(
            f'Invalid summarizeFunction: {function}. Only "CUSTOM" or "SUM" are valid if PivotValue.calculatedField is '
            "set."
        )
    if "formula" not in value and function == "CUSTOM":
        raise invalid(
            '"CUSTOM" may not be used in PivotValue.summarizeFunction unless PivotValue.calculatedField is set.'
        )


def _spelled(given: Json) -> Json:
    """Give a pivot table without silent zeros, and its filters in both of their spellings."""
    specs = {spec.get("columnOffsetIndex", 0): spec.get("filterCriteria", {}) for spec in given.get("filterSpecs", [])}
    specs |= {int(column): criteria for column, criteria in given.get("criteria", {}).items()}
    pivot = {name: item for name, item in given.items() if name not in ("filterSpecs", "criteria") and item != []}
    if "source" in pivot:
        pivot["source"] = _without_zeros(pivot["source"])
    for name in ("rows", "columns"):
        if name in pivot:
            pivot[name] = [_without_zeros(group) for group in pivot[name]]
    if pivot.get("valueLayout") == "HORIZONTAL":
        del pivot["valueLayout"]
    if specs:
        ordered = sorted(specs.items())
        pivot["criteria"] = {str(column): criteria for column, criteria in ordered}
        pivot["filterSpecs"] = [
            {**({"columnOffsetIndex": column} if column else {}), "filterCriteria": criteria}
            for column, criteria in ordered
        ]
    return pivot


def _without_zeros(message: Json) -> Json:
    return {name: item for name, item in message.items() if item is not False and (item != 0 or name not in _SILENT)}


def pivots_of(sheet: Sheet) -> list[tuple[int, int, Json]]:
    """Give row, column and pivot table of the cells of a tab that hold one."""
    return [
        (row, column, cell.extra["pivotTable"])
        for row, column, cell in sheet.grid.stored(0, sheet.row_count, 0, sheet.column_count)
        if cell.extra and "pivotTable" in cell.extra
    ]


def follow(spreadsheet: Spreadsheet, change: Shift) -> None:
    """Let the sources of all pivot tables follow a change; one whose source is gone has none."""
    for sheet in spreadsheet.sheets:
        for row, column, pivot in pivots_of(sheet):
            source: Any = pivot.get("source")
            moved = source and shift_range(source, change)
            if moved == source:
                continue
            kept = {name: item for name, item in pivot.items() if name != "source"}
            cell = sheet.grid.get(row, column)
            written = kept | ({"source": moved} if moved else {})
            sheet.grid.put(row, column, cell._replace(extra={**(cell.extra or {}), "pivotTable": written}))
