"""The History tab as runs of several months leave it: what counts as a month, what ends with 0, the peak, the close."""

import dataclasses
import json
from typing import Any

import pytest

from seat_report.domain.tenants import TenantType as ReportType
from seat_report.errors import ConfigurationError
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import Spreadsheet, connect
from seat_report.workbook.tables.columns import MARK_KEY
from seat_report.workbook.tabs.month_close import CLOSED_KEY
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.clocks import ManualClock
from tests.support.overview import months_of
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
T1, T2, T3 = Tenant("t1", "One", M365, 100, 20), Tenant("t2", "Two", M365, 10, 5), Tenant("t3", "Three", M365, 50, 50)


@pytest.fixture
def world(world: World) -> World:
    """A world of two customers and two types: one customer with two tenants of one type, one with a single tenant."""
    world.configure(TENANT_TYPES="microsoft-365,google")
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", (T1, T2)), Customer("c-2", "Birch", (T3,))])
    world.list_customers()
    return world


def assign(world: World, customer_id: str, tenant: Tenant, assigned: int) -> None:
    """Set the assigned seats that AvePoint reports of this tenant from now on."""
    world.avepoint.directory.put_tenant(customer_id, dataclasses.replace(tenant, assigned=assigned))


def fail(world: World, customer_id: str, **more: Any) -> None:
    """Let AvePoint refuse this customer."""
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer_id, **more))


def months(world: World, tenant_id: str, measure: str = "Assigned") -> dict[str, Any]:
    """A tenant's seats by month, without blank months."""
    (row,) = [row for row in world.rows("History") if (row["Tenant ID"], row["Seats"]) == (tenant_id, measure)]
    return {name: value for name, value in row.items() if name.startswith("20") and value != ""}


def peaks(world: World, customer_id: str, tenant_type: str = "Microsoft 365") -> dict[str, Any]:
    """The peaks of a customer and type by month, without blank months."""
    (row,) = [
        row
        for row in world.rows("History")
        if (row["Customer ID"], row["Tenant type"], row["Seats"]) == (customer_id, tenant_type, "Peak")
    ]
    assert (row["Tenant ID"], row["Tenant"]) == ("", "")
    return {name: value for name, value in row.items() if name.startswith("20") and value != ""}


def headers(world: World) -> list[str]:
    """The headers of the History tab that look like months."""
    return [name for name in world.grid("History")[0] if name.startswith("20")]


def closes(world: World) -> dict[str, Any]:
    """What the records of closed months say, by the header of their column."""
    metadata = world.book.client.fetch_sheet_metadata(world.book.id, params={"includeGridData": "true"})
    (sheet,) = [sheet for sheet in metadata["sheets"] if sheet["properties"]["title"] == "History"]
    columns = sheet["data"][0]["columnMetadata"]
    header = world.grid("History")[0]
    return {
        header[index]: json.loads(entry["metadataValue"])
        for index, column in enumerate(columns)
        for entry in column.get("developerMetadata", ())
        if entry["metadataKey"] == CLOSED_KEY
    }


def overview_months(world: World) -> dict[str, tuple[str, str]]:
    """The Overview's assigned seats and state of each month."""
    return months_of(world.tab("Overview").get_values())


# What a month holds.


def test_a_tenant_that_a_good_answer_no_longer_has_ends_with_zero(world: World) -> None:
    """In the running month, for both measures; the months after it are blank, and the month before keeps its number."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.run_at("2026-02-05 06:00")
    world.run_at("2026-03-05 06:00")
    assert months(world, "t2") == {"2026-01": 10, "2026-02": 0}
    assert months(world, "t2", "Available") == {"2026-01": 5, "2026-02": 0}


def test_a_tenant_that_is_gone_within_its_month_ends_with_zero_and_may_come_back(world: World) -> None:
    """The month holds what the last good answer of the month said."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.run_at("2026-01-06 06:00")
    assert months(world, "t2") == {"2026-01": 0}
    world.avepoint.directory.put_tenant("c-1", T2)
    world.run_at("2026-01-07 06:00")
    assert months(world, "t2") == {"2026-01": 10}


