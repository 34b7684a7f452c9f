"""The verdict on a report by pip-audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """The text to print, and whether there is nothing to fix."""

    text: str
    is_fine: bool


def judge(report: Mapping[str, Any], requirements: str) -> Verdict | None:
    """The verdict, or None if no package could be looked up, which pip-audit itself reports as success."""
    packages = report["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return None
    findings = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, mended in "
        f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in packages
        for vulnerability in package.get("vulns", ())
    ]
    findings += [f"{name}: could not be looked up" for name in unknown]
    if findings:
        return Verdict("\n  ".join([f"pip-audit: in {requirements}:", *findings]), is_fine=False)
    return Verdict(f"pip-audit: nothing known of the {len(packages)} packages in {requirements}.", is_fine=True)
