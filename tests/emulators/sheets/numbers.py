"""Numbers and dates as text: number format patterns as the API's guide describes them.

Patterns are US style whatever the locale; it decides how the digits, the names and the default formats read. Facts: https://developers.google.com/workspace/sheets/api/guides/formats
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from functools import lru_cache

from .errors import Json
from .locales import EN_US, Locale

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serial dates have no time zone

_DATE_TYPES = ("DATE", "TIME", "DATE_TIME")
_DIRECTION = re.compile(r"\[(?:[A-Za-z]+|[Cc]olor\d+)\]")
_TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"|\\.|_.|\*.)|(?P<elapsed>\[[hms]+\])|(?P<ampm>am/pm|a/p)|(?P<date>[dyhs]+|m+)
    |(?P<number>[#0?][#0?,]*(?:\.[#0?]+,*)?|\.[#0?]+)|(?P<percent>%)|(?P<exponent>[eE][+-][0#]+)|(?P<text>@)|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_date(number_format: Json | None) -> bool:
    """Tell whether a number format shows dates or times."""
    return bool(number_format) and (number_format or {}).get("type") in _DATE_TYPES


def to_serial(moment: datetime) -> float:
    """Give the serial number of a moment: days since 1899-12-30."""
    return (moment - EPOCH) / timedelta(days=1)


def from_serial(serial: float) -> datetime:
    """Give the moment of a serial number, to the nearest millisecond."""
    return EPOCH + timedelta(milliseconds=round(serial * 86_400_000))


def show(value: float, number_format: Json | None, locale: Locale = EN_US) -> str:
    """Give a number as people see it."""
    if not number_format:
        return locale.number(general(value))
    kind = number_format.get("type", "")
    pattern = number_format.get("pattern") or locale.patterns.get(kind, "")
    if not pattern or pattern.lower() == "general" or kind == "TEXT":
        return locale.number(general(value))
    return _apply(value, pattern, locale)


def show_text(value: str, number_format: Json | None) -> str:
    """Give a text as people see it: only a pattern with a part for text changes it."""
    pattern = (number_format or {}).get("pattern", "")
    sections = _sections(pattern)
    if len(sections) < 4:
        return value
    return "".join(value if kind == "text" else _literal(kind, piece) for kind, piece in _tokens(sections[3]))


def general(value: float) -> str:
    """Give a number without a format: at most ten significant digits, whole ones in full."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15 or abs(value) < 1e-5:
        mantissa, exponent = f"{value:.9E}".split("E")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}E{exponent[0]}{int(exponent[1:]):02d}"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    zeros = 0 if whole else -math.floor(math.log10(abs(value))) - 1
    shown = f"{value:.{max(0, 10 - whole + zeros)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _apply(value: float, pattern: str, locale: Locale) -> str:
    sections = _sections(pattern)
    section, value = _choose(sections, value)
    tokens = _tokens(section)
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed", "ampm"}:
        return _date(value, tokens, locale)
    if "number" in kinds:
        return _number(value, tokens, locale)
    plain = locale.number(general(value))
    return "".join(plain if kind == "text" else _literal(kind, piece) for kind, piece in tokens)


def _choose(sections: tuple[str, ...], value: float) -> tuple[str, float]:
    """Choose the part of a pattern for a number: positive; negative; zero."""
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


@lru_cache(maxsize=1024)
def _sections(pattern: str) -> tuple[str, ...]:
    found, current, quoted = [], "", False
    for character in pattern:
        quoted ^= character == '"'
        if character == ";" and not quoted:
            found.append(current)
            current = ""
        else:
            current += character
    return (*found, current)


@lru_cache(maxsize=1024)
def _tokens(section: str) -> tuple[tuple[str, str], ...]:
    section = _DIRECTION.sub(lambda match: match.group() if re.fullmatch(r"\[[hms]+\]", match.group()) else "", section)
    return tuple((match.lastgroup or "", match.group()) for match in _TOKEN.finditer(section))


def _literal(kind: str, piece: str) -> str:
    if kind != "literal":
        return piece
    if piece.startswith('"'):
        return piece[1:-1]
    return piece[1:] if piece[0] == "\\" else " " if piece[0] == "_" else ""


