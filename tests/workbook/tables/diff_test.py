"""The patch: which values differ, what it writes and reports, and that each of its steps is complete."""

import pytest

from seat_report.workbook.sheets_api import batching
from seat_report.workbook.sheets_api.batching import BATCH_BYTES
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import Addition, DesiredRows
from seat_report.workbook.tables.diff import CellChange, Counts, Patch, RowChange, equal
from seat_report.workbook.tables.observed import ObservedTable
from tests.support.local_tab import LocalTab
from tests.support.sample_table import (
    CHECKED,
    COLUMNS,
    HEADER,
    ID,
    SEATS,
    SHARE,
    marked_tab,
    patch_for,
    row,
    rows_after,
    step_kinds,
)


@pytest.mark.parametrize(
    ("cell", "desired"),
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
def test_equal(cell: Cell, desired: Value) -> None:
    """Both forms of no value are equal, and a number is the same however many digits were returned."""
    assert equal(cell, desired, 2)


@pytest.mark.parametrize(
    ("cell", "desired"),
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
def test_not_equal(cell: Cell, desired: Value) -> None:
    """Kinds of values differ even where Python treats them as equal, and a formula is not a constant."""
    assert not equal(cell, desired, 2)


def test_equal_without_a_row_is_for_the_first_row() -> None:
    """As used for the lines of a text block."""
    assert equal(Cell(None, "=A1"), RowFormula("=A{row}"))


def test_columns_are_removed() -> None:
    """The cells to the right of them are written at their new position."""
    local = LocalTab([["ID", "2024", "Seats", "Notes", "Checked"], ["a", 7, 1, "kept", 10]])
    assert rows_after(local, DesiredRows(frozenset({1}), {1: {"seats": 2}}, column_removals=frozenset({1}))) == [
        row("a", 2, "kept")
    ]


def test_a_lean_patch_has_the_same_steps() -> None:
    """It drops desired values that rows already have."""
    local = marked_tab(row("a"), row("b"), row("c"))
    updates: dict[int, dict[str, Value]] = {index: {"seats": index} for index in (1, 2)}
    full = patch_for(local, DesiredRows(frozenset({1, 2, 3}), updates, [Addition({"id": "d"}, 1)], frozenset({3})))
    assert list(full.lean().steps()) == list(full.steps())
    assert full.lean().desired.updates == {}
    assert full.desired.updates == updates


def test_only_differences_are_written() -> None:
    """Without changes nothing is written, and for a changed number only its cell."""
    local = marked_tab(row("a"), row("b"))
    unchanged = patch_for(local, DesiredRows(frozenset({1, 2}), {1: {"seats": 1, "checked": 10}, 2: {"seats": 1}}))
    assert unchanged.is_empty
    assert unchanged.changed == {}
    changed = patch_for(local, DesiredRows(frozenset({1, 2}), {1: {"seats": 1}, 2: {"seats": 2, "checked": 10}}))
    assert not changed.is_empty
    assert step_kinds(changed.steps()) == [["updateCells"]]
    assert changed.changed == {2: (CellChange(SEATS, 1, 2),)}


def test_a_new_column_is_filled() -> None:
    """Also in existing rows, whose cells were blank before."""
    local = LocalTab([["ID", "Seats"], ["a", 4]])
    patch = patch_for(local, DesiredRows(frozenset({1}), {1: {"seats": 4, "share": 0.5}}), (ID, SEATS, SHARE))
    assert patch.changed == {1: (CellChange(SHARE, None, 0.5),)}
    local.write(patch)
    assert local.rows[1:] == [["a", 4, 0.5]]


def test_a_key_is_never_written_again() -> None:
    """Key cells are written with their row; a person's spelling stays."""
    local = marked_tab(row("A"))
    assert patch_for(local, DesiredRows(frozenset({1}), {1: {"id": "a"}})).is_empty


def test_reported_changes() -> None:
    """Rows by kind with what identifies them, in the order of the tab; changes of times are not reported."""
    local = LocalTab([HEADER, row("a"), row("b"), row("c"), row("d")])
    desired = DesiredRows(
        frozenset({1, 2, 3, 4}),
        {4: {"seats": 9, "checked": 20}, 1: {"seats": 5}, 2: {"checked": 20}},
        [Addition({"id": "e", "seats": 7, "checked": 20}), Addition({"id": "f", "seats": ""})],
        removals=frozenset({3}),
    )
    patch = patch_for(local, desired)
    assert patch.rows == (
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
    assert patch.counts == Counts(rows_added=2, rows_updated=2, rows_removed=1, cells_changed=5)
    assert list(patch.changed) == [1, 2, 4]


def test_a_tab_whose_rows_cannot_be_told_apart_is_left_alone() -> None:
    """Nothing is written or reported."""
    local = LocalTab([["ID", "Seats", "ID"], row("a")])
    patch = patch_for(local, DesiredRows(frozenset({1}), {1: {"seats": 2}}, [Addition({"id": "b"})], frozenset({1})))
    assert list(patch.steps()) == []
    assert (patch.rows, patch.counts, patch.is_empty) == ((), Counts(), True)


def test_an_ambiguous_column_is_left_alone_with_those_that_vouch_for_it() -> None:
    """New rows leave it blank; existing cells stay."""
    columns = [ID, SEATS, Column("status", "Status", Kind.TEXT, ""), Column("name", "Name", Kind.TEXT, "")]
    local = LocalTab([["ID", "Seats", "Status", "Seats", "Name"], ["a", 1, "Current", 1, "A"]])
    values: dict[str, Value] = {"seats": 2, "status": "Stale", "name": "B"}
    desired = DesiredRows(frozenset({1}), {1: values}, [Addition({"id": "b", **values})])
    assert rows_after(local, desired, columns) == [["a", 1, "Current", 1, "B"], ["b", None, None, None, "B"]]


def test_a_new_tab_is_created_first() -> None:
    """At its position among the tabs, then its columns, then its rows."""
    tab = Tab(9, "New", 100, 8, 1)
    patch = Patch(ObservedTable(COLUMNS, tab), DesiredRows(additions=[Addition({"id": "a"})]), new_at=0)
    steps = list(patch.steps())
    assert [kind[0] for kind in step_kinds(steps)] == ["addSheet", "updateCells", "insertDimension"]
    assert steps[0].requests[0]["addSheet"]["properties"]["index"] == 0


def test_our_formulas_are_rewritten_when_columns_move() -> None:
    """Sheets adjusts existing formulas to new columns, so what was read no longer holds."""
    formula = RowFormula("=B{row}/2")
    local = LocalTab([["ID", "Seats", "Share"], ["a", 4, formula]])
    local.write(patch_for(local, DesiredRows(), (ID, SEATS, SHARE)))
    updates = {1: {"share": formula}}
    assert patch_for(local, DesiredRows(frozenset({1}), updates), (ID, SEATS, SHARE)).is_empty
    patch = patch_for(local, DesiredRows(frozenset({1}), updates), (ID, SEATS, SHARE, CHECKED))
    assert patch.changed == {1: (CellChange(SHARE, 2, formula),)}


LONG_TEXT = "é" * 40_000


def test_many_new_rows_are_added_in_complete_steps() -> None:
    """No step is larger than a request should be, none leaves a row without values, and the order stays.

    The last row comes with the first step, as the rest comes in above it, whether or not the write is interrupted.
    """
    local = LocalTab([HEADER, row("a")])
    additions = [Addition({"id": f"{n}{LONG_TEXT}", "seats": n}) for n in range(20)]
    patch = patch_for(local, DesiredRows(frozenset({1}), additions=additions))
    steps = list(patch.steps())
    assert len(steps) > 2
    assert all(step.size < BATCH_BYTES for step in steps)
    for count in range(1, len(steps) + 1):
        interrupted = LocalTab([HEADER, row("a")])
        for step in steps[:count]:
            interrupted.apply(step.requests)
        numbers = [values[1] for values in interrupted.rows[2:]]
        # The first step marks the columns.
        assert numbers == ([*range(len(numbers) - 1), 19] if count > 1 else [])
        rest = [addition for addition in additions if addition.values["seats"] not in numbers]
        ours = frozenset(range(1, len(interrupted.rows)))
        interrupted.write(patch_for(interrupted, DesiredRows(ours, additions=rest)))
        assert [values[1] for values in interrupted.rows[2:]] == list(range(20))


def test_new_rows_that_exactly_fill_a_step_leave_no_empty_one() -> None:
    """Google refuses to insert zero rows."""
    additions = [Addition({"id": f"{n}{LONG_TEXT}"}) for n in range(7)]
    (step,) = patch_for(marked_tab(row("a")), DesiredRows(frozenset({1}), additions=additions)).steps()
    assert step_kinds([step]) == [["insertDimension", "updateCells", "updateCells"]]


def test_many_changed_cells_are_written_in_complete_steps() -> None:
    """All changed cells of a row are in one step; none is left out or written twice."""
    name = SEATS._replace(kind=Kind.TEXT)
    local = marked_tab(*(row(f"r{n}") for n in range(20)), columns=(ID, name, CHECKED))
    updates: dict[int, dict[str, Value]] = {n: {"seats": f"{n}{LONG_TEXT}", "checked": 20 + n} for n in range(1, 21)}
    patch = patch_for(local, DesiredRows(frozenset(updates), updates), (ID, name, CHECKED))
    steps = list(patch.steps())
    assert len(steps) > 2
    assert all(step.size < BATCH_BYTES for step in steps)
    for step in steps:
        before = local.rows
        local.apply(step.requests)
        changed = [(old, new) for old, new in zip(before, local.rows, strict=True) if old != new]
        assert changed
        assert all(old[1] != new[1] and old[3] != new[3] for old, new in changed)
    assert [values[1] for values in local.rows[1:]] == [f"{n}{LONG_TEXT}" for n in range(1, 21)]


def test_steps_are_as_large_as_allowed() -> None:
    """Small changes share a step, whatever their number; those of the last row are below the new rows."""
    local = marked_tab(*(row(f"r{n}") for n in range(300)))
    updates = {n: {"seats": n} for n in range(1, 301)}
    desired = DesiredRows(frozenset(updates), updates, [Addition({"id": f"n{n}"}) for n in range(300)])
    assert step_kinds(patch_for(local, desired).steps()) == [
        ["insertDimension", "updateCells", "updateCells"],
        ["updateCells", "updateCells"],
    ]


def test_what_a_formula_elsewhere_fills_is_not_written_and_nothing_vouches_for_it() -> None:
    """Only the row concerned keeps its status; another column of it is written as ever."""
    status = Column("status", "Status", Kind.TEXT, "How it is")
    header = [Cell(text) for text in ("ID", "Seats", "Checked", "Status")]
    filled = [Cell("a"), Cell(1, is_spilled=True), Cell(10), Cell("old")]
    entered = [Cell("b"), Cell(1), Cell(10), Cell("old")]
    tab = Tab(7, "T", 10, 4, 1, [header, filled, entered])
    values: dict[str, Value] = {"seats": 5, "checked": 20, "status": "new"}
    columns = (ID, SEATS, status, CHECKED)
    patch = Patch(ObservedTable(columns, tab), DesiredRows(frozenset({1, 2}), {1: values, 2: values}))
    assert {row: [change.column.name for change in changes] for row, changes in patch.changed.items()} == {
        1: ["checked"],
        2: ["seats", "status", "checked"],
    }
    last_filled = [Cell("a"), Cell(1), Cell(10), Cell("old", is_spilled=True)]
    share = [Cell("ID"), Cell("Seats"), Cell("Status"), Cell("Share")]
    tab = Tab(7, "T", 10, 4, 1, [share, last_filled])
    patch = Patch(
        ObservedTable((ID, SEATS, status, SHARE), tab),
        DesiredRows(frozenset({1}), {1: {"seats": 5, "share": 0.5, "status": "new"}}),
    )
    assert [change.column.name for change in patch.changed[1]] == ["seats"]


def test_rows_that_come_in_between_are_written_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """From two rows of ours on, an interrupted write leaves the first ones; only a new table starts with its last."""
    monkeypatch.setattr(batching, "STEP_BYTES", 100)
    additions = [Addition({"id": name, "seats": 1}, None) for name in "xyz"]
    written = {}
    for count in (0, 2):
        local = marked_tab(*(row(name) for name in "ab"[:count]))
        desired = DesiredRows(frozenset(range(1, count + 1)), additions=additions)
        steps = [step for step in patch_for(local, desired).steps() if "insertDimension" in step.requests[0]]
        written[count] = [str(step.requests).count("'stringValue'") for step in steps]
        first = str(steps[0].requests)
        assert ("'x'" in first, "'z'" in first) == (True, count == 0)
    assert written[2] == [1, 1, 1]


def test_obsolete_records_of_columns_are_deleted() -> None:
    """By their ids, in order."""
    desired = DesiredRows(obsolete_entries=frozenset({9, 5}))
    (step,) = patch_for(marked_tab(), desired).steps()
    assert [request["deleteDeveloperMetadata"]["dataFilter"] for request in step.requests] == [
        {"developerMetadataLookup": {"metadataId": metadata_id}} for metadata_id in (5, 9)
    ]
