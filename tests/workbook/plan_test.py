"""The workbook over months, as finance reads it: history, changes, runs, overview, and people in between."""

import dataclasses
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
ALDERS_GOOGLE = Tenant("t2", "Alder G", GOOGLE, 10, 0)


@pytest.fixture
def office(world: World) -> World:
    """Three customers, one of them with two tenants of two types, one with none."""
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
    """Let AvePoint count so many seats from now on."""
    customer = next(one for one in world.avepoint.directory.customers if one.id == customer_id)
    tenant = next(one for one in customer.tenants if one.id == tenant_id)
    world.avepoint.directory.put_tenant(customer_id, dataclasses.replace(tenant, assigned=assigned))


def history(world: World, tenant_id: str, measure: str = "Assigned") -> dict[str, Any]:
    """A tenant's months, those that are blank left out."""
    (row,) = [row for row in world.rows("History") if (row["Tenant ID"], row["Seats"]) == (tenant_id, measure)]
    return {name: value for name, value in row.items() if name.startswith("20") and value != ""}


def overview(world: World) -> str:
    """All that the Overview says, a line a row."""
    return "\n".join(" | ".join(cell for cell in row if cell) for row in world.tab("Overview").get_values())


def test_by_customer_sums_what_is_known_and_leaves_other_types_blank(office: World) -> None:
    """One row a customer in the order of the Customers tab; a type that a customer has not is blank, not 0."""
    office.run_at("2026-01-10 06:00")
    one, two, three = office.rows("By Customer")
    assert (one["Customer ID"], one["Assigned seats"], one["Available seats"], one["Total seats"]) == (
        "c-1",
        110,
        20,
        130,
    )
    assert (one["Microsoft 365 assigned"], one["Google available"], one["Salesforce assigned"]) == (100, 0, "")
    assert (two["Utilisation"], two["Status"], two["Google assigned"]) == (0.5, "Current", "")
    assert (three["Customer"], three["Assigned seats"], three["Status"]) == ("Cedar", "", "No tenants")


def test_a_customer_with_an_unknown_part_has_no_sum(office: World) -> None:
    """While one type was never answered the customer's totals are blank: a number too low would pass for the whole."""
    office.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1", tenant_type=1))
    office.run_at("2026-01-10 06:00")
    row = office.rows("By Customer")[0]
    assert (row["Status"], row["Assigned seats"], row["Microsoft 365 assigned"]) == ("No data", "", 100)


def test_a_customer_that_fails_keeps_its_last_known_sum(office: World) -> None:
    """After the sum was known, a failure leaves it standing, with the status and the time that it was right."""
    office.run_at("2026-01-10 06:00")
    before = office.rows("By Customer")[0]
    office.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    office.run_at("2026-01-11 06:00")
    row = office.rows("By Customer")[0]
    assert row["Status"] == "No data"
    kept = ("Assigned seats", "Available seats", "Total seats", "Peak this month", "Last checked")
    assert [row[name] for name in kept] == [before[name] for name in kept]


def test_history_has_a_column_a_month_and_closed_months_never_change(office: World) -> None:
    """Each good answer writes this month's cells; months before stay as they were."""
    office.run_at("2026-01-10 06:00")
    set_assigned(office, "c-1", "t1", 105)
    office.run_at("2026-01-31 06:00")
    set_assigned(office, "c-1", "t1", 90)
    office.run_at("2026-02-01 06:00")
    assert history(office, "t1") == {"2026-01": 105, "2026-02": 90}
    assert history(office, "t1", "Available") == {"2026-01": 20, "2026-02": 20}
    row = office.row("t1")
    assert (row["Change this month"], row["Peak this month"]) == (-15, 90)
    assert office.rows("By Customer")[0]["Change this month"] == -15


def test_the_month_is_that_of_the_spreadsheets_clock(office: World) -> None:
    """Half past eleven at night in UTC on the last of the month is next month in Berlin."""
    office.run_at("2026-01-31 23:30")
    assert history(office, "t1") == {"2026-02": 100}


def test_a_time_zone_that_nobody_knows_is_utc_and_said(office: World) -> None:
    """A zone newer than the function's own list costs no run: times are shown in UTC, with a warning."""
    office.sheets.store.files[office.book.id].spreadsheet.properties["timeZone"] = "Mars/Olympus"
    result = office.run_at("2026-01-31 23:30")
    assert any("'Mars/Olympus' is unknown" in warning for warning in result.warnings)
    assert history(office, "t1") == {"2026-01": 100}


