"""Runs in threads of their own, one at a time: whoever asked for one may wait for it, watch it, or leave."""

import contextvars
import threading
from collections.abc import Callable

from seat_report.monitored_run import MonitoredRun
from seat_report.reporting import ProgressSnapshot, RunResult

_LOOK_SECONDS = 0.1


class BackgroundRun:
    """One run in its thread."""

    def __init__(self, run: MonitoredRun, ended: Callable[[], None]) -> None:
        """Start the run; `ended` is called when it is over. The log context of the caller goes with it."""
        self._run = run
        self._tell_ended = ended
        self._over = threading.Event()
        context = contextvars.copy_context()
        # A daemon: it must not keep an instance alive that is being shut down; the next run mends what it leaves.
        threading.Thread(target=context.run, args=(self._go,), name="run", daemon=True).start()

    @property
    def result(self) -> RunResult:
        """What has come of the run so far."""
        return self._run.result

    @property
    def progress(self) -> ProgressSnapshot:
        """How far the run has got."""
        return self._run.progress

    def wait(self, seconds: float | None = None) -> bool:
        """Return when the run is over, or after so many seconds; whether it is over."""
        return self._over.wait(seconds)

    def wait_until_settled(self, seconds: float) -> bool:
        """Return when the run is over, or AvePoint has given its first answer or let us wait for it for so long.

        What only an operator can mend, and another run being under way, show until then. Returns whether it is over.
        """
        patience = seconds
        while patience > 0 and not self._run.has_answers and not self._over.wait(_LOOK_SECONDS):
            if self.result.queries:
                patience -= _LOOK_SECONDS
        return self._over.is_set()

    def _go(self) -> None:
        try:
            self._run.go()
        finally:
            self._tell_ended()
            self._over.set()


class ExclusiveRunner:
    """Lets one run in, and the next when that is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def start(self, make: Callable[[], MonitoredRun]) -> BackgroundRun | None:
        """The run that `make` makes, started; None if another one is going on. Raises what `make` raises."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return BackgroundRun(make(), self._lock.release)
        except BaseException:
            self._lock.release()
            raise
