"""Every setting: typed, checked before anything else is done, all faults told at once, secrets never shown."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from seat_report.domain import TenantType
from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import parsers
from seat_report.settings.secret import INSTEAD, Secret, forms, hidden

__all__ = ["ENVIRONMENTS", "INSTEAD", "Secret", "Settings", "forms", "hidden", "load"]

_PLATFORM_TIMEOUT = "CLOUD_RUN_TIMEOUT_SECONDS"
_TIMEOUT_ELSEWHERE = 540
_ANSWERING_MARGIN_SECONDS = 30
_SECONDS = re.compile(r"^\d{1,6}$", re.ASCII)

# Vendor documentation, "AvePoint Elements API": token and API addresses of its four environments.
ENVIRONMENTS: Mapping[str, tuple[str, str]] = {
    "commercial": (
        "https://identity.avepointonlineservices.com/connect/token",
        "https://graph.avepointonlineservices.com",
    ),
    "us-government": (
        "https://identity-gov.avepointonlineservices.com/connect/token",
        "https://graph-gov.avepointonlineservices.com",
    ),
    "aos2": (
        "https://identity-aos2.avepointonlineservices.com/connect/token",
        "https://graph-aos2.avepointonlineservices.com",
    ),
    "fedramp": ("https://identity.online15.net/connect/token", "https://graphusgovapi.online15.net"),
}

# What a person should do about a setting for which "correct it" says too little.
_REMEDIES = {
    "SPREADSHEET_ID": "Give the spreadsheet's id or its whole address, as the browser shows it",
    "AVEPOINT_CLIENT_ID": "Give the client id of the app registration (AvePoint Elements, API app registration)",
    "AVEPOINT_API_URL": "Give the base address alone, or unset it to use that of AVEPOINT_ENVIRONMENT",
    # What is asked for at this address is secret, the address is not.
    "AVEPOINT_TOKEN_URL": "Give the address alone, or unset it to use that of AVEPOINT_ENVIRONMENT",  # nosec B105
    "AVEPOINT_CREDENTIAL_EXPIRES": "Give the day as YYYY-MM-DD, or unset it if the credential never expires",
    "TENANT_TYPES": "Give names or numbers, comma separated, such as microsoft-365,salesforce",
    "RUN_TIMEOUT_SECONDS": f"Correct it, or unset it to have it follow {_PLATFORM_TIMEOUT}",
    "SHEETS_EMULATOR_HOST": "Give host:port of a Sheets service on this machine, or unset it to use Google's",
}

_ENVIRONMENT = parsers.choice(*ENVIRONMENTS)
_CONTRACT = parsers.choice("auto", "users", "tenants-batch")
_MEANING = parsers.choice("unassigned", "all")
_LEVEL = parsers.choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

Title = Annotated[str, parsers.tab_title]
Url = Annotated[str | None, parsers.service_url]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of the function, as `load` finds them in the environment.

    Names and defaults are a promise to its users. Fields are named as their environment variables, in lower case, and
    annotated with how their text is read.
    """

    spreadsheet_id: Annotated[str, parsers.spreadsheet_id]
    customers_tab: Title = "Customers"
    report_tab: Title = "Seat Report"
    by_customer_tab: Title = "By Customer"
    history_tab: Title = "History"
    overview_tab: Title = "Overview"
    runs_tab: Title = "Runs"
    tenant_types: Annotated[tuple[TenantType, ...], parsers.tenant_types] = tuple(TenantType)

    avepoint_environment: Annotated[str, _ENVIRONMENT] = "commercial"
    avepoint_api_url: Url = None
    avepoint_token_url: Url = None
    avepoint_client_id: Annotated[str, parsers.client_id]
    avepoint_client_secret: Annotated[Secret | None, Secret] = None
    avepoint_client_secret_file: Annotated[Path | None, Path] = None
    avepoint_certificate: Annotated[Secret | None, Secret] = None
    avepoint_certificate_file: Annotated[Path | None, Path] = None
    avepoint_credential_expires: Annotated[date | None, parsers.day] = None
    avepoint_seats_contract: Annotated[str, _CONTRACT] = "auto"
    avepoint_concurrency: Annotated[int, parsers.whole(1, 128)] = 16
    avepoint_request_timeout_seconds: Annotated[float, parsers.seconds(0.01, 600)] = 30

    run_timeout_seconds: Annotated[float, parsers.seconds(5, 3600)] = _TIMEOUT_ELSEWHERE
    history_months: Annotated[int, parsers.whole(1, 120)] = 24
    available_seats_mean: Annotated[str, _MEANING] = "unassigned"
    log_level: Annotated[str, _LEVEL] = "INFO"
    sheets_emulator_host: Annotated[str | None, parsers.local_host] = None

    @property
    def token_url(self) -> str:
        """Where access tokens come from."""
        return self.avepoint_token_url or ENVIRONMENTS[self.avepoint_environment][0]

    @property
    def api_url(self) -> str:
        """The base of the API's addresses, without a slash at its end."""
        return self.avepoint_api_url or ENVIRONMENTS[self.avepoint_environment][1]


