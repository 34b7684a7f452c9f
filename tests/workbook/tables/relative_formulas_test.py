"""Formulas in relative form: equal exactly if copying one cell to the other would produce it."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.a1 import column_letters
from seat_report.workbook.tables.relative_formulas import relative, translated
from tests.proof.sampling import many

examples = settings(max_examples=many(200, 1000))

# A part of a formula: its text if the formula is at (row, column).
Part = Callable[[int, int], str]
FAR = 200


def row_part(offset: int, number: int, *, fixed: bool) -> Part:
    """The row of a reference: at an offset, or fixed."""
    return lambda row, column: f"${number + 1}" if fixed else f"{row + offset + 1}"  # noqa: ARG005 - all parts take both


def column_part(offset: int, index: int, *, fixed: bool, small: bool = False) -> Part:
    """The column of a reference: at an offset, or fixed; in lower case if `small`."""

    def text(row: int, column: int) -> str:  # noqa: ARG001 - all parts take both
        letters = column_letters(index if fixed else column + offset)
        return ("$" if fixed else "") + (letters.lower() if small else letters)

    return text


def joined(*parts: Part | str) -> Part:
    """The concatenation of these parts."""
    return lambda row, column: "".join(part if isinstance(part, str) else part(row, column) for part in parts)


rows = st.builds(row_part, st.integers(-FAR, FAR), st.integers(0, 2000), fixed=st.booleans())
columns = st.builds(
    column_part, st.integers(-FAR, FAR), st.integers(0, 18277), fixed=st.booleans(), small=st.booleans()
)
cells = st.builds(joined, columns, rows)
references = st.one_of(
    cells,
    st.builds(lambda first, last: joined(first, ":", last), cells, cells),
    st.builds(lambda first, last: joined(first, ":", last), columns, columns),
    st.builds(lambda first, last: joined(first, ":", last), rows, rows),
    st.builds(lambda first, last: joined(first, ":", last), cells, columns),
    st.builds(lambda first, last: joined(first, ":", last), cells, rows),
)
tabs = st.sampled_from(["", "", "Runs!", "'Seat Report'!", "'It''s A1:B2'!", "Q1!", "Übersicht!", "Sheet_2!"])
# Text that looks like a reference but is none, or does not look like one.
non_references = st.sampled_from(
    [
        '"A1"',
        '"say ""B2"""',
        "LOG10(",
        "ATAN2(",
        "1.5",
        "2E3",
        "TRUE",
        "#REF!",
        "my_A1",
        "A1_total",
        "TAXES2024",
        "Table1[Q1]",
        "Seats[[#ALL],[B2]]",
        "{1,2}",
        "my.name",
        "12%",
    ]
)
operators = st.sampled_from(["+", "-(", ",", ";", "*", ")+", "+ ", "&", "=", "<>", "\n*"])
formulas = st.lists(
    st.tuples(operators, st.builds(joined, tabs, references) | non_references.map(lambda text: joined(text))),
    min_size=1,
).map(lambda pairs: joined("=", *(part for pair in pairs for part in pair)))
places = st.tuples(st.integers(2 * FAR, 2000), st.integers(2 * FAR, 2000))


@examples
@given(formulas, places, places)
def test_copies_of_a_formula_have_the_same_relative_form(
    formula: Part, here: tuple[int, int], there: tuple[int, int]
) -> None:
    """Wherever a formula is copied to."""
    assert relative(formula(*here), *here) == relative(formula(*there), *there)


@examples
@given(references, places, st.integers(-FAR, FAR), st.integers(-FAR, FAR))
def test_the_same_text_elsewhere_is_a_different_formula(
    reference: Part, here: tuple[int, int], down: int, right: int
) -> None:
    """Unless a copy would have the same text there."""
    there = (here[0] + down, here[1] + right)
    text, copied = reference(*here), reference(*there)
    is_same = relative(f"={text}", *here) == relative(f"={text}", *there)
    assert is_same == (text.upper() == copied.upper())


@examples
@given(st.lists(operators | non_references, min_size=1).map("".join), places, places)
def test_text_without_references_is_unchanged(text: str, here: tuple[int, int], there: tuple[int, int]) -> None:
    """Wherever it is."""
    assume("]" not in text or text.count("[") == text.count("]"))
    assert relative(text, *here) == text == relative(text, *there)


