"""Whatever people do between runs, every row keeps its months and notes, and ranges over a table include its rows."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from seat_report.domain.tenants import TenantType
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.snapshot import Cell, Tab
from seat_report.workbook.tables.observed import ObservedRow, ObservedTable
from seat_report.workbook.tabs import billing, by_customer, seat_report
from seat_report.workbook.tabs.history import History
from tests.proof.sampling import IS_COMPLETE
from tests.support.local_workbook import LocalWorkbook

# The column of each whose sum a person has on a tab of their own.
SUMMED = {"Seat Report": "assigned", "By Customer": "assigned", "Billing": "this_month", "History": "2026-01"}
TABS = tuple(SUMMED)
MINE = 99
tabs = st.sampled_from(TABS)
numbers = st.integers(0, 50)


@dataclass
class Known:
    """What must still be there: people's notes by tab, row and header, and the numbers of months by row."""

    notes: dict[tuple[str, Any, str], str] = field(default_factory=dict)
    months: dict[tuple[Any, str], Any] = field(default_factory=dict)


def table_of(tab: Tab, month: str) -> ObservedTable:
    """The table in a tab."""
    if tab.title == "History":
        return History(tab, month, 24).table
    if tab.title == "Billing":
        return ObservedTable(billing.COLUMNS, tab)
    columns = by_customer.columns(tab, (TenantType.GOOGLE,)) if tab.title == "By Customer" else seat_report.COLUMNS
    return ObservedTable(columns, tab)


def key_of(row: ObservedRow) -> tuple[str, ...]:
    """What tells a row from others."""
    return tuple(row.text(column.name) for column in row.table.columns if column.is_key)


