"""The record of a closed month: what it says, and that nothing in its place can end a run."""

import json

from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain import Basis
from seat_report.workbook.tabs.month_close import MonthClose, closed_note

closes = st.builds(
    MonthClose,
    st.integers(0, 99_999),
    st.integers(0, 99_999),
    st.sampled_from(["all", "unassigned"]),
    st.sampled_from([*Basis, None]),
)


@given(closes)
def test_a_record_is_read_back_as_it_was_written(close: MonthClose) -> None:
    """It is small enough that 120 months, the most that are kept, leave room among the metadata of a tab."""
    entry = close.entry("2026-11")
    assert MonthClose.parse(entry.value) == close
    assert json.loads(entry.value)["complete"] is close.is_complete
    assert 120 * (len(entry.key) + len(entry.value)) < 20_000


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_anything_else_is_not_understood(value: str) -> None:
    """It reads as not recorded, and no error."""
    assert MonthClose.parse(value) is None
    assert closed_note(MonthClose.parse(value)) == "Not recorded"


@given(closes)
def test_complete_is_only_what_was_expected_and_answered(close: MonthClose) -> None:
    """Also in words, of a closed month and of the one under way."""
    is_complete = close.answered == close.expected > 0
    assert (closed_note(close) == "Complete") is is_complete
