"""The formatting of our tabs, applied once when a tab or one of our columns is created, then left to people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from seat_report.workbook.sheets_api import Block, Request, Tab, TabEntry, requests
from seat_report.workbook.tables import FORMATTED_KEY, HEADER_ROW, Column, Kind, ObservedTable
from seat_report.workbook.tabs.colours import (
    AMBER,
    BAND,
    BLACK,
    BLUE,
    GREEN,
    GREY,
    HEADER_FILL,
    INK_BLUE,
    INK_RED,
    RED,
    WHITE,
    YELLOW,
    YELLOW_HEADER,
    Colour,
)

STATUS_FILLS: Mapping[str, Colour] = {
    "Current": GREEN,
    "Stale": AMBER,
    "No data": RED,
    "Incomplete": RED,
    "No tenants": GREY,
    "Not reported": GREY,
}
OUTCOME_FILLS: Mapping[str, Colour] = {
    "ok": GREEN,
    "partial": AMBER,
    "failed": RED,
    "Running": BLUE,
    "Interrupted": AMBER,
}
FINDING_FILLS: Mapping[str, Colour] = {
    "Agrees": GREEN,
    "Bill more": AMBER,
    "Bill less": BLUE,
    "Not billed": RED,
    "Not used": RED,
    "Not compared": GREY,
}
_FILLS = {"status": STATUS_FILLS, "outcome": OUTCOME_FILLS, "finding": FINDING_FILLS}
# A tenant that uses less than this share of its seats is highlighted: somebody may be paying for unused seats. It is a
# formula because conditions are parsed in the spreadsheet's locale: one with a decimal comma refuses 0.5.
UNUSED_BELOW = "=1/2"


# How the descriptions of our protections end: those of headers, and those of whole columns that there used to be.
_HEADER_PROTECTED = ": a header of the seat report. Rename it as you like, but don't clear it."
_COLUMN_PROTECTED = ": written by the seat report, which overwrites what is typed here."

# Pixels; wide enough for the header and for the usual content below it.
_WIDTHS: Mapping[Kind, int] = {
    Kind.TEXT: 170,
    Kind.COUNT: 105,
    Kind.CHANGE: 105,
    Kind.MONEY: 105,
    Kind.SHARE: 105,
    Kind.MOMENT: 130,
}
# Of a bold header: a letter on average, and the filter button with what is beside it.
_LETTER = 7.5
_FILTER_BUTTON = 27
_WIDE: Mapping[str, int] = {
    "by": 220,
    "customer": 232,
    "customer_id": 120,
    "detail": 420,
    "message": 420,
    "finding": 115,
    "outcome": 95,
    "reason": 420,
    "run_id": 250,
    "seats": 90,
    "status": 105,
    "tenant": 225,
    "tenant_id": 120,
    "tenant_type": 120,
    "trend": 140,
    "trigger": 95,
}


def table_formatting(table: ObservedTable, last_row: int) -> list[Request]:
    """Requests that format those of a table's columns, and its tab, that never were; empty if all have been.

    `last_row` is the last row of ours.
    """
    tab = table.tab
    entry = formatted_entry(tab)
    formatted = set(entry.value.split(",")) if entry else set()
    present = [column for column in table.columns if column.name in table.placement.at]
    unformatted = [column for column in present if column.name not in formatted]
    batch = list(_header_protections_only(tab))
    if not unformatted:
        return batch
    batch.extend(_column_requests(table, unformatted))
    if entry is None:
        batch.extend(_tab_requests(table))
        batch.extend(_filter_requests(table, last_row))
    batch.append(record_formatted(tab, entry, ",".join(sorted(column.name for column in present))))
    return batch


def _header_protections_only(tab: Tab) -> Iterator[Request]:
    """Requests that let each protection of ours cover the header alone: earlier ones covered the whole column."""
    for found in tab.protections:
        if not (found.only_warns and found.description.endswith(_COLUMN_PROTECTED)):
            continue
        yield {"deleteProtectedRange": {"protectedRangeId": found.protection_id}}
        block = found.block
        if block.top == HEADER_ROW:
            header = requests.grid_range(tab.sheet_id, (HEADER_ROW, HEADER_ROW + 1), (block.left, block.right))
            yield _protection(header, found.description.removesuffix(_COLUMN_PROTECTED) + _HEADER_PROTECTED)


def filter_again(table: ObservedTable, last_row: int) -> list[Request]:
    """The request that makes the tab's filter cover the table, down to its last row; empty if there is nothing to do.

    A filter's own sort moves only the cells that it covers. So if a column or row of the table lies outside, the rows
    would be torn apart, and the filter is set again: with the criteria that people set, but without sort orders. A
    filter that people took away, or that covers no cell of the table, is left alone.
    """
    is_ours = table.tab.basic_filter is not None and formatted_entry(table.tab) is not None
    return list(_filter_requests(table, last_row)) if is_ours else []


def _filter_requests(table: ObservedTable, last_row: int) -> Iterator[Request]:
    tab, present = table.tab, table.tab.basic_filter
    if table.is_unsafe or not table.placement.indexes:
        return
    left, right = _filter_columns(table)
    # With the row below the header, even if there is none of ours: a filter needs one, and grows with it.
    bottom = max(last_row, HEADER_ROW + 1) + 1
    if any(_meets(native.block, (left, right), bottom) for native in tab.native_tables):
        # It has a filter of its own, and Google refuses another over a part of it.
        return
    if present is not None:
        block = present.block
        is_apart = block.top >= bottom or block.right <= left or block.left >= right
        is_enough = block.left <= left and block.right >= right and block.bottom >= bottom
        if is_apart or (block.top == HEADER_ROW and is_enough):
            return
    kept = {column: found for column, found in (present.criteria if present else {}).items() if left <= column < right}
    yield requests.set_filter(requests.grid_range(tab.sheet_id, (HEADER_ROW, bottom), (left, right)), kept)


def partial_tables(table: ObservedTable, last_row: int) -> Iterator[str]:
    """A warning for each native table of people's that covers only a part of ours: its sort tears rows apart."""
    if table.is_unsafe or not table.placement.indexes:
        return
    left, right = _filter_columns(table)
    ours = table.placement.indexes
    for name, block in table.tab.native_tables:
        is_whole = block.left <= min(ours) and block.right > max(ours) and block.bottom > last_row
        if _meets(block, (left, right), last_row + 1) and not (is_whole and block.top == HEADER_ROW):
            yield (
                f"In the tab {table.tab.title!r} the table {name!r} covers only a part of the report, so sorting it "
                "would mix up rows. Extend it over all columns and rows of the report, or revert it to a range."
            )