def test_no_zero_without_a_good_answer(world: World) -> None:
    """A customer that fails, is asked for another type only or is not listed any more keeps the month's last value."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    fail(world, "c-1")
    world.run_at("2026-01-06 06:00")
    assert months(world, "t2") == {"2026-01": 10}
    world.avepoint.faults.clear()
    world.configure(TENANT_TYPES="google")
    world.run_at("2026-01-07 06:00")
    world.configure(TENANT_TYPES="microsoft-365,google")
    world.list_customers([customer for customer in world.avepoint.directory.customers if customer.id == "c-1"])
    world.run_at("2026-01-08 06:00")
    assert months(world, "t2") == {"2026-01": 0}
    assert months(world, "t3") == {"2026-01": 50}


def test_the_peak_is_that_of_all_tenants_together(world: World) -> None:
    """Seats that move from one tenant to another count once; a type without tenants has a peak of 0."""
    world.run_at("2026-01-05 06:00")
    assign(world, "c-1", T1, 70)
    assign(world, "c-1", T2, 45)
    world.run_at("2026-01-06 06:00")
    assign(world, "c-1", T1, 10)
    world.run_at("2026-01-07 06:00")
    world.run_at("2026-02-01 06:00")
    assert peaks(world, "c-1") == {"2026-01": 115, "2026-02": 55}
    assert peaks(world, "c-2") == {"2026-01": 50, "2026-02": 50}
    assert peaks(world, "c-1", "Google") == {"2026-01": 0, "2026-02": 0}


def test_no_peak_of_an_answer_with_an_unusable_tenant(world: World) -> None:
    """A sum that lacks a tenant is no peak."""
    world.avepoint.faults.add(Fault(kind="count", value=-1, customer_id="c-2"))
    world.run_at("2026-01-05 06:00")
    assert not [row for row in world.rows("History") if row["Customer ID"] == "c-2" and row["Tenant type"] != "Google"]


# What counts as a month.


def test_an_answer_that_lacks_a_tenant_leaves_the_months_last_complete_one(world: World) -> None:
    """The numbers of the other tenants alone would add up to less than the truth; a new month has nothing to keep."""
    world.run_at("2026-01-10 06:00")
    assign(world, "c-1", T1, 70)
    world.avepoint.faults.add(Fault(kind="no-id", tenant_id="t2"))
    world.run_at("2026-01-11 06:00")
    assert (months(world, "t1"), months(world, "t2")) == ({"2026-01": 100}, {"2026-01": 10})
    assert world.row("t1")["Assigned seats"] == 70
    world.run_at("2026-02-01 06:00")
    assert (months(world, "t1"), months(world, "t2")) == ({"2026-01": 100, "2026-02": 70}, {"2026-01": 10})


def test_a_month_column_of_peoples_in_the_future_is_theirs(world: World) -> None:
    """It neither stops History nor is it overwritten when its month comes: the run says which column to rename."""
    world.run_at("2026-11-05 06:00")
    tab = world.tab("History")
    width = len(world.grid("History")[0])
    tab.update([["2027-01"], [7], [8]], f"{chr(ord('A') + width + 1)}1")
    assert world.run_at("2026-12-05 06:00").failure is None
    assert months(world, "t1")["2026-12"] == 100
    assert headers(world) == ["2026-11", "2026-12", "2027-01"]
    result = world.run_at("2027-01-05 06:00")
    assert [str(problem.kind) for problem in result.problems] == ["month-not-written"]
    theirs = [row[width + 2] for row in world.grid("History")[1:3]]
    assert theirs == [7, 8]
    tab.update_cell(1, width + 3, "Budget")
    assert world.run_at("2027-01-06 06:00").outcome == "ok"
    assert months(world, "t1")["2027-01"] == 100


def test_a_run_long_after_the_newest_month_ends_before_anything_is_written(world: World) -> None:
    """A clock is wrong, or the report paused: renaming History starts a new one."""
    world.run_at("2026-01-05 06:00")
    before, asked = world.grids(), len(world.avepoint.log.requests("seats"))
    result = world.run_at("2036-03-05 06:00")
    assert isinstance(result.failure, ConfigurationError)
    assert "2026-01" in str(result.failure)
    assert "rename the tab 'History'" in str(result.failure)
    assert world.grids() == before
    assert len(world.avepoint.log.requests("seats")) == asked
    world.tab("History").update_title("History until 2026")
    assert world.run_at("2036-03-05 06:10").outcome == "ok"
    assert headers(world) == ["2036-03"]


def test_thirteen_months_after_the_newest_is_no_error(world: World) -> None:
    """A pause of a year happens."""
    world.run_at("2026-01-05 06:00")
    assert world.run_at("2027-02-05 06:00").failure is None
    assert months(world, "t1") == {"2026-01": 100, "2027-02": 100}


def test_a_run_never_writes_a_month_older_than_the_newest(world: World) -> None:
    """It says so, and shows neither change nor peak, whatever moved its month back."""
    world.run_at("2026-09-20 06:00")
    world.run_at("2026-10-20 06:00")
    world.run_at("2026-10-31 23:30")
    assert headers(world) == ["2026-09", "2026-10", "2026-11"]
    before = world.grid("History")
    shown = overview_months(world)
    world.sheets.store.files[world.book.id].spreadsheet.properties["timeZone"] = "America/Los_Angeles"
    assign(world, "c-1", T1, 500)
    result = world.run_at("2026-11-01 02:00")
    assert [str(problem.kind) for problem in result.problems] == ["month-not-written"]
    assert world.grid("History") == before
    assert overview_months(world) == shown
    row = world.row("t1")
    assert (row["Assigned seats"], row["Change this month"], row["Peak this month"]) == (500, "", "")
    by_customer = world.rows("By Customer")[0]
    assert (by_customer["Change this month"], by_customer["Peak this month"]) == ("", "")
    assert world.run_at("2026-11-02 06:00").outcome == "ok"
    assert months(world, "t1") == {"2026-09": 100, "2026-10": 100, "2026-11": 500}


# The close.


def test_the_first_run_for_everybody_closes_the_month_before_and_nothing_rewrites_that(world: World) -> None:
    """With how many of the expected pairs of customer and type had a good answer, and what "available" meant."""
    fail(world, "c-2", tenant_type=M365.value)
    world.run_at("2026-01-05 06:00")
    world.run_at("2026-02-01 06:00", customer_ids=("c-1",))
    assert closes(world) == {}
    assert overview_months(world)["2026-01"][1].startswith("Not closed: ")
    world.avepoint.faults.clear()
    world.run_at("2026-02-02 06:00")
    record = {"complete": False, "answered": 3, "expected": 4, "available": "unassigned", "billing": "month-end"}
    assert closes(world) == {"2026-01": record}
    world.configure(AVAILABLE_SEATS_MEAN="all")
    world.list_customers(world.avepoint.directory.customers[:1])
    world.run_at("2026-02-03 06:00")
    world.run_at("2026-03-03 06:00")
    complete = {"complete": True, "answered": 2, "expected": 2, "available": "all", "billing": "month-end"}
    assert closes(world) == {"2026-01": record, "2026-02": complete}
    assert overview_months(world) == {
        "2026-01": ("110", "Incomplete: no answer for 1 of 4 (customers × tenant types)"),
        "2026-02": ("160", "Complete"),
        "2026-03": ("110", "So far"),
    }


def test_a_customer_that_is_new_in_the_next_month_was_not_expected_before(world: World) -> None:
    """Nor a type that was not asked of anybody."""
    world.configure(TENANT_TYPES="microsoft-365")
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.put(Customer("c-9", "New", (Tenant("t9", "Nine", GOOGLE, 9, 1),)))
    world.list_customers()
    world.configure(TENANT_TYPES="microsoft-365,google")
    world.run_at("2026-02-05 06:00")
    assert closes(world)["2026-01"]["complete"] is True
    assert overview_months(world)["2026-01"] == ("160", "Complete")


def test_a_month_with_limited_runs_only_is_never_called_complete(world: World) -> None:
    """Nobody asked for the rest, so nothing shows that there is none: all that is expected now was expected then."""
    world.run_at("2026-01-05 06:00", tenant_types=(ReportType.MICROSOFT_365,))
    world.run_at("2026-02-05 06:00")
    assert overview_months(world)["2026-01"] == ("160", "Incomplete: no answer for 2 of 4 (customers × tenant types)")


def test_a_month_of_before_these_records_is_not_recorded(world: World) -> None:
    """It has no peak, so nobody knows what was answered in it."""
    world.run_at("2026-01-05 06:00")
    tab = world.tab("History")
    for index in sorted((i for i, row in enumerate(world.rows("History"), 2) if row["Seats"] == "Peak"), reverse=True):
        tab.delete_rows(index)
    world.run_at("2026-02-05 06:00")
    assert closes(world) == {}
    assert overview_months(world)["2026-01"] == ("160", "Not recorded")


def test_what_the_overview_says_of_a_month_is_the_same_on_the_next_day(world: World) -> None:
    """The month under way counts as closed ones do, also when customers fail, leave and come in the next month."""
    world.run_at("2026-01-30 06:00")
    fail(world, "c-2")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.run_at("2026-01-31 06:00")
    assert overview_months(world)["2026-01"] == ("150", "So far")
    world.avepoint.directory.put_tenant("c-1", Tenant("t8", "Eight", M365, 8, 1))
    world.run_at("2026-02-01 06:00")
    assert overview_months(world) == {
        "2026-01": ("150", "Complete"),
        "2026-02": ("", "So far: no answer yet for 2 of 4 (customers × tenant types)"),
    }


def test_a_month_that_was_closed_under_a_wrong_clock_opens_again_once_the_wrong_month_is_deleted(world: World) -> None:
    """The clock is corrected and the column that it made deleted: the running month is not closed."""
    world.run_at("2026-01-05 06:00")
    world.run_at("2026-06-05 06:00")
    assert "2026-01" in closes(world)
    assign(world, "c-1", T1, 120)
    world.run_at("2026-01-06 06:00")
    assert months(world, "t1") == {"2026-01": 100, "2026-06": 100}
    column = world.grid("History")[0].index("2026-06") + 1
    world.tab("History").delete_columns(column)
    assert world.run_at("2026-01-07 06:00").outcome == "ok"
    assert months(world, "t1") == {"2026-01": 120}
    assert closes(world) == {}
    assert overview_months(world)["2026-01"] == ("180", "So far")


def test_a_month_in_which_nobody_answered_closes_nothing(world: World) -> None:
    """The month before stays open until there is a number of the next."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403))
    world.run_at("2026-02-05 06:00")
    assert closes(world) == {}
    world.avepoint.faults.clear()
    world.run_at("2026-02-06 06:00")
    assert closes(world)["2026-01"]["complete"] is True


