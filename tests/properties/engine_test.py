"""The reconciling engine on tabs that people edited at random, applied through the local Sheets service."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from seat_report.clock import SystemClock
from seat_report.domain.customers import Customer
from seat_report.domain.identity import canonical_id
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.report_data import ReportData
from seat_report.domain.tenants import TenantKey, TenantSeats, TenantType
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.batching import batches
from seat_report.workbook.sheets_api.client import Spreadsheet, connect
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.columns import MARK_KEY
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.new_tabs import NewTabs
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tabs import seat_report
from seat_report.workbook.tabs.seat_row import key_of
from tests.emulators.sheets import service

TITLE = "Seat Report"
TYPES = (TenantType.MICROSOFT_365, TenantType.GOOGLE)
NAMES = ["Alder", "=1+1", "株式会社", "", "x" * 40]


@pytest.fixture(scope="module")
def sheets() -> Iterator[service.Handle]:
    """One local service for all examples, each of which has its own spreadsheet."""
    with service.running() as handle:
        yield handle


@dataclass
class Workbook:
    """One spreadsheet, written by the engine and edited by people."""

    spreadsheet: Spreadsheet

    def tab(self) -> Tab | None:
        """The tab as it is now."""
        return self.spreadsheet.read([TITLE]).tab(TITLE)

    def plan(self, data: ReportData) -> Patch:
        """The patch for the tab as it is now."""
        tab, is_new = NewTabs(self.spreadsheet.read([TITLE])).existing_or_new(TITLE)
        table = ObservedTable(seat_report.COLUMNS, tab)
        return Patch(table, seat_report.desired_report(table, data).desired, new_at=0 if is_new else None)

    def apply(self, data: ReportData) -> None:
        """Write the patch."""
        for batch in batches(self.plan(data).steps()):
            self.spreadsheet.write(batch)


@pytest.fixture
def new_workbook(sheets: service.Handle) -> Iterator[Callable[[], Workbook]]:
    """Creates a new spreadsheet for each call."""
    clock = SystemClock()
    client = connect(sheets.host)

    def create() -> Workbook:
        response = client.session.post(f"{sheets.url}/v4/spreadsheets", json={"properties": {"title": "T"}}, timeout=10)
        spreadsheet_id = response.json()["spreadsheetId"]
        return Workbook(
            Spreadsheet(client, spreadsheet_id, clock=clock, deadline=clock.monotonic() + 600, column_key=MARK_KEY)
        )

    yield create
    client.session.close()


# What AvePoint may return.

counts = st.integers(min_value=0, max_value=9)


@st.composite
def report_data(draw: st.DrawFn, month: int) -> ReportData:
    """The data of a run in this month: some customers, with tenants or a failure for each type."""
    customers = [
        Customer(f"c{number}", draw(st.sampled_from(NAMES)), number + 2, is_included=draw(st.integers(0, 9)) > 0)
        for number in draw(st.sets(st.integers(0, 3), min_size=1))
    ]
    results = {}
    for customer in customers:
        for tenant_type in TYPES:
            query = Query(customer.customer_id, tenant_type)
            if not customer.is_included:
                continue
            if draw(st.integers(0, 4)) == 0:
                failure = Problem(ProblemKind.UNAVAILABLE, "It did not answer.", customer.customer_id)
                result = SeatResult(query, failure=failure)
            else:
                tenants = tuple(
                    TenantSeats(f"t{number}", draw(st.sampled_from(NAMES)), draw(counts), draw(counts))
                    for number in sorted(draw(st.sets(st.integers(0, 2))))
                )
                result = SeatResult(query, tenants)
            results[canonical_id(customer.customer_id), tenant_type] = result
    started = datetime(2026, month, draw(st.integers(1, 28)), 6, tzinfo=UTC)
    return ReportData(started, ZoneInfo("Europe/Berlin"), tuple(customers), results, TYPES)


# Edits by people: each is drawn as two numbers, and applied to whatever the tab contains by then.


@dataclass(frozen=True)
class Target:
    """A cell within the content of a tab, below the header, chosen by two numbers."""

    tab: Tab
    first: int
    second: int

    @property
    def sheet_id(self) -> int:
        return self.tab.sheet_id

    @property
    def height(self) -> int:
        return max(len(self.tab.rows), 2)

    @property
    def width(self) -> int:
        return max(self.tab.width, 1)

    @property
    def row(self) -> int:
        return 1 + self.first % (self.height - 1)

    @property
    def column(self) -> int:
        return self.second % self.width


Requests = list[requests.Request]


def sort_rows(target: Target) -> Requests:
    span = requests.grid_range(target.sheet_id, (1, target.height), (0, target.width))
    order = {"dimensionIndex": target.column, "sortOrder": "DESCENDING" if target.first % 2 else "ASCENDING"}
    return [{"sortRange": {"range": span, "sortSpecs": [order]}}]


def insert_row(target: Target) -> Requests:
    return [
        requests.insert(target.sheet_id, "ROWS", target.row, 1, inherit_from_before=False),
        requests.update_cells(target.sheet_id, target.row, target.column, [[f"person {target.first}"]]),
    ]


def insert_column(target: Target) -> Requests:
    return [
        requests.insert(target.sheet_id, "COLUMNS", target.column, 1, inherit_from_before=False),
        requests.update_cells(target.sheet_id, 0, target.column, [[f"Notes {target.first}"]]),
        requests.update_cells(target.sheet_id, target.row, target.column, [[f"note {target.second}"]]),
    ]


def copy_row(target: Target) -> Requests:
    source = requests.grid_range(target.sheet_id, (target.row, target.row + 1), (0, target.width))
    destination = requests.grid_range(target.sheet_id, (target.row + 1, target.row + 2), (0, target.width))
    copy = {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"}}
    return [requests.insert(target.sheet_id, "ROWS", target.row + 1, 1, inherit_from_before=True), copy]


def clear_cell(target: Target) -> Requests:
    return [requests.update_cells(target.sheet_id, target.row, target.column, [[None]])]


def type_something(target: Target) -> Requests:
    values: list[Value] = [True, False, 1.5, -3, "typed", "#N/A", "2026-01", 10**9]
    return [requests.update_cells(target.sheet_id, target.row, target.column, [[values[target.first % 8]]])]


def type_formula(target: Target) -> Requests:
    text = requests.RowFormula("=LEN(A{row})" if target.second % 2 else "=1+1")
    column = min(target.column + target.first % 2, target.tab.column_count - 1)
    return [requests.update_cells(target.sheet_id, target.row, column, [[text]])]


def write_note(target: Target) -> Requests:
    return [requests.note(target.sheet_id, target.row, target.column, f"person's note {target.first}")]


def rename_header(target: Target) -> Requests:
    return [requests.update_cells(target.sheet_id, 0, target.column, [[f"Renamed {target.first}"]])]


def move_column(target: Target) -> Requests:
    span = {
        "sheetId": target.sheet_id,
        "dimension": "COLUMNS",
        "startIndex": target.column,
        "endIndex": target.column + 1,
    }
    return [{"moveDimension": {"source": span, "destinationIndex": target.first % (target.width + 1)}}]


def delete_column(target: Target) -> Requests:
    return [requests.delete(target.sheet_id, "COLUMNS", target.column, target.column + 1)] if target.width > 1 else []


EDITS: list[Callable[[Target], Requests]] = [
    sort_rows,
    insert_row,
    insert_column,
    copy_row,
    clear_cell,
    type_something,
    type_formula,
    write_note,
    rename_header,
    move_column,
    delete_column,
]
Edit = tuple[Callable[[Target], Requests], int, int]
edits_by_people = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 50), st.integers(0, 50)), max_size=7)


RowContent = tuple[TenantKey | None, tuple[tuple[str, Any], ...]]


def content_of_people(tab: Tab, ours: frozenset[int], table: ObservedTable) -> Counter[RowContent]:
    """Constants of people's outside our columns and notes anywhere, per row with its key."""
    rows: Counter[RowContent] = Counter()
    for row in table.rows():
        cells = [
            (tab.cell(0, column).text, typed_value(cell))
            for column, cell in enumerate(tab.rows[row.index])
            if column not in ours and not cell.is_blank and cell.formula is None and cell.value is not False
        ]
        cells += [("note", cell.note) for cell in tab.rows[row.index] if cell.note]
        if cells:
            rows[key_of(row), tuple(sorted(cells, key=repr))] += 1
    return rows