def _meets(block: Block, columns: tuple[int, int], bottom: int) -> bool:
    left, right = columns
    return block.top < bottom and block.left < right and left < block.right


def _filter_columns(table: ObservedTable) -> tuple[int, int]:
    """The columns of the table: ours, and people's beside them up to the first without a header."""
    header = table.tab.rows[HEADER_ROW] if table.tab.rows else []
    left, right = min(table.placement.indexes), max(table.placement.indexes) + 1
    while left > 0 and header[left - 1].text:
        left -= 1
    while right < len(header) and header[right].text:
        right += 1
    return left, right


def _column_requests(table: ObservedTable, columns: list[Column]) -> Iterator[Request]:
    sheet_id = table.tab.sheet_id
    for column in columns:
        at = table.placement.at[column.name]
        look = {
            **(_PEOPLES_HEADER if column.is_peoples else HEADER),
            **(_OVER_NUMBERS if column.kind in _NUMBERS else {}),
        }
        cell = {"userEnteredFormat": look}
        header = requests.grid_range(sheet_id, (HEADER_ROW, HEADER_ROW + 1), (at, at + 1))
        yield requests.repeat_cell(header, cell, "userEnteredFormat")
        yield column_width(sheet_id, at, _width(column))
        # With the header: rows may be inserted right below it, and a range grows only with rows inserted inside it.
        span = requests.grid_range(sheet_id, (HEADER_ROW, None), (at, at + 1))
        if column.is_peoples:
            below = requests.grid_range(sheet_id, (HEADER_ROW + 1, None), (at, at + 1))
            tint = {"userEnteredFormat": {"backgroundColor": YELLOW}}
            yield requests.repeat_cell(below, tint, "userEnteredFormat.backgroundColor")
            continue
        if column.name in _CLIPPED:
            below = requests.grid_range(sheet_id, (HEADER_ROW + 1, None), (at, at + 1))
            clipped = {"userEnteredFormat": {"wrapStrategy": "CLIP"}}
            yield requests.repeat_cell(below, clipped, "userEnteredFormat.wrapStrategy")
        # The header alone: sorting moves what is below it, and would prompt people each time.
        yield _protection(header, f"{column.header}{_HEADER_PROTECTED}")
        for text, fill in _FILLS.get(column.name, {}).items():
            yield _conditional_format(span, "TEXT_EQ", text, {"backgroundColor": fill})
        if column.name == "utilisation":
            yield _conditional_format(span, "NUMBER_LESS", UNUSED_BELOW, {"textFormat": {"foregroundColor": INK_BLUE}})
            over = {"textFormat": {"foregroundColor": INK_RED, "bold": True}}
            yield _conditional_format(span, "NUMBER_GREATER", "1", over)


