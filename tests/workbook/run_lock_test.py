"""Two runs never work at once: the lock, the row that says so, and what becomes of runs that died."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seat_report.clock import SystemClock
from seat_report.errors import RunUnderWayError
from seat_report.settings import load
from seat_report.workbook.plan import WorkbookPlanner
from seat_report.workbook.run_lock import RunLock
from seat_report.workbook.sheets_api.client import Spreadsheet, connect
from seat_report.workbook.tables.columns import MARK_KEY
from seat_report.workbook.tabs.runs import LOCK_ID
from tests.support.world import World

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def spreadsheet() -> Spreadsheet:
    """The spreadsheet as one run sees it."""
    settings = load()
    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    return Spreadsheet(
        client, settings.spreadsheet_id, clock=clock, deadline=clock.monotonic() + 60, column_key=MARK_KEY
    )


def run_lock(opened: Spreadsheet, run_id: str, now: datetime = NOON) -> RunLock:
    """The lock as a run of at most ten minutes finds it."""
    return RunLock(opened, "Runs", run_id=run_id, now=now, zone=BERLIN, longest=timedelta(minutes=10))


def acquire(run_id: str, now: datetime = NOON) -> None:
    """Let a run in, from what it has just read."""
    opened = spreadsheet()
    run_lock(opened, run_id, now).acquire(opened.read(["Runs"]), {"started": 46027.5, "trigger": "manual"})


def outcomes(world: World) -> dict[str, str]:
    """How the runs in the Runs tab ended."""
    return {row["Run ID"]: row["Outcome"] for row in world.rows("Runs")}


def locks(world: World) -> list[int]:
    """The ids of the locks there are."""
    tab = next(tab for tab in world.book.fetch_sheet_metadata()["sheets"] if tab["properties"]["title"] == "Runs")
    return [entry["metadataId"] for entry in tab.get("developerMetadata", []) if entry["metadataId"] == LOCK_ID]


def test_a_run_that_enters_is_seen_as_running(world: World) -> None:
    """The row is there as soon as the run has started, with the lock."""
    acquire("one")
    assert outcomes(world) == {"one": "Running"}
    assert locks(world) == [LOCK_ID]


def test_a_second_run_finds_the_first_alive_and_changes_nothing(world: World) -> None:
    """Until its own time is up and five seconds more, a run keeps others out."""
    acquire("one")
    before = world.grid("Runs")
    with pytest.raises(RunUnderWayError):
        acquire("two", NOON + timedelta(minutes=10, seconds=4))
    assert world.grid("Runs") == before


def test_after_its_time_a_run_that_said_nothing_was_interrupted(world: World) -> None:
    """The next run marks it and goes on, and its own lock is the one that stands."""
    acquire("one")
    acquire("two", NOON + timedelta(minutes=10, seconds=6))
    assert outcomes(world) == {"two": "Running", "one": "Interrupted"}
    with pytest.raises(RunUnderWayError):
        acquire("three", NOON + timedelta(minutes=11))


@pytest.mark.parametrize("dead_before", [False, True], ids=["free", "after a dead run"])
def test_of_two_that_start_in_the_same_instant_exactly_one_gets_in(world: World, dead_before: bool) -> None:
    """Both have read the same tab before either writes; Google lets one in, and the other changes nothing."""
    acquire("zero")
    if not dead_before:
        opened = spreadsheet()
        run_lock(opened, "zero").release({"outcome": "ok"})
    later = NOON + timedelta(hours=1)
    runs = [(run_id, spreadsheet()) for run_id in ("one", "two")]
    seen = [opened.read(["Runs"]) for _, opened in runs]
    refused: list[str] = []
    ready = threading.Barrier(2)

    def start(index: int) -> None:
        run_id, opened = runs[index]
        ready.wait(timeout=30)
        try:
            run_lock(opened, run_id, later).acquire(seen[index], {"started": 46027.5})
        except RunUnderWayError:
            refused.append(run_id)

    threads = [threading.Thread(target=start, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(refused) == 1
    (winner,) = {"one", "two"} - set(refused)
    assert outcomes(world) == {"zero": "Interrupted" if dead_before else "ok", winner: "Running"}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("action", [500, 503, "reset"])
def test_an_entry_whose_answer_was_lost_is_made_once(world: World, action: int | str, when: str) -> None:
    """Whether the lost write was applied or not, the run is in afterwards, with one row and one lock."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    world.sheets.fail(action, kind="createDeveloperMetadata", when=when)
    acquire("one", NOON + timedelta(hours=1))
    assert outcomes(world) == {"one": "Running", "zero": "ok"}
    assert locks(world) == [LOCK_ID]


def test_leaving_gives_the_lock_back_and_only_ones_own(world: World) -> None:
    """A run that was taken for dead does not take the lock of the one that went on."""
    acquire("one")
    acquire("two", NOON + timedelta(hours=1))
    run_lock(spreadsheet(), "one").release({"outcome": "failed"})
    assert locks(world) == [LOCK_ID]
    run_lock(spreadsheet(), "two").release({"outcome": "ok"})
    assert locks(world) == []
    assert outcomes(world) == {"two": "ok", "one": "failed"}


def test_a_lock_id_that_google_refuses_for_good_does_not_keep_everybody_out(world: World) -> None:
    """If the id can't be made again although nobody holds it, the row alone keeps runs apart."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    world.sheets.fail(400, kind="createDeveloperMetadata", times=3)
    acquire("one", NOON + timedelta(hours=1))
    assert outcomes(world) == {"one": "Running", "zero": "ok"}
    assert locks(world) == []


def test_without_the_runs_tab_a_run_makes_it_again(world: World) -> None:
    """A person deletes the Runs tab while a run is under way: the run ends well and its row is there again."""
    world.list_customers()
    world.run()

    def delete_once(_request: object) -> None:
        world.sheets.before_request = None
        world.book.del_worksheet(world.tab("Runs"))

    world.sheets.before_request = delete_once
    answer = world.run()
    assert answer["outcome"] == "ok"
    assert list(outcomes(world).values()) == ["ok"]
    assert locks(world) == []


def test_the_url_says_409_and_to_the_scheduler_202(world: World) -> None:
    """Another run alive in the spreadsheet is a conflict, but to the scheduler a delivery that came twice."""
    world.list_customers()
    acquire("one", world.clock.now())
    assert world.run(expect=409)["status"] == 409
    answer = world.function.post("/", headers={"X-CloudScheduler": "true"})
    assert answer.status_code == 202


def test_an_error_that_nobody_expected_gives_the_lock_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error inside the run the next one need not wait until this one's time is up."""
    world.list_customers()
    with monkeypatch.context() as broken:
        broken.delattr(WorkbookPlanner, "plan")
        with pytest.raises(AttributeError):
            world.run_at("2026-01-05 06:00")
    assert list(outcomes(world).values()) == ["failed"]
    assert world.run_at("2026-01-05 06:01").outcome == "ok"
