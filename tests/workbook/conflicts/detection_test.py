"""What a write did in the wrong place is undone; what people did stays."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from seat_report.workbook.conflicts.detection import Expectation, repair_of
from seat_report.workbook.conflicts.repair import Repair, removed_instead
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, Tab
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import Addition, DesiredRows
from seat_report.workbook.tables.diff import Patch
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tables.relative_formulas import translated

COLUMNS = (
    Column("id", "ID", Kind.TEXT, "", is_key=True),
    Column("seats", "Seats", Kind.COUNT, ""),
    Column("checked", "Checked", Kind.MOMENT, "", counts=False),
)
HEADER: list[Any] = ["ID", "Seats", "Checked", "Notes"]
BEFORE: list[list[Any]] = [
    HEADER,
    ["a", 1, 10, "of a"],
    ["b", 2, 10, "of b"],
    ["c", 3, 10, "of c"],
    ["d", 4, 10, None],
]


def tab_of(rows: Sequence[Sequence[Any]]) -> Tab:
    """A tab with these rows; a text that begins with an equals sign is a formula."""
    cells = [
        [Cell(None, value) if isinstance(value, str) and value.startswith("=") else Cell(value) for value in row]
        for row in rows
    ]
    return Tab(1, "T", len(rows) + 2, 8, 1, cells)


def expectation_of(
    rows: Sequence[Sequence[Any]],
    updates: Mapping[int, Mapping[str, Any]] | None = None,
    additions: Sequence[Addition | Mapping[str, Any]] = (),
    removals: Sequence[int] = (),
) -> Expectation:
    """What a write of these changes into a tab with these rows is expected to leave."""
    table = ObservedTable(COLUMNS, tab_of(rows))
    ours = frozenset(row.index for row in table.rows() if row.text("id"))
    added_rows = [row if isinstance(row, Addition) else Addition(row) for row in additions]
    desired = DesiredRows(ours, updates or {}, added_rows, frozenset(removals))
    return Expectation.of(Patch(table, desired))


def all_checked(rows: Sequence[Sequence[Any]], serial: int = 20) -> dict[int, dict[str, Any]]:
    """Updates that confirm each of our rows at another time."""
    return {index: {"checked": serial} for index, row in enumerate(rows) if index and row[0]}


def repaired_rows(repair: Repair | None) -> list[list[Any]]:
    """What the tab holds after the repair, with formulas as text and without blanks at the end of its rows."""
    assert repair is not None
    rows = [[cell.formula or cell.value for cell in row] for row in repair.tab.rows]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


def test_an_undisturbed_write_needs_no_repair() -> None:
    """Nobody edited the tab meanwhile."""
    after = [HEADER, *([*row[:2], 20, row[3]] for row in BEFORE[1:])]
    assert repair_of(expectation_of(BEFORE, all_checked(BEFORE)), tab_of(after)) is None


def test_a_write_that_was_not_applied_needs_no_repair() -> None:
    """It overwrote nothing."""
    assert repair_of(expectation_of(BEFORE, all_checked(BEFORE)), tab_of(BEFORE)) is None


def test_what_a_person_changed_meanwhile_stays() -> None:
    """A cell with new text was changed by a person, also in a row where our write landed wrongly."""
    after = [
        HEADER,
        ["b", 2, 20, "of b"],
        ["a", 1, 20, "rethought"],
        ["c", 3, 20, "of c"],
        [None, None, 20],
        ["d", 4, 10],
    ]
    expected = [*after[:4], [], ["d", 4, 10]]
    assert repaired_rows(repair_of(expectation_of(BEFORE, all_checked(BEFORE)), tab_of(after))) == expected


@pytest.mark.parametrize("typed", [20, 7, "Current", None, "=B2*2"])
def test_what_a_person_typed_is_never_reverted(typed: Any) -> None:
    """Even if it equals what we meant to write elsewhere in a write that was lost, cut off or hit another row."""
    changes: dict[int, dict[str, Any]] = {
        1: {"seats": 7, "checked": 20},
        2: {"checked": "Current"},
        3: {"seats": 20, "checked": 20},
    }
    new = {"id": "e", "seats": 7, "checked": 20}
    expectation = expectation_of(BEFORE, changes, [new])
    typed_only = [*BEFORE[:2], ["b", 2, 10, typed], *BEFORE[3:]]
    assert repair_of(expectation, tab_of(typed_only)) is None
    in_part = [HEADER, ["a", 7, 20, typed], *BEFORE[2:], ["e", 7, 20, typed]]
    assert repair_of(expectation, tab_of(in_part)) is None
    moved_down = [HEADER, ["z", 7, 20, typed], ["a", 1, "Current", typed], ["b", 20, 20, typed], *BEFORE[3:]]
    repair = repaired_rows(repair_of(expectation, tab_of(moved_down)))
    assert [row[3:] for row in repair[1:4]] == [[] if typed is None else [typed]] * 3


def test_a_users_column_is_restored_and_ours_is_left_to_the_next_plan() -> None:
    """A user's column left of ours was deleted, so the write hit the column to the right."""
    before = [["Own", *HEADER], *(["x", *row] for row in BEFORE[1:])]
    after = [HEADER, ["a", 1, 10, 20], ["b", 2, 10, 20], ["c", 3, 10, 20], ["d", 4, 10, 20]]
    repair = repaired_rows(repair_of(expectation_of(before, {i: {"checked": 20} for i in range(1, 5)}), tab_of(after)))
    assert repair == [*BEFORE[:4], ["d", 4, 10]]


