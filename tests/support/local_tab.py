"""A tab of the local Sheets service, used without HTTP: applies requests and returns the resulting cells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seat_report.workbook.sheets_api import requests as builders
from seat_report.workbook.sheets_api.batching import batches
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import Cell, Snapshot, Tab, Value
from seat_report.workbook.sheets_api.snapshot_parsing import CONTENT_MASK, parse
from seat_report.workbook.tables.columns import MARK_KEY
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.text_block import BlockPatch
from tests.emulators.sheets.batch import run
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.encoding import encode
from tests.emulators.sheets.masks import for_answer
from tests.emulators.sheets.resource import default_properties, spreadsheet_resource
from tests.emulators.sheets.store import Store
from tests.support.clocks import ManualClock

SHEET_ID = 7
_ID = "one"


class LocalTab:
    """A tab of eight columns with a frozen first row and these values; a `RowFormula` is written as a formula."""

    def __init__(self, rows: Sequence[Sequence[Value]], *, row_count: int | None = None) -> None:
        self._store = Store(ManualClock())
        self._store.add(Spreadsheet(_ID, default_properties("T", {})), "owner@example.com")
        height = len(rows) + 2 if row_count is None else row_count
        self.apply([builders.add_sheet(Tab(SHEET_ID, "Seats", height, 8, 1))])
        if rows:
            self.apply([builders.update_cells(SHEET_ID, 0, 0, rows)])

    def apply(self, requests: Iterable[Request]) -> None:
        """Apply the requests, all or none."""
        self._store.change(_ID, "owner@example.com", lambda batch: run(batch, list(requests)))

    def write(self, patch: Patch | BlockPatch) -> None:
        """Apply the patch."""
        for batch in batches(patch.steps()):
            self.apply(batch)

    @property
    def tab(self) -> Tab:
        """The tab as read by the function."""
        return self.snapshot.tabs["Seats"]

    @property
    def snapshot(self) -> Snapshot:
        """The spreadsheet as read by the function."""
        resource = spreadsheet_resource(self._store.view(_ID), "", for_answer(CONTENT_MASK, "Spreadsheet"))
        return parse(encode(resource, compact=True), MARK_KEY)

    @property
    def rows(self) -> list[list[Value]]:
        """The content of its cells, formulas as formulas, without trailing blanks in rows and in the tab."""
        rows = [[_content(cell) for cell in row] for row in self.tab.rows]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def number_format(self, row: int, column: int) -> dict[str, str]:
        """The number format of the cell."""
        number_format: dict[str, str] = self._format(row, column).get("numberFormat", {})
        return number_format

    def is_bold(self, row: int) -> bool:
        """Whether the first cell of the row is bold."""
        return bool(self._format(row, 0).get("textFormat", {}).get("bold"))

    def _format(self, row: int, column: int) -> Mapping[str, Any]:
        return self._store.file(_ID).spreadsheet.tab(SHEET_ID).grid.get(row, column).format or {}


def _content(cell: Cell) -> Value:
    return cell.value if cell.formula is None else cell.formula
