"""What is deployed is what was tested: the archive alone, in an empty folder with a fresh environment, does the job."""

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
from tests.support.serving import served

# What Terraform sets besides the settings, for where there is no Terraform to ask.
_PLATFORM = {"THREADS": "8", "LOG_EXECUTION_ID": "true", "GOOGLE_CLOUD_PROJECT": "acme-seat-report"}


@dataclass(frozen=True)
class Deployment:
    """The unpacked archive, and the environment's Python that its requirements are installed for."""

    folder: Path
    python: Path

    def run(self, *arguments: str) -> None:
        """Run this Python in the folder, isolated from settings of the tests; the test fails if it fails."""
        done = subprocess.run(
            [self.python, "-I", *arguments], cwd=self.folder, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def serving(self, environment: Mapping[str, str], log: Path) -> Iterator[str]:
        """Serve as the platform does, logging to this file; gives the address."""
        with (
            log.open("wb") as output,
            served(self.folder, environment, log=output, python=self.python) as (url, _),
        ):
            yield url


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """The archive unpacked and its requirements installed; skips the test where pip reaches no package index."""
    probe = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--retries=1", "--no-deps", "pip"]
    probed = subprocess.run([*probe, f"--dest={tmp_path / 'probe'}"], capture_output=True, text=True, check=False)
    if probed.returncode:
        pytest.skip(f"pip can't reach a package index: {probed.stderr.strip()[-300:]}")
    folder = tmp_path / "unpacked"
    for name, content in pack(ROOT).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    subprocess.run([sys.executable, "-I", "-m", "venv", tmp_path / "venv"], check=True)
    made = Deployment(folder, tmp_path / "venv" / "bin" / "python")
    made.run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt")
    return made


@pytest.fixture
def planned_environment(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """What Terraform would give the function; the little that matters where there is no Terraform."""
    try:
        plan: Plan = request.getfixturevalue("plan")
    except pytest.skip.Exception:
        return _PLATFORM
    return plan.environment


def test_the_deployed_archive(deployment: Deployment, planned_environment: Mapping[str, str], tmp_path: Path) -> None:
    """The requirements fit together, every file compiles, and the scheduler's calls find a function that works."""
    deployment.run("-m", "pip", "check")
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
            assert scheduler.get(f"{url}/health?fresh=26h", timeout=60).status_code == 503
            scheduler.headers["Content-Type"] = "application/octet-stream"
            answer = scheduler.post(f"{url}/", timeout=120)
            assert answer.status_code == 200, answer.text
            assert scheduler.get(f"{url}/health?fresh=26h", timeout=60).status_code == 200
    assert answer.json()["outcome"] == "ok"
    assert answer.json()["customers"]["queried"] == len(customers)
    assert answer.json()["tenants"] == sum(len(customer.tenants) for customer in customers)
    # Every line is one that Cloud Logging takes apart.
    finished = [entry for entry in printed(log.read_text()) if entry["jsonPayload"].get("message") == "run finished"]
    assert [entry["jsonPayload"]["trigger"] for entry in finished] == ["schedule"]
