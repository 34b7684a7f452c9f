"""Runs of a report that people edit: what they sort, insert, rename and write is preserved."""

import dataclasses
from typing import Any

from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.grids import changed_cells
from tests.support.world import CUSTOMER_COUNT, World


def test_sorting_inserting_renaming_and_annotating(world: World) -> None:
    """After a person sorts, adds a column of notes and renames a header, only real changes are written."""
    world.list_customers()
    world.run()
    tab = world.person.tab("Seat Report")
    tab.sort_range(f"A2:N{len(world.grid())}", 5, descending=True)
    tab.insert_columns(4)
    tab.type("E1", "My notes")
    rows = world.rows()
    tab.paste("E2", [[f"note on {row['Tenant ID']}"] for row in rows])
    tab.rename_header(5, "Zugewiesen")
    for index in (2, 5, 9):
        tab.note(f"A{index}", f"cell note on {rows[index - 2]['Tenant ID']}")
    before = world.grid()

    changed_row = rows[7]
    customer = next(each for each in world.avepoint.directory.customers if each.id == changed_row["Customer ID"])
    tenant = next(each for each in customer.tenants if each.id == changed_row["Tenant ID"])
    updated_tenant = dataclasses.replace(tenant, assigned=tenant.assigned + 5)
    world.avepoint.directory.put_tenant(customer.id, updated_tenant)
    result = world.run()

    assert result["changes"]["rows_updated"] == 1
    assert result["changes"]["rows_added"] == result["changes"]["rows_removed"] == 0
    after = world.grid()
    changed = changed_cells(before, after, ignoring="Last checked")
    assert {row for row, _ in changed} == {8}
    assert {header for _, header in changed} <= {"Zugewiesen", "Total seats", "Utilisation", "Peak this month"}
    for row in world.rows():
        assert row["My notes"] == f"note on {row['Tenant ID']}"
        assert row["Zugewiesen"] == (
            updated_tenant.assigned if row["Tenant ID"] == updated_tenant.id else row["Zugewiesen"]
        )
    for index in (2, 5, 9):
        assert world.tab().get_note(f"A{index}") == f"cell note on {after[index - 1][after[0].index('Tenant ID')]}"


def test_new_tenant_is_inserted_below_its_customer(world: World) -> None:
    """A tenant that is new at AvePoint is inserted below its customer's rows, with a formula that the rows share."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    world.person.tab("Seat Report").paste("O1", [["Doubled"], *([f"=E{row}*2"] for row in range(2, height + 1))])
    customer = world.avepoint.directory.customers[3]
    world.avepoint.directory.put_tenant(customer.id, Tenant("new-one", "New", TenantType.GOOGLE, 12, 3))
    result = world.run()
    assert result["changes"]["rows_added"] == 1
    rows = world.rows()
    indexes = [index for index, row in enumerate(rows) if row["Customer ID"] == customer.id]
    assert rows[indexes[-1]]["Tenant ID"] == "new-one"
    assert indexes == list(range(indexes[0], indexes[-1] + 1))
    formulas = world.tab().get_values("O1:O", value_render_option=ValueRenderOption.formula)
    assert formulas[indexes[-1] + 1] == [f"=E{indexes[-1] + 2}*2"]
    assert formulas[indexes[-1] + 2] == [f"=E{indexes[-1] + 3}*2"]


def test_deleted_status(world: World) -> None:
    """After a person clears status cells, the next run writes them again, also where AvePoint did not answer."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    world.person.tab("Seat Report").clear(f"L2:L{height}")
    customer = world.avepoint.directory.customers[0]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id, tenant_type=0))
    world.run()
    assert len(world.grid()) == height
    assert world.row(customer.tenants[0].id)["Status"] == "Stale"


def test_rows_of_people_are_kept(world: World) -> None:
    """A line of totals and a row for an unlisted customer stay as people typed them."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    people_rows: list[list[Any]] = [
        ["Total", "", "", "", "", f"=SUM(F2:F{height})"],
        ["manual-1", "By hand", "Google", "x-1", "Theirs", 10, 20],
    ]
    world.person.tab("Seat Report").paste(f"A{height + 3}", people_rows)
    before = world.grid()[height + 1 :]
    world.avepoint.directory.let_a_month_pass(seed=1)
    world.run()
    assert world.grid()[-2:][1] == before[-1]
    assert world.grid()[-2][0] == "Total"


def _make_table(world: World, title: str, name: str, columns: list[dict[str, Any]]) -> None:
    """Make the content of a tab a native table, as people do in the menu: filter and bands give way to the table's."""
    tab, grid = world.tab(title), world.grid(title)
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    bands = next(sheet.get("bandedRanges", []) for sheet in sheets if sheet["properties"]["sheetId"] == tab.id)
    area = {"sheetId": tab.id, "startRowIndex": 0, "endRowIndex": len(grid)}
    area |= {"startColumnIndex": 0, "endColumnIndex": len(grid[0])}
    requests = [{"deleteBanding": {"bandedRangeId": band["bandedRangeId"]}} for band in bands]
    requests += [{"clearBasicFilter": {"sheetId": tab.id}}] if title != "Customers" else []
    table = {"name": name, "range": area, "columnProperties": columns}
    world.book.batch_update({"requests": [*requests, {"addTable": {"table": table}}]})


def _tables(world: World) -> dict[str, dict[str, Any]]:
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    return {table["name"]: table for sheet in sheets for table in sheet.get("tables", [])}


