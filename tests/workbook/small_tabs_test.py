"""Tabs of ours that people made by hand, or cut down: a run makes room first, and formats them like any other."""

import pytest

from tests.support.world import World

TITLES = ("Seat Report", "By Customer", "History", "Overview", "Runs")


def assert_is_right(world: World) -> None:
    """The report has AvePoint's seats, and every tab is formatted."""
    assert world.report_seats() == world.service_seats()
    for sheet in world.book.fetch_sheet_metadata()["sheets"]:
        title, grid = sheet["properties"]["title"], sheet["properties"]["gridProperties"]
        if title == "Overview":
            assert len(sheet["charts"]) == 2
        elif title in TITLES:
            assert (grid["frozenRowCount"], "basicFilter" in sheet, "bandedRanges" in sheet) == (1, True, True)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (1, 26), (1000, 1), (2, 2)])
def test_tabs_made_by_hand_with_a_small_grid(world: World, size: tuple[int, int]) -> None:
    """Whatever their size, the numbers are right without a warning, and the second run has nothing to do."""
    world.list_customers()
    for title in TITLES:
        world.book.add_worksheet(title, *size)
    first = world.run()
    assert (first["outcome"], first["warnings"]) == ("ok", [])
    assert_is_right(world)
    again = world.run()
    assert (again["outcome"], again["warnings"], again["changes"]["cells_changed"]) == ("ok", [], 0)


@pytest.mark.parametrize("spare_rows", [0, 1])
def test_tabs_cut_down_to_their_first_row(world: World, spare_rows: int) -> None:
    """People delete all rows but the header; the report comes back without a warning."""
    world.list_customers()
    world.run()
    for title in TITLES:
        tab = world.person.tab(title)
        tab.freeze(0)
        tab.delete_rows(1, world.tab(title).row_count)
        if spare_rows:
            tab.make_room(1 + spare_rows, 1)
            tab.freeze(1)
    again = world.run()
    assert (again["outcome"], again["warnings"]) == ("ok", [])
    assert world.report_seats() == world.service_seats()
    assert world.run()["changes"]["cells_changed"] == 0


def test_tabs_cut_down_to_their_first_column(world: World) -> None:
    """People delete all columns but the first; those deleted come back without a warning."""
    world.list_customers()
    world.run()
    for title in TITLES:
        tab = world.person.tab(title)
        tab.freeze_columns(0)
        tab.delete_columns(1, world.tab(title).col_count)
    again = world.run()
    assert (again["outcome"], again["warnings"]) == ("ok", [])
    assert world.report_seats() == world.service_seats()
    assert world.run()["changes"]["cells_changed"] == 0
