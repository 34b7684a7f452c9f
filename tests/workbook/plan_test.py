"""The workbook over several months, as finance reads it: history, changes, runs, overview and people's edits."""

import dataclasses
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from seat_report.domain import SeatSum
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.overview import text_of
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE


@pytest.fixture
def world(world: World) -> World:
    """A world of three customers: one with two tenants of two types, one with one tenant, one with none."""
    world.avepoint.directory.replace_all(
        [
            Customer(
                "c-1", "Alder", (Tenant("t1", "Alder M365", M365, 100, 20), Tenant("t2", "Alder G", GOOGLE, 10, 0))
            ),
            Customer("c-2", "Birch", (Tenant("t3", "Birch M365", M365, 50, 50),)),
            Customer("c-3", "Cedar"),
        ]
    )
    world.list_customers()
    return world


def set_assigned(world: World, customer_id: str, tenant_id: str, assigned: int) -> None:
    """Set the number of assigned seats that AvePoint reports from now on."""
    customer = next(other for other in world.avepoint.directory.customers if other.id == customer_id)
    tenant = next(other for other in customer.tenants if other.id == tenant_id)
    world.avepoint.directory.put_tenant(customer_id, dataclasses.replace(tenant, assigned=assigned))


def history(world: World, tenant_id: str, measure: str = "Assigned") -> dict[str, Any]:
    """A tenant's seats by month, without blank months."""
    (row,) = [row for row in world.rows("History") if (row["Tenant ID"], row["Seats"]) == (tenant_id, measure)]
    return {name: value for name, value in row.items() if name.startswith("20") and value != ""}


def overview(world: World) -> str:
    """The text of the Overview, one line per row."""
    return text_of(world.tab("Overview").get_values())


def test_by_customer_sums_what_is_known_and_leaves_other_types_blank(world: World) -> None:
    """One row per customer in the order of the Customers tab; a type without tenants is blank, not 0."""
    world.run_at("2026-01-10 06:00")
    alder, birch, cedar = world.rows("By Customer")
    assert (alder["Customer ID"], alder["Assigned seats"], alder["Available seats"], alder["Total seats"]) == (
        "c-1",
        110,
        20,
        130,
    )
    assert (alder["Microsoft 365 assigned"], alder["Google available"], alder["Salesforce assigned"]) == (100, 0, "")
    assert (birch["Utilisation"], birch["Status"], birch["Google assigned"]) == (0.5, "Current", "")
    assert (cedar["Customer"], cedar["Assigned seats"], cedar["Status"]) == ("Cedar", "", "No tenants")


def test_a_customer_with_an_unknown_part_has_no_sum(world: World) -> None:
    """While one type was never known the customer's totals are blank, because a partial sum would look complete."""
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1", tenant_type=1))
    world.run_at("2026-01-10 06:00")
    row = world.rows("By Customer")[0]
    assert (row["Status"], row["Assigned seats"], row["Microsoft 365 assigned"]) == ("Incomplete", "", 100)


def test_a_customer_that_fails_keeps_its_last_known_sum(world: World) -> None:
    """A failure after the sum was known leaves it in place, with the status and the time of its confirmation."""
    world.run_at("2026-01-10 06:00")
    before = world.rows("By Customer")[0]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    world.run_at("2026-01-11 06:00")
    row = world.rows("By Customer")[0]
    assert row["Status"] == "Stale"
    kept = ("Assigned seats", "Available seats", "Total seats", "Peak this month", "Last checked")
    assert [row[name] for name in kept] == [before[name] for name in kept]


def test_history_has_one_column_per_month_and_closed_months_never_change(world: World) -> None:
    """Each successful answer writes the current month's cells; earlier months stay as they are."""
    world.run_at("2026-01-10 06:00")
    set_assigned(world, "c-1", "t1", 105)
    world.run_at("2026-01-31 06:00")
    set_assigned(world, "c-1", "t1", 90)
    world.run_at("2026-02-01 06:00")
    assert history(world, "t1") == {"2026-01": 105, "2026-02": 90}
    assert history(world, "t1", "Available") == {"2026-01": 20, "2026-02": 20}
    row = world.row("t1")
    assert (row["Change this month"], row["Peak this month"]) == (-15, 90)
    assert world.rows("By Customer")[0]["Change this month"] == -15


def test_the_month_follows_the_spreadsheets_time_zone(world: World) -> None:
    """23:30 UTC on the last day of the month is the next month in Berlin."""
    world.run_at("2026-01-31 23:30")
    assert history(world, "t1") == {"2026-02": 100}


