"""Requests about developer metadata."""

from __future__ import annotations

from tests.emulators.sheets import masks
from tests.emulators.sheets.document import Spreadsheet, new_id
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.metadata import MAX_CHARACTERS, find, matching
from tests.emulators.sheets.resource import without_zero_ids

from .registry import Batch, handles

_TYPES = {"ROWS": "ROW", "COLUMNS": "COLUMN"}


@handles("createDeveloperMetadata")
def create_developer_metadata(batch: Batch, body: Json) -> Json:
    """Add an entry; an id that is taken is refused."""
    given = body.get("developerMetadata", {})
    _check_entry(given)
    spreadsheet = batch.spreadsheet
    location = _location(batch, given.get("location", {}))
    metadata_id = given.get("metadataId")
    if metadata_id is None:
        metadata_id = new_id({entry["metadataId"] for entry in spreadsheet.metadata})
    elif metadata_id <= 0:
        raise invalid("Developer metadata id must be positive.")
    elif find(spreadsheet, metadata_id):
        raise invalid(
            f"Cannot add developer metadata with ID [{metadata_id}] because developer metadata with that ID already "
            "exists."
        )
    entry = {"metadataId": metadata_id, "metadataKey": given["metadataKey"]}
    if given.get("metadataValue"):
        entry["metadataValue"] = given["metadataValue"]
    entry |= {"location": location, "visibility": given["visibility"]}
    spreadsheet.metadata = [*spreadsheet.metadata, entry]
    _check_size(spreadsheet, location)
    return {"developerMetadata": without_zero_ids(entry)}


def _check_entry(entry: Json) -> None:
    if not entry.get("metadataKey"):
        raise invalid("DeveloperMetadata must specify a metadataKey.")
    if entry.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED").endswith("UNSPECIFIED"):
        raise invalid("DeveloperMetadata must specify a visibility.")


def _location(batch: Batch, given: Json) -> Json:
    """Give a location as it is stored and answered; raises ApiError for one that can't hold metadata."""
    if "dimensionRange" in given:
        area = given["dimensionRange"]
        sheet = batch.spreadsheet.tab(area.get("sheetId", 0))
        if "startIndex" not in area or "endIndex" not in area:
            raise invalid("DimensionRange must specify both a startIndex and an endIndex")
        if area["endIndex"] - area["startIndex"] != 1:
            raise invalid("DimensionRange must represent a single row or column")
        if area.get("dimension") not in _TYPES:
            raise invalid("DimensionRange must specify a dimension.")
        if not 0 <= area["startIndex"] < sheet.grid.axis(area["dimension"]).count:
            raise invalid("DimensionRange is outside the grid.")
        area = {"sheetId": 0, **area}
        return {"locationType": _TYPES[area["dimension"]], "dimensionRange": area}
    if "sheetId" in given:
        batch.spreadsheet.tab(given["sheetId"])
        return {"locationType": "SHEET", "sheetId": given["sheetId"]}
    if given.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    raise invalid("DeveloperMetadata must specify a location.")


def _sheet_of(location: Json) -> int | None:
    found: int | None = location.get("sheetId", location.get("dimensionRange", {}).get("sheetId"))
    return found


def _check_size(spreadsheet: Spreadsheet, location: Json) -> None:
    """Raise ApiError when the entries of a tab, or of the spreadsheet itself, get too long together."""
    where = _sheet_of(location)
    size = sum(
        len(entry["metadataKey"]) + len(entry.get("metadataValue", ""))
        for entry in spreadsheet.metadata
        if _sheet_of(entry["location"]) == where
    )
    if size > MAX_CHARACTERS:
        place = "spreadsheet" if where is None else "sheet"
        raise invalid(f"Developer metadata on a {place} cannot exceed {MAX_CHARACTERS} characters.")


@handles("updateDeveloperMetadata")
def update_developer_metadata(batch: Batch, body: Json) -> Json:
    """Write the masked fields of every entry that the filters select; an entry keeps its id.

    `*` writes what the request gives, and takes the value away if it gives none: an entry can't be without the rest.
    """
    fields = body.get("fields", "")
    mask = masks.for_update(fields, "DeveloperMetadata")
    given = body.get("developerMetadata", {})
    if fields.strip() == "*":
        mask = {name: inner for name, inner in mask.items() if name in given or name == "metadataValue"}
    written = {name: inner for name, inner in mask.items() if name not in ("metadataId", "location")}
    chosen = _chosen(batch.spreadsheet, body.get("dataFilters", []))
    updated = []
    entries = []
    for entry in batch.spreadsheet.metadata:
        if entry["metadataId"] in chosen:
            entry = masks.merge(entry, given, written)
            if "location" in mask:
                entry["location"] = _location(batch, given.get("location", {}))
            _check_entry(entry)
            updated.append(entry)
        entries.append(entry)
    batch.spreadsheet.metadata = entries
    for entry in updated:
        _check_size(batch.spreadsheet, entry["location"])
    return {"developerMetadata": [without_zero_ids(entry) for entry in updated]} if updated else {}


def _chosen(spreadsheet: Spreadsheet, filters: list[Json]) -> set[int]:
    return {entry["metadataId"] for data_filter in filters for entry in matching(spreadsheet, data_filter)}


@handles("deleteDeveloperMetadata")
def delete_developer_metadata(batch: Batch, body: Json) -> Json:
    """Delete every entry that the filter selects."""
    chosen = _chosen(batch.spreadsheet, [body.get("dataFilter", {})])
    deleted = [entry for entry in batch.spreadsheet.metadata if entry["metadataId"] in chosen]
    batch.spreadsheet.metadata = [entry for entry in batch.spreadsheet.metadata if entry["metadataId"] not in chosen]
    return {"deletedDeveloperMetadata": [without_zero_ids(entry) for entry in deleted]} if deleted else {}
