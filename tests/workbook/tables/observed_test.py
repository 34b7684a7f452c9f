"""A table as read: the values of its cells, what people wrote in it, and what prevents it from being written."""

from typing import Any

import pytest

from seat_report.domain.problems import ProblemKind
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, ColumnMark, Tab, Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.observed import _MOST_NAMED, ObservedTable

COLUMNS = (
    Column("id", "ID", Kind.TEXT, "", is_key=True),
    Column("seats", "Seats", Kind.COUNT, ""),
    Column("detail", "Detail", Kind.TEXT, ""),
)
HEADER: list[Value] = ["ID", "Notes", "Seats", "Mine"]
MARKS = (ColumnMark(1, "id", 0), ColumnMark(2, "seats", 2), ColumnMark(3, "detail", 4))


def table(*rows: list[Any], header: list[Value] = HEADER, marks: tuple[ColumnMark, ...] = ()) -> ObservedTable:
    """A table with these values or cells; a `RowFormula` is a formula."""
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
    """For each row, whether a person wrote in it."""
    return [row.is_written_in for row in table(*rows).rows()]


def test_rows_are_those_below_the_header() -> None:
    """Up to the last row with content."""
    assert [row.index for row in table(["a"], ["b"]).rows()] == [1, 2]
    assert list(ObservedTable(COLUMNS, Tab(7, "Seats", 100, 26)).rows()) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(5, 5), (0, 0), (2.5, 2.5), (None, None), ("5", None), (True, None), (False, None)],
        *[(2**53, 2**53), (-(2**53), -(2**53)), (2**53 + 1, None), (-(2**53) - 1, None), (1e308, None), (-1e308, None)],
    ],
)
def test_number(value: Value, expected: Value) -> None:
    """Text that looks like a number, a checkbox, and numbers too large to count with are not numbers."""
    (row,) = table(["a", None, value]).rows()
    assert row.number("seats") == expected


def test_cells_of_a_row() -> None:
    """By the name of the column, wherever it is; blank if the column is missing or ambiguous."""
    (row,) = table([" a ", "note", 5]).rows()
    assert (row.text("id"), row.cell("seats"), row.cell("detail"), row.text("detail")) == ("a", Cell(5), BLANK, "")
    (row,) = table(["a", "b"], header=["ID", "ID"]).rows()
    assert row.cell("id") == BLANK


@pytest.mark.parametrize("theirs", ["a word", 0, 5, True, Cell(None, note="a note"), Cell("", note="a note")])
def test_content_of_people(theirs: Value | Cell) -> None:
    """A constant in a column of theirs, a ticked checkbox, or a note."""
    assert is_written_in(["a", None, 5, theirs]) == [True]


@pytest.mark.parametrize("theirs", [None, "", False])
def test_no_content_of_people(theirs: Value) -> None:
    """An unticked checkbox comes with the column; what our columns contain is ours."""
    assert is_written_in(["a", None, 5, theirs]) == [False]


def test_every_cell_of_a_row_is_checked() -> None:
    """Also those after cells that nobody wrote."""
    assert is_written_in(["a", False, 5, "a word"], [Cell("b"), None, 5, Cell(None, note="n")]) == [True, True]
    shared = RowFormula("=C{row}")
    assert is_written_in(["a", shared, 5], ["b", shared, 5, "a word"]) == [False, True]


def test_a_note_in_our_column_is_content_of_people() -> None:
    """We never write notes there."""
    assert is_written_in([Cell("a", note="important")], [Cell(None), None, Cell(5, note="why?")]) == [True, True]


def test_a_formula_shared_with_a_neighbour_is_not_content() -> None:
    """It fills the column; a formula that differs in relative form was written for this row."""
    relative, absolute = RowFormula("=C{row}*2"), RowFormula("=$C$2*2")
    assert is_written_in(["a", relative], ["b", relative], ["c", RowFormula("=C{row}*3")]) == [False, False, True]
    assert is_written_in(["a", RowFormula("=C{row}")], ["b", relative], ["c", relative]) == [True, False, False]
    assert is_written_in(["a", relative], ["b", RowFormula("=C{row}")], ["c", relative]) == [True, True, True]
    assert is_written_in(["a", absolute], ["b", absolute]) == [False, False]
    assert is_written_in(["a", Cell(1, "=C2")], ["b", Cell(1, "=C2")]) == [True, True]


def test_only_cells_of_the_same_column_share_a_formula() -> None:
    """A formula next to a constant, or to the formula of another column, is not shared."""
    assert is_written_in(["a", RowFormula("=A{row}")], ["b", None, None, RowFormula("=A{row}")]) == [True, True]


def test_a_formula_is_not_shared_with_the_header() -> None:
    """The header is not a row, nor does the first row wrap around to the last."""
    header: list[Value] = ["ID", RowFormula("=C{row}"), "Seats"]
    observed = table(["a", RowFormula("=C{row}")], ["b", None], header=header)
    assert [row.is_written_in for row in observed.rows()] == [True, False]


def problems(observed: ObservedTable) -> list[tuple[ProblemKind, str]]:
    """The kind and detail of each problem."""
    return [(problem.kind, problem.detail) for problem in observed.problems]


def test_a_table_as_we_left_it_has_no_problems() -> None:
    """Nor has one in which people used our headers themselves."""
    header: list[Value] = [*HEADER, "Detail"]
    for observed in (table(["a"], header=header, marks=MARKS), table(["a"], header=header), table()):
        assert problems(observed) == []
        assert not observed.is_unsafe
        assert observed.withheld == frozenset()


