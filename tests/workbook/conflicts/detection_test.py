"""What a write did in a wrong place is taken back; what people did stays."""

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


def tab(rows: Sequence[Sequence[Any]]) -> Tab:
    """A tab that holds these; a text that begins with an equals sign is a formula."""
    cells = [
        [Cell(None, value) if isinstance(value, str) and value.startswith("=") else Cell(value) for value in row]
        for row in rows
    ]
    return Tab(1, "T", len(rows) + 2, 8, 1, cells)


def memory(
    rows: Sequence[Sequence[Any]],
    updates: Mapping[int, Mapping[str, Any]] | None = None,
    additions: Sequence[Addition | Mapping[str, Any]] = (),
    removals: Sequence[int] = (),
) -> Expectation:
    """What is remembered of a write with these changes into a tab that held these rows."""
    table = ObservedTable(COLUMNS, tab(rows))
    ours = frozenset(row.index for row in table.rows() if row.text("id"))
    coming = [one if isinstance(one, Addition) else Addition(one) for one in additions]
    wish = DesiredRows(ours, updates or {}, coming, frozenset(removals))
    return Expectation.of(Patch(table, wish))


def checked(rows: Sequence[Sequence[Any]], serial: int = 20) -> dict[int, dict[str, Any]]:
    """Every row of ours confirmed at another time."""
    return {index: {"checked": serial} for index, row in enumerate(rows) if index and row[0]}


def values(done: Repair | None) -> list[list[Any]]:
    """What the mended tab holds, formulas as such, without blanks at the end of its rows."""
    assert done is not None
    rows = [[cell.formula or cell.value for cell in row] for row in done.tab.rows]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


def test_what_was_written_as_it_should_leaves_nothing_to_mend() -> None:
    """Nobody was in the way."""
    after = [HEADER, *([*row[:2], 20, row[3]] for row in BEFORE[1:])]
    assert repair_of(memory(BEFORE, checked(BEFORE)), tab(after)) is None


def test_a_write_that_was_not_done_leaves_nothing_to_mend() -> None:
    """Nothing of ours stands anywhere, so nothing of people's was hit."""
    assert repair_of(memory(BEFORE, checked(BEFORE)), tab(BEFORE)) is None


def test_what_a_person_changed_meanwhile_stays() -> None:
    """A note that now says something else is the person's doing, also where our write went astray."""
    after = [
        HEADER,
        ["b", 2, 20, "of b"],
        ["a", 1, 20, "rethought"],
        ["c", 3, 20, "of c"],
        [None, None, 20],
        ["d", 4, 10],
    ]
    expected = [*after[:4], [], ["d", 4, 10]]
    assert values(repair_of(memory(BEFORE, checked(BEFORE)), tab(after))) == expected


@pytest.mark.parametrize("typed", [20, 7, "Current", None, "=B2*2"])
def test_what_a_person_types_is_never_put_back(typed: Any) -> None:
    """Even if it is what we meant to write elsewhere, and could not or only in part, or hit another row."""
    changes: dict[int, dict[str, Any]] = {
        1: {"seats": 7, "checked": 20},
        2: {"checked": "Current"},
        3: {"seats": 20, "checked": 20},
    }
    new = {"id": "e", "seats": 7, "checked": 20}
    asked = memory(BEFORE, changes, [new])
    lost = [*BEFORE[:2], ["b", 2, 10, typed], *BEFORE[3:]]
    assert repair_of(asked, tab(lost)) is None
    in_part = [HEADER, ["a", 7, 20, typed], *BEFORE[2:], ["e", 7, 20, typed]]
    assert repair_of(asked, tab(in_part)) is None
    moved_down = [HEADER, ["z", 7, 20, typed], ["a", 1, "Current", typed], ["b", 20, 20, typed], *BEFORE[3:]]
    done = values(repair_of(asked, tab(moved_down)))
    assert [row[3:] for row in done[1:4]] == [[] if typed is None else [typed]] * 3


def test_a_column_of_peoples_gets_its_words_back_and_ours_is_left_to_the_plan() -> None:
    """A column of people's was deleted left of ours, so that the write hit the one to the right."""
    before = [["Own", *HEADER], *(["x", *row] for row in BEFORE[1:])]
    after = [HEADER, ["a", 1, 10, 20], ["b", 2, 10, 20], ["c", 3, 10, 20], ["d", 4, 10, 20]]
    done = values(repair_of(memory(before, {i: {"checked": 20} for i in range(1, 5)}), tab(after)))
    assert done == [*BEFORE[:4], ["d", 4, 10]]


def test_a_formula_is_put_back_for_the_row_and_columns_where_it_stands_now() -> None:
    """Its references to its own row follow it."""
    before = [["X", *HEADER], *(["", *row[:3], f"=C{n}*2"] for n, row in enumerate(BEFORE[1:], start=2))]
    after = [HEADER, ["b", 2, 10, 20], ["a", 1, 10, 20], ["c", 3, 10, 20], ["d", 4, 10, 20]]
    done = values(repair_of(memory(before, {i: {"checked": 20} for i in range(1, 5)}), tab(after)))
    assert [row[3] for row in done[1:]] == ["=B2*2", "=B3*2", "=B4*2", "=B5*2"]


def test_a_row_with_a_note_that_was_removed_in_the_stead_of_another_comes_back() -> None:
    """Somebody inserted a row above, so the write removed the row before the one it meant."""
    before = memory(BEFORE, removals=[4])
    before.table.tab.rows[3][3] = Cell("of c", note="a note")
    after = tab([HEADER, [], ["a", 1, 10, "of a"], ["b", 2, 10, "of b"], ["d", 4, 10]])
    done = repair_of(before, after)
    assert values(done) == [HEADER, [], *BEFORE[1:3], ["d", 4, 10], ["c", 3, 10, "of c"]]
    assert done is not None
    kinds = [next(iter(request)) for step in done.steps() for request in step.requests]
    assert kinds[0] == "insertDimension"
    assert {"note": "a note"} in [
        cell
        for step in done.steps()
        for request in step.requests
        for row in request.get("updateCells", {}).get("rows", ())
        for cell in row["values"]
    ]


def test_a_row_that_a_person_removed_stays_away() -> None:
    """Nothing was meant to go, or what was has gone."""
    after = tab([HEADER, *BEFORE[2:]])
    assert repair_of(memory(BEFORE), after) is None
    assert repair_of(memory(BEFORE, removals=[4]), tab([HEADER, BEFORE[2], BEFORE[3]])) is None


def test_a_row_of_their_own_that_a_person_removed_stays_away_where_another_went() -> None:
    """A row that came is never taken for the one that was to go, however alike they are."""
    rows = [*BEFORE[1:], ["f", 6, 10]]
    before = [HEADER, *([*row[:3], f"=B{n}*2"] for n, row in enumerate(rows, start=2)), ["Sum"]]
    asked = memory(before, additions=[Addition({"id": "e", "seats": 4, "checked": 10}, behind=4)], removals=[4])
    assert repair_of(asked, tab([*before[:4], ["e", 4, 10, "=B5*2"], before[5]])) is None


def test_a_copy_that_was_to_go_is_never_taken_for_the_row_that_stays() -> None:
    """However much the copy had of what was written into that row; the tab was sorted meanwhile."""
    before = [HEADER, ["a", 1, 10, "of a"], ["b", 2, 10], ["a", 9, 20], ["c", 3, 10], ["d", 4, 10]]
    asked = memory(before, {1: {"seats": 9, "checked": 20}}, removals=[3])
    assert repair_of(asked, tab([HEADER, ["a", 9, 20, "of a"], before[2], before[5], before[4]])) is None


def test_what_was_to_be_mended_and_was_not_is_mended_again() -> None:
    """The write that was to do it got lost; where a person has written since, their words stay."""
    after = [HEADER, ["b", 2, 20, "of b"], [None, None, 20, "own"], ["a", 1, 10, "of a"], ["d", 4, 20]]
    before = [*BEFORE[:3], [None, None, 5, "own"], BEFORE[4]]
    first = repair_of(memory(before, checked(before)), tab(after))
    assert first is not None
    assert values(first)[2] == [None, None, 5, "own"]
    again = Expectation.of(Patch(ObservedTable(COLUMNS, first.tab), DesiredRows()), first)
    assert values(repair_of(again, tab(after)))[2] == [None, None, 5, "own"]
    after[2] = [None, None, 7, "own"]
    assert repair_of(again, tab(after)) is None


def test_a_row_that_was_to_be_put_back_and_was_not_is_put_back_again() -> None:
    """The write that was to do it got lost."""
    after = [HEADER, [], BEFORE[1], BEFORE[2], ["d", 4, 10]]
    first = repair_of(memory(BEFORE, removals=[4]), tab(after))
    again = Expectation.of(Patch(ObservedTable(COLUMNS, first.tab), DesiredRows()), first) if first else None
    assert again is not None
    assert values(repair_of(again, tab(after)))[-1] == ["c", 3, 10, "of c"]


def test_the_row_behind_one_that_both_removed_comes_back() -> None:
    """A person was faster, so the write removed what had moved up, though it wrote nothing in a wrong place."""
    after = tab([HEADER, *BEFORE[1:3]])
    assert values(repair_of(memory(BEFORE, removals=[3]), after)) == [HEADER, *BEFORE[1:3], ["d", 4, 10]]


def test_after_sorting_all_rows_that_went_come_back() -> None:
    """Which of them a person removed besides can't be told any more."""
    after = tab([HEADER, ["d", 4, 10], ["c", 3, 10, "of c"]])
    done = values(repair_of(memory(BEFORE, removals=[4]), after))
    assert sorted(map(str, done[1:])) == sorted(map(str, [*BEFORE[1:4], ["d", 4, 10]]))


def test_peoples_own_rows_are_known_by_what_they_hold() -> None:
    """A total below the table was sorted into it and hit; it gets back what we wrote over, and nothing else."""
    before = [*BEFORE, [], ["Sum", None, None, "ours"]]
    after = [HEADER, ["Sum", None, 20, "ours"], *([*row[:2], 20, row[3]] for row in BEFORE[1:4]), ["d", 4, 10]]
    done = values(repair_of(memory(before, {i: {"checked": 20} for i in range(1, 5)}), tab(after)))
    assert done[1] == ["Sum", None, None, "ours"]


def test_a_row_whose_key_was_written_over_is_known_by_the_rest() -> None:
    """Our number landed in the key's column; the key comes back, beside its note."""
    after = [["Seats", "ID", "Checked", "Notes"], *([row[1], 90 + row[1], row[2], row[3]] for row in BEFORE[1:4])]
    done = values(repair_of(memory(BEFORE, {i: {"seats": 90 + i} for i in range(1, 4)}), tab(after)))
    assert [row[1] for row in done[1:]] == ["a", "b", "c"]


def test_a_new_row_that_came_into_shifted_columns_is_completed_or_cleared() -> None:
    """Beside the right key its values come right; elsewhere they go."""
    new = {"id": "e", "seats": 7, "checked": 20}
    after = [["ID", "New", "Seats", "Checked", "Notes"], *([r[0], None, *r[1:]] for r in BEFORE[1:]), ["e", 7, 20]]
    assert values(repair_of(memory(BEFORE, additions=[new]), tab(after)))[-1] == ["e", None, 7, 20]
    after = [["New", *HEADER], *([None, *r] for r in BEFORE[1:]), ["e", 7, 20]]
    assert values(repair_of(memory(BEFORE, additions=[new]), tab(after)))[-1] == []


def test_a_constant_that_was_copied_into_a_new_row_for_a_formula_goes() -> None:
    """The formula's column has moved, and words stand in its place."""
    new: dict[str, Any] = {"id": "e", "seats": 7, "checked": 20}
    before = [[*HEADER, "Double"], *([*row, f"=B{n}*2"] for n, row in enumerate(BEFORE[1:], start=2))]
    swapped = [[*row[:3], row[4], row[3]] for row in before]
    asked = memory(before, additions=[Addition(new, behind=3)])
    after = [*swapped[:4], ["e", 7, 20, None, "of c"], swapped[4]]
    assert values(repair_of(asked, tab(after)))[4] == ["e", 7, 20]
    # Nothing was copied into another column, so that is a person's.
    after[4] = ["e", 7, 20, "of c"]
    assert repair_of(asked, tab(after)) is None


def test_a_row_with_only_some_of_its_changes_gets_the_others() -> None:
    """Else its time would vouch for numbers of another."""
    changes = {1: {"seats": 11, "checked": 20}, 2: {"checked": 20}}
    after = [HEADER, [], ["a", 1, 20, "of a"], *BEFORE[2:]]
    assert values(repair_of(memory(BEFORE, changes), tab(after)))[2] == ["a", 11, 20, "of a"]


def test_a_table_without_its_key_is_left_alone() -> None:
    """Which row is whose can't be told."""
    after = [HEADER[1:], *(row[1:] for row in BEFORE[1:]), ["e", 7, 20]]
    assert repair_of(memory(BEFORE, additions=[{"id": "e", "seats": 7, "checked": 20}]), tab(after)) is None


def test_a_formula_of_ours_that_went_astray_is_taken_back() -> None:
    """It is told by its text, which names its row."""
    before = [["X", *HEADER], *(["", *row] for row in BEFORE[1:])]
    wish = {i: {"checked": RowFormula("=TREND(B{row})")} for i in range(1, 5)}
    after = [HEADER, *([*row[:3], f"=TREND(B{n})"] for n, row in enumerate(BEFORE[1:], start=2))]
    done = values(repair_of(memory(before, wish), tab(after)))
    assert [row[3:] for row in done[1:]] == [["of a"], ["of b"], ["of c"], []]


@pytest.mark.parametrize(
    ("lost", "going", "left", "came", "expected"),
    [
        # The third was to go, but a person inserted one above, and the second went.
        ([2], [3], {0: 0, 1: 2, 3: 3, 4: 4, 5: 5}, [], [2]),
        # A person removed the second, and we the fifth instead of the fourth.
        ([2, 5], [4], {0: 0, 1: 1, 3: 2, 4: 3, 6: 4}, [], [5]),
        # Two that were to go are there, and who removed which of the others can't be told.
        ([1, 2, 3], [5, 6], {0: 0, 4: 3, 5: 2, 6: 1}, [], [1, 2, 3]),
        # A row that came in with the write doesn't count.
        ([6], [5], {0: 0, 1: 1, 2: 2, 3: 4, 4: 5, 7: 6}, [3], [6]),
        # Of two neighbours the one that was to go, or the other, was removed by a person: it can't be told.
        ([4], [3], {0: 0, 1: 1, 2: 2}, [], [4]),
        # A person removed one that stood elsewhere.
        ([1], [4], {0: 0, 2: 1, 3: 2}, [], []),
    ],
)
def test_what_was_removed_instead_is_told_from_what_people_removed(
    lost: list[int], going: list[int], left: dict[int, int], came: list[int], expected: list[int]
) -> None:
    """By where it stood when the write came."""
    assert removed_instead(lost, going, left, came) == expected


def test_references_follow_their_rows_and_columns() -> None:
    """Other tabs, texts and functions are left alone, and a fixed reference stays fixed."""
    formula = '=SUM(B2:D2)+$C$2-LOG10(C3)&"B2"&Other!B2'
    told = translated(formula, {1: 4}, {1: 0, 2: 3})
    assert told == '=SUM(A5:D5)+$D$5-LOG10(D3)&"B2"&Other!B2'


def test_cells_are_written_below_each_other_in_one_request() -> None:
    """And put back rows take those below them along."""
    done = Repair(tab(BEFORE), range(3, 4), range(0))
    for row in (1, 2, 4):
        done.put((row, 3), BLANK)
    written = [request["updateCells"] for step in done.steps() for request in step.requests if "updateCells" in request]
    assert [(one["start"]["rowIndex"], len(one["rows"])) for one in written] == [(1, 2), (5, 1)]
