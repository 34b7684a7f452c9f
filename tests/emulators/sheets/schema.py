"""Checks request bodies against the API's published description, as Google's front end does.

The description is the discovery document that comes with google-api-python-client. The texts of refusals are those of
the front end's JSON parser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from .errors import Json, violations

Problems = list[tuple[str, str]]
Checker = Callable[[Any, str, Problems], Any]

_PACKAGE = "type.googleapis.com/google.apps.sheets.v4."
_LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"
# Which fields exclude each other isn't in the discovery document; the API's reference calls each such group a union.
# None stands for all fields of the message.
_UNIONS: dict[str, tuple[str, frozenset[str] | None]] = {
    "Request": ("kind", None),
    "ExtendedValue": ("value", None),
    "DataFilter": ("filter", None),
    "ColorStyle": ("kind", None),
    "ConditionValue": ("value", None),
    "TextRotation": ("type", None),
    "PivotGroupRule": ("rule", None),
    "DeveloperMetadataLocation": ("location", frozenset({"spreadsheet", "sheetId", "dimensionRange"})),
    "ConditionalFormatRule": ("rule", frozenset({"booleanRule", "gradientRule"})),
    "UpdateConditionalFormatRuleRequest": ("instruction", frozenset({"rule", "newIndex"})),
    "UpdateCellsRequest": ("area", frozenset({"start", "range"})),
    "AutoFillRequest": ("area", frozenset({"range", "sourceAndDestination"})),
    "PasteDataRequest": ("kind", frozenset({"delimiter", "html"})),
    "FindReplaceRequest": ("scope", frozenset({"range", "sheetId", "allSheets"})),
    "EmbeddedObjectPosition": ("location", frozenset({"sheetId", "overlayPosition", "newSheet"})),
    "ChartData": ("type", frozenset({"sourceRange", "columnReference"})),
    "SortSpec": ("reference", frozenset({"dimensionIndex", "dataSourceColumnReference"})),
    "FilterSpec": ("reference", frozenset({"columnIndex", "dataSourceColumnReference"})),
    "PivotTable": ("source_data", frozenset({"source", "dataSourceId"})),
    "ChartSpec": (
        "chart",
        frozenset({"basicChart", "pieChart", "bubbleChart", "candlestickChart", "orgChart", "histogramChart"})
        | {"waterfallChart", "treemapChart", "scorecardChart"},
    ),
}
_INT32 = range(-(2**31), 2**31)


@cache
def schemas() -> Json:
    """Give the discovery document's schemas by name."""
    path = files("googleapiclient.discovery_cache") / "documents" / "sheets.v4.json"
    found: Json = json.loads(path.read_text(encoding="utf-8"))["schemas"]
    return found


def properties(name: str) -> Json:
    """Give the fields of the named schema."""
    found: Json = schemas()[name].get("properties", {})
    return found


@cache
def is_read_only(message: str, field: str) -> bool:
    """Tell whether only the service fills a field in, which some descriptions say in words alone."""
    prop = properties(message)[field]
    description = prop.get("description", "")
    return bool(prop.get("readOnly")) or "This field is read-only" in description or "Output only" in description


def check(name: str, value: Any, root: str = "") -> Any:
    """Check a parsed body against the named schema; give it with canonical names, numbers and without nulls.

    The body itself is changed, as it may be large. Raises ApiError (400 with field violations). `root` is the field
    that the body is, as the method's URL maps it.
    """
    problems: Problems = []
    checked = _message(name)(value, root, problems)
    if problems:
        raise violations(problems)
    return checked


def check_enum(message: str, field: str, value: str, path: str) -> str:
    """Check a query parameter that is an enum field of a message; give it."""
    problems: Problems = []
    checked: str = _enum(properties(message)[field], field)(value, path, problems)
    if problems:
        raise violations(problems)
    return checked


def snake(name: str) -> str:
    """Give the protocol's own spelling of a JSON name."""
    return re.sub(r"[A-Z]", lambda match: "_" + match.group().lower(), name)


