"""One plan shared by all tests."""

import pytest

from tests.infra.terraform import Plan, make_plan


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a first deployment with only the required variables."""
    return make_plan(tmp_path_factory.mktemp("terraform"))
