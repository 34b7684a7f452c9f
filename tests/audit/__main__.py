"""`make audit`: weaknesses in what is deployed (bandit), known vulnerabilities in what it stands on (pip-audit)."""

import json
import subprocess
import sys
from pathlib import Path

from tests.audit.verdict import Verdict, judge

_BIN = Path(sys.executable).parent
_REQUIREMENTS = "requirements.txt"
# Asked in turn, until one of them knows the packages.
_SERVICES = ("pypi", "osv")


def main() -> int:
    """Audit both, and say in a line each what came of it; 1 if there is something to mend."""
    weak = subprocess.run(
        [_BIN / "bandit", "--quiet", "--recursive", "function"], capture_output=True, text=True, check=False
    )
    _say(f"{weak.stdout}{weak.stderr}\nbandit: see above." if weak.returncode else "bandit: nothing in function/.")
    verdict = _vulnerabilities()
    _say(verdict.text)
    return int(bool(weak.returncode) or not verdict.is_fine)


def _vulnerabilities() -> Verdict:
    for service in _SERVICES:
        command = [str(_BIN / "pip-audit"), "--disable-pip", "--no-deps", "--progress-spinner=off"]
        command += ["--requirement", _REQUIREMENTS, "--vulnerability-service", service, "--format=json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            # It ends in a stack trace where the service can't be reached.
            continue
        if verdict := judge(report, _REQUIREMENTS):
            return verdict
    return Verdict(
        f"pip-audit: NOT CHECKED: none of the services that list vulnerabilities ({', '.join(_SERVICES)}) is in reach.",
        is_fine=True,
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
