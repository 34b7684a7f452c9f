"""The timer, on a clock that only moves by waiting."""

import asyncio

import pytest

from tests.emulators.avepoint.timer import Timer


class StandingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still."""

    now = 0.0

    def time(self) -> float:
        """The moment, in seconds."""
        return self.now


def ends_of_waits(monkeypatch: pytest.MonkeyPatch, late: float) -> list[float]:
    """How long after their moments 100 waits of 20 ms end, in seconds, where each alarm goes off `late`."""
    loop = StandingLoop()

    async def sleep(seconds: float) -> None:
        loop.now += seconds + late

    async def wait() -> list[float]:
        timer, ends = Timer(), []
        for _ in range(100):
            moment = loop.now + 0.020
            await timer.wait_until(moment)
            ends.append(loop.now - moment)
        return ends

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(wait())


def test_waits_end_on_time_once_the_lateness_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm that is always 0.4 ms late is set 0.4 ms earlier."""
    ends = ends_of_waits(monkeypatch, 0.0004)
    assert ends[0] == pytest.approx(0.0004)
    assert ends[-1] == pytest.approx(0, abs=1e-6)


def test_a_busy_loop_does_not_make_waits_end_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of other work counts as one millisecond."""
    assert min(ends_of_waits(monkeypatch, 0.5)) >= 0.499 - 1e-9


def test_a_moment_that_is_over_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody sleeps."""
    loop = StandingLoop()
    monkeypatch.setattr(asyncio, "sleep", pytest.fail)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(Timer().wait_until(-1.0))
