"""A table as it stands: what its cells amount to, what a person wrote in, and what keeps it from being written."""

from typing import Any

import pytest

from seat_report.domain.problems import ProblemKind
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, ColumnMark, Tab, Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.observed import ObservedTable

COLUMNS = (
    Column("id", "ID", Kind.TEXT, "", is_key=True),
    Column("seats", "Seats", Kind.COUNT, ""),
    Column("detail", "Detail", Kind.TEXT, ""),
)
HEADER: list[Value] = ["ID", "Notes", "Seats", "Mine"]
MARKS = (ColumnMark(1, "id", 0), ColumnMark(2, "seats", 2), ColumnMark(3, "detail", 4))


def table(*rows: list[Any], header: list[Value] = HEADER, marks: tuple[ColumnMark, ...] = ()) -> ObservedTable:
    """A tab that holds these values or cells; a `RowFormula` is a formula."""
    cells = [
        [
            Cell(1, value.at(index))
            if isinstance(value, RowFormula)
            else value
            if isinstance(value, Cell)
            else Cell(value)
            for value in row
        ]
        for index, row in enumerate([header, *rows])
    ]
    return ObservedTable(COLUMNS, Tab(7, "Seats", 100, 26, 1, cells, marks))


def is_written_in(*rows: list[Any]) -> list[bool]:
    """Of each row, whether a person has written in it."""
    return [row.is_written_in for row in table(*rows).rows()]


def test_rows_are_those_below_the_header() -> None:
    """As far as there is content."""
    assert [row.index for row in table(["a"], ["b"]).rows()] == [1, 2]
    assert list(ObservedTable(COLUMNS, Tab(7, "Seats", 100, 26)).rows()) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(5, 5), (0, 0), (2.5, 2.5), (None, None), ("5", None), (True, None), (False, None)],
        *[(2**53, 2**53), (-(2**53), -(2**53)), (2**53 + 1, None), (-(2**53) - 1, None), (1e308, None), (-1e308, None)],
    ],
)
def test_numbers_are_numbers(value: Value, expected: Value) -> None:
    """Text that looks like one and a ticked box are none, nor is a number that nothing can be counted with."""
    (row,) = table(["a", None, value]).rows()
    assert row.number("seats") == expected


def test_cells_of_a_row() -> None:
    """By the column's name, wherever it stands; of a column that is missing, or that two could be, a blank one."""
    (row,) = table([" a ", "note", 5]).rows()
    assert (row.text("id"), row.cell("seats"), row.cell("detail"), row.text("detail")) == ("a", Cell(5), BLANK, "")
    (row,) = table(["a", "b"], header=["ID", "ID"]).rows()
    assert row.cell("id") == BLANK


@pytest.mark.parametrize("theirs", ["a word", 0, 5, True, Cell(None, note="a note"), Cell("", note="a note")])
def test_what_a_person_wrote(theirs: Value | Cell) -> None:
    """A constant in a column of theirs, a ticked box, or a note."""
    assert is_written_in(["a", None, 5, theirs]) == [True]


@pytest.mark.parametrize("theirs", [None, "", False])
def test_what_nobody_wrote(theirs: Value) -> None:
    """A box that is not ticked comes with the column; what stands in our columns is ours."""
    assert is_written_in(["a", None, 5, theirs]) == [False]


def test_what_stands_behind_something_that_nobody_wrote_counts() -> None:
    """Each cell is looked at, to the last."""
    assert is_written_in(["a", False, 5, "a word"], [Cell("b"), None, 5, Cell(None, note="n")]) == [True, True]
    shared = RowFormula("=C{row}")
    assert is_written_in(["a", shared, 5], ["b", shared, 5, "a word"]) == [False, True]


def test_a_note_in_a_column_of_ours_is_a_persons() -> None:
    """We never write any there."""
    assert is_written_in([Cell("a", note="important")], [Cell(None), None, Cell(5, note="why?")]) == [True, True]


def test_a_formula_that_a_neighbour_shares_is_no_word() -> None:
    """It fills the column; one that reads otherwise in relative form was written for this row."""
    down, same = RowFormula("=C{row}*2"), RowFormula("=$C$2*2")
    assert is_written_in(["a", down], ["b", down], ["c", RowFormula("=C{row}*3")]) == [False, False, True]
    assert is_written_in(["a", RowFormula("=C{row}")], ["b", down], ["c", down]) == [True, False, False]
    assert is_written_in(["a", down], ["b", RowFormula("=C{row}")], ["c", down]) == [True, True, True]
    assert is_written_in(["a", same], ["b", same]) == [False, False]
    assert is_written_in(["a", Cell(1, "=C2")], ["b", Cell(1, "=C2")]) == [True, True]