def test_an_unknown_time_zone_falls_back_to_utc_with_a_warning(world: World) -> None:
    """A zone newer than the function's own list doesn't fail the run."""
    world.sheets.store.files[world.book.id].spreadsheet.properties["timeZone"] = "Mars/Olympus"
    result = world.run_at("2026-01-31 23:30")
    assert any("'Mars/Olympus' is unknown" in warning for warning in result.warnings)
    assert history(world, "t1") == {"2026-01": 100}


def test_peak_is_the_highest_count_of_the_month(world: World) -> None:
    """It survives a lower count and a failed run, and starts over with the first answer of the next month."""
    world.run_at("2026-01-05 06:00")
    set_assigned(world, "c-1", "t1", 130)
    world.run_at("2026-01-06 06:00")
    set_assigned(world, "c-1", "t1", 95)
    world.run_at("2026-01-07 06:00")
    assert world.row("t1")["Peak this month"] == 130
    world.avepoint.faults.add(Fault(kind="status", status=404, customer_id="c-1"))
    world.run_at("2026-01-08 06:00")
    assert (world.row("t1")["Peak this month"], world.row("t1")["Status"]) == (130, "Stale")
    world.run_at("2026-02-01 06:00")
    assert (world.row("t1")["Peak this month"], world.row("t1")["Change this month"]) == ("", "")
    world.avepoint.faults.clear()
    world.run_at("2026-02-02 06:00")
    assert (world.row("t1")["Peak this month"], world.row("t1")["Change this month"]) == (95, 0)


def test_a_month_without_runs_is_blank_and_so_is_the_change_after_it(world: World) -> None:
    """There is nothing to compare with."""
    world.run_at("2026-01-05 06:00")
    world.run_at("2026-03-05 06:00")
    header = world.grid("History")[0]
    assert [name for name in header if name.startswith("20")] == ["2026-01", "2026-02", "2026-03"]
    assert history(world, "t1") == {"2026-01": 100, "2026-03": 100}
    assert world.row("t1")["Change this month"] == ""


def test_old_months_are_removed_and_their_rows_with_them(world: World) -> None:
    """Beyond HISTORY_MONTHS; a row is removed with its last month, unless somebody has written beside it."""
    world.configure(HISTORY_MONTHS="2")
    world.run_at("2026-01-05 06:00")
    world.put("Customers", [["Customer ID"], ["c-1"], ["c-3"]])
    tab = world.person.tab("History")
    header = world.grid("History")[0]
    beside = len(header)
    tab.type((0, beside), "My notes")
    rows = world.rows("History")
    kept = next(
        index for index, row in enumerate(rows, start=1) if (row["Tenant ID"], row["Seats"]) == ("t3", "Assigned")
    )
    tab.type((kept, beside), "ask Birch")
    world.run_at("2026-02-05 06:00")
    world.run_at("2026-03-05 06:00")
    header = world.grid("History")[0]
    assert [name for name in header if name.startswith("20")] == ["2026-02", "2026-03"]
    remaining = {(row["Tenant ID"], row["Seats"], row["My notes"]) for row in world.rows("History")}
    assert ("t3", "Assigned", "ask Birch") in remaining
    assert ("t3", "Available", "") not in remaining


def test_the_trend_covers_the_months_of_its_own_row(world: World) -> None:
    """After months and rows were added, each Trend is a SPARKLINE over the months of its own row."""
    for month in ("2026-01", "2026-02", "2026-03"):
        world.run_at(f"{month}-05 06:00")
    world.avepoint.directory.put_tenant("c-1", Tenant("t9", "New", M365, 1, 1))
    world.run_at("2026-03-06 06:00")
    formulas = world.tab("History").get_values(value_render_option=ValueRenderOption.formula)
    trend = formulas[0].index("Trend")
    assert [row[trend] for row in formulas[1:]] == [
        f"=SPARKLINE(H{number}:J{number})" for number in range(2, len(formulas) + 1)
    ]


