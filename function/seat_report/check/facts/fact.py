"""What a fact is: requests in a tab of its own, and what is expected of each answer."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seat_report.check.client import Json

PREFIX = "~check "
# The size of the tab in which a fact is tried.
ROWS, COLUMNS = 6, 4


@dataclass(frozen=True)
class Tab:
    """The tab in which a fact is tried; new, empty, of 6 rows and 4 columns."""

    sheet_id: int
    title: str

    def a1(self, area: str = "") -> str:
        """A range of the tab in A1 notation, all of it by default."""
        title = "'" + self.title.replace("'", "''") + "'"
        return f"{title}!{area}" if area else title

    def range(self, top: int | None, bottom: int | None, left: int | None, right: int | None) -> Json:
        """A GridRange; None leaves an end out."""
        names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        ends = zip(names, (top, bottom, left, right), strict=True)
        return {"sheetId": self.sheet_id} | {name: index for name, index in ends if index is not None}

    def rows(self, start: int, end: int) -> Json:
        """A DimensionRange of rows."""
        return {"sheetId": self.sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}

    def columns(self, start: int, end: int) -> Json:
        """A DimensionRange of columns."""
        return {"sheetId": self.sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}

    def write(self, *rows: Sequence[Json]) -> Json:
        """A request that writes values from A1 on, each an ExtendedValue or empty."""
        written = [{"values": [{"userEnteredValue": value} if value else {} for value in row]} for row in rows]
        return {"updateCells": {"start": {"sheetId": self.sheet_id}, "rows": written, "fields": "userEnteredValue"}}


class Anything:
    """Stands for any value, which must be there."""


class Absent:
    """Stands for a field that isn't there, or is false."""


@dataclass(frozen=True)
class Having:
    """Stands for an object that has these fields, whatever else it has."""

    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Filled:
    """Stands for a list with these members, without regard to empty ones at its end."""

    members: Sequence[Any]


@dataclass(frozen=True)
class Including:
    """Stands for a list with such a member."""

    member: Any


def loosely(value: Any) -> Any:
    """The expected value, whose objects, at any depth, may have other fields as well."""
    if isinstance(value, dict):
        return Having({name: loosely(item) for name, item in value.items()})
    return [loosely(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Step:
    """A request and what is expected of it: a batchUpdate if it has requests, else a reading.

    A reading is of the fact's tab, of the given ranges, or, with `is_whole`, of the spreadsheet without content.
    `refused` is a part of the message with which a request is refused; otherwise it must be carried out, and its answer
    must be as `expect` says. `body` is what else the batchUpdate says.
    """

    requests: Sequence[Json] = ()
    fields: str = ""
    ranges: Sequence[str] = ()
    expect: Any = Anything
    refused: str = ""
    body: Mapping[str, Any] | None = None
    is_whole: bool = False


Steps = Callable[[Tab], Generator[Step, Json, None]]


class DifferenceError(Exception):
    """Raised by the steps of a fact if answers differ in a way that no single step can expect; says how."""


@dataclass(frozen=True)
class Fact:
    """Something that the function takes for granted.

    `steps` yields requests with what is expected of each and is sent their answers. `matters` says what it means for
    the report if the service differs.
    """

    name: str
    matters: str
    steps: Steps
