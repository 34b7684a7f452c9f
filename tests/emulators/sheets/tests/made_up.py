"""Requests made up from the API's published description: valid ones, and ones that are nearly valid.

Whatever chooses is handed in, so that Hypothesis can choose and shrink, and plain chance can too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any
from urllib.parse import quote

from tests.emulators.sheets.schema import is_read_only, properties

Json = dict[str, Any]

_DEEPEST = 7
_INTEGERS = (0, 1, 2, 3, 4, 5), (6, 9, 77, -1, 2**31 - 1, -(2**31))
_NUMBERS = (0, 1, 0.5, 45000.25), (-1, 1e15, -1e300, 1e-300, "0.5", 1e16)
_TEXTS = ("", "x", "a", "Über 'x'", "5", "0.5", "-1", "2024-02-29", "TRUE", "🌵\n", "'=1", "[", "(?=", "\\", "$1")
_FORMULAS = ("=1/2", "=A1", "=A1:B9", "=SUM(A1:B", "=S!Z99", "=Nope(1)", "=", "=HYPERLINK(A1)", "=SEQUENCE(3)")
_FUNCTIONS: tuple[str, ...] = (
    "SUM",
    "IF",
    "ARRAYFORMULA",
    "VLOOKUP",
    "INDEX",
    "SEQUENCE",
    "UNIQUE",
    "FILTER",
    "SORT",
    "TEXT",
    "DATE",
    "LET",
)
_FUNCTIONS += (
    "HYPERLINK",
    "QUERY",
    "INDIRECT",
    "OFFSET",
    "SUMIFS",
    "REPT",
    "SPARKLINE",
    "LAMBDA",
    "TODAY",
)
_OPERANDS: tuple[str, ...] = (
    "A1",
    "B2",
    "$A$1",
    "A1:B3",
    "A:A",
    "1:1",
    "S!A1",
    "T!B:B",
    "'T'!A1",
    "name",
    "Nope!A1",
    "#REF!",
    "Z999",
)
_OPERANDS += ("1", "0.5", "1e9", '"x"', '""', "TRUE", "{1,2;3,4}", "", "-1", "A1#", '"a""b"', "99999999999", "1%")
_OPERATORS = ("+", "-", "*", "/", "^", "&", "=", "<>", "<=", ",", ";", ":", " ", "!", "%", "(", ")", "{", "}", '"', "'")
_ODD_TEXTS = ("\ud800", "\x00", "\x1f\x7f", "x" * 50_001, "A" * 300, "\u202e", "=" * 300, "(" * 300, "9" * 400, "1/0/0")
_RANGES = ("S!A1:B2", "S", "T!B:C", "A1", "S!A3:A", "'S'!2:2", "S!B1:A2", "S!D6")
_ODD_RANGES = ("S!Z99", "Nope!A1", "name", "!", "A1:B2:C3", "", "1", "S!#REF!", "'S", "S!A0")
_WRONG: Sequence[Any] = (None, "wrong", 7, True, [], {}, [{}], {"x": 1}, [[1]], 1.5)
# Names of fields whose texts or numbers mean something particular: what is likely to be taken, and what isn't.
_KNOWN: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
    "sheetId": ((0, 0, 1), (7, -1)), "sourceSheetId": ((0, 1), (7,)), "newSheetId": ((2, 3, 4), (0, -1)),
    "destinationSheetId": ((0, 1), (7,)), "chartId": ((11,), (5, 0, -1)), "objectId": ((11,), (5,)),
    "protectedRangeId": ((12,), (5,)), "bandedRangeId": ((13,), (5, -1)), "filterViewId": ((14,), (5,)),
    "filterId": ((14,), (5,)), "metadataId": ((15, 15, 16), (5, 0, -1)), "namedRangeId": (("n1",), ("n2", "")),
    "metadataKey": (("k", "key"), ("",)), "name": (("name", "other", "third"), ("two words", "A1", "")),
    "title": (("U", "V", "W 1"), ("S", "", "x" * 101)), "a1Range": (_RANGES, _ODD_RANGES),
    "range": (_RANGES, _ODD_RANGES), "ranges": (_RANGES, _ODD_RANGES), "responseRanges": (_RANGES, _ODD_RANGES),
    "formulaValue": (_FORMULAS, ("x", "", "=")), "value": (("1", "50", "=A1"), ("x", "", "-")),
    "userEnteredValue": (("1", "=A1>1", "2024-02-29"), ("x", "=(", "=A1:A2")), "uri": (("https://x.y/z",), ("x", "")),
    "pattern": (("0.00", "yyyy-mm-dd", "[h]:mm", "#,##0;[Red]-0", "@"), ("\"", "[", "0E+0", "")),
    "locale": (("en_US", "de_DE"), ("xx", "")), "timeZone": (("Europe/Vienna",), ("Nowhere/Land", "", "../x")),
    "dimension": (("ROWS", "COLUMNS"), ("DIMENSION_UNSPECIFIED",)), "majorDimension": (("ROWS", "COLUMNS"), ("x",)),
    "columnIndex": ((0, 1, 2), (9, -1)), "dimensionIndex": ((0, 1), (9, -1)), "length": ((1, 2), (0, -1, 10**8)),
    "fillLength": ((1, -1, 3), (0, 99)), "pixelSize": ((0, 5, 100), (-1,)), "delimiter": ((",", ";"), ("", "ab")),
    "newIndex": ((0,), (5, -1)), "index": ((0, 1), (9, -1)), "depth": ((1,), (0, 9)), "find": (("x", "2"), ("", "[")),
    "destinationSpreadsheetId": (("ID",), ("nowhere", "")), "sheetType": (("GRID",), ("OBJECT", "DATA_SOURCE")),
}  # fmt: skip
# Fields of which a message has one.
_ALTERNATIVES: dict[str, Sequence[str]] = {
    "ExtendedValue": ("stringValue", "numberValue", "boolValue", "formulaValue", "errorValue"),
    "DataFilter": ("a1Range", "gridRange", "developerMetadataLookup"),
    "ConditionalFormatRule": ("booleanRule", "gradientRule"),
    "ColorStyle": ("rgbColor", "themeColor"),
    "TextRotation": ("angle", "vertical"),
    "FindReplaceRequest": ("range", "sheetId", "allSheets"),
    "ChartData": ("sourceRange", "sourceRange", "columnReference"),
    "SortSpec": ("dimensionIndex", "dimensionIndex", "dataSourceColumnReference"),
    "FilterSpec": ("columnIndex", "columnIndex", "dataSourceColumnReference"),
    "ProtectedRange": ("range", "namedRangeId", "tableId"),
    "BasicFilter": ("range", "range", "tableId"),
    "FilterView": ("range", "range", "namedRangeId", "tableId"),
    "UpdateConditionalFormatRuleRequest": ("rule", "newIndex"),
    "ConditionValue": ("userEnteredValue", "userEnteredValue", "relativeDate"),
    "DeveloperMetadataLocation": ("sheetId", "dimensionRange", "spreadsheet"),
    "UpdateCellsRequest": ("start", "range"),
    "EmbeddedObjectPosition": ("overlayPosition", "overlayPosition", "sheetId", "newSheet"),
    "AutoFillRequest": ("sourceAndDestination", "sourceAndDestination", "range"),
    "PasteDataRequest": ("delimiter", "delimiter", "html"),
    "TextFormatRun": ("startIndex",),
    "ChartSpec": tuple(name for name in properties("ChartSpec") if name.endswith("Chart")),
}  # fmt: skip
# Without these, most requests say too little to be carried out.
_NEEDED = frozenset(
    {"range", "ranges", "source", "destination", "dimension", "shiftDimension", "valueInputOption", "condition", "type"}
    | {"location", "visibility", "metadataKey", "name", "rowProperties", "minpoint", "maxpoint", "overlayPosition"}
    | {"fields", "values", "sortSpecs", "columnIndex", "anchorCell", "sources", "startIndex", "endIndex", "properties"}
)
_IDS = {"chartId", "protectedRangeId", "bandedRangeId", "filterViewId", "metadataId", "namedRangeId", "sheetId"}
_PLACES = ("GridRange", "DimensionRange", "GridCoordinate")
_STARTS = {"startRowIndex": "endRowIndex", "startColumnIndex": "endColumnIndex", "startIndex": "endIndex"}


@dataclass(frozen=True)
class Made:
    """A request that was made up."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any


