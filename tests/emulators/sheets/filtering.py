"""Which rows a filter hides."""

from __future__ import annotations

from .conditions import holds
from .document import Sheet
from .errors import Json
from .view import View


def hidden_rows(view: View, sheet: Sheet, basic_filter: Json) -> list[int]:
    """Give the rows under the header of a filter's range that its criteria hide."""
    area = basic_filter["range"]
    top, bottom = area.get("startRowIndex", 0) + 1, area.get("endRowIndex", sheet.row_count)
    criteria = {int(column): item for column, item in basic_filter.get("criteria", {}).items()}
    return [
        row
        for row in range(top, min(bottom, sheet.row_count))
        if any(not _shown(view, sheet, row, column, item) for column, item in criteria.items())
    ]


def _shown(view: View, sheet: Sheet, row: int, column: int, criteria: Json) -> bool:
    if view.formatted(sheet, row, column) in criteria.get("hiddenValues", []):
        return False
    condition = criteria.get("condition")
    return condition is None or holds(view, sheet, row, column, condition)
