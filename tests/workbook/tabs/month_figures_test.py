"""`Change this month` and `Peak this month`: only what a good answer of this month said."""

import dataclasses
from typing import Any

import pytest

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

M365 = TenantType.MICROSOFT_365
T1, T2 = Tenant("t1", "One", M365, 383, 20), Tenant("t2", "Two", M365, 10, 30)


@pytest.fixture
def world(world: World) -> World:
    """A world of two customers with a tenant each."""
    world.configure(TENANT_TYPES="microsoft-365")
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", (T1,)), Customer("c-2", "Birch", (T2,))])
    world.list_customers()
    return world


def assign(world: World, assigned: int) -> None:
    """Set the assigned seats that AvePoint reports of the first tenant from now on."""
    world.avepoint.directory.put_tenant("c-1", dataclasses.replace(T1, assigned=assigned))


def figures(row: dict[str, Any]) -> tuple[Any, Any]:
    """The row's change and peak."""
    return row["Change this month"], row["Peak this month"]


def test_numbers_of_an_earlier_month_have_neither_change_nor_peak(world: World) -> None:
    """In the Seat Report, in By Customer and in the Overview's totals."""
    world.run_at("2026-07-31 06:00")
    world.run_at("2026-08-31 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    world.run_at("2026-09-15 06:00")
    assert (world.row("t1")["Status"], world.row("t1")["Assigned seats"]) == ("Stale", 383)
    assert figures(world.row("t1")) == ("", "")
    assert figures(world.row("t2")) == (0, 10)
    assert [figures(row) for row in world.rows("By Customer")] == [("", ""), (0, 10)]
    lines = {row[0]: row for row in world.tab("Overview").get_values()}
    # Last month's 393 are known; what has changed since is not.
    assert lines["All"][6:8] == ["393", ""]


def test_the_change_of_a_month_is_kept_through_a_failure_in_it(world: World) -> None:
    """Numbers that were verified this month still say how this month differs from the last."""
    world.run_at("2026-08-31 06:00")
    assign(world, 390)
    world.run_at("2026-09-01 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    world.run_at("2026-09-15 06:00")
    assert world.row("t1")["Status"] == "Stale"
    assert figures(world.row("t1")) == (7, 390)


def test_a_limited_run_lists_no_change_of_rows_that_it_did_not_cover(world: World) -> None:
    """Their own change is still that of the month before; the Overview's is of this month."""
    world.run_at("2026-07-31 06:00")
    assign(world, 390)
    world.run_at("2026-08-31 06:00")
    world.run_at("2026-09-01 06:00", customer_ids=("c-2",))
    assert world.row("t1")["Change this month"] == 7
    assert "Changed" not in {row[2] for row in world.tab("Overview").get_values() if len(row) > 2}


def test_a_peak_survives_not_reported_in_between(world: World) -> None:
    """Within the month; a row that comes back in the next month begins anew."""
    world.run_at("2026-09-01 06:00")
    assign(world, 100)
    world.run_at("2026-09-02 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t1")
    world.run_at("2026-09-03 06:00")
    assert (world.row("t1")["Status"], *figures(world.row("t1"))) == ("Not reported", "", "")
    assign(world, 101)
    world.run_at("2026-09-04 06:00")
    assert (world.row("t1")["Status"], *figures(world.row("t1"))) == ("Current", "", 383)
    world.avepoint.directory.remove_tenant("c-1", "t1")
    world.run_at("2026-09-05 06:00")
    number = next(number for number, row in enumerate(world.rows(), 2) if row["Tenant ID"] == "t1")
    world.tab().insert_note(f"A{number}", "keep")
    assign(world, 102)
    world.run_at("2026-10-01 06:00")
    # At the end of September the tenant had no seats.
    assert figures(world.row("t1")) == (102, 102)


def test_a_peak_survives_an_unusable_count_in_between(world: World) -> None:
    """A tenant that was not reported and then answered with a count that is none."""
    world.run_at("2026-09-01 06:00")
    world.avepoint.directory.remove_tenant("c-1", "t1")
    world.run_at("2026-09-02 06:00")
    assign(world, 50)
    world.avepoint.faults.add(Fault(kind="count", value=-1, customer_id="c-1"))
    world.run_at("2026-09-03 06:00")
    world.run_at("2026-09-04 06:00")
    assert (world.row("t1")["Status"], *figures(world.row("t1"))) == ("No data", "", "")
    world.avepoint.faults.clear()
    world.run_at("2026-09-05 06:00")
    assert figures(world.row("t1")) == ("", 383)


def test_totals_follow_what_available_means_now(world: World) -> None:
    """Also those of numbers that are out of date, so that no sum mixes both meanings."""
    world.run_at("2026-09-01 06:00")
    assert world.row("t1")["Total seats"] == 403
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-2"))
    world.configure(AVAILABLE_SEATS_MEAN="all")
    world.run_at("2026-09-02 06:00")
    stale = world.row("t2")
    assert (stale["Status"], stale["Total seats"], stale["Utilisation"]) == ("Stale", 30, round(10 / 30, 6))
    lines = {row[0]: row for row in world.tab("Overview").get_values()}
    assert lines["All"][4] == "50"


def test_a_sum_over_rows_outside_a_limited_run_has_one_meaning_of_available(world: World) -> None:
    """The row itself stays as it is until a run covers it."""
    world.run_at("2026-09-01 06:00")
    world.configure(AVAILABLE_SEATS_MEAN="all")
    world.run_at("2026-09-02 06:00", customer_ids=("c-1",))
    assert (world.row("t1")["Total seats"], world.row("t2")["Total seats"]) == (20, 40)
    lines = {row[0]: row for row in world.tab("Overview").get_values()}
    assert lines["All"][4] == "50"