def test_a_restored_copy_of_the_tab_goes_on_from_its_headers(world: World) -> None:
    """A copy has none of our marks; then the headers say which columns are months."""
    world.run_at("2026-01-05 06:00")
    rows = world.grid("History")
    world.book.del_worksheet(world.tab("History"))
    world.put("History", rows)
    assert world.run_at("2026-02-05 06:00").outcome == "ok"
    assert months(world, "t1") == {"2026-01": 100, "2026-02": 100}
    assert world.row("t1")["Change this month"] == 0


def test_the_first_row_of_a_tab_comes_with_its_marks(world: World) -> None:
    """So a wrong clock is found without reading the whole tab twice in a run."""
    world.run_at("2026-01-05 06:00")
    settings = load()
    client = connect(settings.sheets_emulator_host)
    spreadsheet = Spreadsheet(client, world.book.id, clock=ManualClock(), deadline=1e9, column_key=MARK_KEY)
    snapshot = spreadsheet.read(["Runs"], first_rows_of=["history", "Nowhere"])
    client.session.close()
    history, runs = snapshot.tab("History"), snapshot.tab("Runs")
    assert history is not None
    assert runs is not None
    assert (len(history.rows), len(runs.rows)) == (1, 2)
    assert "2026-01" in {mark.name for mark in history.marks}
