"""A small table of ours in a local tab, with a column of people's in between, and patches for it."""

from collections.abc import Iterable

from seat_report.workbook.sheets_api.batching import Step
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import DesiredRows
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import LocalTab

ID = Column("id", "ID", Kind.TEXT, "Which it is", is_key=True)
SEATS = Column("seats", "Seats", Kind.COUNT, "How many")
CHECKED = Column("checked", "Checked", Kind.MOMENT, "When", counts=False)
SHARE = Column("share", "Share", Kind.SHARE, "How much of it")
COLUMNS = (ID, SEATS, CHECKED)
HEADER: list[Value] = ["ID", "Seats", "Notes", "Checked"]


def row(name: str, seats: Value = 1, notes: Value = None) -> list[Value]:
    """The values of a row, in the order of the header."""
    return [name, seats, notes, 10]


def marked_tab(*rows: list[Value], columns: Iterable[Column] = COLUMNS, row_count: int | None = None) -> LocalTab:
    """A tab with the header and these rows, its columns marked as after an earlier run."""
    local = LocalTab([[*HEADER], *rows], row_count=row_count)
    local.write(patch_for(local, DesiredRows(), columns))
    return local


def patch_for(local: LocalTab, desired: DesiredRows, columns: Iterable[Column] = COLUMNS) -> Patch:
    """The patch for the tab as it is now."""
    return Patch(ObservedTable(tuple(columns), local.tab), desired)


def rows_after(local: LocalTab, desired: DesiredRows, columns: Iterable[Column] = COLUMNS) -> list[list[Value]]:
    """The rows below the header once the patch is written."""
    local.write(patch_for(local, desired, columns))
    return local.rows[1:]


def request_kinds(requests: Iterable[Request]) -> list[str]:
    """The kind of each request."""
    return [next(iter(request)) for request in requests]


def step_kinds(steps: Iterable[Step]) -> list[list[str]]:
    """The kinds of requests, step by step."""
    return [request_kinds(step.requests) for step in steps]
