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
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    shutil.copytree(ROOT / "infra", work / "infra", ignore=_IGNORED)
    shutil.copytree(ROOT / "function", work / "function", ignore=_IGNORED)
    shutil.copy(ROOT / "requirements.txt", work)
    (work / "infra" / "test.auto.tfvars.json").write_text(json.dumps(VARIABLES), encoding="utf-8")
    environment = {
        **os.environ,
        "TF_IN_AUTOMATION": "1",
        "TF_VAR_avepoint_credential": CREDENTIAL,
        # Planning a first deployment sends no request to the cloud, but the provider requires a credential.
        "GOOGLE_OAUTH_ACCESS_TOKEN": "none",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [terraform, *arguments]
        return subprocess.run(
            command, cwd=work / "infra", env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    init = run("init", "-backend=false", "-input=false", "-no-color")
    if init.returncode:
        pytest.skip(f"terraform can't get its providers: {init.stderr.strip()}")
    for arguments in (("plan", "-input=false", "-no-color", "-out=plan"), ("show", "-json", "plan")):
        process = run(*arguments)
        assert process.returncode == 0, process.stdout + process.stderr
    return Plan(work, process.stdout, work / "infra" / "plan", work / "infra" / ".terraform" / "seat-report.zip")
