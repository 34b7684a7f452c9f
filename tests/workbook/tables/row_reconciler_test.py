"""What becomes of a table's rows: people's stay, new ones come in with their group."""

import pytest

from seat_report.workbook.sheets_api.snapshot import Cell, Tab
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.desired import Addition
from seat_report.workbook.tables.observed import ObservedRow, ObservedTable
from seat_report.workbook.tables.row_reconciler import RowReconciler

COLUMNS = (Column("name", "Name", Kind.TEXT, ""),)


@pytest.fixture
def rows() -> list[ObservedRow]:
    """Three rows, in the second of which somebody wrote."""
    cells = [["Name", "Remarks"], ["a"], ["b", "ask Lee"], ["c"]]
    tab = Tab(7, "T", 10, 4, 1, rows=[[Cell(value) for value in row] for row in cells])
    return list(ObservedTable(COLUMNS, tab).rows())


def test_a_row_goes_unless_people_wrote_in_it(rows: list[ObservedRow]) -> None:
    """Then it stays, and says what it is given instead."""
    reconciler = RowReconciler()
    assert [reconciler.drop(row, instead={"name": None}) for row in rows[:2]] == [True, False]
    desired = reconciler.desired()
    assert desired.removals == {rows[0].index}
    assert desired.updates == {rows[1].index: {"name": None}}


def test_nothing_is_written_into_a_row_that_goes(rows: list[ObservedRow]) -> None:
    """Another row will be in its place by then."""
    reconciler = RowReconciler()
    reconciler.write(rows[0], {"name": "x"})
    reconciler.drop(rows[0])
    assert (reconciler.written(rows[0]), reconciler.desired().updates) == (None, {})


def test_values_add_up(rows: list[ObservedRow]) -> None:
    """What is written later counts."""
    reconciler = RowReconciler()
    assert reconciler.written(rows[0]) is None
    reconciler.write(rows[0], {"name": "x", "seats": 1})
    reconciler.write(rows[0], {"name": "y"})
    assert reconciler.written(rows[0]) == {"name": "y", "seats": 1}


def test_new_rows_come_in_behind_their_group(rows: list[ObservedRow]) -> None:
    """In the order in which they were added; without a group, or with one that has no row, at the place given."""
    reconciler = RowReconciler()
    reconciler.claim(rows[1], "alder")
    reconciler.claim(rows[0], "alder")
    reconciler.claim(rows[2])
    assert not reconciler.has_additions
    for name, group in (("new", "birch"), ("more", "alder"), ("alone", "")):
        reconciler.add({"name": name}, group)
    assert reconciler.has_additions
    assert reconciler.desired(behind=0).additions == [
        Addition({"name": "new"}, 0),
        Addition({"name": "more"}, rows[1].index),
        Addition({"name": "alone"}, 0),
    ]
    assert reconciler.desired().ours == {row.index for row in rows}
