"""The moments to run tests at: as people write them, and picked at random."""

import random
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

# The extremes, offsets that are no whole hours, summer time on both sides of the equator, and zones without it.
ZONES = (
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "UTC",
)
_MOST_YEARS = 6


def parse(text: str) -> tuple[datetime, str | None]:
    """The moment, and the name of its zone if there is one, of a text such as `2028-02-29 23:59 America/St_Johns`.

    Without a zone the time is in UTC; without a time it is midnight. Raises ValueError for anything else.
    """
    words = text.split()
    name = words.pop() if len(words) > 1 and ":" not in words[-1] else None
    try:
        zone: tzinfo = ZoneInfo(name) if name else UTC
        return datetime.fromisoformat(" ".join(words)).replace(tzinfo=zone), name
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"{text!r} is no moment such as '2028-02-29 23:59' or '2028-02-29 23:59 UTC'") from error


def pick(chance: random.Random, today: date) -> str:
    """A moment up to some years away from today, for `parse`: most often shortly before a date or an offset changes."""
    name = chance.choice(ZONES)
    zone = ZoneInfo(name)
    year = today.year + chance.choice([*range(-_MOST_YEARS, 0), *range(1, _MOST_YEARS + 1)])
    leap_year = year - year % 4
    change = chance.choice(
        [
            datetime(year, 1, 1, tzinfo=zone),
            datetime(year, chance.randint(2, 12), 1, tzinfo=zone),
            datetime(leap_year, 2, 29, tzinfo=zone),
            datetime(leap_year, 3, 1, tzinfo=zone),
            _offset_change(chance, year, zone),
            datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(365 * 24 * 60)),
        ]
    )
    before = timedelta(minutes=chance.choice([0, 1, 2, 24 * 60]))
    moment = (change.astimezone(UTC) - before).astimezone(zone)
    return pick(chance, today) if moment.date() == today else f"{moment:%Y-%m-%d %H:%M} {name}"


def _offset_change(chance: random.Random, year: int, zone: ZoneInfo) -> datetime:
    """When clocks of that zone are changed in that year; the middle of the year if they never are."""
    days = _changes(zone, datetime(year, 1, 1, tzinfo=UTC), timedelta(days=1), 365)
    if not days:
        return datetime(year, 7, 1, tzinfo=UTC)
    (change,) = _changes(zone, chance.choice(days) - timedelta(days=1), timedelta(minutes=30), 48)
    return change


def _changes(zone: ZoneInfo, start: datetime, step: timedelta, count: int) -> list[datetime]:
    """Those of so many moments, a step apart, at which the zone's offset is another than a step before."""
    moments = [start + number * step for number in range(count + 1)]
    offsets = [moment.astimezone(zone).utcoffset() for moment in moments]
    return [moment for moment, (old, new) in zip(moments[1:], pairwise(offsets), strict=True) if old != new]
