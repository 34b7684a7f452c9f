"""Runs Terraform's plan on a copy of the code, leaving nothing in the repository and reaching no cloud."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CREDENTIAL = "the-credential-itself"
VARIABLES = {
    "project_id": "acme-seat-report",
    "region": "europe-west1",
    "spreadsheet_id": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "avepoint_client_id": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "notification_emails": ["ada@example.com"],
}
_IGNORED = shutil.ignore_patterns("__pycache__", ".terraform*", "*.tfstate*", "*.tfvars", "backend.tf")


@dataclass(frozen=True)
class Plan:
    """A plan of the copy in `root`: `json_text` is its JSON, `file` the plan itself, `archive` the deployed archive."""

    root: Path
    json_text: str
    file: Path
    archive: Path

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The planned resources of a type, by address without the type."""
        resources = json.loads(self.json_text)["planned_values"]["root_module"]["resources"]
        prefix = f"{kind}."
        return {
            resource["address"].removeprefix(prefix): resource["values"]
            for resource in resources
            if resource["type"] == kind
        }

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of the deployed function."""
        (function,) = self.resources("google_cloudfunctions2_function").values()
        variables: dict[str, str] = function["service_config"][0]["environment_variables"]
        return variables


def make_plan(work: Path) -> Plan:
    """Plan a first deployment in this empty folder; skips the test if Terraform or its providers are missing."""
    _initialise(work)
    (work / "infra" / "test.auto.tfvars.json").write_text(json.dumps(VARIABLES), encoding="utf-8")
    _run(work, "plan", "-input=false", "-no-color", "-out=plan")
    (work / "plan.json").write_text(_run(work, "show", "-json", "plan"), encoding="utf-8")
    return plan_in(work)


def plan_in(work: Path) -> Plan:
    """The plan that was made in this folder."""
    shown = (work / "plan.json").read_text(encoding="utf-8")
    return Plan(work, shown, work / "infra" / "plan", work / "infra" / ".terraform" / "seat-report.zip")


def planned_changes(work: Path, file: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """What each planned step of a test in infra/tests would change: the actions by address.

    The provider is mocked, so an argument that forces a replacement shows as an update. Skips as `make_plan` does.
    """
    _initialise(work)
    messages = [
        json.loads(line) for line in _run(work, "test", "-json", "-verbose", f"-filter=tests/{file}").splitlines()
    ]
    return {
        message["@testrun"]: {
            change["address"]: tuple(change["change"]["actions"])
            for change in message["test_plan"]["resource_changes"]
            if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
        }
        for message in messages
        if message["type"] == "test_plan"
    }


def _initialise(work: Path) -> None:
    """Copy the code into this empty folder and get the providers."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    shutil.copytree(ROOT / "infra", work / "infra", ignore=_IGNORED, dirs_exist_ok=True)
    shutil.copytree(ROOT / "function", work / "function", ignore=_IGNORED, dirs_exist_ok=True)
    shutil.copy(ROOT / "requirements.txt", work)
    init = _terraform(work, "init", "-backend=false", "-input=false", "-no-color")
    if init.returncode:
        pytest.skip(f"terraform can't get its providers: {init.stderr.strip()}")


def _run(work: Path, *arguments: str) -> str:
    """What Terraform prints; the test fails if it fails."""
    process = _terraform(work, *arguments)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def _terraform(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TF_IN_AUTOMATION": "1",
        # Planning a first deployment sends no request to the cloud, but the provider requires a credential.
        "GOOGLE_OAUTH_ACCESS_TOKEN": "none",
    }
    if arguments[0] == "plan":
        environment["TF_VAR_avepoint_credential"] = CREDENTIAL
    command = ["terraform", *arguments]
    return subprocess.run(
        command, cwd=work / "infra", env=environment, capture_output=True, text=True, check=False, timeout=300
    )
