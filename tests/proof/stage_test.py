"""The stage itself: each situation is what it is, whatever was played before."""

from typing import Any

from tests.proof import reading
from tests.proof.deeds import deeds
from tests.proof.stage import FIRST, Situation, Stage

_DONE = ("insert a row on top", "copy the tab", "change the time zone")


def _as_it_stands(stage: Stage) -> Any:
    """What a run sees of the workbook."""
    there = stage.snapshot()
    tabs = {title: reading.whole(tab) for title, tab in there.tabs.items()}
    return there.time_zone, tabs, there.named, stage.world.grid("Customers")


def test_nothing_of_a_situation_is_left_in_the_next(stage: Stage) -> None:
    """A time zone that stayed, say, would shift the months, and with them which rows go."""
    stage.in_situation(FIRST)
    new = _as_it_stands(stage)
    stage.run(FIRST.moments[0])
    for deed in deeds():
        if deed.name in _DONE:
            deed.do(stage.world.book, stage.snapshot())
    stage.in_situation(Situation("another", lambda _: None, FIRST.moments))
    assert _as_it_stands(stage) == new
