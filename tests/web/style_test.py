"""The style sheet: sufficient contrast in both colour schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

from seat_report.web import pages

STYLE = (Path(pages.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
TEXT_PAIRS = [
    ("text", "ground"),
    ("text", "card"),
    ("soft", "ground"),
    ("soft", "card"),
    ("accent", "ground"),
    ("accent", "card"),
    ("on-accent", "accent"),
    ("ok", "card"),
    ("partial", "card"),
    ("failed", "card"),
]
GRAPHIC_PAIRS = [("edge", "card"), ("edge", "ground"), ("accent", "track")]


def luminance(colour: str) -> float:
    """The relative luminance, as WCAG defines it."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The contrast ratio, as WCAG defines it."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    """Texts have a contrast of at least 4.5 to 1 with their background, fields and bars of 3 to 1."""
    assert [pair for pair in TEXT_PAIRS if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5] == []
    assert [pair for pair in GRAPHIC_PAIRS if contrast(scheme[pair[0]], scheme[pair[1]]) < 3] == []


def test_schemes_are_complete() -> None:
    """The dark scheme redefines every colour of the light one, and there are no external resources."""
    assert LIGHT.keys() == DARK.keys() - {"color-scheme"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
