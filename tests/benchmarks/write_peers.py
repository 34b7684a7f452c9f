"""The same report's main table written by other clients of Google Sheets, as their manuals say. Run by `fresh`."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

import google.oauth2.credentials
import gspread
import httplib2  # type: ignore[import-untyped] # it has no types
import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore] # comes with the benchmark
import pygsheets  # type: ignore[import-not-found,import-untyped,unused-ignore] # likewise
from gspread_dataframe import (  # type: ignore[import-not-found,import-untyped,unused-ignore] # likewise
    set_with_dataframe,
)

from seat_report.domain.tenants import TenantType
from seat_report.workbook.sheets_api.dates import serial_of
from seat_report.workbook.tabs.seat_report import COLUMNS
from tests.benchmarks.days import moment_of, population_of
from tests.benchmarks.fresh import answer_order
from tests.benchmarks.gauge import gauged
from tests.benchmarks.population import tenants

TITLE = "Seat Report"
_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
_NEW_GRID = {"rows": 1000, "cols": 26}

Cells = list[Any]


class _GspreadHere(gspread.HTTPClient):
    """gspread's client, speaking to the local service."""

    url = ""

    def request(self, method: Any, endpoint: str, *args: Any, **options: Any) -> Any:
        return super().request(method, _moved(endpoint, self.url), *args, **options)


class _HttpHere(httplib2.Http):  # type: ignore[misc] # httplib2 is untyped
    """The transport of Google's own client, which pygsheets uses, speaking to the local service."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, uri: str, *args: Any, **options: Any) -> Any:
        """Send what is meant for Google here."""
        return super().request(_moved(uri, self._url), *args, **options)


def clear_and_update(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread: clear the tab, write all of it anew."""
    tab = _gspread_tab(url, spreadsheet_id)
    if tab.row_count <= len(rows):
        tab.resize(rows=len(rows) + 1)
    tab.clear()
    tab.update([header, *rows], "A1")


def row_by_row(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread: a request for each row, in place."""
    tab = _gspread_tab(url, spreadsheet_id)
    if tab.row_count <= len(rows):
        tab.resize(rows=len(rows) + 1)
    for place, row in enumerate([header, *rows], start=1):
        tab.update([row], f"A{place}")


def gspread_dataframe(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread-dataframe: a frame over what stands there."""
    set_with_dataframe(_gspread_tab(url, spreadsheet_id), pd.DataFrame(rows, columns=header))


def pygsheets_frame(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """pygsheets: a frame over what stands there."""
    client = pygsheets.authorize(custom_credentials=_credentials(), http=_HttpHere(url))
    book = client.open_by_key(spreadsheet_id)
    titles = [tab.title for tab in book.worksheets()]
    tab = book.worksheet_by_title(TITLE) if TITLE in titles else book.add_worksheet(TITLE, **_NEW_GRID)
    tab.set_dataframe(pd.DataFrame(rows, columns=header), (1, 1), extend=True, nan="")


WRITERS: Mapping[str, Callable[[str, str, Cells, Sequence[Cells]], None]] = {
    "gspread clear and update": clear_and_update,
    "gspread row by row": row_by_row,
    "gspread-dataframe": gspread_dataframe,
    "pygsheets": pygsheets_frame,
}


def _gspread_tab(url: str, spreadsheet_id: str) -> gspread.Worksheet:
    _GspreadHere.url = url
    book = gspread.Client(_credentials(), http_client=_GspreadHere).open_by_key(spreadsheet_id)
    try:
        return book.worksheet(TITLE)
    except gspread.WorksheetNotFound:
        return book.add_worksheet(TITLE, **_NEW_GRID)


def _credentials() -> google.oauth2.credentials.Credentials:
    return google.oauth2.credentials.Credentials("benchmark")  # type: ignore[no-untyped-call] # untyped


def _moved(address: str, url: str) -> str:
    for host in _HOSTS:
        address = address.replace(host, url, 1)
    return address


def _rows(customers: int, day: int) -> Iterator[Cells]:
    checked = serial_of(moment_of(day), UTC)
    for customer, one in tenants(population_of(customers, day)):
        label = list(TenantType)[one.type].label
        total = one.assigned + one.available
        numbers = [one.assigned, one.available, total, one.assigned / total, "", one.assigned]
        yield [customer.id, customer.organization, label, one.id, one.name, *numbers, "Current", "", checked]


def write(order: dict[str, Any]) -> Mapping[str, Any]:
    """Write the day's table; what it took."""
    header = [column.header for column in COLUMNS]
    rows = list(_rows(order["customers"], order["day"]))
    with warnings.catch_warnings(), gauged() as figures:
        warnings.simplefilter("ignore")
        WRITERS[order["writer"]](f"http://{order['host']}", order["spreadsheet_id"], header, rows)
    return asdict(figures)


if __name__ == "__main__":
    answer_order(write)
