"""Colours as the API answers them: channels of eight bits, zero ones left out, a style twin beside each colour."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

from .errors import Json
from .schema import properties

_FLOAT_MAX = 3.4028234663852886e38
THEME: dict[str, Json] = {
    "TEXT": {},
    "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}


@lru_cache(maxsize=4096)
def float32(value: float) -> float | int:
    """Give the shortest number that is the same in single precision, whole ones as integers."""
    packed = struct.pack("f", value)
    value = struct.unpack("f", packed)[0]
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == packed:
            value = short
            break
    return int(value) if value == int(value) else value


@lru_cache(maxsize=4096)
def channel(value: float) -> float | int:
    """Give a channel as the service keeps it: cut to eight bits, so that what exceeds 1 starts again at 0."""
    single: float = struct.unpack("f", struct.pack("f", max(-_FLOAT_MAX, min(value, _FLOAT_MAX))))[0]
    return float32((int(single * 255) & 255) / 255)


def clean(colour: Json) -> Json:
    """Give a colour without its zero channels and its alpha, which the service does not keep."""
    channels = {name: channel(colour[name]) for name in ("red", "green", "blue") if colour.get(name)}
    return {name: value for name, value in channels.items() if value}


def tidy(value: Any, schema: str) -> Any:
    """Give a message of the named schema with every colour in it cleaned and twinned."""
    if not isinstance(value, dict):
        return value
    fields = properties(schema)
    tidied: Json = {}
    for name, item in value.items():
        reference = fields[name].get("$ref")
        repeated = fields[name].get("items", {}).get("$ref")
        if reference == "Color":
            if f"{name}Style" in value:  # the style takes precedence, and brings the plain colour along
                continue
            tidied[name] = clean(item)
            if f"{name}Style" in fields and f"{name}Style" not in value:
                tidied[f"{name}Style"] = {"rgbColor": clean(item)}
        elif reference == "ColorStyle":
            tidied[name] = {key: clean(part) if key == "rgbColor" else part for key, part in item.items()}
            plain = name.removesuffix("Style")
            if plain in fields:
                tidied[plain] = rgb(item)
        elif reference:
            tidied[name] = tidy(item, reference)
        elif repeated:
            tidied[name] = [tidy(part, repeated) for part in item]
        else:
            tidied[name] = item
    return tidied


def rgb(style: Json) -> Json:
    """Give the plain colour of a colour style."""
    if "themeColor" in style:
        return dict(THEME.get(style["themeColor"], {}))
    return clean(style.get("rgbColor", {}))