def _number(value: float, tokens: tuple[tuple[str, str], ...], locale: Locale) -> str:
    kinds = [kind for kind, _ in tokens]
    pattern = next(piece for kind, piece in tokens if kind == "number")
    value *= 100 ** kinds.count("percent")
    exponent = 0
    if "exponent" in kinds and value:
        exponent = math.floor(math.log10(abs(value)))
        value /= 10**exponent
    digits, negative = _digits(value, pattern, locale.grouping)
    shown, first = [], True
    for kind, piece in tokens:
        if kind == "number" and first:
            shown.append(locale.number(digits))
            first = False
        elif kind == "exponent":
            shown.append(f"E{'-' if exponent < 0 else '+'}{abs(exponent):0{len(piece) - 2}d}")
        elif kind != "number":
            shown.append(_literal(kind, piece))
    return ("-" if negative else "") + "".join(shown)


def _digits(value: float, pattern: str, grouping: tuple[int, int]) -> tuple[str, bool]:
    """Give the digits of a number under a pattern, and whether a minus belongs in front."""
    scaled = pattern.rstrip(",")
    value /= 1000 ** (len(pattern) - len(scaled))
    whole, _, fraction = scaled.partition(".")
    # Half away from zero, on the decimal digits people see.
    rounded = f"{math.floor(abs(value) * 10 ** len(fraction) + 0.5 + 1e-9) / 10 ** len(fraction):.{len(fraction)}f}"
    integer, _, decimals = rounded.partition(".")
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        last, others = grouping
        integer = re.sub(rf"(?<=\d)(?=(\d{{{others}}})*\d{{{last}}}$)", ",", integer)
    needed = fraction.rfind("0") + 1
    while len(decimals) > needed and decimals.endswith("0"):
        decimals = decimals[:-1]
    shown = f"{integer}.{decimals}" if decimals else integer
    return shown, value < 0 and any(digit in "123456789" for digit in shown)


def _date(value: float, tokens: tuple[tuple[str, str], ...], locale: Locale) -> str:
    moment = from_serial(value)
    has_half = any(kind == "ampm" for kind, _ in tokens)
    shown = []
    for index, (kind, piece) in enumerate(tokens):
        lower = piece.lower()
        if kind == "date":
            is_minute = lower[0] == "m" and _is_minute(tokens, index)
            part = "n" * len(lower) if is_minute else lower
            shown.append(_date_part(moment, part, locale, has_half=has_half))
        elif kind == "elapsed":
            unit = {"h": 24, "m": 1440, "s": 86400}[lower[1]]
            shown.append(str(math.floor(value * unit + 1e-6)).rjust(len(lower) - 2, "0"))
        elif kind == "ampm":
            half = moment.hour >= 12
            shown.append(locale.halves[half] if len(piece) > 3 else "AP"[half])
        elif kind == "number":
            shown.append(
                locale.decimal + f"{moment.microsecond // 1000:03d}"[: len(piece) - 1] if piece[0] == "." else piece
            )
        else:
            shown.append(_literal(kind, piece))
    return "".join(shown)


def _is_minute(tokens: tuple[tuple[str, str], ...], index: int) -> bool:
    """Tell whether an `m` is minutes: behind hours or in front of seconds."""
    units = [
        (place, piece.lower().strip("[]")[0])
        for place, (kind, piece) in enumerate(tokens)
        if kind in ("date", "elapsed")
    ]
    position = next(number for number, (place, _) in enumerate(units) if place == index)
    before = units[position - 1][1] if position else ""
    after = units[position + 1][1] if position + 1 < len(units) else ""
    return before == "h" or after == "s"


def _date_part(moment: datetime, part: str, locale: Locale, *, has_half: bool) -> str:
    width = len(part)
    unit = part[0]
    if unit == "y":
        return f"{moment.year:04d}" if width > 2 else f"{moment.year % 100:02d}"
    if unit in "md" and width >= 3:
        return _name(moment, unit, width, locale)
    hour = (moment.hour + 11) % 12 + 1 if has_half else moment.hour
    number = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}[unit]
    return f"{number:02d}" if width > 1 else str(number)


def _name(moment: datetime, unit: str, width: int, locale: Locale) -> str:
    """Give the name of a month or a day: whole, short (three letters of the pattern) or its first letter (five)."""
    index = moment.month - 1 if unit == "m" else moment.weekday()
    if width == 3:
        return (locale.short_months if unit == "m" else locale.short_days)[index]
    name = (locale.months if unit == "m" else locale.days)[index]
    return name[0] if width == 5 else name