def test_a_restored_formula_is_adapted_to_its_new_row_and_columns() -> None:
    """Its references to its own row follow it."""
    before = [["X", *HEADER], *(["", *row[:3], f"=C{n}*2"] for n, row in enumerate(BEFORE[1:], start=2))]
    after = [HEADER, ["b", 2, 10, 20], ["a", 1, 10, 20], ["c", 3, 10, 20], ["d", 4, 10, 20]]
    repair = repaired_rows(repair_of(expectation_of(before, {i: {"checked": 20} for i in range(1, 5)}), tab_of(after)))
    assert [row[3] for row in repair[1:]] == ["=B2*2", "=B3*2", "=B4*2", "=B5*2"]


def test_a_row_with_a_note_that_was_removed_instead_of_another_is_put_back() -> None:
    """Somebody inserted a row above, so the write removed the row before the intended one."""
    before = expectation_of(BEFORE, removals=[4])
    before.table.tab.rows[3][3] = Cell("of c", note="a note")
    after = tab_of([HEADER, [], ["a", 1, 10, "of a"], ["b", 2, 10, "of b"], ["d", 4, 10]])
    repair = repair_of(before, after)
    assert repaired_rows(repair) == [HEADER, [], *BEFORE[1:3], ["d", 4, 10], ["c", 3, 10, "of c"]]
    assert repair is not None
    kinds = [next(iter(request)) for step in repair.steps() for request in step.requests]
    assert kinds[0] == "insertDimension"
    assert {"note": "a note"} in [
        cell
        for step in repair.steps()
        for request in step.requests
        for row in request.get("updateCells", {}).get("rows", ())
        for cell in row["values"]
    ]


def test_a_row_that_a_person_removed_stays_removed() -> None:
    """The write removed no row, or exactly the one it meant."""
    after = tab_of([HEADER, *BEFORE[2:]])
    assert repair_of(expectation_of(BEFORE), after) is None
    assert repair_of(expectation_of(BEFORE, removals=[4]), tab_of([HEADER, BEFORE[2], BEFORE[3]])) is None


def test_a_users_row_that_a_person_removed_stays_removed_though_the_write_removed_another() -> None:
    """An added row is never taken for the one to be removed, however alike they are."""
    rows = [*BEFORE[1:], ["f", 6, 10]]
    before = [HEADER, *([*row[:3], f"=B{n}*2"] for n, row in enumerate(rows, start=2)), ["Sum"]]
    expectation = expectation_of(
        before, additions=[Addition({"id": "e", "seats": 4, "checked": 10}, behind=4)], removals=[4]
    )
    assert repair_of(expectation, tab_of([*before[:4], ["e", 4, 10, "=B5*2"], before[5]])) is None


def test_a_duplicate_to_be_removed_is_never_taken_for_the_row_that_stays() -> None:
    """Even if it already held what was written into that row; the tab was sorted meanwhile."""
    before = [HEADER, ["a", 1, 10, "of a"], ["b", 2, 10], ["a", 9, 20], ["c", 3, 10], ["d", 4, 10]]
    expectation = expectation_of(before, {1: {"seats": 9, "checked": 20}}, removals=[3])
    assert repair_of(expectation, tab_of([HEADER, ["a", 9, 20, "of a"], before[2], before[5], before[4]])) is None


