"""Every setting: typed, checked before anything else is done, all faults told at once, secrets never shown."""

import os
import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from seat_report.errors import ConfigurationError, Fault
from seat_report.seats import TenantType

_PLATFORM_TIMEOUT = "CLOUD_RUN_TIMEOUT_SECONDS"
_TIMEOUT_ELSEWHERE = 540
_ANSWERING_MARGIN_SECONDS = 30
_SECRETS = {"AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE"}
# A published page's address (`/d/e/…`) holds no id of the spreadsheet.
_SPREADSHEET_IN_URL = re.compile(r"^https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/(?!e/)([A-Za-z0-9_-]+)")
_SPREADSHEET_ID = re.compile(r"^[A-Za-z0-9_-]+$")
_HOST_AND_PORT = re.compile(r"^(?:http://)?([^/:]+|\[[0-9a-fA-F:]+\]):(\d+)/?$")

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

# What a person should do about each setting, said with every fault of it.
_REMEDIES = {
    "SPREADSHEET_ID": "Give the spreadsheet's id or its whole address, as the browser shows it",
    "AVEPOINT_CLIENT_ID": "Give the client id of the app registration (AvePoint Elements, API app registration)",
    "AVEPOINT_CREDENTIAL_EXPIRES": "Give the day as YYYY-MM-DD",
    "TENANT_TYPES": "Give names or numbers, comma separated, such as microsoft-365,salesforce",
    "SHEETS_EMULATOR_HOST": "Give host:port of a Sheets service on this machine, or unset it to use Google's",
}


def _fault(message: str) -> PydanticCustomError:
    # Braces would be read as a template; the context carries the text as it is.
    return PydanticCustomError("setting", "{message}", {"message": message})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _spreadsheet_id(value: str) -> str:
    in_url = _SPREADSHEET_IN_URL.match(value)
    spreadsheet_id = in_url.group(1) if in_url else value
    if not _SPREADSHEET_ID.match(spreadsheet_id):
        raise _fault(f"found {value!r}, which is neither an id nor the address of a Google spreadsheet")
    return spreadsheet_id


def _service_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise _fault("found an address that can't be read") from None
    # None of these is repeated: what follows them may be a password or a key.
    if "@" in value:
        raise _fault("found an address with a user or password in it, expected one without")
    if any(character in "?#" or character.isspace() for character in value):
        raise _fault("found an address with '?', '#' or a space in it, expected one without")
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host))):
        raise _fault(f"found {value!r}, expected an https:// address (http:// only to this machine)")
    return value.rstrip("/")


def _emulator_host(value: str) -> str:
    match = _HOST_AND_PORT.match(value)
    if not match or int(match.group(2)) > 65535:
        raise _fault(f"found {value!r}, expected host:port")
    if not _is_loopback(match.group(1)):
        raise _fault(f"found {value!r}, expected a host on this machine: it is spoken to in plain http")
    return f"{match.group(1)}:{match.group(2)}"


