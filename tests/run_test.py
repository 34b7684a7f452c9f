"""The main use, end to end: the deployed source between the two local services, with a person at the spreadsheet."""

import dataclasses
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.proof.sampling import chosen
from tests.support.grids import changed_cells
from tests.support.world import World

HOSTILE_NAMES = [
    '=HYPERLINK("https://example.com","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "'quoted",
    "x" * 300,
    "株式会社サンプル",
    "<script>alert(1)</script>",
    "TRUE",
    "0042",
    "2026-01-31",
    "a\tb",
]


def forty_customers() -> list[Customer]:
    """Forty customers with tenants of several types, hostile names among them, one customer with 250 tenants."""
    customers = []
    for number in range(40):
        count = 250 if number == 7 else number % 4
        tenants = tuple(
            Tenant(
                id=f"tenant-{number}-{index}",
                name=HOSTILE_NAMES[(number + index) % len(HOSTILE_NAMES)],
                type=TenantType(index % 4),
                assigned=number * 10 + index,
                available=(number * 7 + index * 3) % 50,
            )
            for index in range(count)
        )
        customers.append(Customer(f"00000000-0000-4000-8000-{number:012}", f"Customer {number}", tenants))
    return customers


def sheet_requests(world: World) -> list[str]:
    """The requests to the Sheets service since its log was cleared: method and path."""
    return [f"{request.method} {request.path}" for request in world.sheets.requests]


CONTRACTS: list[dict[str, Any]] = [
    {"contract": "users"},
    {"contract": "users", "absent_status": 405},
    {"contract": "users", "counts": "asked"},
    {"contract": "users", "counts": "asked-null", "unfiltered": "available"},
    {"contract": "tenants-batch"},
    {"contract": "tenants-batch", "absent_status": 405},
    {"contract": "both"},
]


@pytest.mark.parametrize(
    "options",
    chosen(CONTRACTS, 2),
    ids=lambda options: " ".join(str(value) for value in options.values()),
)
def test_numbers_equal_those_of_the_service(world: World, options: dict[str, Any]) -> None:
    """With every API contract, the report has the service's numbers, and a second run changes nothing."""
    world.avepoint.directory.replace_all(forty_customers())
    world.avepoint.configure(**options)
    world.list_customers()
    first = world.run()
    assert first["outcome"] == "ok"
    assert first["customers"] == {"listed": 40, "queried": 40, "failed": 0, "skipped": 0}
    expected = world.service_seats()
    assert world.report_seats() == expected
    assert first["tenants"] == len(expected)
    assert sum(seats["assigned"] for seats in first["seats"].values()) == sum(pair[0] for pair in expected.values())

    before = world.grid()
    second = world.run()
    assert second["changes"] == {"rows_added": 0, "rows_updated": 0, "rows_removed": 0, "cells_changed": 0}
    assert changed_cells(before, world.grid(), ignoring="Last checked") == []


def test_text_is_written_as_text(world: World) -> None:
    """Names that look like formulas, numbers, dates or markup are written to the sheet as they are."""
    tenants = tuple(Tenant(f"t{i}", name, TenantType.GOOGLE, i, 1) for i, name in enumerate(HOSTILE_NAMES))
    world.avepoint.directory.replace_all([Customer("c-1", "One", tenants)])
    world.put("Customers", [["Customer ID", "Customer"], ["c-1", "=1+1"]])
    world.run()
    assert {
        row["Tenant"].replace(" ", "\t") if row["Tenant"] == "a b" else row["Tenant"] for row in world.rows()
    } == set(HOSTILE_NAMES)
    assert {row["Customer"] for row in world.rows()} == {"=1+1"}
    formulas = world.tab().get_values(value_render_option=ValueRenderOption.formula)
    assert formulas[1][0] == "=1+1"
    displayed = world.tab().get_values()
    assert {row[0] for row in displayed[1:]} == {"=1+1"}


def test_types_and_time_zone(world: World) -> None:
    """Counts and shares are numbers; Last checked is a date and time in the spreadsheet's time zone."""
    world.avepoint.directory.replace_all([Customer("c-1", "One", (Tenant("t", "T", TenantType.GOOGLE, 30, 10),))])
    world.list_customers()
    result = world.run()
    (row,) = world.rows()
    assert (row["Assigned seats"], row["Available seats"], row["Total seats"]) == (30, 10, 40)
    assert row["Utilisation"] == 0.75
    displayed = dict(zip(*world.tab().get_values(), strict=False))
    assert displayed["Utilisation"] == "75.0%"
    started_at = result["started_at"]
    assert displayed["Last checked"][:10] == started_at[:10] or started_at[11:13] >= "22"
    assert isinstance(row["Last checked"], float)
    assert displayed["Last checked"][14:16] == started_at[14:16]


def test_a_new_spreadsheet_without_customers_is_no_error(world: World) -> None:
    """Its Customers tab has yet to be filled in, and no report is made before that."""
    world.put("Customers", [["Customer ID", "Customer"]])
    result = world.run()
    assert (result["outcome"], result["customers"]["listed"], result["seats"]) == ("ok", 0, {})
    assert any("no customers" in warning for warning in result["warnings"])
    assert [tab.title for tab in world.book.worksheets()] == ["Sheet1", "Customers"]


