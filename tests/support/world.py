"""The world around the function in a test: AvePoint, a spreadsheet, a person who works in it, the deployed source."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import functions_framework
import gspread
import pytest
import requests
from flask.testing import FlaskClient
from requests.adapters import HTTPAdapter

from seat_report.avepoint.client import AvePoint
from seat_report.clock import SystemClock
from seat_report.domain.scope import RunRequest
from seat_report.reporting.result import RunResult
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import connect
from tests.emulators.avepoint import service as avepoint_service
from tests.emulators.avepoint import tokens
from tests.emulators.avepoint.data import Customer
from tests.emulators.avepoint.options import Options
from tests.emulators.sheets import service as sheets_service
from tests.support.clocks import NOON, ShownClock

SOURCE = Path(__file__).resolve().parents[2] / "function" / "main.py"

Row = dict[str, Any]


class _ToLocal(HTTPAdapter):
    """Sends what is meant for Google to the local service, so that the stock client needs no change."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        address = request.url or ""
        for google in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            address = address.replace(google, self._url, 1)
        request.url = address
        return super().send(request, *args, **kwargs)


class World:
    """One spreadsheet, one AvePoint, one deployed function, on one clock; and a person at the spreadsheet."""

    def __init__(
        self,
        avepoint: avepoint_service.Handle,
        sheets: sheets_service.Handle,
        clock: ShownClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.avepoint = avepoint
        self.sheets = sheets
        self.clock = clock
        # Whoever takes the machine's date in this process gets the world's, so that no month ends during a test.
        monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
        self._monkeypatch = monkeypatch
        session = requests.Session()
        session.headers["Authorization"] = "Bearer person@example.com"
        session.mount("https://", _ToLocal(sheets.url))
        self._session = session
        made = session.post(
            "https://sheets.googleapis.com/v4/spreadsheets",
            json={"properties": {"title": "Seats", "timeZone": "Europe/Berlin"}},
            timeout=10,
        )
        person = gspread.Client(None, session)  # type: ignore[arg-type] # the session authorises by itself
        self.book: gspread.Spreadsheet = person.open_by_key(made.json()["spreadsheetId"])
        self.configure(
            SPREADSHEET_ID=self.book.id,
            SHEETS_EMULATOR_HOST=sheets.host,
            AVEPOINT_API_URL=avepoint.url,
            AVEPOINT_TOKEN_URL=avepoint.token_url,
            AVEPOINT_CLIENT_ID=tokens.CLIENT_ID,
            AVEPOINT_CLIENT_SECRET=tokens.CLIENT_SECRET,
            AVEPOINT_REQUEST_TIMEOUT_SECONDS="5",
        )
        self.function = self.deploy()

    def close(self) -> None:
        """Give connections back."""
        self._session.close()

    def configure(self, **settings: str | None) -> None:
        """Set settings, or unset those that are None."""
        for name, value in settings.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)

    def deploy(self) -> FlaskClient:
        """The function as it is deployed, in a fresh instance."""
        app = functions_framework.create_app("seat_report", str(SOURCE))  # type: ignore[no-untyped-call] # untyped
        client: FlaskClient = app.test_client()
        return client

    def list_customers(self, customers: Sequence[Customer] | None = None, *, title: str = "Customers") -> None:
        """Let the Customers tab list these, by default all that AvePoint has."""
        rows = [["Customer ID", "Customer"]]
        rows += [[one.id, one.organization] for one in customers or self.avepoint.directory.customers]
        self.put(title, rows)

    def put(self, title: str, rows: Sequence[Sequence[Any]]) -> gspread.Worksheet:
        """Let a tab hold just these rows."""
        titles = [tab.title for tab in self.book.worksheets()]
        tab = self.book.worksheet(title) if title in titles else self.book.add_worksheet(title, 1000, 26)
        tab.clear()
        tab.update(list(rows), "A1", value_input_option=gspread.utils.ValueInputOption.raw)
        return tab

    def run(self, expect: int = 200, **parameters: Any) -> dict[str, Any]:
        """Call the function's URL; the JSON that it answers."""
        answer = self.function.post("/", json=parameters)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        body: dict[str, Any] = answer.get_json(force=True)
        return body

    def run_at(self, moment: str, **order: Any) -> RunResult:
        """One run of the same code on a clock that shows this moment, such as `2026-01-31 06:00`, in UTC."""
        settings = load()
        clock = ShownClock(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        avepoint = AvePoint(settings, clock=clock)
        try:
            client = connect(settings.sheets_emulator_host)
            return Run(settings, RunRequest(**order), client=client, avepoint=avepoint, clock=clock).go()
        finally:
            client.session.close()
            avepoint.close()

    def tab(self, title: str = "Seat Report") -> gspread.Worksheet:
        """A tab, as a person opens it."""
        return self.book.worksheet(title)

    def grid(self, title: str = "Seat Report") -> list[list[Any]]:
        """What a tab holds, numbers as numbers."""
        return self.tab(title).get_values(value_render_option=gspread.utils.ValueRenderOption.unformatted)

    def rows(self, title: str = "Seat Report") -> list[Row]:
        """A tab's rows below the header, by header text; blank cells are empty texts."""
        header, *rows = self.grid(title)
        return [dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=True)) for row in rows]

    def row(self, tenant_id: str) -> Row:
        """The Seat Report's one row of this tenant."""
        (row,) = [row for row in self.rows() if row["Tenant ID"] == tenant_id]
        return row

    def service_seats(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """What AvePoint would answer, by customer, type's label and tenant: assigned and available."""
        return {
            (customer.id, tenant.type.name.replace("_", " ").title(), tenant.id): (tenant.assigned, tenant.available)
            for customer in self.avepoint.directory.customers
            for tenant in customer.tenants
        }

    def report_seats(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """What the Seat Report says of all current tenants, in the same form."""
        return {
            (row["Customer ID"], row["Tenant type"], row["Tenant ID"]): (row["Assigned seats"], row["Available seats"])
            for row in self.rows()
            if row["Status"] == "Current"
        }


@contextmanager
def world(monkeypatch: pytest.MonkeyPatch, options: Options | None = None) -> Iterator[World]:
    """A world with AvePoint's sample customers, none of them listed yet."""
    clock = ShownClock(NOON)
    with (
        avepoint_service.running(options=options, clock=clock) as avepoint,
        sheets_service.running(clock=clock) as sheets,
    ):
        made = World(avepoint, sheets, clock, monkeypatch)
        try:
            yield made
        finally:
            made.close()
