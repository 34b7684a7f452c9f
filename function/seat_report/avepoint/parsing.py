"""Parses responses into seats, or reasons why they are unusable. Pure; never fails on content or invents a number.

Decisions where the published contracts are ambiguous:
- A count is a whole number from 0 to `MOST_SEATS`. JSON has one kind of number, so 25.0 is 25; 25.5 and true are not
  counts. Nor is a key that occurs twice in one object with different values.
- The vendor's pages print some counts as text: plain digits, "25", are taken for the count, and the run says so once.
  "N/A", "1,200" and any other text is no count.
- The vendor's pages mix camelCase and PascalCase: a member is looked up in camelCase, then in PascalCase.
- A tenant's ID is text, or a whole number, taken as its decimal digits; what surrounds the bare ID is left out.
- A name is only a label: anything but text becomes "".
- NaN and Infinity, which Python accepts although they aren't JSON, make only the tenant they belong to unusable.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from seat_report.avepoint import problems
from seat_report.domain import ProblemKind, Query, TenantSeats, UnusableTenant, bare_id, canonical_id, clean

MOST_SEATS = 1_000_000_000
# Per customer and type, where a handful is usual. A service that sends more may never stop, and would fill memory and
# the sheet.
MOST_TENANTS = 10_000
# Up to this many entries without an ID are reported one by one.
_MOST_WITHOUT_ID = 10
_LONGEST_ID = 200
_LONGEST_NAME = 500
_LONGEST_EXCERPT = 40
# Cleaning goes through a text letter by letter, which would take seconds for one as long as a body.
_LONGEST_CLEANED = 4 * _LONGEST_NAME
_LONGEST_COUNT = 10

Measure = Literal["assigned", "available"]
# The names of the counts, the same in both contracts.
COUNT_FIELDS: Mapping[Measure, str] = {"assigned": "assignedUserSeat", "available": "availableUserSeat"}
_MISSING_REASON = "AvePoint left it out"
_CONFLICT_REASON = "AvePoint sent two different values"


class UnreadableResponseError(Exception):
    """A response isn't as documented; the text continues a sentence that starts with "AvePoint"."""


class InvalidCount(NamedTuple):
    """A count that was sent but is unusable, and why; the text follows the count's name and a colon."""

    why: str


# A count as received: the number, None if it is missing or null, or why it is unusable.
Count = int | InvalidCount | None


class Fields(NamedTuple):
    """The names of the fields with a tenant's ID and name in a contract."""

    tenant_id: str
    name: str


class _Entry(NamedTuple):
    """One tenant as received."""

    tenant_id: str
    name: str
    assigned: Count
    available: Count


class _Conflict:
    """Replaces the value of a key that occurs twice in one object with different values."""


def read_json(body: bytes) -> object:
    """The JSON value of a body; raises UnreadableResponseError if it isn't JSON."""
    try:
        return _parse_json(body)
    except (ValueError, RecursionError):
        what = "a web page" if body.lstrip()[:1] == b"<" else "something that is not JSON" if body else "nothing"
        raise UnreadableResponseError(f"answered with {what}") from None


def as_list(value: object) -> list[object]:
    """The value as a list of entries; raises UnreadableResponseError if it isn't a list."""
    if isinstance(value, list):
        return value
    raise UnreadableResponseError("answered with something other than the documented list of tenants")


def as_object(value: object) -> dict[str, object]:
    """The value as an object; raises UnreadableResponseError if it isn't an object."""
    if isinstance(value, dict):
        return value
    raise UnreadableResponseError("answered with something other than the documented object")


def member(value: Mapping[str, object], name: str) -> object:
    """The member of this camelCase name, or else of the same name in PascalCase; None if there is neither."""
    return value[name] if name in value else value.get(name[:1].upper() + name[1:])


def whole_number(value: object) -> object:
    """The number that text of plain digits spells; any other value as it is."""
    return int(value) if isinstance(value, str) and _is_digits(value) else value


