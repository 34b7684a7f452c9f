"""Tests of the verdict on a report by pip-audit."""

from typing import Any

from tests.audit.verdict import judge

FINE = {"name": "flask", "version": "3.1.3", "vulns": []}
VULNERABLE = {
    "name": "requests",
    "version": "2.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1.0"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
UNKNOWN = {"name": "blinker", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def _report(*packages: Any) -> dict[str, Any]:
    return {"dependencies": list(packages), "fixes": []}


def test_nothing_known_is_fine() -> None:
    """Packages that were all looked up without a finding are fine, and are counted."""
    verdict = judge(_report(FINE), "requirements.txt")
    assert verdict is not None
    assert verdict.is_fine
    assert "1 packages" in verdict.text


def test_a_vulnerability_is_named_with_its_fix() -> None:
    """Each vulnerability is named with the version that fixes it, or that there is none."""
    verdict = judge(_report(FINE, VULNERABLE), "requirements.txt")
    assert verdict is not None
    assert not verdict.is_fine
    assert "requests 2.0.0: PYSEC-1, mended in 2.1.0" in verdict.text
    assert "PYSEC-2, mended in no version yet" in verdict.text


def test_a_package_that_was_not_looked_up_is_a_finding() -> None:
    """A package unknown to the service is reported even if it knows others."""
    verdict = judge(_report(FINE, UNKNOWN), "requirements.txt")
    assert verdict is not None
    assert not verdict.is_fine
    assert "blinker: could not be looked up" in verdict.text


def test_no_package_looked_up_is_no_verdict() -> None:
    """A service that knows none of the packages has checked nothing."""
    assert judge(_report(UNKNOWN), "requirements.txt") is None
