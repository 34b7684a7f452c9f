"""What people, earlier settings and accidents leave in the tabs, and what the next run makes of it."""

import pytest

from seat_report.workbook.tabs.runs import LOCK_ID, LOCK_KEY
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
FIRST, NEXT = "2026-01-05 06:00", "2026-01-06 06:00"


@pytest.fixture
def office(world: World) -> World:
    """Two customers, one of them with tenants of two types, after a first run."""
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
    """Copy a row to below the others, as a person does, with a remark in a column of the person's own."""
    tab = world.tab(title)
    row = world.grid(title)[number - 1]
    width = len(world.grid(title)[0])
    tab.append_row([*row, *[""] * (width - len(row)), remark], value_input_option="RAW")  # type: ignore[arg-type] # gspread wants its enum


def test_a_copied_row_goes_unless_written_in(office: World) -> None:
    """One row has the tenant's numbers; a copy goes, or says that it is none if a person has written beside it."""
    copy_row(office, "Seat Report", 2)
    copy_row(office, "Seat Report", 2, "mine")
    assert office.run_at(NEXT).failure is None
    copies = [row for row in office.rows() if row["Tenant ID"] == "t2"] + [
        row for row in office.rows() if row["Tenant ID"] == "t1"
    ]
    assert sorted(row["Status"] for row in copies) == ["Current", "Current", "Not reported"]
    (copy,) = [row for row in copies if row["Status"] == "Not reported"]
    assert "another row has the same tenant" in copy["Detail"]
    assert copy["Assigned seats"] == ""
    assert office.report_seats() == office.service_seats()


def test_a_copied_customer_is_summed_up_once(office: World) -> None:
    """A copy in By Customer goes."""
    copy_row(office, "By Customer", 2)
    office.run_at(NEXT)
    assert [row["Customer ID"] for row in office.rows("By Customer")] == ["c-1", "c-2"]


def test_a_customer_that_is_gone_stays_where_it_was_written_in(office: World) -> None:
    """Its row in By Customer keeps the words, and no numbers."""
    width = len(office.grid("By Customer")[0])
    office.tab("By Customer").update_cell(3, width + 1, "owes us an answer")
    office.list_customers([one for one in office.avepoint.directory.customers if one.id == "c-1"])
    office.run_at(NEXT)
    office.run_at("2026-02-05 06:00")
    rows = office.grid("By Customer")
    (gone,) = [row for row in rows if row[0] == "c-2"]
    assert gone[width] == "owes us an answer"
    assert "Not reported" in gone
    assert 50 not in gone


def test_a_type_that_is_no_longer_asked_about(office: World) -> None:
    """Its tenants are no longer reported, and the reason is told."""
    office.configure(TENANT_TYPES="google")
    office.run_at(NEXT)
    gone = office.row("t1")
    assert gone["Status"] == "Not reported"
    assert "this tenant type is no longer asked about" in gone["Detail"]


def test_a_status_that_somebody_overwrote_vouches_for_nothing(office: World) -> None:
    """In a run that may not touch the row, its numbers are in no total."""
    place = next(place for place, row in enumerate(office.rows(), start=2) if row["Tenant ID"] == "t3")
    column = office.grid()[0].index("Status") + 1
    office.tab().update_cell(place, column, "checked by me")
    office.run_at(NEXT, customer_ids=("c-1",))
    assert office.row("t3")["Status"] == "checked by me"
    assert office.rows("Runs")[0]["Assigned seats"] == 110


def test_nobody_included(world: World) -> None:
    """When the Customers tab leaves everybody out, the Overview says so."""
    world.put("Customers", [["Customer ID", "Include"], ["c-1", "no"]])
    assert world.run_at(FIRST).failure is None
    assert world.tab("Overview").find("No customer is listed and included.") is not None


def test_a_lock_that_cannot_be_read_keeps_nobody_out(office: World) -> None:
    """An entry that does not say until when it holds has ended long ago, and goes."""
    sheet_id = office.tab("Runs").id
    entry = {
        "metadataId": LOCK_ID,
        "metadataKey": LOCK_KEY,
        "metadataValue": "gibberish",
        "visibility": "DOCUMENT",
        "location": {"sheetId": sheet_id},
    }
    office.book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": entry}}]})
    assert office.run_at(NEXT).failure is None
    assert "gibberish" not in str(office.book.fetch_sheet_metadata())
