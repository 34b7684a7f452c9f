"""Runs in background threads, one at a time: the caller may wait for a run, watch it, or leave."""

import contextvars
import threading
from collections.abc import Callable

from seat_report.monitored_run import MonitoredRun
from seat_report.reporting import ProgressSnapshot, RunResult

_POLL_SECONDS = 0.1


class BackgroundRun:
    """One run in its own thread."""

    def __init__(self, run: MonitoredRun, on_end: Callable[[], None]) -> None:
        """Start the run, with the caller's log context; `on_end` is called when it is over."""
        self._run = run
        self._on_end = on_end
        self._over = threading.Event()
        context = contextvars.copy_context()
        # A daemon, so as not to keep a terminating instance alive; the next run completes what this one leaves undone.
        threading.Thread(target=context.run, args=(self._go,), name="run", daemon=True).start()

    @property
    def result(self) -> RunResult:
        """The result so far."""
        return self._run.result

    @property
    def progress(self) -> ProgressSnapshot:
        """How far the run has got."""
        return self._run.progress

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the run is over, or this many seconds; return whether it is over."""
        return self._over.wait(seconds)

    def wait_until_settled(self, seconds: float) -> bool:
        """Wait until the run is over, or AvePoint has answered the first query or taken this many seconds for it.

        By then it is known whether the configuration is wrong or another run is under way. Returns whether it is over.
        """
        remaining = seconds
        while remaining > 0 and not self._run.has_answers and not self._over.wait(_POLL_SECONDS):
            if self.result.queries:
                remaining -= _POLL_SECONDS
        return self._over.is_set()

    def wait_until_admitted(self) -> bool:
        """Wait until the run has acquired the lock in the spreadsheet or is over; return whether it has and goes on."""
        while not self._run.is_admitted and not self._over.wait(_POLL_SECONDS):
            pass
        return self._run.is_admitted and not self._over.is_set()

    def _go(self) -> None:
        try:
            self._run.go()
        finally:
            self._on_end()
            self._over.set()


class ExclusiveRunner:
    """Admits one run at a time; `latest` is the one that was started last, which may be over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.latest: BackgroundRun | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return self._lock.locked()

    def start(self, create: Callable[[], MonitoredRun]) -> BackgroundRun | None:
        """Create and start a run; None if another one is under way. Raises what `create` raises."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            self.latest = BackgroundRun(create(), self._lock.release)
        except BaseException:
            self._lock.release()
            raise
        return self.latest
