"""What a typed text becomes: the values that USER_ENTERED makes of strings, as the spreadsheet's locale reads them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from .errors import Json
from .grid import Formula, Value
from .locales import EN_US, Locale
from .numbers import to_serial


class Typed(NamedTuple):
    """A value and the number format that comes with the way it was typed."""

    value: Value | None
    number_format: Json | None = None
    link: str | None = None


_DIGIT = re.compile(r"\d", re.ASCII)
_URL = re.compile(r"(?:https?://|www\.)[^\s.]+\.[^\s]+", re.IGNORECASE)
_PARTS = {"y": r"(?P<y>\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})"}


class _Forms(NamedTuple):
    """The patterns of one locale's numbers and moments; those of moments with their number format patterns."""

    number: re.Pattern[str]
    moments: list[tuple[re.Pattern[str], str]]
    time: re.Pattern[str]


def read(text: str, today: datetime, number_format: Json | None = None, locale: Locale = EN_US) -> Typed:
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
    truth = locale.true_or_false.get(stripped.upper())
    if truth is not None:
        return Typed(truth)
    found = (_number(stripped, locale) or _moment(stripped, today, locale)) if _DIGIT.search(stripped) else None
    if found:
        return found
    return Typed(text, link=stripped if _URL.fullmatch(stripped) else None)


def to_number(text: str, today: datetime, locale: Locale = EN_US) -> float | None:
    """Give the number that a text is, dates included, None if it is none."""
    stripped = text.strip()
    if not stripped:
        return None
    found = _number(stripped, locale) or _moment(stripped, today, locale)
    return found.value if found and type(found.value) is float else None


@lru_cache(maxsize=64)
def _forms(locale: Locale) -> _Forms:
    group, decimal, currency = f"[{re.escape(locale.typed_groups)}]", re.escape(locale.decimal), locale.currency
    last, others = locale.grouping
    number = re.compile(
        rf"""(?P<open>\()?(?P<sign>[+-])?(?:(?P<before>{re.escape(currency)})\s?)?(?P<sign2>-)?
        (?P<digits>\d{{1,3}}(?:{group}\d{{{others}}})*{group}\d{{{last}}}|\d+)?(?P<fraction>{decimal}\d*)?(?P<exponent>[eE][+-]?\d+)?
        (?:\s?(?P<after>{re.escape(currency)}))?(?:\s?(?P<percent>%))?(?P<close>\))?""",
        re.VERBOSE,
    )
    clock = rf"[{locale.time_separators}]"
    time = rf"(?P<hour>\d{{1,2}}){clock}(?P<minute>\d{{2}})(?:{clock}(?P<second>\d{{2}}))?(?:\s*(?P<half>[AaPp][Mm]))?"
    moments = [
        (re.compile(rf"{date}(?:[ T]+{time})?"), pattern) for date, pattern in [*_dates(locale), *_named_dates(locale)]
    ]
    return _Forms(number, moments, re.compile(time))


def _dates(locale: Locale) -> list[tuple[str, str]]:
    """Give the forms of dates in digits, with the number format patterns that show them so."""
    found = [(separator.join(_PARTS.values()), f"yyyy{separator}mm{separator}dd") for separator in "-/"]
    default = locale.patterns["DATE"]
    found.append((re.sub("([dmy])+", lambda unit: _PARTS[unit[1]], re.escape(default)), default))
    widths = {part[0]: part for part in re.findall("d+|m+|y+", default)}
    separators = "".join(dict.fromkeys(locale.date_separator + "/-"))
    for separator in separators:
        for year, width in ((r"(?P<y>\d{4})", "yyyy"), (r"(?P<y>\d{2})", "yy")):
            units = _PARTS | {"y": year}
            shown = widths | {"y": width}
            form = re.escape(separator).join(units[unit] for unit in locale.order)
            found.append((form, separator.join(shown[unit] for unit in locale.order)))
    short = locale.order.replace("y", "")
    for separator in separators:
        form = re.escape(separator).join(_PARTS[unit] for unit in short)
        found.append((form, separator.join(widths[unit] for unit in short)))
    return found


