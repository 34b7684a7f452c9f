"""What each step in the life of a deployment changes, as infra/tests/apply.tftest.hcl plans it, and nothing else."""

import pytest

from tests.infra.terraform import planned_changes
from tests.proof.sampling import IS_COMPLETE

pytestmark = pytest.mark.skipif(not IS_COMPLETE, reason="a part of the complete run (PROOF=all): it takes a minute")

Changes = dict[str, tuple[str, ...]]

FUNCTION = "google_cloudfunctions2_function.report"
JOBS = "google_cloud_scheduler_job"
CALLER = "google_cloud_run_v2_service_iam_member"
SECRET = "google_secret_manager_secret"
REPLACED = ("delete", "create")
REPLACED_WITHOUT_A_GAP = ("create", "delete")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Changes]:
    """The changes that each step after the first deployment plans."""
    return planned_changes(tmp_path_factory.mktemp("life"), "apply.tftest.hcl")


def test_a_second_deployment_changes_nothing(steps: dict[str, Changes]) -> None:
    assert steps["second_deployment"] == {}


def test_a_failed_upgrade_can_be_repeated(steps: dict[str, Changes]) -> None:
    """Uploading the archive again deploys the function again, though nothing else says that the upgrade has failed."""
    archive = "google_storage_bucket_object.source"
    assert steps["after_a_failed_upgrade"] == {archive: REPLACED, FUNCTION: ("update",)}


def test_a_replaced_function_can_be_called(steps: dict[str, Changes]) -> None:
    """Who may call it is granted again: the new service has no grants."""
    changes = steps["function_replaced"]
    assert changes[FUNCTION] == REPLACED
    assert changes[f"{CALLER}.scheduler_calls"] == REPLACED


def test_a_rotation(steps: dict[str, Changes]) -> None:
    """The new version of a secret is there before the old one goes."""
    assert steps["webhook_rotated"] == {
        f"{SECRET}_version.webhook[0]": REPLACED_WITHOUT_A_GAP,
        FUNCTION: ("update",),
        "terraform_data.webhook_version": ("update",),
    }


def test_without_the_webhook_and_requests(steps: dict[str, Changes]) -> None:
    """The webhook's secret, the grant to read it and the job that looks for requests go; all else stays."""
    changes = steps["without_webhook_and_requests"]
    assert {address for address, actions in changes.items() if "delete" in actions} == {
        f"{JOBS}.request[0]",
        f"{SECRET}.webhook[0]",
        f"{SECRET}_version.webhook[0]",
        f"{SECRET}_iam_member.runtime_webhook[0]",
        "terraform_data.grants_have_spread",
    }
    assert changes[FUNCTION] == ("update",)


def test_another_caller(steps: dict[str, Changes]) -> None:
    """A change without the credential at hand does not touch the secret or the function."""
    assert steps["upgrade_without_the_credential_at_hand"] == {
        f'{CALLER}.people_call["user:ada@example.com"]': ("create",)
    }
