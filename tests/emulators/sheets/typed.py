"""What a typed text becomes: the values that USER_ENTERED makes of strings, in the en_US locale."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from .errors import Json
from .grid import Formula, Value
from .numbers import to_serial


class Typed(NamedTuple):
    """A value and the number format that comes with the way it was typed."""

    value: Value | None
    number_format: Json | None = None
    link: str | None = None


_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?(?P<currency>\$)?(?P<sign2>-)?(?P<digits>\d{1,3}(?:,\d{3})+|\d+)?(?P<fraction>\.\d*)?"
    r"(?P<exponent>[eE][+-]?\d+)?(?P<percent>%)?(?P<close>\))?"
)
_DIGIT = re.compile(r"\d", re.ASCII)
_URL = re.compile(r"(?:https?://|www\.)[^\s.]+\.[^\s]+", re.IGNORECASE)
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[AaPp][Mm]))?"
_DATES = [
    (re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"), "yyyy-mm-dd"),
    (re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"), "yyyy/mm/dd"),
    (re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"), "m/d/yyyy"),
    (re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{2})"), "m/d/yy"),
    (re.compile(r"(?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<y>\d{4})"), "m-d-yyyy"),
    (re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})"), "m/d"),
    (re.compile(r"(?P<m>\d{1,2})-(?P<d>\d{1,2})"), "m-d"),
    (re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})"), "mmm d, yyyy"),
    (re.compile(r"(?P<d>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})[ -](?P<y>\d{4})"), "d mmm yyyy"),
    (re.compile(r"(?P<name>[A-Za-z]{3,9}) (?P<y>\d{4})"), "mmm yyyy"),
]
_TIME_ALONE = re.compile(_TIME)
_MOMENTS = [(re.compile(rf"{pattern.pattern}(?:[ T]+{_TIME})?"), shown) for pattern, shown in _DATES]
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def read(text: str, today: datetime, number_format: Json | None = None) -> Typed:
    """Read a text as a person's typing; an empty one is an empty cell.

    A cell whose format is plain text keeps the text. `today` fills in the year of a date without one.
    """
    if text == "":
        return Typed(None)
    if text.startswith("'"):
        return Typed(text[1:])
    if (number_format or {}).get("type") == "TEXT":
        return Typed(text)
    if text.startswith("=") and len(text) > 1:
        return Typed(Formula(text))
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return Typed(stripped.upper() == "TRUE")
    found = (_number(stripped) or _moment(stripped, today)) if _DIGIT.search(stripped) else None
    if found:
        return found
    return Typed(text, link=stripped if _URL.fullmatch(stripped) else None)


def to_number(text: str, today: datetime) -> float | None:
    """Give the number that a text is, dates included, None if it is none."""
    stripped = text.strip()
    found = (_number(stripped) or _moment(stripped, today)) if stripped else None
    return found.value if found and type(found.value) is float else None


def _number(text: str) -> Typed | None:
    match = _NUMBER.fullmatch(text)
    if not match or not (match["digits"] or len(match["fraction"] or "") > 1):
        return None
    if bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return None
    plain = (match["digits"] or "0").replace(",", "") + (match["fraction"] or "") + (match["exponent"] or "")
    value = float(plain)
    if value == float("inf"):
        return None
    if match["open"] or "-" in (match["sign"], match["sign2"]):
        value = -value
    return Typed(value / 100 if match["percent"] else value, _format_of(match))


def _format_of(match: re.Match[str]) -> Json | None:
    decimals = ".00" if match["fraction"] else ""
    if match["currency"]:
        return {"type": "CURRENCY", "pattern": f'"$"#,##0{decimals}'}
    if match["percent"]:
        return {"type": "PERCENT", "pattern": f"0{decimals}%"}
    if match["exponent"]:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if "," in (match["digits"] or ""):
        return {"type": "NUMBER", "pattern": f"#,##0{decimals}"}
    return None


def _moment(text: str, today: datetime) -> Typed | None:
    for pattern, shown in _MOMENTS:
        match = pattern.fullmatch(text)
        if not match:
            continue
        day = _day(match.groupdict(), today)
        if day is None:
            continue
        if not match["hour"]:
            return Typed(to_serial(day), {"type": "DATE", "pattern": shown})
        time = _time(match)
        return (
            None if time is None else Typed(to_serial(day) + time, {"type": "DATE_TIME", "pattern": f"{shown} h:mm:ss"})
        )
    match = _TIME_ALONE.fullmatch(text)
    if not match:
        return None
    time = _time(match)
    shown = "h:mm" + (":ss" if match["second"] else "") + (" am/pm" if match["half"] else "")
    return None if time is None else Typed(time, {"type": "TIME", "pattern": shown})


def _day(found: dict[str, str | None], today: datetime) -> datetime | None:
    name = found.get("name")
    month = int(found.get("m") or 0)
    if name:
        matching = [number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.lower())]
        month = matching[0] if len(matching) == 1 else 0
    year = int(found.get("y") or today.year)
    if year < 100:
        year += 2000 if year < 30 else 1900
    try:
        return datetime(year, month, int(found.get("d") or 1))  # noqa: DTZ001 - serial dates have no time zone
    except ValueError:
        return None


def _time(match: re.Match[str]) -> float | None:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if minute > 59 or second > 59 or (match["half"] and not 1 <= hour <= 12):
        return None
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return (hour * 3600 + minute * 60 + second) / 86400
