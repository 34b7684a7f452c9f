"""The two published contracts for querying seats: requests, paging, and merging of responses. No I/O.

A seat request is one query expressed in one contract: it provides the next HTTP request, receives its response, and
knows when it is complete. The HTTP request stays the same until its response is received, so it can be retried.

`tenants-batch` is read page by page (`paging`). A list that kept changing is incomplete, which an unusable tenant
without an ID says: tenants that it lacks may exist, and a tenant left out silently would look like a removed one.
"""

import enum
import json
from collections.abc import Callable
from typing import Literal, Protocol
from urllib.parse import quote

from seat_report.avepoint import problems
from seat_report.avepoint.paging import PageAction, Paging
from seat_report.avepoint.parsing import Fields, Measure, TenantMerge, as_list, read_json
from seat_report.avepoint.transport import Reply
from seat_report.domain import Query, TenantSeats, UnusableTenant

Method = Literal["GET", "POST"]
# The values of `licenseAssignedStatus` (seat API specification, request body parameters).
_FILTERS: dict[Measure, int] = {"available": 0, "assigned": 1}
_NO_BODY = b"{}"
_EMPTY_PAGE: dict[str, object] = {"data": []}
_BATCH_FIELDS = Fields("tenantId", "tenantName")

# A response with status 204. The vendor doesn't document it here; elsewhere in its APIs it means an empty result.
NO_CONTENT = object()
# One with status 404, for a request to which that may be an answer.
NOT_THERE = object()

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
    def method(self) -> Method:
        """The method of the next HTTP request."""
        ...

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
        """Add the JSON value of the response, NO_CONTENT or NOT_THERE; return whether the request is complete.

        Raises UnreadableResponseError if the value isn't as documented.
        """
        ...

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants; `request_id` is the service's ID of the last response."""
        ...


def seat_request(contract: Contract, query: Query) -> SeatRequest:
    """The query expressed in the contract."""
    return UsersRequest(query) if contract is Contract.USERS else TenantsBatchRequest(query)


# Expresses a query in a contract.
RequestFactory = Callable[[Contract, Query], SeatRequest]


def content_of(reply: Reply) -> object:
    """What a successful reply says, for `SeatRequest.receive`; raises UnreadableResponseError if it isn't JSON."""
    if reply.status == 204:
        return NO_CONTENT
    return NOT_THERE if reply.status == 404 else read_json(reply.body)


def is_segment(customer_id: str) -> bool:
    """Whether the ID can be a path segment: not if it would change the path or can't be encoded as text."""
    is_text = not any("\ud800" <= character <= "\udfff" for character in customer_id)
    return is_text and bool(customer_id.strip(". "))


class UsersRequest:
    """A query in the contract `users`: one unfiltered request, then one more for each missing count."""

    method: Method = "POST"

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

    method: Method = "POST"
    body = _NO_BODY

    def __init__(self, query: Query) -> None:
        self._query = query
        self._paging = Paging("tenants")
        self._tenants = TenantMerge(_BATCH_FIELDS)

    @property
    def path(self) -> str:
        """The path of the next page."""
        return f"{_products_path(self._query)}/tenants/batch?{self._paging.parameters}"

    @property
    def has_text_counts(self) -> bool:
        """Whether any count came as text."""
        return self._tenants.has_text_counts

    def receive(self, value: object) -> bool:
        """Add a page; return whether it was the last."""
        action = self._paging.receive(_EMPTY_PAGE if value is NO_CONTENT else value, self._tenants.add)
        if action is PageAction.AGAIN:
            self._tenants = TenantMerge(_BATCH_FIELDS)
        return action is PageAction.DONE

    def result(self, request_id: str) -> MergedTenants:
        """The merged tenants of all pages."""
        tenants, unusable = self._tenants.result(self._query, request_id)
        if self._paging.has_changed:
            problem = problems.incomplete_list(self._query, self._paging.evidence, request_id)
            unusable = (*unusable, UnusableTenant(None, "", problem))
        return tenants, unusable


def _products_path(query: Query) -> str:
    customer = quote(query.customer_id, safe="")
    return f"/partner/external/v3/general/customers/{customer}/3rd-party-products/type/{query.tenant_type.number}"
