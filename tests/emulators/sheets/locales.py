"""What a spreadsheet's locale decides: separators, the order and names of dates, currency, TRUE and FALSE.

The data is CLDR's, through Babel. Only the names of booleans are kept here, because CLDR has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import babel
from babel.numbers import get_currency_precision, get_currency_symbol, get_territory_currencies

from .errors import Json, invalid

_DEFAULT = "en_US"
# A language, or a language and a country.
_NAME = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")
# Spaces that CLDR groups digits with; people type any of them.
_SPACES = " \u00a0\u202f"
_APOSTROPHES = "'’"
_BOOLEANS = {
    "cs": ("PRAVDA", "NEPRAVDA"),
    "da": ("SAND", "FALSK"),
    "de": ("WAHR", "FALSCH"),
    "es": ("VERDADERO", "FALSO"),
    "fi": ("TOSI", "EPÄTOSI"),
    "fr": ("VRAI", "FAUX"),
    "hu": ("IGAZ", "HAMIS"),
    "it": ("VERO", "FALSO"),
    "nb": ("SANN", "USANN"),
    "nl": ("WAAR", "ONWAAR"),
    "pl": ("PRAWDA", "FAŁSZ"),
    "pt": ("VERDADEIRO", "FALSO"),
    "ru": ("ИСТИНА", "ЛОЖЬ"),
    "sv": ("SANT", "FALSKT"),
    "tr": ("DOĞRU", "YANLIŞ"),
}
# Swedish has times with points although CLDR has colons: github.com/burnash/gspread/issues/501
_POINTS_IN_TIMES = frozenset({"sv"})


@dataclass(frozen=True, eq=False)
class Locale:
    """How one locale writes and reads values."""

    name: str
    language: str
    decimal: str
    group: str
    # Sizes of groups of digits, the last first: 3 and 3, but in India 3 and 2.
    grouping: tuple[int, int]
    # The order of a date's parts, such as "mdy", what parts them, and the number format patterns without a pattern.
    order: str
    date_separator: str
    time_separators: str
    patterns: dict[str, str]
    currency: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    halves: tuple[str, str]
    booleans: tuple[str, str]

    @property
    def has_decimal_comma(self) -> bool:
        """Whether a decimal comma is written, so that arguments of functions are parted by semicolons."""
        return self.decimal == ","

    @cached_property
    def typed_groups(self) -> str:
        """The characters that part groups of digits when people type."""
        for alike in (_SPACES, _APOSTROPHES):
            if self.group in alike:
                return alike
        return self.group

    @cached_property
    def true_or_false(self) -> dict[str, bool]:
        """The texts that are read as booleans, in capitals: English ones everywhere."""
        return {"TRUE": True, "FALSE": False, self.booleans[0]: True, self.booleans[1]: False}

    @cached_property
    def month_numbers(self) -> dict[str, int]:
        """The numbers of months by their names, in small letters and without a point."""
        named = {name: number for number, name in enumerate(self.months, 1)}
        named |= {name: number for number, name in enumerate(self.short_months, 1)}
        return {name.casefold().rstrip("."): number for name, number in named.items()}

    def boolean(self, value: bool) -> str:
        """Give a boolean as people see it."""
        return self.booleans[0 if value else 1]

    def number(self, shown: str) -> str:
        """Give digits that have a point and commas with this locale's separators."""
        return shown.translate(self._separators) if self._separators else shown

    @cached_property
    def _separators(self) -> dict[int, str]:
        written = {ord("."): self.decimal, ord(","): self.group}
        return {} if written == {ord("."): ".", ord(","): ","} else written


