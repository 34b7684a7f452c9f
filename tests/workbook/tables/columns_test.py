"""Our columns are located whatever people do to a tab, and no column that may be theirs is taken for ours."""

from collections.abc import Iterable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, ColumnMark, Tab
from seat_report.workbook.tables.columns import Column, Kind, Placement, folded, locate
from tests.proof.sampling import many

COLUMNS = tuple(
    Column(name, header, Kind.TEXT, "")
    for name, header in [
        ("customer_id", "Customer ID"),
        ("customer", "Customer"),
        ("assigned", "Assigned seats"),
        ("status", "Status"),
    ]
)
CUSTOMER_ID, CUSTOMER, ASSIGNED, STATUS = COLUMNS
HEADERS = [column.header for column in COLUMNS]
NAMES = [column.name for column in COLUMNS]

examples = settings(max_examples=many(150, 1000))


def tab_of(headers: Iterable[str | None], marks: Iterable[tuple[int, str, int]] = ()) -> Tab:
    """A tab with these headers, and marks given by id, name and column."""
    row = [BLANK if header is None else Cell(header) for header in headers]
    return Tab(7, "Seat Report", 100, 26, 1, [row], tuple(ColumnMark(*mark) for mark in marks))


def placement(headers: Iterable[str | None], marks: Iterable[tuple[int, str, int]] = ()) -> Placement:
    """The placement of our columns in such a tab."""
    return locate(COLUMNS, tab_of(headers, marks))


def test_new_tab() -> None:
    """In a tab without a header every column is missing, in our order."""
    for tab in (tab_of([]), Tab(7, "Seat Report", 100, 26)):
        assert locate(COLUMNS, tab) == Placement({}, COLUMNS, {}, (), ())


def test_untouched_tab() -> None:
    """A tab that nobody changed has all our columns marked, with nothing to correct."""
    marks = [(10 + index, name, index) for index, name in enumerate(NAMES)]
    assert placement(HEADERS, marks) == Placement({name: i for i, name in enumerate(NAMES)}, (), {}, (), ())


@pytest.mark.parametrize("header", ["CUSTOMER  id", " customer\nID ", "Customer\u00a0ID"])
def test_header_case_and_spacing_are_ignored(header: str) -> None:
    """Neither matters when headers are compared."""
    assert placement([None, header]).at == {"customer_id": 1}


@pytest.mark.parametrize("header", ["CustomerID", "Customer IDs", "My Customer ID", "Customer ID (old)"])
def test_similar_header(header: str) -> None:
    """A header that merely contains ours is not ours."""
    assert placement([header]).at == {}


def test_renamed_column() -> None:
    """A renamed column is recognised by its mark."""
    actual = placement(["Kundennummer", "Customer"], [(1, "customer_id", 0)])
    assert actual.at == {"customer_id": 0, "customer": 1}
    assert actual.unmarked == ("customer",)


def test_renamed_column_without_a_mark() -> None:
    """Without a mark it belongs to people, and ours is missing."""
    actual = placement(["Kundennummer", "Customer"])
    assert actual.at == {"customer": 1}
    assert CUSTOMER_ID in actual.missing


@pytest.mark.parametrize("header", [None, "", " "])
def test_blank_header(header: str | None) -> None:
    """The mark of a column without a header is ignored: the column is added again at the end of ours."""
    actual = placement([header, "Customer"], [(1, "customer_id", 0)])
    assert "customer_id" not in actual.at
    assert CUSTOMER_ID in actual.missing
    assert actual.misleading == (1,)


def test_header_wins_over_mark() -> None:
    """If header and mark are on different columns, the header wins and the mark is corrected."""
    actual = placement(["Old numbers", "Assigned seats"], [(1, "assigned", 0)])
    assert actual.at == {"assigned": 1}
    assert (actual.unmarked, actual.misleading) == (("assigned",), (1,))


def test_swapped_headers() -> None:
    """If people typed our headers over one another, the headers decide for both."""
    actual = placement(["Customer", "Customer ID"], [(1, "customer_id", 0), (2, "customer", 1)])
    assert actual.at == {"customer": 0, "customer_id": 1}
    assert sorted(actual.misleading) == [1, 2]
    assert sorted(actual.unmarked) == ["customer", "customer_id"]


def test_renamed_to_another_header_of_ours() -> None:
    """A mark does not make a column with another of our headers two of our columns."""
    actual = placement(["Status", "Customer"], [(1, "assigned", 0)])
    assert actual.at == {"status": 0, "customer": 1}
    assert ASSIGNED in actual.missing


def test_duplicate_header() -> None:
    """Of two columns with one header neither is used, marked or not; the others are still located."""
    actual = placement(["Customer", "Status", "customer ", "Assigned seats"], [(1, "customer", 0)])
    assert actual.ambiguous == {"customer": (0, 2)}
    assert actual.at == {"status": 1, "assigned": 3}
    assert actual.indexes == {0, 1, 2, 3}
    assert 1 not in actual.misleading


def test_duplicate_mark() -> None:
    """Of two renamed columns with the same mark neither is used."""
    actual = placement(["One", "Two"], [(1, "status", 0), (2, "status", 1)])
    assert actual.ambiguous == {"status": (0, 1)}
    assert "status" not in actual.at
    assert STATUS not in actual.missing


