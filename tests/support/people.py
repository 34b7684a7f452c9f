"""What people do to a spreadsheet, as the local Sheets service carries it out: one way for every test.

A `Person` has a spreadsheet open and looks at its tabs. Rows and columns are counted from zero, as in the API. A cell
is its name (`"B2"`) or a pair (`(1, 1)`: row, column); an area is its name (`"A2:C9"`) or a pair of spans
(`((1, 9), (0, 3))`: rows, columns), the end of a span being the first that no longer belongs to it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote

import requests

from tests.emulators.sheets.addresses import cell_text, column_index, quote_title
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.service import Handle

Json = dict[str, Any]
Span = tuple[int, int]
Cell = str | tuple[int, int]
Area = str | tuple[Span, Span]
Dimension = Literal["ROWS", "COLUMNS"]
_TIMEOUT_SECONDS = 30
_CELL = re.compile(r"([A-Z]+)(\d+)")


class Person:
    """Somebody who has a spreadsheet open. Each action is one entry in what they can undo."""

    def __init__(self, sheets: Handle, spreadsheet_id: str, email: str = "person@example.com") -> None:
        self._sheets = sheets
        self._id = spreadsheet_id
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {email}"
        self._past: list[Spreadsheet] = []

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def tab(self, title: str) -> "OpenTab":
        """The tab with this title, to act on."""
        sheets = self.read("", fields="sheets.properties(sheetId,title)")["sheets"]
        return self.open_tab(
            title, next(s["properties"]["sheetId"] for s in sheets if s["properties"]["title"] == title)
        )

    def open_tab(self, title: str, sheet_id: int) -> "OpenTab":
        """The tab with this title and ID, to act on, without looking for it."""
        return OpenTab(self, title, sheet_id)

    def set_time_zone(self, name: str) -> None:
        """Set the spreadsheet's time zone in its settings."""
        self._set_property("timeZone", name)

    def set_locale(self, name: str) -> None:
        """Set the spreadsheet's locale in its settings."""
        self._set_property("locale", name)

    def undo(self) -> None:
        """Put the content back as it was before the last action; what others did since goes too."""
        file = self._sheets.store.file(self._id)
        restored = self._past.pop().copy()
        restored.version = file.spreadsheet.version + 1
        file.spreadsheet = restored

    @contextmanager
    def one_action(self) -> Iterator[None]:
        """Make everything that is done in this context one thing to undo."""
        before, done = self._sheets.store.file(self._id).spreadsheet, len(self._past)
        yield
        self._past[done:] = [before]

    def read(self, path: str, **query: Any) -> Json:
        """Read from the spreadsheet's address; this is nothing to undo."""
        return self._call("GET", path, None, query)

    def act(self, method: str, path: str, body: Json, **query: Any) -> Json:
        """Change something at the spreadsheet's address; the service must take it."""
        before = self._sheets.store.file(self._id).spreadsheet
        answer = self._call(method, path, body, query)
        self._past.append(before)
        return answer

    def change(self, *listed: Json) -> list[Json]:
        """Carry out requests of a batchUpdate as one action; returns their replies."""
        replies: list[Json] = self.act("POST", ":batchUpdate", {"requests": list(listed)})["replies"]
        return replies

    def comment(self, thread: Json) -> None:
        """Start a comment thread, through the local service's own interface."""
        with self.one_action():
            url = f"{self._sheets.url}/emulator/spreadsheets/{self._id}/comments"
            response = self._session.post(url, json=thread, timeout=_TIMEOUT_SECONDS)
            assert response.status_code == 200, response.text

    def commented_cells(self) -> list[Json]:
        """The ranges of the cells that have a comment thread, an empty one for a deleted cell."""
        mode = "COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS"
        found = self.read("", fields="sheets.commentAnchors.range", commentsViewMode=mode)
        return [anchor["range"] for sheet in found["sheets"] for anchor in sheet.get("commentAnchors", [])]

    def _set_property(self, name: str, value: str) -> None:
        self.change({"updateSpreadsheetProperties": {"properties": {name: value}, "fields": name}})

    def _call(self, method: str, path: str, body: Json | None, query: Mapping[str, Any]) -> Json:
        url = f"{self._sheets.url}/v4/spreadsheets/{self._id}{path}"
        response = self._session.request(method, url, params=query, json=body, timeout=_TIMEOUT_SECONDS)
        answer: Json = response.json()
        assert response.status_code == 200, answer
        return answer


