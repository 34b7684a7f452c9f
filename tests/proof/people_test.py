"""A person in the way, between any two requests of a run: nothing of theirs is lost, and the numbers come right."""

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching
from tests.emulators.sheets.conduct import Logged
from tests.proof import reading
from tests.proof.deeds import Deed, deeds
from tests.proof.sampling import chosen
from tests.proof.stage import BUSY, SITUATIONS, Situation, Stage

NUMBERS = (reading.REPORT, reading.BY_CUSTOMER, reading.HISTORY)


@dataclass(frozen=True)
class Seen:
    """A workbook as it is judged: what is people's, and every row of ours, table by table."""

    peoples: reading.Peoples
    tables: Mapping[str, Mapping[Hashable, Any]]
    rows: Mapping[str, int]

    @classmethod
    def of(cls, stage: Stage) -> "Seen":
        """As it stands."""
        there = stage.snapshot()
        tables = {title: reading.ours(there, title) for title in reading.TABLES}
        counts = {title: len(rows) for title, rows in tables.items()}
        return cls(reading.peoples(there), {title: dict(rows) for title, rows in tables.items()}, counts)


class Person:
    """Does deeds while a run is under way: each before the request of its number; 0 is never.

    Afterwards it knows what people had right after the last deed.
    """

    def __init__(self, stage: Stage, deeds_by_request: Mapping[int, Deed]) -> None:
        self._stage = stage
        self._deeds = deeds_by_request
        self._requests = 0
        self.seen: Seen | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is but one deed."""
        return len(self._deeds) == 1

    @property
    def is_done(self) -> bool:
        """Whether the run has made as many requests as it takes for the last deed."""
        return self._requests >= max(self._deeds)

    def __call__(self, _: Logged) -> None:
        """Act when it is time."""
        self._requests += 1
        if self._requests in self._deeds:
            self._do(self._deeds[self._requests])

    def act(self) -> None:
        """Do all deeds at once."""
        for deed in self._deeds.values():
            self._do(deed)

    def _do(self, deed: Deed) -> None:
        deed.do(self._stage.world.book, self._stage.snapshot())
        self.seen = Seen.of(self._stage)


def ended(stage: Stage, situation: Situation, person: Person, *, before_run: bool) -> Seen:
    """What two runs leave if somebody acts before the first or between them, when no run is under way."""
    stage.put_back()
    if before_run:
        person.act()
    stage.run(situation.moments[0])
    if not before_run:
        person.act()
    stage.run(situation.moments[1])
    return Seen.of(stage)


def aside(stage: Stage, situation: Situation, deed: Deed) -> list[Seen]:
    """What may be left in the end: what comes of a deed that no run was disturbed by, before or after it."""
    return [ended(stage, situation, Person(stage, {0: deed}), before_run=before) for before in (True, False)]


def wrong(
    stage: Stage, situation: Situation, person: Person, allowed: Sequence[Seen], lost: tuple[int, str] | None = None
) -> Iterator[str]:
    """Everything that is wrong after a run that a person disturbed, and after the next; `allowed` may be left by it.

    `lost` says what becomes of the write of the numbers: how it is answered, and `before` or `after` it is done.
    """
    stage.put_back()
    _lose(stage, lost)
    past = Seen.of(stage).tables[reading.RUNS]
    stage.world.sheets.before_request = person
    first = stage.run(situation.moments[0])
    stage.world.sheets.before_request = None
    if person.seen is None or not person.is_done:
        return
    # With several deeds, what is seen after the last may show what went astray before it.
    held = person.seen if person.is_single else allowed[0]
    if first.failure is not None:
        yield f"the run failed: {first.failure}"
    yield from _lost(held, Seen.of(stage), "after the run")
    second = stage.run(situation.moments[1])
    if second.failure is not None:
        yield f"the next run failed: {second.failure}"
    left = Seen.of(stage)
    yield from _lost(held, left, "after the next run")
    for title in NUMBERS:
        if left.tables[title] not in [other.tables[title] for other in allowed]:
            yield f"{title} is wrong: {_differences(allowed[0].tables[title], left.tables[title])}"
        if left.rows[title] not in [other.rows[title] for other in allowed]:
            yield f"{title} has {left.rows[title]} rows"
    yield from _past_lost(past, held.tables[reading.RUNS] if person.is_single else past, left.tables[reading.RUNS])


def _past_lost(
    past: Mapping[Hashable, Any], held: Mapping[Hashable, Any], left: Mapping[Hashable, Any]
) -> Iterator[str]:
    """What the Runs tab no longer says of the runs before."""
    standing = held.keys() & past.keys()
    for run_id in standing:
        if left.get(run_id) != held[run_id]:
            yield f"of the past: {held[run_id]} became {left.get(run_id)}"
    if len(left) - len(standing) not in (1, 2):
        yield f"{len(left) - len(standing)} runs"


def _differences(wanted: Mapping[Any, Any], found: Mapping[Any, Any]) -> Any:
    told = {}
    for key in {*wanted, *found}:
        one, other = wanted.get(key), found.get(key)
        if one != other and isinstance(one, dict) and isinstance(other, dict):
            told[key] = _differences(one, other)
        elif one != other:
            told[key] = (one, other)
    return told


def _lost(held: Seen, left: Seen, when: str) -> Iterator[str]:
    """What of people's is no more where it was, and what stands there that is not theirs."""
    before, after = held.peoples.beside, left.peoples.beside
    # A formula that all rows share comes and goes with a row.
    before = {place: told for place, told in before.items() if told != "a formula" or place in after}
    after = {place: told for place, told in after.items() if told != "a formula" or place in before}
    if gone := _differences(before, after):
        yield f"beside {when}: {gone}"
    if gone := Counter(held.peoples.rows) - Counter(left.peoples.rows):
        yield f"lost {when}: {dict(gone)}"
    if more := Counter(left.peoples.rows) - Counter(held.peoples.rows):
        yield f"strange {when}: {dict(more)}"