def test_a_formula_beside_a_constant_or_another_columns_formula_is_by_itself() -> None:
    """Only cells of the same column are neighbours."""
    assert is_written_in(["a", RowFormula("=A{row}")], ["b", None, None, RowFormula("=A{row}")]) == [True, True]


def test_a_formula_is_not_shared_with_the_header() -> None:
    """The header is no row; the one before the first is not the last either."""
    like_header: list[Value] = ["ID", RowFormula("=C{row}"), "Seats"]
    tab = table(["a", RowFormula("=C{row}")], ["b", None], header=like_header)
    assert [row.is_written_in for row in tab.rows()] == [True, False]


def problems(found: ObservedTable) -> list[tuple[ProblemKind, str]]:
    """What keeps it from being written."""
    return [(one.kind, one.detail) for one in found.problems]


def test_nothing_keeps_a_table_as_we_left_it() -> None:
    """Nor one in which people headed columns as ours."""
    header: list[Value] = [*HEADER, "Detail"]
    for found in (table(["a"], header=header, marks=MARKS), table(["a"], header=header), table()):
        assert problems(found) == []
        assert not found.is_unsafe
        assert found.withheld == frozenset()


def test_two_columns_for_one_number() -> None:
    """They are named as people see them, and nothing vouches for a number that can't be written."""
    found = table(["a"], header=["ID", "Seats", "x", "SEATS", "Detail"])
    expected = "In the tab 'Seats' the columns B and D could each be 'Seats'; neither was written. Rename or remove one"
    assert problems(found) == [(ProblemKind.AMBIGUOUS_COLUMN, f"{expected} of them.")]
    assert found.withheld >= {"status", "detail", "last_checked"}
    assert not found.is_unsafe


def test_two_columns_for_one_text() -> None:
    """The numbers don't depend on it."""
    found = table(["a"], header=["ID", "Seats", "Detail", "Detail"])
    assert [kind for kind, _ in problems(found)] == [ProblemKind.AMBIGUOUS_COLUMN]
    assert found.withheld == frozenset()
    assert not found.is_unsafe


def test_two_columns_for_a_key() -> None:
    """Rows can't be told apart."""
    found = table(["a"], header=["ID", "Seats", "ID"])
    assert [kind for kind, _ in problems(found)] == [ProblemKind.AMBIGUOUS_COLUMN]
    assert found.is_unsafe


def test_every_doubt_is_told() -> None:
    """One column's doubt does not hide another's, and a doubt of the last column is told as well."""
    found = table(["a"], header=["ID", "ID", "Detail", "Detail"])
    assert len(problems(found)) == 2


@pytest.mark.parametrize(
    ("header", "is_lost"),
    [
        ([None, None, None, None, None], True),
        (["Title"], True),
        (["a", "x", 5, None, "why"], True),
        (["Kennung", "x", "Menge", None, "Grund"], True),
        (["Kennung", "Notes", "Seats", "Mine", "Detail"], False),
        (["Kennung", "x", "Menge", None, "DETAIL"], False),
        ([None, "Notes", "Seats", "Mine", "Detail"], True),
        (["Seats", "Notes", None, "Mine", "Detail"], True),
    ],
)
def test_a_header_that_is_lost(header: list[Value], is_lost: bool) -> None:
    """No header is as we wrote it, or a key that we marked has none of its own: then nothing may be touched."""
    found = table(["a"], header=header, marks=MARKS)
    assert found.has_lost_header == is_lost
    assert found.is_unsafe == is_lost
    expected = (
        "In the tab 'Seats' row 1 is not the header any more, so nothing was written there. Move the header back into "
        "row 1: no row above it, and only rows below it sorted."
    )
    assert ((ProblemKind.HEADER_LOST, expected) in problems(found)) == is_lost


def test_a_tab_that_was_emptied_has_lost_its_header() -> None:
    """Its columns still have their marks."""
    assert ObservedTable(COLUMNS, Tab(7, "Seats", 100, 26, 1, [], MARKS)).has_lost_header


@pytest.mark.parametrize(
    ("marks", "is_lost"),
    [
        ((), False),
        ((ColumnMark(2, "seats", 2),), False),
        ((ColumnMark(2, "seats", 2), ColumnMark(3, "detail", 4)), True),
        ((ColumnMark(2, "seats", 2), ColumnMark(3, "other", 4)), False),
    ],
)
def test_a_tab_that_is_not_yet_ours_has_lost_nothing(marks: tuple[ColumnMark, ...], is_lost: bool) -> None:
    """A single column of ours, renamed, says nothing of the header; nor do marks of another version's columns."""
    header: list[Value] = ["x", "y", "Menge", None, "Grund"]
    assert table(["a"], header=header, marks=marks).has_lost_header == is_lost
