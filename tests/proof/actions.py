"""Single actions of a person on a tab while a run is under way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from seat_report.workbook.sheets_api.snapshot import Snapshot, Tab, Value
from tests.proof import reading
from tests.support.people import OpenTab, Person

# What a person does on an open tab with these contents.
Deed = Callable[[OpenTab, Tab], None]


@dataclass(frozen=True)
class Action:
    """One action on a tab; `act` does nothing if it doesn't apply to the tab's current contents."""

    name: str
    title: str
    act: Deed

    def perform(self, person: Person, snapshot: Snapshot) -> None:
        """Perform it, if its tab exists."""
        tab = snapshot.tab(self.title)
        if tab is not None and tab.rows:
            self.act(person.open_tab(self.title, tab.sheet_id), tab)

    def __str__(self) -> str:
        return f"{self.title}: {self.name}"


def all_actions() -> Iterator[Action]:
    """Every action on every tab to which it applies."""
    for title in reading.TITLES:
        for name, act in _ON_EVERY_TAB.items():
            yield Action(name, title, act)
        if title == reading.OVERVIEW:
            continue
        for name, act in _ON_TABLES.items():
            yield Action(name, title, act)
    for title in (reading.REPORT, reading.HISTORY):
        yield Action("delete a row about to be removed", title, _delete_removed_tenant)
    for title in (reading.BY_CUSTOMER, reading.BILLING, reading.RUNS):
        yield Action("sort with the filter's button", title, _sort_by_filter)
    yield Action(
        "change the time zone", reading.REPORT, lambda open_tab, _: open_tab.person.set_time_zone("Pacific/Auckland")
    )


def _width(tab: Tab) -> int:
    return max(tab.width, 1)


def _sort(column: int, *, descending: bool) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        area = (1, max(len(tab.rows), 2)), (0, _width(tab))
        open_tab.sort_range(area, min(column, _width(tab) - 1), descending=descending)

    return act


def _sort_by_filter(open_tab: OpenTab, tab: Tab) -> None:
    """Sort only the columns of the tab's filter; what people wrote beside it stays where it is."""
    if not open_tab.has_filter():
        open_tab.create_filter(((0, max(len(tab.rows), 2)), (0, _width(tab))))
    open_tab.sort_by_filter(1, descending=True)


def _insert_rows(share: float, count: int = 1) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        at = min(1 + round(share * (len(tab.rows) - 1)), len(tab.rows))
        open_tab.insert_rows(at, count, below=True)

    return act


def _insert_columns(share: float, count: int = 1) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        at = round(share * _width(tab))
        open_tab.insert_columns(at, count, right=at > 0)

    return act


def _insert_column_with_header(open_tab: OpenTab, tab: Tab) -> None:
    at = _width(tab) // 2
    open_tab.insert_columns(at, right=True)
    open_tab.rename_header(at, "Thoughts")


def _delete_row(share: float) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        at = min(1 + round(share * (len(tab.rows) - 2)), len(tab.rows) - 1)
        if at >= 1 and len(tab.rows) > 2:
            open_tab.delete_rows(at)

    return act


def _delete_removed_tenant(open_tab: OpenTab, tab: Tab) -> None:
    """Delete the rows of the one removed tenant beside which nobody has written."""
    rows = [index for index, cells in enumerate(tab.rows) if any(cell.text == "m-3b" for cell in cells)]
    for at in reversed(rows):
        open_tab.delete_rows(at)


def _delete_column(header: str) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        matches = [index for index, cell in enumerate(tab.rows[0]) if cell.text == header]
        for at in matches[:1]:
            open_tab.delete_columns(at)

    return act


def _move_column(start: float, end: float) -> Deed:
    def act(open_tab: OpenTab, tab: Tab) -> None:
        source, target = round(start * (_width(tab) - 1)), round(end * (_width(tab) - 1))
        if source != target:
            open_tab.drag_column(source, target)

    return act


def _move_row(open_tab: OpenTab, tab: Tab) -> None:
    if len(tab.rows) >= 4:
        open_tab.drag_row(1, len(tab.rows) - 1)


def _rename(share: float) -> Deed:
    return lambda open_tab, tab: open_tab.rename_header(round(share * (len(tab.rows[0]) - 1)), "Renamed by hand")


def _type_over(open_tab: OpenTab, tab: Tab) -> None:
    """Type values that the report may be about to write over the text in a user's column.

    Rows in which nobody has written are left out: a run may remove them together with what is typed after it read them.
    """
    at = next((at for at, cell in enumerate(tab.rows[0]) if cell.text in ("Budget", "Billed seats", "Remarks")), None)
    if at is None:
        return
    cells = [tab.cell(row, at) for row in range(1, len(tab.rows))]
    open_tab.paste(
        (1, at),
        [[None if cell.is_blank else _REPORT_VALUES[row % len(_REPORT_VALUES)]] for row, cell in enumerate(cells)],
    )


_REPORT_VALUES: tuple[Value, ...] = (12, 3, "Current", 21, 0, "Stale", 33, 1, 41, "ok", 6, 4, 112, 53, "Not reported")


def _filter(open_tab: OpenTab, tab: Tab) -> None:
    open_tab.create_filter(((0, len(tab.rows)), (0, _width(tab))))
    open_tab.filter_by(0, hidden=["c-1", "c-3"])


_ON_EVERY_TAB: Mapping[str, Deed] = {
    "insert a row on top": lambda open_tab, _: open_tab.insert_rows(1, below=True),
    "insert three rows in the middle": _insert_rows(0.5, 3),
    "insert a column on the left": _insert_columns(0),
    "insert a column in the middle": _insert_columns(0.5),
    "delete the tab": lambda open_tab, _: open_tab.delete(),
    "rename the tab": lambda open_tab, _: open_tab.rename("Mine"),
    "copy the tab": lambda open_tab, _: open_tab.copy(),
}
_ON_TABLES: Mapping[str, Deed] = {
    "sort by the first column": _sort(0, descending=True),
    "sort by a middle column": _sort(6, descending=False),
    "sort by a column far right": _sort(12, descending=True),
    "filter": _filter,
    "type": _type_over,
    "insert a row at the end": _insert_rows(1),
    "insert two columns on the right": _insert_columns(0.8, 2),
    "insert a column with a header": _insert_column_with_header,
    "delete the first row": _delete_row(0),
    "delete a row in the middle": _delete_row(0.5),
    "delete the last row": _delete_row(1),
    "delete a user's column": _delete_column("Our notes"),
    "delete another user's column": _delete_column("Remarks"),
    "delete the column Tenant": _delete_column("Tenant"),
    "delete the column Status": _delete_column("Status"),
    "delete a column of numbers": _delete_column("Assigned seats"),
    "move a column to the right": _move_column(0.2, 1),
    "move the last column to the left": _move_column(1, 0.1),
    "move a row to the end": _move_row,
    "rename the first header": _rename(0),
    "rename a header in the middle": _rename(0.5),
    "rename the last header": _rename(1),
}
