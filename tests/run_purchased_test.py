"""Runs that also ask for purchased seats: what is asked, what the Overview says of them, and what failures cost."""

from typing import Any

import pytest

from tests.emulators.avepoint.data import Customer, Purchase, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
CUSTOMERS = [
    Customer("c-1", "Alder", (Tenant("m-1", "Alder", M365, 10, 5),), purchases=(Purchase(M365, 25),)),
    Customer("c-2", "Birch", (Tenant("g-2", "Birch", GOOGLE, 8, 1),), purchases=(Purchase(GOOGLE, 7),)),
    Customer("c-3", "Cedar", (), purchases=(Purchase(GOOGLE, 100),)),
]


@pytest.fixture(autouse=True)
def few(world: World) -> None:
    """Three customers, one without tenants."""
    world.avepoint.directory.replace_all(CUSTOMERS)
    world.configure(TENANT_TYPES="microsoft-365,google", PURCHASED_SEATS="on")
    world.list_customers()


def asked(world: World) -> set[tuple[str | None, int | None]]:
    """The customers and types whose purchased seats were asked for."""
    return {(one.customer_id, one.tenant_type) for one in world.avepoint.log.requests("purchased")}


def section(world: World, title: str = "Purchased seats") -> list[list[Any]]:
    """The lines of a section of the Overview, without blank cells."""
    lines = [[cell for cell in line if cell != ""] for line in world.grid("Overview")]
    if [title] not in lines:
        return []
    rest = lines[lines.index([title]) + 1 :]
    return rest[: rest.index([])] if [] in rest else rest


def test_purchased_beside_assigned(world: World) -> None:
    """Asked for only where there are tenants, and counted among the requests."""
    result = world.run()
    assert result["outcome"] == "ok"
    assert asked(world) == {("c-1", 0), ("c-2", 2)}
    assert section(world) == [["All tenant types", "Purchased", "Assigned"], ["All", 32, 18]]
    assert result["avepoint"]["requests"] == len(world.avepoint.log.requests()) - 1


def test_not_asked_for_by_default(world: World) -> None:
    """Then nothing is asked and nothing said."""
    world.configure(PURCHASED_SEATS=None)
    world.run()
    assert asked(world) == set()
    assert section(world) == []


def test_a_failure_costs_that_number(world: World) -> None:
    """The run is ok; the sum says what is missing, and why."""
    world.avepoint.faults.add(Fault(kind="status", status=403, endpoint="purchased", customer_id="c-1"))
    result = world.run()
    assert (result["outcome"], result["problems"]) == ("ok", [])
    _, line, *reason = section(world)
    assert line == ["All (incomplete, 1 of 2 missing)", 7, 18]
    assert " ".join(part for (part,) in reason).startswith(
        "1 missing. Most common reason: This app isn't authorised for this customer."
    )


def test_nothing_known(world: World) -> None:
    """Without any number there is none, not 0."""
    world.avepoint.faults.add(Fault(kind="status", status=404, endpoint="purchased"))
    assert world.run()["outcome"] == "ok"
    _, line, *_ = section(world)
    assert line == ["All (incomplete, 2 of 2 missing)", 18]


def test_a_limited_run_claims_nothing_of_the_others(world: World) -> None:
    """What it did not ask for is missing."""
    world.run()
    world.avepoint.log.clear()
    world.run(customer_id="c-2")
    assert asked(world) == {("c-2", 2)}
    assert section(world)[1] == ["All (incomplete, 1 of 2 missing)", 7, 18]


def test_seats_that_are_out_of_date(world: World) -> None:
    """Where this run's query failed, the report says where there are tenants."""
    world.run()
    world.avepoint.log.clear()
    world.avepoint.faults.add(Fault(kind="status", status=500, customer_id="c-1", tenant_type=0))
    assert world.run()["outcome"] == "partial"
    assert asked(world) == {("c-1", 0), ("c-2", 2)}
    assert section(world)[1] == ["All", 32, 18]


def test_when_avepoint_answers_for_nobody(world: World) -> None:
    """It is not asked for purchased seats either."""
    world.run()
    world.avepoint.log.clear()
    world.avepoint.faults.add(Fault(kind="status", status=400))
    world.run(expect=502)
    assert asked(world) == set()
    assert section(world)[-1][0].endswith("AvePoint answered for no customer in this run.")


def test_a_preview_asks_and_writes_nothing(world: World) -> None:
    """As for seats."""
    world.run(dry_run=True)
    assert asked(world) == {("c-1", 0), ("c-2", 2)}
    assert {tab.title for tab in world.book.worksheets()} == {"Sheet1", "Customers"}


def test_a_quiet_day(world: World) -> None:
    """With everything on, a day on which nothing changes takes at most five Sheets requests and changes no line."""
    world.configure(FIND_CUSTOMERS="on")
    world.run()
    before = world.grid("Overview")
    world.sheets.requests.clear()
    assert world.run()["outcome"] == "ok"
    sent = [one for one in world.sheets.requests if "/v4/" in one.path]
    assert 0 < len(sent) <= 5
    assert world.grid("Overview") == before
