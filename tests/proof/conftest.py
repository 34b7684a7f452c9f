"""Fixtures of the long tests."""

from collections.abc import Iterator

import pytest

from tests.proof.stage import Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One stage for all tests of a module, which put it into the situation that they need."""
    with staged() as made:
        yield made
