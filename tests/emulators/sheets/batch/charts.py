"""Requests about charts and where they lie."""

from __future__ import annotations

from typing import Any

from tests.emulators.sheets import masks
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.errors import Json, invalid, unsupported
from tests.emulators.sheets.moving import map_places
from tests.emulators.sheets.resource import without_zero_ids

from .features import bounded, find, take_id
from .registry import HANDLERS, Batch, handles

_KINDS = (
    "basicChart",
    "pieChart",
    "bubbleChart",
    "candlestickChart",
    "orgChart",
    "histogramChart",
    "waterfallChart",
    "treemapChart",
    "scorecardChart",
)
_SIZE = {"widthPixels": 600, "heightPixels": 371}


_FONT = "Roboto"
# Messages in which a zero says something: where a range starts, where an axis begins.
_WITH_ZEROS = frozenset({"sources", "viewWindowOptions"})


def _spec(batch: Batch, given: Json) -> Json:
    """Check a chart's specification and give it as it is stored, with the defaults that the service adds."""
    if sum(kind in given for kind in _KINDS) != 1:
        raise invalid("A chart spec must specify exactly one chart.")

    def checked(area: Json) -> Json:
        return bounded(batch, area)

    spec: Json = _without_zeros(tidy(map_places(given, "ChartSpec", {"GridRange": checked}), "ChartSpec"))
    spec.setdefault("hiddenDimensionStrategy", "SKIP_HIDDEN_ROWS_AND_COLUMNS")
    spec.setdefault("fontName", _FONT)
    if "title" in spec:
        spec["titleTextFormat"] = {"fontFamily": _FONT, **spec.get("titleTextFormat", {})}
    return spec


def _without_zeros(value: Any) -> Any:
    """Leave out zeros, false and empty texts, which the service doesn't answer."""
    if isinstance(value, list):
        return [_without_zeros(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: item if name in _WITH_ZEROS else _without_zeros(item)
        for name, item in value.items()
        if isinstance(item, dict | list) or item
    }


def _refuse_sheet(position: Json) -> None:
    if position.get("newSheet") or "sheetId" in position:
        raise unsupported("A chart on its own sheet")


def _position(batch: Batch, given: Json) -> Json:
    _refuse_sheet(given)
    overlay = given.get("overlayPosition", {})
    if min(overlay.get(name, 0) for name in (*_SIZE, "offsetXPixels", "offsetYPixels")) < 0:
        raise invalid("The size and offsets of a chart must not be negative.")
    anchor = {"sheetId": 0, **overlay.get("anchorCell", {})}
    sheet = batch.spreadsheet.sheet(anchor["sheetId"])
    row, column = anchor.setdefault("rowIndex", 0), anchor.setdefault("columnIndex", 0)
    if not (0 <= row < sheet.row_count and 0 <= column < sheet.column_count):
        raise invalid("The anchor cell of the chart is outside the grid.")
    placed = {name: item for name, item in overlay.items() if item}
    return {"overlayPosition": {**_SIZE, **placed, "anchorCell": anchor}}


@handles("addChart")
def add_chart(batch: Batch, body: Json) -> Json:
    """Put a chart over the cells."""
    given = body.get("chart", {})
    chart: Json = {
        "chartId": take_id(batch, "chartId", given),
        "spec": _spec(batch, given.get("spec", {})),
        "position": _position(batch, given.get("position", {})),
    }
    if "border" in given:
        chart["border"] = tidy(given["border"], "EmbeddedObjectBorder")
    sheet = batch.spreadsheet.sheet(chart["position"]["overlayPosition"]["anchorCell"]["sheetId"])
    sheet.features["charts"] = [*sheet.features["charts"], chart]
    return {"chart": without_zero_ids(chart)}


@handles("updateChartSpec")
def update_chart_spec(batch: Batch, body: Json) -> None:
    """Give a chart another specification."""
    sheet, index = find(batch, "charts", "chartId", body.get("chartId", 0))
    chart = sheet.features["charts"][index]
    sheet.features["charts"][index] = {**chart, "spec": _spec(batch, body.get("spec", {}))}


@handles("updateEmbeddedObjectPosition")
def update_position(batch: Batch, body: Json) -> Json:
    """Move or resize a chart; its mask is relative to `newPosition.overlayPosition`."""
    mask = masks.for_update(body.get("fields", ""), "OverlayPosition")
    sheet, index = find(batch, "charts", "chartId", body.get("objectId", 0))
    chart = sheet.features["charts"][index]
    position = body.get("newPosition", {})
    _refuse_sheet(position)
    given = position.get("overlayPosition", {})
    overlay = masks.merge(chart["position"]["overlayPosition"], given, mask)
    position = _position(batch, {"overlayPosition": overlay})
    moved = {**chart, "position": position}
    target = batch.spreadsheet.sheet(position["overlayPosition"]["anchorCell"]["sheetId"])
    del sheet.features["charts"][index]
    target.features["charts"].insert(index if target is sheet else len(target.features["charts"]), moved)
    return {"position": without_zero_ids(position)}


@handles("updateEmbeddedObjectBorder")
def update_border(batch: Batch, body: Json) -> None:
    """Write the border of a chart."""
    mask = masks.for_update(body.get("fields", ""), "EmbeddedObjectBorder")
    sheet, index = find(batch, "charts", "chartId", body.get("objectId", 0))
    chart = sheet.features["charts"][index]
    border = tidy(masks.merge(chart.get("border", {}), body.get("border", {}), mask), "EmbeddedObjectBorder")
    sheet.features["charts"][index] = {**chart, "border": border}


def delete_embedded_object(batch: Batch, body: Json) -> None:
    """Delete a chart."""
    sheet, index = find(batch, "charts", "chartId", body.get("objectId", 0))
    del sheet.features["charts"][index]


HANDLERS["deleteEmbeddedObject"] = delete_embedded_object
