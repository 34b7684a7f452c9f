"""The box "Run now" on the Overview: where it is, whether it is ticked, and the requests that make and clear it. Pure.

A named range marks the box, so that people may move it. It is a cell with a checkbox, outside the block that runs
rewrite; the block has its label. Unticked, the cell holds FALSE: a blank one has lost its checkbox with its content.
"""

from collections.abc import Iterator

from seat_report.workbook.sheets_api import Block, Request, Snapshot, Tab, requests
from seat_report.workbook.tables import set_range

LABEL = "Run now: tick →"
_HINT = "Tick this box to have the report updated soon. The run that does it clears the box."
_NAME = "SeatReportRunNow"
# How far from its usual place a free cell is looked for.
_MOST_COLUMNS = 20
_MOST_ROWS = 10


def is_ticked(snapshot: Snapshot, tab: Tab) -> bool:
    """Whether a person has ticked the box on this tab; neither a text nor a formula is a tick."""
    box = box_on(snapshot, tab)
    cell = tab.cell(box.top, box.left) if box is not None else None
    return cell is not None and cell.value is True and cell.is_entered and cell.formula is None


def clear_requests(snapshot: Snapshot, title: str) -> list[Request]:
    """The request that clears the box on the tab of this title, if there is one."""
    tab = snapshot.tab(title)
    box = box_on(snapshot, tab) if tab is not None else None
    return [] if box is None else [_set_unticked(box)]


def box_requests(snapshot: Snapshot, tab: Tab, block: Block) -> Iterator[Request]:
    """Requests that make the box beside the Overview's block if it is missing; none if it is there.

    People remove it with its range, with its row or column, or with its content. What they typed into it stays.
    """
    box = box_on(snapshot, tab)
    if box is not None and not _is_inside(box, block):
        if tab.cell(box.top, box.left).is_blank:
            yield from _make(box)
        return
    if (place := _free_place(tab, block)) is None:
        return
    if (lacking := place.right - tab.column_count) > 0:
        yield requests.append(tab.sheet_id, "COLUMNS", lacking)
    name = _name_on(snapshot, tab)
    yield from set_range(name, place, snapshot.named_ids.get(name))
    yield from _make(place)


def _name_on(snapshot: Snapshot, tab: Tab) -> str:
    """The name of the range that marks the box on this tab.

    Names are unique in a spreadsheet, and other deployments have boxes too, on tabs that may not have been read.
    """
    own = f"{_NAME}_{tab.sheet_id}"
    for name in (_NAME, own):
        if (box := snapshot.named.get(name)) is not None and box.sheet_id == tab.sheet_id:
            return name
    return own if _NAME in snapshot.named else _NAME


def box_on(snapshot: Snapshot, tab: Tab) -> Block | None:
    """Where the box is on this tab; None if nothing marks it."""
    box = snapshot.named.get(_name_on(snapshot, tab))
    return box if box is not None and box.sheet_id == tab.sheet_id else None


def _make(box: Block) -> Iterator[Request]:
    rule = {"condition": {"type": "BOOLEAN"}, "inputMessage": _HINT, "strict": True, "showCustomUi": True}
    yield {"setDataValidation": {"range": _span(box), "rule": rule}}
    yield _set_unticked(box)


def _set_unticked(box: Block) -> Request:
    return requests.repeat_cell(_span(box), requests.extended_value(False), "userEnteredValue")


def _span(box: Block) -> dict[str, int]:
    """The one cell of the box, also where people have widened its range."""
    return requests.grid_range(box.sheet_id, (box.top, box.top + 1), (box.left, box.left + 1))


def _is_inside(box: Block, block: Block) -> bool:
    return block.top <= box.top < block.bottom and block.left <= box.left < block.right


def _free_place(tab: Tab, block: Block) -> Block | None:
    """The first free cell right of the block, from its first line on; a box there that has lost its range will do."""
    rows = range(block.top, min(block.top + _MOST_ROWS, max(tab.row_count, block.top + 1)))
    for column in range(block.right, block.right + _MOST_COLUMNS):
        for row in rows:
            cell = tab.cell(row, column)
            is_old_box = cell.value is False and cell.is_entered and (row, column) == (block.top, block.right)
            if (cell.is_blank or is_old_box) and not cell.note:
                return Block(tab.sheet_id, row, row + 1, column, column + 1)
    return None
