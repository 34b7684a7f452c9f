"""The two local services in their own processes, so that they don't share an interpreter with what is measured."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.benchmarks.population import CUSTOMERS_HEADER
from tests.emulators.avepoint import tokens
from tests.emulators.avepoint.data import Customer
from tests.emulators.avepoint.documents import customers_to_json

ROOT = Path(__file__).resolve().parents[2]
# A service may still be busy with a request that its client has given up.
_CONTROL_SECONDS = 600
_AUTHORISED = {"Authorization": "Bearer benchmark"}


class AvePointService:
    """A running AvePoint service."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the function needs to query it."""
        return {
            "AVEPOINT_API_URL": self.url,
            "AVEPOINT_TOKEN_URL": f"{self.url}/connect/token",
            "AVEPOINT_CLIENT_ID": tokens.CLIENT_ID,
            "AVEPOINT_CLIENT_SECRET": tokens.CLIENT_SECRET,
        }

    def serve(self, customers: Sequence[Customer]) -> None:
        """Replace the customers by these."""
        self._control("PUT", "customers", data=customers_to_json(customers))

    def behave(self, **options: object) -> None:
        """Set options of the service, as its README says, and forget past requests."""
        self._control("PATCH", "options", json=options)
        self._control("DELETE", "requests")

    def refused(self) -> int:
        """The number of requests refused by the rate limit."""
        return int(self._control("GET", "state")["counters"]["limited"])

    def _control(self, method: str, path: str, **content: Any) -> Any:
        response = requests.request(method, f"{self.url}/emulator/{path}", timeout=_CONTROL_SECONDS, **content)
        response.raise_for_status()
        return response.json() if response.content else None


class SheetsService:
    """A running Sheets service."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def host(self) -> str:
        """Host and port, as in `SHEETS_EMULATOR_HOST`."""
        return self.url.removeprefix("http://")

    def new_spreadsheet(self, customers: Sequence[Customer]) -> str:
        """Replace all spreadsheets by one whose Customers tab lists these; its ID."""
        self._request("DELETE", "/emulator/spreadsheets")
        grid = {"rowCount": len(customers) + 10, "columnCount": 5}
        tab = {"properties": {"title": "Customers", "gridProperties": grid}}
        spreadsheet_id = str(self._request("POST", "/v4/spreadsheets", json={"sheets": [tab]})["spreadsheetId"])
        rows = [CUSTOMERS_HEADER, *([customer.id, customer.organization] for customer in customers)]
        self.put(spreadsheet_id, "Customers!A1", rows)
        return spreadsheet_id

    def put(self, spreadsheet_id: str, span: str, rows: Sequence[Sequence[str]]) -> None:
        """Write texts as a person would type them."""
        path = f"/v4/spreadsheets/{spreadsheet_id}/values/{span}?valueInputOption=RAW"
        self._request("PUT", path, json={"values": rows})

    def put_beside(self, spreadsheet_id: str, title: str, row: int, text: str) -> None:
        """Write a text into a new column at the right of a tab's row, counted from 1."""
        path = f"/v4/spreadsheets/{spreadsheet_id}"
        tabs = [sheet["properties"] for sheet in self._request("GET", path)["sheets"]]
        (sheet_id,) = [tab["sheetId"] for tab in tabs if tab["title"] == title]
        extra_column = {"sheetId": sheet_id, "dimension": "COLUMNS", "length": 1}
        self._request("POST", f"{path}:batchUpdate", json={"requests": [{"appendDimension": extra_column}]})
        width = max(len(row) for row in self.values(spreadsheet_id, f"{title}!1:1"))
        self.put(spreadsheet_id, f"{title}!{chr(ord('A') + width)}{row}", [[text]])

    def values(self, spreadsheet_id: str, span: str) -> list[list[str]]:
        """The formatted values of a range."""
        body = self._request("GET", f"/v4/spreadsheets/{spreadsheet_id}/values/{span}")
        rows: list[list[str]] = body.get("values", [])
        return rows

    def forget_requests(self) -> None:
        """Reset the count of requests."""
        self._request("DELETE", "/emulator/requests")

    def requests(self) -> int:
        """The number of requests since the last reset."""
        return len(self._request("GET", "/emulator/requests"))

    def _request(self, method: str, path: str, **content: Any) -> Any:
        response = requests.request(method, self.url + path, headers=_AUTHORISED, timeout=_CONTROL_SECONDS, **content)
        response.raise_for_status()
        return response.json()


@contextmanager
def avepoint() -> Iterator[AvePointService]:
    """An AvePoint service while the context lasts."""
    with _serving("tests.emulators.avepoint") as url:
        yield AvePointService(url)


@contextmanager
def sheets() -> Iterator[SheetsService]:
    """A Sheets service while the context lasts."""
    with _serving("tests.emulators.sheets") as url:
        yield SheetsService(url)


@contextmanager
def _serving(module: str) -> Iterator[str]:
    command = [sys.executable, "-m", module, "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            output = process.stdout.readline() if process.stdout else ""
            if not output:
                raise RuntimeError(f"{module} did not start")
            yield output.split()[-1]
        finally:
            process.terminate()
            process.communicate()
