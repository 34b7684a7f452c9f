"""A pytest plugin: the same examples in every run, no time for shrinking failures, and what is quick comes first."""

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

settings.register_profile("steady", derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate))


def pytest_configure() -> None:
    """Take this profile, in the place of the one that the tests have loaded for themselves."""
    settings.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take many examples behind the others."""
    items.sort(key=lambda item: is_hypothesis_test(getattr(item, "function", None)))
