"""Rows that a patch adds and removes: where they go, what they look like, and what happens to the rows around them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.desired import Addition, DesiredRows
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import LocalTab
from tests.support.sample_table import COLUMNS, HEADER, marked_tab, patch_for, row, rows_after, step_kinds

examples = settings(max_examples=80)


def test_rows_are_added_above_our_last_row() -> None:
    """In the order given: ranges that span the table grow only with rows that come in between others."""
    local = LocalTab([HEADER, row("a"), row("b"), [None, None, "Sum"]])
    desired = DesiredRows(
        ours=frozenset({1, 2}), additions=[Addition({"id": "c", "seats": 3}), Addition({"id": "d"}, 2)]
    )
    assert rows_after(local, desired) == [row("a"), ["c", 3], ["d"], row("b"), [None, None, "Sum"]]


def test_rows_are_added_below_our_only_row() -> None:
    """Above what people have below."""
    local = LocalTab([HEADER, row("a"), [None, None, "Sum"]])
    desired = DesiredRows(ours=frozenset({1}), additions=[Addition({"id": "c", "seats": 3}), Addition({"id": "d"}, 1)])
    assert rows_after(local, desired) == [row("a"), ["c", 3], ["d"], [None, None, "Sum"]]


def test_rows_are_added_at_their_position() -> None:
    """Below any row as read, several in the order given, even if that row is removed."""
    local = LocalTab([HEADER, row("a"), row("b"), row("c")])
    additions = [
        Addition({"id": "a1"}, 1),
        Addition({"id": "top"}, 0),
        Addition({"id": "b1"}, 2),
        Addition({"id": "a2"}, 1),
    ]
    desired = DesiredRows(frozenset({1, 2, 3}), {3: {"seats": 9}}, additions, removals=frozenset({2}))
    assert rows_after(local, desired) == [["top"], row("a"), ["a1"], ["a2"], ["b1"], row("c", 9)]


def test_changed_cells_follow_their_rows() -> None:
    """When more rows are added than removed above them."""
    local = LocalTab([HEADER, row("a"), row("b"), row("c")])
    additions = [Addition({"id": "n1"}, 2), Addition({"id": "n2"}, 2)]
    desired = DesiredRows(frozenset({1, 2, 3}), {3: {"seats": 9}}, additions, removals=frozenset({2}))
    assert rows_after(local, desired) == [row("a"), ["n1"], ["n2"], row("c", 9)]


def test_the_first_rows_are_added_below_the_header() -> None:
    """If there is none of ours yet; they are complete, with blanks for unknown values."""
    local = LocalTab([HEADER])
    desired = DesiredRows(
        additions=[Addition({"id": "a", "seats": 0, "checked": 20}), Addition({"id": "b", "seats": None})]
    )
    assert rows_after(local, desired) == [["a", 0, None, 20], ["b"]]


@pytest.mark.parametrize("row_count", [2, 3])
def test_a_full_grid_grows(row_count: int) -> None:
    """Rows are inserted even after the last row of the grid."""
    local = LocalTab([HEADER, row("a"), row("b")][:row_count], row_count=row_count)
    desired = DesiredRows(frozenset(range(1, row_count)), additions=[Addition({"id": "c"})])
    rows = rows_after(local, desired)
    assert ["c"] in rows
    assert len(rows) == row_count


def test_the_first_row_of_a_grid_without_rows_is_formatted_like_the_header() -> None:
    """After the last row of the grid there is no row to take formats from."""
    tab = Tab(7, "Seats", 1, 8, 0, [[Cell(value) for value in HEADER]])
    patch = Patch(ObservedTable(COLUMNS, tab), DesiredRows(additions=[Addition({"id": "a"})]))
    (insertion,) = [request for step in patch.steps() for request in step.requests if "insertDimension" in request]
    assert insertion["insertDimension"]["inheritFromBefore"] is True


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_all_rows_can_be_removed(frozen: int) -> None:
    """Sheets refuses to remove all rows that are not frozen, so a row is appended first."""
    rows = [row("a"), row("b"), row("c")] if frozen == 2 else [row("a"), row("b")]
    local = marked_tab(*rows, row_count=len(rows) + 1)
    properties = {"sheetId": 7, "gridProperties": {"frozenRowCount": frozen}}
    fields = "gridProperties.frozenRowCount"
    local.apply([{"updateSheetProperties": {"properties": properties, "fields": fields}}])
    removals = frozenset(range(1, 3) if frozen < 2 else range(2, 4))
    desired = DesiredRows(removals, removals=removals)
    assert step_kinds(patch_for(local, desired).steps()) == [["appendDimension"], ["deleteDimension"]]
    assert rows_after(local, desired) == ([row("a")] if frozen == 2 else [])
    assert local.tab.row_count == (3 if frozen == 2 else 2)


def test_no_spare_row_is_appended_if_one_remains() -> None:
    """The grid does not grow when rows are removed."""
    local = marked_tab(row("a"), row("b"), row_count=4)
    patch = patch_for(local, DesiredRows(frozenset({1, 2}), removals=frozenset({1, 2})))
    assert step_kinds(patch.steps()) == [["deleteDimension"]]


@pytest.mark.parametrize(
    ("removals", "behind", "expected"),
    [
        ({2, 3, 5}, [], [(5, 6), (2, 4)]),
        ({1, 2, 3, 4}, [2], [(4, 6), (1, 3)]),
        ({1, 2, 3, 4}, [4], [(1, 5)]),
        ({2, 3}, [1], [(3, 5)]),
    ],
)
def test_adjacent_rows_are_removed_together(
    removals: set[int], behind: list[int], expected: list[tuple[int, int]]
) -> None:
    """One request for adjacent rows, unless a row is inserted between them; after all insertions."""
    rows = [row(name) for name in "abcdef"]
    local = marked_tab(*rows)
    desired = DesiredRows(
        ours=frozenset(range(1, 7)),
        additions=[Addition({"id": f"behind {index}"}, index) for index in behind],
        removals=frozenset(removals),
    )
    deleted = [
        (span["startIndex"], span["endIndex"])
        for step in patch_for(local, desired).steps()
        for request in step.requests
        for span in [request.get("deleteDimension", {}).get("range")]
        if span
    ]
    assert deleted == expected
    remaining: list[str] = []
    for index, cells in enumerate(rows, start=1):
        remaining += [str(cells[0])] * (index not in removals) + [f"behind {index}"] * (index in behind)
    assert [cells[0] for cells in rows_after(local, desired)] == remaining


def test_a_formula_shared_by_both_neighbours_is_copied_into_new_rows() -> None:
    """In people's columns; a formula that only one neighbour has, or that differs, is not copied."""
    header = [*HEADER, "Both", "One", "Other", "Third"]
    formulas = [RowFormula("=B{row}*2"), RowFormula("=B{row}*3"), RowFormula("=B{row}*4"), None]
    other_formulas = [RowFormula("=B{row}*2"), None, RowFormula("=B{row}*5"), RowFormula("=B{row}*6")]
    local = LocalTab([header, [*row("a"), *formulas], [*row("c"), *other_formulas]])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b1"}, 1), Addition({"id": "b2"}, 1)])
    assert rows_after(local, desired) == [
        [*row("a"), "=B2*2", "=B2*3", "=B2*4"],
        ["b1", None, None, None, "=B3*2"],
        ["b2", None, None, None, "=B4*2"],
        [*row("c"), "=B5*2", None, "=B5*5", "=B5*6"],
    ]
    assert local.rows[0] == header