def _tenant_types(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        types = [TenantType.parse(part) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise _fault(str(error)) from None
    if not types:
        raise _fault(f"found {value!r}, expected at least one tenant type")
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in types)


def _choice(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _tab_title(value: str) -> str:
    if not 1 <= len(value) <= 100:
        raise _fault(f"found a title of {len(value)} characters, expected 1 to 100 as Google Sheets allows")
    return value


def _day(value: object) -> object:
    # Left to itself, pydantic takes numbers as seconds since 1970.
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _fault(f"found {value!r}, expected a day") from None


def _client_id(value: str) -> str:
    if any(not character.isprintable() or character.isspace() for character in value):
        raise _fault("found spaces or control characters in it, expected none")
    return value


Url = Annotated[str, AfterValidator(_service_url)]
Title = Annotated[str, AfterValidator(_tab_title)]


class Settings(BaseModel):
    """The settings of the function, as `load` finds them in the environment.

    Names and defaults are a promise to its users. Fields are named as their environment variables, in lower case.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    spreadsheet_id: Annotated[str, AfterValidator(_spreadsheet_id)]
    customers_tab: Title = "Customers"
    report_tab: Title = "Seat Report"
    by_customer_tab: Title = "By Customer"
    history_tab: Title = "History"
    overview_tab: Title = "Overview"
    runs_tab: Title = "Runs"
    tenant_types: Annotated[tuple[TenantType, ...], BeforeValidator(_tenant_types)] = tuple(TenantType)

    avepoint_environment: Annotated[
        Literal["commercial", "us-government", "aos2", "fedramp"], BeforeValidator(_choice)
    ] = "commercial"
    avepoint_api_url: Url | None = None
    avepoint_token_url: Url | None = None
    avepoint_client_id: Annotated[str, Field(max_length=256), AfterValidator(_client_id)]
    avepoint_client_secret: SecretStr | None = None
    avepoint_client_secret_file: Path | None = None
    avepoint_certificate: SecretStr | None = None
    avepoint_certificate_file: Path | None = None
    avepoint_credential_expires: Annotated[date | None, BeforeValidator(_day)] = None
    avepoint_seats_contract: Annotated[Literal["auto", "users", "tenants-batch"], BeforeValidator(_choice)] = "auto"
    avepoint_concurrency: Annotated[int, Field(ge=1, le=128)] = 16
    avepoint_request_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30

    run_timeout_seconds: Annotated[float, Field(ge=5, le=3600)] = _TIMEOUT_ELSEWHERE
    history_months: Annotated[int, Field(ge=1, le=120)] = 24
    available_seats_mean: Annotated[Literal["unassigned", "all"], BeforeValidator(_choice)] = "unassigned"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)] = "INFO"
    sheets_emulator_host: Annotated[str, AfterValidator(_emulator_host)] | None = None

    @property
    def token_url(self) -> str:
        """Where access tokens come from."""
        return self.avepoint_token_url or ENVIRONMENTS[self.avepoint_environment][0]

    @property
    def api_url(self) -> str:
        """The base of the API's addresses, without a slash at its end."""
        return self.avepoint_api_url or ENVIRONMENTS[self.avepoint_environment][1]


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in the environment (the process's own by default), with secrets read from their files.

    Raises ConfigurationError with every fault found.
    """
    environment = os.environ if environment is None else environment
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    values: dict[str, Any] = {name: given[name.upper()] for name in Settings.model_fields if name.upper() in given}
    platform_timeout = given.get(_PLATFORM_TIMEOUT, "")
    if "run_timeout_seconds" not in values and platform_timeout.isdecimal():
        # The platform ends the request at its time-out; ours must come first, with time left to answer.
        values["run_timeout_seconds"] = max(
            int(platform_timeout) - _ANSWERING_MARGIN_SECONDS, int(platform_timeout) / 2
        )
    faults = [*_read_credential(given, values), *_equal_titles(values)]
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults = [_told(entry, values) for entry in error.errors(include_url=False, include_context=False)] + faults
    if faults:
        # Not chained: a chained error would carry the values found, secrets among them.
        raise ConfigurationError(*faults) from None
    return settings


def _equal_titles(values: Mapping[str, Any]) -> list[Fault]:
    """A fault for each tab that is called as another one is; Google compares titles whatever their case."""
    faults = []
    seen: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        if not name.endswith("_tab"):
            continue
        title = values.get(name, field.default)
        other = seen.setdefault(title.casefold(), name.upper())
        if other != name.upper():
            faults.append(Fault(name.upper(), f"found {title!r}, which {other} is called too", "Use different titles"))
    return faults


def _read_credential(given: Mapping[str, str], values: dict[str, Any]) -> list[Fault]:
    """Put the credential that a file holds into `values`; the faults are those of choosing and reading it."""
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
    values[name.removesuffix("_FILE").lower()] = text
    return []


def _told(entry: Mapping[str, Any], values: Mapping[str, Any]) -> Fault:
    """One of pydantic's findings in our words."""
    message: str = entry["msg"]
    name = str(entry["loc"][0])
    setting = name.upper()
    remedy = _REMEDIES.get(setting, "See the settings table in the README")
    if entry["type"] == "missing":
        return Fault(setting, "it is required and not set", remedy)
    if entry["type"] == "setting":
        return Fault(setting, message, remedy)
    found = "" if setting in _SECRETS else f"found {values[name]!r}; "
    return Fault(setting, found + re.sub("^Input should be", "expected", message), remedy)
