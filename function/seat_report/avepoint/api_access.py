"""What is needed to call the API."""

from typing import NamedTuple

from seat_report.avepoint.contracts import SeatRequest
from seat_report.avepoint.tokens import Tokens
from seat_report.avepoint.transport import Reply, Transport
from seat_report.clock import Clock


class ApiAccess(NamedTuple):
    """What runs need to call the API; outlives each run. `secret` must never appear in a reply, "" if there is none."""

    api_url: str
    secret: str
    timeout: float
    concurrency: int
    transport: Transport
    tokens: Tokens
    clock: Clock

    def send(self, request: SeatRequest, url: str, headers: dict[str, str], timeout: float) -> Reply:
        """Send a request's next HTTP request and return its reply; raises RequestFailedError."""
        if request.method == "GET":
            return self.transport.get(url, headers, timeout)
        return self.transport.post(url, headers, request.body, timeout)
