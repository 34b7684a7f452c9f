"""What the service received, and how many requests it had in hand."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.emulators.avepoint.contracts import ContractName
from tests.emulators.avepoint.faults import Endpoint

# The oldest entries of a service that runs for days are forgotten.
LONGEST_LOG = 50_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request as it arrived, and what was decided about it.

    at: the service's clock on arrival.
    endpoint: None for a path that the service doesn't have.
    body: the text as received.
    status: what was answered; 0 if the answer was a reset or a hang.
    fault: the kind of the fault that struck it.
    """

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    endpoint: Endpoint | None = None
    contract: ContractName | None = None
    customer_id: str | None = None
    tenant_type: int | None = None
    status: int = 0
    fault: str | None = None


@dataclass(slots=True)
class RequestLog:
    """The requests received, oldest first, and counters; safe to use from any thread."""

    _entries: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=LONGEST_LOG))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_flight: int = 0
    _in_flight_max: int = 0
    _limited: int = 0

    @property
    def in_flight_max(self) -> int:
        """The most requests that were in hand at once."""
        return self._in_flight_max

    @property
    def limited(self) -> int:
        """How many requests the rate limit refused."""
        return self._limited

    def requests(self, endpoint: Endpoint | None = None) -> list[LoggedRequest]:
        """Return the requests received, of one endpoint or of all."""
        with self._lock:
            return [entry for entry in self._entries if endpoint in (None, entry.endpoint)]

    def add(self, entry: LoggedRequest, *, limited: bool = False) -> None:
        """Note a request; `limited` says that the rate limit refused it."""
        with self._lock:
            self._entries.append(entry)
            self._limited += limited

    def clear(self) -> None:
        """Forget the requests and start counting anew."""
        with self._lock:
            self._entries.clear()
            self._limited = 0
            self._in_flight_max = self._in_flight

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request as in hand for as long as this lasts."""
        with self._lock:
            self._in_flight += 1
            self._in_flight_max = max(self._in_flight_max, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
