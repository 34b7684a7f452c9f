"""A block of lines: it grows and shrinks with its content, and what people type in, under and beside it stays."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.snapshot import Block, Cell, Value
from seat_report.workbook.tables.text_block import BlockPatch, BlockSpec, TextCell
from seat_report.workbook.tables.written_lines import RECORD_KEY, WrittenLines
from tests.proof.sampling import many
from tests.support.local_tab import SHEET_ID, LocalTab

NAME = "Block"
WIDTH = 3
SPEC = BlockSpec(NAME, WIDTH, lambda _: {})
Lines = Sequence[Sequence[Value]]


def patch_for(local: LocalTab, lines: Lines) -> BlockPatch:
    """The patch that makes the block say these lines."""
    snapshot = local.snapshot
    cells = [tuple(TextCell(value) for value in line) for line in lines]
    return BlockPatch(SPEC, snapshot, snapshot.tabs["Seats"], cells, tab_is_new=False)


def write(local: LocalTab, lines: Lines) -> None:
    """Make the block say these lines, as a run does; a second run has nothing to do."""
    local.write(patch_for(local, lines))
    assert list(patch_for(local, lines).steps()) == []


def block_of(local: LocalTab) -> Block:
    """Where the block is."""
    block = SPEC.block_on(local.snapshot, local.tab)
    assert block is not None
    return block


def said(local: LocalTab, height: int) -> list[list[Value]]:
    """What the first lines of the block say, to their last cell."""
    block = block_of(local)
    lines = [
        [local.tab.cell(row, block.left + column).value for column in range(WIDTH)]
        for row in range(block.top, block.top + height)
    ]
    return [[value for value in line if value is not None] for line in lines]


def put(local: LocalTab, row: int, column: int, text: str) -> None:
    """Type a text, as a person."""
    lacking = row + 1 - local.tab.row_count
    more = [requests.append(SHEET_ID, "ROWS", lacking)] if lacking > 0 else []
    local.apply([*more, requests.update_cells(SHEET_ID, row, column, [[text]])])


def lines_of(count: int, word: str = "line") -> Lines:
    """A title and so many lines."""
    lines: list[list[Value]] = [[f"{word} {number}", number] for number in range(count)]
    return [["Title"], *lines]


@pytest.mark.parametrize("below", [0, 1, 2, 5])
@pytest.mark.parametrize("counts", [(8, 8), (8, 3), (3, 8), (8, 3, 8), (3, 8, 3), (3, 4, 5, 4)])
def test_what_people_type_under_the_block_stays(counts: tuple[int, ...], below: int) -> None:
    """Directly under its last line or farther below, while the lines become fewer and more."""
    local = LocalTab([])
    write(local, lines_of(counts[0]))
    put(local, 1 + counts[0] + below, 0, "mine")
    for count in counts[1:]:
        write(local, lines_of(count))
        assert said(local, 1 + count) == lines_of(count)
        assert [row for row in local.rows if row and row[0] == "mine"] == [["mine"]]
        assert len([row for row in local.rows if row]) == 1 + count + 1


def test_what_people_type_under_the_block_does_not_move_on_a_quiet_day() -> None:
    """Not even directly under the last line."""
    local = LocalTab([])
    write(local, lines_of(4))
    put(local, 5, 0, "mine")
    before = local.rows
    write(local, lines_of(4))
    assert local.rows == before
    assert block_of(local).bottom == 5


def test_the_range_shrinks_with_the_lines_and_takes_blank_rows_back() -> None:
    """So that what is below does not move away from it."""
    local = LocalTab([])
    write(local, lines_of(8))
    put(local, 12, 0, "mine")
    write(local, lines_of(2))
    assert block_of(local).bottom == 4
    write(local, lines_of(8))
    assert block_of(local).bottom == 10
    assert local.rows[12] == ["mine"]


def test_only_what_the_last_run_wrote_is_cleared() -> None:
    """Beside lines that go, what people typed stays."""
    local = LocalTab([])
    write(local, lines_of(8))
    put(local, 7, 2, "mine")
    put(local, 6, 0, "typed over")
    write(local, lines_of(2))
    assert local.rows[3:] == [[], [], [], ["typed over"], [None, None, "mine"]]


def test_lines_that_people_moved_are_cleared() -> None:
    """A row that was inserted between them shifts them."""
    local = LocalTab([])
    write(local, lines_of(6))
    local.apply([requests.insert(SHEET_ID, "ROWS", 2, 1, inherit_from_before=True)])
    write(local, lines_of(2))
    assert local.rows == [["Title"], ["line 0", 0], ["line 1", 1]]


def test_what_is_left_of_a_line_that_people_moved_and_typed_over_is_cleared() -> None:
    """And what they typed stays, although the new lines reach that far."""
    local = LocalTab([])
    write(local, [["Title"], ["first", 1], ["line", 12]])
    local.apply([requests.insert(SHEET_ID, "ROWS", 2, 1, inherit_from_before=True)])
    put(local, 3, 0, "mine")
    write(local, lines_of(4))
    assert [row for row in local.rows if row] == [*map(list, lines_of(4)), ["mine"]]


def test_a_line_in_its_place_that_people_typed_over_is_written_again() -> None:
    """Lines stay where they are."""
    local = LocalTab([])
    write(local, lines_of(3))
    put(local, 2, 0, "mine")
    write(local, lines_of(3))
    assert local.rows == [*map(list, lines_of(3))]


def test_without_a_record_everything_above_two_blank_rows_is_ours() -> None:
    """As an earlier version left it, with a range that had only grown."""
    local = LocalTab([])
    write(local, lines_of(6))
    (entry,) = [entry for entry in local.tab.entries if entry.key == RECORD_KEY]
    local.apply([requests.unmark(entry.metadata_id)])
    snapshot = local.snapshot
    span = requests.grid_range(SHEET_ID, (0, 30), (0, WIDTH))
    local.apply(
        [
            requests.append(SHEET_ID, "ROWS", 40),
            {"deleteNamedRange": {"namedRangeId": snapshot.named_ids[NAME]}},
            {"addNamedRange": {"namedRange": {"name": NAME, "range": span}}},
        ]
    )
    put(local, 12, 0, "mine")
    write(local, lines_of(2))
    assert local.rows == [["Title"], ["line 0", 0], ["line 1", 1], *[[]] * 9, ["mine"]]


@pytest.mark.parametrize("moved", [0, 3])
def test_a_block_whose_range_was_deleted_is_taken_over(moved: int) -> None:
    """Wherever it is; it does not come twice."""
    local = LocalTab([])
    write(local, lines_of(6))
    if moved:
        local.apply([requests.insert(SHEET_ID, "ROWS", 0, moved, inherit_from_before=False)])
    local.apply([{"deleteNamedRange": {"namedRangeId": local.snapshot.named_ids[NAME]}}])
    put(local, 10 + moved, 0, "mine")
    write(local, lines_of(3, "new"))
    assert block_of(local) == Block(SHEET_ID, moved, 5 + moved, 0, WIDTH)
    assert local.rows == [*[[]] * moved, *map(list, lines_of(3, "new")), *[[]] * 6, ["mine"]]


def test_a_tab_that_never_had_a_block_keeps_its_content_below_it() -> None:
    """Even a cell that says what our title says."""
    local = LocalTab([["Title", "of a person"], ["text"]])
    write(local, lines_of(1))
    assert local.rows == [["Title"], ["line 0", 0], [], ["Title", "of a person"], ["text"]]


def test_two_tabs_each_have_their_block() -> None:
    """Names of ranges are unique in a spreadsheet, so the second one's name has its tab's id."""
    local = LocalTab([])
    write(local, lines_of(2))
    other = local.tab.__class__(8, "Other", 2, 8)
    cells = [(TextCell("Title"),), (TextCell("other"),)]
    local.write(BlockPatch(SPEC, local.snapshot, other, cells, tab_is_new=True))
    snapshot = local.snapshot
    assert {name: block.sheet_id for name, block in snapshot.named.items()} == {NAME: SHEET_ID, f"{NAME}_8": 8}
    assert list(BlockPatch(SPEC, snapshot, snapshot.tabs["Other"], cells, tab_is_new=False).steps()) == []
    assert list(patch_for(local, lines_of(2)).steps()) == []


def test_a_record_fits_into_a_metadata_entry() -> None:
    """Which holds 30,000 characters, with those of all others on the tab."""
    longest = [[f"text {row} {column}" * 50 for column in range(8)] for row in range(150)]
    assert len(WrittenLines.of(longest).record) < 6_000


def test_only_what_is_left_of_a_line_is_a_remnant() -> None:
    """In the order of the lines, so that what a person typed elsewhere is not, though it says the same."""
    written = WrittenLines.of([["Title"], ["first", 1], ["second", 2], ["third", 3]])
    rows: Lines = [["Title"], [], ["first", 1], ["mine", 2], ["third", 3], ["also mine", 2], [2, "second"]]
    assert written.remnants_in([[Cell(value) for value in row] for row in rows]) == {(3, 1)}


texts = st.sampled_from(["a", "b", "c", "total", 0, 1, 2.5, True, None, ""])
lines = st.lists(st.lists(texts, min_size=1, max_size=WIDTH), max_size=12).map(
    lambda found: [["Title", "is", "here"], *found]
)
edits = st.lists(
    st.tuples(st.sampled_from(["under", "beside", "above", "between", "range"]), st.integers(0, 9)), max_size=4
)


def edit(local: LocalTab, kind: str, number: int, name: str, content: Lines) -> None:
    """One action of a person; texts are typed where no line is, or over the last one if rows came in above it.

    Not beside it, where a longer line would be written over them, and not so that what is left is a line again.
    """
    block, height = block_of(local), len(content)
    if kind == "under":
        row, column = max(block.top + height, len(local.rows) - 1) + number, block.left + number % WIDTH
        values = [local.tab.cell(row, block.left + index).value for index in range(WIDTH)]
        typed_over = values.pop(number % WIDTH)
        is_line = any({*map(repr, line)} <= {*map(repr, values), "None", "''"} for line in content if any(line))
        is_beside = typed_over is None and any(value is not None for value in values)
        put(local, row + (is_line or is_beside), column, name)
    elif kind == "beside":
        put(local, block.top + number, block.right + number % 2, name)
    elif kind == "above":
        local.apply([requests.insert(SHEET_ID, "ROWS", block.top, 1, inherit_from_before=False)])
        put(local, block.top, block.left, name)
    elif kind == "between":
        at = block.top + 1 + number % max(height, 1)
        local.apply([requests.insert(SHEET_ID, "ROWS", at, 1, inherit_from_before=True)])
    elif number % 3 == 0:
        local.apply([{"deleteNamedRange": {"namedRangeId": local.snapshot.named_ids[NAME]}}])


@settings(max_examples=many(20, 300))
@given(st.lists(st.tuples(lines, edits), min_size=2, max_size=5))
def test_the_tab_has_the_lines_and_what_people_typed_and_nothing_else(runs: list[tuple[Lines, Any]]) -> None:
    """Over any sequence of runs and of what people do around the block."""
    local = LocalTab([])
    typed: list[Value] = []
    names = 0
    for content, actions in runs:
        write(local, content)
        note(repr(local.rows))
        expected = [value for line in content for value in line if value not in (None, "")]
        found = [value for row in local.rows for value in row if value is not None]
        assert sorted(map(repr, found)) == sorted(map(repr, [*expected, *typed]))
        assert said(local, len(content)) == [[v for v in line if v not in (None, "")] for line in content]
        for kind, number in actions:
            names += 1
            if SPEC.block_on(local.snapshot, local.tab) is not None:
                edit(local, kind, number, f"person {names}", content)
        typed = [value for row in local.rows for value in row if str(value).startswith("person")]
