"""The style sheet: whether what it colours can be read, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

from seat_report.web import pages

STYLE = (Path(pages.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
TEXTS = [
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
PARTS = [("edge", "card"), ("edge", "ground"), ("accent", "track")]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, as WCAG defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    """Texts stand out by 4.5 to 1 from what they are on, fields and bars by 3 to 1 from what is around them."""
    assert [pair for pair in TEXTS if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5] == []
    assert [pair for pair in PARTS if contrast(scheme[pair[0]], scheme[pair[1]]) < 3] == []


def test_schemes_are_complete() -> None:
    """The dark scheme has a colour for everything that the light one has, and nothing comes from elsewhere."""
    assert LIGHT.keys() == DARK.keys() - {"color-scheme"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
