"""What the form shows of the spreadsheet: the last runs, customers by name; the form opens without it."""

import html
import re
import threading

import pytest

from seat_report import recent_runs
from seat_report.clock import Clock
from seat_report.errors import SpreadsheetError
from seat_report.recent_runs import RecentRuns, read_recent_runs
from seat_report.settings import Settings, load
from tests.support.world import World

BROWSER = {"Accept": "text/html"}


def form(world: World) -> str:
    """The form, as a browser gets it."""
    response = world.function.get("/", headers=BROWSER)
    assert response.status_code == 200
    return html.unescape(response.text)


def test_the_last_runs_newest_first(world: World) -> None:
    """With when, by whom and how; the form links the spreadsheet."""
    world.list_customers()
    for day in range(1, 8):
        world.run_at(f"2026-01-{day:02} 06:00", trigger="schedule", by="daily job")
    found = recent(world)
    assert [f"{run.started:%m-%d %H:%M}" for run in found.runs if run.started] == [
        f"01-0{day} 07:00" for day in (7, 6, 5, 4, 3)
    ]
    assert {(run.trigger, run.by, run.outcome) for run in found.runs} == {("schedule", "daily job", "ok")}
    page = form(world)
    assert "2026-01-07 07:00" in page
    assert f'<a href="{found.spreadsheet_url}">spreadsheet</a>' in page


def test_customers_are_chosen_by_name(world: World) -> None:
    """Those that are included, by name; text from the tab is escaped; the IDs of others stay in the field below."""
    world.put(
        "Customers",
        [["Customer ID", "Customer", "Include"], ["c-2", "<b>Zed"], ["c-1", "alder"], ["c-3", ""], ["c-4", "No", "no"]],
    )
    page = world.function.get("/?customer_id=c-1&customer_id=c-9", headers=BROWSER).text
    options = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)</option>', page)
    assert options == [("c-2", "", "&lt;b&gt;Zed"), ("c-1", " selected", "alder"), ("c-3", "", "c-3")]
    assert re.search(r"<textarea[^>]*>\s*c-9</textarea>", page)


def test_the_form_opens_without_the_spreadsheet(world: World) -> None:
    """It says so, and nothing else is missing."""
    world.configure(SPREADSHEET_ID="elsewhere-0123456789-0123456789-0123456789")
    page = form(world)
    assert "The spreadsheet could not be read just now" in page
    assert "Preview changes" in page


def test_a_customers_tab_that_cannot_be_used_costs_only_the_names(world: World) -> None:
    """The last runs are shown, as is the field for IDs."""
    world.list_customers()
    world.run()
    world.put("Customers", [["Who", "What"], ["x", "y"]])
    found = recent(world)
    assert (len(found.runs), found.customers) == (1, ())
    assert "could not be read just now" not in form(world)


def test_the_form_waits_a_few_seconds_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if finding credentials takes longer than any request may."""
    released = threading.Event()

    def read(_settings: Settings, _clock: Clock) -> RecentRuns:
        released.wait(60)
        raise SpreadsheetError("Nobody waits for this any more.")

    monkeypatch.setattr(recent_runs, "_SECONDS", 0.01)
    monkeypatch.setattr(recent_runs, "_read", read)
    try:
        assert read_recent_runs(load(), world.clock) is None
    finally:
        released.set()


def recent(world: World) -> RecentRuns:
    """What the form would show."""
    found = read_recent_runs(load(), world.clock)
    assert found is not None
    return found
