"""The two published contracts for querying seats: requests, paging, and merging of responses. No I/O.

A seat request is one query expressed in one contract: it provides the next HTTP request, receives its response, and
knows when it is complete. The HTTP request stays the same until its response is received, so it can be retried.

Paging of `tenants-batch` (the vendor documents `pageIndex` from 1, `pageSize` up to 100 and `metadata.totalCount`):
- `totalCount` is trusted: once that many entries have arrived, the result is complete.
- If more arrive, the total was wrong, and paging continues until a page is empty or brings nothing new.
- If fewer arrive before a page that is empty or brings nothing new, the result is incomplete. A tenant left out
  silently would look like a removed one, so the entire query fails and the last known numbers are kept, marked stale.
- If it is missing on every page, or not a number, paging continues as if more were always to come. So it does for 0,
  which a page past the end may report.
- Paging always ends: at `MOST_TENANTS` announced or received, and after `_MOST_PAGES`.
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
    UnreadableResponseError,
    as_list,
    as_object,
)
from seat_report.domain import Query, TenantSeats, UnusableTenant

_PAGE_SIZE = 100
# Enough full pages for MOST_TENANTS. The next page is requested only if the last one brought a new tenant.
_MOST_PAGES = MOST_TENANTS // _PAGE_SIZE
# The values of `licenseAssignedStatus` (seat API specification, request body parameters).
_FILTERS: dict[Measure, int] = {"available": 0, "assigned": 1}
_NO_BODY = b"{}"
_EMPTY_PAGE: dict[str, object] = {"data": []}

# A response with status 204. The vendor doesn't document it here; elsewhere in its APIs it means an empty result.
NO_CONTENT = object()

MergedTenants = tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]


class Contract(enum.StrEnum):
    """The ways to query the service for seats; the values are those of `AVEPOINT_SEATS_CONTRACT`."""

    USERS = "users"
    TENANTS_BATCH = "tenants-batch"

    @property
    def other(self) -> "Contract":
        """The other contract."""
        return Contract.TENANTS_BATCH if self is Contract.USERS else Contract.USERS


class SeatRequest(Protocol):
    """One query expressed in one contract."""

    @property
    def path(self) -> str:
        """The path of the next HTTP request, relative to the API's base URL."""
        ...

    @property
    def body(self) -> bytes:
        """The JSON body of the next HTTP request."""
        ...

    def receive(self, value: object) -> bool:
        """Add the JSON value of the response, or NO_CONTENT; return whether the request is complete.

        Raises UnreadableResponseError if the value isn't as documented.
        """
        ...

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants; `request_id` is the service's ID of the last response."""
        ...


def seat_request(contract: Contract, query: Query) -> SeatRequest:
    """The query expressed in the contract."""
    return UsersRequest(query) if contract is Contract.USERS else TenantsBatchRequest(query)


def is_segment(customer_id: str) -> bool:
    """Whether the ID can be a path segment: not if it would change the path or can't be encoded as text."""
    is_text = not any("\ud800" <= character <= "\udfff" for character in customer_id)
    return is_text and bool(customer_id.strip(". "))


class UsersRequest:
    """A query in the contract `users`: one unfiltered request, then one more for each missing count."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._tenants = TenantMerge(Fields("id", "name"))
        self._missing: list[Measure] | None = None
        self.path = f"{_products_path(query)}/users"

    @property
    def body(self) -> bytes:
        """The JSON body of the next HTTP request."""
        if not self._missing:
            return _NO_BODY
        return json.dumps({"licenseAssignedStatus": _FILTERS[self._missing[0]]}).encode()

    def receive(self, value: object) -> bool:
        """Add a response; return whether it was the last."""
        items = [] if value is NO_CONTENT else as_list(value)
        if self._missing is None:
            self._tenants.add(items)
            self._missing = list(self._tenants.missing_counts())
        else:
            self._tenants.fill(self._missing.pop(0), items)
        return not self._missing

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants of all responses."""
        return self._tenants.result(self._query, request_id)


class TenantsBatchRequest:
    """A query in the contract `tenants-batch`: page by page."""

    body = _NO_BODY

    def __init__(self, query: Query) -> None:
        self._query = query
        self._tenants = TenantMerge(Fields("tenantId", "tenantName"))
        self._seen: set[str] = set()
        self._received = 0
        self._promised: int | None = None
        self._page = 1

    @property
    def path(self) -> str:
        """The path of the next page."""
        return f"{_products_path(self._query)}/tenants/batch?pageIndex={self._page}&pageSize={_PAGE_SIZE}"

    def receive(self, value: object) -> bool:
        """Add a page; return whether it was the last."""
        page = _EMPTY_PAGE if value is NO_CONTENT else as_object(value)
        items = as_list(page.get("data"))
        total = _total_count(page)
        self._promised = self._promised if total is None else total
        if self._promised is not None and self._promised > MOST_TENANTS:
            # Not quoted: it may have thousands of digits.
            raise UnreadableResponseError(f"announced more than {MOST_TENANTS:,} tenants")
        ids = self._tenants.add(items)
        repeats = sum(key in self._seen for key in ids)
        brings_new = len(ids) > repeats
        if brings_new or self._page == 1:
            # Entries without an ID count too: they were sent, even though they are unusable.
            self._received += len(items) - repeats
        self._seen.update(ids)
        if self._received == self._promised:
            return True
        if not brings_new:
            self._check_complete()
            return True
        self._page += 1
        if self._page > _MOST_PAGES:
            raise UnreadableResponseError(f"did not come to an end after {_MOST_PAGES} pages of tenants")
        return False

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants of all pages."""
        return self._tenants.result(self._query, request_id)

    def _check_complete(self) -> None:
        if self._promised is not None and self._received < self._promised:
            raise UnreadableResponseError(f"announced {self._promised} tenants and sent only {self._received}")


def _total_count(page: dict[str, object]) -> int | None:
    metadata = page.get("metadata")
    total = metadata.get("totalCount") if isinstance(metadata, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None


def _products_path(query: Query) -> str:
    customer = quote(query.customer_id, safe="")
    return f"/partner/external/v3/general/customers/{customer}/3rd-party-products/type/{query.tenant_type.number}"