@cache
def methods() -> dict[str, Json]:
    """Give the API's methods by id, as the discovery document describes them."""
    path = files("googleapiclient.discovery_cache") / "documents" / "sheets.v4.json"
    found: dict[str, Json] = {}
    waiting = list(json.loads(path.read_text(encoding="utf-8"))["resources"].values())
    while waiting:
        resource = waiting.pop()
        waiting += resource.get("resources", {}).values()
        found |= {method["id"]: method for method in resource.get("methods", {}).values()}
    return found


@cache
def _writable(schema: str) -> list[str]:
    """Give the fields of a message that a request may write, all if there are none."""
    names = list(properties(schema))
    return [name for name in names if not is_read_only(schema, name) and name not in _IDS] or names


class Maker:
    """Makes up requests about one spreadsheet."""

    def __init__(self, random: Random, spreadsheet_id: str) -> None:
        self._random = random
        self._id = spreadsheet_id
        self._oddness = 0.0  # how often something is unlikely to be taken
        self._is_new = False  # whether what is made up is to be added

    def request(self, method_id: str, kinds: Sequence[str] = ()) -> Made:
        """Make up a request of a method; of a batchUpdate, with requests of the kinds."""
        method = methods()[method_id]
        self._oddness = self._one((0, 0, 0.02, 0.2))
        path, query = method["flatPath"], {}
        for name, described in method.get("parameters", {}).items():
            if described["location"] == "path":
                path = path.replace("{" + name + "}", quote(self._path_part(name), safe=""))
            elif self._chance(0.95 if name in _NEEDED else 0.4):
                query[name] = self._parameter(name, described)
        if self._chance(0.1):
            query["fields"] = [self._mask(method["response"]["$ref"])]
        return Made(method["httpMethod"], "/" + path, query, self._body(method, kinds))

    def _body(self, method: Json, kinds: Sequence[str]) -> Any:
        if "request" not in method:
            return None
        if self._chance(self._oddness / 10):
            return self._one(_WRONG)
        body = self.message(method["request"]["$ref"])
        if method["request"]["$ref"] == "ValueRange" and not self._is_odd():
            body.pop("range", None)  # which is to be that of the address
        if kinds:
            body["requests"] = [{kind: self._request(kind)} for kind in kinds]
        return body

    def _request(self, kind: str) -> Json:
        self._is_new = kind.startswith(("add", "create", "duplicate"))
        made = self.message(properties("Request")[kind]["$ref"])
        self._is_new = False
        return made

    def _path_part(self, name: str) -> str:
        if name == "spreadsheetId":
            return self._id
        return str(self._known(name))

    def _parameter(self, name: str, described: Json) -> list[str]:
        if described.get("repeated"):
            return [str(self._known(name)) for _ in range(self._random.randint(0, 3))]
        if "enum" in described:
            return ["NOPE" if self._is_odd() else self._one(described["enum"][1:])]
        return [self._one(["true", "false", ""])]

    def message(self, name: str, depth: int = 0) -> Json:
        """Make up a message of the named schema."""
        fields = properties(name)
        alternatives = _ALTERNATIVES.get(name, ())
        chosen = self._one(alternatives) if alternatives and self._chance(0.9) else None
        made: Json = {}
        for field, described in fields.items():
            if field in alternatives and chosen:
                takes = field == chosen
            else:
                takes = self._chance(self._share(name, field, depth))
            if takes and depth < _DEEPEST:
                made[field] = self._value(field, described, depth + 1)
        self._order_ends(made)
        if "fields" in made and self._chance(0.8):
            made["fields"] = self._mask(self._written(fields) or name)
        return made

    def _share(self, message: str, field: str, depth: int) -> float:
        """Give how often a message has a field."""
        if self._is_new and field in _IDS and message not in _PLACES:
            return 0.2
        if field in _NEEDED or message in _PLACES:
            return 0.95
        size = len(properties(message))
        return min(0.85 if depth < 2 else 0.6 / (1 + depth / 4), 5 / size if size > 11 else 1)

    def _order_ends(self, made: Json) -> None:
        """Put ends behind their starts, mostly, for most ranges are to be valid."""
        for start, end in _STARTS.items():
            if type(made.get(end)) is int and self._chance(0.9):
                first = made.get(start, 0)
                made[start] = first = first if type(first) is int and 0 <= first < 5 else 1
                made[end] = first + self._random.randint(1, 2)

    def _written(self, fields: Json) -> str:
        """Give the schema of the message that a request's mask is about."""
        found = (described["$ref"] for described in fields.values() if "$ref" in described)
        return next((message for message in found if message not in _PLACES), "")

    def _value(self, field: str, described: Json, depth: int) -> Any:
        if self._chance(self._oddness / 10):
            return self._one(_WRONG)
        if "$ref" in described:
            return self.message(described["$ref"], depth)
        kind = described["type"]
        if kind == "array":
            items = described["items"]
            return [self._value(field, items, depth) for _ in range(self._random.randint(0, 3))]
        if "additionalProperties" in described:
            keys = [self._one(["0", "1", "9", "x"]) for _ in range(self._random.randint(0, 2))]
            return {key: self._value(field, described["additionalProperties"], depth) for key in keys}
        if kind == "any":
            if self._chance(0.2):
                return self.formula()
            odd: Sequence[Any] = ([], {}, [[]], 10**400, *_ODD_TEXTS)
            return self._one(odd if self._is_odd() else (*_TEXTS, *_NUMBERS[0], *_FORMULAS, True, None))
        return self._scalar(field, described, kind)

    def _scalar(self, field: str, described: Json, kind: str) -> Any:
        if field in _KNOWN:
            return self._known(field)
        if "enum" in described:
            return self._one(described["enum"] if self._is_odd() else described["enum"][1:])
        if kind == "boolean":
            return self._chance(0.5)
        if kind in ("integer", "number"):
            return self._one((_INTEGERS if kind == "integer" else _NUMBERS)[self._is_odd()])
        if self._is_odd():
            return self._one(_ODD_TEXTS)
        return self._one(_FORMULAS if self._chance(0.2) else _TEXTS)

    def formula(self, depth: int = 0) -> str:
        """Make up a formula, which need not make sense."""
        parts = [self._operand(depth)]
        while self._chance(0.4):
            parts += [self._one(_OPERATORS[:-8] if self._chance(0.8) else _OPERATORS), self._operand(depth)]
        return ("" if depth else "=") + "".join(parts)

    def _operand(self, depth: int) -> str:
        if depth > 3 or self._chance(0.5):
            return str(self._one(_OPERANDS))
        arguments = [self.formula(depth + 1) for _ in range(self._random.randint(0, 3))]
        return f"{self._one(_FUNCTIONS)}({self._one((',', ',', ';')).join(arguments)})"

    def _known(self, field: str) -> Any:
        """Make up the value of a field that means something particular."""
        if field == "formulaValue" and self._chance(0.5):
            return self.formula()
        found = self._one(_KNOWN[field][self._is_odd()])
        return self._id if found == "ID" else found

    def _mask(self, schema: str) -> str:
        if self._chance(0.4):
            return "*"
        return ",".join(self._mask_path(schema) for _ in range(self._random.randint(1, 3)))

    def _mask_path(self, schema: str) -> str:
        path: list[str] = []
        while schema and properties(schema):
            name = self._one([*properties(schema), "x"] if self._is_odd() else _writable(schema))
            path.append(name)
            described = properties(schema).get(name, {})
            schema = described.get("items", described).get("$ref", "") if self._chance(0.5) else ""
        return ".".join(path) or "*"

    def _is_odd(self) -> bool:
        return self._chance(self._oddness)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one(self, options: Sequence[Any]) -> Any:
        return options[self._random.randrange(len(options))]


