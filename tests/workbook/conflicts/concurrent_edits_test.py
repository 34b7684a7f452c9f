"""A person edits the Overview or the Runs tab between a run's read and its write."""

from collections.abc import Callable
from typing import Any

import pytest
from gspread.utils import ValueRenderOption

from tests.emulators.avepoint.faults import Fault
from tests.emulators.sheets.conduct import Logged
from tests.support.world import World

FIRST, NEXT, LAST = "2026-01-05 06:00", "2026-01-06 06:00", "2026-01-07 06:00"


def before_write(world: World, nth: int, action: Callable[[], Any]) -> None:
    """Let a person act right before the nth write from now."""
    seen = 0

    def act_at_nth_write(request: Logged) -> None:
        nonlocal seen
        seen += request.method == "POST"
        if request.method == "POST" and seen == nth:
            action()

    world.sheets.before_request = act_at_nth_write


def test_a_renamed_overview_is_recreated_once(world: World) -> None:
    """The block of the new tab has a name of its own, and the renamed tab is left to people."""
    world.list_customers()
    world.run_at(FIRST)
    world.person.tab("Overview").rename("Of January")
    heights = []
    for moment in (NEXT, LAST):
        assert world.run_at(moment).warnings == ()
        heights.append(sum(row[:1] == ["Seat report"] for row in world.grid("Overview")))
    assert heights == [1, 1]
    assert world.grid("Of January")[0][0] == "Seat report"


@pytest.mark.parametrize("rows", [1, 3])
def test_text_around_the_overview_survives_when_the_block_moves(world: World, rows: int) -> None:
    """After a person inserts rows above the block, its old place holds the person's text."""
    world.list_customers()
    world.run_at(FIRST)
    overview = world.person.tab("Overview")
    overview.insert_rows(0, 3)
    overview.paste("A1", [["Headline", "=1+1"], ["Second", 5], ["Third"]])
    before_write(world, 2, lambda: overview.insert_rows(0, rows))
    world.run_at(NEXT)
    grid = world.grid("Overview")
    assert [row[0] if row else "" for row in grid[: rows + 4]] == [
        *[""] * rows,
        "Headline",
        "Second",
        "Third",
        "Seat report",
    ]
    formula = world.tab("Overview").acell(f"B{rows + 1}", value_render_option=ValueRenderOption.formula)
    assert formula.value == "=1+1"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("is_shrinking", [True, False])
def test_the_overview_has_its_lines_once_when_it_moves_while_their_number_changes(
    world: World, rows: int, is_shrinking: bool
) -> None:
    """Although its range is set by position, which is another one once rows are inserted above."""
    world.list_customers()
    faults = world.avepoint.faults
    if is_shrinking:
        faults.add(Fault(kind="status", status=403))
    world.run_at(FIRST)
    overview = world.tab("Overview")
    last = len(world.grid("Overview"))
    overview.add_rows(3)
    overview.update([["typed below"]], f"A{last + 2}")
    if is_shrinking:
        faults.clear()
    else:
        faults.add(Fault(kind="status", status=403))
    before_write(world, 2, lambda: overview.insert_rows([[]] * rows, row=1))
    world.run_at(NEXT)
    world.sheets.before_request = None
    found = [row for row in world.grid("Overview") if any(row)]
    world.book.del_worksheet(overview)
    world.run_at(NEXT)
    undisturbed = [row for row in world.grid("Overview") if any(row)]
    assert [row[0] for row in found] == [*(row[0] for row in undisturbed), "typed below"]


def test_a_failed_run_that_releases_its_lock_spares_the_rows_of_other_runs(world: World) -> None:
    """The Runs tab is sorted just when the failed run completes its row; both rows end up right."""
    world.list_customers()
    world.run_at(FIRST)
    world.sheets.fail(403, path=":batchUpdate$", nth=2)
    tab = world.person.tab("Runs")
    before_write(world, 3, lambda: tab.sort_range("A2:R3", 0))
    result = world.run_at(NEXT)
    assert result.failure is not None
    rows = {row["Run ID"]: row for row in world.rows("Runs")}
    assert len(rows) == 2
    assert rows.pop(result.run_id)["Outcome"] == "failed"
    (first_run,) = rows.values()
    assert first_run["Outcome"] == "ok"
    assert first_run["Message"] == ""


def test_misplaced_cells_of_the_last_round_are_restored_too(world: World) -> None:
    """While a person never stops editing, the run gives up on its numbers but leaves none of them in users' cells."""
    world.list_customers()
    world.run_at(FIRST)
    tab = world.person.tab("Seat Report")
    width = len(world.grid()[0])
    tab.insert_columns(width, right=True)
    tab.paste((0, width), [["Notes"], *([f"note {row}"] for row in range(2, world.tab().row_count))])
    noted = {row["Tenant ID"] + row["Customer ID"]: row["Notes"] for row in world.rows()}

    def move(request: Logged) -> None:
        if request.method == "POST" and "repeatCell" in request.kinds:
            tab.insert_columns(0)

    world.sheets.before_request = move
    result = world.run_at(NEXT)
    world.sheets.before_request = None
    assert [problem.kind for problem in result.problems if problem.kind == "spreadsheet-busy"]
    assert {row["Tenant ID"] + row["Customer ID"]: row["Notes"] for row in world.rows()} == noted
