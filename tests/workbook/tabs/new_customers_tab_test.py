"""The Customers tab that the function makes: what people see in it, over the local Sheets service."""

import pytest

from seat_report.domain import FoundCustomer
from seat_report.workbook.sheets_api.snapshot import Snapshot, Tab
from seat_report.workbook.tabs.new_customers_tab import new_tab
from tests.support.world import World

DIGITS = "00012345678901234567"


@pytest.fixture
def made(world: World) -> World:
    """A spreadsheet in which the tab was made, with one customer whose ID has digits alone."""
    for tab in [tab for tab in world.book.worksheets() if tab.title == "Customers"]:
        world.book.del_worksheet(tab)
    found = [FoundCustomer(DIGITS, "=Alder")]
    world.book.batch_update({"requests": new_tab("Customers", Snapshot("", "", "UTC", {}), found)})
    return world


def test_it_comes_first_with_an_id_that_no_other_tab_has() -> None:
    """Google opens the first tab."""
    taken = Tab(sheet_id=710_000_001, title="Runs", row_count=2, column_count=26)
    added, *_ = new_tab("Kunden", Snapshot("Seats", "", "UTC", {"Runs": taken}))
    grid = {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 1}
    properties = {"sheetId": 710_000_002, "title": "Kunden", "gridProperties": grid, "index": 0}
    assert added == {"addSheet": {"properties": properties}}


def test_people_see_how_to_fill_it_in(made: World) -> None:
    """Headers, the customers as text, and beside them what to do, in cells that people see without pointing at them."""
    header, first = made.grid("Customers")[:2]
    assert header[:5] == ["Customer ID", "Customer", "Tenant types", "Include", ""]
    assert header[5].startswith("How to fill in this tab: one customer per row.")
    assert first[:2] == [DIGITS, "=Alder"]


def test_drop_downs_offer_values_and_accept_others(made: World) -> None:
    """Several types can be typed into one cell."""
    sheet = made.book.fetch_sheet_metadata({"includeGridData": True, "ranges": "Customers!A2:D3"})["sheets"][0]
    rules = [cell.get("dataValidation") for cell in sheet["data"][0]["rowData"][1]["values"][:4]]
    assert rules[:2] == [None, None]
    offered = [[one["userEnteredValue"] for one in rule["condition"]["values"]] for rule in rules[2:]]
    assert offered == [["Microsoft 365", "Salesforce", "Google", "Dynamics 365"], ["yes", "no"]]
    assert not any(rule.get("strict") for rule in rules[2:])


def test_a_run_reads_it(made: World) -> None:
    """The hint is in a column of people's."""
    result = made.run_at("2026-01-05 06:00", dry_run=True)
    assert result.customers.listed == 1
    assert not [problem for problem in result.problems if problem.kind.startswith("invalid")]
