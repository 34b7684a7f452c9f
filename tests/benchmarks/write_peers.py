"""Measures other Google Sheets clients that write the report's main table as documented. Run by `subprocesses`."""

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
from tests.benchmarks.gauge import measured
from tests.benchmarks.population import tenants
from tests.benchmarks.subprocesses import serve_job

TITLE = "Seat Report"
_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
_NEW_GRID = {"rows": 1000, "cols": 26}

Cells = list[Any]


class _LocalGspreadClient(gspread.HTTPClient):
    """gspread's client, redirected to the local service."""

    url = ""

    def request(self, method: Any, endpoint: str, *args: Any, **options: Any) -> Any:
        return super().request(method, _redirected(endpoint, self.url), *args, **options)


class _LocalHttp(httplib2.Http):  # type: ignore[misc] # httplib2 is untyped
    """The transport of Google's own client, which pygsheets uses, redirected to the local service."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, uri: str, *args: Any, **options: Any) -> Any:
        """Send requests for Google to the local service."""
        return super().request(_redirected(uri, self._url), *args, **options)


def clear_and_update(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread: clear the tab and write everything again."""
    tab = _gspread_tab(url, spreadsheet_id)
    if tab.row_count <= len(rows):
        tab.resize(rows=len(rows) + 1)
    tab.clear()
    tab.update([header, *rows], "A1")


def row_by_row(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread: one request per row, in place."""
    tab = _gspread_tab(url, spreadsheet_id)
    if tab.row_count <= len(rows):
        tab.resize(rows=len(rows) + 1)
    for number, row in enumerate([header, *rows], start=1):
        tab.update([row], f"A{number}")


def gspread_dataframe(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """gspread-dataframe: overwrite with a data frame."""
    set_with_dataframe(_gspread_tab(url, spreadsheet_id), pd.DataFrame(rows, columns=header))


def pygsheets_frame(url: str, spreadsheet_id: str, header: Cells, rows: Sequence[Cells]) -> None:
    """pygsheets: overwrite with a data frame."""
    client = pygsheets.authorize(custom_credentials=_credentials(), http=_LocalHttp(url))
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
    _LocalGspreadClient.url = url
    book = gspread.Client(_credentials(), http_client=_LocalGspreadClient).open_by_key(spreadsheet_id)
    try:
        return book.worksheet(TITLE)
    except gspread.WorksheetNotFound:
        return book.add_worksheet(TITLE, **_NEW_GRID)


def _credentials() -> google.oauth2.credentials.Credentials:
    return google.oauth2.credentials.Credentials("benchmark")  # type: ignore[no-untyped-call] # untyped


def _redirected(address: str, url: str) -> str:
    for host in _HOSTS:
        address = address.replace(host, url, 1)
    return address


def _rows(customers: int, day: int) -> Iterator[Cells]:
    checked = serial_of(moment_of(day), UTC)
    for customer, tenant in tenants(population_of(customers, day)):
        label = list(TenantType)[tenant.type].label
        total = tenant.assigned + tenant.available
        numbers = [tenant.assigned, tenant.available, total, tenant.assigned / total, "", tenant.assigned]
        yield [customer.id, customer.organization, label, tenant.id, tenant.name, *numbers, "Current", "", checked]


def write(job: dict[str, Any]) -> Mapping[str, Any]:
    """Write the day's table; its measurements."""
    header = [column.header for column in COLUMNS]
    rows = list(_rows(job["customers"], job["day"]))
    with warnings.catch_warnings(), measured() as figures:
        warnings.simplefilter("ignore")
        WRITERS[job["writer"]](f"http://{job['host']}", job["spreadsheet_id"], header, rows)
    return asdict(figures)


if __name__ == "__main__":
    serve_job(write)
