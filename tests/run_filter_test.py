"""Sorting by a tab's own filter, in every month and with whatever people add, keeps each row together."""

from typing import Any

import pytest

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.support.world import World

TABS = ("Seat Report", "By Customer", "Billing", "History", "Runs")


@pytest.fixture
def world(world: World) -> World:
    """A world of five customers with one tenant each."""
    world.avepoint.directory.replace_all(customers(5))
    world.list_customers()
    return world


def customers(count: int) -> list[Customer]:
    """So many customers, with seats that differ."""
    return [
        Customer(f"c-{n}", f"Customer {n}", (Tenant(f"t-{n}", f"T {n}", TenantType.GOOGLE, 10 * n, n),))
        for n in range(count)
    ]


def filter_of(world: World, title: str) -> dict[str, Any]:
    """The tab's filter."""
    found: dict[str, Any] = sheet_of(world, title)["basicFilter"]
    return found


def sheet_of(world: World, title: str) -> dict[str, Any]:
    """The resource of a tab."""
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    found: dict[str, Any] = next(sheet for sheet in sheets if sheet["properties"]["title"] == title)
    return found


def sort_by_filter(world: World, title: str, column: int) -> None:
    """Sort descending by the button in the header of this column."""
    span = filter_of(world, title)["range"]
    rows = {**span, "startRowIndex": span["startRowIndex"] + 1}
    order = {"dimensionIndex": column, "sortOrder": "DESCENDING"}
    world.book.batch_update({"requests": [{"sortRange": {"range": rows, "sortSpecs": [order]}}]})


def joined(world: World, title: str) -> list[str]:
    """Each row with all that belongs to it, in any order."""
    return sorted(repr(row) for row in world.rows(title))


@pytest.mark.parametrize("title", TABS)
def test_sorting_by_the_filter_keeps_rows_together(world: World, title: str) -> None:
    """Through months, with new customers and with people's notes to the right."""
    world.run_at("2026-01-05 06:00")
    tab = world.tab(title)
    width = len(world.grid(title)[0])
    tab.add_cols(3)
    notes = [[f"note {row}"] for row in range(1, len(world.grid(title)))]
    tab.update([["Notes"], *notes], f"{rowcol(width)}1")
    world.run_at("2026-02-05 06:00")
    world.avepoint.directory.replace_all(customers(8))
    world.list_customers()
    world.run_at("2026-03-05 06:00")

    before = joined(world, title)
    sort_by_filter(world, title, 0)
    assert joined(world, title) == before
    world.run_at("2026-03-06 06:00")
    if title == "History":
        assert [row for row in joined(world, title) if row in before] == before


def rowcol(column: int) -> str:
    """The letters of a column, counted from 0."""
    return chr(ord("A") + column) if column < 26 else "A" + chr(ord("A") + column - 26)


def test_people_s_criteria_stay_when_the_filter_grows(world: World) -> None:
    """With the month's new column, and without the order by which they sorted."""
    world.run_at("2026-01-05 06:00")
    found = filter_of(world, "History")
    condition = {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": "Customer"}]}
    specs = [
        {"columnIndex": 0, "filterCriteria": {"hiddenValues": ["c-2"]}},
        {"columnIndex": 1, "filterCriteria": {"condition": condition}},
    ]
    set_filter = {"range": found["range"], "filterSpecs": specs, "sortSpecs": [{"dimensionIndex": 0}]}
    world.book.batch_update({"requests": [{"setBasicFilter": {"filter": set_filter}}]})
    world.run_at("2026-02-05 06:00")
    after = filter_of(world, "History")
    assert after["range"]["endColumnIndex"] == found["range"]["endColumnIndex"] + 1
    assert [{"columnIndex": 0, **spec} for spec in after["filterSpecs"]] == specs
    assert "sortSpecs" not in after


def test_the_filter_is_not_touched_on_a_quiet_day(world: World) -> None:
    """And what people have below the table stays out of it."""
    world.run_at("2026-01-05 06:00")
    rows = len(world.rows())
    world.tab().add_rows(5)
    world.tab().update([["below"]], f"B{len(world.grid()) + 2}")
    before = {title: filter_of(world, title) for title in ("Seat Report", "By Customer", "History")}
    world.run_at("2026-01-06 06:00")
    assert {title: filter_of(world, title) for title in before} == before
    assert before["Seat Report"]["range"]["endRowIndex"] == rows + 1


def test_a_filter_that_google_refuses_costs_nothing_else(world: World) -> None:
    """The result says so; formatting of the month's new column is applied."""
    world.run_at("2026-01-05 06:00")
    before = len(sheet_of(world, "History")["protectedRanges"])
    world.sheets.fail(400, kind="setBasicFilter")
    result = world.run_at("2026-02-05 06:00")
    assert result.outcome == "ok"
    assert any("formatting" in warning for warning in result.warnings)
    assert len(sheet_of(world, "History")["protectedRanges"]) == before + 1
