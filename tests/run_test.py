"""The main job, end to end: the deployed source between the two local services, and a person at the spreadsheet."""

import dataclasses
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
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
    """What was asked of the Sheets service since the log was cleared: method and path."""
    return [f"{request.method} {request.path}" for request in world.sheets.requests]


def number_changes(before: list[list[Any]], after: list[list[Any]], ignoring: str) -> list[tuple[int, str]]:
    """Row and header of each cell that differs."""
    header = before[0]
    return [
        (row, header[column])
        for row, (old, new) in enumerate(zip(before, after, strict=True))
        for column, (was, now) in enumerate(zip(old, new, strict=True))
        if was != now and header[column] != ignoring
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"contract": "users"},
        {"contract": "users", "absent_status": 405},
        {"contract": "users", "counts": "asked"},
        {"contract": "users", "counts": "asked-null", "unfiltered": "available"},
        {"contract": "tenants-batch"},
        {"contract": "tenants-batch", "absent_status": 405},
        {"contract": "both"},
    ],
    ids=lambda options: " ".join(str(value) for value in options.values()),
)
def test_every_number_equals_the_services(world: World, options: dict[str, Any]) -> None:
    """Whatever contract the service speaks, the report says what the service says, and a second run changes nothing."""
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
    assert number_changes(before, world.grid(), ignoring="Last checked") == []


def test_text_from_outside_is_written_as_text(world: World) -> None:
    """Names that look like formulas, numbers, dates or markup stand in the sheet as they came."""
    tenants = tuple(Tenant(f"t{i}", name, TenantType.GOOGLE, i, 1) for i, name in enumerate(HOSTILE_NAMES))
    world.avepoint.directory.replace_all([Customer("c-1", "One", tenants)])
    world.put("Customers", [["Customer ID", "Customer"], ["c-1", "=1+1"]])
    world.run()
    assert {
        row["Tenant"].replace(" ", "\t") if row["Tenant"] == "a b" else row["Tenant"] for row in world.rows()
    } == set(HOSTILE_NAMES)
    assert {row["Customer"] for row in world.rows()} == {"=1+1"}
    formulas = world.tab().get_values(value_render_option=ValueRenderOption.formula)
    assert formulas[1][1] == "=1+1"
    shown = world.tab().get_values()
    assert {row[1] for row in shown[1:]} == {"=1+1"}


def test_numbers_are_numbers_and_times_are_dates_in_the_spreadsheets_zone(world: World) -> None:
    """Counts and shares are numbers; Last checked is a date and time as the spreadsheet's clock has it."""
    world.avepoint.directory.replace_all([Customer("c-1", "One", (Tenant("t", "T", TenantType.GOOGLE, 30, 10),))])
    world.list_customers()
    answer = world.run()
    (row,) = world.rows()
    assert (row["Assigned seats"], row["Available seats"], row["Total seats"]) == (30, 10, 40)
    assert row["Utilisation"] == 0.75
    shown = dict(zip(*world.tab().get_values(), strict=False))
    assert shown["Utilisation"] == "75.0%"
    started_at = answer["started_at"]
    assert shown["Last checked"][:10] == started_at[:10] or started_at[11:13] >= "22"
    assert isinstance(row["Last checked"], float)
    assert shown["Last checked"][14:16] == started_at[14:16]


def test_people_sort_insert_rename_and_annotate_and_keep_it_all(world: World) -> None:
    """After a person sorts, adds a column of notes and renames a header, only real changes are written."""
    world.list_customers()
    world.run()
    tab = world.tab()
    tab.sort((6, "des"), range=f"A2:N{len(world.grid())}")
    tab.insert_cols([["My notes"]], col=5)
    rows = world.rows()
    notes = [[f"note on {row['Tenant ID']}"] for row in rows]
    tab.update(notes, "E2")
    tab.update_acell("G1", "Zugewiesen")
    for index in (2, 30, 77):
        tab.insert_note(f"A{index}", f"cell note on {rows[index - 2]['Tenant ID']}")
    before = world.grid()

    changed = rows[11]
    customer = next(one for one in world.avepoint.directory.customers if one.id == changed["Customer ID"])
    tenant = next(one for one in customer.tenants if one.id == changed["Tenant ID"])
    moved = dataclasses.replace(tenant, assigned=tenant.assigned + 5)
    world.avepoint.directory.put_tenant(customer.id, moved)
    answer = world.run()

    assert answer["changes"]["rows_updated"] == 1
    assert answer["changes"]["rows_added"] == answer["changes"]["rows_removed"] == 0
    after = world.grid()
    touched = number_changes(before, after, ignoring="Last checked")
    assert {row for row, _ in touched} == {12}
    assert {header for _, header in touched} <= {"Zugewiesen", "Total seats", "Utilisation", "Peak this month"}
    for row in world.rows():
        assert row["My notes"] == f"note on {row['Tenant ID']}"
        assert row["Zugewiesen"] == (moved.assigned if row["Tenant ID"] == moved.id else row["Zugewiesen"])
    for index in (2, 30, 77):
        assert tab.get_note(f"A{index}") == f"cell note on {after[index - 1][3]}"


