"""Writing cells: CellData under a mask onto a cell, typed and raw values, formats shared between cells."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from . import masks, pivot_tables, references, typed
from .colours import tidy
from .condition_values import VALIDATION, checked
from .document import Spreadsheet
from .errors import Json, invalid, unsupported
from .formats import share_format
from .grid import Cell, Formula, Value
from .masks import Mask
from .notation import to_stored

MAX_CHARACTERS = 50_000
_GREATEST = sys.float_info.max
# CellData fields that are stored as they come.
_KEPT = ("dataValidation", "textFormatRuns", "chipRuns", "pivotTable")
_UNSUPPORTED = ("dataSourceTable", "dataSourceFormula")


def write(cell: Cell, data: Json, mask: Mask, spreadsheet: Spreadsheet) -> Cell:
    """Give a cell after the masked fields of a CellData are written to it; one without a value is cleared."""
    for name, inner in mask.items():
        if name == "userEnteredValue":
            cell = cell._replace(value=from_extended(data.get(name), spreadsheet))
        elif name == "userEnteredFormat":
            cell = cell._replace(format=_written_format(cell.format, data.get(name), inner))
        elif name == "note":
            cell = cell._replace(note=data.get("note") or None)
        elif name in _KEPT:
            kept = _kept(name, cell, data, inner)
            if name == "dataValidation" and kept:
                kept = {**kept, "condition": checked(kept["condition"], VALIDATION, spreadsheet)}
            if name == "pivotTable" and kept:
                kept = pivot_tables.checked(kept, spreadsheet)
                spreadsheet.has_pivots = True
            cell = cell._replace(extra=_with_extra(cell.extra, name, kept))
        elif name in _UNSUPPORTED and data.get(name):
            raise unsupported(name)
    return cell


def _kept(name: str, cell: Cell, data: Json, inner: Mask) -> Any:
    if name == "pivotTable" and inner:
        return masks.merge((cell.extra or {}).get(name, {}), data.get(name, {}), inner)
    if name == "dataValidation":
        rule = data.get(name)
        if inner:
            rule = masks.merge((cell.extra or {}).get(name, {}), data.get(name, {}), inner) or None
        if rule is not None and "condition" not in rule:
            raise invalid("A data validation rule must specify a condition.")
        return rule
    if name == "textFormatRuns":
        return [tidy(run, "TextFormatRun") for run in data.get(name, [])]
    return data.get(name)


def _with_extra(extra: Json | None, name: str, value: Any) -> Json | None:
    rest = {key: item for key, item in (extra or {}).items() if key != name}
    return (rest | {name: value} if value else rest) or None


def _written_format(old: Json | None, new: Json | None, mask: Mask) -> Json | None:
    if not mask:
        return share_format(new) if new else None
    return share_format(masks.merge(_without_twins(old or {}, mask), new or {}, mask))


def _without_twins(old: Json, mask: Mask) -> Json:
    """Forget the twin of a colour that is about to be written, so that the two can't disagree."""
    kept = dict(old)
    for name, inner in mask.items():
        twin = name.removesuffix("Style") if name.endswith("Style") else f"{name}Style"
        if "olor" in name and not inner:
            kept.pop(twin, None)
        elif inner and isinstance(kept.get(name), dict) and "olor" not in name:
            kept[name] = _without_twins(kept[name], inner)
        elif inner:
            kept.pop(twin, None)
    return kept


def from_extended(value: Json | None, spreadsheet: Spreadsheet) -> Value | None:
    """Give the value that an ExtendedValue holds; raises ApiError for one that can't be stored."""
    if not value:
        return None
    if "formulaValue" in value:
        formula = value["formulaValue"]
        if not formula.startswith("="):
            raise invalid(f"Invalid formulaValue: {formula}")
        return as_formula(formula, spreadsheet)
    if "stringValue" in value:
        return _checked(value["stringValue"]) or None
    if "boolValue" in value:
        return bool(value["boolValue"])
    if "numberValue" in value:
        return float(value["numberValue"])
    raise invalid("ErrorValue is read-only.")


def as_formula(text: str, spreadsheet: Spreadsheet) -> Formula:
    """Give a formula, written as the locale has it, as it is stored: its references in normal form."""

    def own_title(title: str) -> str | None:
        sheet = spreadsheet.titled(title)
        return sheet.title if sheet else None

    return Formula(references.normalise(to_stored(_checked(text), spreadsheet.locale), own_title))


def _checked(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise invalid(f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell.")
    return text


def raw(cell: Cell, value: Any) -> Cell:
    """Give a cell after a value is written as it is: strings stay strings."""
    if isinstance(value, str):
        return _with_value(cell, _checked(value) or None)
    if isinstance(value, bool):
        return _with_value(cell, value)
    if isinstance(value, int | float):
        if not -_GREATEST <= value <= _GREATEST:
            raise invalid(f"Invalid values: number out of range in a cell: {str(value)[:40]}")
        return _with_value(cell, float(value))
    kind = "list_value" if isinstance(value, list) else "struct_value"
    raise invalid(f"Invalid values: {kind} in a cell: {json.dumps(value, ensure_ascii=False)[:200]}")


def user_entered(cell: Cell, value: Any, spreadsheet: Spreadsheet, today: datetime) -> Cell:
    """Give a cell after a value is written as if a person had typed it."""
    if not isinstance(value, str):
        return raw(cell, value)
    number_format = (cell.format or {}).get("numberFormat")
    found = typed.read(_checked(value), today, number_format, spreadsheet.locale)
    if isinstance(found.value, Formula):
        return _with_value(cell, as_formula(found.value, spreadsheet))
    cell = _with_value(cell, found.value)
    if found.number_format and not number_format:
        cell = cell._replace(format=share_format({**(cell.format or {}), "numberFormat": found.number_format}))
    if found.link:
        text_format = {**(cell.format or {}).get("textFormat", {}), "link": {"uri": found.link}}
        cell = cell._replace(format=share_format({**(cell.format or {}), "textFormat": text_format}))
    return cell


def _with_value(cell: Cell, value: Value | None) -> Cell:
    """Replace the value; runs of formatted text belong to the text they were on."""
    return cell._replace(value=value, extra=_with_extra(cell.extra, "textFormatRuns", None) if cell.extra else None)
