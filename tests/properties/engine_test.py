"""The reconciling engine against whatever people make of a tab, applied through the local Sheets service."""

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
from seat_report.workbook.sheets_api import requests as building
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
    """One local service for all examples; each has a spreadsheet of its own."""
    with service.running() as handle:
        yield handle


@dataclass
class Office:
    """One spreadsheet: what the engine does to it, and what people do."""

    spreadsheet: Spreadsheet

    def tab(self) -> Tab | None:
        """The tab as it stands."""
        return self.spreadsheet.read([TITLE]).tab(TITLE)

    def plan(self, findings: ReportData) -> Patch:
        """The patch from what stands there."""
        tab, is_new = NewTabs(self.spreadsheet.read([TITLE])).present_or_new(TITLE)
        table = ObservedTable(seat_report.COLUMNS, tab)
        return Patch(table, seat_report.desired_report(table, findings).desired, new_at=0 if is_new else None)

    def apply(self, findings: ReportData) -> None:
        """Write the patch."""
        for batch in batches(self.plan(findings).steps()):
            self.spreadsheet.write(batch)


@pytest.fixture
def office_maker(sheets: service.Handle) -> Iterator[Any]:
    """Makes a new spreadsheet whenever it is called."""
    clock = SystemClock()
    client = connect(sheets.host)

    def made() -> Office:
        answer = client.session.post(f"{sheets.url}/v4/spreadsheets", json={"properties": {"title": "T"}}, timeout=10)
        spreadsheet_id = answer.json()["spreadsheetId"]
        return Office(
            Spreadsheet(client, spreadsheet_id, clock=clock, deadline=clock.monotonic() + 600, column_key=MARK_KEY)
        )

    yield made
    client.session.close()


# What AvePoint may say.

counts = st.integers(min_value=0, max_value=9)


@st.composite
def findings(draw: st.DrawFn, month: int) -> ReportData:
    """What a run of that month found: some customers, each type answered with tenants or failed."""
    customers = [
        Customer(f"c{number}", draw(st.sampled_from(NAMES)), number + 2, is_included=draw(st.integers(0, 9)) > 0)
        for number in draw(st.sets(st.integers(0, 3), min_size=1))
    ]
    answers = {}
    for customer in customers:
        for tenant_type in TYPES:
            query = Query(customer.customer_id, tenant_type)
            if not customer.is_included:
                continue
            if draw(st.integers(0, 4)) == 0:
                failure = Problem(ProblemKind.UNAVAILABLE, "It did not answer.", customer.customer_id)
                answer = SeatResult(query, failure=failure)
            else:
                tenants = tuple(
                    TenantSeats(f"t{number}", draw(st.sampled_from(NAMES)), draw(counts), draw(counts))
                    for number in sorted(draw(st.sets(st.integers(0, 2))))
                )
                answer = SeatResult(query, tenants)
            answers[canonical_id(customer.customer_id), tenant_type] = answer
    started = datetime(2026, month, draw(st.integers(1, 28)), 6, tzinfo=UTC)
    return ReportData(started, ZoneInfo("Europe/Berlin"), tuple(customers), answers, TYPES)


# What people may do to the tab; each deed is told as two numbers and carried out on whatever is there by then.


@dataclass(frozen=True)
class Place:
    """A cell somewhere in what the tab holds, below the header."""

    tab: Tab
    one: int
    two: int

    @property
    def sheet(self) -> int:
        return self.tab.sheet_id

    @property
    def height(self) -> int:
        return max(len(self.tab.rows), 2)

    @property
    def width(self) -> int:
        return max(self.tab.width, 1)

    @property
    def row(self) -> int:
        return 1 + self.one % (self.height - 1)

    @property
    def column(self) -> int:
        return self.two % self.width


Built = list[building.Request]


def sort_rows(at: Place) -> Built:
    span = building.grid_range(at.sheet, (1, at.height), (0, at.width))
    order = {"dimensionIndex": at.column, "sortOrder": "DESCENDING" if at.one % 2 else "ASCENDING"}
    return [{"sortRange": {"range": span, "sortSpecs": [order]}}]


def insert_row(at: Place) -> Built:
    return [
        building.insert(at.sheet, "ROWS", at.row, 1, inherit_from_before=False),
        building.update_cells(at.sheet, at.row, at.column, [[f"person {at.one}"]]),
    ]


