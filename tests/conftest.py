"""Fixtures that tests of several parts share."""

from collections.abc import Iterator

import pytest

from tests.world import World
from tests.world import world as made_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A spreadsheet, an AvePoint with its sample customers, the deployed function, and a person."""
    with made_world(monkeypatch) as made:
        yield made
