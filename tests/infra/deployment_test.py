"""The deployed archive works on its own, in an empty folder with a new environment."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.demo.stage import SheetsApi
from tests.emulators.avepoint import service as avepoint_service
from tests.emulators.avepoint import tokens
from tests.emulators.sheets import service as sheets_service
from tests.infra.archive import pack
from tests.infra.entries import printed
from tests.infra.terraform import ROOT, Plan
from tests.proof.sampling import IS_COMPLETE
from tests.support.serving import served

# What Terraform sets in addition to the settings, for machines without Terraform.
_PLATFORM = {"THREADS": "8", "LOG_EXECUTION_ID": "true", "GOOGLE_CLOUD_PROJECT": "acme-seat-report"}


@dataclass(frozen=True)
class Deployment:
    """The unpacked archive, and a Python with its requirements installed."""

    folder: Path
    python: Path

    def run(self, *arguments: str) -> None:
        """Run this Python in the folder, isolated from the tests' settings; the test fails if it fails."""
        self._run(self.python, "-I", *arguments)

    def pip(self, *arguments: str) -> None:
        """Run the tests' pip for this Python; the test fails if it fails."""
        python = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--python", str(self.python)]
        self._run(*python, *arguments)

    def _run(self, *command: str | Path) -> None:
        process = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=600)
        assert process.returncode == 0, process.stdout + process.stderr

    @contextmanager
    def serving(self, environment: Mapping[str, str], log: Path) -> Iterator[str]:
        """Serve as the platform does, logging to this file; yields the URL."""
        with (
            log.open("wb") as output,
            served(self.folder, environment, log=output, python=self.python) as (url, _),
        ):
            yield url


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """Unpack the archive and install its requirements; skips the test if pip can't reach a package index."""
    command = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--retries=1", "--no-deps", "pip"]
    probe = subprocess.run([*command, f"--dest={tmp_path / 'probe'}"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"pip can't reach a package index: {probe.stderr.strip()[-300:]}")
    folder = tmp_path / "unpacked"
    for name, content in pack(ROOT).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    deployed = Deployment(folder, tmp_path / "venv" / "bin" / "python")
    # Compiling what is never imported would take most of the time.
    deployed.pip("install", "--quiet", "--no-compile", "-r", "requirements.txt")
    return deployed


@pytest.fixture
def planned_environment(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The environment variables that Terraform sets; the essential ones without Terraform."""
    try:
        plan: Plan = request.getfixturevalue("plan")
    except pytest.skip.Exception:
        return _PLATFORM
    return plan.environment


@pytest.mark.skipif(not IS_COMPLETE, reason="a part of the complete run (PROOF=all): it installs an environment")
def test_the_deployed_archive(deployment: Deployment, planned_environment: Mapping[str, str], tmp_path: Path) -> None:
    """Requirements are compatible, every file compiles, and the scheduler's calls succeed."""
    deployment.pip("check")
    deployment.run("-m", "compileall", "-q", ".")
    secret = tmp_path / "credential"
    secret.write_text(tokens.CLIENT_SECRET + "\n", encoding="utf-8")
    with avepoint_service.running() as avepoint, sheets_service.running() as sheets:
        api = SheetsApi(sheets.url)
        spreadsheet_id = api.create("Seats", "Europe/Berlin", "Customers")
        customers = avepoint.directory.customers
        api.write(spreadsheet_id, "Customers!A1", [["Customer ID"], *([customer.id] for customer in customers)])
        api.close()
        environment = {
            "PATH": os.defpath,
            **planned_environment,
            "SPREADSHEET_ID": spreadsheet_id,
            "SHEETS_EMULATOR_HOST": sheets.host,
            "AVEPOINT_API_URL": avepoint.url,
            "AVEPOINT_TOKEN_URL": avepoint.token_url,
            "AVEPOINT_CLIENT_ID": tokens.CLIENT_ID,
            "AVEPOINT_CLIENT_SECRET_FILE": str(secret),
        }
        log = tmp_path / "log"
        with deployment.serving(environment, log) as url, requests.Session() as scheduler:
            scheduler.headers["X-CloudScheduler"] = "true"
            assert scheduler.get(f"{url}/health?fresh=29h", timeout=60).status_code == 503
            scheduler.headers["Content-Type"] = "application/octet-stream"
            response = scheduler.post(f"{url}/", timeout=120)
            assert response.status_code == 200, response.text
            assert scheduler.get(f"{url}/health?fresh=29h", timeout=60).status_code == 200
    assert response.json()["outcome"] == "ok"
    assert response.json()["customers"]["queried"] == len(customers)
    assert response.json()["tenants"] == sum(len(customer.tenants) for customer in customers)
    # Cloud Logging can parse every line.
    finished = [entry for entry in printed(log.read_text()) if entry["jsonPayload"].get("message") == "run finished"]
    assert [entry["jsonPayload"]["trigger"] for entry in finished] == ["schedule"]
