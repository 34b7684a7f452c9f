"""The formatting of the Overview: widths, charts, and the format of each kind of cell. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from seat_report.domain import TenantType
from seat_report.workbook.sheets_api import Block, Request, Tab, requests
from seat_report.workbook.tables import BlockSpec, Kind, Look
from seat_report.workbook.tabs.colours import AMBER, GREEN, INK_BLUE, TYPE_INKS, Colour
from seat_report.workbook.tabs.formatting import HEADER, column_width, formatted_entry, pixel_size, record_formatted
from seat_report.workbook.tabs.overview import MONTHS_HEADER, WIDTH

# What is recorded of the Overview's formatting, by where its months are.
_MONTHS_IN_ONE_COLUMN = "overview"
_MONTHS_IN_ONE_ROW = "overview-2"
# The charts' titles in the first kind, in the order of those that take their place.
_EARLIER_TITLES = ("Seats by tenant type", "Assigned seats by month")
# One chart takes so many rows.
_CHART_ROWS = 12


def overview_formatting(tab: Tab, block: Block) -> list[Request]:
    """Requests for the widths and the two charts of the Overview; empty if it was formatted before.

    In an Overview that an earlier version formatted, whose months were in one column, the charts that still have their
    titles get the cells that have the months now.
    """
    entry = formatted_entry(tab)
    left, top = block.left, block.top
    charts = _overview_charts(tab.sheet_id, top, left)
    if entry is not None:
        if entry.value != _MONTHS_IN_ONE_COLUMN:
            return []
        known = dict(zip(_EARLIER_TITLES, charts, strict=True))
        found = [(chart_id, known[title]) for chart_id, title in tab.charts if title in known]
        batch = [{"updateChartSpec": {"chartId": chart_id, "spec": spec}} for chart_id, spec in found]
        return [*batch, record_formatted(tab, entry, _MONTHS_IN_ONE_ROW)]
    right = left + WIDTH + 1
    # A chart is refused if its first cell is outside of the tab.
    batch = [requests.append(tab.sheet_id, "COLUMNS", lacking)] if (lacking := right + 1 - tab.column_count) > 0 else []
    # With the box and a chart beside it no wider than a laptop's screen.
    widths = (205, 115, 82, 82, 82, 82, 82, 115, 36)
    batch.extend(column_width(tab.sheet_id, left + offset, pixels) for offset, pixels in enumerate(widths))
    batch.append(pixel_size(tab.sheet_id, "ROWS", top, 40))
    grid = {"sheetId": tab.sheet_id, "gridProperties": {"hideGridlines": True}}
    batch.append({"updateSheetProperties": {"properties": grid, "fields": "gridProperties.hideGridlines"}})
    for row, spec in zip((top, top + _CHART_ROWS), charts, strict=True):
        batch.append(_add_chart(spec, tab.sheet_id, row, right))
    batch.append(record_formatted(tab, None, _MONTHS_IN_ONE_ROW))
    return batch


def _overview_charts(sheet_id: int, top: int, left: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The specifications of the two charts over the months: all types stacked, and their sum."""
    header = top + MONTHS_HEADER - 1
    sum_row = header + len(TenantType) + 1
    rows = range(header + 1, sum_row)
    columns = (left, left + WIDTH)
    return (
        _chart("Assigned seats by tenant type", "COLUMN", sheet_id, columns, (header, *rows), TYPE_INKS),
        _chart("All assigned seats", "LINE", sheet_id, columns, (header, sum_row), (INK_BLUE,)),
    )


def block_format(look: Look) -> Mapping[str, Any]:
    """The format of a cell in the Overview's block."""
    return _BLOCK_FORMATS.get(look, {})


def _chart(
    title: str, kind: str, sheet_id: int, columns: tuple[int, int], rows: Sequence[int], inks: Sequence[Colour]
) -> Mapping[str, Any]:
    """A chart over these rows, the first as its axis; each row begins with its name."""

    def source(row: int) -> Mapping[str, Any]:
        return {"sourceRange": {"sources": [requests.grid_range(sheet_id, (row, row + 1), columns)]}}

    axis, *series = rows
    basic: dict[str, Any] = {
        "chartType": kind,
        "legendPosition": "BOTTOM_LEGEND" if len(series) > 1 else "NO_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": source(axis)}],
        "series": [
            {"series": source(row), "targetAxis": "LEFT_AXIS", "colorStyle": {"rgbColor": dict(ink)}}
            for row, ink in zip(series, inks, strict=True)
        ],
    }
    if kind == "COLUMN":
        basic["stackedType"] = "STACKED"
    return {"title": title, "basicChart": basic}


def _add_chart(spec: Mapping[str, Any], sheet_id: int, row: int, column: int) -> Request:
    position = {
        "anchorCell": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
        "widthPixels": 400,
        "heightPixels": 252,
    }
    return {"addChart": {"chart": {"spec": dict(spec), "position": {"overlayPosition": position}}}}


def _number(kind: Kind, **more: Any) -> Mapping[str, Any]:
    type_name, pattern = kind.value
    return {"numberFormat": {"type": type_name, "pattern": pattern}, **more}


_BOLD: Mapping[str, Any] = {"textFormat": {"bold": True}}
_BLOCK_FORMATS: Mapping[Look, Mapping[str, Any]] = {
    Look.TITLE: {"textFormat": {"bold": True, "fontSize": 18}, "verticalAlignment": "MIDDLE"},
    Look.GOOD: {"backgroundColor": GREEN, "textFormat": {"bold": True}, "verticalAlignment": "MIDDLE"},
    Look.BAD: {"backgroundColor": AMBER, "textFormat": {"bold": True}, "verticalAlignment": "MIDDLE"},
    Look.SECTION: {"textFormat": {"bold": True, "fontSize": 13}},
    Look.HEADER: {**HEADER, "wrapStrategy": "OVERFLOW_CELL"},
    Look.HEADER_RIGHT: {**HEADER, "horizontalAlignment": "RIGHT"},
    # For names and labels that may be too long for their column, beside cells with content.
    Look.TEXT: {"wrapStrategy": "WRAP"},
    Look.BOLD_TEXT: {"wrapStrategy": "WRAP", **_BOLD},
    Look.COUNT: _number(Kind.COUNT),
    Look.CHANGE: _number(Kind.CHANGE),
    Look.SHARE: _number(Kind.SHARE),
    Look.MONEY: _number(Kind.MONEY),
    Look.MOMENT: _number(Kind.MOMENT, horizontalAlignment="LEFT", **_BOLD),
    Look.BOLD: _BOLD,
    Look.BOLD_COUNT: _number(Kind.COUNT, **_BOLD),
    Look.BOLD_CHANGE: _number(Kind.CHANGE, **_BOLD),
    Look.BOLD_SHARE: _number(Kind.SHARE, **_BOLD),
    Look.RIGHT: {"horizontalAlignment": "RIGHT"},
    Look.LABEL: {"textFormat": {"bold": True}, "horizontalAlignment": "RIGHT", "verticalAlignment": "MIDDLE"},
}

# The Overview's block, in a named range of this name.
OVERVIEW_BLOCK = BlockSpec("SeatReportOverview", WIDTH, block_format)
