"""Runs that somebody asks for in the spreadsheet: the box "Run now", from its tick to its clearing."""

import threading
from typing import Any

import pytest
from gspread.utils import ValueInputOption

from seat_report.settings import load
from seat_report.workbook.sheets_api.snapshot import Block
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.proof import reading
from tests.support.world import World

NAME = "SeatReportRunNow"
OVERVIEW = "Overview"
NOT_REQUESTED = {"outcome": "not-requested"}


@pytest.fixture(autouse=True)
def reported(world: World) -> None:
    """One customer, and a first run that has made the box."""
    tenants = (Tenant("t-1", "Alder", TenantType.GOOGLE, 3, 1),)
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", tenants)])
    world.configure(TENANT_TYPES="google")
    world.list_customers()
    world.run()


def box() -> Block | None:
    """Where the box is."""
    return reading.read(load()).named.get(NAME)


def cell() -> tuple[int, int]:
    """The row and column of the box, counted from 1."""
    found = box()
    assert found is not None
    return found.top + 1, found.left + 1


def tick(world: World, value: Any = True) -> None:
    """Tick the box, or type something else into it."""
    world.tab(OVERVIEW).update_cell(*cell(), value)


def value(world: World) -> Any:
    """What is in the box."""
    row, column = cell()
    grid = world.grid(OVERVIEW)
    return grid[row - 1][column - 1] if len(grid[row - 1]) >= column else ""


def call(world: World, expect: int = 200) -> dict[str, Any]:
    """Ask for a run if it is requested."""
    response = world.function.post("/?if_requested=true")
    assert response.status_code == expect, response.get_data(as_text=True)
    answer: dict[str, Any] = response.get_json(force=True)
    return answer


def runs(world: World) -> list[tuple[str, str]]:
    """The trigger and outcome of each run, newest first."""
    return [(row["Trigger"], row["Outcome"]) for row in world.rows("Runs")]


def test_the_box(world: World) -> None:
    """It is beside the block's first line, with a label, unticked, and a checkbox."""
    found = box()
    assert found is not None
    assert found[1:] == (0, 1, 8, 9)
    assert world.grid(OVERVIEW)[0][7:] == ["Run now: tick →", False]
    resource = world.book.fetch_sheet_metadata(
        {"ranges": f"{OVERVIEW}!I1", "fields": "sheets/data/rowData/values/dataValidation"}
    )
    rule = resource["sheets"][0]["data"][0]["rowData"][0]["values"][0]["dataValidation"]
    assert rule["condition"] == {"type": "BOOLEAN"}


def test_unticked(world: World) -> None:
    """Nothing runs, and one small request tells."""
    world.sheets.requests.clear()
    world.avepoint.log.clear()
    assert call(world) == NOT_REQUESTED
    assert len(world.sheets.requests) == 1
    assert world.avepoint.log.requests() == []


def test_ticked(world: World) -> None:
    """The next such request runs, and clears the box; the one after it does not."""
    tick(world)
    assert call(world)["outcome"] == "ok"
    assert runs(world)[0] == ("request", "ok")
    assert value(world) is False
    assert call(world) == NOT_REQUESTED


def test_a_run_for_another_reason_leaves_the_tick(world: World) -> None:
    """The one that is asked for may want what changed meanwhile."""
    tick(world)
    world.run()
    assert value(world) is True


@pytest.mark.parametrize("typed", ["TRUE please", "x", 1, 0, "", "=TRUE()", "=1=1"])
def test_anything_else_is_not_a_tick(world: World, typed: Any) -> None:
    """A text, a number, a formula, nothing."""
    world.tab(OVERVIEW).update(
        [[typed]], world.tab(OVERVIEW).cell(*cell()).address, value_input_option=ValueInputOption.user_entered
    )
    assert call(world) == NOT_REQUESTED


def test_while_a_run_is_alive(world: World) -> None:
    """It stays ticked, in another instance and in the same one, and the next request runs."""
    tick(world)
    world.sheets.requests.clear()
    world.avepoint.faults.add(Fault(kind="slow", seconds=0.5, times=1))
    thread = threading.Thread(target=world.run)
    thread.start()
    while not any(one.method == "POST" for one in list(world.sheets.requests)):
        threading.Event().wait(0.005)
    assert call(world) == NOT_REQUESTED
    assert world.deploy().post("/?if_requested=true").get_json(force=True) == NOT_REQUESTED
    thread.join()
    assert value(world) is True
    assert call(world)["outcome"] == "ok"


def test_a_run_that_can_not_take_the_lock_leaves_the_tick(world: World) -> None:
    """The next one runs."""
    tick(world)
    world.sheets.fail(503, method="POST", times=50)
    assert call(world, expect=503)["status"] == 503
    world.sheets.conduct.faults.clear()
    assert value(world) is True
    assert call(world)["outcome"] == "ok"


