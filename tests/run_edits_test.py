"""Runs of a report that people edit: what they sort, insert, rename and write is preserved."""

import dataclasses
from typing import Any

from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.data import Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.grids import changed_cells
from tests.support.world import World


def test_sorting_inserting_renaming_and_annotating(world: World) -> None:
    """After a person sorts, adds a column of notes and renames a header, only real changes are written."""
    world.list_customers()
    world.run()
    tab = world.tab()
    tab.sort((6, "des"), range=f"A2:N{len(world.grid())}")
    tab.insert_cols([["My notes"]], col=5)
    rows = world.rows()
    notes = [[f"note on {row['Tenant ID']}"] for row in rows]
    tab.update(notes, "E2")
    tab.update_acell("G1", "Zugewiesen")
    for index in (2, 30, 77):
        tab.insert_note(f"A{index}", f"cell note on {rows[index - 2]['Tenant ID']}")
    before = world.grid()

    changed_row = rows[11]
    customer = next(each for each in world.avepoint.directory.customers if each.id == changed_row["Customer ID"])
    tenant = next(each for each in customer.tenants if each.id == changed_row["Tenant ID"])
    updated_tenant = dataclasses.replace(tenant, assigned=tenant.assigned + 5)
    world.avepoint.directory.put_tenant(customer.id, updated_tenant)
    result = world.run()

    assert result["changes"]["rows_updated"] == 1
    assert result["changes"]["rows_added"] == result["changes"]["rows_removed"] == 0
    after = world.grid()
    changed = changed_cells(before, after, ignoring="Last checked")
    assert {row for row, _ in changed} == {12}
    assert {header for _, header in changed} <= {"Zugewiesen", "Total seats", "Utilisation", "Peak this month"}
    for row in world.rows():
        assert row["My notes"] == f"note on {row['Tenant ID']}"
        assert row["Zugewiesen"] == (
            updated_tenant.assigned if row["Tenant ID"] == updated_tenant.id else row["Zugewiesen"]
        )
    for index in (2, 30, 77):
        assert tab.get_note(f"A{index}") == f"cell note on {after[index - 1][3]}"


def test_new_tenant_is_inserted_below_its_customer(world: World) -> None:
    """A tenant that is new at AvePoint is inserted below its customer's rows, with a formula that the rows share."""
    world.list_customers()
    world.run()
    tab = world.tab()
    height = len(world.grid())
    tab.update([["Doubled"]] + [[f"=F{row}*2"] for row in range(2, height + 1)], "O1", raw=False)
    customer = world.avepoint.directory.customers[3]
    world.avepoint.directory.put_tenant(customer.id, Tenant("new-one", "New", TenantType.GOOGLE, 12, 3))
    result = world.run()
    assert result["changes"]["rows_added"] == 1
    rows = world.rows()
    indexes = [index for index, row in enumerate(rows) if row["Customer ID"] == customer.id]
    assert rows[indexes[-1]]["Tenant ID"] == "new-one"
    assert indexes == list(range(indexes[0], indexes[-1] + 1))
    formulas = world.tab().get_values("O1:O", value_render_option=ValueRenderOption.formula)
    assert formulas[indexes[-1] + 1] == [f"=F{indexes[-1] + 2}*2"]
    assert formulas[indexes[-1] + 2] == [f"=F{indexes[-1] + 3}*2"]


def test_deleted_status(world: World) -> None:
    """After a person clears status cells, the next run writes them again, also where AvePoint did not answer."""
    world.list_customers()
    world.run()
    height = len(world.grid())
    world.tab().batch_clear([f"L2:L{height}"])
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
    tab = world.tab()
    tab.add_rows(10)
    people_rows: list[list[Any]] = [
        ["Total", "", "", "", "", f"=SUM(F2:F{height})"],
        ["manual-1", "By hand", "Google", "x-1", "Theirs", 10, 20],
    ]
    tab.update(people_rows, f"A{height + 3}", raw=False)
    before = world.grid()[height + 1 :]
    world.avepoint.directory.let_a_month_pass(seed=1)
    world.run()
    assert world.grid()[-2:][1] == before[-1]
    assert world.grid()[-2][0] == "Total"


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
    other = {name: f"Other {name}" for name in ("REPORT_TAB", "BY_CUSTOMER_TAB", "HISTORY_TAB", "OVERVIEW_TAB")}
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
    assert len(world.book.fetch_sheet_metadata()["namedRanges"]) == 2


def test_an_overview_whose_range_was_deleted_is_not_written_a_second_time(world: World) -> None:
    """The run finds its lines, and what people have below stays."""
    world.list_customers()
    world.run()
    tab = world.tab("Overview")
    last = len(world.grid("Overview"))
    tab.add_rows(5)
    tab.update([["typed below"]], f"A{last + 2}")
    (named,) = world.book.fetch_sheet_metadata()["namedRanges"]
    world.book.batch_update({"requests": [{"deleteNamedRange": {"namedRangeId": named["namedRangeId"]}}]})
    before = world.grid("Overview")
    world.run()
    after = world.grid("Overview")
    assert [row[0] for row in after] == [row[0] for row in before]
    assert len(world.book.fetch_sheet_metadata()["namedRanges"]) == 1


def test_rows_beside_which_a_formula_fills_cells_go_like_others(world: World) -> None:
    """Nobody wrote in them; the formula fills the cells of the rows that are left."""
    world.list_customers(world.avepoint.directory.customers[:4])
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
