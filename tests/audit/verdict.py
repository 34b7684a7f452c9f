"""What a report of pip-audit's comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """What to say, and whether there is nothing to mend."""

    text: str
    is_fine: bool


def judge(report: Mapping[str, Any], requirements: str) -> Verdict | None:
    """The verdict, or None if not one package could be looked up: pip-audit itself calls that a success."""
    packages = report["dependencies"]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if len(unknown) == len(packages):
        return None
    found = [
        f"{one['name']} {one['version']}: {vulnerability['id']}, mended in "
        f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for one in packages
        for vulnerability in one.get("vulns", ())
    ]
    found += [f"{name}: could not be looked up" for name in unknown]
    if found:
        return Verdict("\n  ".join([f"pip-audit: in {requirements}:", *found]), is_fine=False)
    return Verdict(f"pip-audit: nothing known of the {len(packages)} packages in {requirements}.", is_fine=True)
