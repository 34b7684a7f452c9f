"""Totals through real runs: complete, or saying what they lack, and the same in every place."""

from typing import Any

import pytest

from seat_report.domain import SeatSum
from seat_report.domain import TenantType as SeatType
from seat_report.reporting import summary
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.overview import text_of
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
ONLY_GOOGLE = (SeatType.GOOGLE,)
HEADER = ["Customer ID", "Customer", "Tenant types", "Include"]
NO_ID = Fault(kind="no-id", customer_id="c-1", tenant_type=GOOGLE, tenant_id="t3")


@pytest.fixture
def world(world: World) -> World:
    """A world of two customers, one with tenants of two types."""
    world.configure(TENANT_TYPES="microsoft-365,google")
    tenants = (Tenant("t1", "Alder M", M365, 100, 20), Tenant("t2", "Alder G", GOOGLE, 10, 0))
    serve(world, *tenants)
    world.list_customers()
    return world


def serve(world: World, *tenants: Tenant) -> None:
    """Make AvePoint report these tenants of the first customer, and the second customer's one."""
    birch = Customer("c-2", "Birch", (Tenant("t9", "Birch M", M365, 50, 50),))
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", tenants), birch])


def by_customer(world: World, customer_id: str) -> dict[str, Any]:
    """The customer's row in By Customer."""
    (row,) = [row for row in world.rows("By Customer") if row["Customer ID"] == customer_id]
    return row


def overview(world: World) -> str:
    """The text of the Overview, one line per row."""
    return text_of(world.tab("Overview").get_values())


def statuses(world: World, customer_id: str) -> set[tuple[str, str]]:
    """The type and the status of each of the customer's rows in the Seat Report."""
    return {(row["Tenant type"], row["Status"]) for row in world.rows() if row["Customer ID"] == customer_id}


def test_a_first_run_limited_to_a_type_claims_nothing_of_the_others(world: World) -> None:
    """They are missing everywhere, until a run for everybody asks for them."""
    result = world.run_at("2026-01-05 06:00", tenant_types=ONLY_GOOGLE)
    assert result.seats[SeatType.MICROSOFT_365] == SeatSum(expected=2)
    assert result.seats[SeatType.GOOGLE] == SeatSum(1, 10, 0, 10, known=2, expected=2)
    assert "Microsoft 365 (incomplete, 2 of 2 missing)\n" in overview(world)
    assert "Complete" not in overview(world)
    assert "Alder, Birch | No data | Not checked yet" in overview(world)
    assert world.rows("Runs")[0]["Assigned seats"] == ""
    row = by_customer(world, "c-1")
    assert (row["Status"], row["Assigned seats"], row["Google assigned"]) == ("Incomplete", "", 10)
    assert statuses(world, "c-2") == {("Microsoft 365", "No data")}
    assert world.run_at("2026-01-06 06:00").outcome == "ok"
    assert "Complete: all numbers verified" in overview(world)
    assert world.rows("Runs")[0]["Assigned seats"] == 160
    assert statuses(world, "c-1") == {("Microsoft 365", "Current"), ("Google", "Current")}


def test_a_run_limited_to_a_customer_says_that_the_others_are_not_checked(world: World) -> None:
    world.run_at("2026-01-05 06:00", customer_ids=("c-2",))
    text = overview(world)
    assert "for 1 of 2 customers" in text
    assert "Alder | No data | Not checked yet. The next run for all customers checks it." in text
    assert {row["Customer ID"] for row in world.rows()} == {"c-2"}


def test_a_new_customer_first_met_by_a_limited_run_is_incomplete(world: World) -> None:
    world.list_customers(world.avepoint.directory.customers[1:])
    world.run_at("2026-01-05 06:00")
    world.list_customers()
    result = world.run_at("2026-01-06 06:00", tenant_types=ONLY_GOOGLE)
    assert (by_customer(world, "c-1")["Status"], by_customer(world, "c-1")["Assigned seats"]) == ("Incomplete", "")
    assert (by_customer(world, "c-2")["Status"], by_customer(world, "c-2")["Assigned seats"]) == ("Current", 50)
    assert result.seats[SeatType.MICROSOFT_365] == SeatSum(1, 50, 50, 100, known=1, expected=2)