def test_a_new_tenant_comes_in_below_its_customers_last_row(world: World) -> None:
    """A tenant that is new at AvePoint is inserted behind its customer, and a shared formula goes with it."""
    world.list_customers()
    world.run()
    tab = world.tab()
    height = len(world.grid())
    tab.update([["Doubled"]] + [[f"=F{row}*2"] for row in range(2, height + 1)], "O1", raw=False)
    customer = world.avepoint.directory.customers[3]
    world.avepoint.directory.put_tenant(customer.id, Tenant("new-one", "New", TenantType.GOOGLE, 12, 3))
    answer = world.run()
    assert answer["changes"]["rows_added"] == 1
    rows = world.rows()
    places = [index for index, row in enumerate(rows) if row["Customer ID"] == customer.id]
    assert rows[places[-1]]["Tenant ID"] == "new-one"
    assert places == list(range(places[0], places[-1] + 1))
    formulas = world.tab().get_values("O1:O", value_render_option=ValueRenderOption.formula)
    assert formulas[places[-1] + 1] == [f"=F{places[-1] + 2}*2"]
    assert formulas[places[-1] + 2] == [f"=F{places[-1] + 3}*2"]


def test_one_customers_failure_is_one_customers(world: World) -> None:
    """A customer that fails keeps its last numbers, marked stale with when they were right; the others go on."""
    world.list_customers()
    world.run()
    before = world.rows()
    customer = next(one for one in world.avepoint.directory.customers if len(one.tenants) == 2)
    world.avepoint.faults.add(Fault(kind="status", status=404, customer_id=customer.id))
    answer = world.run()
    assert answer["outcome"] == "partial"
    assert answer["customers"]["failed"] == 1
    assert {one["customer_id"] for one in answer["problems"]} == {customer.id}
    for was in before:
        row = world.row(was["Tenant ID"]) if was["Tenant ID"] else was
        if was["Customer ID"] == customer.id:
            assert row["Status"] == "Stale"
            assert (row["Assigned seats"], row["Last checked"]) == (was["Assigned seats"], was["Last checked"])
            assert "The numbers are those of 20" in row["Detail"]
        else:
            assert row["Status"] in ("Current", "No tenants")
    world.avepoint.faults.clear()
    assert world.run()["outcome"] == "ok"
    assert {row["Status"] for row in world.rows()} <= {"Current", "No tenants"}


def test_never_known_is_blank_and_not_zero(world: World) -> None:
    """A customer that never answered has a row without numbers for each type, which goes when an answer comes."""
    tenant = Tenant("t", "T", TenantType.GOOGLE, 3, 4)
    world.avepoint.directory.replace_all([Customer("c-1", "One", (tenant,)), Customer("c-2", "Two")])
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    world.list_customers()
    assert world.run()["outcome"] == "partial"
    rows = [row for row in world.rows() if row["Customer ID"] == "c-1"]
    assert [row["Status"] for row in rows] == ["No data"] * 4
    assert {row["Assigned seats"] for row in rows} == {""}
    world.avepoint.faults.clear()
    world.run()
    assert [row["Status"] for row in world.rows()] == ["Current", "No tenants"]


@pytest.mark.parametrize(
    "fault",
    [Fault(kind="count", value=value) for value in (None, -1, 1.5, "7", True, 10**30)] + [Fault(kind="count-missing")],
    ids=lambda fault: f"{fault.kind} {fault.value}",
)
def test_an_unusable_count_is_no_number(world: World, fault: Fault) -> None:
    """A count that is no count is a problem of that tenant: its last numbers stay, marked, and no 0 is written."""
    tenants = (Tenant("t1", "A", TenantType.GOOGLE, 3, 4), Tenant("t2", "B", TenantType.GOOGLE, 5, 6))
    world.avepoint.directory.replace_all([Customer("c-1", "One", tenants)])
    world.list_customers()
    world.run()
    world.avepoint.faults.add(dataclasses.replace(fault, customer_id="c-1", tenant_type=2))
    answer = world.run()
    assert answer["outcome"] == "partial"
    assert {one["problem"] for one in answer["problems"]} == {"bad-answer"}
    assert {row["Tenant ID"]: row["Assigned seats"] for row in world.rows()} == {"t1": 3, "t2": 5}
    assert "Stale" in {row["Status"] for row in world.rows()}


