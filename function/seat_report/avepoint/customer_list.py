"""The customers that AvePoint shows to this app: the requests for the list, and what they come to. No I/O."""

from collections.abc import Sequence

from seat_report.avepoint.contracts import NO_CONTENT, Contract, MergedTenants, Method
from seat_report.avepoint.paging import PageAction, Paging
from seat_report.avepoint.parsing import MOST_TENANTS, UnreadableResponseError, id_in, member, name_in
from seat_report.avepoint.tokens import CUSTOMERS_SCOPE
from seat_report.domain import (
    FoundCustomer,
    FoundCustomers,
    Problem,
    ProblemKind,
    Query,
    TenantType,
    canonical_id,
    invalid_id_reason,
)

# The list is of no customer and no type; its problems are told in words of their own.
LIST_QUERY = Query("all", TenantType.MICROSOFT_365)
NO_PERMISSION = (
    f"The app lacks the permission {CUSTOMERS_SCOPE}. Grant it in AvePoint Elements (Settings, API app registration), "
    "or set FIND_CUSTOMERS to off."
)
_NO_SUCH_LIST = (
    "AvePoint's list of customers could not be read, or is not available here. Contact AvePoint support, or set "
    "FIND_CUSTOMERS to off."
)
_CHANGED = "AvePoint's list of customers kept changing while it was read. The next run will try again."
_REASONS = {
    ProblemKind.NOT_AUTHORISED: NO_PERMISSION,
    ProblemKind.NOT_FOUND: _NO_SUCH_LIST,
    ProblemKind.BAD_ANSWER: _NO_SUCH_LIST,
}
_PATH = "/partner/external/v3/general/customers/batch"


class CustomersRequest:
    """The list, page by page, and again from its start where it changed meanwhile."""

    method: Method = "POST"
    body = b'{"customerIds": null}'
    has_text_counts = False

    def __init__(self) -> None:
        self._paging = Paging("customers")
        self._start()

    def _start(self) -> None:
        self._customers: dict[str, FoundCustomer] = {}
        self._received = self._without_id = 0

    def new_request(self, _contract: Contract, _query: Query) -> "CustomersRequest":
        """The same request again: there is one list."""
        return self

    @property
    def path(self) -> str:
        """The path of the next page."""
        return f"{_PATH}?{self._paging.parameters}"

    def receive(self, value: object) -> bool:
        """Add a page; return whether it was the last."""
        action = self._paging.receive({"data": []} if value is NO_CONTENT else value, self._add)
        if action is PageAction.AGAIN:
            self._start()
        return action is PageAction.DONE

    def result(self, _: str) -> MergedTenants:
        """No tenants: the list is of customers."""
        return (), ()

    def found(self, failure: Problem | None) -> FoundCustomers:
        """What was found out, given why the request failed, if it did."""
        customers = tuple(sorted(self._customers.values(), key=lambda one: (one.name.casefold(), one.customer_id)))
        if failure is not None:
            return FoundCustomers(customers, reason=_REASONS.get(failure.kind, failure.detail))
        if self._paging.has_changed:
            return FoundCustomers(customers, reason=_CHANGED)
        if self._without_id:
            return FoundCustomers(customers, reason=f"{self._without_id:,} customers have no usable ID.")
        return FoundCustomers(customers, is_complete=True)

    def _add(self, items: Sequence[object]) -> list[str]:
        self._received += len(items)
        if self._received > MOST_TENANTS:
            raise UnreadableResponseError(f"sent more than {MOST_TENANTS:,} customers")
        ids = []
        for item in items:
            entry: dict[str, object] = item if isinstance(item, dict) else {}
            customer_id = id_in(member(entry, "id"))
            if customer_id is None or invalid_id_reason(customer_id):
                self._without_id += 1
                continue
            key = canonical_id(customer_id)
            ids.append(key)
            name = " ".join(name_in(member(entry, "organization")).split())
            self._customers.setdefault(key, FoundCustomer(customer_id, name))
        return ids
