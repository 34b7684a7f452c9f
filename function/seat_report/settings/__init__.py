"""All settings: typed, validated before anything else is done, all faults reported together, secrets never shown."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from seat_report.domain import Basis, TenantType
from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import parsers
from seat_report.settings.secret import Secret, hidden

__all__ = ["ENVIRONMENTS", "Secret", "Settings", "hidden", "load"]

_PLATFORM_TIMEOUT = "CLOUD_RUN_TIMEOUT_SECONDS"
_DEFAULT_TIMEOUT = 540
_RESPONSE_MARGIN_SECONDS = 30
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

# What to do about a setting for which "correct it" says too little.
_REMEDIES = {
    "SPREADSHEET_ID": "Give the spreadsheet's id or its whole address, as the browser shows it",
    "CHECK_SPREADSHEET_ID": "Give the id or the whole address of an empty spreadsheet, or unset it",
    "AVEPOINT_CLIENT_ID": "Give the client id of the app registration (AvePoint Elements, API app registration)",
    "AVEPOINT_API_URL": "Give the base address alone, or unset it to use that of AVEPOINT_ENVIRONMENT",
    # The tokens from this address are secret, the address is not.
    "AVEPOINT_TOKEN_URL": "Give the address alone, or unset it to use that of AVEPOINT_ENVIRONMENT",  # nosec B105
    "AVEPOINT_CREDENTIAL_EXPIRES": "Give the day as YYYY-MM-DD, or unset it if the credential never expires",
    "TENANT_TYPES": "Give names or numbers, comma separated, such as microsoft-365,salesforce",
    "RUN_TIMEOUT_SECONDS": f"Correct it, or unset it to have it follow {_PLATFORM_TIMEOUT}",
    "PURCHASED_SEATS": "Give on to ask AvePoint for purchased seats, or unset it",
    "FIND_CUSTOMERS": "Give on to look for customers that the Customers tab lacks, or unset it",
    "NOTIFY_WEBHOOK_URL": "Give the address that the chat shows for its incoming webhook, or unset it",
    "SHEETS_EMULATOR_HOST": "Give host:port of a Sheets service on this machine, or unset it to use Google's",
}

_ENVIRONMENT = parsers.choice(*ENVIRONMENTS)
_CONTRACT = parsers.choice("auto", "users", "tenants-batch")
_AVAILABLE_MEANS = parsers.choice("unassigned", "all")
_BASIS_NAME = parsers.choice(*Basis)
_LEVEL = parsers.choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def _basis(text: str) -> Basis:
    return Basis(_BASIS_NAME(text))


Title = Annotated[str, parsers.tab_title]
Url = Annotated[str | None, parsers.service_url]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The function's settings, as `load` reads them from the environment.

    Names and defaults are a promise to users. Each field is named after its environment variable, in lower case, and
    annotated with its parser.
    """

    spreadsheet_id: Annotated[str, parsers.spreadsheet_id]
    customers_tab: Title = "Customers"
    report_tab: Title = "Seat Report"
    by_customer_tab: Title = "By Customer"
    billing_tab: Title = "Billing"
    history_tab: Title = "History"
    overview_tab: Title = "Overview"
    not_listed_tab: Title = "Not Listed"
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
    avepoint_concurrency: Annotated[int, parsers.whole_number(1, 128)] = 16
    avepoint_request_timeout_seconds: Annotated[float, parsers.seconds(0.01, 600)] = 30

    run_timeout_seconds: Annotated[float, parsers.seconds(5, 3600)] = _DEFAULT_TIMEOUT
    history_months: Annotated[int, parsers.whole_number(1, 120)] = 24
    available_seats_mean: Annotated[str, _AVAILABLE_MEANS] = "unassigned"
    billing_basis: Annotated[Basis, _basis] = Basis.MONTH_END
    billing_tolerance: Annotated[int, parsers.whole_number(0, 1_000_000)] = 0
    purchased_seats: Annotated[bool, parsers.switch] = False
    find_customers: Annotated[bool, parsers.switch] = False
    notify_webhook_url: Annotated[Secret | None, parsers.webhook_url] = None
    notify_webhook_url_file: Annotated[Path | None, Path] = None
    check_spreadsheet_id: Annotated[str | None, parsers.spreadsheet_id] = None
    log_level: Annotated[str, _LEVEL] = "INFO"
    sheets_emulator_host: Annotated[str | None, parsers.local_host] = None

    @property
    def token_url(self) -> str:
        """The address that issues access tokens."""
        return self.avepoint_token_url or ENVIRONMENTS[self.avepoint_environment][0]

    @property
    def api_url(self) -> str:
        """The API's base URL, without a trailing slash."""
        return self.avepoint_api_url or ENVIRONMENTS[self.avepoint_environment][1]


