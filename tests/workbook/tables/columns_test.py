"""Our columns are found again whatever people do to theirs, and nothing that may be theirs is taken for ours."""

from collections.abc import Iterable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, ColumnMark, Tab
from seat_report.workbook.tables.columns import Column, Kind, Placement, folded, locate

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

rule = settings(max_examples=400)


def tab_of(headers: Iterable[str | None], marks: Iterable[tuple[int, str, int]] = ()) -> Tab:
    """A tab with these headers, and entries given by id, name and column."""
    row = [BLANK if header is None else Cell(header) for header in headers]
    return Tab(7, "Seat Report", 100, 26, 1, [row], tuple(ColumnMark(*mark) for mark in marks))


def located(headers: Iterable[str | None], marks: Iterable[tuple[int, str, int]] = ()) -> Placement:
    """Where our columns stand in such a tab."""
    return locate(COLUMNS, tab_of(headers, marks))


def test_new_tab() -> None:
    """In a tab without a header every column is missing, in our order."""
    for tab in (tab_of([]), Tab(7, "Seat Report", 100, 26)):
        assert locate(COLUMNS, tab) == Placement({}, COLUMNS, {}, (), ())


def test_as_we_left_it() -> None:
    """A tab that nobody touched has all our columns, marked and with nothing to mend."""
    marks = [(10 + index, name, index) for index, name in enumerate(NAMES)]
    assert located(HEADERS, marks) == Placement({name: i for i, name in enumerate(NAMES)}, (), {}, (), ())


@pytest.mark.parametrize("header", ["CUSTOMER  id", " customer\nID ", "Customer\u00a0ID"])
def test_header_whatever_its_case_and_spacing(header: str) -> None:
    """Case and spacing of a header mean nothing."""
    assert located([None, header]).at == {"customer_id": 1}


@pytest.mark.parametrize("header", ["CustomerID", "Customer IDs", "My Customer ID", "Customer ID (old)"])
def test_header_that_is_like_ours(header: str) -> None:
    """A header with ours in it is not ours."""
    assert located([header]).at == {}


def test_renamed() -> None:
    """A renamed column is known by its entry."""
    found = located(["Kundennummer", "Customer"], [(1, "customer_id", 0)])
    assert found.at == {"customer_id": 0, "customer": 1}
    assert found.unmarked == ("customer",)


def test_renamed_without_an_entry() -> None:
    """Without an entry it is people's, and ours is missing."""
    found = located(["Kundennummer", "Customer"])
    assert found.at == {"customer": 1}
    assert CUSTOMER_ID in found.missing


@pytest.mark.parametrize("header", [None, "", " "])
def test_blank_header(header: str | None) -> None:
    """An entry says nothing of a column without a header: it comes back where ours end."""
    found = located([header, "Customer"], [(1, "customer_id", 0)])
    assert "customer_id" not in found.at
    assert CUSTOMER_ID in found.missing
    assert found.misleading == (1,)


def test_entry_and_text_disagree() -> None:
    """If header text and entry point at different columns, the text wins and the entry is mended."""
    found = located(["Old numbers", "Assigned seats"], [(1, "assigned", 0)])
    assert found.at == {"assigned": 1}
    assert (found.unmarked, found.misleading) == (("assigned",), (1,))


def test_headers_exchanged() -> None:
    """Where people typed our headers over one another, text decides for both."""
    found = located(["Customer", "Customer ID"], [(1, "customer_id", 0), (2, "customer", 1)])
    assert found.at == {"customer": 0, "customer_id": 1}
    assert sorted(found.misleading) == [1, 2]
    assert sorted(found.unmarked) == ["customer", "customer_id"]


def test_renamed_to_another_header_of_ours() -> None:
    """An entry does not make a column with another of our headers ours twice."""
    found = located(["Status", "Customer"], [(1, "assigned", 0)])
    assert found.at == {"status": 0, "customer": 1}
    assert ASSIGNED in found.missing


def test_header_twice() -> None:
    """Of two columns with one header neither is touched, entry or not; the others stay found."""
    found = located(["Customer", "Status", "customer ", "Assigned seats"], [(1, "customer", 0)])
    assert found.ambiguous == {"customer": (0, 2)}
    assert found.at == {"status": 1, "assigned": 3}
    assert found.indexes == {0, 1, 2, 3}
    assert 1 not in found.misleading


def test_two_entries_for_one() -> None:
    """Of two renamed columns that both have the entry neither is touched."""
    found = located(["One", "Two"], [(1, "status", 0), (2, "status", 1)])
    assert found.ambiguous == {"status": (0, 1)}
    assert "status" not in found.at
    assert STATUS not in found.missing


def test_one_of_two_that_is_claimed() -> None:
    """A column that could be one of ours is not taken for another one of ours."""
    found = located(["One", "Two"], [(1, "customer_id", 0), (2, "customer_id", 1), (3, "status", 0)])
    assert found.ambiguous == {"customer_id": (0, 1)}
    assert "status" not in found.at