def test_when_nobody_answers_the_report_says_stale_and_the_answer_502(world: World) -> None:
    """With AvePoint down the answer is problem details 502, and the report keeps the last numbers as stale."""
    world.list_customers()
    world.run()
    numbers = {row["Tenant ID"]: row["Assigned seats"] for row in world.rows()}
    world.avepoint.faults.add(Fault(kind="status", status=403))
    answer = world.run(expect=502)
    assert answer["outcome"] == "failed"
    assert answer["status"] == 502
    assert answer["customers"]["failed"] == len(world.avepoint.directory.customers)
    assert {row["Tenant ID"]: row["Assigned seats"] for row in world.rows() if row["Tenant ID"]} == {
        key: value for key, value in numbers.items() if key
    }
    assert {row["Status"] for row in world.rows()} == {"Stale", "No data"}


def test_gone_tenants_say_so_and_go_next_month(world: World) -> None:
    """A tenant that AvePoint no longer reports keeps its last numbers in Detail only."""
    world.list_customers()
    world.run()
    customer = world.avepoint.directory.customers[0]
    gone = customer.tenants[0]
    world.avepoint.directory.remove_tenant(customer.id, gone.id)
    answer = world.run()
    assert answer["outcome"] == "ok"
    row = world.row(gone.id)
    assert row["Status"] == "Not reported"
    assert row["Assigned seats"] == ""
    assert f"{gone.assigned:,} assigned" in row["Detail"]
    again = world.run()
    assert again["changes"] == {"rows_added": 0, "rows_updated": 0, "rows_removed": 0, "cells_changed": 0}


def test_many_tenants_disappearing_at_once_is_said(world: World) -> None:
    """When more than a fifth of the tenants vanish the run is partial and says so."""
    customers = [Customer(f"c-{i}", f"C{i}", (Tenant(f"t{i}", "T", TenantType.GOOGLE, 1, 1),)) for i in range(10)]
    world.avepoint.directory.replace_all(customers)
    world.list_customers()
    world.run()
    world.put("Customers", [["Customer ID"]] + [[one.id] for one in customers[:7]])
    answer = world.run()
    assert answer["outcome"] == "partial"
    assert [one["problem"] for one in answer["problems"]] == ["many-disappeared"]
    assert {row["Status"] for row in world.rows()[7:]} == {"Not reported"}


def test_no_customers_is_a_calm_answer_and_changes_nothing(world: World) -> None:
    """An empty Customers tab is no error, and a report that stands stays as it is."""
    world.list_customers()
    world.run()
    before = world.grid()
    world.put("Customers", [["Customer ID", "Customer"]])
    answer = world.run()
    assert answer["outcome"] == "ok"
    assert answer["customers"]["listed"] == 0
    assert any("no customers" in warning for warning in answer["warnings"])
    assert world.grid() == before


def test_a_missing_customers_tab_is_made(world: World) -> None:
    """The first run in an empty spreadsheet makes the tab to fill in."""
    answer = world.run()
    assert answer["outcome"] == "ok"
    assert world.grid("Customers") == [["Customer ID", "Customer", "Tenant types", "Include"]]
    assert world.tab("Customers").get_note("A1")


def test_a_missing_tab_of_ones_own_is_an_error_that_lists_the_tabs(world: World) -> None:
    """A CUSTOMERS_TAB that is not there is a configuration error and nothing is made."""
    world.configure(CUSTOMERS_TAB="Kunden")
    answer = world.run(expect=500)
    assert "Kunden" in answer["detail"]
    assert "Sheet1" in answer["detail"]
    assert [tab.title for tab in world.book.worksheets()] == ["Sheet1"]


def test_rows_that_cannot_be_used_never_reach_a_url(world: World) -> None:
    """IDs that can't be IDs are problems with their row; the usable ones are asked about once."""
    good = world.avepoint.directory.customers[0].id
    bad = ["a b", "../../etc", "x/y", "a\\b", "..", "x" * 129, "a\nb", "#REF!", "a?b=c", "a%2fb", "."]
    world.put(
        "Customers", [["Name", "customer_id"], *[["", one] for one in bad], ["", good], ["", f" {good.upper()} "]]
    )
    answer = world.run()
    assert answer["outcome"] == "partial"
    kinds = [one["problem"] for one in answer["problems"]]
    assert kinds.count("invalid-customer-id") == len(bad)
    assert kinds.count("duplicate-customer-id") == 1
    assert [one["row"] for one in answer["problems"]] == [*range(2, 2 + len(bad)), 3 + len(bad)]
    asked = {request.path.split("/customers/")[1].split("/")[0] for request in world.avepoint.log.requests("seats")}
    assert asked == {good}


