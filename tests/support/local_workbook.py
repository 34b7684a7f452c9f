"""A workbook in the local Sheets service, used without HTTP: runs write it as they would, and people edit it."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime

from seat_report.domain.customers import Customer
from seat_report.domain.identity import canonical_id
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.report_data import ReportData
from seat_report.domain.tenants import TenantSeats, TenantType
from seat_report.workbook.plan import (
    Titles,
    WorkbookPlan,
    WorkbookPlanner,
    WritePlan,
    filter_requests,
    formatting_requests,
)
from seat_report.workbook.sheets_api.batching import batches
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import Snapshot, Tab
from seat_report.workbook.sheets_api.snapshot_parsing import CONTENT_MASK, parse
from seat_report.workbook.tables.columns import MARK_KEY
from tests.emulators.sheets.batch import run
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.encoding import encode
from tests.emulators.sheets.masks import for_answer
from tests.emulators.sheets.resource import default_properties, spreadsheet_resource
from tests.emulators.sheets.store import Store
from tests.support.clocks import ManualClock

TITLES = Titles("Seat Report", "By Customer", "History", "Overview", "Runs")
_ID = "one"
_MONTHS = 24


class LocalWorkbook:
    """A new spreadsheet; a customer has one tenant, with the seats that a run is given."""

    def __init__(self) -> None:
        self._store = Store(ManualClock())
        self._store.add(Spreadsheet(_ID, default_properties("T", {})), "owner@example.com")
        self._runs = 0
        self._snapshot: Snapshot | None = None

    def apply(self, requests: Iterable[Request]) -> None:
        """Apply the requests, all or none, whoever sends them."""
        self._snapshot = None
        self._store.change(_ID, "owner@example.com", lambda batch: run(batch, list(requests)))

    def write(self, plan: WritePlan) -> None:
        """Apply a plan as a run does, batch by batch."""
        for batch in batches(plan.steps()):
            self.apply(batch)

    @property
    def snapshot(self) -> Snapshot:
        """The spreadsheet as read by the function."""
        if self._snapshot is None:
            resource = spreadsheet_resource(self._store.view(_ID), "", for_answer(CONTENT_MASK, "Spreadsheet"))
            self._snapshot = parse(encode(resource, compact=True), MARK_KEY)
        return self._snapshot

    def tab(self, title: str) -> Tab:
        """A tab that there is."""
        tab = self.snapshot.tab(title)
        assert tab is not None
        return tab

    def run(self, day: str, seats: dict[str, int]) -> None:
        """A run on this day, such as `2026-01-05`, for customers with so many assigned seats."""
        self.run_with(_data(datetime.fromisoformat(day).replace(hour=6, tzinfo=UTC), seats))

    def crash_with(self, data: ReportData, after: int) -> None:
        """A run with this data that ends after so many of its batches."""
        plan = self._plan(self._planner(data))
        for batch in itertools.islice(batches(plan.steps()), after):
            self.apply(batch)

    def _plan(self, planner: WorkbookPlanner) -> WorkbookPlan:
        snapshot = self.snapshot
        return planner.with_run(planner.plan(snapshot), snapshot, {"outcome": "ok"})

    def _planner(self, data: ReportData) -> WorkbookPlanner:
        self._runs += 1
        run_id = f"run-{self._runs}"
        return WorkbookPlanner(TITLES, data, run_id=run_id, history_months=_MONTHS)

    def run_with(self, data: ReportData) -> None:
        """A run with this data, until nothing is left to write; then formatting."""
        planner = self._planner(data)
        while not (plan := self._plan(planner)).is_empty:
            self.write(plan)
        snapshot = self.snapshot
        for requests in (
            formatting_requests(snapshot, TITLES, data, _MONTHS, planner.last_rows),
            filter_requests(snapshot, TITLES, data, _MONTHS, planner.last_rows),
        ):
            if requests:
                self.apply(requests)


def _data(started: datetime, seats: dict[str, int]) -> ReportData:
    customers = tuple(Customer(name, f"Customer {name}", row) for row, name in enumerate(seats, start=2))
    results = {
        (canonical_id(name), TenantType.GOOGLE): SeatResult(
            Query(name, TenantType.GOOGLE), (TenantSeats(f"t-{name}", f"Tenant {name}", assigned, 1),)
        )
        for name, assigned in seats.items()
    }
    return ReportData(started, UTC, customers, results, (TenantType.GOOGLE,))
