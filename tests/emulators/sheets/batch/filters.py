"""Requests about filters: the one that everybody sees, and filter views."""

from __future__ import annotations

from tests.emulators.sheets import filtering, masks
from tests.emulators.sheets.addresses import Area, to_grid_range
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.condition_values import FILTERS, checked
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.filter_columns import named, spelled
from tests.emulators.sheets.resource import without_zero_ids
from tests.emulators.sheets.tables import meet, over_filter, same

from .features import find, take_id
from .registry import Batch, handles
from .sorting import sort


def _criteria(batch: Batch, given: Json) -> Json:
    """Give both forms of a filter's criteria, and its sort orders, as the service answers them."""
    specs = {spec.get("columnIndex", 0): spec.get("filterCriteria", {}) for spec in given.get("filterSpecs", [])}
    specs |= {int(column): criteria for column, criteria in given.get("criteria", {}).items()}
    for criteria in specs.values():
        if "condition" in criteria:
            checked(criteria["condition"], FILTERS, batch.spreadsheet)
    found = spelled({column: tidy(criteria, "FilterCriteria") for column, criteria in specs.items()})
    orders = [named(spec, "dimensionIndex", spec.get("dimensionIndex", 0)) for spec in given.get("sortSpecs", [])]
    return found | ({"sortSpecs": [{"sortOrder": "ASCENDING", **spec} for spec in orders]} if orders else {})


@handles("setBasicFilter")
def set_basic_filter(batch: Batch, body: Json) -> None:
    """Set a tab's filter in place of the one it has; it hides rows at once, and sorts the others if it says so."""
    given = body.get("filter", {})
    area, backing = _backed(batch, given)
    sheet = area.sheet
    sheet.basic_filter = tidy({"range": to_grid_range(area), **backing} | _criteria(batch, given), "BasicFilter")
    filtering.hide(batch.view(), sheet)
    specs = sheet.basic_filter.get("sortSpecs")
    if specs and area.bottom - area.top > 1:
        below = Area(sheet, area.top + 1, area.bottom, area.left, area.right)
        batch.guard(below)
        sort(batch, below, specs)


def _backed(batch: Batch, given: Json) -> tuple[Area, Json]:
    """Give where a filter lies and the table that backs it; raises ApiError if it covers a table and other cells."""
    if given.get("tableId") and "range" in given:
        raise invalid("Only one of range and tableId may be set.")
    for sheet in batch.spreadsheet.sheets:
        for table in sheet.features["tables"]:
            if table["tableId"] == given.get("tableId"):
                return batch.area(table["range"]), {"tableId": table["tableId"]}
    if given.get("tableId"):
        raise invalid(f"No table with id: {given['tableId']}")
    area = batch.area(given.get("range", {}))
    for table in area.sheet.features["tables"]:
        if same(table["range"], to_grid_range(area)):
            return area, {"tableId": table["tableId"]}
        if meet(table["range"], to_grid_range(area)):
            raise over_filter()
    return area, {}


@handles("clearBasicFilter")
def clear_basic_filter(batch: Batch, body: Json) -> None:
    """Take a tab's filter away and show its rows again."""
    sheet = batch.spreadsheet.sheet(body.get("sheetId", 0))
    sheet.basic_filter = None
    filtering.unhide(sheet)


def _view(batch: Batch, given: Json) -> Json:
    """Give a filter view as it is stored."""
    area = to_grid_range(batch.area(given.get("range", {})))
    kept = {name: item for name, item in given.items() if name not in ("criteria", "filterSpecs", "sortSpecs")}
    view: Json = tidy({**kept, "range": area} | _criteria(batch, given), "FilterView")
    return view


@handles("addFilterView")
def add_filter_view(batch: Batch, body: Json) -> Json:
    """Add a filter view."""
    given = body.get("filter", {})
    view = _view(batch, {**given, "filterViewId": take_id(batch, "filterViewId", given)})
    sheet = batch.spreadsheet.sheet(view["range"]["sheetId"])
    view.setdefault("title", f"Filter {len(sheet.features['filterViews']) + 1}")
    sheet.features["filterViews"] = [*sheet.features["filterViews"], view]
    return {"filter": without_zero_ids(view)}


@handles("updateFilterView")
def update_filter_view(batch: Batch, body: Json) -> None:
    """Write the masked fields of a filter view."""
    mask = masks.for_update(body.get("fields", ""), "FilterView")
    given = body.get("filter", {})
    sheet, index = find(batch, "filterViews", "filterViewId", given.get("filterViewId", 0))
    old = sheet.features["filterViews"][index]
    base = {
        name: item
        for name, item in old.items()
        if not (name in ("criteria", "filterSpecs") and mask.keys() & {"criteria", "filterSpecs"})
    }
    written = masks.merge(base, given, mask) | {"filterViewId": old["filterViewId"]}
    sheet.features["filterViews"][index] = _view(batch, written)


@handles("duplicateFilterView")
def duplicate_filter_view(batch: Batch, body: Json) -> Json:
    """Copy a filter view."""
    sheet, index = find(batch, "filterViews", "filterViewId", body.get("filterId", 0))
    old = sheet.features["filterViews"][index]
    title = f"Copy of {old.get('title', '')}"
    view = {**old, "filterViewId": take_id(batch, "filterViewId", {}), "title": title}
    sheet.features["filterViews"] = [*sheet.features["filterViews"], view]
    return {"filter": without_zero_ids(view)}
