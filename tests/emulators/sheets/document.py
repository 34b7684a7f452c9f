"""A spreadsheet and its tabs, in the shape in which the API answers them."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from typing import Any

from . import filter_columns
from .errors import Json, invalid
from .grid import Grid
from .locales import Locale, locale_of
from .moving import Shift, emptied_range, map_places, shift_message, shift_range
from .tables import band, changed_names, follow, name_columns

# What a tab has besides its properties and cells, with the schema of the members of each list.
FEATURES = {
    "merges": "GridRange",
    "conditionalFormats": "ConditionalFormatRule",
    "filterViews": "FilterView",
    "protectedRanges": "ProtectedRange",
    "charts": "EmbeddedChart",
    "bandedRanges": "BandedRange",
    "rowGroups": "DimensionGroup",
    "columnGroups": "DimensionGroup",
    "slicers": "Slicer",
    "tables": "Table",
}

_WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": _WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": _WHITE},
}


@dataclass
class Sheet:
    """One tab."""

    sheet_id: int
    title: str
    grid: Grid
    # hidden, tabColor, frozen rows and the like, as in SheetProperties; sizes come from the grid.
    properties: Json = field(default_factory=dict)
    grid_properties: Json = field(default_factory=dict)
    features: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in FEATURES})
    basic_filter: Json | None = None
    # Where comment threads are: each an id and the range of a cell, which is empty once the cell is deleted.
    comment_anchors: list[Json] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Whether people don't see this tab."""
        return bool(self.properties.get("hidden"))

    @property
    def has_cells(self) -> bool:
        """Whether this tab is not one that a chart or connected data has for itself."""
        return str(self.properties.get("sheetType", "GRID")) == "GRID"

    @property
    def row_count(self) -> int:
        """How many rows the grid has."""
        return self.grid.row_axis.count

    @property
    def column_count(self) -> int:
        """How many columns the grid has."""
        return self.grid.column_axis.count

    def copy(self) -> Sheet:
        """Give a copy that can be changed on its own."""
        return Sheet(
            self.sheet_id,
            self.title,
            self.grid.copy(),
            copy.deepcopy(self.properties),
            copy.deepcopy(self.grid_properties),
            # Members of these lists are replaced, never changed.
            {name: list(members) for name, members in self.features.items()},
            self.basic_filter,
            list(self.comment_anchors),
        )

    def as_properties(self, index: int) -> Json:
        """Give the SheetProperties as the API answers them."""
        grid = {"rowCount": self.row_count, "columnCount": self.column_count}
        grid |= {name: value for name, value in self.grid_properties.items() if value}
        shown = {"sheetId": self.sheet_id, "title": self.title, "index": index, "sheetType": "GRID"}
        own = {name: value for name, value in self.properties.items() if value}
        # A chart on a tab of its own has no grid.
        return shown | ({} if own.get("sheetType") == "OBJECT" else {"gridProperties": grid}) | own

    def full_range(self) -> Json:
        """Give the GridRange of the whole grid, bounded."""
        return {
            "sheetId": self.sheet_id,
            "startRowIndex": 0,
            "endRowIndex": self.row_count,
            "startColumnIndex": 0,
            "endColumnIndex": self.column_count,
        }

    def bands(self) -> list[Json]:
        """Give the banded ranges, with those of the tables."""
        return [*self.features["bandedRanges"], *map(band, self.features["tables"])]

    def follow(self, change: Shift) -> None:
        """Let everything on this tab that names places follow a structural change."""
        for name, schema in FEATURES.items():
            members = self.features[name]
            if members:
                moved = (_follow(name, member, schema, change) for member in members)
                self.features[name] = [
                    member for member in moved if member is not None and not _collapsed(name, member)
                ]
        if self.basic_filter:
            self.basic_filter = filter_columns.follow(self.basic_filter, "BasicFilter", change)
        if self.comment_anchors:
            anchored = ((anchor, shift_range(anchor["range"], change)) for anchor in self.comment_anchors)
            self.comment_anchors = [
                {**anchor, "range": area or emptied_range(anchor["range"], change)} for anchor, area in anchored
            ]


