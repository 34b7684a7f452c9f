"""What refusals of single queries say about all of them."""

import threading

_LONG_PAUSES_IN_A_ROW = 3
# If this many customers are all unauthorised and none is authorised, the rest will be too.
_UNAUTHORISED_CUSTOMERS = 10


class Refusals:
    """The refusals of one run; safe to use from any thread."""

    def __init__(self) -> None:
        # Whether the service has accepted a token; never set back.
        self.authorised = False
        self.unauthorised: set[str] = set()
        self._long_pauses: set[str] = set()
        self._lock = threading.Lock()

    def record_unauthorised(self, customer_id: str) -> bool:
        """Record that even new tokens are refused for the customer; whether this will be so for every customer."""
        with self._lock:
            self.unauthorised.add(customer_id)
            return not self.authorised and len(self.unauthorised) >= _UNAUTHORISED_CUSTOMERS

    def record_long_pause(self, customer_id: str) -> bool:
        """Record that the service asks for a longer pause than a run can wait; whether it does of every customer."""
        with self._lock:
            self._long_pauses.add(customer_id)
            return len(self._long_pauses) >= _LONG_PAUSES_IN_A_ROW

    def end_long_pauses(self) -> None:
        """Record that the service took a request."""
        if self._long_pauses:
            with self._lock:
                self._long_pauses.clear()
