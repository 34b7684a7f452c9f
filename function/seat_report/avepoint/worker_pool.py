"""The workers of one run: threads that start on demand and are awaited only until a deadline."""

import contextvars
import threading
from collections.abc import Callable

from seat_report.clock import Clock

# While fewer workers than possible are running, another one starts after this long: the first may be stuck with a slow
# response.
_EXTRA_WORKER_SECONDS = 1.0
# Requests in flight end at the deadline by themselves; a worker that doesn't (in a name lookup, say) is abandoned.
_GRACE_SECONDS = 0.75


class WorkerPool:
    """Up to `size` threads, all running the same work function until it returns."""

    def __init__(self, work: Callable[[], None], size: int) -> None:
        """Prepare the pool; each worker inherits the calling thread's logging context."""
        self._work = work
        self._contexts = [contextvars.copy_context() for _ in range(size)]
        self._running = 0
        self._lock = threading.Lock()
        self._done = threading.Event()
        if not size:
            self._done.set()

    def start(self, workers: int | None = None) -> None:
        """Start this many more workers, or all that remain."""
        with self._lock:
            contexts = self._contexts[:workers]
            del self._contexts[:workers]
            self._running += len(contexts)
        for context in contexts:
            # Daemons: an abandoned worker must not keep the process alive.
            threading.Thread(target=context.run, args=(self._run,), name="avepoint", daemon=True).start()

    def wait(self, clock: Clock, stop_at: float) -> None:
        """Return when the work is done, or shortly after `stop_at` at the latest."""
        while (remaining := stop_at - clock.monotonic()) > 0:
            if self._done.wait(min(remaining, _EXTRA_WORKER_SECONDS)):
                return
            self.start(1)
        self._done.wait(_GRACE_SECONDS)

    def _run(self) -> None:
        try:
            self._work()
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._done.set()
