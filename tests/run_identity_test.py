"""One identity, end to end: IDs that differ in case alone are two, spellings of one GUID are one."""

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.support.grids import changed_cells
from tests.support.world import World

GUID = "8a1b2c3d-0000-4000-8000-a0b0c0d0e0f0"
TWINS = (("ABC", "abc"), ("Straße", "STRASSE"), ("00D5f000000ABCD", "00d5F000000abcd"), ("ı", "I"))
QUIET = {"rows_added": 0, "rows_updated": 0, "rows_removed": 0, "cells_changed": 0}


def twins(world: World) -> None:
    """Let AvePoint have customers, and each of them tenants, whose IDs differ in case alone, and list them."""
    customers = [
        Customer(
            customer_id,
            f"Customer {number}",
            tuple(
                Tenant(tenant_id, f"Tenant {index}", TenantType.SALESFORCE, 100 * number + index, 10 * number)
                for index, tenant_id in enumerate((customer_id, *pair), start=1)
                if tenant_id != customer_id or index == 1
            ),
        )
        for number, (customer_id, pair) in enumerate(
            [(customer_id, pair) for pair in TWINS for customer_id in pair], start=1
        )
    ]
    world.avepoint.directory.replace_all(customers)
    world.list_customers()


def test_case_twins_on_a_first_run(world: World) -> None:
    """Each of the twins has its own numbers after a first run, and a second one changes nothing but times."""
    twins(world)
    first = world.run()
    assert first["problems"] == []
    assert world.report_seats() == world.service_seats()
    assert len(world.rows("By Customer")) == 2 * len(TWINS)
    before = world.grids()
    second = world.run()
    assert (second["outcome"], second["changes"]) == ("ok", QUIET)
    for title in ("Seat Report", "By Customer"):
        assert changed_cells(before[title], world.grid(title), ignoring="Last checked") == []
    assert before["History"] == world.grid("History")