def test_same_entry_twice() -> None:
    """Of two equal entries on the right column one is superfluous."""
    found = located(["Status"], [(1, "status", 0), (2, "status", 0)])
    assert (found.at, found.unmarked, found.misleading) == ({"status": 0}, (), (2,))


def test_entries_of_columns_unknown() -> None:
    """Entries of columns that this table has not, such as those of a later version, are left alone."""
    assert located(["Status"], [(1, "from_the_future", 0), (2, "status", 0)]).misleading == ()


def test_entry_beyond_the_header() -> None:
    """An entry on a column right of all headers says nothing."""
    found = located(["Status"], [(1, "customer", 9)])
    assert CUSTOMER in found.missing
    assert found.misleading == (1,)


theirs = st.text(st.sampled_from("abc DEé=1#"), min_size=1, max_size=6).filter(
    lambda text: folded(text) and folded(text) not in {folded(header) for header in HEADERS}
)
mangled = st.sampled_from(
    [str.upper, str.lower, str.title, lambda text: f" {text}\n", lambda text: text.replace(" ", "  ")]
)


@rule
@given(st.data())
def test_found_again(data: st.DataObject) -> None:
    """Columns moved, renamed and deleted, with people's in between: each is found where it stands, or missed."""
    # Each column in the tab as its header, the name of ours that it is, and whether our entry is on it.
    slots: list[tuple[str | None, str | None, bool]] = []
    for column in COLUMNS:
        fate = data.draw(st.sampled_from(["kept", "kept", "renamed", "deleted"]))
        if fate == "kept":
            slots.append((data.draw(mangled)(column.header), column.name, data.draw(st.booleans())))
        elif fate == "renamed":
            slots.append((data.draw(theirs), column.name, True))
    slots += data.draw(
        st.lists(st.tuples(st.none() | st.just("") | theirs, st.none(), st.just(value=False)), max_size=5)
    )
    slots = data.draw(st.permutations(slots))

    expected = {name: index for index, (_, name, _) in enumerate(slots) if name}
    entries = [(100 + index, name, index) for index, (_, name, marked) in enumerate(slots) if name and marked]
    kept = [name for header, name, _ in slots if name and folded(header or "") in map(folded, HEADERS)]
    # Entries of columns that kept their header and that point elsewhere: there, text decides.
    wrong: list[tuple[int, str, int]] = []
    if kept and len(slots) > 1:
        for number in range(data.draw(st.integers(0, 2))):
            name = data.draw(st.sampled_from(kept))
            index = data.draw(st.integers(0, len(slots) - 1))
            if index != expected[name]:
                wrong.append((200 + number, name, index))
    found = located([header for header, _, _ in slots], data.draw(st.permutations(entries + wrong)))

    assert found.at == expected
    assert {column.name for column in found.missing} == set(NAMES) - expected.keys()
    assert found.ambiguous == {}
    assert set(found.unmarked) == expected.keys() - {name for _, name, _ in entries}
    assert sorted(found.misleading) == [metadata_id for metadata_id, _, _ in wrong]


any_headers = st.lists(st.none() | st.sampled_from([*HEADERS, "Notes", "Kunde", "", "x"]), max_size=7)
any_marks = st.lists(st.tuples(st.sampled_from([*NAMES, "unknown"]), st.integers(0, 7)), max_size=8)


@rule
@given(any_headers, any_marks)
def test_whatever_people_do(headers: list[str | None], places: list[tuple[str, int]]) -> None:
    """In any tab, each column of ours is found, missed or doubtful, and no column is taken for two."""
    found = located(headers, [(index, *place) for index, place in enumerate(places)])
    doubtful = {index for indexes in found.ambiguous.values() for index in indexes}
    assert sorted([*found.at, *found.ambiguous, *(column.name for column in found.missing)]) == sorted(NAMES)
    assert len(set(found.at.values())) == len(found.at)
    assert not doubtful & set(found.at.values())
    assert found.indexes == doubtful | set(found.at.values())
    for column in COLUMNS:
        index = found.at.get(column.name)
        if index is not None:
            header = headers[index] or ""
            assert folded(header) == folded(column.header) or (
                header.strip() and header not in HEADERS and (column.name, index) in places
            )


@rule
@given(any_headers, any_marks)
def test_mending_ends(headers: list[str | None], places: list[tuple[str, int]]) -> None:
    """After misleading entries went and missing ones came, the same columns are found and nothing is left to mend."""
    marks = [(index, *place) for index, place in enumerate(places)]
    found = located(headers, marks)
    assume(found.misleading or found.unmarked)
    mended = [mark for mark in marks if mark[0] not in found.misleading]
    mended += [(100 + found.at[name], name, found.at[name]) for name in found.unmarked]
    again = located(headers, mended)
    assert (again.at, again.missing, again.ambiguous) == (found.at, found.missing, found.ambiguous)
    assert (again.unmarked, again.misleading) == ((), ())