def typed_value(cell: Cell) -> Any:
    """A constant with its type, as 1 equals TRUE."""
    return type(cell.value).__name__, cell.value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=report_data(month=1), second=report_data(month=2), edits=edits_by_people)
def test_one_patch_reconciles_any_tab_and_keeps_the_content_of_people(
    new_workbook: Callable[[], Workbook], first: ReportData, second: ReportData, edits: list[Edit]
) -> None:
    """Planning again after the patch yields nothing; people's cells keep their values, beside their key."""
    workbook = new_workbook()
    workbook.apply(first)
    assert list(workbook.plan(first).steps()) == []
    for edit, number, other_number in edits:
        tab = workbook.tab()
        assert tab is not None
        note(f"{edit.__name__} {number} {other_number}")
        if edit_requests := edit(Target(tab, number, other_number)):
            workbook.spreadsheet.write(edit_requests)
    before = workbook.tab()
    assert before is not None
    table_before = ObservedTable(seat_report.COLUMNS, before)
    content_before = content_of_people(before, table_before.our_indexes, table_before)
    foreign_before = {i for i in range(before.width) if i not in table_before.our_indexes}

    workbook.apply(second)
    assert list(workbook.plan(second).steps()) == []

    after = workbook.tab()
    assert after is not None
    table_after = ObservedTable(seat_report.COLUMNS, after)
    content_after = content_of_people(after, table_after.our_indexes, table_after)
    assert content_before - content_after == Counter()
    assert content_after - content_before == Counter()
    headers = [before.cell(0, column).text for column in sorted(foreign_before)]
    foreign_after = [i for i in range(after.width) if i not in table_after.our_indexes]
    assert [after.cell(0, column).text for column in foreign_after][: len(headers)] == headers
