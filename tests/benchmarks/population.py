"""Generated customers, three tenants for every two of them, and their changes from day to day; always the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.emulators.avepoint.data import Customer, Tenant, TenantType

CUSTOMERS_HEADER = ["Customer ID", "Customer"]
TYPES = len(TenantType)


def customers(count: int) -> list[Customer]:
    """That many customers, with half as many tenants again."""
    return [Customer(_guid(number), _name(number), _tenants(number)) for number in range(count)]


def tenants(population: Sequence[Customer]) -> list[tuple[Customer, Tenant]]:
    """All tenants, in the order of their customers."""
    return [(customer, tenant) for customer in population for tenant in customer.tenants]


def with_changed_counts(population: Sequence[Customer], every: int) -> list[Customer]:
    """The same, with one seat moved from available to assigned in one of every `every` tenants."""
    counter = iter(range(len(tenants(population))))
    return [replace(customer, tenants=tuple(_changed(customer.tenants, counter, every))) for customer in population]


def with_churn(population: Sequence[Customer], every: int) -> list[Customer]:
    """The same, with one of every `every` tenants removed and a new one added behind another."""
    counter = iter(range(len(tenants(population))))
    return [replace(customer, tenants=tuple(_churned(customer.tenants, counter, every))) for customer in population]


def kept_by_churn(population: Sequence[Customer], every: int) -> tuple[int, Tenant]:
    """The index of a tenant near the middle that churn keeps but moves to another row, and the tenant."""
    rows = tenants(population)
    index = len(rows) // 2 // every * every + every // 2
    return index, rows[index][1]


def _changed(before: Sequence[Tenant], counter: Iterator[int], every: int) -> Iterator[Tenant]:
    for tenant in before:
        if next(counter) % every == 0:
            yield replace(tenant, assigned=tenant.assigned + 1, available=tenant.available - 1)
        else:
            yield tenant


def _churned(before: Sequence[Tenant], counter: Iterator[int], every: int) -> Iterator[Tenant]:
    removed, followed = every // 4, every * 3 // 4
    for tenant in before:
        index = next(counter) % every
        if index != removed:
            yield tenant
        if index == followed:
            yield replace(tenant, id=f"{tenant.id}-new", name=f"{tenant.name} (new)")


def _name(number: int) -> str:
    """A name, now and then in other than Latin letters."""
    return f"Customer {number:,} & Sons" if number % 50 else f"株式会社 {number:,} 🦆"


def _tenants(number: int) -> tuple[Tenant, ...]:
    first = _tenant(number, number % TYPES)
    return (first, _tenant(number, (number + 1) % TYPES)) if number % 2 else (first,)


def _tenant(number: int, tenant_type: int) -> Tenant:
    assigned, available = 5 + number * 37 % 400, 1 + number * 13 % 90
    name = f"customer-{number}.example"
    return Tenant(f"{_guid(number)[:-1]}{tenant_type}", name, TenantType(tenant_type), assigned, available)


def _guid(number: int) -> str:
    return f"9b2f6c1e-0000-4000-8000-{number:011d}0"