def _named_dates(locale: Locale) -> list[tuple[str, str]]:
    """Give the forms of dates with the name of a month."""
    name, day, year = r"(?P<name>[^\W\d_]{3,}\.?)", _PARTS["d"], _PARTS["y"]
    if locale.language == "en":
        return [
            (rf"{name} {day},? {year}", "mmm d, yyyy"),
            (rf"{day}[ -]{name}[ -]{year}", "d mmm yyyy"),
            (rf"{name} {year}", "mmm yyyy"),
        ]
    if locale.language in ("ja", "zh"):
        return [(rf"{year}年{_PARTS['m']}月{day}日", 'yyyy"年"m"月"d"日"')]
    return [
        (rf"{day}\.?[ -](?:de )?{name}[ -](?:de )?{year}", "d mmm yyyy"),
        (rf"{name} (?:de )?{year}", "mmm yyyy"),
    ]


def _number(text: str, locale: Locale) -> Typed | None:
    match = _forms(locale).number.fullmatch(text)
    if not match or not (match["digits"] or len(match["fraction"] or "") > 1):
        return None
    if bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return None
    if (match["before"] and match["after"]) or (match["percent"] and (match["before"] or match["after"])):
        return None
    digits = re.sub(r"\D", "", match["digits"] or "0")
    fraction = (match["fraction"] or "").replace(locale.decimal, ".")
    value = float(digits + fraction + (match["exponent"] or ""))
    if value == float("inf"):
        return None
    if match["open"] or "-" in (match["sign"], match["sign2"]):
        value = -value
    return Typed(value / 100 if match["percent"] else value, _format_of(match, locale))


def _format_of(match: re.Match[str], locale: Locale) -> Json | None:
    decimals = ".00" if match["fraction"] else ""
    if match["before"] or match["after"]:
        pattern = locale.patterns["CURRENCY"]
        return {"type": "CURRENCY", "pattern": pattern if decimals else re.sub(r"\.0+", "", pattern)}
    if match["percent"]:
        return {"type": "PERCENT", "pattern": f"0{decimals}%"}
    if match["exponent"]:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if re.search(r"\D", match["digits"] or ""):
        return {"type": "NUMBER", "pattern": f"#,##0{decimals}"}
    return None


def _moment(text: str, today: datetime, locale: Locale) -> Typed | None:
    forms = _forms(locale)
    for pattern, shown in forms.moments:
        match = pattern.fullmatch(text)
        if not match:
            continue
        day = _day(match.groupdict(), today, locale)
        if day is None:
            continue
        if not match["hour"]:
            return Typed(to_serial(day), {"type": "DATE", "pattern": shown})
        time = _time(match)
        clock = f"h{locale.time_separators[-1]}mm{locale.time_separators[-1]}ss"
        return (
            None if time is None else Typed(to_serial(day) + time, {"type": "DATE_TIME", "pattern": f"{shown} {clock}"})
        )
    match = forms.time.fullmatch(text)
    if not match:
        return None
    time = _time(match)
    between = text[match.end("hour")]
    shown = f"h{between}mm" + (f"{between}ss" if match["second"] else "") + (" am/pm" if match["half"] else "")
    return None if time is None else Typed(time, {"type": "TIME", "pattern": shown})


def _day(found: dict[str, str | None], today: datetime, locale: Locale) -> datetime | None:
    name = found.get("name")
    month = int(found.get("m") or 0)
    if name:
        wanted = name.casefold().rstrip(".")
        matching = {number for full, number in locale.month_numbers.items() if full.startswith(wanted)}
        month = locale.month_numbers.get(wanted) or (matching.pop() if len(matching) == 1 else 0)
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
