"""The function and everything it needs, started on free ports and stopped together."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from seat_report.domain import FoundCustomer
from seat_report.workbook import Snapshot, new_customers_tab
from tests.emulators.avepoint import service as avepoint_service
from tests.emulators.avepoint import tokens
from tests.emulators.sheets import service as sheets_service
from tests.support.serving import served

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stage:
    """The running services; `function` and `page` are URLs, `settings` are the function's."""

    avepoint: avepoint_service.Handle
    sheets: sheets_service.Handle
    settings: Mapping[str, str]
    function: str

    @property
    def spreadsheet_id(self) -> str:
        """The ID of the demo's spreadsheet."""
        return self.settings["SPREADSHEET_ID"]

    @property
    def page(self) -> str:
        """The URL of the spreadsheet's page."""
        return f"{self.sheets.url}/spreadsheets/d/{self.spreadsheet_id}/edit"


class SheetsApi:
    """The few calls that prepare a spreadsheet as a person would by hand."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v4/spreadsheets"
        self._session = requests.Session()
        self._session.headers["Authorization"] = "Bearer demo"

    def create(self, title: str, time_zone: str, tab: str) -> str:
        """Create a spreadsheet with one tab; its ID."""
        properties = {"title": title, "timeZone": time_zone}
        body = {"properties": properties, "sheets": [{"properties": {"title": tab}}]}
        response = self._session.post(self._url, json=body, timeout=10)
        response.raise_for_status()
        return str(response.json()["spreadsheetId"])

    def batch(self, spreadsheet_id: str, requests_: list[dict[str, Any]]) -> None:
        """Send these requests as one batch."""
        address = f"{self._url}/{spreadsheet_id}:batchUpdate"
        self._session.post(address, json={"requests": requests_}, timeout=10).raise_for_status()

    def write(self, spreadsheet_id: str, span: str, rows: list[list[Any]]) -> None:
        """Write these rows into a range; None leaves a cell as it is."""
        address = f"{self._url}/{spreadsheet_id}/values/{span}"
        self._session.put(
            address, params={"valueInputOption": "RAW"}, json={"values": rows}, timeout=10
        ).raise_for_status()

    def read(self, spreadsheet_id: str, span: str) -> list[list[Any]]:
        """The values of a range, numbers as numbers."""
        address = f"{self._url}/{spreadsheet_id}/values/{span}"
        response = self._session.get(address, params={"valueRenderOption": "UNFORMATTED_VALUE"}, timeout=10)
        response.raise_for_status()
        values: list[list[Any]] = response.json()["values"]
        return values

    def sheet_ids(self, spreadsheet_id: str) -> dict[str, int]:
        """The ID of each tab by its title."""
        response = self._session.get(f"{self._url}/{spreadsheet_id}", timeout=10)
        response.raise_for_status()
        tabs = [sheet["properties"] for sheet in response.json()["sheets"]]
        return {tab["title"]: tab["sheetId"] for tab in tabs}

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """Start all services and a spreadsheet whose Customers tab lists the AvePoint service's customers."""
    with avepoint_service.running() as avepoint, sheets_service.running() as sheets:
        api = SheetsApi(sheets.url)
        spreadsheet_id = api.create("Seats of our customers", "Europe/Berlin", "Sheet1")
        listed = [FoundCustomer(customer.id, customer.organization) for customer in avepoint.directory.customers]
        # As the function makes it; Google's first tab, the only one so far, goes.
        made = new_customers_tab.new_tab("Customers", Snapshot("", "", "UTC", {}), listed)
        api.batch(spreadsheet_id, [*made, {"deleteSheet": {"sheetId": 0}}])
        api.close()
        settings = {
            "SPREADSHEET_ID": spreadsheet_id,
            "SHEETS_EMULATOR_HOST": sheets.host,
            "AVEPOINT_API_URL": avepoint.url,
            "AVEPOINT_TOKEN_URL": avepoint.token_url,
            "AVEPOINT_CLIENT_ID": tokens.CLIENT_ID,
            "AVEPOINT_CLIENT_SECRET": tokens.CLIENT_SECRET,
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AVEPOINT_")}
        with (
            # A pipe that nobody reads would fill up and block the function.
            tempfile.TemporaryFile() as log,
            served(ROOT, {**environment, **settings}, log=log, source="function/main.py") as (function, _),
        ):
            yield Stage(avepoint, sheets, settings, function)
