"""Fixtures that tests of several parts share, and how properties are tried."""

from collections.abc import Iterator

import hypothesis
import pytest

from tests.proof.sampling import IS_COMPLETE
from tests.world import World
from tests.world import world as made_world

# A busy machine is no failure; and whoever changes something should not meet by chance what others have left. With
# everything tried, chance is welcome.
hypothesis.settings.register_profile("seat-report", deadline=None, derandomize=not IS_COMPLETE, print_blob=True)
hypothesis.settings.load_profile("seat-report")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A spreadsheet, an AvePoint with its sample customers, the deployed function, and a person."""
    with made_world(monkeypatch) as made:
        yield made
