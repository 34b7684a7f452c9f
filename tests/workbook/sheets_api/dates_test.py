"""Serial numbers: from a moment to a wall-clock time in the spreadsheet's zone, to the second, and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.dates import serial_of, wall_time, zone_named

# Zones behind and ahead of UTC, with DST of an hour or half an hour, in summer or winter, or that skipped a day.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - `timezones` sets the zone

examples = settings(max_examples=500)


def at(text: str) -> datetime:
    """A moment, given with its offset."""
    return datetime.fromisoformat(text)


def clock(text: str) -> datetime:
    """A wall-clock time, without a zone."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "zone", "serial"),
    [
        ("1899-12-31T00:00:00Z", "UTC", 1.0),
        ("1900-03-01T00:00:00Z", "UTC", 61.0),
        ("1970-01-01T00:00:00Z", "UTC", 25569.0),
        ("2026-11-23T12:00:00Z", "UTC", 46349.5),
        ("2026-11-23T12:00:00Z", "Europe/Berlin", 46349 + 13 / 24),
        ("2026-11-23T18:45:00Z", "Asia/Kathmandu", 46350 + 0.5 / 24),
        ("2026-11-23T04:59:59Z", "America/New_York", 46349 - 1 / 86400),
        ("2026-11-23T12:00:00.999999Z", "UTC", 46349.5),
    ],
)
def test_known_serials(moment: str, zone: str, serial: float) -> None:
    """Serials calculated by hand: days since 30 December 1899 in the zone, fractions of a second cut off."""
    assert serial_of(at(moment), ZoneInfo(zone)) == pytest.approx(serial, abs=1e-9)


def test_offset_of_the_moment_is_irrelevant() -> None:
    """The same moment has the same serial, whatever zone it is given in."""
    zone = ZoneInfo("Europe/Berlin")
    assert serial_of(at("2026-11-23T12:00:00Z"), zone) == serial_of(at("2026-11-23T21:00:00+09:00"), zone)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        # Before and after the hour skipped in spring.
        ("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00"),
        # The hour repeated in autumn.
        ("2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"),
        ("2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"),
        # DST of half an hour, in the southern hemisphere.
        ("2026-04-04T15:15:00Z", "Australia/Lord_Howe", "2026-04-05T01:45:00"),
        # The day that was skipped.
        ("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29T23:59:59"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31T00:00:00"),
    ],
)
def test_clock_changes(moment: str, zone: str, expected: str) -> None:
    """Where clocks jump, the serial is what a wall clock showed at that moment."""
    assert wall_time(serial_of(at(moment), ZoneInfo(zone))) == clock(expected)


@examples
@given(moments, st.sampled_from(ZONES))
def test_round_trip(moment: datetime, zone: str) -> None:
    """Any moment in any zone comes back, to the second, as the wall-clock time in that zone."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    expected = moment.replace(tzinfo=None, microsecond=0) + offset
    assert wall_time(serial_of(moment, ZoneInfo(zone))) == expected


@examples
@given(st.integers(86_400, 255_611_375_999))
def test_every_second_has_its_own_serial(second: int) -> None:
    """Every second from 1899 to 9999 is distinct: none is rounded to another."""
    time = wall_time(second / 86_400)
    assert time == clock("1899-12-30") + timedelta(seconds=second)


@examples
@given(moments, st.integers(1, 10**6), st.sampled_from(ZONES))
def test_later_moments_have_greater_serials(moment: datetime, seconds: int, zone: str) -> None:
    """Unless the clocks changed in between, a later moment has a greater serial."""
    later = moment + timedelta(seconds=seconds)
    before, after = (point.astimezone(ZoneInfo(zone)).utcoffset() for point in (moment, later))
    if before == after:
        assert serial_of(moment, ZoneInfo(zone)) < serial_of(later, ZoneInfo(zone))


@pytest.mark.parametrize(
    "value",
    [None, "", "46349.5", "2026-11-23", True, False, 0, 0.5, -1, -46349.5, 2958465, 1e300, float("inf"), float("nan")],
)
def test_values_that_are_not_a_time(value: object) -> None:
    """Texts, booleans, times without a day and numbers beyond the calendar are not a time."""
    assert wall_time(value) is None


@examples
@given(st.floats() | st.integers())
def test_any_number_is_accepted(value: float) -> None:
    """No number that somebody may have typed raises an error."""
    time = wall_time(value)
    assert (time is not None) == (1 <= value < 2958465)


@pytest.mark.parametrize("name", ZONES)
def test_known_zones(name: str) -> None:
    """The names that spreadsheets use for their zone are known."""
    assert zone_named(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "America", "/etc/localtime", "../UTC", "a\0b", "\ud800", "x" * 5000]
)
def test_unknown_zones(name: str) -> None:
    """An unknown name, or one that is a path, is no zone and no error."""
    assert zone_named(name) is None


@pytest.mark.parametrize(("name", "hours"), [("GMT-07:00", -7), ("GMT+05:30", 5.5), ("GMT+00:00", 0)])
def test_custom_zones(name: str, hours: float) -> None:
    """Google names custom zones by their offset from Greenwich."""
    zone = zone_named(name)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)
