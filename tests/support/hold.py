"""Holds a run at AvePoint until a test lets it go on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.emulators.avepoint.answers import Answer, Received
from tests.emulators.avepoint.core import AvePoint
from tests.support.world import World

_GIVE_UP_SECONDS = 60


class Hold:
    """A run that waits for AvePoint's answer about one customer."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()

    def wait(self) -> None:
        """Return when the run has come to the customer."""
        assert self._reached.wait(_GIVE_UP_SECONDS), "the run never asked about the customer"

    def release(self) -> None:
        """Let the run go on."""
        self._released.set()

    def stop_here(self) -> None:
        """What the service does when it is asked about the customer."""
        self._reached.set()
        assert self._released.wait(_GIVE_UP_SECONDS), "nobody let the run go on"


# Holds a run at the customer in a position.
Holding = Callable[[int], AbstractContextManager[Hold]]


@contextmanager
def held(world: World, monkeypatch: pytest.MonkeyPatch, position: int) -> Iterator[Hold]:
    """Let customers be asked about one after the other, and the run stop at the one in this position."""
    world.configure(AVEPOINT_CONCURRENCY="1", AVEPOINT_REQUEST_TIMEOUT_SECONDS="60")
    customer_id = world.avepoint.directory.customers[position].id
    hold, answer = Hold(), AvePoint.answer

    def answer_when_let(service: AvePoint, received: Received) -> Answer:
        if customer_id in received.path:
            hold.stop_here()
        return answer(service, received)

    monkeypatch.setattr(AvePoint, "answer", answer_when_let)
    try:
        yield hold
    finally:
        hold.release()