def test_a_repair_that_was_lost_is_repeated() -> None:
    """But what a person has typed there since stays."""
    after = [HEADER, ["b", 2, 20, "of b"], [None, None, 20, "own"], ["a", 1, 10, "of a"], ["d", 4, 20]]
    before = [*BEFORE[:3], [None, None, 5, "own"], BEFORE[4]]
    first = repair_of(expectation_of(before, all_checked(before)), tab_of(after))
    assert first is not None
    assert repaired_rows(first)[2] == [None, None, 5, "own"]
    again = Expectation.of(Patch(ObservedTable(COLUMNS, first.tab), DesiredRows()), first)
    assert repaired_rows(repair_of(again, tab_of(after)))[2] == [None, None, 5, "own"]
    after[2] = [None, None, 7, "own"]
    assert repair_of(again, tab_of(after)) is None


def test_putting_back_a_row_is_repeated_if_the_write_was_lost() -> None:
    """The row is still missing after the first repair."""
    after = [HEADER, [], BEFORE[1], BEFORE[2], ["d", 4, 10]]
    first = repair_of(expectation_of(BEFORE, removals=[4]), tab_of(after))
    again = Expectation.of(Patch(ObservedTable(COLUMNS, first.tab), DesiredRows()), first) if first else None
    assert again is not None
    assert repaired_rows(repair_of(again, tab_of(after)))[-1] == ["c", 3, 10, "of c"]


def test_the_row_behind_one_that_a_person_had_removed_is_put_back() -> None:
    """The person was faster, so the write removed the row that had moved up, though it wrote no cell wrongly."""
    after = tab_of([HEADER, *BEFORE[1:3]])
    assert repaired_rows(repair_of(expectation_of(BEFORE, removals=[3]), after)) == [HEADER, *BEFORE[1:3], ["d", 4, 10]]


def test_after_sorting_all_missing_rows_are_put_back() -> None:
    """It is unclear which of them a person removed."""
    after = tab_of([HEADER, ["d", 4, 10], ["c", 3, 10, "of c"]])
    repair = repaired_rows(repair_of(expectation_of(BEFORE, removals=[4]), after))
    assert sorted(map(str, repair[1:])) == sorted(map(str, [*BEFORE[1:4], ["d", 4, 10]]))


def test_users_rows_are_identified_by_their_content() -> None:
    """A total below the table was sorted into it and overwritten; only the overwritten cell is restored."""
    before = [*BEFORE, [], ["Sum", None, None, "ours"]]
    after = [HEADER, ["Sum", None, 20, "ours"], *([*row[:2], 20, row[3]] for row in BEFORE[1:4]), ["d", 4, 10]]
    repair = repaired_rows(repair_of(expectation_of(before, {i: {"checked": 20} for i in range(1, 5)}), tab_of(after)))
    assert repair[1] == ["Sum", None, None, "ours"]


def test_a_row_whose_key_was_overwritten_is_identified_by_the_rest() -> None:
    """Our number landed in the key column; the key is restored, beside the note."""
    after = [["Seats", "ID", "Checked", "Notes"], *([row[1], 90 + row[1], row[2], row[3]] for row in BEFORE[1:4])]
    repair = repaired_rows(
        repair_of(expectation_of(BEFORE, {i: {"seats": 90 + i} for i in range(1, 4)}), tab_of(after))
    )
    assert [row[1] for row in repair[1:]] == ["a", "b", "c"]


def test_a_row_added_into_shifted_columns_is_corrected_or_cleared() -> None:
    """Its values are corrected if its key is in the right column, else cleared."""
    new = {"id": "e", "seats": 7, "checked": 20}
    *above, last = ([row[0], None, *row[1:]] for row in BEFORE[1:])
    after = [["ID", "New", "Seats", "Checked", "Notes"], *above, ["e", 7, 20], last]
    assert repaired_rows(repair_of(expectation_of(BEFORE, additions=[new]), tab_of(after)))[4] == ["e", None, 7, 20]
    *above, last = ([None, *row] for row in BEFORE[1:])
    after = [["New", *HEADER], *above, ["e", 7, 20], last]
    assert repaired_rows(repair_of(expectation_of(BEFORE, additions=[new]), tab_of(after)))[4] == []


