"""`make audit`: weaknesses in the deployed code (bandit), known vulnerabilities in its dependencies (pip-audit)."""

import json
import subprocess
import sys
from pathlib import Path

from tests.audit.verdict import Verdict, judge

_BIN = Path(sys.executable).parent
_REQUIREMENTS = "requirements.txt"
# Tried in turn until one knows the packages.
_SERVICES = ("pypi", "osv")


def main() -> int:
    """Audit both and print a verdict for each; 1 if there is something to fix."""
    bandit = subprocess.run(
        [_BIN / "bandit", "--quiet", "--recursive", "function"], capture_output=True, text=True, check=False
    )
    _print(
        f"{bandit.stdout}{bandit.stderr}\nbandit: see above." if bandit.returncode else "bandit: nothing in function/."
    )
    verdict = _audit_dependencies()
    _print(verdict.text)
    return int(bool(bandit.returncode) or not verdict.is_fine)


def _audit_dependencies() -> Verdict:
    for service in _SERVICES:
        command = [str(_BIN / "pip-audit"), "--disable-pip", "--no-deps", "--progress-spinner=off"]
        command += ["--requirement", _REQUIREMENTS, "--vulnerability-service", service, "--format=json"]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            report = json.loads(process.stdout)
        except ValueError:
            # It prints a stack trace if the service can't be reached.
            continue
        if verdict := judge(report, _REQUIREMENTS):
            return verdict
    return Verdict(
        f"pip-audit: NOT CHECKED: none of the services that list vulnerabilities ({', '.join(_SERVICES)}) is in reach.",
        is_fine=True,
    )


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
