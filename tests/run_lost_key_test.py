"""Rows whose key cells people deleted: they are named, they vouch for nothing, and nothing in them is lost."""

from typing import Any

import gspread
import pytest
from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.support.overview import text_of
from tests.support.world import World


@pytest.fixture
def world(world: World) -> World:
    """A world of three customers with one tenant each, and a month of history."""
    world.avepoint.directory.replace_all(
        [
            Customer(f"c-{n}", f"Customer {n}", (Tenant(f"t-{n}", f"T {n}", TenantType.GOOGLE, 10 * n, n),))
            for n in range(1, 4)
        ]
    )
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    return world


def clear(world: World, title: str, header: str, numbers: list[int]) -> list[str]:
    """Clear these rows' cells under a header; gives what was in them."""
    column = world.grid(title)[0].index(header) + 1
    cells = [gspread.utils.rowcol_to_a1(number, column) for number in numbers]
    before = [str(world.tab(title).acell(cell).value) for cell in cells]
    world.tab(title).batch_clear(cells)
    return before


def lost(result: Any) -> list[str]:
    """What the run says of rows without a key."""
    return [problem.detail for problem in result.problems if str(problem.kind) == "lost-key"]


@pytest.mark.parametrize("header", ["Customer ID", "Tenant type", "Tenant ID"])
def test_a_row_of_the_report_without_its_key_vouches_for_nothing(world: World, header: str) -> None:
    """It is named until people delete or restore it; a new row has its numbers, and the totals have them once."""
    clear(world, "Seat Report", header, [3])
    for day in ("2026-01-06", "2026-01-07"):
        result = world.run_at(f"{day} 06:00")
        assert result.outcome == "partial"
        (detail,) = lost(result)
        assert "'Seat Report'" in detail
        assert "in row 3," in detail
    rows = world.rows()
    assert [row["Status"] for row in rows].count("Current") == 3
    assert {row["Tenant ID"] for row in rows if row["Status"] == "Current"} == {"t-1", "t-2", "t-3"}
    assert (rows[1]["Status"], rows[1]["Assigned seats"]) == ("Not reported", "")
    assert "20 assigned" in rows[1]["Detail"]
    assert world.rows("Runs")[0]["Assigned seats"] == 60
    assert "in row 3" in text_of(world.grid("Overview"))
    result = world.run_at("2026-02-01 06:00")
    assert [row["Tenant ID"] for row in world.rows()].count("t-2") == 1
    assert len(world.rows()) == 3


def test_a_row_whose_key_is_restored_joins_the_new_one(world: World) -> None:
    """A note beside it keeps it; the tenant is counted once."""
    (tenant,) = clear(world, "Seat Report", "Tenant ID", [3])
    world.run_at("2026-01-06 06:00")
    column = world.grid()[0].index("Tenant ID") + 1
    world.tab().update_cell(3, column, tenant)
    result = world.run_at("2026-01-07 06:00")
    assert lost(result) == []
    assert [row["Tenant ID"] for row in world.rows()].count("t-2") == 1
    assert result.outcome == "ok"


def test_a_deleted_key_column_of_the_report(world: World) -> None:
    """All its rows are named together."""
    column = world.grid()[0].index("Tenant ID") + 1
    world.tab().delete_columns(column)
    result = world.run_at("2026-01-06 06:00")
    (detail,) = lost(result)
    assert "in rows 2 to 4," in detail
    assert sorted(row["Status"] for row in world.rows()) == ["Current"] * 3 + ["Not reported"] * 3
    assert world.rows("Runs")[0]["Assigned seats"] == 60


