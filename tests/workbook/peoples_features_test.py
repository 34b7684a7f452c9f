"""What people lay over the report's cells, besides merging them: the numbers are right and nothing of it is refused."""

from typing import Any

from tests.support.world import World


def span(world: World, **ends: int) -> dict[str, int]:
    """A range of the Seat Report."""
    return {"sheetId": world.tab().id, **ends}


def lay_over(world: World) -> None:
    """Checkboxes and drop-downs in columns of the report, rich text, filter views over a part, and hidden rows."""
    grid = world.grid()
    header = grid[0]
    number, text, shown = (header.index(name) for name in ("Change this month", "Customer", "Status"))
    rows: dict[str, int] = {"startRowIndex": 1, "endRowIndex": len(grid)}
    tick = {"condition": {"type": "BOOLEAN"}, "strict": True}
    choice = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Fine"}]}, "strict": True}
    runs = [{"format": {}}, {"startIndex": 2, "format": {"bold": True}}]
    rich: dict[str, Any] = {"values": [{"userEnteredValue": {"stringValue": "Some text"}, "textFormatRuns": runs}]}
    over = {"startColumnIndex": number, "endColumnIndex": number + 1}
    world.person.change(
        {"setDataValidation": {"range": span(world, **rows, **over), "rule": tick}},
        {
            "repeatCell": {
                "range": span(world, **rows, **over),
                "cell": {"userEnteredValue": {"boolValue": False}},
                "fields": "userEnteredValue",
            }
        },
        {
            "setDataValidation": {
                "range": span(world, **rows, startColumnIndex=shown, endColumnIndex=shown + 1),
                "rule": choice,
            }
        },
        {
            "updateCells": {
                "start": {"sheetId": world.tab().id, "rowIndex": 2, "columnIndex": text},
                "rows": [rich],
                "fields": "userEnteredValue,textFormatRuns",
            }
        },
        {
            "addFilterView": {
                "filter": {
                    "title": "Mine",
                    "range": span(world, startRowIndex=0, endRowIndex=9, startColumnIndex=0, endColumnIndex=3),
                }
            }
        },
    )
    world.person.tab("Seat Report").hide_rows(4, 9)


def test_checkboxes_rich_text_filter_views_and_hidden_rows(world: World) -> None:
    """The run writes its values through them, adds rows among them, and the next one has nothing to do."""
    customers = world.avepoint.directory.customers
    world.list_customers([*customers[:3], *customers[4:]])
    world.run()
    lay_over(world)
    world.list_customers(customers)
    answer = world.run()
    assert (answer["outcome"], answer["warnings"], answer["problems"]) == ("ok", [], [])
    assert world.report_seats() == world.service_seats()
    assert {row["Change this month"] for row in world.rows()} == {""}
    again = world.run()
    assert (again["outcome"], again["warnings"], again["changes"]["cells_changed"]) == ("ok", [], 0)
