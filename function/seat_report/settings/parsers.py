"""Parsers for the text of settings: one function per kind of value, or a factory where there are bounds or choices.

Each takes the text, trimmed and not empty, and returns the value, or raises ValueError saying what was found and what
is expected, never repeating what may be a password or a key.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from seat_report.domain import TenantType, found
from seat_report.settings.secret import Secret

# The address of a published page (`/d/e/…`) does not hold the spreadsheet's id.
_SPREADSHEET_IN_URL = re.compile(r"^https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/(?!e/)([A-Za-z0-9_-]+)")
_SPREADSHEET_ID = re.compile(r"^[A-Za-z0-9_-]+$")
_HOST_AND_PORT = re.compile(r"^(?:http://)?([^/:]+|\[[0-9a-fA-F:]+\]):(\d+)/?$", re.ASCII)
_LAST_PORT = 65_535
# Google Sheets' limit for a tab's title.
_LONGEST_TITLE = 100
_LONGEST_CLIENT_ID = 256
# Unicode gives control characters no names, and the byte order mark one that nobody knows.
_CONTROL_NAMES = {"\0": "NUL", "\t": "tab", "\n": "line break", "\r": "line break", "\ufeff": "byte order mark"}
_WHOLE_NUMBER = re.compile(r"^[+-]?\d{1,9}$", re.ASCII)
_NUMBER = re.compile(r"^[+-]?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})$", re.ASCII)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers within these bounds."""

    def parse(text: str) -> int:
        if not _WHOLE_NUMBER.match(text) or not least <= int(text) <= most:
            raise ValueError(f"{found(text)}, expected a whole number from {least} to {most}")
        return int(text)

    return parse


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A parser of durations in seconds within these bounds."""

    def parse(text: str) -> float:
        if not _NUMBER.match(text) or not least <= float(text) <= most:
            raise ValueError(f"{found(text)}, expected a number of seconds from {least:g} to {most:g}")
        return float(text)

    return parse


def choice(*names: str) -> Callable[[str], str]:
    """A parser of one of these names, ignoring case."""
    by_name = {name.casefold(): name for name in names}
    choices = f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"

    def parse(text: str) -> str:
        if (name := by_name.get(text.casefold())) is None:
            raise ValueError(f"{found(text)}, expected {choices}")
        return name

    return parse


def switch(text: str) -> bool:
    """Whether something is on; `on` or `off`, ignoring case."""
    return choice("on", "off")(text) == "on"


def day(text: str) -> date:
    """A day written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{found(text)}, expected a day as YYYY-MM-DD") from None


def tab_title(text: str) -> str:
    """The title of a tab."""
    if len(text) > _LONGEST_TITLE:
        raise ValueError(
            f"found a title of {len(text)} characters, expected at most {_LONGEST_TITLE} as Google Sheets allows"
        )
    return text


def tenant_types(text: str) -> tuple[TenantType, ...]:
    """Comma-separated names or numbers of tenant types; returned in the order of TenantType, each once."""
    types = [TenantType.parse(part) for part in text.split(",") if part.strip()]
    if not types:
        raise ValueError(f"{found(text)}, expected at least one tenant type")
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in types)


def spreadsheet_id(text: str) -> str:
    """A spreadsheet's id, given as it is or as the address that a browser shows."""
    in_url = _SPREADSHEET_IN_URL.match(text)
    given = in_url.group(1) if in_url else text
    if not _SPREADSHEET_ID.match(given):
        raise ValueError(f"{found(text)}, which is neither an id nor the address of a Google spreadsheet")
    return given


def client_id(text: str) -> str:
    """A client id; it is sent in requests as it is."""
    if len(text) > _LONGEST_CLIENT_ID:
        raise ValueError(f"found {len(text)} characters, expected at most {_LONGEST_CLIENT_ID}")
    if any(not character.isprintable() or character.isspace() for character in text):
        raise ValueError("found spaces or control characters in it, expected none")
    return text


def invisible_character(text: str) -> str | None:
    """The name of the first character that nobody sees, such as a byte order mark; None if there is none.

    A space between others is seen. Half of a surrogate pair is left to whoever sends the text.
    """
    for character in text:
        if character != " " and unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            name = _CONTROL_NAMES.get(character) or unicodedata.name(character, "control character").lower()
            return f"U+{ord(character):04X}, {name}"
    return None


def service_url(text: str) -> str:
    """The base URL of a service, without trailing slashes; https, or plain http to this machine."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("found an address that can't be read") from None
    # The errors don't repeat such an address: it may contain a password or a key.
    if "@" in text:
        raise ValueError("found an address with a user or password in it, expected one without")
    if any(character in "?#" or character.isspace() for character in text):
        raise ValueError("found an address with '?', '#' or a space in it, expected one without")
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host))):
        raise ValueError(f"{found(text)}, expected an https:// address (http:// only to this machine)")
    return text.rstrip("/")


def webhook_url(text: str) -> Secret:
    """The address of a chat's incoming webhook, a secret as it lets anybody post; https, or plain http to this machine.

    The errors don't repeat it.
    """
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("found an address that can't be read") from None
    host = parts.hostname or ""
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not is_allowed or any(character.isspace() for character in text):
        raise ValueError("found something else than an https:// address (http:// only to this machine)")
    return Secret(text)


def local_host(text: str) -> str:
    """A host and port of this machine: `localhost:8080`."""
    match = _HOST_AND_PORT.match(text)
    if not match or int(match.group(2)) > _LAST_PORT:
        raise ValueError(f"{found(text)}, expected host:port")
    if not _is_loopback(match.group(1)):
        raise ValueError(f"{found(text)}, expected a host on this machine: it is spoken to in plain http")
    return f"{match.group(1)}:{match.group(2)}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