def test_include_and_tenant_types_limit_what_is_asked(world: World) -> None:
    """A customer left out is not asked about, one limited to some types only about those."""
    one, two, three = world.avepoint.directory.customers[:3]
    world.put(
        "Customers",
        [
            ["Include", "Tenant types", "CustomerId"],
            ["no", "", one.id],
            ["", "Salesforce; 2", two.id],
            [False, "", three.id],
        ],
    )
    answer = world.run()
    assert answer["customers"] == {"listed": 3, "queried": 1, "failed": 0, "skipped": 2}
    asked = {request.path.split("/type/")[1].split("/")[0] for request in world.avepoint.log.requests("seats")}
    assert asked == {"1", "2"}


def test_settings_are_told_all_at_once(world: World) -> None:
    """A wrong configuration names every fault, before anything is asked of anybody."""
    world.configure(SPREADSHEET_ID="", AVEPOINT_CONCURRENCY="many", AVEPOINT_API_URL="http://example.com")
    world.sheets.requests.clear()
    answer = world.run(expect=500)
    assert [fault["setting"] for fault in answer["faults"]] == [
        "SPREADSHEET_ID",
        "AVEPOINT_API_URL",
        "AVEPOINT_CONCURRENCY",
    ]
    assert sheet_requests(world) == []


def test_a_quiet_day_is_cheap(world: World) -> None:
    """With nothing changed at the service a run takes at most five Sheets requests."""
    world.list_customers()
    world.run()
    world.sheets.requests.clear()
    world.run()
    assert len(sheet_requests(world)) <= 5


def test_a_dry_run_shows_and_writes_nothing(world: World) -> None:
    """dry_run tells what would change, row by row, and touches nothing."""
    world.list_customers()
    world.run()
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    world.avepoint.directory.put_tenant(customer.id, dataclasses.replace(tenant, assigned=tenant.assigned + 4))
    world.sheets.requests.clear()
    before = world.grid()
    answer = world.run(dry_run=True)
    assert answer["dry_run"] is True
    assert answer["changes"]["rows_updated"] == 1
    (line,) = answer["preview"]
    assert line.startswith(f"{customer.organization} · Microsoft 365 · ")
    assert f"assigned {tenant.assigned:,} → {tenant.assigned + 4:,}" in line
    assert world.grid() == before
    assert not [line for line in sheet_requests(world) if line.startswith("POST")]


def test_a_run_limited_to_a_customer_touches_only_its_rows(world: World) -> None:
    """Rows of other customers stay exactly as they are, whatever has changed at the service."""
    world.list_customers()
    world.run()
    before = world.rows()
    world.avepoint.directory.let_a_month_pass(seed=3)
    customer = world.avepoint.directory.customers[0]
    answer = world.run(customer_id=[customer.id, "nobody-knows"])
    assert [one["problem"] for one in answer["problems"]] == ["not-listed"]
    assert answer["customers"]["queried"] == 1
    others = [row for row in before if row["Customer ID"] != customer.id]
    assert [row for row in world.rows() if row["Customer ID"] != customer.id] == others


def test_a_row_whose_status_was_deleted_is_still_ours(world: World) -> None:
    """A person clears status cells: the next run writes them again, also where AvePoint did not answer."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    world.tab().batch_clear([f"L2:L{height}"])
    customer = world.avepoint.directory.customers[0]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id, tenant_type=0))
    world.run()
    assert len(world.grid()) == height
    assert world.row(customer.tenants[0].id)["Status"] == "Stale"


def test_rows_of_peoples_own_are_left_alone(world: World) -> None:
    """A line of totals and a row for a customer that nobody listed stay as people typed them."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    tab = world.tab()
    tab.add_rows(10)
    own: list[list[Any]] = [
        ["Total", "", "", "", "", f"=SUM(F2:F{height})"],
        ["manual-1", "By hand", "Google", "x-1", "Theirs", 10, 20],
    ]
    tab.update(own, f"A{height + 3}", raw=False)
    before = world.grid()[height + 1 :]
    world.avepoint.directory.let_a_month_pass(seed=1)
    world.run()
    assert world.grid()[-2:][1] == before[-1]
    assert world.grid()[-2][0] == "Total"