def _follow(name: str, member: Json, schema: str, change: Shift) -> Json | None:
    """Give what becomes of a member of a list of features, None if it goes."""
    if name == "tables":
        return follow(member, change)
    return (
        filter_columns.follow(member, schema, change)
        if name == "filterViews"
        else shift_message(member, schema, change)
    )


def _collapsed(name: str, member: Json) -> bool:
    """Tell whether a merge has shrunk to one cell."""
    if name != "merges":
        return False
    height: int = member["endRowIndex"] - member["startRowIndex"]
    width: int = member["endColumnIndex"] - member["startColumnIndex"]
    return height * width <= 1


@dataclass
class Spreadsheet:
    """A spreadsheet: properties, tabs, named ranges and developer metadata."""

    spreadsheet_id: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    version: int = 0
    # Whether any cell may hold a pivot table, so that those without need not be searched for one.
    has_pivots: bool = False
    comments: list[Json] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The spreadsheet's title."""
        return str(self.properties["title"])

    @property
    def locale(self) -> Locale:
        """How values and formulas are read and shown."""
        return locale_of(self.properties)

    def copy(self) -> Spreadsheet:
        """Give a copy that can be changed on its own, one version further."""
        return Spreadsheet(
            self.spreadsheet_id,
            copy.deepcopy(self.properties),
            [sheet.copy() for sheet in self.sheets],
            list(self.named_ranges),
            list(self.metadata),
            self.version + 1,
            self.has_pivots,
            list(self.comments),
        )

    def sheet(self, sheet_id: int) -> Sheet:
        """Give the tab with an id; raises ApiError as requests about cells and dimensions do."""
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise invalid(f"No grid with id: {sheet_id}")

    def tab(self, sheet_id: int) -> Sheet:
        """Give the tab with an id; raises ApiError as requests about tabs and metadata do."""
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise invalid(f"No sheet with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        """Give the tab with a title, whatever its case."""
        wanted = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == wanted), None)

    def first_visible(self) -> Sheet:
        """Give the tab that a range without one means."""
        return next((sheet for sheet in self.sheets if not sheet.hidden), self.sheets[0])

    def named(self, name: str) -> Json | None:
        """Give the named range with a name, whatever its case."""
        wanted = name.casefold()
        return next((item for item in self.named_ranges if item["name"].casefold() == wanted), None)

    def cell_count(self) -> int:
        """Give how many cells the grids have together, written or not."""
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets if sheet.has_cells)

    def name_table_columns(self) -> dict[str, dict[str, str]]:
        """Let columns of tables be called what their header cells say; give, by table, new names by folded old ones."""
        renamed: dict[str, dict[str, str]] = {}
        for sheet in self.sheets:
            for index, old in enumerate(sheet.features["tables"]):
                new = name_columns(old, sheet.grid, self.locale)
                if new is not old:
                    sheet.features["tables"][index] = new
                    renamed[new["name"]] = changed_names(old, new)
        return renamed

    def follow(self, change: Shift) -> None:
        """Let named ranges, metadata and everything on the tabs follow a structural change."""
        for sheet in self.sheets:
            sheet.follow(change)
        self.named_ranges = [
            member
            for member in (shift_message(item, "NamedRange", change) for item in self.named_ranges)
            if member is not None
        ]
        kept = (shift_message(item, "DeveloperMetadata", change) for item in self.metadata)
        self.metadata = [item for item in kept if item is not None]


def new_id(taken: set[int]) -> int:
    """Give a random positive id that is not taken."""
    while True:
        found = random.randrange(1, 2**31 - 1)
        if found not in taken:
            return found


def new_spreadsheet_id() -> str:
    """Give an id that looks like Google's: 44 characters."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "1" + "".join(random.choices(alphabet, k=43))


def on_other_sheet(member: Json, schema: str, old: int, new: int) -> Any:
    """Give a feature of a tab as its copy on another tab has it: places on the old tab become places on the new one."""

    def mapped(place: Json) -> Json:
        return {**place, "sheetId": new} if place.get("sheetId", 0) == old else place

    return map_places(member, schema, {"GridRange": mapped, "DimensionRange": mapped, "GridCoordinate": mapped})