@pytest.mark.parametrize("behind", [None, 2, 3])
def test_a_formula_column_is_continued_wherever_a_row_comes_in(behind: int | None) -> None:
    """Also in the last row of ours, above a total of people's with another formula."""
    header = [*HEADER, "Twice"]
    twice = RowFormula("=B{row}*2")
    ours: list[list[Value]] = [[*row(name), twice] for name in "abc"]
    total: list[Value] = [None, None, None, None, RowFormula("=SUM(E2:E4)")]
    local = LocalTab([header, *ours, total])
    desired = DesiredRows(frozenset({1, 2, 3}), additions=[Addition({"id": "n", "seats": 5}, behind)])
    after = rows_after(local, desired)
    assert [values[4] for values in after] == ["=B2*2", "=B3*2", "=B4*2", "=B5*2", "=SUM(E2:E5)"]


def test_a_formula_that_the_rows_above_share_is_continued() -> None:
    """Whatever the row below has."""
    header = [*HEADER, "Twice"]
    twice = RowFormula("=B{row}*2")
    rows: list[list[Value]] = [[*row("a"), twice], [*row("b"), twice], [*row("c"), 7]]
    local = LocalTab([header, *rows])
    desired = DesiredRows(frozenset({1, 2, 3}), additions=[Addition({"id": "n"}, 2)])
    assert rows_after(local, desired)[2] == ["n", None, None, None, "=B4*2"]