@pytest.mark.parametrize(
    ("formula", "copy"),
    [
        ("=B2", "=B3"),
        ("=b2", "=B3"),
        ("=$B2", "=$B3"),
        ("=B$1", "=B$1"),
        ("=$B$1", "=$b$1"),
        ("=SUM(A2:C2)", "=SUM(A3:C3)"),
        ("=SUM(B2:2)", "=SUM(B3:3)"),
        ("=SUM(B2:$2)+1", "=SUM(B3:$2)+1"),
        ("=SUM(2:2)", "=SUM(3:3)"),
        ("=SUM($2:$4)", "=SUM($2:$4)"),
        ("=SUM(A:A)", "=SUM(A:A)"),
        ("=SUM(A2:A)", "=SUM(A3:A)"),
        ("=SUM(A$2:A)", "=SUM(A$2:A)"),
        ("=History!F2-'Seat Report'!F2", "=History!F3-'Seat Report'!F3"),
        ("=VLOOKUP(A2;'2026'!$A:$C;2;FALSE)", "=VLOOKUP(A3;'2026'!$A:$C;2;FALSE)"),
        ("=SUM(Runs!B2:Runs!C2)", "=SUM(Runs!B3:Runs!C3)"),
        ('=IF(B2="A1","it\'s A1",\'A1\'!B2)', '=IF(B3="A1","it\'s A1",\'A1\'!B3)'),
        ("=Q1!A2", "=Q1!A3"),
        ("=Prices[Q1]*B2", "=Prices[Q1]*B3"),
        ("=LOG10(B2)", "=LOG10(B3)"),
        ("=ZZZ2+A2E3", "=ZZZ3+A2E3"),
    ],
)
def test_formulas_copied_down(formula: str, copy: str) -> None:
    """Formulas of row 2 and their copies in row 3 have the same relative form."""
    assert relative(formula, 1, 6) == relative(copy, 2, 6)


@pytest.mark.parametrize(
    ("formula", "other"),
    [
        ("=B2", "=B2"),
        ("=B2", "=$B3"),
        ("=B2", "=B$3"),
        ("=B2", "=C3"),
        ("=B$2", "=B$3"),
        ("=SUM(B2:2)", "=SUM(B3:2)"),
        ("=SUM(A2:A)", "=SUM(A3:B)"),
        ("=SUM(2:2)", "=SUM(2:2)"),
        ("=SUM(A:A)", "=SUM($A:A)"),
        ("=SUM(A:A)", "=SUM(B:B)"),
        ("=LOG10(B2)", "=LOG11(B3)"),
        ('="B2"', '="B3"'),
        ("='B2'!A2", "='B3'!A3"),
        ("=Q2!A2", "=Q3!A3"),
        ("=Prices[Q2]", "=Prices[Q3]"),
        ("=B2*1.19", "=B3*1.2"),
        ("=B2", "=B3 "),
        ("=ÄB2", "=ÄB3"),
        ("=B2Ä", "=B3Ä"),
    ],
)
def test_different_formulas(formula: str, other: str) -> None:
    """What copying from row 2 to row 3 would not produce is a different formula."""
    assert relative(formula, 1, 6) != relative(other, 2, 6)


def test_formulas_copied_to_the_right() -> None:
    """Columns shift with the formula as rows do, past Z as well."""
    assert relative("=Z$1:Z+Y:Y+$A:Z", 0, 0) == relative("=AA$1:AA+Z:Z+$A:AA", 0, 1)
    assert relative("=Z1", 0, 0) != relative("=AB1", 0, 1)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=B2", "=D6"),
        ("=B3", "=D3"),
        ("=C2", "=C6"),
        ("=$B$2+b2", "=$D$6+D6"),
        ("=SUM(B2:C3)", "=SUM(D6:C3)"),
        ("=SUM(B:$B)", "=SUM(D:$D)"),
        ("=SUM($2:2)", "=SUM($6:6)"),
        ("=SUM(B2:B)", "=SUM(D6:D)"),
        ("=SUM(C2:$2)", "=SUM(C6:$6)"),
        ("=AA12+AB3", "=AC12+AB3"),
        ("=C11+C1", "=C1+C11"),
        ("=IF(B2,\"B2\",'B2'!B2)", "=IF(D6,\"B2\",'B2'!B2)"),
        ("=Runs!B2+B2", "=Runs!B2+D6"),
        ("=Prices[B2]*B2", "=Prices[B2]*D6"),
        ("=LOG10(B2)", "=LOG10(D6)"),
        ("=1+2", "=1+2"),
    ],
)
def test_translated_references(formula: str, expected: str) -> None:
    """They follow rows and columns to their new positions, fixed or not; strings and other tabs are left alone."""
    assert translated(formula, {1: 5, 10: 0, 0: 10}, {1: 3, 26: 28}) == expected


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(["A", "$B$", "$", ":", "C", "=", "+", "!", "(", "1", "Å", "٣"]), max_size=6),
    st.integers(9, 6000),
    st.sampled_from("19"),
)
def test_numbers_too_long_for_a_row_are_left_alone(parts: list[str], digits: int, digit: str) -> None:
    """However long a number in a formula is, it is read, compared and moved like any other text."""
    number = digit * digits
    formula = "=" + number.join(["", *parts, ""])
    assert number in relative(formula, 5, 5)
    assert number in translated(formula, {0: 7}, {0: 3})
    assert relative(f"=A{number}", 1, 1) == translated(f"=A{number}", {}, {}) == f"=A{number}"
