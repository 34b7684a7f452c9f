"""Four consecutive days on which the report is written, and their data."""

from datetime import UTC, datetime, timedelta

from tests.benchmarks.population import customers, with_changed_counts, with_churn
from tests.emulators.avepoint.data import Customer

DAYS = ("first run", "quiet day", "1 % changed", "10 % churn")
QUIET = DAYS.index("quiet day")
CHURN_EVERY = 10
_CHANGED_EVERY = 100
_FIRST = datetime(2026, 11, 10, 6, tzinfo=UTC)


def moment_of(day: int) -> datetime:
    """The start time of the day's run."""
    return _FIRST + timedelta(days=day)


def population_of(count: int, day: int) -> list[Customer]:
    """That many customers as they are on that day."""
    population = customers(count)
    if day >= DAYS.index("1 % changed"):
        population = with_changed_counts(population, _CHANGED_EVERY)
    if day >= DAYS.index("10 % churn"):
        population = with_churn(population, CHURN_EVERY)
    return population
