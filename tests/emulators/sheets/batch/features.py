"""Requests about what lies over the cells: named, protected and banded ranges, filters, charts.

Each is stored as it is answered; what has an id gets one if the request gives none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.emulators.sheets import masks
from tests.emulators.sheets.addresses import from_grid_range, to_grid_range
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.document import Sheet, new_id
from tests.emulators.sheets.errors import Json, invalid, unsupported
from tests.emulators.sheets.resource import without_zero_ids
from tests.emulators.sheets.tables import meet

from .registry import HANDLERS, Batch, handles
from .tabs import feature_ids


def bounded(batch: Batch, area: Json) -> Json:
    """Check a GridRange and give it with its tab; ends that are open stay open."""
    batch.spreadsheet.sheet(area.get("sheetId", 0))
    from_grid_range(area, batch.spreadsheet)
    return {"sheetId": 0, **area}


def find(batch: Batch, feature: str, key: str, wanted: int) -> tuple[Sheet, int]:
    """Give the tab and the place in its list of the feature with an id; raises ApiError if there is none."""
    for sheet in batch.spreadsheet.sheets:
        for index, member in enumerate(sheet.features[feature]):
            if member[key] == wanted:
                return sheet, index
    noun = re.sub(r"[A-Z]", lambda match: " " + match.group().lower(), key.removesuffix("Id"))
    raise invalid(f"No {noun} with id: {wanted}")


def take_id(batch: Batch, key: str, given: Json) -> int:
    """Give the id that a new feature gets; raises ApiError if the wanted one is taken."""
    taken = feature_ids(batch.spreadsheet)
    wanted: int | None = given.get(key)
    if wanted is None:
        return new_id(taken)
    if wanted in taken:
        raise invalid(f"{key} {wanted} already exists.")
    return wanted


# --- named ranges ---------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[^\W\d][\w.]{0,249}")
_CELL_LIKE = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|true|false", re.IGNORECASE)


def _check_name(batch: Batch, name: str, own: str | None = None) -> None:
    if not _NAME.fullmatch(name) or _CELL_LIKE.fullmatch(name):
        raise invalid("The name given to this range is invalid")
    same = batch.spreadsheet.named(name)
    if same and same["namedRangeId"] != own:
        raise invalid("A named range with this name already exists.")


@handles("addNamedRange")
def add_named_range(batch: Batch, body: Json) -> Json:
    """Name a range."""
    given = body.get("namedRange", {})
    _check_name(batch, given.get("name", ""))
    taken = {item["namedRangeId"] for item in batch.spreadsheet.named_ranges}
    if given.get("namedRangeId") in taken:
        raise invalid(f"A named range with id {given['namedRangeId']} already exists.")
    named = {
        "namedRangeId": given.get("namedRangeId") or str(new_id(set())),
        "name": given["name"],
        "range": bounded(batch, given.get("range", {})),
    }
    batch.spreadsheet.named_ranges = [*batch.spreadsheet.named_ranges, named]
    return {"namedRange": without_zero_ids(named)}


def _named_index(batch: Batch, named_id: str) -> int:
    for index, item in enumerate(batch.spreadsheet.named_ranges):
        if item["namedRangeId"] == named_id:
            return index
    raise invalid(f"No named range with id: {named_id}")


@handles("updateNamedRange")
def update_named_range(batch: Batch, body: Json) -> None:
    """Rename a named range or give it another range."""
    mask = masks.for_update(body.get("fields", ""), "NamedRange")
    given = body.get("namedRange", {})
    index = _named_index(batch, given.get("namedRangeId", ""))
    named = masks.merge(batch.spreadsheet.named_ranges[index], given, mask)
    _check_name(batch, named.get("name", ""), named["namedRangeId"])
    named["range"] = bounded(batch, named.get("range", {}))
    batch.spreadsheet.named_ranges[index] = named


@handles("deleteNamedRange")
def delete_named_range(batch: Batch, body: Json) -> None:
    """Forget a named range; its cells stay, and so does what protects them."""
    named_id = body.get("namedRangeId", "")
    del batch.spreadsheet.named_ranges[_named_index(batch, named_id)]
    for sheet in batch.spreadsheet.sheets:
        sheet.features["protectedRanges"] = [
            {name: item for name, item in protected.items() if name != "namedRangeId" or item != named_id}
            for protected in sheet.features["protectedRanges"]
        ]


# --- protected ranges -----------------------------------------------------------------------------------------------


# What says where a protected range is.
_PLACES = ("range", "namedRangeId", "tableId")


def _protected(batch: Batch, given: Json) -> Json:
    """Give a protected range as it is stored; with a named range it takes that one's cells."""
    area = given.get("range")
    if given.get("tableId"):
        raise unsupported("Protecting a table")
    if given.get("namedRangeId"):
        area = batch.spreadsheet.named_ranges[_named_index(batch, given["namedRangeId"])]["range"]
    if area is None:
        raise invalid("Must specify a range or a named range.")
    free = [bounded(batch, part) for part in given.get("unprotectedRanges", [])]
    if free and any(name != "sheetId" for name in area):
        raise invalid("Unprotected ranges are only supported on protected sheets.")
    if any(part["sheetId"] != area.get("sheetId", 0) for part in free):
        raise invalid("Unprotected ranges must be on the protected sheet.")
    protected = {**given, "range": bounded(batch, area), "requestingUserCanEdit": True, "unprotectedRanges": free}
    # Those of a warning are ignored; it lists whoever asked for it all the same.
    given_editors = {} if protected.get("warningOnly") else given.get("editors", {})
    editors = {name: item for name, item in given_editors.items() if item}
    users = editors.get("users", [])
    protected["editors"] = {**editors, "users": users if batch.caller in users else [*users, batch.caller]}
    return {name: item for name, item in protected.items() if item is not False and item not in ([], "")}