def test_tick_and_lock_are_one_batch(world: World) -> None:
    """Whoever is refused the lock clears nothing."""
    tick(world)
    world.sheets.requests.clear()
    call(world)
    first = next(one for one in world.sheets.requests if one.method == "POST")
    assert {"repeatCell", "createDeveloperMetadata"} <= set(first.kinds)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lock_whose_answer_is_lost(world: World, when: Any) -> None:
    """Applied or not, the box is clear once the run has worked."""
    tick(world)
    world.sheets.fail(503, nth=1, when=when, method="POST")
    assert call(world)["outcome"] == "ok"
    assert value(world) is False


def test_people_move_it(world: World) -> None:
    """It follows rows and columns that they insert, and is still the box."""
    tab = world.person.tab(OVERVIEW)
    tab.insert_rows(0, 3)
    tab.insert_columns(0, 2)
    assert cell() == (4, 11)
    tick(world)
    assert call(world)["outcome"] == "ok"
    assert value(world) is False
    assert sum(one is False for line in world.grid(OVERVIEW) for one in line) == 1


@pytest.mark.parametrize("how", ["content", "range", "column"])
def test_people_delete_it(world: World, how: str) -> None:
    """It comes back with the next run, once."""
    row, column = cell()
    if how == "content":
        world.tab(OVERVIEW).batch_clear([world.tab(OVERVIEW).cell(row, column).address])
    elif how == "column":
        world.tab(OVERVIEW).delete_columns(column)
    else:
        (found,) = [one for one in world.book.list_named_ranges() if one["name"] == NAME]
        world.book.batch_update({"requests": [{"deleteNamedRange": {"namedRangeId": found["namedRangeId"]}}]})
    assert call(world) == NOT_REQUESTED
    assert world.run()["warnings"] == []
    assert value(world) is False
    assert sum(one is False for line in world.grid(OVERVIEW) for one in line) == 1
    tick(world)
    assert call(world)["outcome"] == "ok"
    world.sheets.requests.clear()
    world.run()
    assert len(world.sheets.requests) <= 4


def test_people_duplicate_it(world: World) -> None:
    """A copy of the cell, or of the whole tab, is a checkbox of theirs."""
    copied = world.book.duplicate_sheet(world.tab(OVERVIEW).id, new_sheet_name="Copy")
    copied.update_cell(*cell(), True)
    world.tab(OVERVIEW).update_cell(3, 15, True)
    assert call(world) == NOT_REQUESTED
    tick(world)
    assert call(world)["outcome"] == "ok"
    assert copied.acell("I1").value == "TRUE"
    assert world.tab(OVERVIEW).cell(3, 15).value == "TRUE"


def test_what_people_typed_beside_the_block_stays(world: World) -> None:
    """The box takes the first cell that is free."""
    tab = world.tab(OVERVIEW)
    (found,) = [one for one in world.book.list_named_ranges() if one["name"] == NAME]
    world.book.batch_update({"requests": [{"deleteNamedRange": {"namedRangeId": found["namedRangeId"]}}]})
    tab.update([["mine"], [7]], "I1")
    world.run()
    assert cell() == (3, 9)
    assert [line[8] for line in world.grid(OVERVIEW)[:3]] == ["mine", 7, False]


def test_a_text_in_the_box_stays(world: World) -> None:
    """Nothing of people's is written over, and no second box is made."""
    tick(world, "do not run today")
    world.run()
    assert value(world) == "do not run today"
    assert not any(one is False for line in world.grid(OVERVIEW) for one in line)


def test_without_a_report(world: World) -> None:
    """In a new spreadsheet nobody has asked for anything."""
    for title in (OVERVIEW, "Runs"):
        world.book.del_worksheet(world.tab(title))
        assert call(world) == NOT_REQUESTED


def test_the_spreadsheet_can_not_be_reached(world: World) -> None:
    """503, so that the scheduler tries again; a wrong setting is 500."""
    world.sheets.fail(503, method="GET", times=50)
    assert call(world, expect=503)["status"] == 503
    world.sheets.conduct.faults.clear()
    world.configure(SPREADSHEET_ID="another")
    assert call(world, expect=500)["faults"][0]["setting"] == "SPREADSHEET_ID"


@pytest.mark.parametrize(
    "query", ["if_requested=true&dry_run=false", "if_requested=true&format=json", "if_requested=maybe", "if_requested="]
)
def test_no_other_parameter(world: World, query: str) -> None:
    """Nothing runs."""
    tick(world)
    assert world.function.post(f"/?{query}").status_code == 400
    assert value(world) is True


def test_get(world: World) -> None:
    """Only a POST may run."""
    tick(world)
    assert world.function.get("/?if_requested=true").status_code == 400
    assert value(world) is True
