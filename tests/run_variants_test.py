"""Whole runs against a service that differs from its documents: unknown routes, PascalCase members, numbers as text."""

import itertools
from typing import NamedTuple

import pytest

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.proof.sampling import chosen
from tests.support.world import World

CONTRACTS = ("users", "tenants-batch")
STATUSES = (400, 403, 404, 405, 500)
BODIES = ("json", "html", "empty")
STYLES = tuple(itertools.product(("camel-case", "pascal-case"), ("number", "text")))


class Variant(NamedTuple):
    """A service: the contract that it offers, how it answers the other one, and how it writes its answers."""

    contract: str
    status: int
    body: str
    members: str
    numbers: str


# Every way to refuse an unknown route on either contract; the styles take turns, so that each meets each contract.
VARIANTS = [
    Variant(contract, status, body, *STYLES[number // 2 % len(STYLES)])
    for number, (status, body, contract) in enumerate(itertools.product(STATUSES, BODIES, CONTRACTS))
] + [Variant(contract, 404, "json", *style) for contract, style in itertools.product(CONTRACTS, STYLES)]


def three_customers() -> list[Customer]:
    """Customers with several tenants, one, and none."""
    return [
        Customer(
            f"00000000-0000-4000-8000-{number:012}",
            f"Customer {number}",
            tuple(
                Tenant(f"tenant-{number}-{index}", f"Tenant {index}", TenantType(index), 10 * number + index, index)
                for index in range(tenants)
            ),
        )
        for number, tenants in enumerate((3, 1, 0))
    ]


@pytest.mark.parametrize(
    "variant", chosen(list(dict.fromkeys(VARIANTS)), 12), ids=lambda variant: "-".join(map(str, variant))
)
def test_numbers_are_right_whatever_the_service_is_like(world: World, variant: Variant) -> None:
    """Each variant ends in the service's numbers; finding the contract costs one request, once."""
    world.avepoint.directory.replace_all(three_customers())
    world.avepoint.configure(
        contract=variant.contract,
        absent_status=variant.status,
        absent_as=variant.body,
        members=variant.members,
        numbers=variant.numbers,
    )
    world.list_customers()
    queries = 3 * len(TenantType)
    for wrong_contract in (variant.contract == "tenants-batch", False):
        result = world.run()
        assert (result["outcome"], result["problems"]) == ("ok", [])
        assert world.report_seats() == world.service_seats()
        assert result["avepoint"]["contract"] == variant.contract
        assert result["avepoint"]["requests"] == queries + wrong_contract
        said = any("counts as text" in warning for warning in result["warnings"])
        assert said == (variant.numbers == "text")
