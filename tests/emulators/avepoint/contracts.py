"""The two published contracts for seats: what a request asks, and the entries that answer it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.emulators.avepoint.answers import Received
from tests.emulators.avepoint.data import Tenant
from tests.emulators.avepoint.options import Options

ContractName = Literal["users", "tenants-batch"]

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 100
LARGEST_PAGE_INDEX = 1_000_000

AVAILABLE = "availableUserSeat"
ASSIGNED = "assignedUserSeat"
# licenseAssignedStatus: which count it asks for.
COUNT_OF_STATUS: dict[int, Literal["available", "assigned"]] = {0: "available", 1: "assigned"}
# The field that carries a count.
FIELD_OF_COUNT = {"available": AVAILABLE, "assigned": ASSIGNED}


class BadRequestError(Exception):
    """A request can't be read: the field that is wrong, and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    count: Literal["available", "assigned"] | None = None
    tenant_ids: frozenset[str] | None = None
    page_index: int = 1
    page_size: int = DEFAULT_PAGE_SIZE


@dataclass(slots=True)
class Draft:
    """An answer before it is written out, for faults to change.

    For the contract without paging, `metadata` is None and `first_page` empty; `id_field` is its name of a tenant's id.
    """

    entries: list[dict[str, object]]
    id_field: str
    metadata: dict[str, object] | None = None
    first_page: tuple[dict[str, object], ...] = ()

    def document(self) -> object:
        """Return the body as it goes out."""
        return self.around(self.entries)

    def around(self, content: object) -> object:
        """Return the contract's envelope around a content, if it has one."""
        return content if self.metadata is None else {"data": content, "metadata": self.metadata}


def read(contract: ContractName, request: Received) -> Asked:
    """Return what a request asks for; raises BadRequestError."""
    body = body_of(request)
    if contract == "users":
        return Asked(count=_count(body))
    page_index = integer_of(request.query, "pageIndex", 1, 1, LARGEST_PAGE_INDEX)
    page_size = integer_of(request.query, "pageSize", DEFAULT_PAGE_SIZE, 1, LARGEST_PAGE_SIZE)
    return Asked(tenant_ids=_tenant_ids(body), page_index=page_index, page_size=page_size)


def draft(contract: ContractName, tenants: Iterable[Tenant], asked: Asked, options: Options) -> Draft:
    """Return the answer to a request, about these tenants."""
    if contract == "users":
        return Draft([_users_entry(tenant, asked, options) for tenant in tenants], id_field="id")
    wanted = [tenant for tenant in tenants if asked.tenant_ids is None or tenant.id in asked.tenant_ids]
    start = (asked.page_index - 1) * asked.page_size
    metadata: dict[str, object] = {
        "pageIndex": asked.page_index,
        "pageSize": asked.page_size,
        "totalCount": len(wanted),
    }
    page = [_batch_entry(tenant) for tenant in wanted[start : start + asked.page_size]]
    first_page = tuple(_batch_entry(tenant) for tenant in wanted[: asked.page_size])
    return Draft(page, "tenantId", metadata, first_page)


def in_style(document: object, options: Options) -> object:
    """Return a document with its members spelled, and its numbers written, as the options say."""
    if isinstance(document, dict):
        return {_member(name, options): in_style(value, options) for name, value in document.items()}
    if isinstance(document, list):
        return [in_style(value, options) for value in document]
    is_number = isinstance(document, int) and not isinstance(document, bool)
    return str(document) if options.numbers == "text" and is_number else document


def _member(name: str, options: Options) -> str:
    return name[:1].upper() + name[1:] if options.members == "pascal-case" else name


def _users_entry(tenant: Tenant, asked: Asked, options: Options) -> dict[str, object]:
    entry: dict[str, object] = {
        "id": tenant.id,
        "name": tenant.name,
        AVAILABLE: tenant.available,
        ASSIGNED: tenant.assigned,
    }
    if options.counts != "all":
        answered = asked.count or options.unfiltered
        other = AVAILABLE if answered == "assigned" else ASSIGNED
        if options.counts == "asked":
            del entry[other]
        else:
            entry[other] = None
    return entry


def _batch_entry(tenant: Tenant) -> dict[str, object]:
    return {
        "type": tenant.type.value,
        "tenantId": tenant.id,
        "tenantName": tenant.name,
        AVAILABLE: tenant.available,
        ASSIGNED: tenant.assigned,
    }


def body_of(request: Received) -> dict[str, object]:
    """Return the JSON object in a request's body, empty without one; raises BadRequestError."""
    if not request.body.strip():
        return {}
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise BadRequestError("Content-Type", "The body must be application/json.")
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise BadRequestError("body", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequestError("body", "The body must be an object.")
    return body


def _count(body: Mapping[str, object]) -> Literal["available", "assigned"] | None:
    status = body.get("licenseAssignedStatus")
    if status is None:
        return None
    if isinstance(status, bool) or not isinstance(status, int) or status not in COUNT_OF_STATUS:
        raise BadRequestError("licenseAssignedStatus", "licenseAssignedStatus must be 0 or 1.")
    return COUNT_OF_STATUS[status]


def _tenant_ids(body: Mapping[str, object]) -> frozenset[str] | None:
    tenant_ids = body.get("tenantIds")
    # An empty list filters nothing, like a missing one.
    if tenant_ids is None or tenant_ids == []:
        return None
    if not isinstance(tenant_ids, list) or not all(isinstance(tenant_id, str) for tenant_id in tenant_ids):
        raise BadRequestError("tenantIds", "tenantIds must be an array of ids.")
    return frozenset(tenant_ids)


def integer_of(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a parameter that is a whole number within these bounds; raises BadRequestError."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise BadRequestError(name, f"{name} must be a whole number from {least} to {most}.")
    return int(text)