def test_a_constant_copied_into_a_new_row_in_place_of_a_formula_is_cleared() -> None:
    """The formula's column has moved, and its old place holds text."""
    new: dict[str, Any] = {"id": "e", "seats": 7, "checked": 20}
    before = [[*HEADER, "Double"], *([*row, f"=B{n}*2"] for n, row in enumerate(BEFORE[1:], start=2))]
    swapped = [[*row[:3], row[4], row[3]] for row in before]
    expectation = expectation_of(before, additions=[Addition(new, behind=3)])
    after = [*swapped[:4], ["e", 7, 20, None, "of c"], swapped[4]]
    assert repaired_rows(repair_of(expectation, tab_of(after)))[4] == ["e", 7, 20]
    # Nothing was copied into this column, so a person typed it.
    after[4] = ["e", 7, 20, "of c"]
    assert repair_of(expectation, tab_of(after)) is None


def test_a_row_with_only_some_of_its_changes_gets_the_others() -> None:
    """Otherwise its time would vouch for numbers of another time."""
    changes = {1: {"seats": 11, "checked": 20}, 2: {"checked": 20}}
    after = [HEADER, [], ["a", 1, 20, "of a"], *BEFORE[2:]]
    assert repaired_rows(repair_of(expectation_of(BEFORE, changes), tab_of(after)))[2] == ["a", 11, 20, "of a"]


def test_a_table_without_its_key_is_left_alone() -> None:
    """Its rows can't be identified."""
    after = [HEADER[1:], *(row[1:] for row in BEFORE[1:]), ["e", 7, 20]]
    assert repair_of(expectation_of(BEFORE, additions=[{"id": "e", "seats": 7, "checked": 20}]), tab_of(after)) is None


def test_a_misplaced_formula_of_ours_is_cleared() -> None:
    """It is recognised by its text, which names its row."""
    before = [["X", *HEADER], *(["", *row] for row in BEFORE[1:])]
    updates = {i: {"checked": RowFormula("=TREND(B{row})")} for i in range(1, 5)}
    after = [HEADER, *([*row[:3], f"=TREND(B{n})"] for n, row in enumerate(BEFORE[1:], start=2))]
    repair = repaired_rows(repair_of(expectation_of(before, updates), tab_of(after)))
    assert [row[3:] for row in repair[1:]] == [["of a"], ["of b"], ["of c"], []]


@pytest.mark.parametrize(
    ("missing", "removals", "remaining", "added", "expected"),
    [
        # The third was to be removed, but a person inserted one above, so the second was.
        ([2], [3], {0: 0, 1: 2, 3: 3, 4: 4, 5: 5}, [], [2]),
        # A person removed the second, so we removed the fifth instead of the fourth.
        ([2, 5], [4], {0: 0, 1: 1, 3: 2, 4: 3, 6: 4}, [], [5]),
        # Two that were to be removed are still there, and it is unclear who removed which of the others.
        ([1, 2, 3], [5, 6], {0: 0, 4: 3, 5: 2, 6: 1}, [], [1, 2, 3]),
        # A row that the write added doesn't count.
        ([6], [5], {0: 0, 1: 1, 2: 2, 3: 4, 4: 5, 7: 6}, [3], [6]),
        # A person removed one of two neighbours, of which one was to be removed: it is unclear which.
        ([4], [3], {0: 0, 1: 1, 2: 2}, [], [4]),
        # A person removed one elsewhere.
        ([1], [4], {0: 0, 2: 1, 3: 2}, [], []),
    ],
)
def test_rows_removed_by_mistake_are_distinguished_from_those_people_removed(
    missing: list[int], removals: list[int], remaining: dict[int, int], added: list[int], expected: list[int]
) -> None:
    """By their position when the write came."""
    assert removed_instead(missing, removals, remaining, added) == expected


def test_references_follow_their_rows_and_columns() -> None:
    """References to other tabs, texts and functions are left alone, and an absolute reference stays absolute."""
    formula = '=SUM(B2:D2)+$C$2-LOG10(C3)&"B2"&Other!B2'
    adapted = translated(formula, {1: 4}, {1: 0, 2: 3})
    assert adapted == '=SUM(A5:D5)+$D$5-LOG10(D3)&"B2"&Other!B2'


def test_vertically_adjacent_cells_are_restored_in_one_request() -> None:
    """Rows put back above them move them down."""
    repair = Repair(tab_of(BEFORE), range(3, 4), range(0))
    for row in (1, 2, 4):
        repair.put((row, 3), BLANK)
    written = [
        request["updateCells"] for step in repair.steps() for request in step.requests if "updateCells" in request
    ]
    assert [(cells["start"]["rowIndex"], len(cells["rows"])) for cells in written] == [(1, 2), (5, 1)]