def test_missing_customers_tab_is_created(world: World) -> None:
    """The first run in an empty spreadsheet creates the tab to fill in."""
    result = world.run()
    assert result["outcome"] == "ok"
    (header,) = world.grid("Customers")
    assert header[:4] == ["Customer ID", "Customer", "Tenant types", "Include"]
    assert world.tab("Customers").get_note("A1")


def test_missing_custom_tab(world: World) -> None:
    """A missing tab named by CUSTOMERS_TAB is a configuration error that lists the tabs; no tab is created."""
    world.configure(CUSTOMERS_TAB="Kunden")
    result = world.run(expect=500)
    assert "Kunden" in result["detail"]
    assert "Sheet1" in result["detail"]
    assert [tab.title for tab in world.book.worksheets()] == ["Sheet1"]


def test_invalid_ids_never_reach_a_url(world: World) -> None:
    """Invalid IDs are problems with their row; valid ones are queried once."""
    valid_id = world.avepoint.directory.customers[0].id
    invalid_ids = ["a b", "../../etc", "x/y", "a\\b", "..", "x" * 129, "a\nb", "#REF!", "a?b=c", "a%2fb", "."]
    world.put(
        "Customers",
        [
            ["Name", "customer_id"],
            *[["", text] for text in invalid_ids],
            ["", valid_id],
            ["", f" {valid_id.upper()} "],
        ],
    )
    result = world.run()
    assert result["outcome"] == "partial"
    kinds = [problem["problem"] for problem in result["problems"]]
    assert kinds.count("invalid-customer-id") == len(invalid_ids)
    assert kinds.count("duplicate-customer-id") == 1
    assert [problem["row"] for problem in result["problems"]] == [*range(2, 2 + len(invalid_ids)), 3 + len(invalid_ids)]
    queried = {request.path.split("/customers/")[1].split("/")[0] for request in world.avepoint.log.requests("seats")}
    assert queried == {valid_id}


def test_include_and_tenant_types(world: World) -> None:
    """An excluded customer is not queried, one limited to some types only for those."""
    first, second, third = world.avepoint.directory.customers[:3]
    world.put(
        "Customers",
        [
            ["Include", "Tenant types", "CustomerId"],
            ["no", "", first.id],
            ["", "Salesforce; 2", second.id],
            [False, "", third.id],
        ],
    )
    result = world.run()
    assert result["customers"] == {"listed": 3, "queried": 1, "failed": 0, "skipped": 2}
    queried = {request.path.split("/type/")[1].split("/")[0] for request in world.avepoint.log.requests("seats")}
    assert queried == {"1", "2"}


def test_all_wrong_settings_are_reported(world: World) -> None:
    """A wrong configuration names every fault, before any request to a service."""
    world.configure(SPREADSHEET_ID="", AVEPOINT_CONCURRENCY="many", AVEPOINT_API_URL="http://example.com")
    world.sheets.requests.clear()
    result = world.run(expect=500)
    assert [fault["setting"] for fault in result["faults"]] == [
        "SPREADSHEET_ID",
        "AVEPOINT_API_URL",
        "AVEPOINT_CONCURRENCY",
    ]
    assert sheet_requests(world) == []


def test_run_without_changes_is_cheap(world: World) -> None:
    """If nothing has changed at the service, a run needs at most five Sheets requests."""
    world.list_customers()
    world.run()
    world.sheets.requests.clear()
    world.run()
    assert len(sheet_requests(world)) <= 5


def test_dry_run(world: World) -> None:
    """A dry run shows what would change, row by row, and writes nothing."""
    world.list_customers()
    world.run()
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    world.avepoint.directory.put_tenant(customer.id, dataclasses.replace(tenant, assigned=tenant.assigned + 4))
    world.sheets.requests.clear()
    before = world.grid()
    result = world.run(dry_run=True)
    assert result["dry_run"] is True
    assert result["changes"]["rows_updated"] == 1
    (row,) = result["preview"]
    assert (row["customer_id"], row["tenant_type"], row["tenant_id"]) == (customer.id, "microsoft-365", tenant.id)
    assert {"column": "Assigned seats", "before": tenant.assigned, "after": tenant.assigned + 4} in row["cells"]
    assert world.grid() == before
    assert not [line for line in sheet_requests(world) if line.startswith("POST")]


def test_run_limited_to_a_customer(world: World) -> None:
    """A run limited to a customer leaves the rows of others exactly as they are."""
    world.list_customers()
    world.run()
    before = world.rows()
    world.avepoint.directory.let_a_month_pass(seed=3)
    customer = world.avepoint.directory.customers[0]
    result = world.run(customer_id=[customer.id, "nobody-knows"])
    assert [problem["problem"] for problem in result["problems"]] == ["not-listed"]
    assert result["customers"]["queried"] == 1
    other_rows = [row for row in before if row["Customer ID"] != customer.id]
    assert [row for row in world.rows() if row["Customer ID"] != customer.id] == other_rows
