"""Tabs of people's that are no grid of cells, or huge: they cost a run nothing."""

from collections.abc import Iterable, Sequence

import pytest

from seat_report.workbook.sheets_api import client
from seat_report.workbook.sheets_api.snapshot import Snapshot
from seat_report.workbook.sheets_api.snapshot_parsing import parse
from tests.support.world import World


def add_tab(world: World, title: str, kind: str, rows: int = 3) -> None:
    """Add a tab of this type, which nobody can do through the API, in front of all others."""
    world.book.add_worksheet(title, rows, 26, index=0)
    found = world.sheets.store.file(world.book.id).spreadsheet.titled(title)
    assert found is not None
    found.properties["sheetType"] = kind
    # More rows of connected data than a spreadsheet can have cells.
    found.grid.row_axis.count = 3 if kind == "OBJECT" else 20_000_000


@pytest.mark.parametrize("kind", ["DATA_SOURCE", "OBJECT"])
def test_a_chart_or_connected_data_on_a_tab_of_its_own(world: World, kind: str) -> None:
    """It is no part of the report, whether it is there from the start or comes later."""
    world.list_customers()
    add_tab(world, "Foreign", kind)
    assert world.run()["outcome"] == "ok"
    assert world.report_seats() == world.service_seats()
    add_tab(world, "Later", kind)
    again = world.run()
    assert (again["outcome"], again["warnings"], again["changes"]["cells_changed"]) == ("ok", [], 0)
    titles = [tab.title for tab in world.book.worksheets()]
    assert titles.index("Overview") < titles.index("Seat Report") < titles.index("By Customer") < titles.index("Runs")


@pytest.mark.parametrize("kind", ["DATA_SOURCE", "OBJECT"])
@pytest.mark.parametrize("title", ["Overview", "Customers", "Runs"])
def test_a_tab_of_ours_without_cells(world: World, title: str, kind: str) -> None:
    """Only its owner can help, so it is an error of configuration that names the tab."""
    if title != "Customers":
        world.list_customers()
    add_tab(world, title, kind)
    answer = world.run(expect=500)
    assert repr(title) in answer["detail"]
    assert "Rename" in answer["detail"]


def test_a_huge_tab_of_peoples_is_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No response of the service to a run holds any of its cells."""
    world.list_customers()
    world.put("Ledger", [[f"secret {row}" for _ in range(20)] for row in range(200)])
    received: list[bytes] = []

    def recorded(chunks: Iterable[bytes], mark_key: str, *, content_of: Sequence[str] = ()) -> Snapshot:
        found = list(chunks)
        received.extend(found)
        return parse(found, mark_key, content_of=content_of)

    monkeypatch.setattr(client, "parse", recorded)
    assert world.run()["outcome"] == "ok"
    assert received
    assert b"secret" not in b"".join(received)
