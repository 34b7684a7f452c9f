"""developerMetadata.get and search."""

from __future__ import annotations

from tests.emulators.sheets.errors import Json, not_found
from tests.emulators.sheets.metadata import echoed, find, matching
from tests.emulators.sheets.resource import without_zero_ids

from .routing import Call, answers

_ID = r"/v4/spreadsheets/(?P<id>[^/:]+)"


@answers("GET", _ID + r"/developerMetadata/(?P<metadata>\d+)", writes=False, schema="DeveloperMetadata")
def get(call: Call) -> Json:
    """Give the entry with an id."""
    entry = find(call.store.file(call.path["id"]).spreadsheet, int(call.path["metadata"]))
    if entry is None:
        raise not_found()
    shown: Json = without_zero_ids(entry)
    return shown


@answers("POST", _ID + "/developerMetadata:search", writes=False, schema="SearchDeveloperMetadataResponse")
def search(call: Call) -> Json:
    """Give every entry that a filter selects, once, with the filters that select it."""
    body = call.checked("SearchDeveloperMetadataRequest")
    spreadsheet = call.store.file(call.path["id"]).spreadsheet
    found: dict[int, Json] = {}
    for data_filter in body.get("dataFilters", []):
        for entry in matching(spreadsheet, data_filter):
            listed = found.setdefault(
                entry["metadataId"], {"developerMetadata": without_zero_ids(entry), "dataFilters": []}
            )
            listed["dataFilters"].append(echoed(data_filter))
    return {"matchedDeveloperMetadata": list(found.values())} if found else {}
