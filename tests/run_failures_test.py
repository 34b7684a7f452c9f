"""Runs in which AvePoint fails, returns unusable numbers or no longer reports tenants."""

import dataclasses

import pytest

from seat_report.workbook.tables.diff import Counts
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.grids import changed_cells
from tests.support.world import World
from tests.support.world import world as create_world


def test_failure_of_one_customer(world: World) -> None:
    """A failed customer keeps its last numbers, marked stale with their date; the others are updated."""
    world.list_customers()
    world.run()
    before = world.rows()
    customer = next(each for each in world.avepoint.directory.customers if len(each.tenants) == 2)
    world.avepoint.faults.add(Fault(kind="status", status=404, customer_id=customer.id))
    result = world.run()
    assert result["outcome"] == "partial"
    assert result["customers"]["failed"] == 1
    assert {problem["customer_id"] for problem in result["problems"]} == {customer.id}
    after = {row["Tenant ID"]: row for row in world.rows()}
    for previous in before:
        row = after[previous["Tenant ID"]] if previous["Tenant ID"] else previous
        if previous["Customer ID"] == customer.id:
            assert row["Status"] == "Stale"
            assert (row["Assigned seats"], row["Last checked"]) == (
                previous["Assigned seats"],
                previous["Last checked"],
            )
            assert "Numbers as of 20" in row["Detail"]
        else:
            assert row["Status"] in ("Current", "No tenants")
    world.avepoint.faults.clear()
    assert world.run()["outcome"] == "ok"
    assert {row["Status"] for row in world.rows()} <= {"Current", "No tenants"}


FAILURES = [
    Fault(kind="status", status=400),
    Fault(kind="status", status=403),
    Fault(kind="status", status=404),
    Fault(kind="status", status=429, retry_after="86400", retry_after_as="date"),
    Fault(kind="status", status=429),
    Fault(kind="status", status=503),
    Fault(kind="html"),
    Fault(kind="body", status=400, body='{"message": "%s"}'),
    Fault(kind="body", body="%s"),
    Fault(kind="count", value="N/A"),
    Fault(kind="no-id"),
    Fault(kind="reset"),
]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "never known"])
def test_the_same_failure_again_changes_no_cell(world: World, monkeypatch: pytest.MonkeyPatch, is_known: bool) -> None:
    """However often it was tried and whatever else differs, a second run that fails likewise leaves the cells alone."""
    monkeypatch.setattr("seat_report.avepoint.inquiry.backoff", lambda *_: 0.0)
    world.configure(TENANT_TYPES="google", AVEPOINT_SEATS_CONTRACT="users", AVEPOINT_CONCURRENCY="1")
    tenants = (Tenant("t1", "A", TenantType.GOOGLE, 3, 4), Tenant("t2", "B", TenantType.GOOGLE, 5, 6))
    customers = [Customer(f"c-{number}", f"C {number}", tenants) for number in range(len(FAILURES) + 1)]
    world.avepoint.directory.replace_all(customers)
    world.list_customers()
    if is_known:
        world.run_at("2026-02-02 06:00")
    grids = []
    for day, attempts in ((3, 2), (4, 3)):
        monkeypatch.setattr("seat_report.avepoint.inquiry.MOST_ATTEMPTS", attempts)
        monkeypatch.setattr("seat_report.avepoint.inquiry.MOST_THROTTLES", attempts)
        world.avepoint.faults.clear()
        for number, fault in enumerate(FAILURES):
            body = fault.body and fault.body.replace("%s", f"request {day}")
            world.avepoint.faults.add(dataclasses.replace(fault, customer_id=f"c-{number}", body=body))
        result = world.run_at(f"2026-02-0{day} 06:00")
        assert len({problem.customer_id for problem in result.problems}) == len(FAILURES)
        assert sum("request id" in problem.full_detail for problem in result.problems) >= len(FAILURES) - 1
        grids.append(world.grids())
    assert result.changes == Counts()
    for title in ("Seat Report", "By Customer"):
        assert changed_cells(grids[0][title], grids[1][title], ignoring="Last checked") == []
    assert grids[0]["History"] == grids[1]["History"]
    assert "request id" not in str(grids[1]["Overview"])


