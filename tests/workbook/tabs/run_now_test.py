"""The box "Run now" in the Overview, without a run: where it is put, and what counts as a tick."""

from typing import Any

import pytest

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.snapshot import Block, Cell, Snapshot, Tab
from seat_report.workbook.tabs.run_now import box_on, box_requests, clear_requests, is_ticked
from tests.support.local_workbook import LocalWorkbook

TITLE = "Overview"
NAME = "SeatReportRunNow"


@pytest.fixture
def workbook() -> LocalWorkbook:
    """A workbook after one run."""
    made = LocalWorkbook()
    made.run("2026-01-05", {"c-1": 3})
    return made


def box(workbook: LocalWorkbook) -> Block:
    """Where the box is."""
    found = box_on(workbook.snapshot, workbook.tab(TITLE))
    assert found is not None
    return found


def drop(workbook: LocalWorkbook) -> None:
    """Take the box away, its range and its cell."""
    found = box(workbook)
    workbook.apply(
        [
            {"deleteNamedRange": {"namedRangeId": workbook.snapshot.named_ids[NAME]}},
            requests.update_cells(found.sheet_id, found.top, found.left, [[None]]),
        ]
    )


def narrow(workbook: LocalWorkbook, columns: int) -> None:
    """Delete all columns of the Overview from this one on."""
    tab = workbook.tab(TITLE)
    workbook.apply([requests.delete(tab.sheet_id, "COLUMNS", columns, tab.column_count)])


def test_a_tab_that_is_too_narrow_gets_a_column(workbook: LocalWorkbook) -> None:
    """Right of the block."""
    narrow(workbook, 8)
    assert box_on(workbook.snapshot, workbook.tab(TITLE)) is None
    workbook.run("2026-01-06", {"c-1": 3})
    assert box(workbook)[1:] == (0, 1, 8, 9)
    assert workbook.tab(TITLE).column_count == 9


def test_a_block_that_people_moved_takes_the_box_along(workbook: LocalWorkbook) -> None:
    """Rows and columns inserted before it move both; a new box is put beside the block."""
    sheet_id = workbook.tab(TITLE).sheet_id
    workbook.apply(
        [
            requests.insert(sheet_id, "ROWS", 0, 4, inherit_from_before=False),
            requests.insert(sheet_id, "COLUMNS", 0, 1, inherit_from_before=False),
        ]
    )
    assert box(workbook)[1:] == (4, 5, 9, 10)
    drop(workbook)
    workbook.run("2026-01-06", {"c-1": 3})
    assert box(workbook)[1:] == (4, 5, 9, 10)


def test_no_request_while_it_is_there(workbook: LocalWorkbook) -> None:
    """Ticked or not."""
    tab = workbook.tab(TITLE)
    block = Block(tab.sheet_id, 0, 40, 0, 8)
    assert list(box_requests(workbook.snapshot, tab, block)) == []
    found = box(workbook)
    workbook.apply([requests.update_cells(tab.sheet_id, found.top, found.left, [[True]])])
    assert list(box_requests(workbook.snapshot, workbook.tab(TITLE), block)) == []
    assert is_ticked(workbook.snapshot, workbook.tab(TITLE))
    workbook.apply(clear_requests(workbook.snapshot, TITLE))
    assert not is_ticked(workbook.snapshot, workbook.tab(TITLE))


def test_a_box_inside_the_block_is_put_outside(workbook: LocalWorkbook) -> None:
    """There the next run would write over it."""
    tab = workbook.tab(TITLE)
    drop(workbook)
    span = requests.grid_range(tab.sheet_id, (2, 3), (3, 4))
    workbook.apply([{"addNamedRange": {"namedRange": {"name": NAME, "range": span}}}])
    workbook.run("2026-01-06", {"c-1": 3})
    assert box(workbook)[1:] == (0, 1, 8, 9)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Cell(True), True),
        (Cell(False), False),
        (Cell(1), False),
        (Cell("TRUE"), False),
        (Cell(True, formula="=TRUE()"), False),
        (Cell(True, is_spilled=True), False),
        (Cell(None), False),
    ],
)
def test_what_is_a_tick(cell: Cell, expected: bool) -> None:
    """Only TRUE that somebody entered."""
    tab = Tab(7, TITLE, 3, 3, rows=[[cell]])
    for span, is_box in ((Block(7, 0, 1, 0, 1), True), (Block(7, 0, 2, 0, 2), True), (Block(8, 0, 1, 0, 1), False)):
        snapshot = Snapshot("", "", "UTC", {TITLE: tab}, {NAME: span}, {NAME: "n"})
        assert is_ticked(snapshot, tab) is (expected and is_box)


@pytest.mark.parametrize("taken", [["mine"], [True], [0], ["mine", 7, "x"]])
def test_nothing_of_peoples_is_written_over(workbook: LocalWorkbook, taken: list[Any]) -> None:
    """The box goes below what people typed beside the block."""
    drop(workbook)
    sheet_id = workbook.tab(TITLE).sheet_id
    workbook.apply([requests.update_cells(sheet_id, 0, 8, [[value] for value in taken])])
    workbook.run("2026-01-06", {"c-1": 3})
    assert box(workbook)[1:] == (len(taken), len(taken) + 1, 8, 9)
    assert [workbook.tab(TITLE).cell(row, 8).value for row in range(len(taken))] == taken
