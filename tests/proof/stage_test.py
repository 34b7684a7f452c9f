"""Tests of the stage: a situation does not depend on what happened on it before."""

from typing import Any

from tests.proof import reading
from tests.proof.actions import all_actions
from tests.proof.stage import FIRST, Situation, Stage

_PERFORMED = ("insert a row on top", "copy the tab", "change the time zone")


def _visible_state(stage: Stage) -> Any:
    """Everything that a run sees of the workbook."""
    snapshot = stage.snapshot()
    tabs = {title: reading.whole(tab) for title, tab in snapshot.tabs.items()}
    return snapshot.time_zone, tabs, snapshot.named, stage.world.grid("Customers")


def test_a_situation_leaves_nothing_behind_in_the_next(stage: Stage) -> None:
    """A leftover time zone, for example, would shift the months and with them which rows are removed."""
    stage.in_situation(FIRST)
    new = _visible_state(stage)
    stage.run(FIRST.moments[0])
    for action in all_actions():
        if action.name in _PERFORMED:
            action.perform(stage.world.person, stage.snapshot())
    stage.in_situation(Situation("another", lambda _: None, FIRST.moments))
    assert _visible_state(stage) == new
