"""Faults of a good answer on its way."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.emulators.avepoint.answers import Answer, Delivery
from tests.emulators.avepoint.faults import Fault


def _slow(fault: Fault, answer: Answer) -> Answer:
    return replace(answer, wait=1.0 if fault.seconds is None else fault.seconds)


def _dribble(fault: Fault, answer: Answer) -> Answer:
    return replace(answer, delivery=Delivery.DRIBBLE, pause=1.0 if fault.seconds is None else fault.seconds)


def _truncated(_fault: Fault, answer: Answer) -> Answer:
    return replace(answer, delivery=Delivery.TRUNCATED)


def _malformed(_fault: Fault, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[:-1] + b",")


KINDS: Mapping[str, Callable[[Fault, Answer], Answer]] = {
    "slow": _slow,
    "dribble": _dribble,
    "truncated": _truncated,
    "malformed": _malformed,
}
