"""The dashboard is valid: its JSON is checked against Google's description of the API."""

import json
from importlib.resources import files
from typing import Any

from tests.infra.terraform import Plan

_DOCUMENT = files("googleapiclient.discovery_cache.documents").joinpath("monitoring.v1.json")
_SCHEMAS: dict[str, Any] = json.loads(_DOCUMENT.read_text(encoding="utf-8"))["schemas"]
_TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}


def violations(schema: dict[str, Any], value: object, where: str) -> list[str]:
    """The violations of the schema in a value."""
    if "$ref" in schema:
        return violations(_SCHEMAS[schema["$ref"]], value, where)
    if schema["type"] == "array":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [
            violation
            for index, item in enumerate(value)
            for violation in violations(schema["items"], item, f"{where}[{index}]")
        ]
    if schema["type"] == "object":
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        known = schema.get("properties", {})
        unknown = [f"{where}.{name} is unknown" for name in value if name not in known]
        return unknown + [
            violation
            for name in value
            if name in known
            for violation in violations(known[name], value[name], f"{where}.{name}")
        ]
    if not isinstance(value, _TYPES[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}, none of {schema['enum']}"]
    return []


def dashboard(plan: Plan) -> dict[str, Any]:
    """The planned dashboard."""
    (resource,) = plan.resources("google_monitoring_dashboard").values()
    parsed: dict[str, Any] = json.loads(resource["dashboard_json"])
    return parsed


def test_the_dashboard_is_well_formed(plan: Plan) -> None:
    """Every member is known, of the right type, and an allowed value."""
    assert violations({"$ref": "Dashboard"}, dashboard(plan), "dashboard") == []


def test_violations_are_found() -> None:
    """The check itself finds errors."""
    tile = {"xPos": "0", "widget": {"xyChart": {"dataSets": [{"plotType": "PIE"}]}, "colour": "red"}}
    assert len(violations({"$ref": "Dashboard"}, {"mosaicLayout": {"tiles": [tile]}}, "dashboard")) == 3


def zeros(value: object, where: str = "dashboard") -> list[str]:
    """Where the value has a 0."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in zeros(inner, f"{where}.{name}")]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in zeros(inner, f"{where}[{index}]")]
    return [where] if value == 0 and not isinstance(value, bool) else []


def test_no_zeros(plan: Plan) -> None:
    """No member is 0: Google does not store it, so it would show as a change in every plan."""
    assert zeros(dashboard(plan)) == []


def test_tiles_fit(plan: Plan) -> None:
    """Tiles lie within the columns and don't overlap."""
    layout = dashboard(plan)["mosaicLayout"]
    squares = [
        (x, y)
        for tile in layout["tiles"]
        for x in range(tile.get("xPos", 0), tile.get("xPos", 0) + tile["width"])
        for y in range(tile.get("yPos", 0), tile.get("yPos", 0) + tile["height"])
    ]
    assert len(squares) == len(set(squares))
    assert max(x for x, _ in squares) < layout["columns"]
