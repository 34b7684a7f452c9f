"""Ambiguous columns and lost headers in a whole run: what is unsafe to write is left alone and reported."""

import dataclasses

import pytest

from tests.support.world import World


def add_assigned_seats(world: World) -> tuple[str, int]:
    """Let AvePoint report five more assigned seats for one tenant; returns its id and the new count."""
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    world.avepoint.directory.put_tenant(customer.id, dataclasses.replace(tenant, assigned=tenant.assigned + 5))
    return tenant.id, tenant.assigned + 5


def test_ambiguous_number_columns_are_left_alone(world: World) -> None:
    """Nothing vouches for a number that was not written: status and time stay as they were."""
    world.list_customers()
    world.run()
    world.person.tab("Seat Report").paste("O1", [["Assigned seats"], ["a person's"]])
    before = world.grid()
    add_assigned_seats(world)
    response = world.run()
    assert response["outcome"] == "partial"
    (problem,) = response["problems"]
    assert problem["problem"] == "ambiguous-column"
    assert "'Seat Report'" in problem["detail"]
    assert "E and O" in problem["detail"]
    after = world.grid()
    header = before[0]
    checked = [index for index, name in enumerate(header) if name in ("Assigned seats", "Status", "Last checked")]
    assert [[row[index] for index in checked if index < len(row)] for row in after] == [
        [row[index] for index in checked if index < len(row)] for row in before
    ]


def test_renaming_the_other_column_resolves_the_ambiguity(world: World) -> None:
    """The next run writes what it could not write before."""
    world.list_customers()
    world.run()
    tab = world.person.tab("Seat Report")
    tab.type("O1", "Assigned seats")
    tenant_id, assigned = add_assigned_seats(world)
    world.run()
    tab.rename_header(14, "My own")
    assert world.run()["outcome"] == "ok"
    assert world.row(tenant_id)["Assigned seats"] == assigned


def test_ambiguous_key_columns_leave_the_tab_alone(world: World) -> None:
    """Without knowing which row is which, nothing is written into the tab."""
    world.list_customers()
    world.run()
    world.person.tab("Seat Report").type("O1", "Tenant ID")
    before = world.grid()
    add_assigned_seats(world)
    response = world.run()
    assert "ambiguous-column" in {problem["problem"] for problem in response["problems"]}
    assert world.grid() == before


@pytest.mark.parametrize("title", ["Seat Report", "By Customer", "History"])
@pytest.mark.parametrize("change", ["a row above", "deleted", "sorted away"])
def test_without_its_header_in_row_1_a_tab_is_left_alone(world: World, title: str, change: str) -> None:
    """With a row above the header, or the header deleted or sorted into the data, the problem is reported instead."""
    world.list_customers()
    world.run()
    tab = world.person.tab(title)
    if change == "a row above":
        tab.insert_rows(0)
        tab.type("A1", "Seats of all of us")
    elif change == "deleted":
        tab.freeze(0)
        tab.delete_rows(0)
    else:
        tab.sort_range(((0, len(world.grid(title))), (0, world.tab(title).column_count)), 0, descending=True)
    before = world.grid(title)
    add_assigned_seats(world)
    response = world.run()
    assert response["outcome"] == "partial"
    assert "header-lost" in {problem["problem"] for problem in response["problems"]}
    assert "many-disappeared" not in {problem["problem"] for problem in response["problems"]}
    assert world.grid(title) == before


def test_restoring_the_header_resolves_the_problem(world: World) -> None:
    """After the row above the header is deleted, the next run continues as usual."""
    world.list_customers()
    world.run()
    tab = world.person.tab("Seat Report")
    height = len(world.grid())
    tab.insert_rows(0)
    tab.type("A1", "Seats of all of us")
    tenant_id, assigned = add_assigned_seats(world)
    world.run()
    tab.delete_rows(0)
    assert world.run()["outcome"] == "ok"
    assert world.row(tenant_id)["Assigned seats"] == assigned
    assert len(world.grid()) == height