def test_peak_is_the_months_highest_and_starts_anew(office: World) -> None:
    """The peak survives a lower count and a failed run, and begins again with the month."""
    office.run_at("2026-01-05 06:00")
    set_assigned(office, "c-1", "t1", 130)
    office.run_at("2026-01-06 06:00")
    set_assigned(office, "c-1", "t1", 95)
    office.run_at("2026-01-07 06:00")
    assert office.row("t1")["Peak this month"] == 130
    office.avepoint.faults.add(Fault(kind="status", status=404, customer_id="c-1"))
    office.run_at("2026-01-08 06:00")
    assert (office.row("t1")["Peak this month"], office.row("t1")["Status"]) == (130, "Stale")
    office.run_at("2026-02-01 06:00")
    assert (office.row("t1")["Peak this month"], office.row("t1")["Change this month"]) == (95, 0)
    office.avepoint.faults.clear()
    office.run_at("2026-02-02 06:00")
    assert (office.row("t1")["Peak this month"], office.row("t1")["Change this month"]) == (95, 0)


def test_a_missing_month_stays_blank_and_change_with_it(office: World) -> None:
    """When nothing ran in a month its column is blank, and there is nothing to compare with."""
    office.run_at("2026-01-05 06:00")
    office.run_at("2026-03-05 06:00")
    header = office.grid("History")[0]
    assert [name for name in header if name.startswith("20")] == ["2026-01", "2026-02", "2026-03"]
    assert history(office, "t1") == {"2026-01": 100, "2026-03": 100}
    assert office.row("t1")["Change this month"] == ""


def test_old_months_go_and_rows_with_them(office: World) -> None:
    """Months beyond HISTORY_MONTHS go; a row goes when all its months have, unless somebody has written beside it."""
    office.configure(HISTORY_MONTHS="2")
    office.run_at("2026-01-05 06:00")
    office.put("Customers", [["Customer ID"], ["c-1"], ["c-3"]])
    tab = office.tab("History")
    header = office.grid("History")[0]
    beside = len(header) + 1
    tab.update_cell(1, beside, "My notes")
    rows = office.rows("History")
    kept = next(
        index for index, row in enumerate(rows, start=2) if (row["Tenant ID"], row["Seats"]) == ("t3", "Assigned")
    )
    tab.update_cell(kept, beside, "ask Birch")
    office.run_at("2026-02-05 06:00")
    office.run_at("2026-03-05 06:00")
    header = office.grid("History")[0]
    assert [name for name in header if name.startswith("20")] == ["2026-02", "2026-03"]
    left = {(row["Tenant ID"], row["Seats"], row["My notes"]) for row in office.rows("History")}
    assert ("t3", "Assigned", "ask Birch") in left
    assert ("t3", "Available", "") not in left


def test_the_trend_covers_the_months_of_its_own_row(office: World) -> None:
    """After months and rows have come, each Trend is a SPARKLINE over just its row's months."""
    for month in ("2026-01", "2026-02", "2026-03"):
        office.run_at(f"{month}-05 06:00")
    office.avepoint.directory.put_tenant("c-1", Tenant("t9", "New", M365, 1, 1))
    office.run_at("2026-03-06 06:00")
    formulas = office.tab("History").get_values(value_render_option=ValueRenderOption.formula)
    trend = formulas[0].index("Trend")
    assert [row[trend] for row in formulas[1:]] == [
        f"=SPARKLINE(H{number}:J{number})" for number in range(2, len(formulas) + 1)
    ]


def test_a_tenant_that_is_gone_goes_next_month_unless_written_in(office: World) -> None:
    """A row that is no longer reported goes with the first run of the next month; one with a note stays."""
    office.run_at("2026-01-05 06:00")
    office.avepoint.directory.remove_tenant("c-1", "t2")
    office.avepoint.directory.remove_tenant("c-2", "t3")
    office.run_at("2026-01-06 06:00")
    number = next(i for i, row in enumerate(office.rows(), start=2) if row["Tenant ID"] == "t3")
    office.tab().insert_note(f"C{number}", "they want it back")
    office.run_at("2026-01-31 06:00")
    assert {row["Tenant ID"] for row in office.rows() if row["Status"] == "Not reported"} == {"t2", "t3"}
    office.run_at("2026-02-01 06:00")
    assert {row["Tenant ID"] for row in office.rows() if row["Status"] == "Not reported"} == {"t3"}


