"""Two runs never work at once: the lock, the row of a running run, and what happens to runs that died."""

import threading
from dataclasses import replace
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
from seat_report.workbook.tabs.runs import LOCK_ID, LOCK_KEY, UnderWay, under_way
from tests.support.world import World

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def spreadsheet() -> Spreadsheet:
    """The spreadsheet, opened by one run."""
    settings = load()
    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    return Spreadsheet(
        client, settings.spreadsheet_id, clock=clock, deadline=clock.monotonic() + 60, column_key=MARK_KEY
    )


def run_lock(opened: Spreadsheet, run_id: str, now: datetime = NOON) -> RunLock:
    """The lock of a run of at most ten minutes."""
    return RunLock(opened, "Runs", run_id=run_id, now=now, zone=BERLIN, longest=timedelta(minutes=10))


def acquire(run_id: str, now: datetime = NOON) -> None:
    """Acquire the lock for a run that has just read the Runs tab."""
    opened = spreadsheet()
    run_lock(opened, run_id, now).acquire(opened.read(["Runs"]), {"started": 46027.5, "trigger": "manual"})


def outcomes(world: World) -> dict[str, str]:
    """The outcomes in the Runs tab, by run."""
    return {row["Run ID"]: row["Outcome"] for row in world.rows("Runs")}


def locks(world: World, title: str = "Runs") -> list[int]:
    """The ids of the locks on the tab of this title."""
    tab = next(tab for tab in world.book.fetch_sheet_metadata()["sheets"] if tab["properties"]["title"] == title)
    return [entry["metadataId"] for entry in tab.get("developerMetadata", []) if entry["metadataId"] == LOCK_ID]


def test_a_run_that_acquires_the_lock_is_listed_as_running(world: World) -> None:
    """Its row is written together with the lock."""
    acquire("one")
    assert outcomes(world) == {"one": "Running"}
    assert locks(world) == [LOCK_ID]


def test_a_second_run_is_refused_and_changes_nothing(world: World) -> None:
    """A run holds the lock until five seconds after its maximum duration."""
    acquire("one")
    before = world.grid("Runs")
    with pytest.raises(RunUnderWayError):
        acquire("two", NOON + timedelta(minutes=10, seconds=4))
    assert world.grid("Runs") == before


def test_a_run_whose_lock_has_expired_is_marked_as_interrupted(world: World) -> None:
    """The next run marks it and acquires the lock."""
    acquire("one")
    acquire("two", NOON + timedelta(minutes=10, seconds=6))
    assert outcomes(world) == {"two": "Running", "one": "Interrupted"}
    with pytest.raises(RunUnderWayError):
        acquire("three", NOON + timedelta(minutes=11))


@pytest.mark.parametrize("dead_before", [False, True], ids=["free", "after a dead run"])
def test_of_two_runs_that_start_at_the_same_instant_exactly_one_acquires(world: World, dead_before: bool) -> None:
    """Both have read the same tab before either writes; Google accepts one, and the other changes nothing."""
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
def test_a_lock_is_acquired_once_though_the_response_was_lost(world: World, action: int | str, when: str) -> None:
    """Whether or not the lost write was applied, the run holds the lock afterwards, with one row and one entry."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    world.sheets.fail(action, kind="createDeveloperMetadata", when=when)
    acquire("one", NOON + timedelta(hours=1))
    assert outcomes(world) == {"one": "Running", "zero": "ok"}
    assert locks(world) == [LOCK_ID]


def test_a_run_releases_only_its_own_lock(world: World) -> None:
    """A run that was taken for dead does not release the lock of the next one."""
    acquire("one")
    acquire("two", NOON + timedelta(hours=1))
    run_lock(spreadsheet(), "one").release({"outcome": "failed"})
    assert locks(world) == [LOCK_ID]
    run_lock(spreadsheet(), "two").release({"outcome": "ok"})
    assert locks(world) == []
    assert outcomes(world) == {"two": "ok", "one": "failed"}


def put_lock(world: World, value: str) -> None:
    """Put a lock of this value on the Runs tab."""
    location = {"sheetId": world.tab("Runs").id}
    entry = {"metadataId": LOCK_ID, "metadataKey": LOCK_KEY, "metadataValue": value, "visibility": "DOCUMENT"}
    request = {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": location}}}
    world.book.batch_update({"requests": [request]})


@pytest.mark.parametrize(
    ("until", "is_held"),
    [
        (timedelta(seconds=1), True),
        (timedelta(seconds=3605), True),
        (timedelta(seconds=3605 + 90), False),
        (timedelta(days=3650), False),
        (timedelta(0), False),
        (timedelta(days=-3650), False),
    ],
    ids=str,
)
def test_no_lock_is_believed_for_longer_than_a_run_can_take(world: World, until: timedelta, is_held: bool) -> None:
    """A lock until some far year is no run's: the next one gets in and takes it away."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    put_lock(world, f"one {(NOON + until).isoformat()}")
    if is_held:
        with pytest.raises(RunUnderWayError):
            acquire("two")
    else:
        acquire("two")
        assert outcomes(world)["two"] == "Running"
        assert locks(world) == [LOCK_ID]
        with pytest.raises(RunUnderWayError):
            acquire("three")