class People(RuleBasedStateMachine):
    """Runs of several months, and what people do between them."""

    def __init__(self) -> None:
        super().__init__()
        self.book = LocalWorkbook()
        self.known = Known()
        self.month = 1
        self.day = 1
        self.seats = {"c1": 10, "c2": 20, "c3": 30}
        self.customers = 3
        self.typed = 0

    @property
    def _month(self) -> str:
        return f"2026-{self.month:02}"

    def _table(self, title: str) -> ObservedTable:
        return table_of(self.book.tab(title), self._month)

    @initialize()
    def first_run(self) -> None:
        """The first run, and a person's tab with sums over all rows of each table."""
        self._run()
        formulas = []
        for title in TABS:
            table = self._table(title)
            column = table.placement.at[SUMMED[title]]
            letter = chr(ord("A") + column)
            formulas.append(requests.RowFormula(f"=SUM('{title}'!{letter}2:{letter}{len(table.tab.rows)})"))
        self.book.apply([requests.add_sheet(Tab(MINE, "Mine", 5, 4)), requests.update_cells(MINE, 0, 0, [formulas])])

    def _run(self) -> None:
        self.book.run(f"{self._month}-{self.day:02}", self.seats)
        for row in self._table("History").rows():
            for name in row.table.placement.at:
                if name.startswith("20") and (number := row.number(name)) is not None:
                    self.known.months.setdefault((key_of(row), name), number)
                    if name == self._month:
                        self.known.months[key_of(row), name] = number

    @rule()
    def next_day(self) -> None:
        """A run of the same month."""
        self.day = min(self.day + 1, 28)
        self._run()

    @rule()
    def next_month(self) -> None:
        """The first run of the next month."""
        self.month, self.day = min(self.month + 1, 12), 1
        self._run()

    @rule(number=numbers)
    def new_customer(self, number: int) -> None:
        """A customer comes in, first, last or in between."""
        self.customers += 1
        items = list(self.seats.items())
        items.insert(number % (len(items) + 1), (f"c{self.customers}", number))
        self.seats = dict(items)
        self._run()

    @rule(number=numbers)
    def customer_leaves(self, number: int) -> None:
        """A customer is no longer listed."""
        if len(self.seats) > 2:
            del self.seats[list(self.seats)[number % len(self.seats)]]
            self._run()

    @rule(title=tabs, column=numbers, descending=st.booleans())
    def sort_by_filter(self, title: str, column: int, descending: bool) -> None:
        """Sort by the button of the tab's filter."""
        tab = self.book.tab(title)
        assert tab.basic_filter is not None
        block = tab.basic_filter.block
        at = block.left + column % (block.right - block.left)
        order = {"dimensionIndex": at, "sortOrder": "DESCENDING" if descending else "ASCENDING"}
        span = requests.grid_range(tab.sheet_id, (block.top + 1, block.bottom), (block.left, block.right))
        self.book.apply([{"sortRange": {"range": span, "sortSpecs": [order]}}])

    @rule(title=tabs, number=numbers)
    def write_beside(self, title: str, number: int) -> None:
        """Add a column with a header to the right of the table, and write into one row of it."""
        tab = self.book.tab(title)
        width = next((at for at, cell in enumerate(tab.rows[0]) if cell.is_blank), len(tab.rows[0]))
        self.typed += 1
        row = 1 + number % (len(tab.rows) - 1)
        name = f"Notes {self.typed}"
        self.book.apply(
            [
                requests.append(tab.sheet_id, "COLUMNS", 1),
                requests.update_cells(tab.sheet_id, 0, width, [[name]]),
                requests.update_cells(tab.sheet_id, row, width, [[f"typed {self.typed}"]]),
            ]
        )
        self.book.run(f"{self._month}-{self.day:02}", self.seats)
        self._remember(title, name, f"typed {self.typed}")

    @rule(title=tabs, column=numbers)
    def insert_column(self, title: str, column: int) -> None:
        """Insert a column with a header between others, and write into a row of it."""
        tab = self.book.tab(title)
        self.typed += 1
        name = f"Notes {self.typed}"
        at = 1 + column % (len(tab.rows[0]) - 1)
        self.book.apply(
            [
                requests.insert(tab.sheet_id, "COLUMNS", at, 1, inherit_from_before=True),
                requests.update_cells(tab.sheet_id, 0, at, [[name], [f"typed {self.typed}"]]),
            ]
        )
        self._remember(title, name, f"typed {self.typed}")

    def _remember(self, title: str, name: str, text: str) -> None:
        table = self._table(title)
        column = next(at for at, cell in enumerate(table.tab.rows[0]) if cell.value == name)
        (row,) = [row for row in table.rows() if table.tab.cell(row.index, column).value == text]
        self.known.notes[title, key_of(row), name] = text

    @invariant()
    def everything_is_where_it_belongs(self) -> None:
        """Each note is beside its row, each month's number in it, and each sum covers all rows."""
        if self.book.snapshot.tab("Mine") is None:
            return
        tables = {title: self._table(title) for title in TABS}
        note(repr([[cell.value for cell in row] for row in tables["History"].tab.rows]))
        assert notes_in(tables) == self.known.notes
        for row in tables["History"].rows():
            for name in row.table.placement.at:
                if name.startswith("20"):
                    assert row.number(name) == self.known.months.get((key_of(row), name))
        assert len({key_of(row) for row in tables["History"].rows()}) == len(list(tables["History"].rows()))
        sums = self.book.tab("Mine").rows[0]
        for title, cell in zip(TABS, sums, strict=True):
            assert cell.value == sum(row.number(SUMMED[title]) or 0 for row in tables[title].rows())


def notes_in(tables: dict[str, ObservedTable]) -> dict[tuple[str, Any, str], Any]:
    """All that people typed below headers of theirs."""
    found = {}
    for title, table in tables.items():
        for row in table.rows():
            for column, cell in enumerate(table.tab.rows[row.index]):
                header: Cell = table.tab.cell(0, column)
                if header.text.startswith("Notes ") and not cell.is_blank:
                    found[title, key_of(row), header.text] = cell.value
    return found


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=60 if IS_COMPLETE else 3, stateful_step_count=12)