class OpenTab:
    """A tab that a person looks at."""

    def __init__(self, person: Person, title: str, sheet_id: int) -> None:
        self.person = person
        self.title = title
        self.sheet_id = sheet_id

    # Typing and pasting.

    def type(self, cell: Cell, value: Any) -> None:
        """Type into a cell, read as Google reads what is typed; None empties it."""
        self._enter(_place(cell), [[value]])

    def type_all(self, values: Mapping[Cell, Any]) -> None:
        """Type into several cells, one after the other."""
        for cell, value in values.items():
            self.type(cell, value)

    def paste(self, cell: Cell, rows: Sequence[Sequence[Any]]) -> None:
        """Paste a block of cells from another program; the tab grows to hold it, None empties a cell."""
        row, column = _place(cell)
        with self.person.one_action():
            self.make_room(row + len(rows), column + max(map(len, rows)))
            self._enter((row, column), rows)

    def clear(self, area: Area) -> None:
        """Select cells and press delete."""
        self.person.change({"updateCells": {"range": self._range(area), "fields": "userEnteredValue"}})

    def rename_header(self, column: int, text: str, row: int = 0) -> None:
        """Type another header over a column's."""
        self.type((row, column), text)

    def note(self, cell: Cell, text: str) -> None:
        """Write a note on a cell; an empty one removes it."""
        (row, column) = _place(cell)
        area = self._range(((row, row + 1), (column, column + 1)))
        rows = [{"values": [{"note": text}]}]
        self.person.change({"updateCells": {"range": area, "rows": rows, "fields": "note"}})

    def comment(self, cell: Cell, text: str) -> None:
        """Start a comment thread on a cell, which no client that reads cells is told of."""
        (row, column) = _place(cell)
        place = {"sheetId": self.sheet_id, "rowIndex": row, "columnIndex": column}
        self.person.comment({"coordinate": place, "content": text})

    # Rows and columns.

    def insert_rows(self, at: int, count: int = 1, *, below: bool = False) -> None:
        """Insert rows above the row that is at this index, or below the one before it, and like it."""
        self._insert("ROWS", at, count, below=below)

    def insert_columns(self, at: int, count: int = 1, *, right: bool = False) -> None:
        """Insert columns left of the column at this index, or right of the one before it, and like it."""
        self._insert("COLUMNS", at, count, below=right)

    def delete_rows(self, start: int, end: int | None = None) -> None:
        """Delete a row, or all up to `end`."""
        self.person.change({"deleteDimension": {"range": self._dimension("ROWS", start, end)}})

    def delete_columns(self, start: int, end: int | None = None) -> None:
        """Delete a column, or all up to `end`."""
        self.person.change({"deleteDimension": {"range": self._dimension("COLUMNS", start, end)}})

    def drag_row(self, at: int, before: int) -> None:
        """Drag a row to the place in front of the row that is at `before` now."""
        self._drag("ROWS", at, before)

    def drag_column(self, at: int, before: int) -> None:
        """Drag a column to the place in front of the column that is at `before` now."""
        self._drag("COLUMNS", at, before)

    def make_room(self, rows: int, columns: int) -> None:
        """Add rows and columns at the ends until the tab has at least so many."""
        grid = self._grid()
        missing = {"ROWS": rows - grid["rowCount"], "COLUMNS": columns - grid["columnCount"]}
        growing = [
            {"appendDimension": {"sheetId": self.sheet_id, "dimension": dimension, "length": length}}
            for dimension, length in missing.items()
            if length > 0
        ]
        if growing:
            self.person.change(*growing)

    def hide_rows(self, start: int, end: int | None = None) -> None:
        """Hide a row, or all up to `end`."""
        self._hide(self._dimension("ROWS", start, end))

    def hide_columns(self, start: int, end: int | None = None) -> None:
        """Hide a column, or all up to `end`."""
        self._hide(self._dimension("COLUMNS", start, end))

    def copy_row(self, at: int) -> None:
        """Insert a row below this one and copy this one into it, as one action."""
        widest = self._grid()["columnCount"]
        source, target = (self._range(((row, row + 1), (0, widest))) for row in (at, at + 1))
        insertion = {"range": self._dimension("ROWS", at + 1, None), "inheritFromBefore": True}
        copy = {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}
        self.person.change({"insertDimension": insertion}, {"copyPaste": copy})

    # Sorting and filtering.

    def sort_range(self, area: Area, by: int, *, descending: bool = False) -> None:
        """Select an area and sort it (Data > Sort range) by one of the sheet's columns."""
        self.person.change({"sortRange": {"range": self._range(area), "sortSpecs": [_sort_spec(by, descending)]}})

    def create_filter(self, area: Area | None = None) -> None:
        """Turn on a filter over an area with its header, by default over the whole tab."""
        within = {"sheetId": self.sheet_id} if area is None else self._range(area)
        self.person.change({"setBasicFilter": {"filter": {"range": within}}})

    def filter_by(self, column: int, *, hidden: Sequence[str] = (), condition: Json | None = None) -> None:
        """Choose in a column's filter menu which values to hide, or which condition to show; neither shows all."""
        criterion: Json = {"hiddenValues": list(hidden)} if hidden else {}
        criterion |= {"condition": condition} if condition else {}
        present = self.filter()
        criteria = {name: each for name, each in present.get("criteria", {}).items() if name != str(column)}
        self._refilter({**present, "criteria": criteria | ({str(column): criterion} if criterion else {})})

    def sort_by_filter(self, by: int, *, descending: bool = False) -> None:
        """Sort with a column's filter button: the rows of the filter below its header, all columns of it, no others."""
        self._refilter({**self.filter(), "sortSpecs": [_sort_spec(by, descending)]})

    def remove_filter(self) -> None:
        """Turn the filter off; the rows it hid are seen again."""
        self.person.change({"clearBasicFilter": {"sheetId": self.sheet_id}})

    def has_filter(self) -> bool:
        """Whether the tab has a filter."""
        return "basicFilter" in self._read("basicFilter")

    def filter(self) -> Json:
        """The tab's filter as it is read; there must be one."""
        found: Json = self._read("basicFilter")["basicFilter"]
        return found

    # The tab itself.

    def rename(self, title: str) -> None:
        """Give the tab another title."""
        self._set_property("title", title)
        self.title = title

    def hide(self) -> None:
        """Hide the tab."""
        self._set_property("hidden", new=True)

    def delete(self) -> None:
        """Delete the tab."""
        self.person.change({"deleteSheet": {"sheetId": self.sheet_id}})

    def copy(self) -> None:
        """Duplicate the tab."""
        self.person.change({"duplicateSheet": {"sourceSheetId": self.sheet_id}})

    def freeze(self, rows: int) -> None:
        """Freeze so many rows at the top."""
        self._freeze("frozenRowCount", rows)

    def freeze_columns(self, columns: int) -> None:
        """Freeze so many columns at the left."""
        self._freeze("frozenColumnCount", columns)

    def _freeze(self, name: str, count: int) -> None:
        properties = {"sheetId": self.sheet_id, "gridProperties": {name: count}}
        fields = f"gridProperties.{name}"
        self.person.change({"updateSheetProperties": {"properties": properties, "fields": fields}})

    def make_table(self, name: str, area: Area) -> str:
        """Convert an area with its header to a table; returns the table's ID."""
        (reply,) = self.person.change({"addTable": {"table": {"name": name, "range": self._range(area)}}})
        table_id: str = reply["addTable"]["table"]["tableId"]
        return table_id

    def _set_property(self, name: str, new: Any) -> None:
        properties = {"sheetId": self.sheet_id, name: new}
        self.person.change({"updateSheetProperties": {"properties": properties, "fields": name}})

    def _enter(self, place: tuple[int, int], rows: Sequence[Sequence[Any]]) -> None:
        values = [["" if value is None else value for value in row] for row in rows]
        where = quote(f"{quote_title(self.title)}!{cell_text(*place)}", safe="")
        self.person.act("PUT", f"/values/{where}", {"values": values}, valueInputOption="USER_ENTERED")

    def _insert(self, dimension: Dimension, at: int, count: int, *, below: bool) -> None:
        span = self._dimension(dimension, at, at + count)
        self.person.change({"insertDimension": {"range": span, "inheritFromBefore": below}})

    def _drag(self, dimension: Dimension, at: int, before: int) -> None:
        source = self._dimension(dimension, at, None)
        self.person.change({"moveDimension": {"source": source, "destinationIndex": before}})

    def _hide(self, span: Json) -> None:
        hiding = {"range": span, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        self.person.change({"updateDimensionProperties": hiding})

    def _refilter(self, wanted: Json) -> None:
        """Set the filter again; its criteria are sent in one of their two spellings."""
        kept = {name: item for name, item in wanted.items() if name != "filterSpecs"}
        self.person.change({"setBasicFilter": {"filter": kept}})

    def _grid(self) -> Json:
        grid: Json = self._read("properties")["properties"]["gridProperties"]
        return grid

    def _read(self, part: str) -> Json:
        sheets = self.person.read("", fields=f"sheets(properties,{part})")["sheets"]
        found: Json = next(sheet for sheet in sheets if sheet["properties"]["sheetId"] == self.sheet_id)
        return found

    def _dimension(self, dimension: Dimension, start: int, end: int | None) -> Json:
        last = start + 1 if end is None else end
        return {"sheetId": self.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": last}

    def _range(self, area: Area) -> Json:
        (top, bottom), (left, right) = _spans(area)
        rows = {"startRowIndex": top, "endRowIndex": bottom}
        return {"sheetId": self.sheet_id, **rows, "startColumnIndex": left, "endColumnIndex": right}


def _sort_spec(by: int, descending: bool) -> Json:
    return {"dimensionIndex": by, "sortOrder": "DESCENDING" if descending else "ASCENDING"}


def _place(cell: Cell) -> tuple[int, int]:
    if not isinstance(cell, str):
        return cell
    found = _CELL.fullmatch(cell)
    assert found, cell
    return int(found[2]) - 1, column_index(found[1])


def _spans(area: Area) -> tuple[Span, Span]:
    if not isinstance(area, str):
        return area
    first, _, last = area.partition(":")
    (top, left), (bottom, right) = _place(first), _place(last or first)
    return (top, bottom + 1), (left, right + 1)
