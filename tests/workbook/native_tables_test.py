"""Native tables that people make of tabs of ours: they have a filter and bands of their own, so a run adds none."""

from typing import Any

from tests.support.world import World


def convert(world: World, title: str, area: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """Convert a range to a table, which takes the place of the filter and the bands there, as in the menu."""
    tab = world.person.tab(title)
    if tab.has_filter():
        tab.remove_filter()
    for sheet in world.book.fetch_sheet_metadata()["sheets"]:
        if sheet["properties"]["title"] == title:
            for band in sheet.get("bandedRanges", []):
                world.person.change({"deleteBanding": {"bandedRangeId": band["bandedRangeId"]}})
    tab.make_table("Seats", area)


def whole(world: World, title: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The area of a tab's content."""
    grid = world.grid(title)
    return (0, len(grid)), (0, len(grid[0]))


def table(world: World, title: str) -> dict[str, Any]:
    """The range of the table on a tab."""
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    found: dict[str, Any] = next(s for s in sheets if s["properties"]["title"] == title)["tables"][0]["range"]
    return found


def test_a_report_that_people_convert_to_a_table(world: World) -> None:
    """It grows with the report, and no run has anything to say about it."""
    customers = world.avepoint.directory.customers
    world.list_customers(customers[:-1])
    world.run()
    convert(world, "Seat Report", whole(world, "Seat Report"))
    world.list_customers(customers)
    answer = world.run()
    assert (answer["outcome"], answer["warnings"], answer["problems"]) == ("ok", [], [])
    assert world.report_seats() == world.service_seats()
    assert table(world, "Seat Report")["endRowIndex"] == len(world.grid())
    assert not world.person.tab("Seat Report").has_filter()
    again = world.run()
    assert (again["warnings"], again["changes"]["cells_changed"]) == ([], 0)


def test_a_table_made_by_hand_before_the_first_run(world: World) -> None:
    """The run formats the tab without a filter of its own, which Google refuses over a part of a table."""
    world.list_customers()
    world.put("Seat Report", [["Customer ID", "Notes"]])
    convert(world, "Seat Report", ((0, 2), (0, 2)))
    answer = world.run()
    assert (answer["outcome"], answer["warnings"]) == ("ok", [])
    assert world.report_seats() == world.service_seats()
    assert world.run()["changes"]["cells_changed"] == 0


def test_a_table_over_a_part_of_the_report_is_warned_of(world: World) -> None:
    """Sorting it would tear rows apart: every run says so, and changes nothing, until people extend the table."""
    world.list_customers()
    world.run()
    (top, bottom), (left, right) = whole(world, "Seat Report")
    convert(world, "Seat Report", ((top, bottom), (left, right - 3)))
    for _ in range(2):
        answer = world.run()
        (warning,) = answer["warnings"]
        assert "'Seat Report'" in warning
        assert "'Seats'" in warning
        assert (answer["outcome"], answer["changes"]["cells_changed"]) == ("ok", 0)


def test_a_table_beside_the_report_is_left_alone(world: World) -> None:
    """A list of people's on the same tab, beyond a column without a header, has nothing to do with the report."""
    world.list_customers()
    world.run()
    tab = world.person.tab("Seat Report")
    (_, (_, right)) = whole(world, "Seat Report")
    tab.make_room(100, right + 4)
    tab.paste((0, right + 1), [["Mine", "Price"], ["a", 1]])
    tab.make_table("Prices", ((0, 2), (right + 1, right + 3)))
    world.list_customers(world.avepoint.directory.customers[:-1])
    answer = world.run()
    assert (answer["outcome"], answer["warnings"]) == ("ok", [])
    assert tab.has_filter()
