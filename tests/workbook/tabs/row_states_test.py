"""What is remembered of the Seat Report's rows beyond their cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api import Tab, TabEntry
from seat_report.workbook.tabs.row_states import ENTRY_KEY, RowStates
from tests.workbook.tabs.seat_row_test import row

KEYED = {"customer_id": "c-1", "tenant_type": "Google", "tenant_id": "t-1"}
OLD = "Not reported since 2026-01-05: gone. Peak of 2026-01: 1,234."

digests = st.text("abcXYZ019-_", min_size=8, max_size=8)
months = st.dates().map(lambda day: f"{day.year:04}-{day.month:02}")


def tab(value: str) -> Tab:
    """The Seat Report tab with this entry."""
    return Tab(5, "Seat Report", 9, 9, entries=(TabEntry(1, ENTRY_KEY, value),))


@st.composite
def states(draw: st.DrawFn, most: int = 20) -> RowStates:
    """Whatever may be remembered."""
    since = draw(st.dictionaries(digests, months, max_size=most))
    lost = frozenset(draw(st.lists(st.sampled_from(sorted(since))))) if since else frozenset[str]()
    peaks = draw(st.dictionaries(digests, st.integers(0, 10**9), max_size=most))
    out_of_time = draw(st.none() | st.booleans())
    exceptions = draw(st.frozensets(digests, max_size=most)) if out_of_time is not None else frozenset[str]()
    return RowStates(since, lost, draw(months) if peaks else "", peaks, out_of_time, exceptions)


@given(states())
def test_what_is_written_is_read(remembered: RowStates) -> None:
    """An entry says the same again, and then there is nothing to write."""
    assert RowStates.of(tab(remembered.value)) == remembered
    assert remembered.requests(tab(remembered.value)) == []


def test_nothing_remembered_needs_no_entry() -> None:
    assert RowStates().requests(Tab(5, "Seat Report", 9, 9)) == []


@pytest.mark.parametrize(
    "value", ["", "[]", "5", '{"since":5}', '{"since":{"soon":"abcdefgh"}}', '{"peaks":{"a":"x"}}', "[" * 99_999]
)
def test_an_entry_that_cannot_be_read_says_nothing(value: str) -> None:
    assert RowStates.of(tab(value)) == RowStates()


def test_the_order_of_queries_goes_first_where_there_is_no_room() -> None:
    """A tab has room for so much metadata; then since when rows are not reported matters most."""
    rows = [f"{number:08}" for number in range(1_000)]
    everything = RowStates(dict.fromkeys(rows, "2026-01"), frozenset(), "2026-01", {"a" * 8: 1}, True, frozenset(rows))
    kept = RowStates.of(tab(everything.value))
    assert (len(kept.since), len(kept.peaks), kept.out_of_time, kept.exceptions) == (1_000, 1, True, frozenset())
    too_much = RowStates({f"{number:08}": "2026-01" for number in range(9_999)}, out_of_time=False)
    assert RowStates.of(tab(too_much.value)) == RowStates(out_of_time=False)


def test_old_sentences_are_read_only_without_anything_remembered() -> None:
    gone = row(**KEYED, status="Not reported", detail=OLD)
    assert (RowStates().not_reported_since(gone), RowStates().peak(gone, "2026-01")) == ("2026-01", 1234)
    assert RowStates().peak(gone, "2026-02") is None
    late = row(**KEYED, status="Stale", detail="Not checked: no time")
    assert RowStates().is_out_of_time(late)
    assert not RowStates(out_of_time=False).is_out_of_time(late)
    assert RowStates(out_of_time=True).is_out_of_time(gone)