@pytest.mark.parametrize("removals", [set(), {3}, {1}, {1, 2, 3}])
def test_ranges_of_people_s_over_the_table_include_every_row(removals: set[int]) -> None:
    """Even if all rows that they named are replaced."""
    local = LocalTab([HEADER, row("a", 1), row("b", 2), row("c", 3), [], [None, RowFormula("=SUM(B2:B4)")]])
    additions = [Addition({"id": "n", "seats": 10}), Addition({"id": "m", "seats": 20}, 3)]
    desired = DesiredRows(frozenset({1, 2, 3}), additions=additions, removals=frozenset(removals))
    local.write(patch_for(local, desired))
    total = next(cell for cells in local.tab.rows for cell in cells if cell.formula)
    assert total.formula == f"=SUM(B2:B{6 - len(removals)})"
    assert total.value == 30 + sum({1, 2, 3} - removals)


def test_a_formula_shared_with_the_header_is_not_copied() -> None:
    """The header does not count as a neighbour of the first row."""
    formula = RowFormula("=LEN(B{row})")
    for behind in (0, 1):
        local = LocalTab([[*HEADER, formula], [*row("a"), formula]])
        desired = DesiredRows(frozenset({1}), additions=[Addition({"id": "z"}, behind)])
        assert rows_after(local, desired)[behind] == ["z"]


def test_a_formula_in_a_column_of_ours_is_not_copied() -> None:
    """The content of our columns is what we write."""
    local = LocalTab([HEADER, row("a", RowFormula("=LEN(A{row})")), row("c", RowFormula("=LEN(A{row})"))])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b", "seats": 5}, 1)])
    assert rows_after(local, desired)[1] == ["b", 5]


def test_a_shared_formula_is_copied_from_the_new_position_of_its_column() -> None:
    """A missing column of ours is inserted left of it in the same patch."""
    header: list[Value] = ["ID", "Checked", "Twice"]
    formula = RowFormula("=LEN(A{row})")
    local = LocalTab([header, ["a", 10, formula], ["c", 10, formula]])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b", "seats": 5}, 1)])
    assert rows_after(local, desired)[1] == ["b", None, 5, "=LEN(A3)"]


@pytest.mark.parametrize(
    ("behind", "at", "expected"), [(0, 1, "bold"), (1, 2, "bold"), (2, 3, "plain"), (3, 3, "plain")]
)
def test_new_rows_are_formatted_like_rows(behind: int, at: int, expected: str) -> None:
    """Below the header they take the formats of the previous first row, elsewhere of the row above."""
    local = LocalTab([HEADER, row("a"), row("b"), row("d")])
    for index, bold in [(0, False), (1, True), (2, False), (3, True)]:
        span = {"sheetId": 7, "startRowIndex": index, "endRowIndex": index + 1}
        cell = {"userEnteredFormat": {"textFormat": {"bold": bold}}}
        local.apply([{"repeatCell": {"range": span, "cell": cell, "fields": "userEnteredFormat.textFormat.bold"}}])
    local.write(patch_for(local, DesiredRows(frozenset({1, 2, 3}), additions=[Addition({"id": "c"}, behind)])))
    assert local.tab.rows[at][0].value == "c"
    assert local.is_bold(at) == (expected == "bold")


ownership = st.lists(st.booleans(), min_size=1, max_size=8)


@examples
@given(ownership, st.data())
def test_any_desired_rows_are_reached(are_ours: list[bool], data: st.DataObject) -> None:
    """Remaining rows keep their order and notes, changed cells their row; new rows are where they belong."""
    existing = [row(f"r{index}", index, f"note {index}") for index in range(1, len(are_ours) + 1)]
    ours = [index for index, is_ours in enumerate(are_ours, start=1) if is_ours]
    some_of_ours = st.sets(st.sampled_from(ours)) if ours else st.just(set())
    removals = data.draw(some_of_ours)
    updates = {index: {"seats": 100 + index} for index in data.draw(some_of_ours) - removals}
    positions = data.draw(st.lists(st.none() | st.sampled_from([0, *ours]), max_size=4))
    additions = [Addition({"id": f"n{number}"}, behind) for number, behind in enumerate(positions)]
    desired = DesiredRows(frozenset(ours), updates, additions, frozenset(removals))

    expected: list[list[Any]] = []
    for index in range(len(existing) + 1):
        if index and index not in removals:
            expected.append(
                [*existing[index - 1][:1], updates.get(index, {"seats": index})["seats"], *existing[index - 1][2:]]
            )
        expected += [[f"n{n}"] for n, behind in enumerate(positions) if _position(behind, ours) == index]
    assert rows_after(LocalTab([HEADER, *existing]), desired) == expected


def _position(behind: int | None, ours: list[int]) -> int:
    """The row that a row comes in behind: with two or more rows of ours never the last."""
    last = max(ours, default=0)
    wanted = last if behind is None else behind
    return wanted - 1 if wanted == last and len(ours) > 1 else wanted
