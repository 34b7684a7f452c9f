"""A person acts between any two requests of a run: none of their content is lost, and the numbers end up right."""

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching
from tests.emulators.sheets.conduct import Logged
from tests.proof import reading
from tests.proof.actions import Action, all_actions
from tests.proof.sampling import chosen
from tests.proof.stage import BUSY, SITUATIONS, Situation, Stage

NUMBERS = (reading.REPORT, reading.BY_CUSTOMER, reading.BILLING, reading.HISTORY)


@dataclass(frozen=True)
class WorkbookState:
    """What is compared of a workbook: people's content, and every row of ours by table."""

    peoples: reading.Peoples
    tables: Mapping[str, Mapping[Hashable, Any]]
    row_counts: Mapping[str, int]

    @classmethod
    def of(cls, stage: Stage) -> "WorkbookState":
        """The current state."""
        snapshot = stage.snapshot()
        tables = {title: reading.ours(snapshot, title) for title in reading.TABLES}
        counts = {title: len(rows) for title, rows in tables.items()}
        return cls(reading.peoples(snapshot), {title: dict(rows) for title, rows in tables.items()}, counts)


class Person:
    """Performs actions while a run is under way, each before the request with its number (0: never).

    Afterwards it holds the workbook's state right after its last action.
    """

    def __init__(self, stage: Stage, actions_by_request: Mapping[int, Action]) -> None:
        self._stage = stage
        self._actions = actions_by_request
        self._requests = 0
        self.state_after: WorkbookState | None = None

    @property
    def has_one_action(self) -> bool:
        """Whether there is only one action."""
        return len(self._actions) == 1

    @property
    def is_done(self) -> bool:
        """Whether the run has made enough requests to reach the last action."""
        return self._requests >= max(self._actions)

    def __call__(self, _: Logged) -> None:
        """Count the request, and act if it is time."""
        self._requests += 1
        if self._requests in self._actions:
            self._perform(self._actions[self._requests])

    def act(self) -> None:
        """Perform all actions at once."""
        for action in self._actions.values():
            self._perform(action)

    def _perform(self, action: Action) -> None:
        action.perform(self._stage.world.person, self._stage.snapshot())
        self.state_after = WorkbookState.of(self._stage)


def final_state(stage: Stage, situation: Situation, person: Person, *, before_run: bool) -> WorkbookState:
    """The state after two runs if the person acts before the first or between them, while no run is under way."""
    stage.put_back()
    if before_run:
        person.act()
    stage.run(situation.moments[0])
    if not before_run:
        person.act()
    stage.run(situation.moments[1])
    return WorkbookState.of(stage)


def undisturbed_states(stage: Stage, situation: Situation, actions: Mapping[int, Action]) -> list[WorkbookState]:
    """The acceptable final states: those that the same actions lead to before and after a run."""
    return [final_state(stage, situation, Person(stage, actions), before_run=before) for before in (True, False)]


def violations(
    stage: Stage,
    situation: Situation,
    person: Person,
    allowed: Sequence[WorkbookState],
    failed_write: tuple[int, str] | None = None,
) -> Iterator[str]:
    """Everything that is wrong after a run that a person disturbed and after the next, whose state must be `allowed`.

    `failed_write` makes the write of the numbers fail: the status of its response, and whether that comes `before` or
    `after` the write is carried out.
    """
    stage.put_back()
    _fail_write(stage, failed_write)
    past_runs = WorkbookState.of(stage).tables[reading.RUNS]
    stage.world.sheets.before_request = person
    first = stage.run(situation.moments[0])
    stage.world.sheets.before_request = None
    if person.state_after is None or not person.is_done:
        return
    # With several actions, the state after the last may already show a write that hit the wrong cells before it.
    expected = person.state_after if person.has_one_action else allowed[0]
    if first.failure is not None:
        yield f"the run failed: {first.failure}"
    yield from _lost_content(expected, WorkbookState.of(stage), "after the run")
    second = stage.run(situation.moments[1])
    if second.failure is not None:
        yield f"the next run failed: {second.failure}"
    actual = WorkbookState.of(stage)
    yield from _lost_content(expected, actual, "after the next run")
    for title in NUMBERS:
        if actual.tables[title] not in [state.tables[title] for state in allowed]:
            yield f"{title} is wrong: {_differences(allowed[0].tables[title], actual.tables[title])}"
        if actual.row_counts[title] not in [state.row_counts[title] for state in allowed]:
            yield f"{title} has {actual.row_counts[title]} rows"
    expected_runs = expected.tables[reading.RUNS] if person.has_one_action else past_runs
    yield from _lost_runs(past_runs, expected_runs, actual.tables[reading.RUNS])


def _lost_runs(
    past: Mapping[Hashable, Any], expected: Mapping[Hashable, Any], actual: Mapping[Hashable, Any]
) -> Iterator[str]:
    """Past runs that the Runs tab lost or changed."""
    kept = expected.keys() & past.keys()
    for run_id in kept:
        if actual.get(run_id) != expected[run_id]:
            yield f"past run changed: {expected[run_id]} became {actual.get(run_id)}"
    if len(actual) - len(kept) not in (1, 2):
        yield f"{len(actual) - len(kept)} runs"


