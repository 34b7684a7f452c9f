"""Single actions of a person on a tab while a run is under way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gspread

from seat_report.workbook.sheets_api import requests as builders
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import Snapshot, Tab, Value
from tests.proof import reading


@dataclass(frozen=True)
class Action:
    """One action on a tab; `requests` builds the API requests for it from the tab's current contents."""

    name: str
    title: str
    requests: Callable[[Tab], list[Request]]

    def perform(self, book: gspread.Spreadsheet, snapshot: Snapshot) -> None:
        """Perform it, if its tab exists and the action applies to it."""
        tab = snapshot.tab(self.title)
        if tab is not None and tab.rows and (requests := self.requests(tab)):
            book.batch_update({"requests": requests})

    def __str__(self) -> str:
        return f"{self.title}: {self.name}"


def all_actions() -> Iterator[Action]:
    """Every action on every tab to which it applies."""
    for title in reading.TITLES:
        for name, requests in _ON_EVERY_TAB.items():
            yield Action(name, title, requests)
        if title == reading.OVERVIEW:
            continue
        for name, requests in _ON_TABLES.items():
            yield Action(name, title, requests)
    for title in (reading.REPORT, reading.HISTORY):
        yield Action("delete a row about to be removed", title, _delete_removed_tenant)
    yield Action("change the time zone", reading.REPORT, lambda _: [_set_time_zone("Pacific/Auckland")])


def _width(tab: Tab) -> int:
    return max(tab.width, 1)


def _sort(column: int, order: str) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        span = builders.grid_range(tab.sheet_id, (1, max(len(tab.rows), 2)), (0, _width(tab)))
        at = min(column, _width(tab) - 1)
        return [{"sortRange": {"range": span, "sortSpecs": [{"dimensionIndex": at, "sortOrder": order}]}}]

    return build


def _insert(dimension: Any, share: float, count: int = 1) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        size = len(tab.rows) if dimension == "ROWS" else _width(tab)
        first = 1 if dimension == "ROWS" else 0
        at = min(first + round(share * (size - first)), size)
        return [builders.insert(tab.sheet_id, dimension, at, count, inherit_from_before=at > 0)]

    return build


def _insert_column_with_header(tab: Tab) -> list[Request]:
    at = _width(tab) // 2
    return [
        builders.insert(tab.sheet_id, "COLUMNS", at, 1, inherit_from_before=True),
        builders.update_cells(tab.sheet_id, 0, at, [["Thoughts"]]),
    ]


def _delete_row(share: float) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        at = min(1 + round(share * (len(tab.rows) - 2)), len(tab.rows) - 1)
        return [builders.delete(tab.sheet_id, "ROWS", at, at + 1)] if at >= 1 and len(tab.rows) > 2 else []

    return build


def _delete_removed_tenant(tab: Tab) -> list[Request]:
    """Delete the rows of the one removed tenant beside which nobody has written."""
    rows = [index for index, cells in enumerate(tab.rows) if any(cell.text == "m-3b" for cell in cells)]
    return [builders.delete(tab.sheet_id, "ROWS", at, at + 1) for at in reversed(rows)]


def _delete_column(header: str) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        matches = [index for index, cell in enumerate(tab.rows[0]) if cell.text == header]
        return [builders.delete(tab.sheet_id, "COLUMNS", at, at + 1) for at in matches[:1]]

    return build


def _move_column(start: float, end: float) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        source, target = round(start * (_width(tab) - 1)), round(end * (_width(tab) - 1))
        if source == target:
            return []
        span = {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "startIndex": source, "endIndex": source + 1}
        return [{"moveDimension": {"source": span, "destinationIndex": target}}]

    return build


