"""Requests about conditional formats."""

from __future__ import annotations

from tests.emulators.sheets.checks import check_gradient_points, check_rule_format
from tests.emulators.sheets.colours import tidy
from tests.emulators.sheets.condition_values import FORMATTING, check_gradient, checked
from tests.emulators.sheets.document import Sheet
from tests.emulators.sheets.errors import Json, invalid
from tests.emulators.sheets.resource import without_zero_ids

from .features import bounded
from .registry import Batch, handles


def _area(batch: Batch, area: Json) -> Json:
    """Check a range of a rule and give it with its tab; one that is empty, ending where it starts, is kept."""
    probed = dict(area)
    for start, end in (("startRowIndex", "endRowIndex"), ("startColumnIndex", "endColumnIndex")):
        if end in area and area[end] == area.get(start, 0):
            probed[end] += 1
    bounded(batch, probed)
    return {"sheetId": 0, **area}


def _rule(batch: Batch, given: Json) -> Json:
    """Check a rule and give it as it is stored."""
    ranges = [_area(batch, area) for area in given.get("ranges", [])]
    if not ranges:
        raise invalid("A conditional format rule must specify at least one range.")
    if len({area["sheetId"] for area in ranges}) > 1:
        raise invalid("All ranges of a conditional format rule must be on the same sheet.")
    if ("booleanRule" in given) == ("gradientRule" in given):
        raise invalid("A conditional format rule must have either a booleanRule or a gradientRule.")
    if "booleanRule" in given:
        boolean = given["booleanRule"]
        check_rule_format(boolean.get("format", {}))
        condition = checked(boolean.get("condition", {}), FORMATTING, batch.spreadsheet)
        given = {**given, "booleanRule": {**boolean, "condition": condition}}
    else:
        check_gradient_points(given["gradientRule"])
        check_gradient(given["gradientRule"], batch.spreadsheet)
    rule: Json = tidy({**given, "ranges": ranges}, "ConditionalFormatRule")
    return rule


def _at(sheet: Sheet, index: int) -> Json:
    rules = sheet.features["conditionalFormats"]
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    return rules[index]


@handles("addConditionalFormatRule")
def add_rule(batch: Batch, body: Json) -> None:
    """Add a rule in front of the one at its index; an index beyond the end adds it last."""
    rule = _rule(batch, body.get("rule", {}))
    sheet = batch.spreadsheet.sheet(rule["ranges"][0]["sheetId"])
    index = body.get("index", 0)
    if index < 0:
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    sheet.features["conditionalFormats"].insert(index, rule)


@handles("updateConditionalFormatRule")
def update_rule(batch: Batch, body: Json) -> Json:
    """Replace a rule, or move it to another index of its tab."""
    if ("rule" in body) == ("newIndex" in body):
        raise invalid("Must specify either a rule or a newIndex.")
    index: int = body.get("index", 0)
    if "rule" in body:
        given = _rule(batch, body["rule"])
        sheet = batch.spreadsheet.sheet(given["ranges"][0]["sheetId"])
        old = _at(sheet, index)
        sheet.features["conditionalFormats"][index] = given
        return {"oldRule": without_zero_ids(old), "newRule": without_zero_ids(given), "newIndex": index}
    sheet = batch.spreadsheet.sheet(body.get("sheetId", 0))
    moved = _at(sheet, index)
    new_index: int = body["newIndex"]
    _at(sheet, new_index)
    rules = sheet.features["conditionalFormats"]
    del rules[index]
    rules.insert(new_index, moved)
    return {"newRule": without_zero_ids(moved), "oldIndex": index, "newIndex": new_index}


@handles("deleteConditionalFormatRule")
def delete_rule(batch: Batch, body: Json) -> Json:
    """Delete the rule at an index; the ones behind it move up."""
    sheet = batch.spreadsheet.sheet(body.get("sheetId", 0))
    rule = _at(sheet, body.get("index", 0))
    del sheet.features["conditionalFormats"][body.get("index", 0)]
    return {"rule": without_zero_ids(rule)}
