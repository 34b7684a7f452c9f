"""Dates and times as Google Sheets counts them: days since 30 December 1899, in the spreadsheet's time zone.

Source: Google's guide "Date and time number formats", the meaning of a serial number.
"""

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock's time; the zone is the spreadsheet's
_SECONDS_A_DAY = 86_400
_CUSTOM_ZONE = re.compile(r"GMT([+-])([01]\d|2[0-3]):([0-5]\d)")
_LAST_DAY = (date.max - _DAY_ZERO.date()).days


def serial_of(moment: datetime, zone: tzinfo) -> float:
    """The serial number that shows this moment, to the second, on a clock in the zone."""
    wall = moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
    passed = wall - _DAY_ZERO
    return passed.days + passed.seconds / _SECONDS_A_DAY


def wall_time(value: object) -> datetime | None:
    """The time on the wall clock (without a zone) that a cell's value shows; None if it is no serial number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < _LAST_DAY:
        return None
    return _DAY_ZERO + timedelta(seconds=round(value * _SECONDS_A_DAY))


def zone_named(name: str) -> tzinfo | None:
    """The time zone of this name (a spreadsheet's `timeZone`), or None if nothing is known of it.

    Google's reference of SpreadsheetProperties: a CLDR name, or a custom zone such as `GMT-07:00`.
    """
    if match := _CUSTOM_ZONE.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