def test_ambiguous_column_is_not_reused() -> None:
    """A column that could be one of ours is not taken for another."""
    actual = placement(["One", "Two"], [(1, "customer_id", 0), (2, "customer_id", 1), (3, "status", 0)])
    assert actual.ambiguous == {"customer_id": (0, 1)}
    assert "status" not in actual.at


def test_duplicate_mark_on_one_column() -> None:
    """Of two equal marks on the right column one is superfluous."""
    actual = placement(["Status"], [(1, "status", 0), (2, "status", 0)])
    assert (actual.at, actual.unmarked, actual.misleading) == ({"status": 0}, (), (2,))


def test_marks_of_unknown_columns() -> None:
    """Marks of columns that this table does not have, such as those of a later version, are left alone."""
    assert placement(["Status"], [(1, "from_the_future", 0), (2, "status", 0)]).misleading == ()


def test_mark_beyond_the_header() -> None:
    """A mark on a column to the right of all headers is ignored."""
    actual = placement(["Status"], [(1, "customer", 9)])
    assert CUSTOMER in actual.missing
    assert actual.misleading == (1,)


theirs = st.text(st.sampled_from("abc DEé=1#"), min_size=1, max_size=6).filter(
    lambda text: folded(text) and folded(text) not in {folded(header) for header in HEADERS}
)
mangled = st.sampled_from(
    [str.upper, str.lower, str.title, lambda text: f" {text}\n", lambda text: text.replace(" ", "  ")]
)


@examples
@given(st.data())
def test_columns_are_located_after_changes(data: st.DataObject) -> None:
    """With columns moved, renamed, deleted and people's in between, each is located or missing."""
    # Each column of the tab as its header, its name if it is ours, and whether it has our mark.
    slots: list[tuple[str | None, str | None, bool]] = []
    for column in COLUMNS:
        change = data.draw(st.sampled_from(["kept", "kept", "renamed", "deleted"]))
        if change == "kept":
            slots.append((data.draw(mangled)(column.header), column.name, data.draw(st.booleans())))
        elif change == "renamed":
            slots.append((data.draw(theirs), column.name, True))
    slots += data.draw(
        st.lists(st.tuples(st.none() | st.just("") | theirs, st.none(), st.just(value=False)), max_size=5)
    )
    slots = data.draw(st.permutations(slots))

    expected = {name: index for index, (_, name, _) in enumerate(slots) if name}
    marks = [(100 + index, name, index) for index, (_, name, marked) in enumerate(slots) if name and marked]
    kept = [name for header, name, _ in slots if name and folded(header or "") in map(folded, HEADERS)]
    # Marks of columns that kept their header, but on another column: there the header decides.
    wrong: list[tuple[int, str, int]] = []
    if kept and len(slots) > 1:
        for number in range(data.draw(st.integers(0, 2))):
            name = data.draw(st.sampled_from(kept))
            index = data.draw(st.integers(0, len(slots) - 1))
            if index != expected[name]:
                wrong.append((200 + number, name, index))
    actual = placement([header for header, _, _ in slots], data.draw(st.permutations(marks + wrong)))

    assert actual.at == expected
    assert {column.name for column in actual.missing} == set(NAMES) - expected.keys()
    assert actual.ambiguous == {}
    assert set(actual.unmarked) == expected.keys() - {name for _, name, _ in marks}
    assert sorted(actual.misleading) == [metadata_id for metadata_id, _, _ in wrong]


any_headers = st.lists(st.none() | st.sampled_from([*HEADERS, "Notes", "Kunde", "", "x"]), max_size=7)
any_marks = st.lists(st.tuples(st.sampled_from([*NAMES, "unknown"]), st.integers(0, 7)), max_size=8)


@examples
@given(any_headers, any_marks)
def test_any_tab(headers: list[str | None], positions: list[tuple[str, int]]) -> None:
    """In any tab each column of ours is located, missing or ambiguous, and no column is two of them."""
    actual = placement(headers, [(index, *position) for index, position in enumerate(positions)])
    ambiguous = {index for indexes in actual.ambiguous.values() for index in indexes}
    assert sorted([*actual.at, *actual.ambiguous, *(column.name for column in actual.missing)]) == sorted(NAMES)
    assert len(set(actual.at.values())) == len(actual.at)
    assert not ambiguous & set(actual.at.values())
    assert actual.indexes == ambiguous | set(actual.at.values())
    for column in COLUMNS:
        index = actual.at.get(column.name)
        if index is not None:
            header = headers[index] or ""
            assert folded(header) == folded(column.header) or (
                header.strip() and header not in HEADERS and (column.name, index) in positions
            )


@examples
@given(any_headers, any_marks)
def test_correcting_marks_is_idempotent(headers: list[str | None], positions: list[tuple[str, int]]) -> None:
    """With misleading marks removed and missing ones added, the placement is the same and needs no correction."""
    marks = [(index, *position) for index, position in enumerate(positions)]
    actual = placement(headers, marks)
    assume(actual.misleading or actual.unmarked)
    repaired = [mark for mark in marks if mark[0] not in actual.misleading]
    repaired += [(100 + actual.at[name], name, actual.at[name]) for name in actual.unmarked]
    after = placement(headers, repaired)
    assert (after.at, after.missing, after.ambiguous) == (actual.at, actual.missing, actual.ambiguous)
    assert (after.unmarked, after.misleading) == ((), ())