def camel(name: str) -> str:
    """Give the JSON name of the protocol's own spelling."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


@cache
def _message(name: str) -> Checker:
    fields: dict[str, tuple[str, Checker]] = {}
    union, members = _UNIONS.get(name, ("", frozenset()))

    def checker(value: Any, path: str, problems: Problems) -> Any:
        if type(value) is not dict:
            _wrong_type(path, _PACKAGE + name, value, problems)
            return {}
        if not fields:
            fields.update({key: (snake(key), _field(key, prop)) for key, prop in properties(name).items()})
        base = f"{path}." if path else ""
        taken = False
        for key in list(value):
            canonical = key if key in fields else camel(key)
            if canonical not in fields:
                _unknown(key, path, "Cannot find field.", problems)
                continue
            item = value.pop(key)
            if item is None:
                continue
            if members is None or canonical in members:
                if taken:
                    _one_of_taken(path, union, canonical, problems)
                taken = True
            spelled, field = fields[canonical]
            value[canonical] = field(item, base + spelled, problems)
        return value

    return checker


def _field(name: str, prop: Json) -> Checker:
    if "$ref" in prop:
        return _not_a_list(_message(prop["$ref"]))
    kind = prop["type"]
    if kind == "array":
        return _requests() if prop["items"].get("$ref") == "Request" else _repeated(name, prop["items"])
    if kind == "object" and "additionalProperties" in prop:
        return _map(_field(name, prop["additionalProperties"]))
    if "enum" in prop:
        return _not_a_list(_enum(prop, name))
    if prop.get("format") == "google-fieldmask":
        return _not_a_list(_field_mask)
    scalar = str(kind if kind in ("string", "boolean") else prop.get("format", kind))
    return _not_a_list(_SCALARS[scalar])


def _not_a_list(checker: Checker) -> Checker:
    def single(value: Any, path: str, problems: Problems) -> Any:
        if type(value) is list:
            parent, _, name = path.rpartition(".")
            _unknown(name, parent, "Proto field is not repeating, cannot start list.", problems)
            return None
        return checker(value, path, problems)

    return single


def _repeated(name: str, items: Json) -> Checker:
    element = _list_value if items.get("type") == "array" else _field(name, items)

    def checker(value: Any, path: str, problems: Problems) -> list[Any]:
        if type(value) is not list:  # the parser takes a lone value for a list of one
            return [element(value, path, problems)]
        for index, item in enumerate(value):
            value[index] = element(item, f"{path}[{index}]", problems)
        return value

    return checker


def _requests() -> Checker:
    """Check requests: a list among them stands for its members, and null for nothing."""
    element = _message("Request")

    def checker(value: Any, path: str, problems: Problems) -> list[Any]:
        listed = [request for request in flattened(value) if request is not None]
        return [element(request, f"{path}[{index}]", problems) for index, request in enumerate(listed)]

    return checker


def flattened(value: Any) -> list[Any]:
    """Give the members of a list and of the lists in it; what is no list is its own only member."""
    flat, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            waiting.extend(reversed(item))
        else:
            flat.append(item)
    return flat


def _field_mask(value: Any, path: str, problems: Problems) -> Any:
    """Take a mask as a text or, as the parser also does, as the message that it is: its paths."""
    if type(value) is dict and value.keys() <= {"paths"}:
        paths = _repeated("paths", {"type": "string"})(value.get("paths") or [], f"{path}.paths", problems)
        return ",".join(map(str, paths))
    return _string(value, path, problems)


def _list_value(value: Any, path: str, problems: Problems) -> Any:
    if type(value) is not list:
        _wrong_type(path, _LIST_VALUE, value, problems)
    return value


def _map(element: Checker) -> Checker:
    """Check a map; the keys of all that the API has are 32 bit integers."""

    def checker(value: Any, path: str, problems: Problems) -> Json:
        if type(value) is not dict:
            _wrong_type(path, "Map", value, problems)
            return {}
        checked = {}
        for index, (key, item) in enumerate(value.items()):
            number = _integer(key, f"{path}[{index}].key", problems)
            checked[str(number)] = element(item, f"{path}[{index}].value", problems)
        return checked

    return checker


def _enum(prop: Json, field: str) -> Checker:
    names = prop["enum"]
    label = _PACKAGE + _ENUM_TYPES.get(field, field[0].upper() + field[1:])

    def checker(value: Any, path: str, problems: Problems) -> str | None:
        if value in names:
            return str(value)
        _wrong_type(path, label, value, problems)
        return None

    return checker


# Enums whose type is not named as the field is.
_ENUM_TYPES = {
    "majorDimension": "Dimension",
    "shiftDimension": "Dimension",
    "dateTimeRenderOption": "DateTimeRenderOption",
    "responseValueRenderOption": "ValueRenderOption",
    "responseDateTimeRenderOption": "DateTimeRenderOption",
    "insertDataOption": "InsertDataOption",
    "pasteType": "PasteType",
    "sortOrder": "SortOrder",
}


def _string(value: Any, path: str, problems: Problems) -> Any:
    if type(value) is not str:
        _wrong_type(path, "TYPE_STRING", value, problems)
    return value


def _boolean(value: Any, path: str, problems: Problems) -> Any:
    if type(value) is not bool:
        _wrong_type(path, "TYPE_BOOL", value, problems)
    return value


def _integer(value: Any, path: str, problems: Problems) -> Any:
    if type(value) is int and value in _INT32:
        return value
    number = _as_number(value)
    if number is not None and number == int(number) and int(number) in _INT32:
        return int(number)
    _wrong_type(path, "TYPE_INT32", value, problems)
    return None


def _number(label: str) -> Checker:
    def checker(value: Any, path: str, problems: Problems) -> Any:
        number = _as_number(value)
        if number is None:
            _wrong_type(path, label, value, problems)
        return number

    return checker


def _as_number(value: Any) -> float | None:
    """Take a JSON number, or a string that holds one, which the parser takes too; nothing infinite."""
    if type(value) is float or type(value) is int:
        number = float(value) if abs(value) < 1e308 else None
    elif type(value) is str and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        number = float(value)
    else:
        return None
    return number if number is not None and abs(number) < float("inf") else None


_SCALARS: dict[str, Checker] = {
    "string": _string,
    "boolean": _boolean,
    "int32": _integer,
    "float": _number("TYPE_FLOAT"),
    "double": _number("TYPE_DOUBLE"),
    "any": lambda value, _path, _problems: value,
}


def _unknown(name: str, path: str, why: str, problems: Problems) -> None:
    place = f" at '{path}'" if path else ""
    problems.append((path, f'Invalid JSON payload received. Unknown name "{name}"{place}: {why}'))


def _wrong_type(path: str, label: str, value: Any, problems: Problems) -> None:
    shown = "Starting an object on a scalar field" if type(value) is dict else json.dumps(value, ensure_ascii=False)
    problems.append((path, f"Invalid value at '{path}' ({label}), {shown}"))


def _one_of_taken(path: str, group: str, name: str, problems: Problems) -> None:
    text = f"Invalid value at '{path}' (oneof), oneof field '{group}' is already set. Cannot set '{name}'"
    problems.append((path, text))