def test_native_tables_over_the_tabs(world: World) -> None:
    """People may make the tabs native tables: runs go on without a warning, and new rows stand in the tables."""
    world.list_customers()
    world.run()
    number = [{"columnIndex": 5, "columnName": "Assigned seats", "columnType": "DOUBLE"}]
    for title in ("Customers", "Seat Report", "By Customer", "History", "Runs"):
        _make_table(world, title, title.replace(" ", ""), number if title == "Seat Report" else [])
    before = _tables(world)
    directory = world.avepoint.directory
    directory.put_tenant(directory.customers[3].id, Tenant("new-one", "New", TenantType.GOOGLE, 12, 3))
    result = world.run()

    assert (result["outcome"], result["warnings"], result["problems"]) == ("ok", [], [])
    assert result["changes"]["rows_added"] == 1
    assert "new-one" in [row["Tenant ID"] for row in world.rows()]
    after = _tables(world)
    assert {name: table["columnProperties"] for name, table in after.items()} == {
        name: table["columnProperties"] for name, table in before.items()
    }
    assert after["SeatReport"]["range"]["endRowIndex"] == len(world.grid())
    assert after["Runs"]["range"]["endRowIndex"] == before["Runs"]["range"]["endRowIndex"] + 1


def test_a_native_table_that_was_there_first(world: World) -> None:
    """A table that a person made of an empty Seat Report gets its columns and rows, and keeps those of the person."""
    world.list_customers()
    world.put("Seat Report", [["Customer ID", "My notes"]])
    _make_table(world, "Seat Report", "Seats", [])
    result = world.run()
    assert result["outcome"] == "ok"
    assert result["changes"]["rows_added"] == len(world.rows()) > CUSTOMER_COUNT
    names = [column["columnName"] for column in _tables(world)["Seats"]["columnProperties"]]
    assert names == world.grid()[0][: len(names)]
    assert "My notes" in names


def test_what_people_type_under_the_overview_stays(world: World) -> None:
    """While its lists become longer and shorter."""
    world.list_customers()
    world.run()
    tab = world.tab("Overview")
    last = len(world.grid("Overview"))
    tab.add_rows(5)
    tab.update([["typed right below"], [None], ["typed below"]], f"A{last + 1}")
    world.avepoint.faults.add(Fault(kind="status", status=403))
    world.run(expect=502)
    assert [row[0] for row in world.grid("Overview")][-3:] == ["typed right below", "", "typed below"]
    world.avepoint.faults.clear()
    world.run()
    texts = [row[0] for row in world.grid("Overview")]
    assert texts[:last].index("Seat report") == 0
    assert texts.count("typed right below") == texts.count("typed below") == 1


def test_two_deployments_on_one_spreadsheet_each_keep_their_overview(world: World) -> None:
    """Neither takes the other's block away; a quiet day writes nothing into them."""
    other = {
        name: f"Other {name}"
        for name in ("REPORT_TAB", "BY_CUSTOMER_TAB", "BILLING_TAB", "HISTORY_TAB", "OVERVIEW_TAB")
    }
    world.list_customers()
    world.run()
    first = world.function
    world.configure(**other, RUNS_TAB="Other Runs")
    second = world.deploy()
    for function in (second, first, second, first):
        world.function = function
        world.run()
    for title in ("Overview", "Other OVERVIEW_TAB"):
        assert sum(row[:1] == ["Seat report"] for row in world.grid(title)) == 1
    # Each with its block and its box.
    assert len(world.book.fetch_sheet_metadata()["namedRanges"]) == 4


def test_an_overview_whose_range_was_deleted_is_not_written_a_second_time(world: World) -> None:
    """The run finds its lines, and what people have below stays."""
    world.list_customers()
    world.run()
    tab = world.tab("Overview")
    last = len(world.grid("Overview"))
    tab.add_rows(5)
    tab.update([["typed below"]], f"A{last + 2}")
    ranges = world.book.fetch_sheet_metadata()["namedRanges"]
    (named,) = [one for one in ranges if one["name"] == "SeatReportOverview"]
    world.book.batch_update({"requests": [{"deleteNamedRange": {"namedRangeId": named["namedRangeId"]}}]})
    before = world.grid("Overview")
    world.run()
    after = world.grid("Overview")
    assert [row[0] for row in after] == [row[0] for row in before]
    assert len(world.book.fetch_sheet_metadata()["namedRanges"]) == 2


def test_rows_beside_which_a_formula_fills_cells_go_like_others(world: World) -> None:
    """Nobody wrote in them; the formula fills the cells of the rows that are left."""
    world.list_customers(world.avepoint.directory.customers[:3])
    world.run_at("2026-01-05 06:00")
    tab, rows = world.tab(), world.rows()
    column = len(world.grid()[0]) + 1
    tab.add_cols(1)
    tab.update_cell(1, column, "Filled")
    tab.update_cell(2, column, f"=SEQUENCE({len(rows)})")
    gone = rows[-1]
    world.avepoint.directory.remove_tenant(gone["Customer ID"], gone["Tenant ID"])
    world.run_at("2026-01-06 06:00")
    world.run_at("2026-02-01 06:00")
    assert gone["Tenant ID"] not in {
        row["Tenant ID"] for row in world.rows() if row["Customer ID"] == gone["Customer ID"]
    }
    filled = [row["Filled"] for row in world.rows()]
    assert filled == list(range(1, len(filled) + 1))
