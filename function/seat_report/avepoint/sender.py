"""Sends the requests of one run: each in its turn, with a token, and in time."""

import threading
from collections.abc import Callable
from typing import NamedTuple

from seat_report.avepoint.api_access import ApiAccess
from seat_report.avepoint.contracts import SeatRequest
from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter, Slot
from seat_report.avepoint.redaction import redact
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.retry_policy import ReplyKind
from seat_report.avepoint.tokens import Token
from seat_report.avepoint.transport import Reply

# A request is started only if the run has at least this much time left.
_LEAST_REQUEST_SECONDS = 0.1
# A waiting worker checks this often whether it still has to wait.
_POLL_SECONDS = 0.25


class Exchange(NamedTuple):
    """A request's reply and its kind, the token that it was sent with, and the slot that it was sent in."""

    reply: Reply
    kind: ReplyKind
    token: Token
    slot: Slot


class RequestSender:
    """What all workers of a run send their requests through.

    `rate_limiter` is one that has learnt from earlier requests; `classify` tells the kind of a reply. `stop_at` is the
    end of the run on the clock's monotonic scale.
    """

    def __init__(
        self,
        api: ApiAccess,
        results: QueryResults,
        rate_limiter: AdaptiveRateLimiter,
        classify: Callable[[Reply], ReplyKind],
        stop_at: float,
    ) -> None:
        self.clock = api.clock
        self.tokens = api.tokens
        self.rate_limiter = rate_limiter
        self.stop_at = stop_at
        # Replies take many times their size while they are read, so they are read one at a time.
        self.reading = threading.Lock()
        self._api = api
        self._results = results
        self._classify = classify

    def acquire_slot(self) -> Slot | None:
        """Wait until a request may be sent; None if no more are sent in this run."""
        while self.wait_until(self.clock.monotonic()):
            slot = self.rate_limiter.next_slot(self.clock.monotonic())
            if not self.wait_until(slot.at, slot.generation):
                return None
            if slot.granted and slot.generation == self.rate_limiter.generation:
                return slot
        return None

    def wait_until(self, moment: float, generation: int | None = None) -> bool:
        """Sleep until then, or until the rate limiter's generation changes; return whether requests are still sent."""
        while True:
            now = self.clock.monotonic()
            is_late = max(now, moment) > self.stop_at - _LEAST_REQUEST_SECONDS
            if is_late or self._results.closed or self._results.give_up_reason:
                return False
            if moment <= now or generation not in {None, self.rate_limiter.generation}:
                return True
            self.clock.sleep(min(moment - now, _POLL_SECONDS))

    def timeout(self) -> tuple[float, bool]:
        """The seconds that a request may take now, 0 if too few are left, and whether the run's end limits them."""
        left = self.stop_at - self.clock.monotonic()
        return (min(self._api.timeout, left) if left >= _LEAST_REQUEST_SECONDS else 0.0), left < self._api.timeout

    def send(self, request: SeatRequest, token: Token, slot: Slot, timeout: float) -> Exchange:
        """Send the request as it is now; raises RequestFailedError if there is no reply."""
        headers = {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json"}
        reply = self._api.send(request, self._api.api_url + request.path, headers, timeout)
        with self.reading:
            reply = redact(reply, token.value, self._api.secret)
        return Exchange(reply, self._classify(reply), token, slot)