# Each setting by its name, with how its text is read.
_READINGS: Mapping[str, Callable[[str], Any]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Settings, include_extras=True).items()
}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in the environment (the process's own by default), with secrets read from their files.

    Raises ConfigurationError with every fault found.
    """
    environment = os.environ if environment is None else environment
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    texts = {name: given[name.upper()] for name in _READINGS if name.upper() in given}
    platform_timeout = given.get(_PLATFORM_TIMEOUT, "")
    if _SECONDS.match(platform_timeout):
        # The platform ends the request at its time-out; ours must come first, with time left to answer.
        ours = max(int(platform_timeout) - _ANSWERING_MARGIN_SECONDS, int(platform_timeout) / 2)
        texts.setdefault("run_timeout_seconds", f"{ours:.9g}")
    choosing = _read_credential(given, texts)
    values: dict[str, Any] = {}
    faults = [fault for field in fields(Settings) if (fault := _read(field, texts, values))]
    faults += [*choosing, *_equal_titles(values)]
    if faults:
        raise ConfigurationError(*faults)
    return Settings(**values)


def _read(field: "Field[Any]", texts: Mapping[str, str], values: dict[str, Any]) -> Fault | None:
    """Put the value of a setting that is given into `values`, or tell what is wrong with it."""
    setting = field.name.upper()
    if field.name not in texts:
        if field.default is MISSING:
            return Fault(setting, "it is required and not set", _REMEDIES[setting])
        return None
    try:
        values[field.name] = _READINGS[field.name](texts[field.name])
    except ValueError as error:
        remedy = _REMEDIES.get(setting, f"Correct it, or unset it to use its default: {field.default}")
        return Fault(setting, str(error), remedy)
    return None


def _equal_titles(values: Mapping[str, Any]) -> list[Fault]:
    """A fault for each tab that is called as another one is; Google compares titles whatever their case."""
    faults = []
    seen: dict[str, str] = {}
    for field in fields(Settings):
        if not field.name.endswith("_tab"):
            continue
        setting, title = field.name.upper(), values.get(field.name, field.default)
        other = seen.setdefault(title.casefold(), setting)
        if other != setting:
            faults.append(Fault(setting, f"found {title!r}, which {other} is called too", "Use different titles"))
    return faults


def _read_credential(given: Mapping[str, str], texts: dict[str, str]) -> list[Fault]:
    """Put the credential that a file holds into `texts`; the faults are those of choosing and reading it."""
    names = [name + suffix for name in ("AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE") for suffix in ("", "_FILE")]
    found = [name for name in names if name in given]
    if len(found) != 1:
        remedy = "Set exactly one of " + ", ".join(names)
        return [Fault(" / ".join(found) or names[0], "found several" if found else "found no credential", remedy)]
    (name,) = found
    if not name.endswith("_FILE"):
        return []
    try:
        text = Path(given[name]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        # What was found is not repeated: it is the credential itself if somebody took one setting for the other.
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        return [Fault(name, f"the file that it names can't be read: {why}", "Give the path of a file that can be read")]
    if not text:
        return [Fault(name, "the file that it names is empty", "Put the credential into it")]
    texts[name.removesuffix("_FILE").lower()] = text
    return []
