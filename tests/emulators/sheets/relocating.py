"""What changes in a spreadsheet when it gets another locale.

Values and formulas are stored without one. Conditions and the points of gradients are kept as they were typed, so they
are rewritten: the service reads them once, and shows what it read.
"""

from __future__ import annotations

from typing import Any

from .condition_values import in_locale
from .document import Spreadsheet
from .locales import Locale

_FEATURES = ("conditionalFormats", "filterViews")


def relocate(spreadsheet: Spreadsheet, old: Locale, new: Locale) -> None:
    """Rewrite what people typed into conditions in the old locale for the new one."""
    for sheet in spreadsheet.sheets:
        for name in _FEATURES:
            sheet.features[name] = [_rewritten(member, old, new) for member in sheet.features[name]]
        if sheet.basic_filter:
            sheet.basic_filter = _rewritten(sheet.basic_filter, old, new)
        for row, column, cell in list(sheet.grid.stored(0, sheet.row_count, 0, sheet.column_count)):
            if cell.extra and "dataValidation" in cell.extra:
                rule = _rewritten(cell.extra["dataValidation"], old, new)
                sheet.grid.put(row, column, cell._replace(extra={**cell.extra, "dataValidation": rule}))


def _rewritten(value: Any, old: Locale, new: Locale, kind: str = "") -> Any:
    if isinstance(value, list):
        return [_rewritten(item, old, new, kind) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type", kind)
    return {name: _member(name, item, old, new, kind) for name, item in value.items()}


def _member(name: str, item: Any, old: Locale, new: Locale, kind: str) -> Any:
    typed = name == "userEnteredValue" and not kind.startswith(("TEXT", "ONE_OF_LIST", "BOOLEAN"))
    if typed or (name == "value" and isinstance(item, str)) or (name == "userEnteredValue" and item.startswith("=")):
        return in_locale(item, old, new)
    return _rewritten(item, old, new, kind)
