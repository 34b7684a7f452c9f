"""Columns that could each be the same one of ours: neither is written, and that is said."""

import dataclasses

import pytest

from tests.support.world import World


def moved(world: World) -> tuple[str, int]:
    """Let AvePoint count five more assigned seats of one tenant; its id and the new count."""
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    world.avepoint.directory.put_tenant(customer.id, dataclasses.replace(tenant, assigned=tenant.assigned + 5))
    return tenant.id, tenant.assigned + 5


def test_two_columns_with_one_of_our_headers_are_both_left_alone(world: World) -> None:
    """Nothing vouches for a number that could not be written: status and time stay as they were too."""
    world.list_customers()
    world.run()
    tab = world.tab()
    tab.update([["Assigned seats"], ["a person's"]], "O1")
    before = world.grid()
    moved(world)
    answer = world.run()
    assert answer["outcome"] == "partial"
    (problem,) = answer["problems"]
    assert problem["problem"] == "ambiguous-column"
    assert "'Seat Report'" in problem["detail"]
    assert "F and O" in problem["detail"]
    after = world.grid()
    header = before[0]
    kept = [index for index, name in enumerate(header) if name in ("Assigned seats", "Status", "Last checked")]
    assert [[row[index] for index in kept if index < len(row)] for row in after] == [
        [row[index] for index in kept if index < len(row)] for row in before
    ]


def test_once_the_other_column_is_renamed_the_numbers_are_right_again(world: World) -> None:
    """The next run after the mistake was mended writes what it could not before."""
    world.list_customers()
    world.run()
    tab = world.tab()
    tab.update_acell("O1", "Assigned seats")
    tenant_id, assigned = moved(world)
    world.run()
    tab.update_acell("O1", "My own")
    assert world.run()["outcome"] == "ok"
    assert world.row(tenant_id)["Assigned seats"] == assigned


def test_with_two_columns_for_a_key_the_tab_is_left_alone(world: World) -> None:
    """Without knowing which row is whose nothing is written into the tab."""
    world.list_customers()
    world.run()
    world.tab().update_acell("O1", "Tenant ID")
    before = world.grid()
    moved(world)
    answer = world.run()
    assert "ambiguous-column" in {one["problem"] for one in answer["problems"]}
    assert world.grid() == before


@pytest.mark.parametrize("title", ["Seat Report", "By Customer", "History"])
@pytest.mark.parametrize("deed", ["a row above", "deleted", "sorted away"])
def test_without_its_header_in_row_1_a_tab_is_left_alone(world: World, title: str, deed: str) -> None:
    """A title above the header, a header deleted or sorted into the data: nothing is written, and that is said."""
    world.list_customers()
    world.run()
    tab = world.tab(title)
    if deed == "a row above":
        tab.insert_row(["Seats of all of us"], 1)
    elif deed == "deleted":
        tab.freeze(rows=0)
        tab.delete_rows(1)
    else:
        tab.sort((1, "des"), range=f"A1:Z{len(world.grid(title))}")
    before = world.grid(title)
    moved(world)
    answer = world.run()
    assert answer["outcome"] == "partial"
    assert "header-lost" in {one["problem"] for one in answer["problems"]}
    assert "many-disappeared" not in {one["problem"] for one in answer["problems"]}
    assert world.grid(title) == before


def test_with_the_header_back_everything_is_right_again(world: World) -> None:
    """After the row above the header went, the next run goes on as if nothing had been."""
    world.list_customers()
    world.run()
    tab = world.tab()
    height = len(world.grid())
    tab.insert_row(["Seats of all of us"], 1)
    tenant_id, assigned = moved(world)
    world.run()
    tab.delete_rows(1)
    assert world.run()["outcome"] == "ok"
    assert world.row(tenant_id)["Assigned seats"] == assigned
    assert len(world.grid()) == height
