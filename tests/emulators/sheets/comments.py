"""Comment threads, which people start on cells: no cell holds one, a tab's anchors say where each is."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime

from .document import Sheet, Spreadsheet
from .errors import Json, invalid

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# Modes of a get in which comments are answered; here everybody may see them.
SEEN = ("COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS", "COMMENTS_VIEW_MODE_INCLUDED")


def start_thread(spreadsheet: Spreadsheet, given: Json, quote: str, moment: datetime) -> Json:
    """Start a thread on a cell, whose text is `quote`; raises ApiError if the cell or the text is missing."""
    place, content = given.get("coordinate", {}), given.get("content", "")
    sheet = spreadsheet.sheet(place.get("sheetId", 0))
    row, column = place.get("rowIndex", 0), place.get("columnIndex", 0)
    for name, index, count in (("row", row, sheet.row_count), ("column", column, sheet.column_count)):
        if not 0 <= index < count:
            raise invalid(f"GridCoordinate.{name}Index[{index}] is after last {name} in grid[{count - 1}]")
    if not content:
        raise invalid("Insert comment requests must specify non-empty post text.")
    at = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    post = {"postId": _new_id(), "author": {"displayName": "Somebody"}, "content": content}
    thread = {
        "commentId": _new_id(),
        "anchorId": _new_id(),
        "status": "OPEN",
        "plainTextQuote": quote,
        "headPost": {**post, "commentAction": "NO_COMMENT_ACTION_CHANGE", "createTime": at, "updateTime": at},
    }
    area = {"startRowIndex": row, "endRowIndex": row + 1, "startColumnIndex": column, "endColumnIndex": column + 1}
    anchor = {"anchorId": thread["anchorId"], "range": {"sheetId": sheet.sheet_id, **area}}
    spreadsheet.comments = [*spreadsheet.comments, thread]
    sheet.comment_anchors = [*sheet.comment_anchors, anchor]
    return thread


def _new_id() -> str:
    return "AAAA" + "".join(random.choices(_LETTERS, k=7))


def shown_anchors(sheet: Sheet) -> list[Json]:
    """Give a tab's anchors as they are answered: without any zero, that of a start included."""
    return [
        {**anchor, "range": {name: item for name, item in anchor["range"].items() if item}}
        for anchor in sheet.comment_anchors
    ]


def follow_rows(sheet: Sheet, places: Mapping[int, int], left: int, right: int) -> None:
    """Let anchors on cells of these columns follow rows that were sorted, given where each went."""

    def moved(anchor: Json) -> Json:
        area = anchor["range"]
        place = places.get(area["startRowIndex"])
        if (
            place is None
            or not left <= area["startColumnIndex"] < right
            or area["startRowIndex"] == area["endRowIndex"]
        ):
            return anchor
        return {**anchor, "range": {**area, "startRowIndex": place, "endRowIndex": place + 1}}

    sheet.comment_anchors = [moved(anchor) for anchor in sheet.comment_anchors]