def test_runs_tell_what_happened_newest_first(office: World) -> None:
    """Each run has its row with who, what and how it ended; totals are those of the whole report."""
    office.run_at("2026-01-05 06:00", trigger="schedule", by="nightly")
    office.run_at("2026-01-06 06:00", customer_ids=("c-2",), by="=cmd()")
    newest, oldest = office.rows("Runs")
    assert (oldest["Trigger"], oldest["By"], oldest["Outcome"], oldest["Rows added"]) == (
        "schedule",
        "nightly",
        "ok",
        4,
    )
    assert (newest["Customers"], newest["By"]) == (1, "=cmd()")
    assert (newest["Tenants"], newest["Assigned seats"], newest["Available seats"]) == (3, 160, 70)
    assert newest["Finished"] >= newest["Started"]


def test_a_failed_run_completes_its_row(office: World) -> None:
    """A configuration that AvePoint refuses ends in the Runs tab as failed, with the reason."""
    office.configure(AVEPOINT_CLIENT_SECRET="wrong")
    result = office.run_at("2026-01-05 06:00")
    assert result.failure is not None
    (row,) = office.rows("Runs")
    assert row["Outcome"] == "failed"
    assert "AVEPOINT_CLIENT" in row["Message"]
    office.configure(AVEPOINT_CLIENT_SECRET="local-secret")
    assert office.run_at("2026-01-05 06:10").outcome == "ok"


def test_at_most_a_thousand_runs_are_kept(office: World) -> None:
    """The oldest rows of the Runs tab go when there are more than a thousand."""
    office.run_at("2026-01-05 06:00")
    (row,) = office.grid("Runs")[1:]
    tab = office.tab("Runs")
    started = row[0]
    tab.add_rows(1010)
    older = [[started - 1 - n / 1000, *row[1:-1], f"run-{n}"] for n in range(1005)]
    tab.update(older, "A3")
    office.run_at("2026-01-06 06:00")
    rows = office.rows("Runs")
    assert len(rows) == 1000
    assert rows[-1]["Run ID"] == "run-997"


def test_the_overview_says_whether_the_numbers_can_be_trusted(office: World) -> None:
    """The Overview is the first tab and says complete when it is, and what is missing when it isn't."""
    office.run_at("2026-01-05 06:00")
    assert office.book.worksheets()[0].title == "Overview"
    told = overview(office)
    assert "Right as of | 2026-01-05 07:00 | for 3 of 3 customers" in told
    assert "Complete" in told
    assert "All | 3 | 160 | 70 | 230 | 69.6%" in told
    office.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    office.run_at("2026-01-06 06:00")
    told = overview(office)
    assert "for 2 of 3 customers" in told
    assert "Incomplete: 1 of 3 customers" in told
    assert "Birch | c-2 | No data | " in told


def test_the_overview_says_what_changed_since_last_month(office: World) -> None:
    """Movers, new and gone tenants, and last month's totals stand in the Overview."""
    office.run_at("2026-01-05 06:00")
    set_assigned(office, "c-1", "t1", 140)
    office.avepoint.directory.remove_tenant("c-1", "t2")
    office.avepoint.directory.put_tenant("c-2", Tenant("t9", "Birch G", GOOGLE, 7, 1))
    office.run_at("2026-02-05 06:00")
    told = overview(office)
    assert "Alder | Microsoft 365 | Alder M365 | Moved | 100 | 140 | +40" in told
    assert "Birch | Google | Birch G | New | 7 | +7" in told
    assert "Alder | Google | Alder G | Gone | 10 | -10" in told
    assert "2026-01 | 160" in told
    assert "2026-02 | 197" in told


def test_what_people_put_around_the_overview_stays(office: World) -> None:
    """Notes beside, above and below the block stay, whatever the block grows to."""
    office.run_at("2026-01-05 06:00")
    tab = office.tab("Overview")
    tab.insert_row(["our own title"], 1)
    height = len(tab.get_values())
    tab.add_rows(10)
    tab.update_acell(f"A{height + 6}", "below")
    tab.update_acell("L3", "beside")
    for number in range(30):
        office.avepoint.directory.put(Customer(f"d-{number}", f"Dogwood {number}"))
        office.avepoint.faults.add(Fault(kind="status", status=403, customer_id=f"d-{number}"))
    office.list_customers()
    office.run_at("2026-02-05 06:00")
    told = tab.get_values()
    assert told[0][0] == "our own title"
    assert told[1][0] == "Seat report"
    assert told[2][11] == "beside"
    assert "below" in [row[0] for row in told]
    assert "and 5 more" in overview(office)


