"""Developer metadata: finding entries by data filters."""

from __future__ import annotations

from .addresses import from_grid_range, parse, to_grid_range
from .document import Spreadsheet
from .errors import Json, invalid

MAX_CHARACTERS = 30_000
_SIMPLE = ("metadataId", "metadataKey", "metadataValue", "visibility")


def find(spreadsheet: Spreadsheet, metadata_id: int) -> Json | None:
    """Give the entry with an id."""
    return next((entry for entry in spreadsheet.metadata if entry["metadataId"] == metadata_id), None)


def matching(spreadsheet: Spreadsheet, data_filter: Json) -> list[Json]:
    """Give the entries that a data filter selects; a range selects what lies in it."""
    if "developerMetadataLookup" in data_filter:
        lookup = data_filter["developerMetadataLookup"]
        _check_lookup(lookup)
        return [entry for entry in spreadsheet.metadata if _fits(entry, lookup)]
    if "gridRange" in data_filter or "a1Range" in data_filter:
        area = grid_range_of(data_filter, spreadsheet)
        return [entry for entry in spreadsheet.metadata if _within(entry, area)]
    raise invalid("DataFilter must specify a filter.")


def grid_range_of(data_filter: Json, spreadsheet: Spreadsheet) -> Json:
    """Give the bounded range that a data filter by range selects."""
    if "a1Range" in data_filter:
        return to_grid_range(parse(data_filter["a1Range"], spreadsheet))
    return to_grid_range(from_grid_range(data_filter["gridRange"], spreadsheet))


def echoed(data_filter: Json) -> Json:
    """Give a data filter as answers repeat it: zeros in its ranges are dropped."""
    if "gridRange" not in data_filter:
        return data_filter
    return {"gridRange": {name: value for name, value in data_filter["gridRange"].items() if value}}


def _check_lookup(lookup: Json) -> None:
    location = lookup.get("metadataLocation", {})
    strategy = lookup.get("locationMatchingStrategy")
    if location.get("spreadsheet") and strategy == "INTERSECTING_LOCATION":
        raise invalid("INTERSECTING_LOCATION is not supported for a spreadsheet location.")
    if lookup.get("locationType") and location and strategy != "INTERSECTING_LOCATION" and not _is_sheet(location):
        raise invalid("locationType cannot be set with an exact metadataLocation.")


def _is_sheet(location: Json) -> bool:
    return "sheetId" in location


def _fits(entry: Json, lookup: Json) -> bool:
    if any(name in lookup and entry.get(name, "") != lookup[name] for name in _SIMPLE):
        return False
    if "locationType" in lookup and entry["location"]["locationType"] != lookup["locationType"]:
        return False
    location = lookup.get("metadataLocation")
    if not location:
        return True
    exact = lookup.get("locationMatchingStrategy") == "EXACT_LOCATION"
    return _at(entry["location"], location, exact=exact)


def _at(own: Json, wanted: Json, *, exact: bool) -> bool:
    if wanted.get("spreadsheet"):
        return bool(own["locationType"] == "SPREADSHEET")
    if "sheetId" in wanted:
        if own["locationType"] == "SHEET":
            return bool(own["sheetId"] == wanted["sheetId"])
        return not exact and "dimensionRange" in own and own["dimensionRange"].get("sheetId", 0) == wanted["sheetId"]
    area = wanted.get("dimensionRange", {})
    mine = own.get("dimensionRange")
    if mine is None or mine.get("sheetId", 0) != area.get("sheetId", 0) or mine["dimension"] != area.get("dimension"):
        return False
    start, end = area.get("startIndex", 0), area.get("endIndex")
    if exact:
        return bool((mine.get("startIndex", 0), mine["endIndex"]) == (start, end))
    return bool(mine.get("startIndex", 0) < (end or mine["endIndex"]) and start < mine["endIndex"])


def _within(entry: Json, area: Json) -> bool:
    """Tell whether an entry's place lies in a range: a row or column whose stretch the range covers, or touches."""
    location = entry["location"].get("dimensionRange")
    if location is None or location.get("sheetId", 0) != area["sheetId"]:
        return False
    rows = location["dimension"] == "ROWS"
    start, end = (
        (area["startRowIndex"], area["endRowIndex"]) if rows else (area["startColumnIndex"], area["endColumnIndex"])
    )
    return bool(start <= location.get("startIndex", 0) < end)
