"""Detects which of the two contracts the service offers, with as few extra calls as possible. No I/O.

The service returns 404 or 405 in a contract that it doesn't offer, and also for a customer that it doesn't know. Only a
success of the other contract for the same query tells the two apart; once a contract has succeeded for any query, a 404
refers to the customer. Until a contract has succeeded in this run, one remembered from an earlier run is merely the
first to try.

How a gateway in front of the service answers a route that it doesn't know is not documented. So while no contract has
succeeded in this run, any other refusal also casts doubt on the contract: the other one is tried once for the same
query, until both have failed for `MOST_DOUBTFUL` customers.

A service may change its contract during a run: from then on every customer is absent. So an absence is trusted only
once the contract has succeeded for a query sent after it; if several customers in a row are absent instead, the other
contract is tried for them.
"""

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from seat_report.avepoint.contracts import Contract

_IN_A_ROW = 3
# After so many customers for whom both contracts failed, it is not the contract.
MOST_DOUBTFUL = 20


class AbsenceAction(enum.Enum):
    """What to do with a query that got 404 or 405."""

    NOT_FOUND = enum.auto()
    TRY_OTHER = enum.auto()
    WAIT = enum.auto()


@dataclass(slots=True, eq=False)
class Absence:
    """In which contracts a query's customer was absent, when it last was, and whether that is certain by now."""

    customer_id: str
    contracts: set[Contract] = field(default_factory=set)
    moment: int = 0
    is_certain: bool = False


class ContractDetection:
    """What one run knows about the contract; safe to use from any thread."""

    def __init__(self, configured: Contract | None, remembered: Contract | None) -> None:
        """Start from the configured contract, or the one an earlier run detected; with neither, it is unknown."""
        self._configured = configured
        self._contract = configured or remembered or Contract.USERS
        self._confirmed = False
        self._known = bool(configured or remembered)
        self._failed_in_both: set[str] = set()
        self._waiting: list[tuple[Absence, Callable[[], None]]] = []
        # The number of absences so far: orders requests and absences without a clock.
        self._moment = 0
        self._switched_at = 0
        self._lock = threading.Lock()

    @property
    def contract(self) -> Contract:
        """The contract to use."""
        return self._contract

    @property
    def known(self) -> Contract | None:
        """The service's contract, None while unknown."""
        return self._contract if self._known else None

    @property
    def confirmed(self) -> Contract | None:
        """The contract that has succeeded in this run, None while none has."""
        return self._contract if self._confirmed else None

    @property
    def moment(self) -> int:
        """The logical time at which a request is sent, to be passed to `confirm` with its response."""
        return self._moment

    def is_doubtful(self, contract: Contract) -> bool:
        """Whether a refusal in this contract may be due to the contract, so that the other one is worth a request."""
        if self._configured:
            return False
        if self._confirmed:
            # Sent in the other contract before this one succeeded.
            return contract is not self._contract
        return len(self._failed_in_both) < MOST_DOUBTFUL

    def record_failed_in_both(self, customer_id: str) -> None:
        """Record that both contracts failed for this customer."""
        with self._lock:
            self._failed_in_both.add(customer_id)

    def confirm(self, contract: Contract, sent_at: int) -> None:
        """Record that a request sent in this contract at that moment succeeded; lets waiting queries go on."""
        if self._confirmed and contract is self._contract and not self._waiting:
            return
        with self._lock:
            is_new = contract is not self._contract
            if is_new and self._confirmed and sent_at < self._switched_at:
                # A late response in a contract that the service has dropped since.
                return
            if is_new:
                self._switched_at = self._moment
            self._contract = contract
            self._confirmed = self._known = True
            waiting, self._waiting = self._waiting, []
            go_on = []
            for absence, resume in waiting:
                absence.is_certain = contract in absence.contracts and absence.moment <= sent_at
                if absence.is_certain or contract not in absence.contracts:
                    go_on.append(resume)
                else:
                    # A response to a request sent before the absence was recorded proves nothing about it.
                    self._waiting.append((absence, resume))
        for resume in go_on:
            resume()

    def record_absence(self, absence: Absence, contract: Contract) -> AbsenceAction:
        """Record a 404 or 405 in this contract; with `WAIT`, the query has to `wait`."""
        with self._lock:
            self._moment += 1
            absence.moment = self._moment
            absence.contracts.add(contract)
            if self._configured or absence.contracts.issuperset(Contract):
                return AbsenceAction.NOT_FOUND
            if not self._confirmed or self._contract not in absence.contracts:
                return AbsenceAction.TRY_OTHER
            return AbsenceAction.WAIT

    def wait(self, absence: Absence, resume: Callable[[], None]) -> None:
        """Let a query wait: `resume` is called once its absence is certain, or the other contract is to be tried."""
        with self._lock:
            self._waiting.append((absence, resume))
            if len({waiting.customer_id for waiting, _ in self._waiting}) < _IN_A_ROW:
                return
            self._confirmed = False
            waiting, self._waiting = self._waiting, []
        for _, resume_one in waiting:
            resume_one()

    def settle_waiting(self) -> None:
        """Take the absences of all that still wait as certain, when there is nothing left to send."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for absence, resume in waiting:
            absence.is_certain = True
            resume()