def _width(column: Column) -> int:
    """Wide enough for the content, and for the header in two lines beside the filter button."""
    width = _WIDE.get(column.name, _WIDTHS[column.kind])
    words = column.header.split()
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(len(words) or 1)]
    longest = min(max(map(len, pair)) for pair in halves)
    return max(width, round(longest * _LETTER) + _FILTER_BUTTON)


def _tab_requests(table: ObservedTable) -> Iterator[Request]:
    tab = table.tab
    ours = table.placement.at.values()
    columns = (min(ours), max(ours) + 1)
    if tab.frozen_rows == 0 and tab.row_count > 1:
        yield _frozen(tab, "frozenRowCount")
    # The names stay in sight, if they are in the first column and nothing is merged across the line.
    is_first = table.placement.at.get("customer") == 0
    if is_first and tab.frozen_columns == 0 and tab.column_count > 1 and not tab.merges:
        yield _frozen(tab, "frozenColumnCount")
    if not tab.has_banding:
        bands = {"headerColor": HEADER_FILL, "firstBandColor": WHITE, "secondBandColor": BAND}
        span = requests.grid_range(tab.sheet_id, (HEADER_ROW, None), columns)
        yield {"addBanding": {"bandedRange": {"range": span, "rowProperties": bands}}}


_NUMBERS = (Kind.COUNT, Kind.CHANGE, Kind.MONEY, Kind.SHARE, Kind.MOMENT)
# Too long for their columns: beside a blank cell they would go on in it.
_CLIPPED = ("customer_id", "tenant_id")
# As the numbers below, but left of the filter button.
_OVER_NUMBERS: Mapping[str, Any] = {
    "horizontalAlignment": "RIGHT",
    "padding": {"top": 2, "right": 24, "bottom": 2, "left": 3},
}
HEADER: Mapping[str, Any] = {
    "backgroundColor": HEADER_FILL,
    "textFormat": {"bold": True, "foregroundColor": WHITE},
    "horizontalAlignment": "LEFT",
    "verticalAlignment": "MIDDLE",
    "wrapStrategy": "WRAP",
}
_PEOPLES_HEADER: Mapping[str, Any] = {
    **HEADER,
    "backgroundColor": YELLOW_HEADER,
    "textFormat": {"bold": True, "foregroundColor": BLACK},
}


def _frozen(tab: Tab, count: str) -> Request:
    grid = {"sheetId": tab.sheet_id, "gridProperties": {count: 1}}
    return {"updateSheetProperties": {"properties": grid, "fields": f"gridProperties.{count}"}}


def formatted_entry(tab: Tab) -> TabEntry | None:
    """The entry that says what was formatted in the tab."""
    return next((entry for entry in tab.entries if entry.key == FORMATTED_KEY), None)


def record_formatted(tab: Tab, entry: TabEntry | None, value: str) -> Request:
    """The request that records what is formatted; `entry` is what was recorded before."""
    return requests.set_entry(tab.sheet_id, entry, FORMATTED_KEY, value)


def column_width(sheet_id: int, column: int, pixels: int) -> Request:
    """The request that sets the width of a column."""
    return pixel_size(sheet_id, "COLUMNS", column, pixels)


def pixel_size(sheet_id: int, dimension: str, index: int, pixels: int) -> Request:
    """The request that sets the size of a row or column."""
    span = {"sheetId": sheet_id, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
    return {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}}


def _protection(span: Mapping[str, int], description: str) -> Request:
    # Only a warning: people may have reasons, and a real protection would lock out the next service account.
    protected = {"range": dict(span), "description": description, "warningOnly": True}
    return {"addProtectedRange": {"protectedRange": protected}}


def _conditional_format(span: Mapping[str, int], condition: str, value: str, cell_format: Mapping[str, Any]) -> Request:
    rule = {
        "ranges": [dict(span)],
        "booleanRule": {
            "condition": {"type": condition, "values": [{"userEnteredValue": value}]},
            "format": dict(cell_format),
        },
    }
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}
