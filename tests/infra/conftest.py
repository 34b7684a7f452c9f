"""One plan for all tests that read it."""

import pytest

from tests.infra.terraform import Plan, make_plan


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """What a first deployment with the least of variables would make."""
    return make_plan(tmp_path_factory.mktemp("terraform"))
