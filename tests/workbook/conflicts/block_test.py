"""What was written beside the Overview's block by mistake is undone; what people have around it stays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from seat_report.workbook.conflicts.block import (
    BlockExpectation,
    leftover_cells,
    misplaced_cells,
    pushed_out_cells,
    with_cells,
)
from seat_report.workbook.sheets_api.snapshot import BLANK, Block, Cell, Snapshot, Tab
from seat_report.workbook.tables.written_lines import WrittenLines

NAME = "Block"
# Our block of two rows and two columns among users' cells.
BEFORE: list[list[str | None]] = [
    ["head", "line", "above", None],
    ["left", "o1", "o2", "right"],
    ["west", "o3", "o4", "east"],
    [None, "below", None, None],
]
BLOCK = Block(1, 1, 3, 1, 3)
EXPECTATION = BlockExpectation(
    NAME,
    {
        (row, column): Cell(value)
        for row, cells in enumerate(BEFORE)
        for column, value in enumerate(cells)
        if value and not value.startswith("o")
    },
    BLOCK,
    {(1, 1): "n1", (1, 2): "n2", (2, 1): "n3", (2, 2): None},
)


def snapshot_of(rows: Sequence[Sequence[Any]], block: Block | None) -> Snapshot:
    """A spreadsheet with these rows in the Overview."""
    tab = Tab(1, "Overview", len(rows) + 2, 8, 0, [[Cell(value) for value in row] for row in rows])
    return Snapshot("S", "", "UTC", {"Overview": tab}, {} if block is None else {NAME: block})


def repaired(rows: Sequence[Sequence[Any]], block: Block) -> list[list[Any]]:
    """What the Overview holds after the repair."""
    snapshot = snapshot_of(rows, block)
    cells = misplaced_cells(EXPECTATION, snapshot)
    return [[cell.value for cell in row] for row in with_cells(snapshot.tabs["Overview"], cells).rows]


def test_nothing_is_repaired_where_the_block_has_not_moved() -> None:
    """Not even beside text that equals ours."""
    after: list[list[Any]] = [
        ["n1", "line", "n2"],
        ["left", "n1", "n2", "right"],
        ["west", "n3", None, "east"],
        [None, "n3"],
    ]
    assert repaired(after, BLOCK) == after


@pytest.mark.parametrize(
    ("after", "block", "expected"),
    [
        # A row was inserted above: our first line overwrote the text above the block.
        (
            [[], ["head", "n1", "n2"], ["left", "n3", None, "right"], ["west", "o3", "o4", "east"], [None, "below"]],
            Block(1, 2, 4, 1, 3),
            [1, ["head", "line", "above"]],
        ),
        # A column was inserted on the left: our first column overwrote the text left of the block.
        (
            [[None, "head"], [None, "n1", "n2", "o2", "right"], [None, "n3", None, "o4", "east"], []],
            Block(1, 1, 3, 2, 4),
            [1, [None, "left", "n2", "o2", "right"]],
        ),
        # A row above was deleted: our last line overwrote the text below the block.
        (
            [["left", "o1", "o2", "right"], ["west", "n1", "n2", "east"], [None, "n3", None]],
            Block(1, 0, 2, 1, 3),
            [2, [None, "below", None]],
        ),
        # Two rows were inserted above, and we wrote into blank cells.
        (
            [[], [None, "n1", "n2"], ["head", "n3", None], ["left", "o1", "o2"], ["west", "o3", "o4"]],
            Block(1, 3, 5, 1, 3),
            [1, [None, None, None]],
        ),
    ],
)
def test_overwritten_text_beside_the_block_is_restored(
    after: list[list[Any]], block: Block, expected: list[Any]
) -> None:
    """It is found by its position relative to the block; what we wrote into blank cells is cleared."""
    row, cells = expected
    assert repaired(after, block)[row] == cells


def test_text_that_a_person_moved_before_the_write_is_not_duplicated() -> None:
    """It is already elsewhere when we overwrite the cell where it was."""
    after: list[list[Any]] = [
        ["line"],
        ["head", "n1", "n2"],
        ["left", "n3", None, "right"],
        ["west", "o3", "o4", "east"],
    ]
    assert repaired(after, Block(1, 2, 4, 1, 3))[1] == ["head", None, "above"]


def test_a_persons_text_that_equals_ours_stays() -> None:
    """It was beside the block before the write, and is now in a cell that was written."""
    expectation = BlockExpectation(NAME, {(0, 1): Cell("n1")}, BLOCK, EXPECTATION.written)
    snapshot = snapshot_of([[], [None, "n1"], [None, "o1", "o2"], [None, "o3", "o4"]], Block(1, 2, 4, 1, 3))
    assert misplaced_cells(expectation, snapshot) == {}


def test_what_a_person_typed_over_our_text_stays() -> None:
    """It differs from what was written."""
    after: list[list[Any]] = [[], ["head", "typed", "n2"], ["left", "n3", None, "right"], ["west", "o3", "o4", "east"]]
    assert repaired(after, Block(1, 2, 4, 1, 3))[1] == ["head", "typed", "above"]


def test_text_that_a_blank_line_of_ours_cleared_is_restored() -> None:
    """Also at the end of its row, or of the tab."""
    cleared = BlockExpectation(NAME, EXPECTATION.around, BLOCK, {(2, 1): None, (2, 2): None})
    snapshot = snapshot_of([["left", "o1", "o2", "right"], ["west", "o3", "o4", "east"]], Block(1, 0, 2, 1, 3))
    cells = misplaced_cells(cleared, snapshot)
    assert cells == {(2, 1): Cell("below")}
    assert with_cells(snapshot.tabs["Overview"], cells).rows[2] == [BLANK, Cell("below")]
    assert misplaced_cells(BlockExpectation(NAME, {}, BLOCK, {(2, 1): None, (2, 2): None}), snapshot) == {}
    # Nothing is known of a tab that was not read.
    assert misplaced_cells(cleared, snapshot_of([], Block(1, 0, 2, 1, 3))) == {}


def test_the_note_of_a_restored_cell_stays() -> None:
    """Neither our write nor the repair touches notes."""
    tab = Tab(1, "Overview", 2, 2, 0, [[Cell("ours", note="why?")]])
    assert with_cells(tab, {(0, 0): Cell("theirs", note="before")}).rows == [[Cell("theirs", note="why?")]]


def test_a_block_that_is_gone_is_left_alone() -> None:
    """Without the block, the position of what is around it is unknown."""
    overwritten: list[list[Any]] = [[], ["head", "n1", "n2"]]
    assert misplaced_cells(EXPECTATION, snapshot_of(overwritten, None)) == {}
    snapshot = snapshot_of(overwritten, Block(2, 2, 4, 1, 3))
    assert (
        misplaced_cells(EXPECTATION, replace(snapshot, tabs={"Mine": replace(snapshot.tabs["Overview"], sheet_id=2)}))
        == {}
    )


OLD_LINES = WrittenLines.of([["o1", "o2"], ["o3", "o4"]])
NEW_LINES = WrittenLines.of([["n1", "n2"], ["n3", None]])
RECORDED = EXPECTATION._replace(lines=(OLD_LINES, NEW_LINES), is_range_set=True)


def test_what_people_pushed_out_of_the_block_is_cleared() -> None:
    """A column that came in between moved the end of a line that was not written past where the range was set."""
    rows: list[list[Any]] = [
        ["head", "line", "above"],
        ["left", "o1", None, "o2", "right"],
        ["west", "n3", None, "east"],
    ]
    written = {(2, 1): "n3"}
    expectation = RECORDED._replace(written=written)
    assert pushed_out_cells(expectation, snapshot_of(rows, BLOCK)) == {(1, 3): BLANK}
    theirs = expectation._replace(around={**EXPECTATION.around, (5, 5): Cell("o2")})
    assert pushed_out_cells(theirs, snapshot_of(rows, BLOCK)) == {}
    assert pushed_out_cells(expectation._replace(is_range_set=False), snapshot_of(rows, BLOCK)) == {}


def test_what_a_shifted_write_left_of_earlier_lines_is_cleared() -> None:
    """A row that came in above moved the block, so that the write ended before its last line."""
    rows: list[list[Any]] = [["head"], ["left", "n1", "n2"], [None, "n3"], ["west", "o3", "o4"]]
    expectation = RECORDED._replace(is_range_set=False)
    shifted = snapshot_of(rows, Block(1, 2, 4, 1, 3))
    assert leftover_cells(expectation, shifted) == {(3, 1): BLANK, (3, 2): BLANK}
    assert leftover_cells(expectation, snapshot_of(rows, BLOCK)) == {}


def test_nothing_is_cleared_where_people_moved_the_range_to_another_tab() -> None:
    """Its place says nothing about the tab that was written."""
    elsewhere = snapshot_of([["o1", "o2"], ["o3", "o4"]], Block(2, 0, 2, 0, 2))
    for repair in (pushed_out_cells, leftover_cells, misplaced_cells):
        assert repair(RECORDED, elsewhere) == {}


def test_our_cells_beside_their_place_in_the_block_are_cleared() -> None:
    """A column was inserted on the left: the rest of each line stands one cell beside its place."""
    before, after = (WrittenLines.of([[f"{age}1", f"{age}2"], [f"{age}3", f"{age}4"]]) for age in "on")
    rows = [[None, "head"], [None, "n1", "n2", "o2", "right"], [None, "n3", "n4", "o4", "east"], []]
    snapshot = snapshot_of(rows, Block(1, 1, 3, 2, 4))
    written = {(1, 1): "n1", (1, 2): "n2", (2, 1): "n3", (2, 2): "n4"}
    expectation = EXPECTATION._replace(written=written, lines=(before, after))
    cells = misplaced_cells(expectation, snapshot)
    assert [place for place, cell in cells.items() if place[1] == 2 and cell == BLANK] == [(1, 2), (2, 2)]
