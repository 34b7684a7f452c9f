"""Running a module in a new interpreter: a job goes in as JSON, a result comes out as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.benchmarks.services import ROOT

_LONGEST_SECONDS = 900
# Installed for the tests and used by structlog where it is installed, but not deployed.
NOT_DEPLOYED = ("rich",)


def run_module(module: str, job: Mapping[str, Any], settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The module's result for the job, run with only these settings; raises CalledProcessError if it fails."""
    return run_python(["-m", module], json.dumps(job), settings)


def run_python(arguments: list[str], stdin: str = "", settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON in the last line printed by an interpreter with these arguments."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AVEPOINT_", "SHEETS_"))}
    process = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        cwd=ROOT,
        env={**environment, **(settings or {})},
        stdout=subprocess.PIPE,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=True,
    )
    result: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return result


def serve_job(work: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Inside the new interpreter: read the job, do the work, print the result."""
    result = work(json.load(sys.stdin))
    sys.stdout.write(f"\n{json.dumps(result)}\n")
