"""Charts drawn as simple SVG: columns, bars, lines, areas and pies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

from tests.emulators.sheets.colours import rgb
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json
from tests.emulators.sheets.numbers import general
from tests.emulators.sheets.view import View

from .layout import Layout
from .style import css_colour

_PALETTE = ("#4285f4", "#ea4335", "#fbbc04", "#34a853", "#ff6d01", "#46bdc6", "#7baaf7", "#f07b72")


@dataclass(frozen=True)
class Series:
    """A named row of numbers, None where there is none."""

    name: str
    values: list[float | None]
    colour: str
    kind: str


def draw_charts(view: View, sheet: Sheet, layout: Layout) -> str:
    """Give all charts of a tab, each where it lies."""
    return "".join(_place(view, chart, layout) for chart in sheet.features["charts"])


def _place(view: View, chart: Json, layout: Layout) -> str:
    position = chart["position"]["overlayPosition"]
    anchor = position["anchorCell"]
    left = layout.left(anchor.get("columnIndex", 0)) + position.get("offsetXPixels", 0)
    top = layout.top(anchor.get("rowIndex", 0)) + position.get("offsetYPixels", 0)
    width, height = position["widthPixels"], position["heightPixels"]
    spec = chart["spec"]
    background = css_colour(rgb(spec["backgroundColorStyle"])) if "backgroundColorStyle" in spec else "#ffffff"
    return (
        f'<figure class="chart" style="left:{left}px;top:{top}px;width:{width}px;height:{height}px">'
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(spec.get("altText") or spec.get("title", "Chart"))}">'
        f'<rect width="{width}" height="{height}" rx="6" fill="{background}"/>{_draw(view, spec, width, height)}'
        "</svg></figure>"
    )


def _draw(view: View, spec: Json, width: int, height: int) -> str:
    title = spec.get("title", "")
    subtitle = spec.get("subtitle", "")
    head = f'<text x="16" y="30" class="title">{escape(title)}</text>' if title else ""
    head += f'<text x="16" y="{48 if title else 28}" class="subtitle">{escape(subtitle)}</text>' if subtitle else ""
    top = 20 + 22 * bool(title) + 18 * bool(subtitle)
    if "pieChart" in spec:
        return head + _pie(view, spec["pieChart"], height, top)
    if "basicChart" in spec:
        return head + _Basic(view, spec["basicChart"], width, height, top).draw()
    kind = next((name for name in spec if name.endswith("Chart")), "chart")
    return f'{head}<text x="16" y="{top + 24}" class="subtitle">{escape(kind)} is not drawn here</text>'


def _cells(view: View, data: Json) -> list[tuple[str, float | None]]:
    """Give the texts and numbers of a chart's source, hidden rows left out."""
    found = []
    for area in data.get("sourceRange", {}).get("sources", []):
        sheet = next((item for item in view.spreadsheet.sheets if item.sheet_id == area.get("sheetId", 0)), None)
        if sheet is None:
            continue
        bottom = min(area.get("endRowIndex", sheet.row_count), view.height(sheet))
        for row in range(area.get("startRowIndex", 0), bottom):
            props = sheet.grid.row_axis.props.get(row, {})
            if props.get("hiddenByUser") or props.get("hiddenByFilter"):
                continue
            right = area.get("endColumnIndex", sheet.column_count)
            for column in range(area.get("startColumnIndex", 0), right):
                value = view.effective(sheet, row, column)
                found.append((view.formatted(sheet, row, column), value if type(value) is float else None))
    return found


def _swatch(x: float, y: float, colour: str, name: str) -> str:
    return (
        f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="11" height="11" rx="2" fill="{colour}"/>'
        f'<text x="{x + 16:.0f}" y="{y:.0f}">{escape(name)}</text>'
    )


def _pie(view: View, pie: Json, height: int, top: int) -> str:
    names = [text for text, _ in _cells(view, pie.get("domain", {}))]
    numbers = [value or 0.0 for _, value in _cells(view, pie.get("series", {}))]
    slices = [(name, value) for name, value in zip(names, numbers, strict=False) if value > 0]
    total = sum(value for _, value in slices)
    if not total:
        return f'<text x="16" y="{top + 24}" class="subtitle">No data</text>'
    radius = max(20, (height - top - 24) / 2)
    cx, cy = 24 + radius, top + radius
    drawn, angle = [], -math.pi / 2
    for index, (name, value) in enumerate(slices):
        share = value / total
        end = angle + share * 2 * math.pi
        colour = _PALETTE[index % len(_PALETTE)]
        if share > 0.9999:
            drawn.append(f'<circle cx="{cx}" cy="{cy}" r="{radius}" fill="{colour}"/>')
        else:
            first, last = (f"{cx + radius * math.cos(a):.1f},{cy + radius * math.sin(a):.1f}" for a in (angle, end))
            large = int(share > 0.5)
            drawn.append(f'<path d="M{cx},{cy} L{first} A{radius},{radius} 0 {large} 1 {last} Z" fill="{colour}"/>')
        if index < 12:
            text = f"{name} ({share:.0%})"
            drawn.append(_swatch(cx + radius + 28, top + 16 + index * 20, colour, text))
        angle = end
    hole = radius * float(pie.get("pieHole", 0))
    if hole:
        drawn.append(f'<circle cx="{cx}" cy="{cy}" r="{hole:.1f}" fill="#fff"/>')
    return "".join(drawn)


class _Basic:
    """Draws a chart with axes."""

    def __init__(self, view: View, spec: Json, width: int, height: int, top: int) -> None:
        self._kind = spec.get("chartType", "COLUMN")
        self._stacked = spec.get("stackedType", "NOT_STACKED") != "NOT_STACKED"
        self._names, self._series = _read(view, spec, self._kind)
        self._legend = spec.get("legendPosition", "RIGHT_LEGEND") != "NO_LEGEND" and len(self._series) > 0
        longest = max((len(name) for name in self._names), default=0) if self._kind == "BAR" else 0
        self._left = min(200, 20 + longest * 6) if self._kind == "BAR" else 58
        self._top = top + (22 if self._legend else 6)
        self._right, self._bottom = width - 20, height - 34
        self._legend_y = top + 10
        self._low, self._high, self._step = self._scale()

    def _scale(self) -> tuple[float, float, float]:
        """Give the ends of the value axis and the distance of its lines: a 1, 2 or 5 times a power of ten."""
        count = len(self._names)
        if self._stacked:
            totals = [sum(series.values[index] or 0 for series in self._series) for index in range(count)]
        else:
            totals = [value for series in self._series for value in series.values if value is not None]
        # Lines may start anywhere; what is filled starts at zero.
        floor = [] if self._kind == "LINE" and len(set(totals)) > 1 else [0.0]
        high, low = max([*totals, *floor], default=0.0), min([*totals, *floor], default=0.0)
        rough = ((high - low) or 1) / 4
        power = 10 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
        return math.floor(low / step) * step, math.ceil(high / step) * step or step, step

    def draw(self) -> str:
        """Give the chart."""
        if not self._names or not self._series:
            return f'<text x="16" y="{self._top + 24}" class="subtitle">No data</text>'
        bars = self._kind == "BAR"
        parts = [self._value_lines(horizontal=bars), self._labels(horizontal=bars)]
        columns = [series for series in self._series if series.kind in ("COLUMN", "BAR")]
        if columns:
            parts.append(self._bars(columns, horizontal=bars))
        parts += [self._path(series) for series in self._series if series.kind not in ("COLUMN", "BAR")]
        if self._legend:
            x = 18.0
            for series in self._series:
                parts.append(_swatch(x, self._legend_y, series.colour, series.name))
                x += 30 + 6.6 * len(series.name)
        return "".join(parts)

    def _at(self, value: float, *, horizontal: bool) -> float:
        """Give where a value lies along the value axis."""
        share = (value - self._low) / (self._high - self._low)
        if horizontal:
            return self._left + share * (self._right - self._left)
        return self._bottom - share * (self._bottom - self._top)

    def _value_lines(self, *, horizontal: bool) -> str:
        drawn = []
        value = self._low
        while value <= self._high + self._step / 2:
            at = self._at(value, horizontal=horizontal)
            label = escape(_short(value))
            if horizontal:
                drawn.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{self._top}" y2="{self._bottom}" class="rule"/>')
                drawn.append(f'<text x="{at:.1f}" y="{self._bottom + 16}" text-anchor="middle">{label}</text>')
            else:
                drawn.append(f'<line x1="{self._left}" x2="{self._right}" y1="{at:.1f}" y2="{at:.1f}" class="rule"/>')
                drawn.append(f'<text x="{self._left - 8}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
            value += self._step
        return "".join(drawn)

    def _slot(self, *, horizontal: bool) -> float:
        length = self._bottom - self._top if horizontal else self._right - self._left
        return length / max(len(self._names), 1)

    def _labels(self, *, horizontal: bool) -> str:
        slot = self._slot(horizontal=horizontal)
        every = max(1, math.ceil((14 if horizontal else 46) / slot))
        room = 30 if horizontal else max(4, int(slot * every / 6.2))
        drawn = []
        for index, name in enumerate(self._names):
            if index % every:
                continue
            text = escape(name if len(name) <= room else name[: room - 1] + "…")
            middle = (index + 0.5) * slot
            if horizontal:
                drawn.append(
                    f'<text x="{self._left - 8}" y="{self._top + middle + 4:.1f}" text-anchor="end">{text}</text>'
                )
            else:
                drawn.append(
                    f'<text x="{self._left + middle:.1f}" y="{self._bottom + 18}" text-anchor="middle">{text}</text>'
                )
        return "".join(drawn)

    def _bars(self, columns: list[Series], *, horizontal: bool) -> str:
        slot = self._slot(horizontal=horizontal)
        thick = slot * 0.7 / (1 if self._stacked else len(columns))
        drawn = []
        for index in range(len(self._names)):
            base = 0.0
            for number, series in enumerate(columns):
                value = series.values[index]
                if value is None:
                    continue
                start = base if self._stacked else 0.0
                low, high = sorted(self._at(item, horizontal=horizontal) for item in (start, start + value))
                base += value
                across = index * slot + slot * 0.15 + (0 if self._stacked else number * thick)
                x, y, width, height = (
                    (low, self._top + across, high - low, thick)
                    if horizontal
                    else (self._left + across, low, thick, high - low)
                )
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
                    f'fill="{series.colour}"><title>{escape(f"{self._names[index]}: {general(value)}")}</title></rect>'
                )
        return "".join(drawn)

    def _path(self, series: Series) -> str:
        slot = self._slot(horizontal=False)
        points = [
            (self._left + (index + 0.5) * slot, self._at(value, horizontal=False))
            for index, value in enumerate(series.values)
            if value is not None
        ]
        if not points:
            return ""
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{series.colour}"/>' for x, y in points)
        if series.kind == "SCATTER":
            return dots
        area = ""
        if series.kind in ("AREA", "STEPPED_AREA"):
            floor = self._at(0, horizontal=False)
            corners = f"{points[0][0]:.1f},{floor:.1f} {text} {points[-1][0]:.1f},{floor:.1f}"
            area = f'<polygon points="{corners}" fill="{series.colour}" opacity="0.25"/>'
        return f'{area}<polyline points="{text}" fill="none" stroke="{series.colour}" stroke-width="2"/>{dots}'


def _read(view: View, spec: Json, kind: str) -> tuple[list[str], list[Series]]:
    """Give the names along the domain and the series, headers taken off."""
    domain = spec.get("domains", [{}])[0].get("domain", {}) if spec.get("domains") else {}
    names = [text for text, _ in _cells(view, domain)]
    columns = [(item, _cells(view, item.get("series", {}))) for item in spec.get("series", [])]
    headers = spec.get("headerCount")
    if headers is None:
        headers = int(any(cells and cells[0][1] is None and cells[0][0] for _, cells in columns))
    count = max([len(names) - headers, *(len(cells) - headers for _, cells in columns), 0])
    series = []
    for number, (item, cells) in enumerate(columns):
        values = [value for _, value in cells[headers:]]
        name = cells[0][0] if headers and cells else f"Series {number + 1}"
        style = item.get("colorStyle")
        colour = css_colour(rgb(style)) if style else _PALETTE[number % len(_PALETTE)]
        own = item.get("type", kind) if kind == "COMBO" else kind
        padded = values + [None] * (count - len(values))
        series.append(Series(name, padded, colour, "COLUMN" if own == "COMBO" else own))
    labels = names[headers:] + [""] * (count - len(names[headers:]))
    return _trimmed(labels, series)


def _trimmed(labels: list[str], series: list[Series]) -> tuple[list[str], list[Series]]:
    """Cut what is empty at the end: open ranges reach far beyond their data."""
    count = len(labels)
    while count and not labels[count - 1] and all(item.values[count - 1] is None for item in series):
        count -= 1
    return labels[:count], [Series(item.name, item.values[:count], item.colour, item.kind) for item in series]


def _short(value: float) -> str:
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e4, "K")):
        if abs(value) >= size:
            return f"{value / (1000 if unit == 'K' else size):g}{unit}"
    return f"{value:,.10g}"
