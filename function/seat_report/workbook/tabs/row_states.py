"""What the Seat Report remembers of rows beyond what their cells hold. Pure.

Sentences in `Detail` may be reworded or overwritten, so nothing is read from them: this state is kept in a metadata
entry on the tab. Only for a row that the entry says nothing about, because an earlier version wrote it, because a run
was interrupted before it wrote the entry, or because the entry has no room, the sentences of `Detail` are understood.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seat_report.domain import LastQuery, Number, Status, TenantKey
from seat_report.workbook.sheets_api import Request, Tab, TabEntry, requests
from seat_report.workbook.tables import ObservedRow, ObservedTable
from seat_report.workbook.tabs.desired_tenant import DesiredTenant
from seat_report.workbook.tabs.seat_row import LOST_KEY, key_of, status_of

ENTRY_KEY = "seat-report.row-states"
# Google allows 30,000 characters on a tab, and the entry with the asked types takes up to 16,000.
_MOST_CHARACTERS = 12_000
_DIGEST_LENGTH = 8
# The sentences that earlier versions read back. They must stay as they are, whatever is written now.
_OLD_SINCE = re.compile(r"Not reported since (\d{4}-\d{2})-\d{2}")
_OLD_PEAK = re.compile(r"Peak of (\d{4}-\d{2}): (\d[\d,]*)\.")
_OLD_NOT_CHECKED = "not checked"
WITHOUT_ANSWER = (Status.STALE, Status.NO_DATA)
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class RowStates:
    """The state of rows, by a digest of their keys.

    `since` has the month since which a row is not reported, `lost` those of them that have lost their key, and `peaks`
    the peak in `peak_month` of rows without numbers. For rows without a good answer, `out_of_time` says whether the
    last run had no time for most of them, None if there are none, and `exceptions` are the others.
    """

    since: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    peak_month: str = ""
    peaks: Mapping[str, int] = field(default_factory=dict)
    out_of_time: bool | None = None
    exceptions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tab: Tab) -> "RowStates":
        """What the tab's entry says; nothing if there is none, or none that can be read."""
        entry = _entry(tab)
        try:
            return cls._parse(json.loads(entry.value)) if entry else cls()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return cls()

    @classmethod
    def _parse(cls, value: Mapping[str, Any]) -> "RowStates":
        since = {row: month for month, rows in value.get("since", {}).items() for row in _split(rows)}
        peaks = {row: int(peak) for row, peak in value.get("peaks", {}).items()}
        out_of_time = {"most": True, "few": False}.get(value.get("out_of_time", ""))
        if not all(map(_MONTH.fullmatch, since.values())):
            raise ValueError("a month of another form")
        return cls(
            since,
            frozenset(_split(value.get("lost", ""))),
            str(value.get("peak_month", "")),
            peaks,
            out_of_time,
            frozenset(_split(value.get("exceptions", ""))),
        )

    def not_reported_since(self, row: ObservedRow) -> str | None:
        """The month since which the row is not reported; None if that is not known."""
        if month := self.since.get(digest_of(row)):
            return month
        old = _OLD_SINCE.match(row.text("detail"))
        return old.group(1) if old else None

    def peak(self, row: ObservedRow, month: str) -> int | None:
        """The peak in this month that a row without numbers had before; None if there was none."""
        if self.peak_month == month and (peak := self.peaks.get(digest_of(row))) is not None:
            return peak
        old = _OLD_PEAK.search(row.text("detail"))
        return int(old.group(2).replace(",", "")) if old and old.group(1) == month else None

    def is_out_of_time(self, row: ObservedRow) -> bool:
        """Whether the last run had no time left to query the row."""
        if self.out_of_time is None:
            return row.text("detail").casefold().startswith(_OLD_NOT_CHECKED)
        return (digest_of(row) in self.exceptions) != self.out_of_time

    def has_lost_key(self, row: ObservedRow) -> bool:
        """Whether a row with one of our statuses lacks what tells whose it is: people deleted a key cell or column."""
        status, key = status_of(row), key_of(row)
        if status is None or key is None:
            return status is not None
        if status is Status.NO_TENANTS or (status is Status.NOT_REPORTED and not self._was_lost(row)):
            return False
        return key.tenant_type is None or (status is not Status.NO_DATA and not key.tenant)

    def _was_lost(self, row: ObservedRow) -> bool:
        digest = digest_of(row)
        return digest in self.lost if digest in self.since else LOST_KEY in row.text("detail")

    @property
    def value(self) -> str:
        """The entry's text; past its room, what matters less is left out: the order of queries, peaks, the rest."""
        months: dict[str, list[str]] = {}
        for row, month in sorted(self.since.items()):
            months.setdefault(month, []).append(row)
        since = {month: "".join(rows) for month, rows in sorted(months.items())}
        parts: list[dict[str, object]] = [{"since": since, "lost": "".join(sorted(self.lost))} if since else {}]
        parts += [{"peak_month": self.peak_month, "peaks": dict(sorted(self.peaks.items()))} if self.peaks else {}]
        if self.out_of_time is not None:
            parts += [
                {"out_of_time": "most" if self.out_of_time else "few"},
                {"exceptions": "".join(sorted(self.exceptions))},
            ]
        value: dict[str, object] = {}
        for part in parts:
            if len(_encoded(value | part)) <= _MOST_CHARACTERS:
                value |= part
        return _encoded(value)

    def requests(self, tab: Tab) -> list[Request]:
        """What makes the tab's entry say this."""
        entry, value = _entry(tab), self.value
        if value == (entry.value if entry else _encoded({})):
            return []
        return [requests.set_entry(tab.sheet_id, entry, ENTRY_KEY, value)]