def _move_row(tab: Tab) -> list[Request]:
    if len(tab.rows) < 4:
        return []
    span = {"sheetId": tab.sheet_id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    return [{"moveDimension": {"source": span, "destinationIndex": len(tab.rows) - 1}}]


def _rename(share: float) -> Callable[[Tab], list[Request]]:
    def build(tab: Tab) -> list[Request]:
        at = round(share * (len(tab.rows[0]) - 1))
        return [builders.update_cells(tab.sheet_id, 0, at, [["Renamed by hand"]])]

    return build


def _type_over(tab: Tab) -> list[Request]:
    """Type values that the report may be about to write over the text in a user's column.

    Rows in which nobody has written are left out: a run may remove them together with what is typed after it read them.
    """
    at = next((at for at, cell in enumerate(tab.rows[0]) if cell.text in ("Budget", "Remarks")), None)
    if at is None:
        return []
    cells = [tab.cell(row, at) for row in range(1, len(tab.rows))]
    typed: list[list[Value]] = [
        [None if cell.is_blank else _REPORT_VALUES[row % len(_REPORT_VALUES)]] for row, cell in enumerate(cells)
    ]
    return [builders.update_cells(tab.sheet_id, 1, at, typed)]


_REPORT_VALUES: tuple[Value, ...] = (12, 3, "Current", 21, 0, "Stale", 33, 1, 41, "ok", 6, 4, 112, 53, "Not reported")


def _filter(tab: Tab) -> list[Request]:
    span = builders.grid_range(tab.sheet_id, (0, len(tab.rows)), (0, _width(tab)))
    criteria = {"0": {"hiddenValues": ["c-1", "c-3"]}}
    return [{"setBasicFilter": {"filter": {"range": span, "criteria": criteria}}}]


def _delete_tab(tab: Tab) -> list[Request]:
    return [{"deleteSheet": {"sheetId": tab.sheet_id}}]


def _rename_tab(tab: Tab) -> list[Request]:
    return [{"updateSheetProperties": {"properties": {"sheetId": tab.sheet_id, "title": "Mine"}, "fields": "title"}}]


def _copy_tab(tab: Tab) -> list[Request]:
    return [{"duplicateSheet": {"sourceSheetId": tab.sheet_id}}]


def _set_time_zone(name: str) -> Request:
    return {"updateSpreadsheetProperties": {"properties": {"timeZone": name}, "fields": "timeZone"}}


_ON_EVERY_TAB: dict[str, Callable[[Tab], list[Request]]] = {
    "insert a row on top": _insert("ROWS", 0),
    "insert three rows in the middle": _insert("ROWS", 0.5, 3),
    "insert a column on the left": _insert("COLUMNS", 0),
    "insert a column in the middle": _insert("COLUMNS", 0.5),
    "delete the tab": _delete_tab,
    "rename the tab": _rename_tab,
    "copy the tab": _copy_tab,
}
_ON_TABLES: dict[str, Callable[[Tab], list[Request]]] = {
    "sort by the first column": _sort(0, "DESCENDING"),
    "sort by a middle column": _sort(6, "ASCENDING"),
    "sort by a column far right": _sort(12, "DESCENDING"),
    "filter": _filter,
    "type": _type_over,
    "insert a row at the end": _insert("ROWS", 1),
    "insert two columns on the right": _insert("COLUMNS", 0.8, 2),
    "insert a column with a header": _insert_column_with_header,
    "delete the first row": _delete_row(0),
    "delete a row in the middle": _delete_row(0.5),
    "delete the last row": _delete_row(1),
    "delete a user's column": _delete_column("Our notes"),
    "delete another user's column": _delete_column("Remarks"),
    "delete the column Tenant": _delete_column("Tenant"),
    "delete the column Status": _delete_column("Status"),
    "delete a column of numbers": _delete_column("Assigned seats"),
    "move a column to the right": _move_column(0.2, 1),
    "move the last column to the left": _move_column(1, 0.1),
    "move a row to the end": _move_row,
    "rename the first header": _rename(0),
    "rename a header in the middle": _rename(0.5),
    "rename the last header": _rename(1),
}
