"""Cell formats as they are stored: checked, colours tidied, borders with their widths, one copy for all cells."""

from __future__ import annotations

import json
from functools import lru_cache

from .colours import tidy
from .errors import Json, invalid

# Google answers a width with each style, in pixels.
_WIDTHS = {"DOTTED": 1, "DASHED": 1, "SOLID": 1, "SOLID_MEDIUM": 2, "SOLID_THICK": 3, "DOUBLE": 3}


def share_format(value: Json) -> Json | None:
    """Give the one copy of a cell format that all cells share; None for an empty one, ApiError for an invalid one."""
    return _stored(json.dumps(value, sort_keys=True))


@lru_cache(maxsize=65536)
def _stored(text: str) -> Json | None:
    given = json.loads(text)
    _check_number_format(given)
    tidied = _without_empties(tidy(given, "CellFormat"))
    if "borders" in tidied:
        drawn = {side: _border(border) for side, border in tidied["borders"].items() if border.get("style") != "NONE"}
        tidied.pop("borders")
        tidied |= {"borders": drawn} if drawn else {}
    return _shared(json.dumps(tidied, sort_keys=True)) if tidied else None


@lru_cache(maxsize=65536)
def _shared(text: str) -> Json:
    found: Json = json.loads(text)
    return found


def _check_number_format(given: Json) -> None:
    number_format = given.get("numberFormat", {})
    kind = number_format.get("type", "NUMBER_FORMAT_TYPE_UNSPECIFIED")
    if number_format and kind == "NUMBER_FORMAT_TYPE_UNSPECIFIED":
        raise invalid("A number format must specify a type.")


def _border(given: Json) -> Json:
    """Give a border as it is answered: the width is that of its style, the colour black unless it has one."""
    if given.get("style") not in _WIDTHS:
        return given
    drawn = {**given, "width": _WIDTHS[given["style"]]}
    return drawn if "colorStyle" in drawn else {**drawn, "color": {}, "colorStyle": {"rgbColor": {}}}


def _without_empties(value: Json) -> Json:
    """Leave out messages that say nothing, except colours, for which nothing is black."""
    kept = {}
    for name, item in value.items():
        if isinstance(item, dict) and "olor" not in name:
            item = _without_empties(item)
            if not item:
                continue
        kept[name] = item
    return kept