def insert_column(at: Place) -> Built:
    return [
        building.insert(at.sheet, "COLUMNS", at.column, 1, inherit_from_before=False),
        building.update_cells(at.sheet, 0, at.column, [[f"Notes {at.one}"]]),
        building.update_cells(at.sheet, at.row, at.column, [[f"note {at.two}"]]),
    ]


def copy_row(at: Place) -> Built:
    source = building.grid_range(at.sheet, (at.row, at.row + 1), (0, at.width))
    target = building.grid_range(at.sheet, (at.row + 1, at.row + 2), (0, at.width))
    copy = {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}}
    return [building.insert(at.sheet, "ROWS", at.row + 1, 1, inherit_from_before=True), copy]


def clear_cell(at: Place) -> Built:
    return [building.update_cells(at.sheet, at.row, at.column, [[None]])]


def type_something(at: Place) -> Built:
    strange: list[Value] = [True, False, 1.5, -3, "typed", "#N/A", "2026-01", 10**9]
    return [building.update_cells(at.sheet, at.row, at.column, [[strange[at.one % 8]]])]


def type_formula(at: Place) -> Built:
    text = building.RowFormula("=LEN(A{row})" if at.two % 2 else "=1+1")
    column = min(at.column + at.one % 2, at.tab.column_count - 1)
    return [building.update_cells(at.sheet, at.row, column, [[text]])]


def write_note(at: Place) -> Built:
    return [building.note(at.sheet, at.row, at.column, f"person's note {at.one}")]


def rename_header(at: Place) -> Built:
    return [building.update_cells(at.sheet, 0, at.column, [[f"Renamed {at.one}"]])]


def move_column(at: Place) -> Built:
    span = {"sheetId": at.sheet, "dimension": "COLUMNS", "startIndex": at.column, "endIndex": at.column + 1}
    return [{"moveDimension": {"source": span, "destinationIndex": at.one % (at.width + 1)}}]


def delete_column(at: Place) -> Built:
    return [building.delete(at.sheet, "COLUMNS", at.column, at.column + 1)] if at.width > 1 else []


DEEDS: list[Callable[[Place], Built]] = [
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
Deed = tuple[Callable[[Place], Built], int, int]
deeds_of_people = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 50), st.integers(0, 50)), max_size=7)


Kept = tuple[TenantKey | None, tuple[tuple[str, Any], ...]]


def peoples(tab: Tab, ours: frozenset[int], keyed: ObservedTable) -> Counter[Kept]:
    """What people have in each row beside our columns, and notes anywhere, with the row's key."""
    kept: Counter[Kept] = Counter()
    for row in keyed.rows():
        cells = [
            (tab.cell(0, column).text, content(cell))
            for column, cell in enumerate(tab.rows[row.index])
            if column not in ours and not cell.is_blank and cell.formula is None and cell.value is not False
        ]
        cells += [("note", cell.note) for cell in tab.rows[row.index] if cell.note]
        if cells:
            kept[key_of(row), tuple(sorted(cells, key=repr))] += 1
    return kept


def content(cell: Cell) -> Any:
    """A constant with its type, so that 1 and TRUE differ."""
    return type(cell.value).__name__, cell.value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=findings(month=1), second=findings(month=2), deeds=deeds_of_people)
def test_whatever_people_do_one_patch_sets_it_right_and_loses_nothing(
    office_maker: Any, first: ReportData, second: ReportData, deeds: list[Deed]
) -> None:
    """After the patch planning again gives nothing to do; people's cells keep their values, beside their key."""
    office = office_maker()
    office.apply(first)
    assert list(office.plan(first).steps()) == []
    for deed, one, two in deeds:
        there = office.tab()
        assert there is not None
        note(f"{deed.__name__} {one} {two}")
        if built := deed(Place(there, one, two)):
            office.spreadsheet.write(built)
    before = office.tab()
    assert before is not None
    table = ObservedTable(seat_report.COLUMNS, before)
    held = peoples(before, table.our_indexes, table)
    foreign = {i for i in range(before.width) if i not in table.our_indexes}

    office.apply(second)
    assert list(office.plan(second).steps()) == []

    after = office.tab()
    assert after is not None
    table_after = ObservedTable(seat_report.COLUMNS, after)
    left = peoples(after, table_after.our_indexes, table_after)
    assert held - left == Counter()
    assert left - held == Counter()
    headers = [before.cell(0, column).text for column in sorted(foreign)]
    foreign_after = [i for i in range(after.width) if i not in table_after.our_indexes]
    assert [after.cell(0, column).text for column in foreign_after][: len(headers)] == headers
