"""Made-up customers, three tenants to two of them, and what becomes of them from day to day; always the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.emulators.avepoint.data import Customer, Tenant, TenantType

CUSTOMERS_HEADER = ["Customer ID", "Customer"]
TYPES = len(TenantType)


def customers(count: int) -> list[Customer]:
    """So many customers, with half as many tenants again."""
    return [Customer(_guid(number), _name(number), _tenants(number)) for number in range(count)]


def tenants(population: Sequence[Customer]) -> list[tuple[Customer, Tenant]]:
    """All tenants, in the order of their customers."""
    return [(customer, tenant) for customer in population for tenant in customer.tenants]


def with_changed_counts(population: Sequence[Customer], every: int) -> list[Customer]:
    """The same, but every so many tenants one has assigned a seat that was available."""
    counted = iter(range(len(tenants(population))))
    return [replace(one, tenants=tuple(_changed(one.tenants, counted, every))) for one in population]


def with_churn(population: Sequence[Customer], every: int) -> list[Customer]:
    """The same, but of every so many tenants one is gone, and another has a new one behind it."""
    counted = iter(range(len(tenants(population))))
    return [replace(one, tenants=tuple(_churned(one.tenants, counted, every))) for one in population]


def staying(population: Sequence[Customer], every: int) -> tuple[int, Tenant]:
    """A tenant in the midst of all that churn spares, and that stands elsewhere after it; with its place before."""
    rows = tenants(population)
    place = len(rows) // 2 // every * every + every // 2
    return place, rows[place][1]


def _changed(before: Sequence[Tenant], counted: Iterator[int], every: int) -> Iterator[Tenant]:
    for tenant in before:
        if next(counted) % every == 0:
            yield replace(tenant, assigned=tenant.assigned + 1, available=tenant.available - 1)
        else:
            yield tenant


def _churned(before: Sequence[Tenant], counted: Iterator[int], every: int) -> Iterator[Tenant]:
    goes, gains = every // 4, every * 3 // 4
    for tenant in before:
        place = next(counted) % every
        if place != goes:
            yield tenant
        if place == gains:
            yield replace(tenant, id=f"{tenant.id}-new", name=f"{tenant.name} (new)")


def _name(number: int) -> str:
    """Not all of the world writes in Latin letters."""
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
