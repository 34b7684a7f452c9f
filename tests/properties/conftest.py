"""Fixtures of the tests with hostile input."""

from collections.abc import Iterator

import pytest

from tests.properties.journey import Journey, travelled


@pytest.fixture(scope="session")
def journey() -> Iterator[Journey]:
    """Every text's way through every field, gone once."""
    with travelled() as made:
        yield made
