"""What the service answered, made into seats or a reason why not: pure, never an exception or a made-up number.

Decisions, where the published contracts leave something open:
- A count is a whole number from 0 to `MOST_SEATS`. JSON has one kind of number, so 25.0 is 25; 25.5, true and "25" are
  not counts. Nor is one of two different values under one key of one object.
- A tenant's id is text, or a whole number, which is taken as its decimal digits; surrounding space doesn't count.
- A name is only a label: anything but text becomes "".
- NaN and Infinity, which Python reads though JSON has no such thing, spoil the tenant they belong to, not the others.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from seat_report.domain import Problem, ProblemKind, Query, TenantSeats, UnusableTenant, canonical_id, clean

MOST_SEATS = 1_000_000_000
# Of one customer and type, who has a handful. What sends more sends without end, and would fill memory and the sheet.
MOST_TENANTS = 10_000
# Entries that can't be told apart are told one by one up to so many.
_MOST_NAMELESS = 10
_LONGEST_ID = 200
_LONGEST_NAME = 500
_SHOWN = 40

Measure = Literal["assigned", "available"]
# The names of the counts, the same in both contracts.
COUNT_FIELDS: Mapping[Measure, str] = {"assigned": "assignedUserSeat", "available": "availableUserSeat"}
_MISSING = "AvePoint left it out"
_CONFLICTING = "AvePoint gave two different values"


class UnreadableAnswerError(Exception):
    """An answer isn't what its contract documents; the text says what it is instead, to go on after "AvePoint"."""


class InvalidCount(NamedTuple):
    """A count that is there and can't be used, and why, to go on after the count's name and a colon."""

    why: str


# A count as it came: the number, None if it was left out or null, or why it can't be used.
Count = int | InvalidCount | None


class Fields(NamedTuple):
    """What a contract calls the id and the name of a tenant."""

    tenant_id: str
    name: str


class _Entry(NamedTuple):
    """One tenant as it came."""

    tenant_id: str
    name: str
    assigned: Count
    available: Count


class _Conflict:
    """Stands for two different values under one key of one object."""


def read_json(body: bytes) -> object:
    """The JSON value of a body; raises UnreadableAnswerError if it has none."""
    try:
        return _parsed(body)
    except (ValueError, RecursionError):
        what = "a web page" if body.lstrip()[:1] == b"<" else "something that is not JSON" if body else "nothing"
        raise UnreadableAnswerError(f"answered with {what}") from None


def as_list(value: object) -> list[object]:
    """The value as a list of entries; raises UnreadableAnswerError if it is none."""
    if isinstance(value, list):
        return value
    raise UnreadableAnswerError("answered with something other than the documented list of tenants")


def as_object(value: object) -> dict[str, object]:
    """The value as an object; raises UnreadableAnswerError if it is none."""
    if isinstance(value, dict):
        return value
    raise UnreadableAnswerError("answered with something other than the documented object")