def test_an_unreported_tenant_is_removed_next_month_unless_written_in(world: World) -> None:
    """A row that is no longer reported is removed by the first run of the next month; one with a note stays."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.avepoint.directory.remove_tenant("c-2", "t3")
    world.run_at("2026-01-06 06:00")
    number = next(i for i, row in enumerate(world.rows(), start=2) if row["Tenant ID"] == "t3")
    world.person.tab("Seat Report").note(f"C{number}", "they want it back")
    world.run_at("2026-01-31 06:00")
    assert {row["Tenant ID"] for row in world.rows() if row["Status"] == "Not reported"} == {"t2", "t3"}
    world.run_at("2026-02-01 06:00")
    assert {row["Tenant ID"] for row in world.rows() if row["Status"] == "Not reported"} == {"t3"}


def test_the_runs_tab_lists_runs_newest_first(world: World) -> None:
    """Each row says who started the run and how it ended; its totals are those of the entire report."""
    world.run_at("2026-01-05 06:00", trigger="schedule", by="nightly")
    world.run_at("2026-01-06 06:00", customer_ids=("c-2",), by="=cmd()")
    newest, oldest = world.rows("Runs")
    assert (oldest["Trigger"], oldest["By"], oldest["Outcome"], oldest["Rows added"]) == (
        "schedule",
        "nightly",
        "ok",
        4,
    )
    assert (newest["Customers"], newest["By"]) == (1, "=cmd()")
    assert (newest["Tenants"], newest["Assigned seats"], newest["Available seats"]) == (3, 160, 70)
    assert newest["Finished"] >= newest["Started"]


def test_a_failed_run_completes_its_row(world: World) -> None:
    """A run with a configuration that AvePoint refuses is listed as failed, with the reason."""
    world.configure(AVEPOINT_CLIENT_SECRET="wrong")
    result = world.run_at("2026-01-05 06:00")
    assert result.failure is not None
    (row,) = world.rows("Runs")
    assert row["Outcome"] == "failed"
    assert "AVEPOINT_CLIENT" in row["Message"]
    world.configure(AVEPOINT_CLIENT_SECRET="local-secret")
    assert world.run_at("2026-01-05 06:10").outcome == "ok"


def test_at_most_a_thousand_runs_are_kept(world: World) -> None:
    """The oldest rows of the Runs tab are removed beyond that."""
    world.run_at("2026-01-05 06:00")
    (row,) = world.grid("Runs")[1:]
    tab = world.tab("Runs")
    started = row[0]
    tab.add_rows(1010)
    older = [[started - 1 - n / 1000, *row[1:-1], f"run-{n}"] for n in range(1005)]
    tab.update(older, "A3")
    world.run_at("2026-01-06 06:00")
    rows = world.rows("Runs")
    assert len(rows) == 1000
    assert rows[-1]["Run ID"] == "run-997"


def test_the_overview_shows_whether_the_numbers_can_be_trusted(world: World) -> None:
    """The Overview is the first tab and shows that the report is complete, or what is missing."""
    world.run_at("2026-01-05 06:00")
    assert world.book.worksheets()[0].title == "Overview"
    text = overview(world)
    assert "Verified at | 2026-01-05 07:00 | for 3 of 3 customers" in text
    assert "Complete: all numbers verified as of 2026-01-05 07:00." in text
    assert "All | 3 | 160 | 70 | 230 | 69.6%" in text
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    world.run_at("2026-01-06 06:00")
    text = overview(world)
    assert "for 2 of 3 customers" in text
    assert "Out of date: numbers for 1 of 3 customers could not be verified (4 out of date, 0 missing)." in text
    assert "Birch | Stale | " in text


def test_the_overview_lists_what_changed_since_last_month(world: World) -> None:
    """Changed, new and removed tenants, and last month's totals."""
    world.run_at("2026-01-05 06:00")
    set_assigned(world, "c-1", "t1", 140)
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.avepoint.directory.put_tenant("c-2", Tenant("t9", "Birch G", GOOGLE, 7, 1))
    world.run_at("2026-02-05 06:00")
    text = overview(world)
    assert "Alder | Microsoft 365 | Changed | 100 | 140 | +40 | Alder M365" in text
    assert "Birch | Google | New | 7 | +7 | Birch G" in text
    assert "Alder | Google | Removed | 10 | -10 | Alder G" in text
    assert "Assigned by month | 2026-01 | 2026-02" in text
    assert "Total | 160 | 197" in text


def test_what_people_put_around_the_overview_stays(world: World) -> None:
    """Notes beside, above and below the block stay, however much the block grows."""
    world.run_at("2026-01-05 06:00")
    tab = world.tab("Overview")
    overview_tab = world.person.tab("Overview")
    overview_tab.insert_rows(0)
    overview_tab.type("A1", "our own title")
    height = len(tab.get_values())
    overview_tab.paste(f"A{height + 6}", [["below"]])
    overview_tab.type("L3", "beside")
    for number in range(30):
        world.avepoint.directory.put(Customer(f"d-{number}", f"Dogwood {number}"))
        world.avepoint.faults.add(Fault(kind="status", status=430 + number, customer_id=f"d-{number}"))
    world.list_customers()
    world.run_at("2026-02-05 06:00")
    text = tab.get_values()
    assert text[0][0] == "our own title"
    assert text[1][0] == "Seat report"
    assert text[2][11] == "beside"
    assert "below" in [row[0] for row in text]
    assert "and 5 more" in overview(world)


