"""The two published contracts for querying seats: requests, paging, and merging of responses. No I/O.

A seat request is one query expressed in one contract: it provides the next HTTP request, receives its response, and
knows when it is complete. The HTTP request stays the same until its response is received, so it can be retried.

Paging of `tenants-batch` (the vendor documents `pageIndex` from 1, `pageSize` up to 100 and `metadata.totalCount`):
- `totalCount` is trusted: once that many entries have arrived, the list is complete.
- If more arrive, the total was wrong, and paging continues until a page is empty or brings nothing new.
- If it is missing on every page, or neither a number nor plain digits, paging continues as if more were always to come.
  So it does for 0, which a page past the end may report.
- If the total changes, a tenant comes on two pages, or fewer arrive than announced before a page that is empty or
  brings nothing new, the list changed while it was read, and a tenant may be left out: it is read again from the start,
  twice at most. After that it is incomplete, which an unusable tenant without an ID says: tenants that it lacks may
  exist, and a tenant left out silently would look like a removed one.
- Paging always ends: at `MOST_TENANTS` announced or received, and after `_MOST_PAGES`.
"""

import enum
import json
from typing import Protocol
from urllib.parse import quote

from seat_report.avepoint import problems
from seat_report.avepoint.parsing import (
    MOST_TENANTS,
    Fields,
    Measure,
    TenantMerge,
    UnreadableResponseError,
    as_list,
    as_object,
    member,
    whole_number,
)
from seat_report.domain import Query, TenantSeats, UnusableTenant

_PAGE_SIZE = 100
# Enough full pages for MOST_TENANTS. The next page is requested only if the last one brought a new tenant.
_MOST_PAGES = MOST_TENANTS // _PAGE_SIZE
_MOST_READINGS = 3
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

    @property
    def has_text_counts(self) -> bool:
        """Whether any count came as text."""
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

    @property
    def has_text_counts(self) -> bool:
        """Whether any count came as text."""
        return self._tenants.has_text_counts

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
    """A query in the contract `tenants-batch`: page by page, and again where the list changed meanwhile."""

    body = _NO_BODY

    def __init__(self, query: Query) -> None:
        self._query = query
        self._readings = 0
        self._start()

    def _start(self) -> None:
        """Read the list from its start."""
        self._readings += 1
        self._tenants = TenantMerge(Fields("tenantId", "tenantName"))
        self._seen: set[str] = set()
        self._received = 0
        self._promised: int | None = None
        self._has_changed = False
        self._page = 1

    @property
    def path(self) -> str:
        """The path of the next page."""
        return f"{_products_path(self._query)}/tenants/batch?pageIndex={self._page}&pageSize={_PAGE_SIZE}"

    @property
    def has_text_counts(self) -> bool:
        """Whether any count came as text."""
        return self._tenants.has_text_counts

    def receive(self, value: object) -> bool:
        """Add a page; return whether it was the last."""
        is_last = self._receive_page(value)
        if self._has_changed and self._readings < _MOST_READINGS:
            self._start()
            return False
        if not is_last:
            self._page += 1
            if self._page > _MOST_PAGES:
                raise UnreadableResponseError(f"did not come to an end after {_MOST_PAGES} pages of tenants")
        return is_last

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants of all pages."""
        tenants, unusable = self._tenants.result(self._query, request_id)
        if self._has_changed:
            announced = self._received if self._promised is None else self._promised
            evidence = f"announced {announced} and sent {self._received} when read {_MOST_READINGS} times"
            problem = problems.incomplete_list(self._query, evidence, request_id)
            unusable = (*unusable, UnusableTenant(None, "", problem))
        return tenants, unusable

    def _receive_page(self, value: object) -> bool:
        page = _EMPTY_PAGE if value is NO_CONTENT else as_object(value)
        items = as_list(member(page, "data"))
        self._promise(_total_count(page))
        ids = self._tenants.add(items)
        repeats = sum(key in self._seen for key in ids)
        brings_new = len(ids) > repeats
        if brings_new or self._page == 1:
            # Entries without an ID count too: they were sent, even though they are unusable.
            self._received += len(items) - repeats
        self._seen.update(ids)
        # A page of nothing but repeats is how a service may answer past the end.
        self._has_changed |= brings_new and repeats > 0
        if self._received == self._promised:
            return True
        if not brings_new:
            self._has_changed |= self._promised is not None and self._received < self._promised
            return True
        return False

    def _promise(self, total: int | None) -> None:
        if total is None:
            return
        if total > MOST_TENANTS:
            # Not quoted: it may have thousands of digits.
            raise UnreadableResponseError(f"announced more than {MOST_TENANTS:,} tenants")
        self._has_changed |= self._promised not in (None, total)
        self._promised = total


def _total_count(page: dict[str, object]) -> int | None:
    metadata = member(page, "metadata")
    total = whole_number(member(metadata, "totalCount")) if isinstance(metadata, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None


def _products_path(query: Query) -> str:
    customer = quote(query.customer_id, safe="")
    return f"/partner/external/v3/general/customers/{customer}/3rd-party-products/type/{query.tenant_type.number}"
