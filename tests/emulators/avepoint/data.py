"""The service's customers and their tenants: what they are, and how they change."""

import random
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum

from pydantic import ConfigDict

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class TenantType(IntEnum):
    """`type` of the seats contracts."""

    MICROSOFT_365 = 0
    SALESFORCE = 1
    GOOGLE = 2
    DYNAMICS_365 = 3


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer's tenant with its seats."""

    id: str
    name: str
    type: TenantType
    assigned: int
    available: int

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Purchase:
    """The seats of one product that a customer has bought from AvePoint."""

    type: TenantType
    seats: int

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; one that isn't in the scope of the app registration answers 403, and isn't listed."""

    id: str
    organization: str
    tenants: tuple[Tenant, ...] = ()
    in_scope: bool = True
    purchases: tuple[Purchase, ...] = ()

    __pydantic_config__ = ConfigDict(extra="forbid")

    def of_type(self, tenant_type: int) -> tuple[Tenant, ...]:
        """Return the customer's tenants of one type."""
        return tuple(tenant for tenant in self.tenants if tenant.type == tenant_type)

    def purchased(self, tenant_type: int) -> int | None:
        """Return the seats bought for one type, None without a purchase."""
        return next((purchase.seats for purchase in self.purchases if purchase.type == tenant_type), None)


@dataclass(frozen=True, slots=True)
class Month:
    """What changed in a month: tenant ids."""

    moved: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass(slots=True)
class Directory:
    """All customers, in order, by id (a GUID whatever its case); safe to read and change from any thread.

    Customers are values: a change replaces one, so what was read before stays as it was.
    """

    _customers: dict[str, Customer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _months: int = 0

    @classmethod
    def of(cls, customers: Iterable[Customer]) -> "Directory":
        """Return a directory of these customers."""
        directory = cls()
        directory.replace_all(customers)
        return directory

    @property
    def customers(self) -> tuple[Customer, ...]:
        """All customers as they are now."""
        with self._lock:
            return tuple(self._customers.values())

    def find(self, customer_id: str) -> Customer | None:
        """Return the customer, or None."""
        return self._customers.get(_key(customer_id))

    def put(self, customer: Customer) -> None:
        """Add a customer, or replace the one with its id."""
        with self._lock:
            self._customers[_key(customer.id)] = customer

    def remove(self, customer_id: str) -> None:
        """Remove a customer; raises KeyError if there is none."""
        with self._lock:
            del self._customers[_key(customer_id)]

    def replace_all(self, customers: Iterable[Customer]) -> None:
        """Have exactly these customers."""
        with self._lock:
            self._customers = {_key(customer.id): customer for customer in customers}

    def set_scope(self, customer_id: str, *, in_scope: bool) -> None:
        """Put a customer into the scope of the app registration, or out of it."""
        self._change(customer_id, lambda customer: replace(customer, in_scope=in_scope))

    def put_tenant(self, customer_id: str, tenant: Tenant) -> None:
        """Add a tenant, or replace the one of its type with its id."""

        def changed(customer: Customer) -> Customer:
            tenants = list(customer.tenants)
            for index, present in enumerate(tenants):
                if (present.type, present.id) == (tenant.type, tenant.id):
                    tenants[index] = tenant
                    break
            else:
                tenants.append(tenant)
            return replace(customer, tenants=tuple(tenants))

        self._change(customer_id, changed)

    def remove_tenant(self, customer_id: str, tenant_id: str) -> None:
        """Remove a tenant, of whichever types; raises KeyError if there is none."""

        def changed(customer: Customer) -> Customer:
            kept = tuple(tenant for tenant in customer.tenants if tenant.id != tenant_id)
            if len(kept) == len(customer.tenants):
                raise KeyError(tenant_id)
            return replace(customer, tenants=kept)

        self._change(customer_id, changed)

    def let_a_month_pass(self, seed: int | None = None) -> Month:
        """Move some counts, let a tenant come and one go.

        The same directory and seed change in the same way. Without a seed the months are numbered, so that each
        changes something else.
        """
        with self._lock:
            self._months += 1
            random_ = random.Random(self._months if seed is None else seed)
            customers, month = _a_month_later(list(self._customers.values()), random_)
            self._customers = {_key(customer.id): customer for customer in customers}
            return month

    def _change(self, customer_id: str, change: Callable[[Customer], Customer]) -> None:
        with self._lock:
            key = _key(customer_id)
            self._customers[key] = change(self._customers[key])


def is_same_id(one: str, other: str) -> bool:
    """Tell whether two spellings are of one id: GUIDs in any case, others to the letter."""
    return _key(one) == _key(other)


def _key(customer_id: str) -> str:
    """Return a form that is equal for two spellings of an id."""
    return customer_id.lower() if _GUID.fullmatch(customer_id) else customer_id


def _a_month_later(customers: list[Customer], random_: random.Random) -> tuple[list[Customer], Month]:
    moved: list[str] = []
    for index, customer in enumerate(customers):
        tenants: list[Tenant] = []
        for tenant in customer.tenants:
            after = _moved(tenant, random_) if random_.random() < 0.4 else tenant
            if after != tenant:
                moved.append(tenant.id)
            tenants.append(after)
        customers[index] = replace(customer, tenants=tuple(tenants))
    went = _let_one_go(customers, random_)
    came = _let_one_come(customers, random_)
    return customers, Month(tuple(tenant_id for tenant_id in moved if tenant_id not in went), came, went)


def _moved(tenant: Tenant, random_: random.Random) -> Tenant:
    """Return the tenant with seats taken or given back; what isn't left over is bought in tens."""
    step = max(1, tenant.assigned // 12)
    assigned = max(0, tenant.assigned + random_.randint(-step, step))
    available = tenant.available - (assigned - tenant.assigned)
    while available < 0:
        available += 10
    return replace(tenant, assigned=assigned, available=available)


def _let_one_go(customers: list[Customer], random_: random.Random) -> tuple[str, ...]:
    several = [index for index, customer in enumerate(customers) if len(customer.tenants) > 1]
    if not several:
        return ()
    index = random_.choice(several)
    gone = random_.choice(customers[index].tenants)
    customers[index] = replace(
        customers[index], tenants=tuple(tenant for tenant in customers[index].tenants if tenant != gone)
    )
    return (gone.id,)


def _let_one_come(customers: list[Customer], random_: random.Random) -> tuple[str, ...]:
    if not customers:
        return ()
    index = random_.randrange(len(customers))
    customer = customers[index]
    tenant = Tenant(
        id=_random_guid(random_),
        name=f"{customer.organization} ({len(customer.tenants) + 1})",
        type=random_.choice(list(TenantType)),
        assigned=random_.randint(5, 60),
        available=random_.randint(0, 20),
    )
    customers[index] = replace(customer, tenants=(*customer.tenants, tenant))
    return (tenant.id,)


def _random_guid(random_: random.Random) -> str:
    digits = f"{random_.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
