"""How a run handles duplicate rows, overwritten cells, leftovers of earlier settings and an unreadable lock."""

import pytest

from seat_report.domain import TenantType as SeatType
from seat_report.workbook.tabs.runs import LOCK_ID, LOCK_KEY
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
FIRST, NEXT = "2026-01-05 06:00", "2026-01-06 06:00"


@pytest.fixture
def world_after_run(world: World) -> World:
    """A world after the first run, with two customers, one of them with tenants of two types."""
    world.configure(TENANT_TYPES="microsoft-365,google")
    world.avepoint.directory.replace_all(
        [
            Customer("c-1", "Alder", (Tenant("t1", "Alder M", M365, 100, 20), Tenant("t2", "Alder G", GOOGLE, 10, 0))),
            Customer("c-2", "Birch", (Tenant("t3", "Birch M", M365, 50, 50),)),
        ]
    )
    world.list_customers()
    world.run_at(FIRST)
    return world


def copy_row(world: World, title: str, number: int, remark: str = "") -> None:
    """Copy a row to the end of the tab, as a person does, with a remark in a column of their own."""
    rows = world.grid(title)
    row, width = rows[number - 1], len(rows[0])
    world.person.tab(title).paste((len(rows), 0), [[*row, *[""] * (width - len(row)), remark]])


def test_a_duplicate_row_is_removed_unless_written_in(world_after_run: World) -> None:
    """One row has the tenant's numbers; a duplicate is removed, or marked if a person has written beside it."""
    copy_row(world_after_run, "Seat Report", 2)
    copy_row(world_after_run, "Seat Report", 2, "mine")
    assert world_after_run.run_at(NEXT).failure is None
    rows = [row for row in world_after_run.rows() if row["Tenant ID"] == "t2"] + [
        row for row in world_after_run.rows() if row["Tenant ID"] == "t1"
    ]
    assert sorted(row["Status"] for row in rows) == ["Current", "Current", "Not reported"]
    (duplicate,) = [row for row in rows if row["Status"] == "Not reported"]
    assert "it duplicates another row" in duplicate["Detail"]
    assert duplicate["Assigned seats"] == ""
    assert world_after_run.report_seats() == world_after_run.service_seats()


def test_a_duplicate_customer_is_summed_up_once(world_after_run: World) -> None:
    """The duplicate in By Customer is removed."""
    copy_row(world_after_run, "By Customer", 2)
    world_after_run.run_at(NEXT)
    assert [row["Customer ID"] for row in world_after_run.rows("By Customer")] == ["c-1", "c-2"]


def test_the_row_of_an_unlisted_customer_stays_if_written_in(world_after_run: World) -> None:
    """Its row in By Customer keeps the text, and no numbers."""
    width = len(world_after_run.grid("By Customer")[0])
    world_after_run.person.tab("By Customer").type((2, width), "owes us an answer")
    world_after_run.list_customers(
        [customer for customer in world_after_run.avepoint.directory.customers if customer.id == "c-1"]
    )
    world_after_run.run_at(NEXT)
    world_after_run.run_at("2026-02-05 06:00")
    rows = world_after_run.grid("By Customer")
    (unlisted,) = [row for row in rows if "c-2" in row]
    assert unlisted[width] == "owes us an answer"
    assert "Not reported" in unlisted
    assert 50 not in unlisted


def test_tenants_of_a_type_that_is_no_longer_queried_are_not_reported(world_after_run: World) -> None:
    """The reason is given."""
    world_after_run.configure(TENANT_TYPES="google")
    world_after_run.run_at(NEXT)
    tenant = world_after_run.row("t1")
    assert tenant["Status"] == "Not reported"
    assert "this tenant type is no longer checked" in tenant["Detail"]


def test_a_row_with_an_overwritten_status_makes_every_total_incomplete(world_after_run: World) -> None:
    """In a run whose scope excludes the row."""
    number = next(number for number, row in enumerate(world_after_run.rows(), start=1) if row["Tenant ID"] == "t3")
    column = world_after_run.grid()[0].index("Status")
    world_after_run.person.tab("Seat Report").type((number, column), "checked by me")
    result = world_after_run.run_at(NEXT, customer_ids=("c-1",))
    assert world_after_run.row("t3")["Status"] == "checked by me"
    assert world_after_run.rows("Runs")[0]["Assigned seats"] == ""
    seats = result.seats[SeatType.MICROSOFT_365]
    assert (seats.assigned, seats.known, seats.expected) == (100, 1, 2)


def test_the_overview_reports_that_no_customer_is_included(world: World) -> None:
    """When the Customers tab leaves out everybody, the run is not called complete."""
    world.put("Customers", [["Customer ID", "Include"], ["c-1", "no"]])
    assert world.run_at(FIRST).outcome == "partial"
    assert world.tab("Overview").find("Nothing was checked: the Customers tab excludes every customer.") is not None


def test_an_unreadable_lock_blocks_no_run(world_after_run: World) -> None:
    """An entry without an expiry counts as expired and is deleted."""
    sheet_id = world_after_run.tab("Runs").id
    entry = {
        "metadataId": LOCK_ID,
        "metadataKey": LOCK_KEY,
        "metadataValue": "gibberish",
        "visibility": "DOCUMENT",
        "location": {"sheetId": sheet_id},
    }
    world_after_run.book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": entry}}]})
    assert world_after_run.run_at(NEXT).failure is None
    assert "gibberish" not in str(world_after_run.book.fetch_sheet_metadata())