@pytest.mark.parametrize("limits", [{"customer_ids": ("c-2",)}, {"tenant_types": (SeatType.MICROSOFT_365,)}])
def test_a_customer_whose_types_were_widened_is_incomplete_until_they_are_asked_for(
    world: World, limits: dict[str, Any]
) -> None:
    """Also if the run in between was for somebody or something else."""
    world.put("Customers", [HEADER, ["c-1", "Alder", "Microsoft 365", ""], ["c-2", "Birch", "", ""]])
    result = world.run_at("2026-01-05 06:00")
    assert result.seats[SeatType.GOOGLE] == SeatSum(0, 0, 0, 0, known=1, expected=1)
    world.list_customers()
    result = world.run_at("2026-01-06 06:00", **limits)
    assert result.seats[SeatType.GOOGLE] == SeatSum(0, 0, 0, 0, known=1, expected=2)
    assert "Complete" not in overview(world)
    assert "Alder | No data | Not checked yet" in overview(world)
    assert world.run_at("2026-01-07 06:00").outcome == "ok"
    assert by_customer(world, "c-1")["Assigned seats"] == 110


def test_a_customer_limited_to_a_type_that_is_not_covered_leaves_the_report_complete(world: World) -> None:
    world.put("Customers", [HEADER, ["c-1", "Alder", "Salesforce", ""], ["c-2", "Birch", "", ""]])
    assert world.run_at("2026-01-05 06:00").outcome == "ok"
    assert "for 1 of 1 customers" in overview(world)
    assert "Complete: all numbers verified" in overview(world)


def test_a_tenant_without_an_id_makes_its_customer_incomplete(world: World) -> None:
    """Also in a later run for others: until an answer names it, its seats are missing."""
    alder = (Tenant("t1", "Alder M", M365, 100, 20), Tenant("t2", "Alder G", GOOGLE, 10, 0))
    serve(world, *alder, Tenant("t3", "Alder G 2", GOOGLE, 7, 0))
    world.avepoint.faults.add(NO_ID)
    result = world.run_at("2026-01-05 06:00")
    for _ in range(2):
        assert result.seats[SeatType.GOOGLE] == SeatSum(1, 10, 0, 10, known=1, expected=2)
        row = by_customer(world, "c-1")
        assert (row["Status"], row["Assigned seats"]) == ("Incomplete", "")
        assert (row["Microsoft 365 assigned"], row["Google assigned"]) == (100, "")
        assert statuses(world, "c-1") == {("Microsoft 365", "Current"), ("Google", "Current"), ("Google", "No data")}
        assert "Alder | No data | " in overview(world)
        assert "Google (incomplete, 1 of 2 missing) | 1 | 10" in overview(world)
        result = world.run_at("2026-01-06 06:00", customer_ids=("c-2",))
    world.avepoint.faults.clear()
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    assert not world.run_at("2026-01-07 06:00").seats[SeatType.GOOGLE].is_complete
    world.avepoint.faults.clear()
    world.run_at("2026-01-08 06:00")
    assert by_customer(world, "c-1")["Assigned seats"] == 117
    assert statuses(world, "c-1") == {("Microsoft 365", "Current"), ("Google", "Current")}


def test_a_type_without_tenants_that_fails_is_out_of_date_and_not_missing(world: World) -> None:
    """That there was none was the last answer, so that the customer's sums stay."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    for day in (6, 7):
        result = world.run_at(f"2026-01-{day:02} 06:00")
        assert result.seats[SeatType.GOOGLE] == SeatSum(1, 10, 0, 10, known=2, expected=2)
        assert (by_customer(world, "c-2")["Status"], by_customer(world, "c-2")["Assigned seats"]) == ("Stale", 50)
        assert statuses(world, "c-2") == {("Microsoft 365", "Stale"), ("Google", "No data")}
        (row,) = [row for row in world.rows() if row["Status"] == "No data"]
        assert "On 2026-01-05 07:00 there were no tenants of this type." in row["Detail"]
        assert world.rows("Runs")[0]["Assigned seats"] == 160
        assert "Out of date: numbers for 1 of 2 customers could not be verified (2 out of date" in overview(world)


def test_all_places_show_the_same_totals(world: World) -> None:
    """Overview, page, terminal and JSON: the whole report, with the last known numbers of what failed."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    body = world.run()
    complete = {"complete": True, "known": 2, "expected": 2}
    assert body["seats"] == {
        "microsoft-365": {"assigned": 150, "available": 70, **complete},
        "google": {"assigned": 10, "available": 0, **complete},
    }
    assert body["tenants"] == 3
    assert "All | 3 | 160 | 70" in overview(world)
    result = world.run_at("2026-11-24 06:00", customer_ids=("c-2",))
    assert [(total.label, total.assigned, total.gap) for total in summary.totals(result)] == [
        ("Microsoft 365", 150, ""),
        ("Google", 10, ""),
    ]
    page = world.function.post("/", headers={"Accept": "text/html"}, data={"customer_id": "c-2"}).get_data(as_text=True)
    assert '<td class="number">150</td>' in page


