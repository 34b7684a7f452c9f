"""The environment of the function in a test: AvePoint, a spreadsheet, a person editing it, the deployed source."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import functions_framework
import gspread
import pytest
import requests
import tenacity
from flask.testing import FlaskClient
from requests.adapters import HTTPAdapter

from seat_report.avepoint import retry_policy
from seat_report.avepoint.client import AvePoint
from seat_report.clock import SystemClock
from seat_report.domain.scope import RunRequest
from seat_report.reporting.result import RunResult
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api import client as sheets_client
from seat_report.workbook.sheets_api.client import connect
from tests.emulators.avepoint import service as avepoint_service
from tests.emulators.avepoint import tokens
from tests.emulators.avepoint.data import Customer
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.sample_customers import sample_customers
from tests.emulators.sheets import service as sheets_service
from tests.support.clocks import NOON, ShownClock
from tests.support.people import Person

# All peculiarities of the three dozen sample customers: tenants of each type, several of one, none, awkward names.
# A run queries each customer and type, so that all of them would take most of the time of most tests.
_ORGANIZATIONS = {
    "Atelier Béranger SARL",
    "Beaumont Shipping Ltd",
    "Gebrüder Müller Maschinenbau AG",
    "Whitfield Legal Aid Centre",
    "+Plus Fitness Clubs",
}
CUSTOMER_COUNT = len(_ORGANIZATIONS)

SOURCE = Path(__file__).resolve().parents[2] / "function" / "main.py"

Row = dict[str, Any]


class _LocalAdapter(HTTPAdapter):
    """Redirects requests for Google to the local service, so that the standard client works unchanged."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = request.url or ""
        for google_url in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            url = url.replace(google_url, self._url, 1)
        request.url = url
        return super().send(request, *args, **kwargs)


class World:
    """One spreadsheet, one AvePoint, one deployed function, on one clock, and a person who edits the spreadsheet."""

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
        session.mount("https://", _LocalAdapter(sheets.url))
        self._session = session
        created = session.post(
            "https://sheets.googleapis.com/v4/spreadsheets",
            json={"properties": {"title": "Seats", "timeZone": "Europe/Berlin"}},
            timeout=10,
        )
        person = gspread.Client(None, session)  # type: ignore[arg-type] # the session sends its own authorization
        self.book: gspread.Spreadsheet = person.open_by_key(created.json()["spreadsheetId"])
        self.person = Person(sheets, self.book.id)
        # The function has the machine's clock, and no test waits for time to pass.
        monkeypatch.setattr(sheets_client, "_USUAL_WAIT", tenacity.wait_none())
        monkeypatch.setattr(sheets_client, "_QUOTA_WAIT", tenacity.wait_none())
        monkeypatch.setattr(retry_policy, "_FIRST_BACKOFF_SECONDS", 0.001)
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
        """Close the connections."""
        self.person.close()
        self._session.close()

    def configure(self, **settings: str | None) -> None:
        """Set settings, or unset those that are None."""
        for name, value in settings.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)

    def deploy(self) -> FlaskClient:
        """A client of the function as it is deployed, in a new instance."""
        app = functions_framework.create_app("seat_report", str(SOURCE))  # type: ignore[no-untyped-call] # untyped
        client: FlaskClient = app.test_client()
        return client

    def list_customers(self, customers: Sequence[Customer] | None = None, *, title: str = "Customers") -> None:
        """List these customers in the Customers tab, by default all that AvePoint has."""
        rows = [["Customer ID", "Customer"]]
        rows += [[customer.id, customer.organization] for customer in customers or self.avepoint.directory.customers]
        self.put(title, rows)

    def put(self, title: str, rows: Sequence[Sequence[Any]]) -> gspread.Worksheet:
        """Replace the content of a tab, which is created if missing, by these rows."""
        titles = [tab.title for tab in self.book.worksheets()]
        tab = self.book.worksheet(title) if title in titles else self.book.add_worksheet(title, 1000, 26)
        tab.clear()
        tab.update(list(rows), "A1", value_input_option=gspread.utils.ValueInputOption.raw)
        return tab

    def run(self, expect: int = 200, **parameters: Any) -> dict[str, Any]:
        """Call the function's URL and return the JSON of its response, whose status must be `expect`."""
        response = self.function.post("/", json=parameters)
        assert response.status_code == expect, response.get_data(as_text=True)
        body: dict[str, Any] = response.get_json(force=True)
        return body

    def run_at(self, moment: str, **request: Any) -> RunResult:
        """Run the same code on a clock that shows this moment, such as `2026-01-31 06:00`, in UTC."""
        settings = load()
        clock = ShownClock(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        avepoint = AvePoint(settings, clock=clock)
        try:
            client = connect(settings.sheets_emulator_host)
            return Run(settings, RunRequest(**request), client=client, avepoint=avepoint, clock=clock).go()
        finally:
            client.session.close()
            avepoint.close()

    def tab(self, title: str = "Seat Report") -> gspread.Worksheet:
        """A tab, as the person opens it."""
        return self.book.worksheet(title)

    def grid(self, title: str = "Seat Report") -> list[list[Any]]:
        """The values of a tab, numbers as numbers."""
        return self.tab(title).get_values(value_render_option=gspread.utils.ValueRenderOption.unformatted)

    def grids(self) -> dict[str, list[list[Any]]]:
        """The values of all tabs, by title."""
        return {tab.title: self.grid(tab.title) for tab in self.book.worksheets()}

    def rows(self, title: str = "Seat Report") -> list[Row]:
        """A tab's rows below the header, keyed by header; blank cells are empty texts."""
        header, *rows = self.grid(title)
        return [dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=True)) for row in rows]

    def row(self, tenant_id: str) -> Row:
        """The only row of this tenant in the Seat Report."""
        (row,) = [row for row in self.rows() if row["Tenant ID"] == tenant_id]
        return row

    def queried(self) -> set[tuple[str | None, int | None]]:
        """The customers and the numbers of the tenant types that AvePoint was asked for seats of."""
        return {(request.customer_id, request.tenant_type) for request in self.avepoint.log.requests("seats")}

    def service_seats(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """The assigned and available seats at AvePoint, by customer, tenant type's label and tenant."""
        return {
            (customer.id, tenant.type.name.replace("_", " ").title(), tenant.id): (tenant.assigned, tenant.available)
            for customer in self.avepoint.directory.customers
            for tenant in customer.tenants
        }

    def report_seats(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """The assigned and available seats of all current tenants in the Seat Report, by the same key."""
        return {
            (row["Customer ID"], row["Tenant type"], row["Tenant ID"]): (row["Assigned seats"], row["Available seats"])
            for row in self.rows()
            if row["Status"] == "Current"
        }


@contextmanager
def world(monkeypatch: pytest.MonkeyPatch, options: Options | None = None) -> Iterator[World]:
    """A world with some of AvePoint's sample customers, none of them listed in the spreadsheet yet."""
    clock = ShownClock(NOON)
    customers = [customer for customer in sample_customers() if customer.organization in _ORGANIZATIONS]
    with (
        avepoint_service.running(customers, options=options, clock=clock) as avepoint,
        sheets_service.running(clock=clock) as sheets,
    ):
        created = World(avepoint, sheets, clock, monkeypatch)
        try:
            yield created
        finally:
            created.close()
