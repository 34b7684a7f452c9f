"""A spreadsheet of the service, spoken to over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import requests

from tests.emulators.sheets.service import Handle

Json = dict[str, Any]


class Book:
    """Requests about one spreadsheet; each gives the answer's JSON, whatever its status."""

    def __init__(self, service: Handle, session: requests.Session, spreadsheet_id: str) -> None:
        self.service = service
        self.session = session
        self.id = spreadsheet_id
        self.url = f"{service.url}/v4/spreadsheets/{spreadsheet_id}"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Json:
        """Ask anything of the spreadsheet."""
        answer: Json = self.session.request(method, self.url + path, params=query, json=body, timeout=30).json()
        return answer

    def get(self, **query: Any) -> Json:
        """Give the resource."""
        return self.call("GET", "", **query)

    def read(self, area: str, **query: Any) -> Json:
        """Give values."""
        return self.call("GET", f"/values/{quote(area, safe='')}", **query)

    def values(self, area: str, **query: Any) -> Any:
        """Give values without their wrapping."""
        return self.read(area, **query).get("values", [])

    def write(self, area: str, values: Any, option: str = "RAW", **body: Any) -> Json:
        """Write values."""
        path = f"/values/{quote(area, safe='')}"
        return self.call("PUT", path, {"values": values, **body}, valueInputOption=option)

    def append(self, area: str, values: Any, **query: Any) -> Json:
        """Append values."""
        path = f"/values/{quote(area, safe='')}:append"
        return self.call("POST", path, {"values": values}, **{"valueInputOption": "RAW", **query})

    def batch(self, *requests_: Json, **body: Any) -> Json:
        """Send a batchUpdate."""
        return self.call("POST", ":batchUpdate", {"requests": list(requests_), **body})

    def reply(self, request: Json) -> Json:
        """Send one request of a batchUpdate that must succeed; give its reply."""
        answer = self.batch(request)
        assert "replies" in answer, answer
        found: Json = answer["replies"][0].get(next(iter(request)), {})
        return found

    def refusal(self, *requests_: Json) -> str:
        """Send a batchUpdate that must be refused; give the message."""
        answer = self.batch(*requests_)
        assert "error" in answer, answer
        message: str = answer["error"]["message"]
        return message

    def tab(self, index: int = 0, fields: str = "", **query: Any) -> Json:
        """Give one tab of the resource."""
        found: Json = self.get(**({"fields": fields} if fields else {}), **query)["sheets"][index]
        return found

    def formulas(self, area: str) -> Any:
        """Give values as entered."""
        return self.values(area, valueRenderOption="FORMULA")


@contextmanager
def create(service: Handle, body: Json | None = None) -> Iterator[Book]:
    """Create a spreadsheet."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer caller@example.com"
        made = session.post(f"{service.url}/v4/spreadsheets", json=body or {}, timeout=30).json()
        yield Book(service, session, made["spreadsheetId"])


def area(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> Json:
    """Give a GridRange."""
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def rows(start: int, end: int, sheet: int = 0) -> Json:
    """Give a DimensionRange of rows."""
    return {"sheetId": sheet, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def columns(start: int, end: int, sheet: int = 0) -> Json:
    """Give a DimensionRange of columns."""
    return {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}