def test_a_preview_shows_the_totals_as_they_would_be(world: World) -> None:
    world.run_at("2026-01-05 06:00")
    serve(world, Tenant("t1", "Alder M", M365, 130, 20))
    result = world.run_at("2026-01-06 06:00", dry_run=True, customer_ids=("c-1",))
    assert result.seats[SeatType.MICROSOFT_365].assigned == 180
    assert result.tenants == 2


def test_an_emptied_customers_tab_is_never_up_to_date(world: World) -> None:
    """Nothing was checked: the report stays as it is, and says so on its first lines and in Runs."""
    world.run_at("2026-01-05 06:00")
    before = world.grids()
    world.put("Customers", [["Customer ID", "Customer"]])
    result = world.run_at("2026-01-06 06:00")
    said = "Nothing was checked: the Customers tab is empty."
    assert (result.outcome, [problem.detail for problem in result.problems]) == ("partial", [said])
    assert summary.headline(result) == "Nothing checked"
    after = world.grids()
    assert [after[title] for title in ("Seat Report", "By Customer")] == [
        before[title] for title in ("Seat Report", "By Customer")
    ]
    assert said in overview(world)
    assert "Complete" not in overview(world)
    newest = world.rows("Runs")[0]
    assert (newest["Outcome"], newest["Message"], newest["Assigned seats"]) == ("partial", "1 × nothing checked", "")


def test_a_run_for_a_type_that_nobody_has_checks_nothing(world: World) -> None:
    world.put("Customers", [HEADER, ["c-1", "Alder", "Microsoft 365", ""]])
    world.run_at("2026-01-05 06:00")
    result = world.run_at("2026-01-06 06:00", tenant_types=ONLY_GOOGLE)
    assert (result.outcome, result.problems[0].kind) == ("partial", "nothing-checked")


def test_a_customers_tab_that_is_gone_is_a_fault_once_there_is_a_report(world: World) -> None:
    """It is not made again: somebody renamed it, and the report would be emptied."""
    world.run_at("2026-01-05 06:00")
    before = world.grids()
    world.tab("Customers").update_title("Kunden")
    result = world.run(expect=500)
    assert "there is no tab 'Customers'; the tabs are: " in result["detail"]
    assert "'Kunden'" in result["detail"]
    assert world.function.get("/health?deep=1").status_code == 500
    world.tab("Kunden").update_title("Customers")
    assert world.grids() == before


def test_nobody_is_removed_while_an_id_is_an_error(world: World) -> None:
    """A look-up that is broken or still loading may mean any customer that is not listed."""
    world.run_at("2026-01-05 06:00")
    before = world.rows()
    tab = world.put("Customers", [["Customer ID"], ["c-2"]])
    tab.update([["=NA()"]], "A3", raw=False)
    result = world.run_at("2026-01-06 06:00")
    assert result.outcome == "partial"
    assert "Until then, no customer is treated as removed." in result.problems[0].detail
    assert [row for row in world.rows() if row["Customer ID"] == "c-1"] == [
        row for row in before if row["Customer ID"] == "c-1"
    ]
    assert by_customer(world, "c-1")["Assigned seats"] == 110
    assert result.seats[SeatType.MICROSOFT_365] == SeatSum(2, 150, 70, 220, known=1, expected=2)
    assert world.rows("Runs")[0]["Assigned seats"] == ""


