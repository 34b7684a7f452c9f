"""What a run covers: which customers and tenant types it queries, in which order, and what it must leave alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from seat_report.domain.customers import Customer, CustomerList
from seat_report.domain.identity import canonical_id
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantKey, TenantType


class RunRequest(NamedTuple):
    """What somebody asked to run: for all customers and types or only some, and whether it is a preview.

    `trigger` is what started the run (`schedule`, `request` for a tick in “Run now”, `manual` or `terminal`), `by` the
    person or job, as far as known: text from outside, printable, on one line.
    """

    dry_run: bool = False
    customer_ids: tuple[str, ...] = ()
    tenant_types: tuple[TenantType, ...] = ()
    trigger: str = "manual"
    by: str = ""

    @property
    def is_limited(self) -> bool:
        """Whether it is for some customers or types only."""
        return bool(self.customer_ids or self.tenant_types)


class Scope(NamedTuple):
    """What a run covers. Rows of anything outside stay exactly as they are.

    `customers` (by `canonical_id`) and `tenant_types` are the run's limits; None is no limit. `queried` are the
    customers to query, each with its types. `unknown` are requested IDs that the Customers tab does not list.
    """

    customers: frozenset[str] | None = None
    tenant_types: tuple[TenantType, ...] | None = None
    queried: tuple[tuple[Customer, tuple[TenantType, ...]], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_unlimited(self) -> bool:
        """Whether the run is for every customer and every type."""
        return self.customers is None and self.tenant_types is None

    def admits_customer(self, customer_id: str) -> bool:
        """Whether the run may touch this customer."""
        return self.customers is None or canonical_id(customer_id) in self.customers

    def admits_type(self, tenant_type: TenantType) -> bool:
        """Whether the run may touch tenants of this type."""
        return self.tenant_types is None or tenant_type in self.tenant_types

    @property
    def queries(self) -> list[Query]:
        """One query for each customer and type, in the order of the Customers tab."""
        return [Query(customer.customer_id, one) for customer, types in self.queried for one in types]

    @property
    def rows(self) -> dict[str, int]:
        """The row of the Customers tab of each queried customer, by `canonical_id`."""
        return {canonical_id(customer.customer_id): customer.row for customer, _ in self.queried}

    def problems(self, customers_tab: str) -> Iterator[Problem]:
        """One problem for each requested ID that the tab of this title does not list."""
        for customer_id in self.unknown:
            detail = f"The tab {customers_tab!r} does not list this customer. Add it there first."
            yield Problem(ProblemKind.NOT_LISTED, detail, customer_id=customer_id)


def scope_of(request: RunRequest, listed: CustomerList, tenant_types: tuple[TenantType, ...]) -> Scope:
    """The scope of a requested run; `tenant_types` are those that the settings query."""
    known = {canonical_id(customer.customer_id) for customer in listed.customers}
    wanted = frozenset(map(canonical_id, request.customer_ids)) & known if request.customer_ids else None
    limits = Scope(wanted, request.tenant_types or None)
    queried = []
    for customer in listed.included:
        limited = customer.tenant_types
        types = tuple(one for one in tenant_types if (limited is None or one in limited) and limits.admits_type(one))
        if types and limits.admits_customer(customer.customer_id):
            queried.append((customer, types))
    requested = {canonical_id(customer_id): customer_id for customer_id in reversed(request.customer_ids)}
    unknown = tuple(requested[key] for key in reversed(requested) if key not in known)
    return limits._replace(queried=tuple(queried), unknown=unknown)


def nothing_checked(listed: CustomerList, customers_tab: str, *, is_limited: bool) -> Problem:
    """The problem of a run that has nobody to query, with the reason; `is_limited` as the run was requested."""
    if is_limited:
        reason = "none of the requested customers is included with a requested tenant type"
    elif not listed.customers:
        state = "lists no customer with a usable ID" if listed.unusable else "is empty"
        reason = f"the {customers_tab} tab {state}"
    elif not listed.included:
        reason = f"the {customers_tab} tab excludes every customer"
    else:
        reason = f"the {customers_tab} tab limits every customer to tenant types that TENANT_TYPES excludes"
    return Problem(ProblemKind.NOTHING_CHECKED, f"Nothing was checked: {reason}.")


class LastQuery(NamedTuple):
    """How the last query for a row of the report went.

    `checked` is when its numbers were last confirmed, on any scale that grows with time, 0 if never. A row with
    `failed` has no confirmed numbers now; `out_of_time` says that the last run had no time left to query it.
    """

    key: TenantKey
    checked: float
    failed: bool = False
    out_of_time: bool = False


_FIRST, _BY_AGE, _LAST = range(3)
_Urgency = tuple[int, float]


def in_order(queries: Sequence[Query], last: Iterable[LastQuery]) -> list[Query]:
    """The queries, most urgent first, so that a service too slow for one run is covered by several.

    First what the last run had no time for or nobody ever queried, then what has gone unconfirmed longest. Last come
    those that failed by themselves: a customer that always times out starves nobody.
    """
    known: dict[tuple[str, TenantType | None], list[_Urgency]] = {}
    ages: dict[str, float] = {}
    for one in last:
        key = one.key
        known.setdefault((key.customer, key.tenant_type), []).append(_urgency(one))
        ages[key.customer] = min(ages.get(key.customer, float("inf")), one.checked)

    def urgency(query: Query) -> _Urgency:
        key = TenantKey.of(query.customer_id, query.tenant_type)
        if rows := known.get((key.customer, key.tenant_type)):
            return min(rows)
        # No row of this type: the last answer for it was "none", when the customer's other types were queried.
        return (_BY_AGE, ages[key.customer]) if key.customer in ages else (_FIRST, 0.0)

    return sorted(queries, key=urgency)


def _urgency(last: LastQuery) -> _Urgency:
    if last.failed:
        return (_FIRST if last.out_of_time else _LAST), last.checked
    return _BY_AGE, last.checked