def furnish() -> list[Json]:
    """Give the requests that put something of everything on the tabs S (id 0) and T (id 1), of 6 rows and 4 columns."""
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    row = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    cells = [{"values": [{"userEnteredValue": {"numberValue": 2}}, {"userEnteredValue": {"formulaValue": "=A1*2"}}]}]
    rule = {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}
    spec = {"basicChart": {"series": [{"series": {"sourceRange": {"sources": [area]}}}]}}
    anchor = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 1, "columnIndex": 1}}}
    entry = {"metadataId": 15, "metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": row}}
    return [
        {"updateCells": {"rows": cells * 3, "start": {"sheetId": 0}, "fields": "userEnteredValue"}},
        {"updateCells": {"rows": cells, "start": {"sheetId": 1}, "fields": "userEnteredValue"}},
        {"addNamedRange": {"namedRange": {"name": "name", "namedRangeId": "n1", "range": area}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 12, "range": area, "warningOnly": True}}},
        {
            "addBanding": {
                "bandedRange": {"bandedRangeId": 13, "range": area, "rowProperties": {"firstBandColor": {"red": 1}}}
            }
        },
        {"addFilterView": {"filter": {"filterViewId": 14, "title": "v", "range": area}}},
        {"setBasicFilter": {"filter": {"range": area, "criteria": {"0": {"hiddenValues": ["3"]}}}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area], "booleanRule": rule}}},
        {"addChart": {"chart": {"chartId": 11, "spec": spec, "position": anchor}}},
        {"createDeveloperMetadata": {"developerMetadata": entry}},
        {"addDimensionGroup": {"range": row}},
        {"mergeCells": {"range": {**area, "startRowIndex": 3, "endRowIndex": 5}, "mergeType": "MERGE_ALL"}},
    ]
