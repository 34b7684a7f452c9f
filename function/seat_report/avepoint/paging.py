"""Follows a list page by page (the vendor documents `pageIndex` from 1, `pageSize` up to 100, `metadata.totalCount`).

No I/O. Where the documents leave it open:
- `totalCount` is trusted: once that many entries have arrived, the list is complete.
- If more arrive, the total was wrong, and paging continues until a page is empty or brings nothing new.
- If it is missing on every page, or neither a number nor plain digits, paging continues as if more were always to come.
  So it does for 0, which a page past the end may report.
- If the total changes, an entry comes on two pages, or fewer arrive than announced before a page that is empty or
  brings nothing new, the list changed while it was read, and an entry may be left out: it is read again from the start,
  twice at most. After that it is incomplete.
- Paging always ends: at `MOST_TENANTS` announced or received, and after `_MOST_PAGES`.
"""

import enum
from collections.abc import Callable, Sequence

from seat_report.avepoint.parsing import MOST_TENANTS, UnreadableResponseError, as_list, as_object, member, whole_number

_PAGE_SIZE = 100
# Enough full pages for MOST_TENANTS. The next page is requested only if the last one brought something new.
_MOST_PAGES = MOST_TENANTS // _PAGE_SIZE
_MOST_READINGS = 3


class PageAction(enum.Enum):
    """What to do after a page: get the next, start again without what has arrived, or stop."""

    NEXT = enum.auto()
    AGAIN = enum.auto()
    DONE = enum.auto()


class Paging:
    """How far a list has been read; `entries` names what it holds, for messages.

    `has_changed` says after the last page that the list kept changing, so that it may lack something.
    """

    def __init__(self, entries: str) -> None:
        self._entries = entries
        self._readings = 0
        self._start()

    def _start(self) -> None:
        self._readings += 1
        self._seen: set[str] = set()
        self._received = 0
        self._promised: int | None = None
        self.has_changed = False
        self._page = 1

    @property
    def parameters(self) -> str:
        """The query string of the next page."""
        return f"pageIndex={self._page}&pageSize={_PAGE_SIZE}"

    @property
    def evidence(self) -> str:
        """How the list was incomplete, for support."""
        announced = self._received if self._promised is None else self._promised
        return f"announced {announced} and sent {self._received} when read {_MOST_READINGS} times"

    def receive(self, value: object, add: Callable[[Sequence[object]], Sequence[str]]) -> PageAction:
        """Take a page as JSON; `add` keeps its entries and gives the ID of each that has one.

        Raises UnreadableResponseError if it is not as documented, or the list does not end.
        """
        is_last = self._receive_page(as_object(value), add)
        if self.has_changed and self._readings < _MOST_READINGS:
            self._start()
            return PageAction.AGAIN
        if is_last:
            return PageAction.DONE
        self._page += 1
        if self._page > _MOST_PAGES:
            raise UnreadableResponseError(f"did not come to an end after {_MOST_PAGES} pages of {self._entries}")
        return PageAction.NEXT

    def _receive_page(self, page: dict[str, object], add: Callable[[Sequence[object]], Sequence[str]]) -> bool:
        items = as_list(member(page, "data"))
        self._promise(_total_count(page))
        ids = add(items)
        repeats = sum(key in self._seen for key in ids)
        brings_new = len(ids) > repeats
        if brings_new or self._page == 1:
            # Entries without an ID count too: they were sent, even though they are unusable.
            self._received += len(items) - repeats
        self._seen.update(ids)
        # A page of nothing but repeats is how a service may answer past the end.
        self.has_changed |= brings_new and repeats > 0
        if self._received == self._promised:
            return True
        if not brings_new:
            self.has_changed |= self._promised is not None and self._received < self._promised
            return True
        return False

    def _promise(self, total: int | None) -> None:
        if total is None:
            return
        if total > MOST_TENANTS:
            # Not quoted: it may have thousands of digits.
            raise UnreadableResponseError(f"announced more than {MOST_TENANTS:,} {self._entries}")
        self.has_changed |= self._promised not in (None, total)
        self._promised = total


def _total_count(page: dict[str, object]) -> int | None:
    metadata = member(page, "metadata")
    total = whole_number(member(metadata, "totalCount")) if isinstance(metadata, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None
