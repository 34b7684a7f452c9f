"""The dashboard is one that the service takes: its JSON against Google's own description of the API."""

import json
from importlib.resources import files
from typing import Any

from tests.infra.terraform import Plan

_DOCUMENT = files("googleapiclient.discovery_cache.documents").joinpath("monitoring.v1.json")
_SCHEMAS: dict[str, Any] = json.loads(_DOCUMENT.read_text(encoding="utf-8"))["schemas"]
_TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}


def faults(schema: dict[str, Any], value: object, where: str) -> list[str]:
    """What in the value is not as the schema says."""
    if "$ref" in schema:
        return faults(_SCHEMAS[schema["$ref"]], value, where)
    if schema["type"] == "array":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [fault for index, one in enumerate(value) for fault in faults(schema["items"], one, f"{where}[{index}]")]
    if schema["type"] == "object":
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        known = schema.get("properties", {})
        found = [f"{where}.{name} is unknown" for name in value if name not in known]
        return found + [
            fault for name in value if name in known for fault in faults(known[name], value[name], f"{where}.{name}")
        ]
    if not isinstance(value, _TYPES[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    return []


def dashboard(plan: Plan) -> dict[str, Any]:
    """The planned dashboard."""
    (one,) = plan.resources("google_monitoring_dashboard").values()
    parsed: dict[str, Any] = json.loads(one["dashboard_json"])
    return parsed


def test_the_dashboard_is_well_formed(plan: Plan) -> None:
    """Every member is known, of the right type, and one of the values that there are."""
    assert faults({"$ref": "Dashboard"}, dashboard(plan), "dashboard") == []


def test_faults_are_found() -> None:
    """The check does find what is wrong."""
    tile = {"xPos": "0", "widget": {"xyChart": {"dataSets": [{"plotType": "PIE"}]}, "colour": "red"}}
    found = faults({"$ref": "Dashboard"}, {"mosaicLayout": {"tiles": [tile]}}, "dashboard")
    assert len(found) == 3


def test_the_tiles_fit(plan: Plan) -> None:
    """Tiles lie within the columns and not upon each other."""
    layout = dashboard(plan)["mosaicLayout"]
    taken = [
        (x, y)
        for tile in layout["tiles"]
        for x in range(tile["xPos"], tile["xPos"] + tile["width"])
        for y in range(tile["yPos"], tile["yPos"] + tile["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < layout["columns"]
