"""When the next request may start, for all workers together."""

import threading


class Pace:
    """Pauses all workers when the service asks for it; safe to use from any thread."""

    def __init__(self) -> None:
        self._next = 0.0
        self._lock = threading.Lock()
        self.generation = 0

    def reserve(self, now: float) -> tuple[float, int]:
        """The moment a request may start, and the generation it goes by: once that changes, ask again."""
        with self._lock:
            return max(now, self._next), self.generation

    def admitted(self, now: float) -> None:
        """Note that the service took a request."""

    def refused(self, now: float, started: float, pause: float) -> None:  # noqa: ARG002 - for the rate to come
        """Note that the service turned a request away, and for how long it wants none."""
        with self._lock:
            if pause:
                self._next = max(self._next, now + pause)
                self.generation += 1