def test_a_customers_row_without_its_id(world: World) -> None:
    """It has no numbers any more, and stays until people delete it; the customer's new row has them."""
    clear(world, "By Customer", "Customer ID", [3])
    result = world.run_at("2026-01-06 06:00")
    assert len(lost(result)) == 1
    rows = world.rows("By Customer")
    assert [(row["Customer ID"], row["Status"]) for row in rows] == [
        ("c-1", "Current"),
        ("", "Not reported"),
        ("c-2", "Current"),
        ("c-3", "Current"),
    ]
    assert rows[1]["Assigned seats"] == ""
    assert world.run_at("2026-01-07 06:00").changes.cells_changed == 0
    assert world.rows("By Customer")[1]["Status"] == "Not reported"


def test_a_deleted_key_column_of_by_customer(world: World) -> None:
    """The column comes back, and new rows; the old ones have no numbers, so that no sum counts a customer twice."""
    world.tab("By Customer").delete_columns(world.grid("By Customer")[0].index("Customer ID") + 1)
    result = world.run_at("2026-01-06 06:00")
    (detail,) = lost(result)
    assert "the Customer ID is missing in rows 2 to 4," in detail
    rows = world.rows("By Customer")
    assert sorted(row["Customer ID"] for row in rows) == ["", "", "", "c-1", "c-2", "c-3"]
    assert sum(row["Assigned seats"] or 0 for row in rows) == 60
    assert {row["Status"] for row in rows if not row["Customer ID"]} == {"Not reported"}


def test_history_without_its_seats_column(world: World) -> None:
    """Its months stay, the rows are named, and once the cells are restored they join the rows that came beside them."""
    tab = world.tab("History")
    column = world.grid("History")[0].index("Seats") + 1
    measures = tab.col_values(column)[1:]
    tab.delete_columns(column)
    result = world.run_at("2026-02-06 06:00")
    assert len(lost(result)) == 1
    assert result.outcome == "partial"
    rows = world.rows("History")
    assert len(rows) == 2 * len(measures)
    old = [number for number, row in enumerate(rows, start=2) if row["Seats"] == ""]
    assert len([row for row in rows if row["2026-01"] != ""]) == len(measures)
    column = world.grid("History")[0].index("Seats") + 1
    for number, measure in zip(old, measures, strict=True):
        tab.update_cell(number, column, str(measure))
    result = world.run_at("2026-02-07 06:00")
    assert lost(result) == []
    rows = world.rows("History")
    assert len(rows) == len(measures)
    assert all(row["2026-01"] == row["2026-02"] != "" for row in rows)


def test_totals_of_peoples_are_no_rows_of_ours(world: World) -> None:
    """They have formulas in the columns of months, and no key."""
    tab = world.tab("History")
    header = world.grid("History")[0]
    tab.add_rows(3)
    letter = gspread.utils.rowcol_to_a1(1, header.index("2026-01") + 1).rstrip("1")
    name = gspread.utils.rowcol_to_a1(len(world.grid("History")) + 1, 1)
    tab.update([["Total"]], name)
    tab.update([[f"=SUM({letter}2:{letter}7)"]], f"{letter}{len(world.grid('History'))}", raw=False)
    assert lost(world.run_at("2026-01-06 06:00")) == []


def test_a_limited_run_leaves_alone_what_it_may_not_touch(world: World) -> None:
    """Copied rows of other customers, and a row of which nobody knows whose it is."""
    for title in ("Seat Report", "By Customer", "History"):
        tab = world.tab(title)
        copied = tab.get_values(
            f"A3:{gspread.utils.rowcol_to_a1(3, 26)}", value_render_option=ValueRenderOption.formula
        )
        tab.add_rows(3)
        tab.update(copied, f"A{len(world.grid(title)) + 2}", raw=False)
    clear(world, "Seat Report", "Customer ID", [2])
    titles = ("Seat Report", "By Customer", "History")
    kept = {title: [row for row in world.grid(title) if "c-3" not in row] for title in titles}
    result = world.run_at("2026-01-06 06:00", customer_ids=("c-3",))
    assert {title: [row for row in world.grid(title) if "c-3" not in row] for title in titles} == kept
    assert len(lost(result)) == 1
