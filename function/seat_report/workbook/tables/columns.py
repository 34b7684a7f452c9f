"""Our columns: their definition, and where they are in a tab after people moved, renamed and inserted columns."""

import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seat_report.workbook.sheets_api import Tab

# The key of the developer metadata entries that mark our columns; the entry's value is the column's name.
MARK_KEY = "seat-report.column"
# The key of the entry on a tab that lists, comma-separated, the columns that have been formatted.
FORMATTED_KEY = "seat-report.looks"


class Kind(enum.Enum):
    """What the cells of a column contain; the value is the type and pattern of their number format."""

    TEXT = ("TEXT", "")
    COUNT = ("NUMBER", "#,##0")
    CHANGE = ("NUMBER", "+#,##0;-#,##0;0")
    MONEY = ("NUMBER", "#,##0.00")
    SHARE = ("PERCENT", "0.0%")
    MOMENT = ("DATE_TIME", "yyyy-mm-dd hh:mm")


class Column(NamedTuple):
    """One column of ours.

    `name` is its permanent name (in metadata and code), `header` its initial header, `note` one sentence on its
    meaning. Cells of a key column are written with their row and never again. A column with `counts=False` only holds
    times; changes to it are not reported. A column with `is_peoples` is made if it is missing and is people's from then
    on: its cells are read, never written.
    """

    name: str
    header: str
    kind: Kind
    note: str
    is_key: bool = False
    counts: bool = True
    is_peoples: bool = False


class Placement(NamedTuple):
    """Where our columns are in a tab.

    `at` has the index of each located column by name; `missing` are the columns to add; `ambiguous` has, by name, the
    indexes of several columns that could each be that one, none of which may be touched. `unmarked` are columns without
    their metadata entry; `misleading` are the ids of entries that point elsewhere.
    """

    at: Mapping[str, int]
    missing: tuple[Column, ...]
    ambiguous: Mapping[str, tuple[int, ...]]
    unmarked: tuple[str, ...]
    misleading: tuple[int, ...]

    @property
    def indexes(self) -> frozenset[int]:
        """The indexes of all columns that are, or could be, ours."""
        return frozenset(self.at.values()).union(*self.ambiguous.values())


def folded(header: str) -> str:
    """The header normalised for comparison: case and whitespace are ignored."""
    return " ".join(header.split()).casefold()


def locate(columns: Sequence[Column], tab: Tab) -> Placement:
    """Locate our columns by header text, or by metadata if the header was renamed.

    Metadata counts only for a column whose header is neither blank nor one of our headers. If two columns could be
    the same column of ours, neither is used.
    """
    headers = [folded(cell.text) for cell in (tab.rows[0] if tab.rows else ())]
    ours = {folded(column.header) for column in columns}
    by_text = {
        column.name: [i for i, text in enumerate(headers) if text == folded(column.header)] for column in columns
    }
    renamed = {index for index, text in enumerate(headers) if text and text not in ours}

    at: dict[str, int] = {}
    ambiguous: dict[str, tuple[int, ...]] = {}
    missing = []
    for column in columns:
        marked = {mark.column for mark in tab.marks if mark.name == column.name and mark.column in renamed}
        claimed = set(at.values()).union(*ambiguous.values())
        candidates = by_text[column.name] or sorted(marked - claimed)
        if len(candidates) == 1:
            at[column.name] = candidates[0]
        elif candidates:
            ambiguous[column.name] = tuple(candidates)
        else:
            missing.append(column)

    known = {column.name for column in columns} - ambiguous.keys()
    correct: set[str] = set()
    misleading = []
    for mark in tab.marks:
        if mark.name not in known:
            continue
        if at.get(mark.name) == mark.column and mark.name not in correct:
            correct.add(mark.name)
        else:
            misleading.append(mark.metadata_id)
    unmarked = tuple(name for name in at if name not in correct)
    return Placement(at, tuple(missing), ambiguous, unmarked, tuple(misleading))
