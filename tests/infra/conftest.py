"""One plan shared by all tests, whichever process they run in."""

import fcntl
import os

import pytest

from tests.infra.terraform import Plan, make_plan, plan_in


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a first deployment with only the required variables."""
    base = tmp_path_factory.getbasetemp()
    # Each of several processes has a folder of its own in a shared one; the first that needs the plan makes it.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    work = shared / "terraform"
    with (shared / "terraform.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (shared / "terraform.done").exists():
            return plan_in(work)
        work.mkdir(exist_ok=True)
        made = make_plan(work)
        (shared / "terraform.done").touch()
        return made