def _differences(expected: Mapping[Any, Any], actual: Mapping[Any, Any]) -> Any:
    differences = {}
    for key in {*expected, *actual}:
        before, after = expected.get(key), actual.get(key)
        if before != after and isinstance(before, dict) and isinstance(after, dict):
            differences[key] = _differences(before, after)
        elif before != after:
            differences[key] = (before, after)
    return differences


def _lost_content(expected: WorkbookState, actual: WorkbookState, when: str) -> Iterator[str]:
    """People's content that is no longer where it was, and foreign content in its place."""
    before, after = expected.peoples.beside, actual.peoples.beside
    # A formula that all rows share appears and disappears with its row.
    before = {place: value for place, value in before.items() if value != "a formula" or place in after}
    after = {place: value for place, value in after.items() if value != "a formula" or place in before}
    if changed := _differences(before, after):
        yield f"changed beside our rows {when}: {changed}"
    if missing := Counter(expected.peoples.rows) - Counter(actual.peoples.rows):
        yield f"lost {when}: {dict(missing)}"
    if extra := Counter(actual.peoples.rows) - Counter(expected.peoples.rows):
        yield f"unexpected {when}: {dict(extra)}"


def _fail_write(stage: Stage, failed_write: tuple[int, str] | None) -> None:
    if failed_write is not None:
        stage.world.sheets.fail(failed_write[0], nth=2, when=failed_write[1], method="POST")


def assert_no_violations(
    stage: Stage, situation: Situation, action: Action, failed_write: tuple[int, str] | None = None
) -> None:
    """Perform the action before each request of a run in turn, perhaps with a failed write; nothing may go wrong."""
    stage.in_situation(situation)
    _fail_write(stage, failed_write)
    stage.run(situation.moments[0])
    gaps = list(range(2, len(stage.world.sheets.requests) + 1))
    allowed = undisturbed_states(stage, situation, {0: action})
    for gap in chosen(gaps, 1):
        assert list(violations(stage, situation, Person(stage, {gap: action}), allowed, failed_write)) == [], gap


ACTIONS = list(all_actions())
CASES = [(situation, action) for situation in SITUATIONS for action in ACTIONS]


@pytest.mark.parametrize(("situation", "action"), chosen(CASES, 1), ids=str)
def test_a_person_acting_during_a_run_loses_nothing(stage: Stage, situation: Situation, action: Action) -> None:
    """Whatever a person does before any request of a run, their content stays in place and the numbers end up right."""
    assert_no_violations(stage, situation, action)


# A row right behind one that the run removes may come back if somebody deletes it: who deleted which is undecidable.
IN_PIECES = [action for action in ACTIONS if str(action) != "Seat Report: delete a row in the middle"]


@pytest.mark.parametrize("action", chosen(IN_PIECES, 1), ids=str)
def test_a_person_acting_during_a_write_in_pieces_loses_nothing(
    stage: Stage, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large write is sent in pieces, and the same holds whatever a person does between them."""
    monkeypatch.setattr(batching, "BATCH_BYTES", 4_000)
    assert_no_violations(stage, BUSY, action)


TYPING = [
    (situation, action, failed_write)
    for situation in SITUATIONS
    for action in ACTIONS
    for failed_write in ((503, "before"), (503, "after"), (400, "before"))
    if action.name == "type"
]


@pytest.mark.parametrize(("situation", "action", "failed_write"), chosen(TYPING, 1), ids=str)
def test_what_a_person_types_stays(
    stage: Stage, situation: Situation, action: Action, failed_write: tuple[int, str]
) -> None:
    """Even if the report meant to write the same elsewhere, and that was refused or its response was lost."""
    assert_no_violations(stage, situation, action, failed_write)


# Actions that only move and add: whatever happens to the write, nothing may be lost. A filter's button moves rows away
# from what people wrote beside them, so what is beside a row depends on when it was used.
_LOSING = ("delete", "rename", "change", "type", "sort with the filter's button")
MOVING = [action for action in ACTIONS if not action.name.startswith(_LOSING)]


@pytest.mark.parametrize("seed", chosen(range(150), 1))
def test_a_person_acting_twice_during_a_run_loses_nothing(stage: Stage, seed: int) -> None:
    """Two actions between the requests of one run: after the next run people's content is where it was before."""
    chance = random.Random(seed)
    situation = chance.choice(SITUATIONS[1:])
    stage.in_situation(situation)
    gaps = sorted(chance.sample(range(2, 6), 2))
    # If both change the Runs tab, a row of the report's own may be left over there.
    elsewhere = [action for action in MOVING if action.title != reading.RUNS]
    actions = {gaps[0]: chance.choice(MOVING), gaps[1]: chance.choice(elsewhere)}
    allowed = undisturbed_states(stage, situation, actions)
    assert list(violations(stage, situation, Person(stage, actions), allowed)) == [], {
        gap: str(actions[gap]) for gap in gaps
    }
