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
from tests.proof.sampling import many
from tests.support.people import OpenTab, Person

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
    person: Person

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
    people: list[Person] = []

    def create() -> Workbook:
        response = client.session.post(f"{sheets.url}/v4/spreadsheets", json={"properties": {"title": "T"}}, timeout=10)
        spreadsheet_id = response.json()["spreadsheetId"]
        people.append(Person(sheets, spreadsheet_id))
        return Workbook(
            Spreadsheet(client, spreadsheet_id, clock=clock, deadline=clock.monotonic() + 600, column_key=MARK_KEY),
            people[-1],
        )

    yield create
    for person in people:
        person.close()
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


def sort_rows(tab: OpenTab, target: Target) -> None:
    tab.sort_range(((1, target.height), (0, target.width)), target.column, descending=bool(target.first % 2))


def sort_by_filter(tab: OpenTab, target: Target) -> None:
    tab.create_filter(((0, target.height), (0, target.width)))
    tab.sort_by_filter(target.column, descending=bool(target.first % 2))


def insert_row(tab: OpenTab, target: Target) -> None:
    tab.insert_rows(target.row)
    tab.type((target.row, target.column), f"person {target.first}")


def insert_column(tab: OpenTab, target: Target) -> None:
    tab.insert_columns(target.column)
    tab.type((0, target.column), f"Notes {target.first}")
    tab.type((target.row, target.column), f"note {target.second}")


def copy_row(tab: OpenTab, target: Target) -> None:
    tab.copy_row(target.row)


def clear_cell(tab: OpenTab, target: Target) -> None:
    tab.clear(((target.row, target.row + 1), (target.column, target.column + 1)))


def type_something(tab: OpenTab, target: Target) -> None:
    values: list[Value] = [True, False, 1.5, -3, "typed", "#N/A", "2026-01", 10**9]
    tab.type((target.row, target.column), values[target.first % 8])


def type_formula(tab: OpenTab, target: Target) -> None:
    column = min(target.column + target.first % 2, target.tab.column_count - 1)
    tab.type((target.row, column), f"=LEN(A{target.row + 1})" if target.second % 2 else "=1+1")


def write_note(tab: OpenTab, target: Target) -> None:
    tab.note((target.row, target.column), f"person's note {target.first}")


def rename_header(tab: OpenTab, target: Target) -> None:
    tab.rename_header(target.column, f"Renamed {target.first}")


def move_column(tab: OpenTab, target: Target) -> None:
    tab.drag_column(target.column, target.first % (target.width + 1))


def delete_column(tab: OpenTab, target: Target) -> None:
    if target.width > 1:
        tab.delete_columns(target.column)


EDITS: list[Callable[[OpenTab, Target], None]] = [
    sort_rows,
    sort_by_filter,
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
Edit = tuple[Callable[[OpenTab, Target], None], int, int]
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


@settings(max_examples=many(15, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        edit(workbook.person.open_tab(TITLE, tab.sheet_id), Target(tab, number, other_number))
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