@pytest.mark.parametrize(
    ("start", "is_held"),
    [
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-11), False),
        (timedelta(seconds=30), True),
        (timedelta(minutes=2), False),
        (timedelta(days=800), False),
        (timedelta(days=-40_000), False),
        (timedelta(days=2_900_000), False),
    ],
    ids=str,
)
def test_a_row_written_by_hand_blocks_no_longer_than_a_run(world: World, start: timedelta, is_held: bool) -> None:
    """A `Running` row that starts in the future or long ago is no run under way, and is marked as interrupted."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    noon_in_berlin = 46027.5 + 1 / 24
    started = noon_in_berlin + start / timedelta(days=1)
    world.tab("Runs").append_row([started, "", "", "", "", "Running", *[""] * 11, "by hand"])
    if is_held:
        with pytest.raises(RunUnderWayError):
            acquire("two")
    else:
        acquire("two")
        assert outcomes(world) == {"two": "Running", "zero": "ok", "by hand": "Interrupted"}


@pytest.mark.parametrize("is_replaced", [False, True], ids=["gone", "replaced"])
def test_a_lock_holds_though_its_tab_was_renamed(world: World, is_replaced: bool) -> None:
    """The next runs are refused until the lock expires, then one of them gets in and takes the lock to its own tab."""
    acquire("one")
    world.tab("Runs").update_title("Runs of old")
    if is_replaced:
        world.book.add_worksheet("Runs", 100, 26)
    with pytest.raises(RunUnderWayError):
        acquire("two", NOON + timedelta(minutes=1))
    later = NOON + timedelta(minutes=11)
    acquire("three", later)
    with pytest.raises(RunUnderWayError):
        acquire("four", later)
    assert (locks(world, "Runs of old"), locks(world)) == ([], [LOCK_ID])
    assert outcomes(world) == {"three": "Running"}
    run_lock(spreadsheet(), "three").release({"outcome": "ok"})
    assert locks(world) == []


def test_a_run_whose_tab_was_renamed_releases_its_lock(world: World) -> None:
    """It writes its row again, and the next run gets in at once."""
    acquire("one")
    world.tab("Runs").update_title("Runs of old")
    run_lock(spreadsheet(), "one").release({"outcome": "ok"})
    assert locks(world, "Runs of old") == []
    acquire("two", NOON + timedelta(minutes=1))
    assert outcomes(world) == {"two": "Running", "one": "ok"}


def test_a_lock_id_that_google_keeps_refusing_does_not_block_all_runs(world: World) -> None:
    """If the id can't be created again although nobody holds the lock, the row alone keeps runs apart."""
    acquire("zero")
    run_lock(spreadsheet(), "zero").release({"outcome": "ok"})
    world.sheets.fail(400, kind="createDeveloperMetadata", times=3)
    acquire("one", NOON + timedelta(hours=1))
    assert outcomes(world) == {"one": "Running", "zero": "ok"}
    assert locks(world) == []


def test_a_deleted_runs_tab_is_recreated(world: World) -> None:
    """A person deletes the Runs tab during a run: the run ends well and writes its row again."""
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


def test_a_run_that_was_killed_is_answered_with_409_and_to_the_scheduler_with_503(world: World) -> None:
    """Until its lock expires it keeps others out; the scheduler's work is done when it comes again after that."""
    world.list_customers()
    acquire("one", world.clock.now())
    assert world.run(expect=409)["status"] == 409
    scheduler = {"X-CloudScheduler": "true"}
    answer = world.function.post("/", headers=scheduler)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "605")
    assert outcomes(world) == {"one": "Running"}
    world.clock.moment += timedelta(seconds=605)
    assert world.function.post("/", headers=scheduler).get_json()["outcome"] == "ok"


@pytest.mark.usefixtures("world")
def test_a_row_without_a_lock_counts_by_its_start() -> None:
    """If Google kept refusing the lock, the newest running row says how long others wait."""
    acquire("one")
    tab = spreadsheet().read(["Runs"]).tab("Runs")
    assert tab is not None
    without_lock = replace(tab, entries=())
    longest = timedelta(minutes=10)
    begun = NOON - timedelta(hours=1)
    assert under_way(without_lock, begun, BERLIN, longest) == UnderWay(
        begun + longest, "manual", started="2026-01-05 12:00", run_id="one"
    )
    assert under_way(without_lock, begun + longest, BERLIN, longest) is None


def test_an_unexpected_error_releases_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run need not wait until the lock expires."""
    world.list_customers()
    with monkeypatch.context() as broken:
        broken.delattr(WorkbookPlanner, "plan")
        with pytest.raises(AttributeError):
            world.run_at("2026-01-05 06:00")
    assert list(outcomes(world).values()) == ["failed"]
    assert world.run_at("2026-01-05 06:01").outcome == "ok"