class RowStatesAfter:
    """Gathers the state of rows as it will be after a run."""

    def __init__(self, before: RowStates, month: str) -> None:
        self._before = before
        self._month = month
        self._since: dict[str, str] = {}
        self._lost: set[str] = set()
        self._peaks: dict[str, int] = {}
        self._without_answer: dict[bool, set[str]] = {True: set(), False: set()}

    def note_addition(self, tenant: DesiredTenant) -> None:
        """Note a row that the run adds."""
        if tenant.status in WITHOUT_ANSWER:
            self._without_answer[tenant.is_out_of_time].add(_digest_of_key(tenant.key))

    def note(
        self, row: ObservedRow, status: str, tenant: DesiredTenant | None, newly_lost: bool | None, peak: Number | None
    ) -> None:
        """Note a row that stays, with its status after the run, and what the run's results call for, if anything.

        `newly_lost` is None unless it becomes Not reported, and then whether it has lost its key. `peak` is that of the
        run's month.
        """
        if status in WITHOUT_ANSWER:
            late = tenant.is_out_of_time if tenant else self._before.is_out_of_time(row)
            self._without_answer[late].add(digest_of(row))
        elif status == Status.NOT_REPORTED:
            is_new, digest = newly_lost is not None, digest_of(row)
            since = self._month if is_new else self._before.not_reported_since(row)
            if since is not None:
                # Of rows that can't be told apart, the latest counts for all.
                self._since[digest] = max(since, self._since.get(digest, since))
                if newly_lost if is_new else self._before.has_lost_key(row):
                    self._lost.add(digest)
        if peak is not None and status in (Status.NO_DATA, Status.NOT_REPORTED):
            self._peaks[digest_of(row)] = round(peak)

    def states(self) -> RowStates:
        """The state of all rows noted."""
        late, failed = self._without_answer[True], self._without_answer[False]
        most_are_late = len(late) > len(failed) if late or failed else None
        exceptions = frozenset(failed if most_are_late else late)
        return RowStates(self._since, frozenset(self._lost), self._month, self._peaks, most_are_late, exceptions)


def last_queries(table: ObservedTable) -> Iterator[LastQuery]:
    """How the last query for each row of the table went."""
    states = RowStates.of(table.tab)
    for row in table.rows():
        if (key := key_of(row)) is not None:
            failed = status_of(row) in WITHOUT_ANSWER
            yield LastQuery(
                key,
                row.number("last_checked") or 0.0,
                failed=failed,
                out_of_time=failed and states.is_out_of_time(row),
            )


def digest_of(row: ObservedRow) -> str:
    """A short digest of the row's key, or of what is left of it."""
    key = key_of(row)
    return _digest_of_key(key) if key else _digest(*(row.text(name) for name in ("tenant_type", "tenant_id")))


def _digest_of_key(key: TenantKey) -> str:
    """A short digest of a key: eight characters are 48 bits, enough that no two are equal."""
    return _digest(key.customer, key.tenant_type.value if key.tenant_type else "", key.tenant)


def _digest(*texts: str) -> str:
    digest = hashlib.blake2b("\n".join(texts).encode("utf-8", "replace"), digest_size=_DIGEST_LENGTH * 3 // 4).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _split(digests: str) -> list[str]:
    return [digests[start : start + _DIGEST_LENGTH] for start in range(0, len(digests), _DIGEST_LENGTH)]


def _encoded(value: Mapping[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _entry(tab: Tab) -> TabEntry | None:
    return next((entry for entry in tab.entries if entry.key == ENTRY_KEY), None)
