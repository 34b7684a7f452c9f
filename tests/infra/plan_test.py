"""A plan keeps the credential to itself, sets every setting, and deploys the function alone."""

import zipfile
from dataclasses import fields
from pathlib import Path

from seat_report.settings import Settings, load
from tests.infra.archive import pack
from tests.infra.terraform import CREDENTIAL, VARIABLES, Plan

# Of the two credentials and the two ways to hand one over Terraform uses one; the others and the local Sheets service
# are for other places.
ELSEWHERE = {
    "AVEPOINT_CLIENT_SECRET",
    "AVEPOINT_CERTIFICATE",
    "AVEPOINT_CERTIFICATE_FILE",
    "SHEETS_EMULATOR_HOST",
}
UNSET = {"AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL", "AVEPOINT_CREDENTIAL_EXPIRES"}
PLATFORM = {"GOOGLE_CLOUD_PROJECT", "LOG_EXECUTION_ID", "THREADS"}


def test_no_secret_in_the_plan(plan: Plan) -> None:
    """The credential's value is neither in the plan's file nor in its JSON."""
    with zipfile.ZipFile(plan.file) as file:
        assert all(CREDENTIAL.encode() not in file.read(name) for name in file.namelist())
    assert CREDENTIAL not in plan.shown


def test_the_archive(plan: Plan) -> None:
    """Terraform's archive holds the same files, with the same contents, as the one that is tested without Terraform."""
    with zipfile.ZipFile(plan.archive) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == pack(plan.root)


def test_every_setting_can_be_set(plan: Plan) -> None:
    """The function's settings are all there, under their names."""
    settings = {field.name.upper() for field in fields(Settings)}
    assert set(plan.environment) == settings - ELSEWHERE - UNSET | PLATFORM


def test_the_defaults_are_the_functions_own(plan: Plan, tmp_path: Path) -> None:
    """The function takes the planned settings, and what was not said is as if Terraform had not set it."""
    secret = tmp_path / "credential"
    secret.write_text(CREDENTIAL, encoding="utf-8")
    planned = load({**plan.environment, "AVEPOINT_CLIENT_SECRET_FILE": str(secret)})
    own = load(
        {
            "SPREADSHEET_ID": str(VARIABLES["spreadsheet_id"]),
            "AVEPOINT_CLIENT_ID": str(VARIABLES["avepoint_client_id"]),
            "AVEPOINT_CLIENT_SECRET_FILE": str(secret),
            "CLOUD_RUN_TIMEOUT_SECONDS": "1770",
        }
    )
    assert planned == own
