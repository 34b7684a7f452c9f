"""Wherever the process is killed and however a write fails, the workbook ends up as it should."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching, client
from tests.proof import reading
from tests.proof.process import killed
from tests.proof.sampling import IS_COMPLETE, chosen
from tests.proof.stage import SITUATIONS, Situation, Stage

# Each written in one request, and in pieces of a few rows.
CASES = list(itertools.product(SITUATIONS, (None, 4_000)))
_TIMING_COLUMNS = ("finished", "seconds")


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a request without a response time out quickly."""
    monkeypatch.setattr(client, "REQUEST_SECONDS", 0.5)


def contents(stage: Stage) -> dict[str, Any]:
    """The contents of every tab except Runs, rows in their order.

    Without the box, which is made with the looks and so may come with the next run, and without the times at which
    customers were first seen, which may be those of a run that was killed.
    """
    snapshot = stage.snapshot()
    tabs = {title: reading.whole(snapshot.tab(title)) for title in reading.TITLES if title != reading.RUNS}
    tabs[reading.OVERVIEW] = [[cell for cell in row if cell[0][0] != "bool"] for row in tabs[reading.OVERVIEW]]
    tabs[reading.NOT_LISTED] = [
        [cell if cell[0][0] != "float" else "a time" for cell in row] for row in tabs[reading.NOT_LISTED]
    ]
    return tabs


def in_any_order(tabs: dict[str, Any]) -> dict[str, Any]:
    """The same contents with the rows of tables sorted, and without formulas, as those name their own row.

    An interrupted run may have added rows of several customers before the next one looks for our last row, so the
    order of the added rows may differ. Row order carries no meaning.
    """
    return {
        title: rows
        if title == reading.OVERVIEW
        else sorted(([cell if cell == "a time" else (cell[0], cell[2]) for cell in row] for row in rows), key=repr)
        for title, rows in tabs.items()
    }


def newest_run(stage: Stage) -> dict[str, Any]:
    """The newest row of the Runs tab, without the columns that differ in every run."""
    _, cells = reading.ours(stage.snapshot(), reading.RUNS)[0]
    return _without(cells, (*_TIMING_COLUMNS, "run_id"))


def outcomes(stage: Stage) -> list[Any]:
    """The outcomes of the runs in the Runs tab, newest first."""
    return [cells["outcome"][1] for _, cells in reading.ours(stage.snapshot(), reading.RUNS)]


@pytest.mark.parametrize(("situation", "batch_bytes"), chosen(CASES, 1), ids=str)
def test_a_run_killed_before_or_after_any_request_is_repaired_by_the_next(
    stage: Stage, situation: Situation, batch_bytes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run leaves the same workbook as an undisturbed run, with everything that people wrote."""
    killed_at, next_at = situation.moments
    stage.in_situation(situation)
    if batch_bytes:
        monkeypatch.setattr(batching, "STEP_BYTES", batch_bytes)
        monkeypatch.setattr(batching, "BATCH_BYTES", batch_bytes)
    before = outcomes(stage) if situation.name != "first" else []
    stage.run(next_at)
    expected, expected_run = contents(stage), newest_run(stage)
    peoples = reading.peoples(stage.snapshot())
    stage.put_back()
    requests = _count_requests(stage, killed_at)
    for nth, when in chosen(list(itertools.product(range(1, requests + 1), ("before", "after"))), 3):
        stage.put_back()
        # The order of concurrent queries, and with it the number of requests, may vary slightly.
        was_killed = killed(killed_at, nth, when, batch_bytes)
        assert was_killed or nth > requests - 2
        result = stage.run(next_at)
        assert result.failure is None, (nth, when)
        assert in_any_order(contents(stage)) == in_any_order(expected), (nth, when)
        assert reading.peoples(stage.snapshot()) == peoples, (nth, when)
        # What the killed run has already written is no longer a change.
        counts = ("rows_added", "rows_updated", "rows_removed", "message", "requests")
        assert _without(newest_run(stage), counts) == _without(expected_run, counts)
        actual = outcomes(stage)
        assert actual[0] == expected_run["outcome"][1]
        assert actual[-len(before) :] == before or not before
        added = actual[: len(actual) - len(before)]
        assert all(outcome in ("Interrupted", expected_run["outcome"][1]) for outcome in added)
        assert len(added) <= 2


def _without(cells: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in cells.items() if name not in names}


def _count_requests(stage: Stage, moment: str) -> int:
    """The number of requests that a run makes to both services."""
    stage.world.sheets.requests.clear()
    earlier = len(stage.world.avepoint.log.requests())
    stage.run(moment)
    count = len(stage.world.sheets.requests) + len(stage.world.avepoint.log.requests()) - earlier
    stage.put_back()
    return count


FAILURES: list[tuple[int | str, str]] = [
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


@pytest.mark.parametrize(("situation", "batch_bytes"), chosen(CASES, 1), ids=str)
def test_however_a_write_fails_the_same_run_repairs_it(
    stage: Stage, situation: Situation, batch_bytes: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write in turn is rate-limited, fails, is reset or gets no response, before or after it is carried out."""
    stage.in_situation(situation)
    if batch_bytes:
        monkeypatch.setattr(batching, "STEP_BYTES", batch_bytes)
        monkeypatch.setattr(batching, "BATCH_BYTES", batch_bytes)
    moment = situation.moments[0]
    stage.run(moment)
    writes = sum(request.method == "POST" for request in stage.world.sheets.requests)
    expected, expected_run = contents(stage), newest_run(stage)
    expected_outcomes = outcomes(stage)
    peoples = reading.peoples(stage.snapshot())
    for nth, (action, when) in chosen(list(itertools.product(range(1, writes + 1), FAILURES)), 4):
        stage.put_back()
        stage.world.sheets.fail(action, nth=nth, when=when, method="POST", seconds=2)
        result = stage.run(moment)
        assert result.failure is None, (nth, action, when)
        assert in_any_order(contents(stage)) == in_any_order(expected), (nth, action, when)
        assert reading.peoples(stage.snapshot()) == peoples, (nth, action, when)
        assert outcomes(stage) == expected_outcomes, (nth, action, when)
        if not result.warnings:
            assert newest_run(stage) == expected_run, (nth, action, when)


def test_a_sample_is_used_unless_everything_is_requested() -> None:
    """With PROOF=all no case is left out."""
    assert chosen([1, 2, 3, 4], 2) == ([1, 2, 3, 4] if IS_COMPLETE else [1, 3])