# The parser of each setting, by field name.
_PARSERS: Mapping[str, Callable[[str], Any]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Settings, include_extras=True).items()
}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Load the settings from the environment (by default the process's own), and secrets from their files.

    Raises ConfigurationError with every fault found.
    """
    environment = os.environ if environment is None else environment
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    texts = {name: given[name.upper()] for name in _PARSERS if name.upper() in given}
    platform_timeout = given.get(_PLATFORM_TIMEOUT, "")
    if _SECONDS.match(platform_timeout):
        # The platform ends the request at its timeout; the run must end before, with time left to respond.
        run_timeout = max(int(platform_timeout) - _RESPONSE_MARGIN_SECONDS, int(platform_timeout) / 2)
        texts.setdefault("run_timeout_seconds", f"{run_timeout:.9g}")
    secret_faults = [*_load_credential_file(given, texts), *_load_webhook_file(given, texts)]
    values: dict[str, Any] = {}
    faults = [fault for field in fields(Settings) if (fault := _parse_setting(field, texts, values))]
    faults += [*secret_faults, *_duplicate_titles(texts, values)]
    if faults:
        raise ConfigurationError(*faults)
    return Settings(**values)


def _parse_setting(field: "Field[Any]", texts: Mapping[str, str], values: dict[str, Any]) -> Fault | None:
    """Add the setting's value, if set, to `values`, or return what is wrong with it."""
    setting = field.name.upper()
    if field.name not in texts:
        if field.default is MISSING:
            return Fault(setting, "it is required and not set", _REMEDIES[setting])
        return None
    try:
        values[field.name] = _PARSERS[field.name](texts[field.name])
    except ValueError as error:
        remedy = _REMEDIES.get(setting, f"Correct it, or unset it to use its default: {field.default}")
        return Fault(setting, str(error), remedy)
    return None


def _duplicate_titles(texts: Mapping[str, str], values: Mapping[str, Any]) -> list[Fault]:
    """A fault for each tab with the title of another one; Google compares titles ignoring case.

    A title that was refused is no title yet, and its tab does not have its default instead.
    """
    faults = []
    seen: dict[str, str] = {}
    for field in fields(Settings):
        if not field.name.endswith("_tab") or (field.name in texts and field.name not in values):
            continue
        setting, title = field.name.upper(), values.get(field.name, field.default)
        other = seen.setdefault(title.casefold(), setting)
        if other != setting:
            faults.append(Fault(setting, f"found {title!r}, which {other} is called too", "Use different titles"))
    return faults


def _load_credential_file(given: Mapping[str, str], texts: dict[str, str]) -> list[Fault]:
    """Add a credential from its file to `texts`; return the faults of choosing and reading the credential."""
    names = [name + suffix for name in ("AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE") for suffix in ("", "_FILE")]
    found = [name for name in names if name in given]
    if len(found) != 1:
        remedy = "Set exactly one of " + ", ".join(names)
        return [Fault(" / ".join(found) or names[0], "found several" if found else "found no credential", remedy)]
    (name,) = found
    if not name.endswith("_FILE"):
        return _invisible_characters(name, given[name])
    return _read_secret(name, given, texts) or _invisible_characters(name, texts[name.removesuffix("_FILE").lower()])


def _load_webhook_file(given: Mapping[str, str], texts: dict[str, str]) -> list[Fault]:
    """Add the webhook's address from its file to `texts`; return what is wrong with it."""
    name = "NOTIFY_WEBHOOK_URL_FILE"
    if name not in given:
        return []
    if texts.pop("notify_webhook_url", None) is not None:
        return [Fault(f"NOTIFY_WEBHOOK_URL / {name}", "found both", "Set one of them at most")]
    return _read_secret(name, given, texts)


def _read_secret(name: str, given: Mapping[str, str], texts: dict[str, str]) -> list[Fault]:
    """Add the secret in the file that this setting names to `texts`; return what is wrong with the file."""
    try:
        text = Path(given[name]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        # The value is not repeated: it is the secret itself if somebody confused the two settings.
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        return [
            Fault(name, f"the file that it names can't be read: {reason}", "Give the path of a file that can be read")
        ]
    if not text:
        return [Fault(name, "the file that it names is empty", "Put the secret into it")]
    texts[name.removesuffix("_FILE").lower()] = text
    return []


def _invisible_characters(name: str, secret: str) -> list[Fault]:
    """A fault if the client secret has a character that nobody sees; around a certificate in PEM they don't matter."""
    invisible = parsers.invisible_character(secret) if "CLIENT_SECRET" in name else None
    if invisible is None:
        return []
    remedy = "Copy the secret from AvePoint again and save it as plain text, in UTF-8 without a byte order mark"
    return [Fault(name, f"found an invisible character in it: {invisible}", remedy)]