def test_only_runs_for_everybody_make_the_report_fresh(world: World) -> None:
    """A good run for one customer hides no failing one for all."""
    world.run_at("2026-11-20 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    counts = [world.run_at(f"2026-11-{day} 06:00").not_ok_in_a_row for day in (21, 22)]
    limited = world.run_at("2026-11-23 06:00", customer_ids=("c-2",), tenant_types=ONLY_GOOGLE)
    assert (limited.outcome, limited.not_ok_in_a_row) == ("ok", 2)
    assert world.rows("Runs")[0]["Message"] == "Limited to 1 customer, Google."
    counts.append(world.run_at("2026-11-23 07:00").not_ok_in_a_row)
    assert counts == [1, 2, 3]
    world.avepoint.faults.clear()
    assert world.run_at("2026-11-23 07:30", dry_run=True).not_ok_in_a_row == 3
    assert world.function.get("/health?fresh=26h").status_code == 503
    assert world.run_at("2026-11-23 08:00").not_ok_in_a_row == 0
    assert world.function.get("/health?fresh=26h").status_code == 200


def test_a_tenant_whose_type_was_cleared_is_missing_until_it_is_checked(world: World) -> None:
    """A run for others can't tell which type it is of."""
    world.run_at("2026-01-05 06:00")
    column = world.grid()[0].index("Tenant type") + 1
    number = next(number for number, row in enumerate(world.rows(), start=2) if row["Tenant ID"] == "t9")
    world.tab().update_cell(number, column, "")
    result = world.run_at("2026-01-06 06:00", customer_ids=("c-1",))
    assert result.seats[SeatType.MICROSOFT_365] == SeatSum(1, 100, 20, 120, known=1, expected=2)
    assert world.rows("Runs")[0]["Assigned seats"] == ""


def test_a_customer_that_is_left_out_has_no_sum_though_some_of_its_rows_stay(world: World) -> None:
    """A run for one type can't touch the customer's rows of other types, and vouches for none of them."""
    world.run_at("2026-01-05 06:00")
    world.list_customers(world.avepoint.directory.customers[1:])
    result = world.run_at("2026-01-06 06:00", tenant_types=ONLY_GOOGLE)
    assert (by_customer(world, "c-1")["Status"], by_customer(world, "c-1")["Assigned seats"]) == ("Not reported", "")
    assert ("Microsoft 365", "Current") in statuses(world, "c-1")
    assert result.seats[SeatType.MICROSOFT_365] == SeatSum(1, 50, 50, 100, known=1, expected=1)
    assert world.rows("Runs")[0]["Assigned seats"] == 50


def test_sums_of_an_earlier_month_show_no_change_and_no_peak(world: World) -> None:
    """Numbers that were last verified in January say nothing about February."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    world.run_at("2026-02-02 06:00")
    row = by_customer(world, "c-1")
    assert (row["Status"], row["Assigned seats"]) == ("Stale", 110)
    assert (row["Change this month"], row["Peak this month"]) == ("", "")


def test_an_incomplete_day_loses_no_peak(world: World) -> None:
    """The highest sum of the month that was known stays, and so does the time at which all was confirmed."""
    world.run_at("2026-01-05 06:00")
    checked = by_customer(world, "c-1")["Last checked"]
    serve(world, Tenant("t1", "Alder M", M365, 60, 20), Tenant("t3", "Alder G", GOOGLE, 7, 0))
    world.avepoint.faults.add(NO_ID)
    world.run_at("2026-01-06 06:00")
    row = by_customer(world, "c-1")
    assert (row["Status"], row["Assigned seats"], row["Peak this month"]) == ("Incomplete", "", 110)
    assert row["Last checked"] == checked
    world.avepoint.faults.clear()
    world.run_at("2026-01-07 06:00")
    row = by_customer(world, "c-1")
    assert (row["Status"], row["Assigned seats"], row["Peak this month"]) == ("Current", 67, 110)


def test_an_interrupted_limited_run_is_still_told_from_one_for_everybody(world: World) -> None:
    """Its row says from its start what it was limited to, and keeps that when the next run marks it."""
    world.run_at("2026-01-05 06:00")
    world.run_at("2026-01-05 07:00", customer_ids=("c-2",))
    tab = world.tab("Runs")
    tab.update_cell(2, world.grid("Runs")[0].index("Outcome") + 1, "Running")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    assert world.run_at("2026-01-06 06:00").not_ok_in_a_row == 1
    interrupted = world.rows("Runs")[1]
    assert interrupted["Outcome"] == "Interrupted"
    assert interrupted["Message"].startswith("Limited to 1 customer. The run stopped")
