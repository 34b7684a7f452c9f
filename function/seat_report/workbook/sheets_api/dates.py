"""Google Sheets date and time serials: days since 30 December 1899, in the spreadsheet's time zone.

Source: Google's guide "Date and time number formats", on serial numbers.
"""

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - wall-clock time; the zone is the spreadsheet's
_SECONDS_PER_DAY = 86_400
_CUSTOM_ZONE = re.compile(r"GMT([+-])([01]\d|2[0-3]):([0-5]\d)")
_MAX_SERIAL = (date.max - _EPOCH.date()).days


def serial_of(moment: datetime, zone: tzinfo) -> float:
    """The serial number of this moment, to the second, on a wall clock in the zone."""
    wall = moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
    elapsed = wall - _EPOCH
    return elapsed.days + elapsed.seconds / _SECONDS_PER_DAY


def wall_time(value: object) -> datetime | None:
    """The wall-clock time (without a zone) that a cell's value represents; None if it is not a serial number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < _MAX_SERIAL:
        return None
    return _EPOCH + timedelta(seconds=round(value * _SECONDS_PER_DAY))


def zone_named(name: str) -> tzinfo | None:
    """The time zone of this name (a spreadsheet's `timeZone`), or None if it is unknown.

    Google's reference for SpreadsheetProperties: a CLDR name, or a custom zone such as `GMT-07:00`.
    """
    if match := _CUSTOM_ZONE.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
