"""SPARKLINE drawn: its formula has no value, only a picture of the range it names."""

from __future__ import annotations

import re

from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.references import Reference, parts
from tests.emulators.sheets.view import View

_COLUMN = re.compile(r"charttype\"?\s*[,;\\]\s*\"column", re.IGNORECASE)
_COLOUR = "#1a73e8"


def draw_sparkline(view: View, sheet: Sheet, formula: str, width: int, height: int) -> str:
    """Give the picture of a SPARKLINE formula as SVG; of its options only the chart type `column` is known."""
    reference = next((part for part in parts(formula) if isinstance(part, Reference)), None)
    values = _values(view, sheet, reference) if reference else []
    numbers = [value for value in values if value is not None]
    if len(numbers) < 2 or width < 8 or height < 6:
        return ""
    low, high = min(numbers), max(numbers)
    draw = _columns if _COLUMN.search(formula) else _line
    return (
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{len(numbers)} values from {numbers[0]:g} to {numbers[-1]:g}">'
        f"{draw(values, low, high, width, height)}</svg>"
    )


def _values(view: View, sheet: Sheet, reference: Reference) -> list[float | None]:
    home = view.spreadsheet.titled(reference.sheet) if reference.sheet is not None else sheet
    if home is None:
        return []
    top, left = (reference.top.place if reference.top else 0), (reference.left.place if reference.left else 0)
    last_row, last_column = reference.bottom or reference.top, reference.right or reference.left
    bottom = last_row.place + 1 if last_row else home.row_count
    right = last_column.place + 1 if last_column else home.column_count
    found: list[float | None] = []
    for row in range(top, min(bottom, view.height(home))):
        for column in range(left, min(right, home.column_count, left + 1000)):
            value = view.effective(home, row, column)
            found.append(value if type(value) is float else None)
    return found


def _line(values: list[float | None], low: float, high: float, width: int, height: int) -> str:
    span = (high - low) or 1
    step = (width - 4) / max(len(values) - 1, 1)
    points = [
        f"{2 + index * step:.1f},{height - 3 - (value - low) / span * (height - 6):.1f}"
        for index, value in enumerate(values)
        if value is not None
    ]
    x, y = points[-1].split(",")
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{_COLOUR}" stroke-width="1.5" '
        f'stroke-linejoin="round"/><circle cx="{x}" cy="{y}" r="1.8" fill="{_COLOUR}"/>'
    )


def _columns(values: list[float | None], low: float, high: float, width: int, height: int) -> str:
    base = min(low, 0.0)
    span = (max(high, 0.0) - base) or 1
    step = width / len(values)
    bars = []
    for index, value in enumerate(values):
        if value is not None:
            bar = max(1.0, (value - base) / span * (height - 2))
            bars.append(
                f'<rect x="{index * step + step * 0.1:.1f}" y="{height - bar:.1f}" width="{step * 0.8:.1f}" '
                f'height="{bar:.1f}" fill="{_COLOUR}"/>'
            )
    return "".join(bars)