class TenantMerge:
    """The tenants of one query, merged from one or more responses."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._entries: dict[str, _Entry] = {}
        self._without_id: list[tuple[str, str]] = []
        self._received = 0
        # Whether a count came as text.
        self.has_text_counts = False

    def add(self, items: Iterable[object]) -> list[str]:
        """Add a response's entries and return the canonical ID of each entry that has one.

        A tenant sent again counts once; a count that differs from the earlier one becomes unusable.
        Raises UnreadableResponseError for more than MOST_TENANTS.
        """
        ids = []
        for item in items:
            self._received += 1
            if self._received > MOST_TENANTS:
                raise UnreadableResponseError(f"sent more than {MOST_TENANTS:,} tenants")
            entry = self._parse_entry(item)
            if entry:
                key = canonical_id(entry.tenant_id)
                known = self._entries.get(key)
                self._entries[key] = _merge_entries(known, entry) if known else entry
                ids.append(key)
        return ids

    def fill(self, measure: Measure, items: Iterable[object]) -> None:
        """Add the response to a request filtered for one count; it only fills that count where it is missing."""
        filtered = TenantMerge(self._fields)
        filtered.add(items)
        self._without_id += filtered._without_id
        self.has_text_counts |= filtered.has_text_counts
        for key, entry in filtered._entries.items():
            known = self._entries.get(key, entry._replace(assigned=None, available=None))
            if getattr(known, measure) is None:
                known = known._replace(**{measure: getattr(entry, measure)})
            self._entries[key] = known

    def missing_counts(self) -> tuple[Measure, ...]:
        """The counts that are missing for at least one tenant."""
        return tuple(
            measure
            for measure in COUNT_FIELDS
            if any(getattr(entry, measure) is None for entry in self._entries.values())
        )

    def result(self, query: Query, request_id: str = "") -> tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]:
        """The tenants with usable numbers, and those with unusable ones, each with its reason."""
        tenants, unusable = [], []
        for entry in self._entries.values():
            seats = _usable_seats(entry)
            if seats:
                tenants.append(seats)
            else:
                unusable.append(_unusable(query, entry.tenant_id, entry.name, _unusable_reason(entry), request_id))
        unusable += [_unusable(query, None, name, why, request_id) for name, why in self._report_without_id()]
        return tuple(tenants), tuple(unusable)

    def _report_without_id(self) -> list[tuple[str, str]]:
        """The name and fault of each entry without an ID; of many, the last item stands for the rest."""
        surplus = len(self._without_id) - _MOST_WITHOUT_ID
        if surplus <= 1:
            return self._without_id
        return [*self._without_id[:_MOST_WITHOUT_ID], (f"{surplus:,} more tenants", "AvePoint sent no usable IDs")]

    def _parse_entry(self, item: object) -> _Entry | None:
        """Parse one entry; if it has no usable ID, record it as such and return None."""
        if not isinstance(item, dict):
            self._without_id.append(("", f"it is not an object but {_describe(item)}"))
            return None
        raw_name = member(item, self._fields.name)
        name = clean(raw_name[:_LONGEST_CLEANED], _LONGEST_NAME) if isinstance(raw_name, str) else ""
        tenant_id = _parse_id(member(item, self._fields.tenant_id))
        if tenant_id is None:
            self._without_id.append((name, f"{self._fields.tenant_id}: AvePoint sent no usable ID"))
            return None
        raw_counts = {measure: member(item, field) for measure, field in COUNT_FIELDS.items()}
        self.has_text_counts |= any(map(_is_digits, raw_counts.values()))
        counts = {measure: _parse_count(value) for measure, value in raw_counts.items()}
        return _Entry(tenant_id, name, counts["assigned"], counts["available"])


def _parse_json(body: bytes) -> object:
    try:
        return json.loads(body, object_pairs_hook=_resolve_duplicates)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        # Python refuses to convert integers of thousands of digits; parsed as floats, they become Infinity.
        return json.loads(body, object_pairs_hook=_resolve_duplicates, parse_int=float)


def _resolve_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        for key, sent in pairs:
            # Types are compared too, because `1 == True == 1.0` in Python.
            if value[key] != sent or type(value[key]) is not type(sent):
                value[key] = _Conflict
    return value


def _parse_id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST_EXCERPT:
        return str(value)
    if not isinstance(value, str) or len(value) > _LONGEST_CLEANED:
        return None
    # Not truncated, to reject IDs that are too long: two truncated IDs could become equal.
    text = bare_id(clean(value, len(value)))
    return text if 0 < len(text) <= _LONGEST_ID else None


def _parse_count(value: object) -> Count:
    if value is None:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    value = whole_number(value)
    if type(value) is not int:
        return InvalidCount(_CONFLICT_REASON if value is _Conflict else f"{_describe(value)} is not a whole number")
    if value < 0:
        return InvalidCount(f"{_describe(value)} is negative")
    if value > MOST_SEATS:
        return InvalidCount(f"{_describe(value)} is impossibly high")
    return value


def count_in(value: object) -> int:
    """A count of seats as received; raises UnreadableResponseError if it is missing or is no count."""
    count = _parse_count(value)
    if isinstance(count, int):
        return count
    raise UnreadableResponseError(f"gave no usable count: {count.why if count else 'it is missing'}")


def is_text_count(value: object) -> bool:
    """Whether a count came as text."""
    return _is_digits(value)


def _is_digits(value: object) -> bool:
    """Whether the value is text of plain digits, no more than a count can have."""
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _LONGEST_COUNT


def _merge_entries(first: _Entry, second: _Entry) -> _Entry:
    """Merge two entries for the same tenant."""
    return first._replace(
        name=first.name or second.name,
        assigned=first.assigned if first.assigned == second.assigned else InvalidCount(_CONFLICT_REASON),
        available=first.available if first.available == second.available else InvalidCount(_CONFLICT_REASON),
    )


def _usable_seats(entry: _Entry) -> TenantSeats | None:
    if isinstance(entry.assigned, int) and isinstance(entry.available, int):
        return TenantSeats(entry.tenant_id, entry.name, entry.assigned, entry.available)
    return None


def _unusable_reason(entry: _Entry) -> str:
    """Why the entry's numbers are unusable."""
    reasons = []
    for measure, field in COUNT_FIELDS.items():
        count = getattr(entry, measure)
        if not isinstance(count, int):
            reasons.append(f"{field}: {count.why if count else _MISSING_REASON}")
    return "; ".join(reasons)


def name_in(value: object) -> str:
    """A name as received, fit to be shown; "" if it is no text."""
    return clean(value, _LONGEST_NAME) if isinstance(value, str) else ""


def id_in(value: object) -> str | None:
    """An ID as received; None if it is not usable."""
    return _parse_id(value)


def _unusable(query: Query, tenant_id: str | None, name: str, why: str, request_id: str) -> UnusableTenant:
    label = name or tenant_id or "a tenant without a name"
    detail = f"The numbers for {label} can't be used: {why}. If this persists, contact AvePoint support"
    return UnusableTenant(tenant_id, name, problems.problem(query, ProblemKind.BAD_ANSWER, detail, request_id))


def _describe(value: object) -> str:
    """A short description of a JSON value."""
    if isinstance(value, str):
        return f"the text “{clean(value[:_LONGEST_CLEANED], _LONGEST_EXCERPT)}”"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_EXCERPT:
        return f"a number of more than {_LONGEST_EXCERPT} digits"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
