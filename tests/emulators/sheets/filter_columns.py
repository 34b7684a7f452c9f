"""A filter's criteria and sort orders: both spellings of the criteria, and how they follow their columns.

Criteria are told by column in a map (`criteria`) and in a list (`filterSpecs`); an answer has both.
"""

from __future__ import annotations

from .errors import Json
from .moving import Shift, shift_message


def spelled(criteria: dict[int, Json]) -> Json:
    """Give both spellings of criteria by column; the column 0 is left out of the list, as all zeros are."""
    if not criteria:
        return {}
    ordered = sorted(criteria.items())
    return {
        "criteria": {str(column): each for column, each in ordered},
        "filterSpecs": [named({"filterCriteria": each}, "columnIndex", column) for column, each in ordered],
    }


def named(spec: Json, name: str, column: int) -> Json:
    """Give a spec with the column that it is about, unless that is 0."""
    rest = {key: item for key, item in spec.items() if key != name}
    return {name: column, **rest} if column else rest


def follow(filtered: Json, schema: str, change: Shift) -> Json | None:
    """Give a filter or filter view after a change: its columns' criteria go with them, and go if they leave it."""
    moved: Json | None = shift_message(filtered, schema, change)
    if moved is None or change.dimension != "COLUMNS" or not (filtered.keys() & {"criteria", "sortSpecs"}):
        return moved
    area, now = filtered.get("range", {}), moved.get("range", {})
    in_band = change.covers(area.get("startRowIndex", 0), area.get("endRowIndex"))
    if area.get("sheetId", 0) != change.sheet_id or not in_band:
        return moved

    def place(column: int) -> int | None:
        span = change.span(column, column + 1)
        inside = span and now.get("startColumnIndex", 0) <= span[0] < now.get("endColumnIndex", span[0] + 1)
        return span[0] if span and inside else None

    rest: Json = {name: item for name, item in moved.items() if name not in ("criteria", "filterSpecs", "sortSpecs")}
    placed = ((place(int(column)), each) for column, each in filtered.get("criteria", {}).items())
    rest |= spelled({column: each for column, each in placed if column is not None})
    sorting = ((place(spec.get("dimensionIndex", 0)), spec) for spec in filtered.get("sortSpecs", []))
    specs = [named(spec, "dimensionIndex", column) for column, spec in sorting if column is not None]
    return rest | ({"sortSpecs": specs} if specs else {})
