"""Months in the report's notation."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.months import last_months, month_before, month_of, months_apart, months_between

months = st.dates(min_value=date(2000, 1, 1)).map(lambda day: f"{day:%Y-%m}")


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), "2026-03"),
        (datetime(2026, 11, 1, tzinfo=UTC), "2026-11"),
    ],
)
def test_month_of(moment: datetime, month: str) -> None:
    """A month is named by year and two-digit month."""
    assert month_of(moment) == month


@pytest.mark.parametrize(("month", "before"), [("2026-11", "2026-10"), ("2026-10", "2026-09"), ("2026-01", "2025-12")])
def test_month_before(month: str, before: str) -> None:
    """The month before January is December of the year before."""
    assert month_before(month) == before


@given(months, st.integers(1, 60))
def test_last_months(month: str, count: int) -> None:
    """There are as many as asked for, up to the month itself, each following the one before."""
    found = list(last_months(month, count))
    assert len(found) == count
    assert found[-1] == month
    assert found[:-1] == [month_before(later) for later in found[1:]]


@pytest.mark.parametrize(
    ("newest", "month", "expected"),
    [
        ("2026-11", "2026-11", []),
        ("2026-12", "2026-11", []),
        ("2025-11", "2026-02", ["2026-02", "2026-01", "2025-12"]),
    ],
)
def test_months_between(newest: str, month: str, expected: list[str]) -> None:
    """The months after the newest, latest first; none if the month is no later."""
    assert months_between(newest, month) == expected


@given(months, months)
def test_months_apart(first: str, second: str) -> None:
    """It is the number of steps back from the later to the earlier month, and the other way round negative."""
    earlier, later = sorted((first, second))
    apart = months_apart(earlier, later)
    assert last_months(later, apart + 1)[0] == earlier
    assert months_apart(later, earlier) == -apart


def test_months_between_are_bounded() -> None:
    """No more come out than are ever kept."""
    assert len(months_between("1900-01", "2026-11")) == 120
