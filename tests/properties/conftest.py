"""Fixtures of the tests with hostile input."""

from collections.abc import Iterator

import pytest

from tests.properties.journey import Journey, completed_journey


@pytest.fixture(scope="session")
def journey() -> Iterator[Journey]:
    """Runs with every text in every field, done once for all tests."""
    with completed_journey() as completed:
        yield completed
