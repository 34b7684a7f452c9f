"""The contents of a workbook, split into what the report wrote and what people wrote."""

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
from seat_report.workbook.tabs import (
    billing,
    billing_columns,
    by_customer,
    history,
    not_listed,
    run_now,
    runs,
    seat_report,
    seat_row,
)
from seat_report.workbook.tabs.overview_formatting import OVERVIEW_BLOCK

REPORT, BY_CUSTOMER, BILLING, HISTORY = "Seat Report", "By Customer", "Billing", "History"
OVERVIEW, NOT_LISTED, RUNS = "Overview", "Not Listed", "Runs"
TABLES = (REPORT, BY_CUSTOMER, BILLING, HISTORY, NOT_LISTED, RUNS)
TITLES = (*TABLES, OVERVIEW)


def read(settings: Settings, titles: Sequence[str] = TITLES) -> Snapshot:
    """Read the current tabs."""
    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    try:
        return Spreadsheet(
            client, settings.spreadsheet_id, clock=clock, deadline=clock.monotonic() + 60, column_key=MARK_KEY
        ).read(titles)
    finally:
        client.session.close()


def table(snapshot: Snapshot, title: str) -> ObservedTable | None:
    """A table with its columns located, or None if its tab doesn't exist."""
    tab = snapshot.tab(title)
    if tab is None:
        return None
    if title == REPORT:
        return ObservedTable(seat_report.COLUMNS, tab)
    if title == BY_CUSTOMER:
        return ObservedTable(by_customer.columns(tab, tuple(TenantType)), tab)
    if title == BILLING:
        return ObservedTable(billing.COLUMNS, tab)
    if title == HISTORY:
        return history.History(tab, "2000-01", 120).table
    return ObservedTable(not_listed.COLUMNS if title == NOT_LISTED else runs.COLUMNS, tab)


def key_of(title: str, row: ObservedRow) -> Hashable | None:
    """The identity of a row of ours; None for people's rows. Customer IDs are c-1 and so on."""
    if title == RUNS:
        return row.text("run_id") if row.text("outcome") else None
    if not row.text("customer_id").startswith("c-"):
        return None
    if title == REPORT:
        return seat_row.key_of(row)
    if title == BILLING:
        return billing_columns.pair_in(row)
    return row.text("customer_id") if title in (BY_CUSTOMER, NOT_LISTED) else (seat_row.key_of(row), row.text("seats"))


def content(cell: Cell) -> Any:
    """A cell's constant with its type, or just that it holds a formula."""
    if cell.formula is not None:
        return "a formula"
    return type(cell.value).__name__, cell.value


@dataclass(frozen=True)
class Peoples:
    """People's content: cells and notes beside our rows, rows of their own, and what surrounds the Overview's block."""

    beside: Mapping[Hashable, Any]
    rows: Mapping[Hashable, int]


def peoples(snapshot: Snapshot) -> Peoples:
    """All of people's content, notes included, by the row and column of ours that it belongs to."""
    beside: dict[Hashable, Any] = {}
    rows: Counter[Hashable] = Counter()
    for title in TABLES:
        observed = table(snapshot, title)
        if observed is None:
            continue
        for row in observed.rows():
            key = key_of(title, row)
            if key is None:
                cells = tuple(_cells(observed, row, include_ours=True))
                rows[title, tuple(sorted(cells, key=repr))] += bool(cells)
                continue
            for place, value in _cells(observed, row, include_ours=False):
                beside[title, key, place] = value
        rows.update(_headers(title, observed))
    for value in _around_overview_block(snapshot):
        rows[OVERVIEW, value] += 1
    return Peoples(beside, +rows)


def _headers(title: str, observed: ObservedTable) -> Iterator[Hashable]:
    """The headers of people and their notes; those of people's columns that the report makes are the report's."""
    for column, cell in enumerate(observed.tab.rows[0] if observed.tab.rows else ()):
        if column in observed.placement.at.values():
            continue
        if not cell.is_blank:
            yield title, "header", cell.text
        elif cell.note:
            yield title, "header note", cell.note


def _cells(table_: ObservedTable, row: ObservedRow, *, include_ours: bool) -> Iterator[tuple[Hashable, Any]]:
    """Each note of a row, and each value in people's columns, or in all columns."""
    names = {index: name for name, index in table_.placement.at.items()}
    for column, cell in enumerate(table_.tab.rows[row.index]):
        header = table_.tab.cell(0, column).text
        if cell.note:
            yield ("note", names.get(column, header)), cell.note
        if not cell.is_blank and (column not in table_.our_indexes or include_ours):
            yield names.get(column, header), content(cell)


def _around_overview_block(snapshot: Snapshot) -> Iterator[Hashable]:
    """Each cell of the Overview outside the report's block, apart from the box."""
    tab = snapshot.tab(OVERVIEW)
    if tab is None:
        return
    block, box = OVERVIEW_BLOCK.block_on(snapshot, tab), run_now.box_on(snapshot, tab)
    for row, cells in enumerate(tab.rows):
        for column, cell in enumerate(cells):
            is_inside = (
                block is not None
                and block.sheet_id == tab.sheet_id
                and block.top <= row < block.bottom
                and block.left <= column < block.right
            )
            is_box = box is not None and (row, column) == (box.top, box.left) and isinstance(cell.value, bool)
            if cell.note or not (cell.is_blank or is_inside or is_box):
                yield content(cell), cell.note


def ours(snapshot: Snapshot, title: str) -> list[tuple[Hashable, dict[str, Any]]]:
    """Our rows of a table in order: the identity of each, and its cells by the name of our column."""
    observed = table(snapshot, title)
    if observed is None:
        return []
    result = []
    for row in observed.rows():
        key = key_of(title, row)
        if key is not None:
            cells = {name: row.cell(name) for name in observed.placement.at}
            result.append((key, {name: content(cell) for name, cell in cells.items() if not cell.is_blank}))
    return result


def whole(tab: Tab | None) -> list[list[Any]]:
    """All values, formulas and notes of a tab, without trailing blanks."""
    rows = [[(content(cell), cell.formula, cell.note) for cell in row] for row in (tab.rows if tab else ())]
    blank = (("NoneType", None), None, None)
    for row in rows:
        while row and (row[-1] == blank or row[-1] == (("str", ""), None, None)):
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows
