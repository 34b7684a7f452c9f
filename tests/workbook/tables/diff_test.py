"""The patch: what it does to rows and cells, what it tells of that, and that each part of it is complete."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.batching import BATCH_BYTES, BATCH_MOVES, STEP_BYTES, Step, batches
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import Addition, DesiredRows
from seat_report.workbook.tables.diff import CellChange, Counts, Patch, RowChange, equal
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import LocalTab

ID = Column("id", "ID", Kind.TEXT, "Which it is", is_key=True)
SEATS = Column("seats", "Seats", Kind.COUNT, "How many")
CHECKED = Column("checked", "Checked", Kind.MOMENT, "When", counts=False)
SHARE = Column("share", "Share", Kind.SHARE, "How much of it")
COLUMNS = (ID, SEATS, CHECKED)
HEADER: list[Value] = ["ID", "Seats", "Notes", "Checked"]

rule = settings(max_examples=80)


def row(name: str, seats: Value = 1, notes: Value = None) -> list[Value]:
    """A row as it stands."""
    return [name, seats, notes, 10]


def left(*rows: list[Value], columns: Iterable[Column] = COLUMNS, row_count: int | None = None) -> LocalTab:
    """A tab with the header and these rows, its columns marked as an earlier run would have left them."""
    present = LocalTab([[*HEADER], *rows], row_count=row_count)
    present.write(patch(present, DesiredRows(), columns))
    return present


def patch(present: LocalTab, desired: DesiredRows, columns: Iterable[Column] = COLUMNS) -> Patch:
    """The patch for a tab as it stands."""
    return Patch(ObservedTable(tuple(columns), present.tab), desired)


def written(present: LocalTab, desired: DesiredRows, columns: Iterable[Column] = COLUMNS) -> list[list[Value]]:
    """What the tab holds below its header once the desired is written."""
    present.write(patch(present, desired, columns))
    return present.rows[1:]


def kinds(built: Iterable[Step]) -> list[list[str]]:
    """The kinds of requests, step by step."""
    return [[next(iter(request)) for request in step.requests] for step in built]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (Cell(), None),
        (Cell(), ""),
        (Cell(""), None),
        (Cell(5), 5),
        (Cell(5.0), 5),
        (Cell(0.1 + 0.2), 0.3),
        (Cell(46000.2916666667), 46000.29166666666),
        (Cell(1234567890.12345), 1234567890.1234502),
        (Cell(0.0), 1e-10),
        (Cell(True), True),
        (Cell(False), False),
        (Cell("5"), "5"),
        (Cell(None, "=A3"), RowFormula("=A{row}")),
    ],
)
def test_what_is_as_it_should(cell: Cell, wanted: Value) -> None:
    """Nothing is nothing in both ways of saying it; a number is one however many digits came back."""
    assert equal(cell, wanted, 2)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (Cell(0), None),
        (Cell(False), None),
        (Cell(), 0),
        (Cell(), False),
        (Cell(5), 6),
        (Cell(100_000), 100_000.001),
        (Cell(20_000_000_000), 20_000_000_001),
        (Cell(0.0), 1e-6),
        (Cell(1), True),
        (Cell(True), 1),
        (Cell(0), False),
        (Cell("5"), 5),
        (Cell(5), "5"),
        (Cell("a"), "A"),
        (Cell(5, "=2+3"), 5),
        (Cell("x", '=""&"x"'), "x"),
        (Cell(None, "=A1"), None),
        (Cell(5, "=A3"), RowFormula("=A{row}1")),
        (Cell(5, "=A2"), RowFormula("=A{row}")),
        (Cell("=A3"), RowFormula("=A{row}")),
    ],
)
def test_what_is_not_as_it_should(cell: Cell, wanted: Value) -> None:
    """Kinds of values differ even where Python takes them for equal, and a formula is no constant."""
    assert not equal(cell, wanted, 2)


def test_a_formula_wanted_without_a_row_is_that_of_the_first() -> None:
    """The Overview asks for lines of its own block."""
    assert equal(Cell(None, "=A1"), RowFormula("=A{row}"))


def test_rows_come_behind_the_last_of_ours() -> None:
    """In the order given, in front of what people have below."""
    present = LocalTab([HEADER, row("a"), row("b"), [None, None, "Sum"]])
    desired = DesiredRows(ours=frozenset({1, 2}), additions=[Addition({"id": "c", "seats": 3}), Addition({"id": "d"})])
    assert written(present, desired) == [row("a"), row("b"), ["c", 3], ["d"], [None, None, "Sum"]]


def test_rows_come_where_they_belong() -> None:
    """Behind any row as read, several in the order given, also where that row goes."""
    present = LocalTab([HEADER, row("a"), row("b"), row("c")])
    additions = [
        Addition({"id": "a1"}, 1),
        Addition({"id": "top"}, 0),
        Addition({"id": "b1"}, 2),
        Addition({"id": "a2"}, 1),
    ]
    desired = DesiredRows(frozenset({1, 2, 3}), {3: {"seats": 9}}, additions, removals=frozenset({2}))
    assert written(present, desired) == [["top"], row("a"), ["a1"], ["a2"], ["b1"], row("c", 9)]


def test_what_changes_below_rows_that_go_and_come_changes_in_its_row() -> None:
    """More come than go in front of it."""
    present = LocalTab([HEADER, row("a"), row("b"), row("c")])
    additions = [Addition({"id": "n1"}, 2), Addition({"id": "n2"}, 2)]
    desired = DesiredRows(frozenset({1, 2, 3}), {3: {"seats": 9}}, additions, removals=frozenset({2}))
    assert written(present, desired) == [row("a"), ["n1"], ["n2"], row("c", 9)]


def test_columns_go_as_wished() -> None:
    """And the cells right of them are written where they stand by then."""
    present = LocalTab([["ID", "2024", "Seats", "Notes", "Checked"], ["a", 7, 1, "kept", 10]])
    assert written(present, DesiredRows(frozenset({1}), {1: {"seats": 2}}, columns_gone=frozenset({1}))) == [
        row("a", 2, "kept")
    ]


def test_the_first_rows_come_below_the_header() -> None:
    """Where there is none of ours yet; they are complete, blanks where nothing is known."""
    present = LocalTab([HEADER])
    desired = DesiredRows(
        additions=[Addition({"id": "a", "seats": 0, "checked": 20}), Addition({"id": "b", "seats": None})]
    )
    assert written(present, desired) == [["a", 0, None, 20], ["b"]]


@pytest.mark.parametrize("row_count", [2, 3])
def test_a_grid_that_is_full_grows(row_count: int) -> None:
    """Rows are inserted behind the last of the grid as well."""
    present = LocalTab([HEADER, row("a"), row("b")][:row_count], row_count=row_count)
    desired = DesiredRows(frozenset(range(1, row_count)), additions=[Addition({"id": "c"})])
    assert written(present, desired)[-1] == ["c"]


def test_a_row_behind_a_header_that_is_all_there_is_looks_like_it() -> None:
    """Behind the last row of the grid there is none after it to look like."""
    tab = Tab(7, "Seats", 1, 8, 0, [[Cell(value) for value in HEADER]])
    found = Patch(ObservedTable(COLUMNS, tab), DesiredRows(additions=[Addition({"id": "a"})]))
    (inserted,) = [one for step in found.steps() for one in step.requests if "insertDimension" in one]
    assert inserted["insertDimension"]["inheritFromBefore"] is True


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_every_row_may_go(frozen: int) -> None:
    """Sheets refuses to remove the last row that is not frozen: one is added before."""
    rows = [row("a"), row("b"), row("c")] if frozen == 2 else [row("a"), row("b")]
    present = left(*rows, row_count=len(rows) + 1)
    properties = {"sheetId": 7, "gridProperties": {"frozenRowCount": frozen}}
    fields = "gridProperties.frozenRowCount"
    present.apply([{"updateSheetProperties": {"properties": properties, "fields": fields}}])
    going = frozenset(range(1, 3) if frozen < 2 else range(2, 4))
    built = kinds(patch(present, DesiredRows(going, removals=going)).steps())
    assert built == [["appendDimension"], ["deleteDimension"]]
    assert written(present, DesiredRows(going, removals=going)) == ([row("a")] if frozen == 2 else [])
    assert present.tab.row_count == (3 if frozen == 2 else 2)


def test_no_row_is_added_where_one_stays() -> None:
    """The grid does not grow with what goes."""
    present = left(row("a"), row("b"), row_count=4)
    built = kinds(patch(present, DesiredRows(frozenset({1, 2}), removals=frozenset({1, 2}))).steps())
    assert built == [["deleteDimension"]]


def test_a_lean_patch_has_the_same_steps() -> None:
    """It has let go of what rows should say that already say it."""
    present = left(row("a"), row("b"), row("c"))
    updates: dict[int, dict[str, Value]] = {index: {"seats": index} for index in (1, 2)}
    full = patch(present, DesiredRows(frozenset({1, 2, 3}), updates, [Addition({"id": "d"}, 1)], frozenset({3})))
    assert list(full.lean().steps()) == list(full.steps())
    assert full.lean().desired.updates == {}
    assert full.desired.updates == updates


@pytest.mark.parametrize(
    ("going", "behind", "expected"),
    [
        ({2, 3, 5}, [], [(5, 6), (2, 4)]),
        ({1, 2, 3, 4}, [2], [(3, 5), (1, 3)]),
        ({1, 2, 3, 4}, [4], [(1, 5)]),
        ({2, 3}, [1], [(2, 4)]),
    ],
)
def test_neighbours_go_together(going: set[int], behind: list[int], expected: list[tuple[int, int]]) -> None:
    """One request for rows that stand together, unless something comes in between; what comes stands in its place."""
    rows = [row(name) for name in "abcdef"]
    present = left(*rows)
    desired = DesiredRows(
        ours=frozenset(range(1, 7)),
        additions=[Addition({"id": f"behind {index}"}, index) for index in behind],
        removals=frozenset(going),
    )
    gone = [
        (span["startIndex"], span["endIndex"])
        for step in patch(present, desired).steps()
        for request in step.requests
        for span in [request.get("deleteDimension", {}).get("range")]
        if span
    ]
    assert gone == expected
    kept: list[str] = []
    for index, cells in enumerate(rows, start=1):
        kept += [str(cells[0])] * (index not in going) + [f"behind {index}"] * (index in behind)
    assert [cells[0] for cells in written(present, desired)] == kept


def test_a_formula_that_both_neighbours_share_comes_into_new_rows() -> None:
    """Said of columns of people's: one that only one of them has, or that differs, does not."""
    header = [*HEADER, "Both", "One", "Other", "Third"]
    formulas = [RowFormula("=B{row}*2"), RowFormula("=B{row}*3"), RowFormula("=B{row}*4"), None]
    unlike = [RowFormula("=B{row}*2"), None, RowFormula("=B{row}*5"), RowFormula("=B{row}*6")]
    present = LocalTab([header, [*row("a"), *formulas], [*row("c"), *unlike]])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b1"}, 1), Addition({"id": "b2"}, 1)])
    assert written(present, desired) == [
        [*row("a"), "=B2*2", "=B2*3", "=B2*4"],
        ["b1", None, None, None, "=B3*2"],
        ["b2", None, None, None, "=B4*2"],
        [*row("c"), "=B5*2", None, "=B5*5", "=B5*6"],
    ]
    assert present.rows[0] == header


def test_a_formula_of_the_header_is_none_of_the_rows() -> None:
    """The first row comes without what the header and the row below it share."""
    present = LocalTab([[*HEADER, RowFormula("=B{row}")], [*row("a"), RowFormula("=B{row}")]])
    desired = DesiredRows(frozenset({1}), additions=[Addition({"id": "z"}, 0)])
    assert written(present, desired)[0] == ["z"]


def test_a_formula_in_a_column_of_ours_is_not_copied() -> None:
    """What stands in our columns is what we write."""
    present = LocalTab([HEADER, row("a", RowFormula("=LEN(A{row})")), row("c", RowFormula("=LEN(A{row})"))])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b", "seats": 5}, 1)])
    assert written(present, desired)[1] == ["b", 5]


def test_a_shared_formula_is_copied_from_where_its_column_stands_by_then() -> None:
    """A column of ours that was missing comes in left of it at the same time."""
    header: list[Value] = ["ID", "Checked", "Twice"]
    formula = RowFormula("=LEN(A{row})")
    present = LocalTab([header, ["a", 10, formula], ["c", 10, formula]])
    desired = DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "b", "seats": 5}, 1)])
    assert written(present, desired)[1] == ["b", None, 5, "=LEN(A3)"]


@pytest.mark.parametrize(("behind", "expected"), [(0, "bold"), (1, "bold"), (2, "plain")])
def test_new_rows_look_like_rows(behind: int, expected: str) -> None:
    """Below the header they take the formats of the row that was first, elsewhere of the row before."""
    present = LocalTab([HEADER, row("a"), row("b")])
    for at, bold in [(0, False), (1, True), (2, False), (3, True)]:
        span = {"sheetId": 7, "startRowIndex": at, "endRowIndex": at + 1}
        cell = {"userEnteredFormat": {"textFormat": {"bold": bold}}}
        present.apply([{"repeatCell": {"range": span, "cell": cell, "fields": "userEnteredFormat.textFormat.bold"}}])
    present.write(patch(present, DesiredRows(frozenset({1, 2}), additions=[Addition({"id": "c"}, behind)])))
    assert present.is_bold(behind + 1) == (expected == "bold")


def test_only_what_differs_is_written() -> None:
    """A quiet day writes nothing, and a changed number nothing but its cell."""
    present = left(row("a"), row("b"))
    quiet = patch(present, DesiredRows(frozenset({1, 2}), {1: {"seats": 1, "checked": 10}, 2: {"seats": 1}}))
    assert quiet.is_empty
    assert quiet.changed == {}
    changed = patch(present, DesiredRows(frozenset({1, 2}), {1: {"seats": 1}, 2: {"seats": 2, "checked": 10}}))
    assert not changed.is_empty
    assert kinds(changed.steps()) == [["updateCells"]]
    assert changed.changed == {2: (CellChange(SEATS, 1, 2),)}


def test_a_column_that_comes_is_filled() -> None:
    """In the rows that there are too; before that, nothing stood there."""
    present = LocalTab([["ID", "Seats"], ["a", 4]])
    found = patch(present, DesiredRows(frozenset({1}), {1: {"seats": 4, "share": 0.5}}), (ID, SEATS, SHARE))
    assert found.changed == {1: (CellChange(SHARE, None, 0.5),)}
    present.write(found)
    assert present.rows[1:] == [["a", 4, 0.5]]


def test_a_key_is_never_written_again() -> None:
    """Its cells are written with their row; a person's spelling stays."""
    present = left(row("A"))
    assert patch(present, DesiredRows(frozenset({1}), {1: {"id": "a"}})).is_empty


def test_what_people_read_of_a_patch() -> None:
    """Rows by their kind with what identifies them, in the order of the tab; columns that tell the time are no news."""
    present = LocalTab([HEADER, row("a"), row("b"), row("c"), row("d")])
    desired = DesiredRows(
        frozenset({1, 2, 3, 4}),
        {4: {"seats": 9, "checked": 20}, 1: {"seats": 5}, 2: {"checked": 20}},
        [Addition({"id": "e", "seats": 7, "checked": 20}), Addition({"id": "f", "seats": ""})],
        removals=frozenset({3}),
    )
    found = patch(present, desired)
    assert found.rows == (
        RowChange(
            "added",
            None,
            {"id": "e", "seats": 7, "checked": 20},
            (CellChange(ID, None, "e"), CellChange(SEATS, None, 7)),
        ),
        RowChange("added", None, {"id": "f", "seats": ""}, (CellChange(ID, None, "f"),)),
        RowChange("updated", 1, {"id": "a", "seats": 5, "checked": 10}, (CellChange(SEATS, 1, 5),)),
        RowChange("updated", 4, {"id": "d", "seats": 9, "checked": 20}, (CellChange(SEATS, 1, 9),)),
        RowChange("removed", 3, {"id": "c", "seats": 1, "checked": 10}),
    )
    assert found.counts == Counts(rows_added=2, rows_updated=2, rows_removed=1, cells_changed=5)
    assert list(found.changed) == [1, 2, 4]


def test_a_tab_without_a_header_that_is_ours_is_left_alone() -> None:
    """Neither written to nor told of, while rows can't be told apart."""
    present = LocalTab([["ID", "Seats", "ID"], row("a")])
    found = patch(present, DesiredRows(frozenset({1}), {1: {"seats": 2}}, [Addition({"id": "b"})], frozenset({1})))
    assert list(found.steps()) == []
    assert (found.rows, found.counts, found.is_empty) == ((), Counts(), True)


def test_a_column_that_could_be_two_is_left_alone_with_what_vouches_for_it() -> None:
    """New rows come without it; what was there stays."""
    columns = [ID, SEATS, Column("status", "Status", Kind.TEXT, ""), Column("name", "Name", Kind.TEXT, "")]
    present = LocalTab([["ID", "Seats", "Status", "Seats", "Name"], ["a", 1, "Current", 1, "A"]])
    values: dict[str, Value] = {"seats": 2, "status": "Stale", "name": "B"}
    desired = DesiredRows(frozenset({1}), {1: values}, [Addition({"id": "b", **values})])
    assert written(present, desired, columns) == [["a", 1, "Current", 1, "B"], ["b", None, None, None, "B"]]


def test_a_tab_is_made_first() -> None:
    """At its place among the tabs, then its columns, then its rows."""
    tab = Tab(9, "New", 100, 8, 1)
    found = Patch(ObservedTable(COLUMNS, tab), DesiredRows(additions=[Addition({"id": "a"})]), new_at=0)
    steps = list(found.steps())
    assert [kind[0] for kind in kinds(steps)] == ["addSheet", "updateCells", "insertDimension"]
    assert steps[0].requests[0]["addSheet"]["properties"]["index"] == 0


def test_our_formulas_are_written_anew_when_columns_move() -> None:
    """Sheets adjusts those that stand there to the columns that come, so that what was read holds no more."""
    formula = RowFormula("=B{row}/2")
    present = LocalTab([["ID", "Seats", "Share"], ["a", 4, formula]])
    present.write(patch(present, DesiredRows(), (ID, SEATS, SHARE)))
    update = {1: {"share": formula}}
    assert patch(present, DesiredRows(frozenset({1}), update), (ID, SEATS, SHARE)).is_empty
    found = patch(present, DesiredRows(frozenset({1}), update), (ID, SEATS, SHARE, CHECKED))
    assert found.changed == {1: (CellChange(SHARE, 2, formula),)}


rows_of_tab = st.lists(st.booleans(), min_size=1, max_size=8)


@rule
@given(rows_of_tab, st.data())
def test_any_wish_comes_out_as_wished(are_ours: list[bool], data: st.DataObject) -> None:
    """Rows that stay keep their order and people's words, changed cells their rows; new rows come where they belong."""
    there = [row(f"r{index}", index, f"note {index}") for index in range(1, len(are_ours) + 1)]
    ours = [index for index, is_ours in enumerate(are_ours, start=1) if is_ours]
    some = st.sets(st.sampled_from(ours)) if ours else st.just(set())
    removals = data.draw(some)
    updates = {index: {"seats": 100 + index} for index in data.draw(some) - removals}
    places = data.draw(st.lists(st.none() | st.sampled_from([0, *ours]), max_size=4))
    additions = [Addition({"id": f"n{number}"}, behind) for number, behind in enumerate(places)]
    desired = DesiredRows(frozenset(ours), updates, additions, frozenset(removals))

    expected: list[list[Any]] = []
    for index in range(len(there) + 1):
        if index and index not in removals:
            expected.append(
                [*there[index - 1][:1], updates.get(index, {"seats": index})["seats"], *there[index - 1][2:]]
            )
        default = max(ours, default=0)
        expected += [[f"n{n}"] for n, behind in enumerate(places) if (default if behind is None else behind) == index]
    assert written(LocalTab([HEADER, *there]), desired) == expected


LONG = "é" * 40_000


def test_many_new_rows_come_in_steps_each_complete() -> None:
    """No step is larger than one request should be, none leaves a row without its values, and the order stays."""
    present = LocalTab([HEADER, row("a")])
    additions = [Addition({"id": f"{n}{LONG}", "seats": n}) for n in range(20)]
    found = patch(present, DesiredRows(frozenset({1}), additions=additions))
    steps = list(found.steps())
    assert len(steps) > 2
    assert all(step.size < BATCH_BYTES for step in steps)
    for count in range(1, len(steps) + 1):
        half = LocalTab([HEADER, row("a")])
        for step in steps[:count]:
            half.apply(step.requests)
        numbers = [one[1] for one in half.rows[2:]]
        assert numbers == list(range(len(numbers)))
    assert numbers == list(range(20))


def test_new_rows_that_just_fill_a_step_leave_none_empty() -> None:
    """Google refuses to insert no rows."""
    additions = [Addition({"id": f"{n}{LONG}"}) for n in range(7)]
    (step,) = patch(left(row("a")), DesiredRows(frozenset({1}), additions=additions)).steps()
    assert kinds([step]) == [["insertDimension", "updateCells", "updateCells"]]


def test_many_changed_cells_come_in_steps_each_complete() -> None:
    """A row's cells all change in one step, none is left out or written twice."""
    name = SEATS._replace(kind=Kind.TEXT)
    present = left(*(row(f"r{n}") for n in range(20)), columns=(ID, name, CHECKED))
    updates: dict[int, dict[str, Value]] = {n: {"seats": f"{n}{LONG}", "checked": 20 + n} for n in range(1, 21)}
    found = patch(present, DesiredRows(frozenset(updates), updates), (ID, name, CHECKED))
    steps = list(found.steps())
    assert len(steps) > 2
    assert all(step.size < BATCH_BYTES for step in steps)
    for step in steps:
        before = present.rows
        present.apply(step.requests)
        changed = [(one, other) for one, other in zip(before, present.rows, strict=True) if one != other]
        assert changed
        assert all(one[1] != other[1] and one[3] != other[3] for one, other in changed)
    assert [one[1] for one in present.rows[1:]] == [f"{n}{LONG}" for n in range(1, 21)]


def test_a_step_is_as_large_as_it_may_be() -> None:
    """Small changes go in one step, whatever their number."""
    present = left(*(row(f"r{n}") for n in range(300)))
    updates = {n: {"seats": n} for n in range(1, 301)}
    desired = DesiredRows(frozenset(updates), updates, [Addition({"id": f"n{n}"}) for n in range(300)])
    assert kinds(patch(present, desired).steps()) == [
        ["insertDimension", "updateCells", "updateCells"],
        ["updateCells"],
    ]


def step_of(size: int) -> Step:
    """A step of so many bytes."""
    empty = Step(({"t": ""},)).size
    return Step(({"t": "x" * (size - empty)},))


def test_a_steps_size_is_that_of_its_json() -> None:
    """As it is sent: without space between."""
    built = ({"a": 1, "b": ["é"]}, {"c": None})
    assert Step(built).size == len(json.dumps(built, separators=(",", ":")))
    assert step_of(100).size == 100


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([10], [1]),
        ([BATCH_BYTES, 10], [1, 1]),
        ([BATCH_BYTES - 10, 10, 10], [2, 1]),
        ([10, BATCH_BYTES - 10, BATCH_BYTES - 10, 10], [2, 2]),
        ([BATCH_BYTES + 10, 10, 10], [1, 2]),
        ([10, BATCH_BYTES + 10, 10], [1, 1, 1]),
    ],
)
def test_batches_are_as_large_as_they_may_be(sizes: list[int], expected: list[int]) -> None:
    """Steps stay whole and in order; one too large goes by itself."""
    steps = [step_of(size) for size in sizes]
    found = list(batches(steps))
    assert [len(batch) for batch in found] == expected
    assert [request for batch in found for request in batch] == [step.requests[0] for step in steps]


def test_batches_hold_as_many_moves_as_google_has_time_for() -> None:
    """Insertions and deletions are counted over tables and kinds; cells that are written are not."""
    insert = requests.insert(7, "ROWS", 1, 1, inherit_from_before=True)
    delete = requests.delete(7, "ROWS", 1, 2)
    write = requests.update_cells(7, 1, 0, [["a"]])
    steps = [Step((insert, write)), Step((delete,))] * BATCH_MOVES + [Step((write,))] * BATCH_MOVES
    found = list(batches(steps))
    assert [sum(request != write for request in batch) for batch in found] == [BATCH_MOVES, BATCH_MOVES]
    assert [request for batch in found for request in batch] == [request for step in steps for request in step.requests]


def test_a_step_leaves_room_for_its_envelope() -> None:
    """Google recommends two million bytes a request at most."""
    assert STEP_BYTES < BATCH_BYTES < 2_000_000
