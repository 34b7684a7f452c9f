"""The two published contracts for one question: what to ask, what comes next, and what the answers come to. No I/O.

An inquiry is one query in the terms of one contract: it has the next request, takes in the answer to it, and knows when
it is done. The request stays the same until its answer is taken in, so it can be sent again after a failure.

Paging of `tenants-batch` (the vendor documents `pageIndex` from 1, `pageSize` up to 100 and `metadata.totalCount`):
- `totalCount` is trusted: as many entries as it says, and the answer is complete.
- More than it says: it was wrong, so pages are asked for until one is empty or brings nothing new.
- Fewer, and then an empty page or one that brings nothing new: the answer is not complete. A tenant that is silently
  left out would read as one that has gone, so the whole query fails, and the last known numbers stay, marked stale.
- Left out on every page, or no number: as if more were always to come. So is 0, which a page behind the end may say.
- However it is told, paging ends: at `MOST_TENANTS` announced or sent, and after `_MOST_PAGES`.
"""

import enum
import json
from typing import Protocol
from urllib.parse import quote

from seat_report.avepoint.parsing import (
    MOST_TENANTS,
    Fields,
    Measure,
    TenantMerge,
    UnreadableAnswerError,
    as_list,
    as_object,
)
from seat_report.domain import Query, TenantSeats, UnusableTenant

_PAGE_SIZE = 100
# As many as take MOST_TENANTS in full pages. A page has to bring a tenant that is new for the next to be asked for.
_MOST_PAGES = MOST_TENANTS // _PAGE_SIZE
# The values of `licenseAssignedStatus` (seat API specification, request body parameters).
_FILTERS: dict[Measure, int] = {"available": 0, "assigned": 1}
_NO_BODY = b"{}"
_EMPTY_PAGE: dict[str, object] = {"data": []}

# An answer with status 204. The vendor documents none here; elsewhere in its APIs it means that there is nothing.
NO_CONTENT = object()

MergedTenants = tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]


class Contract(enum.StrEnum):
    """How the service lets itself be asked for seats; the values are those of `AVEPOINT_SEATS_CONTRACT`."""

    USERS = "users"
    TENANTS_BATCH = "tenants-batch"

    @property
    def other(self) -> "Contract":
        """The contract that it is if it isn't this one."""
        return Contract.TENANTS_BATCH if self is Contract.USERS else Contract.USERS


class SeatRequest(Protocol):
    """One query in the terms of one contract."""

    @property
    def path(self) -> str:
        """Where the next request goes, below the API's base address."""
        ...

    @property
    def body(self) -> bytes:
        """What the next request says, in JSON."""
        ...

    def take(self, value: object) -> bool:
        """Take in the JSON value that the request was answered with, or NO_CONTENT; whether the inquiry is done.

        Raises UnreadableAnswerError if this isn't what is documented.
        """
        ...

    def result(self, request_id: str) -> MergedTenants:
        """What the answers came to; `request_id` is the service's name for the last of them."""
        ...


def seat_request(contract: Contract, query: Query) -> SeatRequest:
    """The query in the terms of the contract."""
    return UsersRequest(query) if contract is Contract.USERS else TenantsBatchRequest(query)


def is_segment(customer_id: str) -> bool:
    """Whether the ID can stand in an address: not if it says where else to go, or is no text that can be sent."""
    is_text = not any("\ud800" <= character <= "\udfff" for character in customer_id)
    return is_text and bool(customer_id.strip(". "))


class UsersRequest:
    """A query by the contract `users`: one unfiltered question, and one more for each count that was left out."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._tally = TenantMerge(Fields("id", "name"))
        self._left_out: list[Measure] | None = None
        self.path = f"{_products_path(query)}/users"

    @property
    def body(self) -> bytes:
        """What the next request says."""
        if not self._left_out:
            return _NO_BODY
        return json.dumps({"licenseAssignedStatus": _FILTERS[self._left_out[0]]}).encode()

    def take(self, value: object) -> bool:
        """Take in the answer to the request; whether that is all."""
        items = [] if value is NO_CONTENT else as_list(value)
        if self._left_out is None:
            self._tally.add(items)
            self._left_out = list(self._tally.left_out())
        else:
            self._tally.fill(self._left_out.pop(0), items)
        return not self._left_out

    def result(self, request_id: str) -> MergedTenants:
        """What the answers came to."""
        return self._tally.result(self._query, request_id)


class TenantsBatchRequest:
    """A query by the contract `tenants-batch`: page by page."""

    body = _NO_BODY

    def __init__(self, query: Query) -> None:
        self._query = query
        self._tally = TenantMerge(Fields("tenantId", "tenantName"))
        self._seen: set[str] = set()
        self._received = 0
        self._promised: int | None = None
        self._page = 1

    @property
    def path(self) -> str:
        """Where the next page is."""
        return f"{_products_path(self._query)}/tenants/batch?pageIndex={self._page}&pageSize={_PAGE_SIZE}"

    def take(self, value: object) -> bool:
        """Take in a page; whether it was the last."""
        page = _EMPTY_PAGE if value is NO_CONTENT else as_object(value)
        items = as_list(page.get("data"))
        total = _total_count(page)
        self._promised = self._promised if total is None else total
        if self._promised is not None and self._promised > MOST_TENANTS:
            # Not quoted: it may have thousands of digits.
            raise UnreadableAnswerError(f"announced more than {MOST_TENANTS:,} tenants")
        ids = self._tally.add(items)
        again = sum(key in self._seen for key in ids)
        brings_new = len(ids) > again
        if brings_new or self._page == 1:
            # Entries without an id count too: they were sent, though nobody can use them.
            self._received += len(items) - again
        self._seen.update(ids)
        if self._received == self._promised:
            return True
        if not brings_new:
            self._check_complete()
            return True
        self._page += 1
        if self._page > _MOST_PAGES:
            raise UnreadableAnswerError(f"did not come to an end after {_MOST_PAGES} pages of tenants")
        return False

    def result(self, request_id: str) -> MergedTenants:
        """What the pages came to."""
        return self._tally.result(self._query, request_id)

    def _check_complete(self) -> None:
        if self._promised is not None and self._received < self._promised:
            raise UnreadableAnswerError(f"announced {self._promised} tenants and sent only {self._received}")


def _total_count(page: dict[str, object]) -> int | None:
    metadata = page.get("metadata")
    total = metadata.get("totalCount") if isinstance(metadata, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None


def _products_path(query: Query) -> str:
    customer = quote(query.customer_id, safe="")
    return f"/partner/external/v3/general/customers/{customer}/3rd-party-products/type/{query.tenant_type.number}"
