"""Pauses a run at AvePoint until a test lets it continue."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.emulators.avepoint.answers import Answer, Received
from tests.emulators.avepoint.core import AvePoint
from tests.support.world import World

_TIMEOUT_SECONDS = 60


class Hold:
    """A run that is paused while it waits for AvePoint's answer for one customer."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()

    def wait(self) -> None:
        """Wait until the run has reached the customer."""
        assert self._reached.wait(_TIMEOUT_SECONDS), "the run never queried the customer"

    def release(self) -> None:
        """Let the run continue."""
        self._released.set()

    def pause(self) -> None:
        """Wait for the release; the service calls this when the customer is queried."""
        self._reached.set()
        assert self._released.wait(_TIMEOUT_SECONDS), "nobody released the run"


# Pauses a run at the customer in a position.
Holding = Callable[[int], AbstractContextManager[Hold]]


@contextmanager
def held(world: World, monkeypatch: pytest.MonkeyPatch, position: int) -> Iterator[Hold]:
    """Have a run query one customer after the other and pause at the one in this position."""
    world.configure(AVEPOINT_CONCURRENCY="1", AVEPOINT_REQUEST_TIMEOUT_SECONDS="60")
    customer_id = world.avepoint.directory.customers[position].id
    hold, answer = Hold(), AvePoint.answer

    def answer_when_released(service: AvePoint, received: Received) -> Answer:
        if customer_id in received.path:
            hold.pause()
        return answer(service, received)

    monkeypatch.setattr(AvePoint, "answer", answer_when_released)
    try:
        yield hold
    finally:
        hold.release()
