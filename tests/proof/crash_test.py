"""Whenever the process is killed, whatever becomes of a write: the workbook comes to say what it should."""

import itertools
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching, client
from tests.proof import reading
from tests.proof.process import killed
from tests.proof.sampling import IS_COMPLETE, chosen
from tests.proof.stage import SITUATIONS, Situation, Stage

# Each written at once, and in pieces of a few rows each.
CASES = list(itertools.product(SITUATIONS, (None, 4_000)))
_TIMING = ("finished", "seconds")


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request that is never answered time out at once."""
    monkeypatch.setattr(client, "REQUEST_SECONDS", 0.5)


def contents(stage: Stage) -> dict[str, Any]:
    """All that the workbook says and holds, but for the Runs tab; rows in their order."""
    there = stage.snapshot()
    return {title: reading.whole(there.tab(title)) for title in reading.TITLES if title != reading.RUNS}


def rows_apart(contents_: dict[str, Any]) -> dict[str, Any]:
    """The same with the tables' rows as sets.

    An interrupted run may have placed new rows of several customers before the next one looks for the last row of
    ours, so their order among themselves may differ; where a row stands says nothing. Formulas name their own row.
    """
    told = {}
    for title, rows in contents_.items():
        if title == reading.OVERVIEW:
            told[title] = rows
        else:
            told[title] = sorted(([(value, note) for value, _, note in row] for row in rows), key=repr)
    return told


def own_row(stage: Stage) -> dict[str, Any]:
    """The newest run's row of the Runs tab, without what can't be the same twice."""
    _, cells = reading.ours(stage.snapshot(), reading.RUNS)[0]
    return {name: value for name, value in cells.items() if name not in (*_TIMING, "run_id")}


def outcomes(stage: Stage) -> list[Any]:
    """How the runs in the Runs tab ended, newest first."""
    return [cells["outcome"][1] for _, cells in reading.ours(stage.snapshot(), reading.RUNS)]


@pytest.mark.parametrize(("situation", "batch_bytes"), chosen(CASES, 2), ids=str)
def test_a_run_killed_before_or_after_any_request_is_made_good_by_the_next(
    stage: Stage, situation: Situation, batch_bytes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at every request in turn: the next run ends with the undisturbed run's workbook, and people's words."""
    killed_at, next_at = situation.moments
    stage.in_situation(situation)
    if batch_bytes:
        monkeypatch.setattr(batching, "STEP_BYTES", batch_bytes)
        monkeypatch.setattr(batching, "BATCH_BYTES", batch_bytes)
    before = outcomes(stage) if situation.name != "first" else []
    stage.run(next_at)
    expected, own = contents(stage), own_row(stage)
    held = reading.peoples(stage.snapshot())
    stage.put_back()
    requests = _requests(stage, killed_at)
    for nth, when in chosen(list(itertools.product(range(1, requests + 1), ("before", "after"))), 3):
        stage.put_back()
        # The order of the concurrent questions, and with it their number, may vary a little.
        was_killed = killed(killed_at, nth, when, batch_bytes)
        assert was_killed or nth > requests - 2
        done = stage.run(next_at)
        assert done.failure is None, (nth, when)
        assert rows_apart(contents(stage)) == rows_apart(expected), (nth, when)
        assert reading.peoples(stage.snapshot()) == held, (nth, when)
        mine = own_row(stage)
        # What the dead run has already written is no change any more.
        counted = ("rows_added", "rows_updated", "rows_removed", "message", "requests")
        assert {n: v for n, v in mine.items() if n not in counted} == {n: v for n, v in own.items() if n not in counted}
        ended = outcomes(stage)
        assert ended[0] == own["outcome"][1]
        assert ended[-len(before) :] == before or not before
        assert all(outcome in ("Interrupted", own["outcome"][1]) for outcome in ended[: len(ended) - len(before)])
        assert len(ended) - len(before) <= 2


def _requests(stage: Stage, moment: str) -> int:
    """How many requests a run makes, to both services."""
    stage.world.sheets.requests.clear()
    earlier = len(stage.world.avepoint.log.requests())
    stage.run(moment)
    made = len(stage.world.sheets.requests) + len(stage.world.avepoint.log.requests()) - earlier
    stage.put_back()
    return made


LOST: list[tuple[int | str, str]] = [
    (429, "before"),
    (500, "before"),
    (500, "after"),
    (503, "before"),
    (503, "after"),
    ("hang", "before"),
    ("hang", "after"),
    ("reset", "before"),
    ("reset", "after"),
]


@pytest.mark.parametrize(("situation", "batch_bytes"), chosen(CASES, 2), ids=str)
def test_whatever_becomes_of_a_write_the_same_run_makes_it_good(
    stage: Stage, situation: Situation, batch_bytes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write in turn is refused for now, fails, breaks off or is never answered, done or not done."""
    stage.in_situation(situation)
    if batch_bytes:
        monkeypatch.setattr(batching, "STEP_BYTES", batch_bytes)
        monkeypatch.setattr(batching, "BATCH_BYTES", batch_bytes)
    moment = situation.moments[0]
    stage.run(moment)
    writes = sum(request.method == "POST" for request in stage.world.sheets.requests)
    expected, own = contents(stage), own_row(stage)
    ended = outcomes(stage)
    held = reading.peoples(stage.snapshot())
    for nth, (action, when) in chosen(list(itertools.product(range(1, writes + 1), LOST)), 4):
        stage.put_back()
        stage.world.sheets.fail(action, nth=nth, when=when, method="POST", seconds=2)
        done = stage.run(moment)
        assert done.failure is None, (nth, action, when)
        assert rows_apart(contents(stage)) == rows_apart(expected), (nth, action, when)
        assert reading.peoples(stage.snapshot()) == held, (nth, action, when)
        assert outcomes(stage) == ended, (nth, action, when)
        if not done.warnings:
            assert own_row(stage) == own, (nth, action, when)


def test_a_sample_says_that_it_is_one() -> None:
    """With PROOF=all nothing is left out."""
    assert chosen([1, 2, 3, 4], 2) == ([1, 2, 3, 4] if IS_COMPLETE else [1, 3])
