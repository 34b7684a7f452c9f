"""Formats as CSS."""

from __future__ import annotations

import re

from tests.emulators.sheets.colours import rgb
from tests.emulators.sheets.errors import Json

_PADDING = 3
_ALIGNMENTS = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
_VERTICAL = {"TOP": "top", "MIDDLE": "middle", "BOTTOM": "bottom"}
_LINES = {
    "DOTTED": "1px dotted",
    "DASHED": "1px dashed",
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DOUBLE": "3px double",
}


def css_colour(colour: Json) -> str:
    """Give a colour as CSS."""
    red, green, blue = (round(float(colour.get(name, 0)) * 255) for name in ("red", "green", "blue"))
    return f"#{red:02x}{green:02x}{blue:02x}"


def cell_css(shown: Json, natural_alignment: str) -> str:
    """Give the CSS of a cell from its effective format; `natural_alignment` is that of its kind of value."""
    rules = []
    if "backgroundColor" in shown:
        rules.append(f"background:{css_colour(shown['backgroundColor'])}")
    alignment = _ALIGNMENTS.get(shown.get("horizontalAlignment", ""), natural_alignment)
    if alignment != "left":
        rules.append(f"text-align:{alignment}")
    if shown.get("verticalAlignment") in ("TOP", "MIDDLE"):
        rules.append(f"vertical-align:{_VERTICAL[shown['verticalAlignment']]}")
    if (right := shown.get("padding", {}).get("right", _PADDING)) != _PADDING:
        rules.append(f"padding-right:{right}px")
    rules += _text_rules(shown.get("textFormat", {}))
    for side, border in shown.get("borders", {}).items():
        if border.get("style") in _LINES:
            colour = rgb(border["colorStyle"]) if "colorStyle" in border else border.get("color", {})
            rules.append(f"border-{side}:{_LINES[border['style']]} {css_colour(colour)}")
    return ";".join(rules)


def _text_rules(text: Json) -> list[str]:
    rules = []
    if text.get("bold"):
        rules.append("font-weight:700")
    if text.get("italic"):
        rules.append("font-style:italic")
    lines = [name for key, name in (("underline", "underline"), ("strikethrough", "line-through")) if text.get(key)]
    if lines:
        rules.append(f"text-decoration:{' '.join(lines)}")
    colour = text.get("foregroundColor")
    if colour:
        rules.append(f"color:{css_colour(colour)}")
    if text.get("fontSize", 10) != 10:
        rules.append(f"font-size:{round(text['fontSize'] * 4 / 3)}px")
    family = re.sub(r"[^\w ,-]", "", text.get("fontFamily", ""))
    if family and not family.lower().startswith("arial"):
        rules.append(f"font-family:{family},Arial,sans-serif")
    return rules
