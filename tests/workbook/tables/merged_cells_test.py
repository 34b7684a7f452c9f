"""Merged cells: which cells they cover, and where rows and columns come in beside them."""

from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import Block, Tab
from seat_report.workbook.tables.merged_cells import _MOST_NAMED, MergedCells, ranges_named

SIZE = 8


def overlap(one: Block, other: Block) -> bool:
    """Whether two ranges share a cell."""
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right


@st.composite
def merges(draw: st.DrawFn) -> list[Block]:
    """Merged ranges of more than a cell, none over another, as Google allows them."""
    found: list[Block] = []
    for top, left, height, width in draw(
        st.lists(st.tuples(*[st.integers(0, SIZE - 2)] * 2, *[st.integers(1, 3)] * 2), max_size=8)
    ):
        block = Block(7, top, top + height, left, left + width)
        if height * width > 1 and not any(overlap(block, other) for other in found):
            found.append(block)
    return found


def merged(found: list[Block]) -> MergedCells:
    """The merged cells of a tab with these ranges."""
    return MergedCells(Tab(7, "Seats", 20, 20, merges=tuple(found)))


@given(found=merges(), row=st.integers(0, SIZE + 2), column=st.integers(0, SIZE + 2))
def test_every_cell_but_the_first_is_covered(found: list[Block], row: int, column: int) -> None:
    """By the one range that it lies in."""
    around = [each for each in found if overlap(each, Block(7, row, row + 1, column, column + 1))]
    covering = [each for each in around if (row, column) != (each.top, each.left)]
    assert merged(found).covering(row, column) == (covering[0] if covering else None)


@given(found=merges(), row=st.integers(0, SIZE + 2), columns=st.sets(st.integers(0, SIZE), max_size=3))
def test_rows_come_in_outside_of_merged_cells(found: list[Block], row: int, columns: set[int]) -> None:
    """At the first row from there on that is inside no range of these columns."""

    def is_outside(at: int) -> bool:
        return not any(each.top < at < each.bottom and columns & {*range(each.left, each.right)} for each in found)

    expected = next(at for at in range(row, 100) if is_outside(at))
    assert merged(found).row_outside(row, columns) == expected


@given(found=merges(), column=st.integers(0, SIZE + 2))
def test_columns_come_in_outside_of_merged_cells(found: list[Block], column: int) -> None:
    """At the first column from there on that is inside no range; behind all of them is always outside."""
    expected = next(at for at in range(column, 100) if not any(each.left < at < each.right for each in found))
    assert merged(found).column_outside(column) == expected
    assert merged(found).column_outside(merged(found).right) == merged(found).right


def test_ranges_are_named_as_people_see_them() -> None:
    """In order, each once, and no more than a few."""
    ranges = [Block(7, 1, 5, 0, 1), Block(7, 0, 1, 2, 4), Block(7, 1, 5, 0, 1)]
    assert ranges_named(ranges) == "C1:D1, A2:A5"
    many = [Block(7, row, row + 2, 0, 1) for row in range(0, 2 * _MOST_NAMED + 4, 2)]
    assert ranges_named(many).endswith(" and 2 more")
