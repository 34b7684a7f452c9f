"""One identity, end to end: IDs that differ in case alone are two, spellings of one GUID are one."""

import dataclasses

from seat_report.workbook.sheets_api.a1 import column_letters
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.sheets.conduct import Logged
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


def test_a_person_sorts_while_the_twins_are_written(world: World) -> None:
    """Whatever the order they end in, each twin keeps its numbers and the note that people wrote beside it."""
    twins(world)
    world.run_at("2026-01-05 06:00")
    tab, width = world.tab(), len(world.grid()[0])
    notes = [f"note of {row['Customer ID']} {row['Tenant ID']}" for row in world.rows()]
    tab.update([["Notes"], *([note] for note in notes)], f"{column_letters(width)}1")
    for customer in world.avepoint.directory.customers:
        for tenant in customer.tenants[::2]:
            changed = dataclasses.replace(tenant, assigned=tenant.assigned + 1000)
            world.avepoint.directory.put_tenant(customer.id, changed)
    world.avepoint.directory.put_tenant("abc", Tenant("aBc", "Third", TenantType.SALESFORCE, 7, 7))

    def sort(request: Logged) -> None:
        if "updateCells" in request.kinds and "createDeveloperMetadata" not in request.kinds:
            world.sheets.before_request = None
            tab.sort((6, "des"), range=f"A2:{column_letters(width)}{len(notes) + 1}")

    world.sheets.before_request = sort
    assert world.run_at("2026-01-06 06:00").problems == ()
    assert world.sheets.before_request is None
    assert world.report_seats() == world.service_seats()
    noted = {f"note of {row['Customer ID']} {row['Tenant ID']}": row["Notes"] for row in world.rows()}
    assert noted.pop("note of abc aBc") == ""
    assert all(key == note for key, note in noted.items())


def test_spellings_of_one_id_are_one_customer(world: World) -> None:
    """A GUID in braces, in another case or with invisible characters around it is listed, asked for and shown bare."""
    tenant = Tenant("t-1", "One", TenantType.GOOGLE, 3, 4)
    world.avepoint.directory.replace_all([Customer(GUID, "One", (tenant,))])
    world.put("Customers", [["Customer ID"], [f"\u200b{{{GUID.upper()}}}\ufeff"], [f"\u00a0{GUID}"]])
    assert [problem["problem"] for problem in world.run()["problems"]] == ["duplicate-customer-id"]
    assert world.row("t-1")["Customer ID"] == GUID.upper()
    world.put("Customers", [["Customer ID"], [GUID]])
    world.avepoint.directory.replace_all([Customer(GUID, "One", (dataclasses.replace(tenant, id="{t-1}\u200b"),))])
    assert world.run(customer_id=f"{{{GUID}}}")["changes"] == QUIET
    world.tab().update([[f"{{{GUID}}}"]], "M2")
    second = world.run()
    assert (second["outcome"], second["changes"]) == ("ok", QUIET)
    assert len(world.rows()) == 1
