"""Whom to ask about what: the Customers tab, the settings and the run's order together. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from seat_report.customers import CustomerList
from seat_report.result import Order
from seat_report.seats import Customer, Problem, ProblemKind, Query, TenantType, same_id
from seat_report.workbook.findings import Limits


class Choice(NamedTuple):
    """The customers to ask about, each with the types, and the limits outside which nothing may be touched.

    `unknown` are IDs that the order names and nobody listed.
    """

    asked: tuple[tuple[Customer, tuple[TenantType, ...]], ...]
    limits: Limits
    unknown: tuple[str, ...] = ()

    @property
    def queries(self) -> list[Query]:
        """One question for each customer and type, in the order of the Customers tab."""
        return [Query(customer.customer_id, one) for customer, types in self.asked for one in types]

    @property
    def rows(self) -> dict[str, int]:
        """The row of the Customers tab of each customer asked about, by `same_id`."""
        return {same_id(customer.customer_id): customer.row for customer, _ in self.asked}

    def problems(self, customers_tab: str) -> Iterator[Problem]:
        """What is to be said of the IDs that nobody listed."""
        for customer_id in self.unknown:
            detail = f"The tab {customers_tab!r} does not list this customer; add it there first."
            yield Problem(ProblemKind.NOT_LISTED, detail, customer_id=customer_id)


def choose(listed: CustomerList, order: Order, tenant_types: tuple[TenantType, ...]) -> Choice:
    """The choice; `tenant_types` are those that the settings ask about."""
    known = {same_id(customer.customer_id) for customer in listed.customers}
    wanted = frozenset(map(same_id, order.customer_ids)) & known if order.customer_ids else None
    limits = Limits(wanted, order.tenant_types or None)
    asked = []
    for customer in listed.included:
        limited = customer.tenant_types
        types = tuple(one for one in tenant_types if (limited is None or one in limited) and limits.admit_type(one))
        if types and limits.admit_customer(customer.customer_id):
            asked.append((customer, types))
    unknown = tuple(customer_id for customer_id in order.customer_ids if same_id(customer_id) not in known)
    return Choice(tuple(asked), limits, unknown)