def test_looks_are_given_once_and_left_to_people(office: World) -> None:
    """A width, a filter and a chart that a person changed stay changed; the looks never come twice."""
    office.run_at("2026-01-05 06:00")
    before = office.book.fetch_sheet_metadata()
    tab = office.tab("Overview")
    charts = next(sheet for sheet in before["sheets"] if sheet["properties"]["title"] == "Overview")["charts"]
    assert len(charts) == 2
    office.book.batch_update({"requests": [{"deleteEmbeddedObject": {"objectId": charts[0]["chartId"]}}]})
    office.tab().clear_basic_filter()
    office.run_at("2026-01-06 06:00")
    after = office.book.fetch_sheet_metadata()
    sheets = {sheet["properties"]["title"]: sheet for sheet in after["sheets"]}
    assert len(sheets["Overview"]["charts"]) == 1
    assert "basicFilter" not in sheets["Seat Report"]
    assert "basicFilter" in sheets["History"]
    assert tab.id == sheets["Overview"]["properties"]["sheetId"]


def test_rejected_looks_cost_no_number(office: World) -> None:
    """When Google refuses charts and formats the numbers stand, and answer and Runs tab say so."""
    office.sheets.fail(400, kind="addChart")
    result = office.run_at("2026-01-05 06:00")
    assert result.outcome == "ok"
    assert office.row("t1")["Assigned seats"] == 100
    assert any("looks" in warning for warning in result.warnings)
    assert "looks" in office.rows("Runs")[0]["Message"]


def test_a_billing_sheet_looks_customers_up(office: World) -> None:
    """XLOOKUP by customer ID finds the sum in By Customer, also after rows were sorted and columns inserted."""
    office.run_at("2026-01-05 06:00")
    formula = "=XLOOKUP(A2,'By Customer'!A:A,'By Customer'!C:C)"
    billing = office.book.add_worksheet("Billing", 10, 5)
    billing.update([["Customer", "Seats"], ["c-2", formula]], raw=False)
    assert billing.acell("B2").value == "50"
    tab = office.tab("By Customer")
    tab.sort((3, "des"), range="A2:R4")
    tab.insert_cols([["Our notes"]], col=2)
    set_assigned(office, "c-2", "t3", 55)
    office.run_at("2026-01-06 06:00")
    assert billing.acell("B2").value == "55"


def test_a_month_in_which_a_customer_failed_invents_no_change(office: World) -> None:
    """What last month does not know is neither new nor a fall: totals and changes that would lack it are blank."""
    office.run_at("2026-01-05 06:00")
    office.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    office.run_at("2026-02-05 06:00")
    office.avepoint.faults.clear()
    office.run_at("2026-03-05 06:00")
    told = overview(office)
    assert "Complete: every number is confirmed as of 2026-03-05 07:00." in told
    assert "All | 3 | 160 | 70 | 230 | 69.6%\n" in told
    assert "Google | 1 | 10 | 0 | 10 | 100.0% | 10 | 0" in told
    assert "2026-02\n" in told
    assert "New" not in told
    assert [row["Change this month"] for row in office.rows("By Customer")] == [0, "", ""]


def test_no_answer_is_not_zero_anywhere(office: World) -> None:
    """Where nothing was ever answered the Overview, the Runs tab and the answer have no number."""
    office.avepoint.faults.add(Fault(kind="status", status=403))
    result = office.run_at("2026-01-05 06:00")
    assert result.seats == {}
    told = overview(office)
    assert "Microsoft 365\n" in told
    assert "All that is known\n" in told
    (row,) = office.rows("Runs")
    assert (row["Assigned seats"], row["Available seats"]) == ("", "")


def test_when_everything_fails_the_overview_says_when_it_was_last_right(office: World) -> None:
    """The moment at which the numbers were last right stays, for none of the customers."""
    office.run_at("2026-01-05 06:00")
    office.avepoint.faults.add(Fault(kind="status", status=403))
    office.run_at("2026-01-06 06:00")
    assert "Last right | 2026-01-05 07:00 | for 0 of 3 customers" in overview(office)


def test_what_is_wrong_with_the_workbook_stands_in_the_overview(office: World) -> None:
    """Tenants that vanish at once are no reason to say complete."""
    office.run_at("2026-01-05 06:00")
    office.avepoint.directory.remove_tenant("c-1", "t2")
    office.run_at("2026-01-06 06:00")
    told = overview(office)
    assert "Complete" not in told
    assert "1 of 3 tenants are no longer reported" in told
