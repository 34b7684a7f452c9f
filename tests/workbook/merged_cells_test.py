"""Cells that people merge in tabs of ours: nothing is written where it is lost, and the run says what to unmerge."""

from typing import Any

import pytest

from tests.support.world import World


def problems(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The kinds and details of the problems."""
    return [(problem["problem"], problem["detail"]) for problem in answer["problems"]]


def merge(world: World, title: str, area: str) -> None:
    """Merge an area."""
    world.tab(title).merge_cells(area)


def column(world: World, title: str, header: str) -> str:
    """The letter of a column."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[world.grid(title)[0].index(header)]


@pytest.mark.parametrize(("title", "header"), [("Seat Report", "Customer"), ("By Customer", "Assigned seats")])
def test_merged_cells_in_a_column_are_a_problem_that_names_them(world: World, title: str, header: str) -> None:
    """The other cells are right, no run finds the spreadsheet busy, and unmerging sets it right."""
    world.list_customers()
    world.run()
    before = world.grid(title)
    area = f"{column(world, title, header)}3:{column(world, title, header)}5"
    merge(world, title, area)
    for _ in range(2):
        answer = world.run()
        ((kind, detail),) = problems(answer)
        assert (answer["outcome"], kind, title in detail, area in detail) == ("partial", "merged-cells", True, True)
        assert answer["warnings"] == []
    assert world.report_seats() == world.service_seats()
    world.tab(title).unmerge_cells(area)
    assert problems(world.run()) == []
    assert world.grid(title) == before


def test_new_rows_come_in_outside_of_merged_cells(world: World) -> None:
    """Else a new row's cells would be covered, its key among them, and it would come in again with every run."""
    customers = world.avepoint.directory.customers
    world.list_customers(customers[:-1])
    world.run()
    last = len(world.grid())
    letter = column(world, "Seat Report", "Customer ID")
    world.list_customers(customers)
    merge(world, "Seat Report", f"{letter}{last - 2}:{letter}{last}")
    answer = world.run()
    assert {kind for kind, _ in problems(answer)} == {"lost-key"}
    assert f"unmerge the cells {letter}{last - 2}:{letter}{last}" in problems(answer)[0][1]
    assert world.report_seats() == world.service_seats()
    height = len(world.grid())
    world.run()
    assert len(world.grid()) == height


def test_a_merged_title_of_the_overview_is_no_problem(world: World) -> None:
    """As long as it covers nothing that the Overview says; what it covers is named."""
    world.list_customers()
    world.run()
    merge(world, "Overview", "A1:D1")
    answer = world.run()
    assert (answer["outcome"], problems(answer)) == ("ok", [])
    merge(world, "Overview", "A5:B6")
    answer = world.run()
    ((kind, detail),) = problems(answer)
    assert (kind, "A5:B6" in detail, "'Overview'" in detail) == ("merged-cells", True, True)


@pytest.mark.parametrize(("first", "last"), [("Status", "Detail"), ("Utilisation", "Change this month")])
def test_a_merged_header_is_a_problem(world: World, first: str, last: str) -> None:
    """Its column comes again outside of the merged cells, once."""
    world.list_customers()
    world.run()
    area = f"{column(world, 'Seat Report', first)}1:{column(world, 'Seat Report', last)}1"
    merge(world, "Seat Report", area)
    answer = world.run()
    assert [(kind, area in detail) for kind, detail in problems(answer)] == [("merged-cells", True)]
    assert world.report_seats() == world.service_seats()
    width = len(world.grid()[0])
    assert problems(world.run()) == []
    assert len(world.grid()[0]) == width
