"""The look of our tabs: one style, given once when a tab is made or a column of ours comes, then left to people."""

from collections.abc import Iterator, Mapping
from typing import Any

from seat_report.workbook import requests
from seat_report.workbook.columns import LOOKS_KEY, Column, Kind
from seat_report.workbook.requests import Request
from seat_report.workbook.table import HEADER_ROW, PresentTable

Colour = Mapping[str, float]

HEADER_FILL: Colour = {"red": 0.16, "green": 0.25, "blue": 0.38}
WHITE: Colour = {"red": 1.0, "green": 1.0, "blue": 1.0}
BAND: Colour = {"red": 0.96, "green": 0.97, "blue": 0.99}
AMBER: Colour = {"red": 1.0, "green": 0.93, "blue": 0.75}
RED: Colour = {"red": 0.98, "green": 0.85, "blue": 0.84}
GREY: Colour = {"red": 0.92, "green": 0.92, "blue": 0.92}
GREEN: Colour = {"red": 0.86, "green": 0.95, "blue": 0.87}

STATUS_FILLS: Mapping[str, Colour] = {
    "Current": GREEN,
    "Stale": AMBER,
    "No data": RED,
    "No tenants": GREY,
    "Not reported": GREY,
}

# Pixels; wide enough for the header and for what usually stands below it.
_WIDTHS: Mapping[Kind, int] = {Kind.TEXT: 170, Kind.COUNT: 105, Kind.CHANGE: 105, Kind.SHARE: 95, Kind.MOMENT: 130}
_WIDE: Mapping[str, int] = {"customer_id": 270, "tenant_id": 270, "detail": 420, "status": 105, "tenant_type": 120}


def looks(table: PresentTable) -> list[Request]:
    """What gives the tab and our columns their looks, as far as they never got them; empty if they have."""
    tab = table.tab
    done = tab.looks[1] if tab.looks else frozenset[str]()
    fresh = [column for column in table.columns if column.name in table.placement.at and column.name not in done]
    if not fresh:
        return []
    built = list(_of_columns(table, fresh))
    if tab.looks is None:
        built.extend(_of_tab(table))
    built.append(_remember(table, done | {column.name for column in fresh}))
    return built


def _of_columns(table: PresentTable, columns: list[Column]) -> Iterator[Request]:
    sheet_id = table.tab.sheet_id
    for column in columns:
        at = table.placement.at[column.name]
        side = "RIGHT" if column.kind is not Kind.TEXT else "LEFT"
        header = {
            "userEnteredFormat": {
                "backgroundColor": HEADER_FILL,
                "textFormat": {"bold": True, "foregroundColor": WHITE},
                "horizontalAlignment": side,
                "verticalAlignment": "MIDDLE",
                "wrapStrategy": "WRAP",
            },
            "note": column.note,
        }
        fields = "note,userEnteredFormat(backgroundColor,textFormat,horizontalAlignment,verticalAlignment,wrapStrategy)"
        yield requests.repeat_cell(
            requests.grid_range(sheet_id, (HEADER_ROW, HEADER_ROW + 1), (at, at + 1)), header, fields
        )
        yield _width(sheet_id, at, _WIDE.get(column.name, _WIDTHS[column.kind]))
        span = requests.grid_range(sheet_id, (HEADER_ROW + 1, None), (at, at + 1))
        yield _protect(span, f"{column.header}: written by the seat report; what is typed here will be overwritten.")
        if column.name == "status":
            for text, fill in STATUS_FILLS.items():
                yield _where_text_is(span, text, fill)


def _of_tab(table: PresentTable) -> Iterator[Request]:
    tab = table.tab
    ours = table.placement.at.values()
    columns = (min(ours), max(ours) + 1)
    if tab.frozen_rows == 0 and tab.row_count > 1:
        grid = {"sheetId": tab.sheet_id, "gridProperties": {"frozenRowCount": 1}}
        yield {"updateSheetProperties": {"properties": grid, "fields": "gridProperties.frozenRowCount"}}
    if not tab.has_filter:
        yield {"setBasicFilter": {"filter": {"range": requests.grid_range(tab.sheet_id, (0, None), columns)}}}
    if not tab.has_banding:
        bands = {"firstBandColor": WHITE, "secondBandColor": BAND}
        span = requests.grid_range(tab.sheet_id, (HEADER_ROW + 1, None), columns)
        yield {"addBanding": {"bandedRange": {"range": span, "rowProperties": bands}}}


def _remember(table: PresentTable, names: frozenset[str] | set[str]) -> Request:
    value = ",".join(sorted(names))
    if table.tab.looks is not None:
        lookup = {"developerMetadataLookup": {"metadataId": table.tab.looks[0]}}
        entry: dict[str, Any] = {"metadataValue": value}
        return {
            "updateDeveloperMetadata": {
                "dataFilters": [lookup],
                "developerMetadata": entry,
                "fields": "metadataValue",
            }
        }
    entry = {
        "metadataKey": LOOKS_KEY,
        "metadataValue": value,
        "visibility": "DOCUMENT",
        "location": {"sheetId": table.tab.sheet_id},
    }
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def _width(sheet_id: int, column: int, pixels: int) -> Request:
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
    return {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}}


def _protect(span: Mapping[str, int], description: str) -> Request:
    # A warning only: people may have reasons, and a real protection would lock out the next service account.
    protected = {"range": dict(span), "description": description, "warningOnly": True}
    return {"addProtectedRange": {"protectedRange": protected}}


def _where_text_is(span: Mapping[str, int], text: str, fill: Colour) -> Request:
    rule = {
        "ranges": [dict(span)],
        "booleanRule": {
            "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]},
            "format": {"backgroundColor": fill},
        },
    }
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}
