"""The workers of one run: threads that start as they are needed and are waited for only until a deadline."""

import contextvars
import threading
from collections.abc import Callable

from seat_report.clock import Clock

# While only one worker may work, another joins it after so long: the first may be stuck with a slow answer.
_PATIENCE_SECONDS = 1.0
# What is under way ends by the deadline by itself; a worker that doesn't (it looks up a name, say) is left behind.
_GRACE_SECONDS = 0.75


class WorkerPool:
    """Up to `size` threads that all do the same work until there is none left."""

    def __init__(self, work: Callable[[], None], size: int) -> None:
        """Make ready; log context of the calling thread goes with every worker."""
        self._work = work
        self._contexts = [contextvars.copy_context() for _ in range(size)]
        self._working = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        if not size:
            self._over.set()

    def join_in(self, workers: int | None = None) -> None:
        """Start so many more workers, or all that there are."""
        with self._lock:
            contexts = self._contexts[:workers]
            del self._contexts[:workers]
            self._working += len(contexts)
        for context in contexts:
            # Daemons: a worker that is left behind must not keep the process from ending.
            threading.Thread(target=context.run, args=(self._run,), name="avepoint", daemon=True).start()

    def wait(self, clock: Clock, stop_at: float) -> None:
        """Return when the work is done, at the latest shortly after `stop_at`."""
        while (left := stop_at - clock.monotonic()) > 0:
            if self._over.wait(min(left, _PATIENCE_SECONDS)):
                return
            self.join_in(1)
        self._over.wait(_GRACE_SECONDS)

    def _run(self) -> None:
        try:
            self._work()
        finally:
            with self._lock:
                self._working -= 1
                if not self._working:
                    self._over.set()
