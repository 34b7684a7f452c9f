"""What was written beside the Overview's block is taken back; what people have around it stays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from seat_report.workbook.conflicts.block import BlockExpectation, misplaced_cells, with_cells
from seat_report.workbook.sheets_api.snapshot import BLANK, Block, Cell, Snapshot, Tab
from seat_report.workbook.tables.text_block import TextCell

NAME = "Block"
# Two rows and two columns of ours among people's, and what is written into them.
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
    {1: (TextCell("n1"), TextCell("n2")), 2: (TextCell("n3"),)},
)


def shown(rows: Sequence[Sequence[Any]], block: Block | None) -> Snapshot:
    """The spreadsheet, with these rows in the Overview."""
    tab = Tab(1, "Overview", len(rows) + 2, 8, 0, [[Cell(value) for value in row] for row in rows])
    return Snapshot("S", "", "UTC", {"Overview": tab}, {} if block is None else {NAME: block})


def mended(rows: Sequence[Sequence[Any]], block: Block) -> list[list[Any]]:
    """What the Overview holds once it is mended."""
    there = shown(rows, block)
    cells = misplaced_cells(EXPECTATION, there)
    return [[cell.value for cell in row] for row in with_cells(there.tabs["Overview"], cells).rows]


def test_where_the_block_stands_as_it_did_nothing_is_mended() -> None:
    """Also beside words that are the same as ours."""
    after: list[list[Any]] = [
        ["n1", "line", "n2"],
        ["left", "n1", "n2", "right"],
        ["west", "n3", None, "east"],
        [None, "n3"],
    ]
    assert mended(after, BLOCK) == after


@pytest.mark.parametrize(
    ("after", "block", "expected"),
    [
        # A row came in above: our first line hit the words above the block.
        (
            [[], ["head", "n1", "n2"], ["left", "n3", None, "right"], ["west", "o3", "o4", "east"], [None, "below"]],
            Block(1, 2, 4, 1, 3),
            [1, ["head", "line", "above"]],
        ),
        # A column came in on the left: our first column hit the words left of the block.
        (
            [[None, "head"], [None, "n1", "n2", "o2", "right"], [None, "n3", None, "o4", "east"], []],
            Block(1, 1, 3, 2, 4),
            [1, [None, "left", "n2", "o2", "right"]],
        ),
        # A row above went: our last line hit the words below.
        (
            [["left", "o1", "o2", "right"], ["west", "n1", "n2", "east"], [None, "n3", None]],
            Block(1, 0, 2, 1, 3),
            [2, [None, "below", None]],
        ),
        # Two rows above came in, and where we wrote nothing stood.
        (
            [[], [None, "n1", "n2"], ["head", "n3", None], ["left", "o1", "o2"], ["west", "o3", "o4"]],
            Block(1, 3, 5, 1, 3),
            [1, [None, None, None]],
        ),
    ],
)
def test_what_hit_words_beside_the_block_gives_them_back(
    after: list[list[Any]], block: Block, expected: list[Any]
) -> None:
    """They are told by where they stand from the block; where nothing stood, what we wrote goes."""
    row, cells = expected
    assert mended(after, block)[row] == cells


def test_words_that_stand_elsewhere_by_now_are_not_doubled() -> None:
    """A person moved them before we wrote where they had stood."""
    after: list[list[Any]] = [
        ["line"],
        ["head", "n1", "n2"],
        ["left", "n3", None, "right"],
        ["west", "o3", "o4", "east"],
    ]
    assert mended(after, Block(1, 2, 4, 1, 3))[1] == ["head", None, "above"]


def test_what_people_have_stays_though_it_says_what_we_wrote() -> None:
    """It stood beside the block before, and stands in a place that was written by now."""
    people = BlockExpectation(NAME, {(0, 1): Cell("n1")}, BLOCK, EXPECTATION.lines)
    there = shown([[], [None, "n1"], [None, "o1", "o2"], [None, "o3", "o4"]], Block(1, 2, 4, 1, 3))
    assert misplaced_cells(people, there) == {}


def test_what_a_person_typed_over_ours_stays() -> None:
    """It is not what was written."""
    after: list[list[Any]] = [[], ["head", "typed", "n2"], ["left", "n3", None, "right"], ["west", "o3", "o4", "east"]]
    assert mended(after, Block(1, 2, 4, 1, 3))[1] == ["head", "typed", "above"]


def test_words_that_an_empty_line_of_ours_cleared_come_back() -> None:
    """Also where they were the last of their row, or of the tab."""
    cleared = BlockExpectation(NAME, EXPECTATION.around, BLOCK, {2: ()})
    there = shown([["left", "o1", "o2", "right"], ["west", "o3", "o4", "east"]], Block(1, 0, 2, 1, 3))
    cells = misplaced_cells(cleared, there)
    assert cells == {(2, 1): Cell("below")}
    assert with_cells(there.tabs["Overview"], cells).rows[2] == [BLANK, Cell("below")]
    assert misplaced_cells(BlockExpectation(NAME, {}, BLOCK, {2: ()}), there) == {}
    # Where the tab was not read nothing is known.
    assert misplaced_cells(cleared, shown([], Block(1, 0, 2, 1, 3))) == {}


def test_a_note_beside_what_is_put_back_stays() -> None:
    """A write of ours leaves it alone, and so does its mending."""
    tab = Tab(1, "Overview", 2, 2, 0, [[Cell("ours", note="why?")]])
    assert with_cells(tab, {(0, 0): Cell("theirs", note="before")}).rows == [[Cell("theirs", note="why?")]]


def test_a_block_that_is_gone_is_left_alone() -> None:
    """Where it stood from what is around it can't be told."""
    hit: list[list[Any]] = [[], ["head", "n1", "n2"]]
    assert misplaced_cells(EXPECTATION, shown(hit, None)) == {}
    there = shown(hit, Block(2, 2, 4, 1, 3))
    assert (
        misplaced_cells(EXPECTATION, replace(there, tabs={"Mine": replace(there.tabs["Overview"], sheet_id=2)})) == {}
    )
