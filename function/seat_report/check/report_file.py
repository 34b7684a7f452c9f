"""The findings as a text for a bug report: without secrets, ids and names."""

import platform
import re
from collections.abc import Iterable

from seat_report.avepoint import VERSION
from seat_report.check.findings import Finding
from seat_report.settings import Settings, hidden

_HIDDEN = "(hidden)"
# Anything shorter identifies nobody, and hiding it would spoil the text.
_SHORTEST = 3
# What identifies somebody in any text: GUIDs, addresses, Google's projects, and what looks like an id or token.
_IDENTIFYING = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
    r"|[\w.+-]+@[\w.-]+\w|https?://\S+|project(?:s/|_number:|_id:|\s)\s*[\w:.-]*\d[\w:.-]*|(?=[\w-]*\d)[\w-]{25,}",
    re.IGNORECASE,
)


def report_text(settings: Settings, findings: Iterable[Finding], texts: Iterable[str]) -> str:
    """The findings, in which each of the texts and everything secret or identifying in the settings is hidden."""
    head = f"seat-report {VERSION}, Python {platform.python_version()}"
    choices = f"AvePoint {settings.avepoint_environment}, contract {settings.avepoint_seats_contract}"
    lines = [f"{head}, {choices}", *(finding.line(is_private=False) for finding in findings)]
    configured = _configured(settings)
    body = "\n".join(lines).encode("utf-8", "replace")
    for text in configured:
        # In any spelling: services may have echoed it.
        body = hidden(body, text)
    text = _IDENTIFYING.sub(_HIDDEN, body.decode("utf-8", "replace"))
    known = sorted({*configured, *texts}, key=len, reverse=True)
    alternatives = "|".join(_pattern(one) for one in known if len(one.strip()) >= _SHORTEST)
    return (re.sub(alternatives, _HIDDEN, text, flags=re.IGNORECASE) if alternatives else text) + "\n"


def _pattern(text: str) -> str:
    """A pattern that finds the text in any case, but a single word only as it is: "Seats" is in sentences of ours."""
    escaped = re.escape(text)
    return rf"(?-i:(?<!\w){escaped}(?!\w))" if text.isalpha() else escaped


def _configured(settings: Settings) -> list[str]:
    secrets = (settings.avepoint_client_secret, settings.avepoint_certificate)
    found = [secret.reveal() for secret in secrets if secret]
    found += [settings.avepoint_client_id, settings.spreadsheet_id]
    return [*found, settings.check_spreadsheet_id] if settings.check_spreadsheet_id else found
