"""Months in the report's notation: `2026-11`."""

from collections.abc import Sequence
from datetime import datetime


def month_before(month: str) -> str:
    """The month before: `2025-12` for `2026-01`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def last_months(month: str, count: int) -> Sequence[str]:
    """The last `count` months up to and including this one, oldest first."""
    months = [month]
    while len(months) < count:
        months.append(month_before(months[-1]))
    return months[::-1]


def months_between(newest: str, month: str) -> list[str]:
    """The months after `newest` up to `month`, latest first; at most 120, as many as are ever kept."""
    months: list[str] = []
    while month > newest and len(months) < 120:
        months.append(month)
        month = month_before(month)
    return months


def months_apart(earlier: str, later: str) -> int:
    """How many months `later` is after `earlier`; negative if it is before."""
    return 12 * (int(later[:4]) - int(earlier[:4])) + int(later[5:]) - int(earlier[5:])


def month_of(moment: datetime) -> str:
    """The month of a date, as in the headers of the History tab: `2026-11`."""
    return f"{moment:%Y-%m}"