def test_ambiguous_number_column() -> None:
    """The columns are named by letter, and nothing vouches for a number that can't be written."""
    observed = table(["a"], header=["ID", "Seats", "x", "SEATS", "Detail"])
    expected = "In the tab 'Seats' the columns B and D could each be 'Seats'; neither was written. Rename or remove one"
    assert problems(observed) == [(ProblemKind.AMBIGUOUS_COLUMN, f"{expected} of them.")]
    assert observed.withheld >= {"status", "detail", "last_checked"}
    assert not observed.is_unsafe


def test_ambiguous_text_column() -> None:
    """Numbers don't depend on it."""
    observed = table(["a"], header=["ID", "Seats", "Detail", "Detail"])
    assert [kind for kind, _ in problems(observed)] == [ProblemKind.AMBIGUOUS_COLUMN]
    assert observed.withheld == frozenset()
    assert not observed.is_unsafe


def test_ambiguous_key_column() -> None:
    """Rows can't be told apart."""
    observed = table(["a"], header=["ID", "Seats", "ID"])
    assert [kind for kind, _ in problems(observed)] == [ProblemKind.AMBIGUOUS_COLUMN]
    assert observed.is_unsafe


def test_every_ambiguity_is_reported() -> None:
    """One does not hide another, and that of the last column is reported too."""
    observed = table(["a"], header=["ID", "ID", "Detail", "Detail"])
    assert len(problems(observed)) == 2


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
def test_lost_header(header: list[Value], is_lost: bool) -> None:
    """No header is as we wrote it, or a marked key column has no header of its own: then nothing may be touched."""
    observed = table(["a"], header=header, marks=MARKS)
    assert observed.has_lost_header == is_lost
    assert observed.is_unsafe == is_lost
    expected = (
        "In the tab 'Seats' row 1 is no longer the header, so nothing was written there. Move the header back to "
        "row 1, with no row above it, and sort only the rows below it."
    )
    assert ((ProblemKind.HEADER_LOST, expected) in problems(observed)) == is_lost


def test_an_emptied_tab_has_lost_its_header() -> None:
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
def test_a_tab_that_is_not_ours_has_not_lost_its_header(marks: tuple[ColumnMark, ...], is_lost: bool) -> None:
    """A single renamed column of ours is no evidence, nor are marks of columns of another version."""
    header: list[Value] = ["x", "y", "Menge", None, "Grund"]
    assert table(["a"], header=header, marks=marks).has_lost_header == is_lost


def test_what_a_formula_elsewhere_fills_in_is_not_written_in() -> None:
    """A person who removed the row would lose nothing; the cell that has the formula counts as any other."""
    filled = Cell(5, is_spilled=True)
    assert is_written_in(["a", filled], ["b", filled, 1, "typed"], ["c", Cell(5, "={1;2}")]) == [False, True, True]


LOST_KEY_ADVICE = (
    "so nothing there is updated or counted. Restore the missing cells from the version history; or move your "
    "notes to the new rows of the same customers, then delete the old ones."
)


@pytest.mark.parametrize(
    ("indexes", "named"),
    [
        ([1], "row 2"),
        ([2, 1], "rows 2 to 3"),
        ([1, 3], "rows 2, 4"),
        ([5, 1, 2, 3], "rows 2 to 4, 6"),
        ([1, 3, 5, 7, 9, 11], "rows 2, 4, 6, 8, 10, 12"),
        ([*range(1, 2 * _MOST_NAMED + 1, 2)], "rows " + ", ".join(str(n + 1) for n in range(1, 2 * _MOST_NAMED, 2))),
    ],
)
def test_rows_that_have_lost_their_key_are_named(indexes: list[int], named: str) -> None:
    """By the numbers that people see, in order, adjacent ones together."""
    rows = list(table(*(["x"] for _ in range(60))).rows())
    observed = table()
    (problem,) = observed.lost_keys(rows[index - 1] for index in indexes)
    assert problem.kind is ProblemKind.LOST_KEY
    assert problem.detail == f"In the tab 'Seats' the ID is missing in {named}, {LOST_KEY_ADVICE}"


def test_of_many_rows_without_their_key_the_rest_is_counted() -> None:
    """The sentence stays short."""
    rows = list(table(*(["x"] for _ in range(3 * _MOST_NAMED + 4))).rows())
    named = [row for row in rows if row.index % 3]
    (problem,) = table().lost_keys(named)
    assert f"and {len(named) - 2 * _MOST_NAMED} more, so nothing" in problem.detail
    assert problem.detail.count(" to ") >= _MOST_NAMED


def test_all_key_columns_are_named() -> None:
    """Any of them may be the one that is missing."""
    columns = (
        *COLUMNS,
        Column("kind", "Kind", Kind.TEXT, "", is_key=True),
        Column("at", "At", Kind.TEXT, "", is_key=True),
    )
    observed = ObservedTable(columns, table(["x"]).tab)
    (problem,) = observed.lost_keys(observed.rows())
    assert problem.detail.startswith("In the tab 'Seats' the ID, Kind or At is missing in row 2,")


def test_no_row_has_lost_its_key() -> None:
    """Without such rows, or where rows can't be told apart at all, there is no such problem."""
    observed = table(["a"])
    assert list(observed.lost_keys([])) == []
    unsafe = table(["a"], header=["ID", "Seats", "ID"])
    assert list(unsafe.lost_keys(unsafe.rows())) == []
