"""The list of customers that the app registration may see, page by page."""

from collections.abc import Iterable

from tests.emulators.avepoint.answers import Received
from tests.emulators.avepoint.contracts import (
    DEFAULT_PAGE_SIZE,
    LARGEST_PAGE_INDEX,
    LARGEST_PAGE_SIZE,
    BadRequestError,
    Draft,
    body_of,
    integer_of,
)
from tests.emulators.avepoint.data import Customer, is_same_id

PATH = "/partner/external/v3/general/customers/batch"


def draft(request: Received, customers: Iterable[Customer]) -> Draft:
    """Return the answer to a request; raises BadRequestError."""
    wanted = _customer_ids(body_of(request))
    page_index = integer_of(request.query, "pageIndex", 1, 1, LARGEST_PAGE_INDEX)
    page_size = integer_of(request.query, "pageSize", DEFAULT_PAGE_SIZE, 1, LARGEST_PAGE_SIZE)
    entries = [
        _entry(customer)
        for customer in customers
        if customer.in_scope and (wanted is None or any(is_same_id(customer.id, one) for one in wanted))
    ]
    start = (page_index - 1) * page_size
    metadata: dict[str, object] = {"pageIndex": page_index, "pageSize": page_size, "totalCount": len(entries)}
    first_page = tuple(dict(entry) for entry in entries[:page_size])
    return Draft(entries[start : start + page_size], "id", metadata, first_page)


def _entry(customer: Customer) -> dict[str, object]:
    return {
        "id": customer.id,
        "organization": customer.organization,
        "ownerEmail": f"owner@{customer.id}.example",
        "jobStatus": 1,
        "countryOrRegion": "Germany",
        "managementMode": 0,
        "tenants": [{"id": tenant.id, "name": tenant.name} for tenant in customer.tenants],
    }


def _customer_ids(body: dict[str, object]) -> list[str] | None:
    ids = body.get("customerIds")
    # An empty list filters nothing, like a missing one.
    if ids is None or ids == []:
        return None
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadRequestError("customerIds", "customerIds must be an array of ids.")
    return [str(one) for one in ids]