def _lose(stage: Stage, lost: tuple[int, str] | None) -> None:
    if lost is not None:
        stage.world.sheets.fail(lost[0], nth=2, when=lost[1], method="POST")


def nothing_is_wrong(stage: Stage, situation: Situation, deed: Deed, lost: tuple[int, str] | None = None) -> None:
    """Let a person do it before any request of a run in turn, whose write of the numbers may be `lost`; all is well."""
    stage.in_situation(situation)
    _lose(stage, lost)
    stage.run(situation.moments[0])
    gaps = list(range(2, len(stage.world.sheets.requests) + 1))
    allowed = aside(stage, situation, deed)
    for gap in chosen(gaps, 1):
        assert list(wrong(stage, situation, Person(stage, {gap: deed}), allowed, lost)) == [], gap


DEEDS = list(deeds())
CASES = [(situation, deed) for situation in SITUATIONS for deed in DEEDS]


@pytest.mark.parametrize(("situation", "deed"), chosen(CASES, 6), ids=str)
def test_a_person_in_the_way_loses_nothing(stage: Stage, situation: Situation, deed: Deed) -> None:
    """Whatever a person does before any request of a run, their words stay where they were and numbers come right."""
    nothing_is_wrong(stage, situation, deed)


# A row right behind one that the run removes may come back if somebody deletes it: whose deed was which can't be told.
IN_PIECES = [deed for deed in DEEDS if str(deed) != "Seat Report: delete a row in the middle"]


@pytest.mark.parametrize("deed", chosen(IN_PIECES, 1), ids=str)
def test_a_person_in_the_way_of_a_write_in_pieces_loses_nothing(
    stage: Stage, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large write goes in pieces, and whatever a person does between them, the same holds."""
    monkeypatch.setattr(batching, "BATCH_BYTES", 4_000)
    nothing_is_wrong(stage, BUSY, deed)


TYPING = [
    (situation, deed, lost)
    for situation in SITUATIONS
    for deed in DEEDS
    for lost in ((503, "before"), (503, "after"), (400, "before"))
    if deed.name == "type"
]


@pytest.mark.parametrize(("situation", "deed", "lost"), chosen(TYPING, 1), ids=str)
def test_what_a_person_types_stays(stage: Stage, situation: Situation, deed: Deed, lost: tuple[int, str]) -> None:
    """Even if it is what the report meant to write elsewhere, and that was refused or its answer was lost."""
    nothing_is_wrong(stage, situation, deed, lost)


# What only moves and adds: whatever becomes of it, nothing may go.
MOVING = [deed for deed in DEEDS if not deed.name.startswith(("delete", "rename", "change", "type"))]


@pytest.mark.parametrize("seed", chosen(range(150), 1))
def test_a_person_who_goes_on_and_on_loses_nothing(stage: Stage, seed: int) -> None:
    """Two deeds between the requests of one run: what people had before is where it was after the next."""
    chance = random.Random(seed)
    situation = chance.choice(SITUATIONS[1:])
    stage.in_situation(situation)
    gaps = sorted(chance.sample(range(2, 6), 2))
    # Where both strike the tab of the runs, a line of the report's own may be left over there.
    elsewhere = [deed for deed in MOVING if deed.title != reading.RUNS]
    doing = {gaps[0]: chance.choice(MOVING), gaps[1]: chance.choice(elsewhere)}
    allowed = [ended(stage, situation, Person(stage, doing), before_run=before) for before in (True, False)]
    assert list(wrong(stage, situation, Person(stage, doing), allowed)) == [], {gap: str(doing[gap]) for gap in gaps}