def _check_one_place(given: Json) -> None:
    if sum(name in given for name in _PLACES) > 1:
        raise invalid("Only one of range, namedRangeId and tableId may be set.")


@handles("addProtectedRange")
def add_protected_range(batch: Batch, body: Json) -> Json:
    """Protect a range, or with `warningOnly` warn before edits; whoever asks can still edit it."""
    given = body.get("protectedRange", {})
    _check_one_place(given)
    protected = {"protectedRangeId": take_id(batch, "protectedRangeId", given), **_protected(batch, given)}
    sheet = batch.spreadsheet.sheet(protected["range"]["sheetId"])
    sheet.features["protectedRanges"] = [*sheet.features["protectedRanges"], protected]
    shown = without_zero_ids(protected)
    return {"protectedRange": {**shown, "editors": {}}}


@handles("updateProtectedRange")
def update_protected_range(batch: Batch, body: Json) -> None:
    """Write the masked fields of a protected range."""
    mask = masks.for_update(body.get("fields", ""), "ProtectedRange")
    given = body.get("protectedRange", {})
    sheet, index = find(batch, "protectedRanges", "protectedRangeId", given.get("protectedRangeId", 0))
    old = sheet.features["protectedRanges"][index]
    written_place = {name: given[name] for name in mask if name in _PLACES and name in given}
    _check_one_place(written_place)
    if written_place:  # a new place replaces the old one, whichever of them says it
        old = {name: item for name, item in old.items() if name not in _PLACES or name in written_place}
    written = masks.merge(old, given, mask) | {"protectedRangeId": old["protectedRangeId"]}
    moved = _protected(batch, written)
    del sheet.features["protectedRanges"][index]
    target = batch.spreadsheet.sheet(moved["range"]["sheetId"])
    listed = target.features["protectedRanges"]
    listed.insert(index if target is sheet else len(listed), moved)


# --- banding --------------------------------------------------------------------------------------------------------


def check_unbanded(sheet: Sheet, area: Json, own: int | str | None) -> None:
    """Raise ApiError if a range has alternating colours already, other than those with an id."""
    for banded in sheet.bands():
        if banded.get("bandedRangeId", banded.get("bandedRangeReference")) != own and meet(banded["range"], area):
            raise invalid(
                "You cannot add alternating background colors to a range that already has alternating background "
                "colors."
            )


def _banded(batch: Batch, given: Json) -> Json:
    """Give a banded range as it is stored: bounded, with its colours tidied."""
    if "range" not in given:
        raise invalid("A banded range must specify a range.")
    if not given.get("rowProperties") and not given.get("columnProperties"):
        raise invalid("A banded range must have rowProperties or columnProperties.")
    area = to_grid_range(batch.area(given["range"]))
    banded: Json = tidy({**given, "range": area}, "BandedRange")
    return banded


@handles("addBanding")
def add_banding(batch: Batch, body: Json) -> Json:
    """Colour the rows or columns of a range in turns."""
    given = body.get("bandedRange", {})
    banded = {"bandedRangeId": take_id(batch, "bandedRangeId", given), **_banded(batch, given)}
    sheet = batch.spreadsheet.sheet(banded["range"]["sheetId"])
    check_unbanded(sheet, banded["range"], None)
    sheet.features["bandedRanges"] = [*sheet.features["bandedRanges"], banded]
    return {"bandedRange": without_zero_ids(banded)}


@handles("updateBanding")
def update_banding(batch: Batch, body: Json) -> None:
    """Write the masked fields of a banded range."""
    mask = masks.for_update(body.get("fields", ""), "BandedRange")
    given = body.get("bandedRange", {})
    sheet, index = find(batch, "bandedRanges", "bandedRangeId", given.get("bandedRangeId", 0))
    old = sheet.features["bandedRanges"][index]
    banded = _banded(batch, masks.merge(old, given, mask)) | {"bandedRangeId": old["bandedRangeId"]}
    check_unbanded(sheet, banded["range"], old["bandedRangeId"])
    sheet.features["bandedRanges"][index] = banded


@handles("deleteBanding")
def delete_banding(batch: Batch, body: Json) -> None:
    """Remove alternating colours; with those of a table goes the table, while its cells stay."""
    wanted = body.get("bandedRangeId", 0)
    for sheet in batch.spreadsheet.sheets:
        kept = [table for table in sheet.features["tables"] if table["tableId"] != str(wanted)]
        if len(kept) < len(sheet.features["tables"]):
            sheet.features["tables"] = kept
            return
    sheet, index = find(batch, "bandedRanges", "bandedRangeId", wanted)
    del sheet.features["bandedRanges"][index]


# --- deleting what has an id ----------------------------------------------------------------------------------------


def _deletes(feature: str, key: str, body_key: str) -> Callable[[Batch, Json], None]:
    def handler(batch: Batch, body: Json) -> None:
        sheet, index = find(batch, feature, key, body.get(body_key, 0))
        del sheet.features[feature][index]

    return handler


HANDLERS["deleteProtectedRange"] = _deletes("protectedRanges", "protectedRangeId", "protectedRangeId")
HANDLERS["deleteFilterView"] = _deletes("filterViews", "filterViewId", "filterId")
