"""The plan contains no credential, sets every setting, and deploys only the function."""

import zipfile
from dataclasses import fields
from pathlib import Path

from seat_report.settings import Settings, load
from tests.infra.archive import pack
from tests.infra.terraform import CREDENTIAL, VARIABLES, Plan

# Terraform uses one kind of credential, passed in one way; other ways, the local Sheets service and the check's scratch
# spreadsheet are for other environments.
NOT_IN_TERRAFORM = {
    "AVEPOINT_CLIENT_SECRET",
    "AVEPOINT_CERTIFICATE",
    "AVEPOINT_CERTIFICATE_FILE",
    "NOTIFY_WEBHOOK_URL",
    "CHECK_SPREADSHEET_ID",
    "SHEETS_EMULATOR_HOST",
}
UNSET = {"AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL", "AVEPOINT_CREDENTIAL_EXPIRES", "NOTIFY_WEBHOOK_URL_FILE"}
PLATFORM = {"GOOGLE_CLOUD_PROJECT", "LOG_EXECUTION_ID", "THREADS"}


def test_no_secret_in_the_plan(plan: Plan) -> None:
    """Neither the plan file nor its JSON contains the credential's value."""
    with zipfile.ZipFile(plan.file) as file:
        assert all(CREDENTIAL.encode() not in file.read(name) for name in file.namelist())
    assert CREDENTIAL not in plan.json_text


def test_the_archive(plan: Plan) -> None:
    """Terraform's archive has the same files and contents as the one tested without Terraform."""
    with zipfile.ZipFile(plan.archive) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == pack(plan.root)


def test_every_setting_can_be_set(plan: Plan) -> None:
    """All settings of the function are set under their names."""
    settings = {field.name.upper() for field in fields(Settings)}
    assert set(plan.environment) == settings - NOT_IN_TERRAFORM - UNSET | PLATFORM


def test_the_defaults_are_the_functions_own(plan: Plan, tmp_path: Path) -> None:
    """The function accepts the planned settings, and Terraform's defaults equal the function's own."""
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