@pytest.mark.parametrize("kind", ["list-shrinks", "list-grows", "total-too-big", "empty-page"])
def test_a_list_that_changes_while_it_is_read(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Read again, it is whole; if it keeps changing, a tenant that it lacks becomes stale, not no longer reported."""
    with create_world(monkeypatch, Options(contract="tenants-batch")) as world:
        world.configure(TENANT_TYPES="google")
        tenants = tuple(Tenant(f"t{number:03}", "T", TenantType.GOOGLE, number, 1) for number in range(150))
        world.avepoint.directory.replace_all([Customer("c-1", "One", tenants)])
        world.list_customers()
        world.run()
        fault = Fault(kind=kind, page_index=2)
        world.avepoint.faults.add(dataclasses.replace(fault, times=2))
        again = world.run()
        assert (again["outcome"], again["changes"]["cells_changed"]) == ("ok", 0)
        world.avepoint.faults.clear()
        world.avepoint.faults.add(fault)
        result = world.run()
        assert result["outcome"] == "partial"
        assert [problem["problem"] for problem in result["problems"]] == ["bad-answer"]
        rows = world.rows()
        numbers = {row["Tenant ID"]: row["Assigned seats"] for row in rows if row["Tenant ID"]}
        assert numbers == {tenant.id: tenant.assigned for tenant in tenants}
        assert {"Current", "Not reported"} & {row["Status"] for row in rows} == {"Current"}
        (customer_row,) = world.rows("By Customer")
        assert customer_row["Status"] in ("Stale", "Incomplete")


def test_unknown_numbers_are_blank(world: World) -> None:
    """A customer without any answer yet has a row without numbers for each type, until there is an answer."""
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
    [Fault(kind="count", value=value) for value in (None, -1, 1.5, "N/A", True, 10**30)]
    + [Fault(kind="count-missing")],
    ids=lambda fault: f"{fault.kind} {fault.value}",
)
def test_unusable_count(world: World, fault: Fault) -> None:
    """An invalid count is a problem of its tenant, which keeps its last numbers, marked stale; no 0 is written."""
    tenants = (Tenant("t1", "A", TenantType.GOOGLE, 3, 4), Tenant("t2", "B", TenantType.GOOGLE, 5, 6))
    world.avepoint.directory.replace_all([Customer("c-1", "One", tenants)])
    world.list_customers()
    world.run()
    world.avepoint.faults.add(dataclasses.replace(fault, customer_id="c-1", tenant_type=2))
    result = world.run()
    assert result["outcome"] == "partial"
    assert {problem["problem"] for problem in result["problems"]} == {"bad-answer"}
    assert {row["Tenant ID"]: row["Assigned seats"] for row in world.rows()} == {"t1": 3, "t2": 5}
    assert "Stale" in {row["Status"] for row in world.rows()}


def test_no_customer_answered(world: World) -> None:
    """If AvePoint is down, the response is problem details 502, and the report keeps the last numbers as stale."""
    world.list_customers()
    world.run()
    numbers = {row["Tenant ID"]: row["Assigned seats"] for row in world.rows()}
    world.avepoint.faults.add(Fault(kind="status", status=403))
    result = world.run(expect=502)
    assert result["outcome"] == "failed"
    assert result["status"] == 502
    assert result["customers"]["failed"] == len(world.avepoint.directory.customers)
    assert {row["Tenant ID"]: row["Assigned seats"] for row in world.rows() if row["Tenant ID"]} == {
        key: value for key, value in numbers.items() if key
    }
    assert {row["Status"] for row in world.rows()} == {"Stale", "No data"}


def test_tenant_no_longer_reported(world: World) -> None:
    """A tenant that AvePoint no longer reports keeps its last numbers only in Detail."""
    world.list_customers()
    world.run()
    customer = world.avepoint.directory.customers[0]
    removed = customer.tenants[0]
    world.avepoint.directory.remove_tenant(customer.id, removed.id)
    result = world.run()
    assert result["outcome"] == "ok"
    row = world.row(removed.id)
    assert row["Status"] == "Not reported"
    assert row["Assigned seats"] == ""
    assert f"{removed.assigned:,} assigned" in row["Detail"]
    second = world.run()
    assert second["changes"] == {"rows_added": 0, "rows_updated": 0, "rows_removed": 0, "cells_changed": 0}


def test_many_tenants_disappear(world: World) -> None:
    """If more than a fifth of the tenants disappear, the run is partial with that problem."""
    customers = [Customer(f"c-{i}", f"C{i}", (Tenant(f"t{i}", "T", TenantType.GOOGLE, 1, 1),)) for i in range(10)]
    world.avepoint.directory.replace_all(customers)
    world.list_customers()
    world.run()
    world.put("Customers", [["Customer ID"]] + [[customer.id] for customer in customers[:7]])
    result = world.run()
    assert result["outcome"] == "partial"
    assert [problem["problem"] for problem in result["problems"]] == ["many-disappeared"]
    assert {row["Status"] for row in world.rows()[7:]} == {"Not reported"}
