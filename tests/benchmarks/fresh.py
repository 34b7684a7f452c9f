"""Running a module in an interpreter of its own: an order goes in as JSON, an answer comes out as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.benchmarks.services import ROOT

_LONGEST_SECONDS = 900
# Installed for the tests and used by a library of ours where it is there (structlog), but not deployed.
NOT_DEPLOYED = ("rich",)


def run_fresh(module: str, order: Mapping[str, Any], settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the module answers to the order; raises CalledProcessError if it fails. It sees no other settings."""
    return ask_python(["-m", module], json.dumps(order), settings)


def ask_python(arguments: list[str], told: str = "", settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON in the last line that an interpreter with these arguments prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AVEPOINT_", "SHEETS_"))}
    done = subprocess.run(
        [sys.executable, *arguments],
        input=told,
        cwd=ROOT,
        env={**kept, **(settings or {})},
        stdout=subprocess.PIPE,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def answer_order(work: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """The other side: read the order, do the work, print the answer."""
    answer = work(json.load(sys.stdin))
    sys.stdout.write(f"\n{json.dumps(answer)}\n")
