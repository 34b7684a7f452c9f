"""What a workbook holds, told apart into what the report wrote and what people have there."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seat_report.clock import SystemClock
from seat_report.domain.tenants import TenantType
from seat_report.settings import Settings
from seat_report.workbook.sheets_api.client import Spreadsheet, connect
from seat_report.workbook.sheets_api.snapshot import Cell, Snapshot, Tab
from seat_report.workbook.tables.columns import MARK_KEY
from seat_report.workbook.tables.observed import ObservedRow, ObservedTable
from seat_report.workbook.tabs import by_customer, history, runs, seat_report, seat_row
from seat_report.workbook.tabs.formatting import OVERVIEW_BLOCK

REPORT, BY_CUSTOMER, HISTORY, OVERVIEW, RUNS = "Seat Report", "By Customer", "History", "Overview", "Runs"
TABLES = (REPORT, BY_CUSTOMER, HISTORY, RUNS)
TITLES = (*TABLES, OVERVIEW)
_REQUEST_ID = re.compile(r" \(AvePoint's request id: [^)]*\)")


def read(settings: Settings, titles: Sequence[str] = TITLES) -> Snapshot:
    """The tabs as they stand."""
    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    try:
        return Spreadsheet(
            client, settings.spreadsheet_id, clock=clock, deadline=clock.monotonic() + 60, column_key=MARK_KEY
        ).read(titles)
    finally:
        client.session.close()


def table(snapshot: Snapshot, title: str) -> ObservedTable | None:
    """One of the tables with its columns, if its tab is there."""
    tab = snapshot.tab(title)
    if tab is None:
        return None
    if title == REPORT:
        return ObservedTable(seat_report.COLUMNS, tab)
    if title == BY_CUSTOMER:
        return ObservedTable(by_customer.columns(tab, tuple(TenantType)), tab)
    if title == HISTORY:
        return history.History(tab, "2000-01", 120).table
    return ObservedTable(runs.COLUMNS, tab)


def key_of(title: str, row: ObservedRow) -> Hashable | None:
    """What tells a row of ours from others; None for people's rows. Customers are called c-1 and so on."""
    if title == RUNS:
        return row.text("run_id") if row.text("outcome") else None
    if not row.text("customer_id").startswith("c-"):
        return None
    if title == REPORT:
        return seat_row.key_of(row)
    return row.text("customer_id") if title == BY_CUSTOMER else (seat_row.key_of(row), row.text("seats"))


def content(cell: Cell) -> Any:
    """What a person would recognise: a constant with its type, or that there is a formula.

    The ID of a request, which AvePoint makes up anew each time, is left out.
    """
    if cell.formula is not None:
        return "a formula"
    value = _REQUEST_ID.sub("", cell.value) if isinstance(cell.value, str) else cell.value
    return type(value).__name__, value


@dataclass(frozen=True)
class Peoples:
    """What people have in a workbook: beside our rows, in rows of their own, around the Overview's block, as notes."""

    beside: Mapping[Hashable, Any]
    rows: Mapping[Hashable, int]


def peoples(snapshot: Snapshot) -> Peoples:
    """Everything of people's, by what it stands beside; notes too."""
    beside: dict[Hashable, Any] = {}
    rows: Counter[Hashable] = Counter()
    for title in TABLES:
        there = table(snapshot, title)
        if there is None:
            continue
        for row in there.rows():
            key = key_of(title, row)
            if key is None:
                cells = tuple((place, told) for place, told in _told(there, row, ours_too=True))
                rows[title, tuple(sorted(cells, key=repr))] += bool(cells)
                continue
            for place, told in _told(there, row, ours_too=False):
                beside[title, key, place] = told
        for column, cell in enumerate(there.tab.rows[0] if there.tab.rows else ()):
            if column not in there.our_indexes and not cell.is_blank:
                rows[title, "header", cell.text] += 1
            elif cell.note and column not in there.our_indexes:
                rows[title, "header note", cell.note] += 1
    for told in _around(snapshot):
        rows[OVERVIEW, told] += 1
    return Peoples(beside, +rows)


def _told(there: ObservedTable, row: ObservedRow, *, ours_too: bool) -> Iterator[tuple[Hashable, Any]]:
    names = {index: name for name, index in there.placement.at.items()}
    for column, cell in enumerate(there.tab.rows[row.index]):
        header = there.tab.cell(0, column).text
        if cell.note:
            yield ("note", names.get(column, header)), cell.note
        if not cell.is_blank and (column not in there.our_indexes or ours_too):
            yield names.get(column, header), content(cell)


def _around(snapshot: Snapshot) -> Iterator[Hashable]:
    """Each cell of the Overview that is not in the report's block."""
    tab = snapshot.tab(OVERVIEW)
    if tab is None:
        return
    inside = snapshot.named.get(OVERVIEW_BLOCK.name)
    for row, cells in enumerate(tab.rows):
        for column, cell in enumerate(cells):
            is_inside = (
                inside is not None
                and inside.sheet_id == tab.sheet_id
                and inside.top <= row < inside.bottom
                and inside.left <= column < inside.right
            )
            if cell.note or not (cell.is_blank or is_inside):
                yield content(cell), cell.note


def ours(snapshot: Snapshot, title: str) -> list[tuple[Hashable, dict[str, Any]]]:
    """Our rows of a table in their order: what tells each apart, and our cells by the column's name."""
    there = table(snapshot, title)
    if there is None:
        return []
    found = []
    for row in there.rows():
        key = key_of(title, row)
        if key is not None:
            cells = {name: row.cell(name) for name in there.placement.at}
            found.append((key, {name: content(cell) for name, cell in cells.items() if not cell.is_blank}))
    return found


def whole(tab: Tab | None) -> list[list[Any]]:
    """All that a tab holds, with formulas and notes, without the blanks at the ends."""
    rows = [[(content(cell), cell.formula, cell.note) for cell in row] for row in (tab.rows if tab else ())]
    blank = (("NoneType", None), None, None)
    for row in rows:
        while row and (row[-1] == blank or row[-1] == (("str", ""), None, None)):
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows
