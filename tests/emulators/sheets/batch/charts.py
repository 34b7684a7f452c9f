"""Requests about charts and where they lie."""

from __future__ import annotations

from tests.emulators.sheets import masks
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.errors import Json, invalid, unsupported
from tests.emulators.sheets.moving import map_places
from tests.emulators.sheets.resource import without_zero_ids

from .features import find, take_id
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


def _spec(batch: Batch, given: Json) -> Json:
    """Check a chart's specification and give it as it is stored."""
    if sum(kind in given for kind in _KINDS) != 1:
        raise invalid("A chart spec must specify exactly one chart.")

    def checked(area: Json) -> Json:
        batch.spreadsheet.sheet(area.get("sheetId", 0))
        return {"sheetId": 0, **area}

    maps = {"GridRange": checked}
    spec: Json = tidy(map_places(given, "ChartSpec", maps), "ChartSpec")
    return spec


def _position(batch: Batch, given: Json) -> Json:
    if given.get("newSheet") or "sheetId" in given:
        raise unsupported("A chart on its own sheet")
    overlay = given.get("overlayPosition", {})
    anchor = {"sheetId": 0, **overlay.get("anchorCell", {})}
    sheet = batch.spreadsheet.sheet(anchor["sheetId"])
    row, column = anchor.setdefault("rowIndex", 0), anchor.setdefault("columnIndex", 0)
    if not (0 <= row < sheet.row_count and 0 <= column < sheet.column_count):
        raise invalid("The anchor cell of the chart is outside the grid.")
    return {"overlayPosition": {**_SIZE, **overlay, "anchorCell": anchor}}


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
    given = body.get("newPosition", {}).get("overlayPosition", {})
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
