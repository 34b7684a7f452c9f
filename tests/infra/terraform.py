"""What Terraform plans, by running it on a copy of the code: nothing is left in the repository, no cloud is reached."""

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
    "region": "europe-west3",
    "spreadsheet_id": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "avepoint_client_id": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "notification_emails": ["ada@example.com"],
}
_MADE = shutil.ignore_patterns("__pycache__", ".terraform*", "*.tfstate*", "*.tfvars", "backend.tf")


@dataclass(frozen=True)
class Plan:
    """A plan of the copy in `root`: `shown` is its JSON, `file` the plan itself, `archive` what would be deployed."""

    root: Path
    shown: str
    file: Path
    archive: Path

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The planned resources of a type, by their address without the type."""
        resources = json.loads(self.shown)["planned_values"]["root_module"]["resources"]
        prefix = f"{kind}."
        return {one["address"].removeprefix(prefix): one["values"] for one in resources if one["type"] == kind}

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that the function would be deployed with."""
        (function,) = self.resources("google_cloudfunctions2_function").values()
        variables: dict[str, str] = function["service_config"][0]["environment_variables"]
        return variables


def make_plan(work: Path) -> Plan:
    """Plan a first deployment in this empty folder; skips the test where Terraform or its providers are missing."""
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    shutil.copytree(ROOT / "infra", work / "infra", ignore=_MADE)
    shutil.copytree(ROOT / "function", work / "function", ignore=_MADE)
    shutil.copy(ROOT / "requirements.txt", work)
    (work / "infra" / "test.auto.tfvars.json").write_text(json.dumps(VARIABLES), encoding="utf-8")
    environment = {
        **os.environ,
        "TF_IN_AUTOMATION": "1",
        "TF_VAR_avepoint_credential": CREDENTIAL,
        # Planning a first deployment asks the cloud nothing, but the provider wants something to sign in with.
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
        done = run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    return Plan(work, done.stdout, work / "infra" / "plan", work / "infra" / ".terraform" / "seat-report.zip")
