"""How places follow when rows, columns or blocks of cells are inserted, deleted and moved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .errors import Json
from .grid import moved_index
from .schema import properties

Span = tuple[int, int | None]
_KEYS = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}
_COORDINATES = {"ROWS": "rowIndex", "COLUMNS": "columnIndex"}
OTHER = {"ROWS": "COLUMNS", "COLUMNS": "ROWS"}


@dataclass(frozen=True)
class Shift(ABC):
    """One structural change along a dimension of a tab.

    `band` limits it to a stretch of the other dimension, as inserting or deleting a block of cells does.
    """

    sheet_id: int
    dimension: str
    band: tuple[int, int] | None = None

    @property
    @abstractmethod
    def begins(self) -> int:
        """The first index that the change can touch."""

    @abstractmethod
    def span(self, start: int, end: int | None) -> Span | None:
        """Give where [start, end) lies afterwards, None if nothing is left of it; an end of None is open."""

    def covers(self, start: int, end: int | None) -> bool:
        """Tell whether a stretch of the other dimension lies wholly in the band."""
        return self.band is None or (end is not None and self.band[0] <= start and end <= self.band[1])


@dataclass(frozen=True)
class Insert(Shift):
    """`count` rows or columns come in at `at`."""

    at: int = 0
    count: int = 0

    @property
    def begins(self) -> int:
        """Where something comes in."""
        return self.at

    def span(self, start: int, end: int | None) -> Span | None:
        """A span grows when something comes in inside it and shifts when it comes in at or above its start."""
        if start == end and start >= self.at:
            return start + self.count, end + self.count
        new_end = end if end is None or end <= self.at else end + self.count
        return (start + self.count if start >= self.at else start), new_end


@dataclass(frozen=True)
class Delete(Shift):
    """The rows or columns [start_index, end_index) go."""

    start_index: int = 0
    end_index: int = 0

    @property
    def begins(self) -> int:
        """The first that goes."""
        return self.start_index

    def span(self, start: int, end: int | None) -> Span | None:
        """A span loses what is deleted of it."""
        new_start = self._place(start)
        new_end = None if end is None else self._place(end)
        return None if new_end is not None and new_end <= new_start and start != end else (new_start, new_end)

    def _place(self, index: int) -> int:
        return index - max(0, min(index, self.end_index) - self.start_index)


@dataclass(frozen=True)
class Move(Shift):
    """The rows or columns [start_index, end_index) move in front of `destination`, counted before the move."""

    start_index: int = 0
    end_index: int = 0
    destination: int = 0

    @property
    def begins(self) -> int:
        """The first that moves, or makes room."""
        return min(self.start_index, self.destination)

    def span(self, start: int, end: int | None) -> Span | None:
        """A span inside the moved part goes with it; one around both places stays; others lose and gain."""
        if end is None:
            return start, None
        if self.start_index <= start and end <= self.end_index:
            first = moved_index(start, self.start_index, self.end_index, self.destination)
            return first, first + end - start
        if start <= self.start_index and self.end_index <= end and start <= self.destination <= end:
            return start, end
        length = self.end_index - self.start_index
        left = Delete(self.sheet_id, self.dimension, None, self.start_index, self.end_index).span(start, end)
        if left is None:
            return None
        target = self.destination if self.destination <= self.start_index else self.destination - length
        return Insert(self.sheet_id, self.dimension, None, target, length).span(*left)


Simple = Insert | Delete


class Renumber(Shift):
    """Insertions and deletions along one dimension of a tab in one step, told from the last to the first.

    It holds, for each index of the tab as it was before them, where a span that starts there starts afterwards, and
    where one that ends there ends. These differ: what comes in right where a span starts is in front of it, what comes
    in right where it ends is behind it.
    """

    def __init__(self, changes: Sequence[Simple]) -> None:
        """Make room for these changes, which are along one dimension of one tab; none is told yet."""
        super().__init__(changes[0].sheet_id, changes[0].dimension)
        ends = (change.at + change.count if isinstance(change, Insert) else change.end_index for change in changes)
        # However many insertions are told, indexes from here on only shift.
        reach = max(ends) + 2 + sum(change.count for change in changes if isinstance(change, Insert))
        self._starts = list(range(reach))
        self._ends = list(range(reach))
        self._shift = 0
        self._begins = reach

    def precede(self, change: Simple) -> None:
        """Tell one more change, which was made before all those told so far."""
        if isinstance(change, Insert):
            del self._starts[change.at : change.at + change.count]
            del self._ends[change.at + 1 : change.at + 1 + change.count]
            self._shift += change.count
        else:
            first, count = change.start_index, change.end_index - change.start_index
            for places in (self._starts, self._ends):
                places[first + 1 : first + 1] = [places[first]] * count
            self._shift -= count
        self._begins = min(self._begins, change.begins)

    @property
    def begins(self) -> int:
        """The first index that any of the changes can touch."""
        return self._begins

    def span(self, start: int, end: int | None) -> Span | None:
        """A span goes from where its start is to where its end is, if anything is left between."""
        new_start = self._starts[start] if start < len(self._starts) else start + self._shift
        if end is None:
            return new_start, None
        new_end = self._ends[end] if end < len(self._ends) else end + self._shift
        return (new_start, new_end) if new_start < new_end else None


def shift_range(area: Json, change: Shift) -> Json | None:
    """Give a GridRange as it lies after a change, None if it is gone."""
    if area.get("sheetId", 0) != change.sheet_id:
        return area
    start_key, end_key = _KEYS[change.dimension]
    other_start, other_end = _KEYS[OTHER[change.dimension]]
    if not change.covers(area.get(other_start, 0), area.get(other_end)):
        return area
    if start_key not in area and end_key not in area:
        return area
    span = change.span(area.get(start_key, 0), area.get(end_key))
    if span is None:
        return None
    moved = {**area, start_key: span[0]}
    if span[1] is not None:
        moved[end_key] = span[1]
    return moved


def emptied_range(area: Json, change: Shift) -> Json:
    """Give what is left of a GridRange that is gone after a change: an empty one at the gap."""
    start_key, end_key = _KEYS[change.dimension]
    return {**area, start_key: change.begins, end_key: change.begins}


def shift_dimension(area: Json, change: Shift) -> Json | None:
    """Give a DimensionRange as it lies after a change, None if it is gone."""
    if change.band or area.get("sheetId", 0) != change.sheet_id or area.get("dimension") != change.dimension:
        return area
    span = change.span(area.get("startIndex", 0), area.get("endIndex"))
    if span is None:
        return None
    moved = {**area, "startIndex": span[0]}
    if span[1] is not None:
        moved["endIndex"] = span[1]
    return moved


def shift_coordinate(place: Json, change: Shift) -> Json:
    """Give a GridCoordinate as it lies after a change; one whose row or column is deleted stays at the gap."""
    if place.get("sheetId", 0) != change.sheet_id or change.band:
        return place
    key = _COORDINATES[change.dimension]
    index = place.get(key, 0)
    span = change.span(index, index + 1)
    if span is None and isinstance(change, Delete):
        span = (change.start_index, None)
    return {**place, key: span[0]} if span else place


def shift_message(value: Any, schema: str, change: Shift) -> Any:
    """Give a message of the named schema with every place in it shifted; None if what it is about is gone.

    A list loses the members that are gone. A message goes when the range that is its own goes, or when all ranges go
    of a list that it needs.
    """
    return map_places(
        value,
        schema,
        {
            "GridRange": lambda area: shift_range(area, change),
            "DimensionRange": lambda area: shift_dimension(area, change),
            "GridCoordinate": lambda place: shift_coordinate(place, change),
        },
    )


PlaceMaps = Mapping[str, Callable[[Json], Json | None]]


def map_places(value: Json, schema: str, maps: PlaceMaps) -> Json | None:
    """Give a message with every place in it mapped, None if what it is about is gone."""
    if schema in maps:
        return maps[schema](value)
    mapped: Json = {}
    places = _places(schema)
    for name, item in value.items():
        if name not in places:
            mapped[name] = item
            continue
        inner, repeated = places[name]
        if repeated:
            kept = [part for part in (map_places(part, inner, maps) for part in item) if part is not None]
            if item and not kept:
                return None
            mapped[name] = kept
        else:
            moved = map_places(item, inner, maps)
            if moved is None:
                return None
            mapped[name] = moved
    return mapped


@cache
def _places(schema: str) -> dict[str, tuple[str, bool]]:
    """Give the fields of a schema below which there are places, with their schema and whether they repeat."""
    found = {}
    for name, prop in properties(schema).items():
        repeated = "items" in prop
        inner = (prop["items"] if repeated else prop).get("$ref")
        if inner and _has_places(inner, frozenset()):
            found[name] = (inner, repeated)
    return found


@cache
def _has_places(schema: str, seen: frozenset[str]) -> bool:
    if schema in ("GridRange", "DimensionRange", "GridCoordinate"):
        return True
    if schema in seen:
        return False
    inner = [(prop.get("items") or prop).get("$ref") for prop in properties(schema).values()]
    return any(name and _has_places(name, seen | {schema}) for name in inner)
