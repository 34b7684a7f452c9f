"""A pytest plugin: the same examples in every run, no shrinking of failures, quick tests first."""

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

settings.register_profile("steady", derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate))


def pytest_configure() -> None:
    """Replace the profile that the tests have loaded."""
    settings.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move tests with many examples behind the others."""
    items.sort(key=lambda item: is_hypothesis_test(getattr(item, "function", None)))