def test_formatting_is_applied_once_and_then_left_to_people(world: World) -> None:
    """A filter and a chart that a person removed stay removed; no formatting is applied twice."""
    world.run_at("2026-01-05 06:00")
    before = world.book.fetch_sheet_metadata()
    tab = world.tab("Overview")
    charts = next(sheet for sheet in before["sheets"] if sheet["properties"]["title"] == "Overview")["charts"]
    assert len(charts) == 2
    world.book.batch_update({"requests": [{"deleteEmbeddedObject": {"objectId": charts[0]["chartId"]}}]})
    world.person.tab("Seat Report").remove_filter()
    world.run_at("2026-01-06 06:00")
    after = world.book.fetch_sheet_metadata()
    sheets = {sheet["properties"]["title"]: sheet for sheet in after["sheets"]}
    assert len(sheets["Overview"]["charts"]) == 1
    assert "basicFilter" not in sheets["Seat Report"]
    assert "basicFilter" in sheets["History"]
    assert tab.id == sheets["Overview"]["properties"]["sheetId"]


def test_rejected_formatting_costs_no_number(world: World) -> None:
    """If Google refuses charts and formats, the numbers are written, and result and Runs tab report it."""
    world.sheets.fail(400, kind="addChart")
    result = world.run_at("2026-01-05 06:00")
    assert result.outcome == "ok"
    assert world.row("t1")["Assigned seats"] == 100
    assert any("formatting" in warning for warning in result.warnings)
    assert "formatting" in world.rows("Runs")[0]["Message"]


def test_a_billing_tab_can_look_customers_up(world: World) -> None:
    """XLOOKUP by customer ID finds the sum in By Customer, even after rows were sorted and columns inserted."""
    world.run_at("2026-01-05 06:00")
    formula = "=XLOOKUP(A2,'By Customer'!R:R,'By Customer'!C:C)"
    billing = world.book.add_worksheet("Invoices", 10, 5)
    world.person.tab("Invoices").paste("A1", [["Customer", "Seats"], ["c-2", formula]])
    assert billing.acell("B2").value == "50"
    tab = world.person.tab("By Customer")
    tab.sort_range("A2:R4", 2, descending=True)
    tab.insert_columns(1)
    tab.type("B1", "Our notes")
    set_assigned(world, "c-2", "t3", 55)
    world.run_at("2026-01-06 06:00")
    assert billing.acell("B2").value == "55"


def test_no_change_is_shown_after_a_month_in_which_a_customer_failed(world: World) -> None:
    """A tenant unknown last month is neither new nor a change: totals and changes that would lack it are blank."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    world.run_at("2026-02-05 06:00")
    world.avepoint.faults.clear()
    world.run_at("2026-03-05 06:00")
    text = overview(world)
    assert "Complete: all numbers verified as of 2026-03-05 07:00." in text
    assert "All | 3 | 160 | 70 | 230 | 69.6%\n" in text
    assert "Google | 1 | 10 | 0 | 10 | 100.0% | 10 | 0" in text
    assert "2026-02: no answer for 4 of 12 (customers × tenant types)" in text
    assert "New" not in text
    assert [row["Change this month"] for row in world.rows("By Customer")] == [0, "", ""]


def test_no_answer_is_not_zero_anywhere(world: World) -> None:
    """Where no query ever succeeded the Overview, the Runs tab and the result have no number."""
    world.avepoint.faults.add(Fault(kind="status", status=403))
    result = world.run_at("2026-01-05 06:00")
    assert set(result.seats.values()) == {SeatSum(expected=3)}
    text = overview(world)
    assert "Microsoft 365 (incomplete, 3 of 3 missing)\n" in text
    assert "All (incomplete, 12 of 12 missing)\n" in text
    (row,) = world.rows("Runs")
    assert (row["Assigned seats"], row["Available seats"]) == ("", "")


def test_the_overview_keeps_the_time_of_the_last_verified_numbers_when_everything_fails(world: World) -> None:
    """It is shown for none of the customers."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403))
    world.run_at("2026-01-06 06:00")
    assert "Last verified | 2026-01-05 07:00 | for 0 of 3 customers" in overview(world)


def test_problems_of_the_workbook_are_listed_in_the_overview(world: World) -> None:
    """With many tenants gone at once the report is not called complete."""
    world.run_at("2026-01-05 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t2")
    world.run_at("2026-01-06 06:00")
    text = overview(world)
    assert "Complete" not in text
    assert "1 of 3 tenants are no longer reported" in text