class TenantMerge:
    """The tenants of one query, gathered from one answer or several."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._entries: dict[str, _Entry] = {}
        self._nameless: list[tuple[str, str]] = []
        self._count = 0

    def add(self, items: Iterable[object]) -> list[str]:
        """Take in the entries of an answer and return the id of each that has one, in the form that compares.

        A tenant that comes again counts once; where its numbers differ from those before, they become unfit.
        Raises UnreadableAnswerError for more than MOST_TENANTS.
        """
        came = []
        for item in items:
            self._count += 1
            if self._count > MOST_TENANTS:
                raise UnreadableAnswerError(f"sent more than {MOST_TENANTS:,} tenants")
            entry = self._entry(item)
            if entry:
                key = canonical_id(entry.tenant_id)
                before = self._entries.get(key)
                self._entries[key] = _agreed(before, entry) if before else entry
                came.append(key)
        return came

    def fill(self, measure: Measure, items: Iterable[object]) -> None:
        """Take in the answer to a question for one count: it fills that count where it was left out, no more."""
        asked = TenantMerge(self._fields)
        asked.add(items)
        self._nameless += asked._nameless
        for key, entry in asked._entries.items():
            before = self._entries.get(key, entry._replace(assigned=None, available=None))
            if getattr(before, measure) is None:
                before = before._replace(**{measure: getattr(entry, measure)})
            self._entries[key] = before

    def left_out(self) -> tuple[Measure, ...]:
        """The counts that at least one tenant came without."""
        return tuple(
            measure
            for measure in COUNT_FIELDS
            if any(getattr(entry, measure) is None for entry in self._entries.values())
        )

    def result(self, query: Query, request_id: str = "") -> tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]:
        """The tenants whose numbers can be used, and those whose numbers can't, each with its reason."""
        tenants, unusable = [], []
        for entry in self._entries.values():
            seats = _seats(entry)
            if seats:
                tenants.append(seats)
            else:
                unusable.append(_unusable(query, entry.tenant_id, entry.name, _reason(entry), request_id))
        unusable += [_unusable(query, None, name, why, request_id) for name, why in self._told_nameless()]
        return tuple(tenants), tuple(unusable)

    def _told_nameless(self) -> list[tuple[str, str]]:
        """The name and fault of each entry that nobody can tell apart, the last of many for the rest of them."""
        more = len(self._nameless) - _MOST_NAMELESS
        if more <= 1:
            return self._nameless
        return [*self._nameless[:_MOST_NAMELESS], (f"{more:,} more tenants", "AvePoint gave no usable ids")]

    def _entry(self, item: object) -> _Entry | None:
        """One entry; None if it can't be told which tenant it is about, which is then noted."""
        if not isinstance(item, dict):
            self._nameless.append(("", f"it is not an object but {_shown(item)}"))
            return None
        given_name = item.get(self._fields.name)
        name = clean(given_name, _LONGEST_NAME) if isinstance(given_name, str) else ""
        tenant_id = _id(item.get(self._fields.tenant_id))
        if tenant_id is None:
            self._nameless.append((name, f"{self._fields.tenant_id}: AvePoint gave no usable id"))
            return None
        counts = {measure: _count(item.get(field)) for measure, field in COUNT_FIELDS.items()}
        return _Entry(tenant_id, name, counts["assigned"], counts["available"])


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body, object_pairs_hook=_object)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        # Python refuses to convert whole numbers of thousands of digits; as fractions they become Infinity.
        return json.loads(body, object_pairs_hook=_object, parse_int=float)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        for key, given in pairs:
            # `1 == True == 1.0` in Python, hence the types.
            if value[key] != given or type(value[key]) is not type(given):
                value[key] = _Conflict
    return value


def _id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_SHOWN:
        return str(value)
    if not isinstance(value, str):
        return None
    # Whole, to see whether it is too long: two ids cut short could become one.
    text = clean(value, len(value))
    return text if 0 < len(text) <= _LONGEST_ID else None


def _count(value: object) -> Count:
    if value is None:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        return InvalidCount(_CONFLICTING if value is _Conflict else f"{_shown(value)} is not a whole number")
    if value < 0:
        return InvalidCount(f"{_shown(value)} is negative")
    if value > MOST_SEATS:
        return InvalidCount(f"{_shown(value)} is impossibly many")
    return value


def _agreed(one: _Entry, other: _Entry) -> _Entry:
    """What two entries for the same tenant come to."""
    return one._replace(
        name=one.name or other.name,
        assigned=one.assigned if one.assigned == other.assigned else InvalidCount(_CONFLICTING),
        available=one.available if one.available == other.available else InvalidCount(_CONFLICTING),
    )


def _seats(entry: _Entry) -> TenantSeats | None:
    if isinstance(entry.assigned, int) and isinstance(entry.available, int):
        return TenantSeats(entry.tenant_id, entry.name, entry.assigned, entry.available)
    return None


def _reason(entry: _Entry) -> str:
    """Why the entry's numbers can't be used."""
    reasons = []
    for measure, field in COUNT_FIELDS.items():
        count = getattr(entry, measure)
        if not isinstance(count, int):
            reasons.append(f"{field}: {count.why if count else _MISSING}")
    return "; ".join(reasons)


def _unusable(query: Query, tenant_id: str | None, name: str, why: str, request_id: str) -> UnusableTenant:
    called = name or tenant_id or "a tenant without a name"
    about = f" (AvePoint's request id: {request_id})" if request_id else ""
    detail = f"The numbers of {called} can't be used: {why}. If this stays so, tell AvePoint's support{about}."
    problem = Problem(ProblemKind.BAD_ANSWER, detail, customer_id=query.customer_id, tenant_type=query.tenant_type)
    return UnusableTenant(tenant_id, name, problem)


def _shown(value: object) -> str:
    """A JSON value in few characters."""
    if isinstance(value, str):
        return f"the text “{clean(value, _SHOWN)}”"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and abs(value) >= 10**_SHOWN:
        return f"a number of more than {_SHOWN} digits"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
