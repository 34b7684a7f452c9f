"""Which rows a filter hides, and hiding them."""

from __future__ import annotations

from . import references
from .colours import rgb
from .conditions import holds
from .document import Sheet
from .errors import Json
from .view import View


def hidden_rows(view: View, sheet: Sheet, basic_filter: Json) -> list[int]:
    """Give the rows under the header of a filter's range that its criteria hide."""
    area = basic_filter["range"]
    top, bottom = area.get("startRowIndex", 0) + 1, area.get("endRowIndex", sheet.row_count)
    rows = range(top, min(bottom, sheet.row_count))
    criteria = {int(column): item for column, item in basic_filter.get("criteria", {}).items()}
    hidden: set[int] = set()
    for column, item in criteria.items():
        if item.get("condition", {}).get("type") == "CUSTOM_FORMULA":
            hidden |= _untrue(view, sheet, rows, top, item["condition"])
        hidden.update(row for row in rows if not _shown(view, sheet, row, column, item))
    return sorted(hidden)


def _shown(view: View, sheet: Sheet, row: int, column: int, criteria: Json) -> bool:
    if view.formatted(sheet, row, column) in criteria.get("hiddenValues", []):
        return False
    for name in ("visibleBackgroundColorStyle", "visibleForegroundColorStyle"):
        if name in criteria and colour_of(view, sheet, row, column, name) != rgb(criteria[name]):
            return False
    condition = criteria.get("condition", {})
    kind = condition.get("type")
    return kind in (None, "CUSTOM_FORMULA") or holds(view, sheet, row, column, condition)


def _untrue(view: View, sheet: Sheet, rows: range, top: int, condition: Json) -> set[int]:
    """Give the rows for which a formula is not true, which is written for the first row below the header."""
    formula = condition.get("values", [{}])[0].get("userEnteredValue", "")
    by_row = {row: references.offset(formula, row - top, 0) for row in rows}
    truths = view.truths(sheet, sorted(set(by_row.values())))
    return {row for row, text in by_row.items() if not truths[text]}


def colour_of(view: View, sheet: Sheet, row: int, column: int, name: str) -> Json:
    """Give the colour in which people see a cell, of its text if the name is that of a foreground's."""
    shown = view.appearance(sheet).format(row, column, view.effective(sheet, row, column))
    found: Json = shown["textFormat"]["foregroundColor"] if "oreground" in name else shown["backgroundColor"]
    return found


def hide(view: View, sheet: Sheet) -> None:
    """Hide what a tab's filter hides, as `view` sees it, and nothing else of what filters hid."""
    unhide(sheet)
    if sheet.basic_filter and "criteria" in sheet.basic_filter:
        props = sheet.grid.row_axis.props
        for row in hidden_rows(view, sheet, sheet.basic_filter):
            props[row] = {**props.get(row, {}), "hiddenByFilter": True}


def unhide(sheet: Sheet) -> None:
    """Show all rows again that a filter hid."""
    props = sheet.grid.row_axis.props
    for row in [row for row, item in props.items() if item.get("hiddenByFilter")]:
        left = {name: item for name, item in props[row].items() if name != "hiddenByFilter"}
        if left:
            props[row] = left
        else:
            del props[row]