@lru_cache(maxsize=256)
def find(name: str) -> Locale | None:
    """Give the locale with a name such as `de_DE` or `de`, None if there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        data = babel.Locale.parse(name)
    except (babel.UnknownLocaleError, ValueError):
        return None
    territory = data.territory or _likely_territory(data)
    symbols: dict[str, Any] = data.number_symbols["latn"]
    short = _date_pattern(data.date_formats["short"].pattern)
    time = _time_pattern(data.time_formats["medium"].pattern)
    month_names, day_names = data.months["format"], data.days["format"]
    separators = ":." if "." in time or data.language in _POINTS_IN_TIMES else ":"
    periods = data.day_periods["format"]["abbreviated"]
    currency, pattern = _currency(data, territory)
    return Locale(
        name=name,
        language=data.language,
        decimal=symbols["decimal"],
        group=symbols["group"],
        grouping=data.decimal_formats[None].grouping,
        order="".join(dict.fromkeys(re.sub(r"[^dmy]", "", short))),
        date_separator=next(character for character in short if character not in "dmy"),
        time_separators=separators,
        patterns={
            "NUMBER": "0.###############",
            "PERCENT": "0.00%",
            "CURRENCY": pattern,
            "DATE": short,
            "TIME": time,
            "DATE_TIME": f"{short} {time.removesuffix(' am/pm')}",
            "SCIENTIFIC": "0.00E+00",
            "TEXT": "@",
        },
        currency=currency,
        months=_in_order(month_names["wide"]),
        short_months=_in_order(month_names["abbreviated"]),
        days=_in_order(day_names["wide"]),
        short_days=_in_order(day_names["abbreviated"]),
        halves=(periods["am"], periods["pm"]),
        booleans=_BOOLEANS.get(data.language, ("TRUE", "FALSE")),
    )


def _in_order(names: Mapping[int, str]) -> tuple[str, ...]:
    """Give names by their number: months from January, days from Monday."""
    return tuple(names[number] for number in sorted(names))


def locale_of(properties: Json) -> Locale:
    """Give the locale of a spreadsheet, by its properties."""
    found = find(properties.get("locale") or _DEFAULT)
    return found or EN_US


def check_locale(properties: Json) -> None:
    """Raise ApiError if a spreadsheet's properties name a locale that there is none of; without one it is en_US."""
    properties["locale"] = properties.get("locale") or _DEFAULT
    if find(properties["locale"]) is None:
        raise invalid(f"Unsupported locale: {properties['locale']}")


def _likely_territory(data: babel.Locale) -> str:
    likely = babel.core.get_global("likely_subtags").get(data.language, _DEFAULT)
    return str(likely).rpartition("_")[2]


def _date_pattern(pattern: str) -> str:
    """Give CLDR's shortest date as a number format pattern, with all digits of the year."""
    plain = re.sub(r"'[^']*'|[^dMy./\- ]", "", pattern).lower().strip(" .")
    return re.sub(r"y+", "yyyy", plain)


def _time_pattern(pattern: str) -> str:
    """Give CLDR's time with seconds as a number format pattern."""
    if "'" in pattern:  # written out, as in fr_CA
        return "hh:mm:ss"
    plain = re.sub(r"[\u00a0\u202f]", " ", pattern)
    return re.sub(r"a+", "am/pm", plain.replace("H", "h")).replace("B", "am/pm")


def _currency(data: babel.Locale, territory: str) -> tuple[str, str]:
    """Give a territory's currency as people write it, and the pattern for amounts of it."""
    codes = get_territory_currencies(territory)
    code = codes[-1] if codes else "USD"
    symbol = get_currency_symbol(code, data)
    digits = get_currency_precision(code)
    pattern = data.currency_formats["standard"].pattern.partition(";")[0]
    pattern = re.sub(r"[\u200e\u200f\u061c]", "", pattern).replace("\u00a4", f'"{symbol}"')
    amount = "#,##0." + "0" * digits if digits else "#,##0"
    return symbol, re.sub(r"[#,0.]*0[#,0.]*", amount, pattern)


def _default() -> Locale:
    found = find(_DEFAULT)
    if found is None:
        raise LookupError(_DEFAULT)
    return found


EN_US = _default()
