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

from seat_report.avepoint import problems
from seat_report.avepoint.contracts import Contract
from seat_report.avepoint.query_state import Doubt, QueryState
from seat_report.domain import Problem

_IN_A_ROW = 3
# After so many customers for whom both contracts failed, it is not the contract.
MOST_DOUBTFUL = 20


class AbsenceAction(enum.Enum):
    """What to do with a query that got 404 or 405."""

    NOT_FOUND = enum.auto()
    TRY_OTHER = enum.auto()
    WAIT = enum.auto()


class ContractDetection:
    """What one run knows about the contract; safe to use from any thread."""

    def __init__(self, configured: Contract | None, remembered: Contract | None) -> None:
        """Start from the configured contract, or the one an earlier run detected; with neither, it is unknown."""
        self._configured = configured
        self._contract = configured or remembered or Contract.USERS
        self._confirmed = False
        self._known = bool(configured or remembered)
        self._failed_in_both: set[str] = set()
        self._waiting: list[QueryState] = []
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

    def is_doubtful(self, state: QueryState) -> bool:
        """Whether a refusal of the query may be due to its contract, so that the other one is worth a request."""
        if self._configured or state.contract.other in state.absent_in or state.was_doubted:
            return False
        if self._confirmed:
            # Sent in the other contract before this one succeeded.
            return state.contract is not self._contract
        return len(self._failed_in_both) < MOST_DOUBTFUL

    def settle_doubt(self, state: QueryState, doubt: Doubt, problem: Problem) -> tuple[Contract, Problem]:
        """Record that the other contract failed too: the contract to go on with, and the failure to report.

        If one of them has succeeded for another query meanwhile, it is that one; otherwise the one that got further.
        """
        other = state.contract
        with self._lock:
            self._failed_in_both.add(state.query.customer_id)
            confirmed = self._contract if self._confirmed else None
        state.doubt, state.was_doubted = None, True
        if confirmed is not None:
            return confirmed, problem if confirmed is other else doubt.problem
        state.refusal = max(doubt.problem, problem, key=problems.progress)
        return doubt.contract, state.refusal

    def follow(self, state: QueryState) -> None:
        """Start a query for which both contracts failed over in the one that has succeeded since, if any."""
        if state.was_doubted and self._confirmed and state.contract is not self._contract:
            state.start(self._contract)

    def failure_of(self, state: QueryState, problem: Problem) -> Problem:
        """The failure to report when a query fails for good: while no contract has succeeded, the one further on."""
        if self._confirmed or state.refusal is None:
            return problem
        return max(state.refusal, problem, key=problems.progress)

    @property
    def moment(self) -> int:
        """The logical time at which a request is sent, to be passed to `confirm` with its response."""
        return self._moment

    def confirm(self, contract: Contract, sent_at: int) -> tuple[list[QueryState], list[QueryState]]:
        """Record that a request sent in this contract at that moment succeeded.

        Returns the waiting queries now known to be absent, and those to retry with this contract.
        """
        if self._confirmed and contract is self._contract and not self._waiting:
            return [], []
        with self._lock:
            is_new = contract is not self._contract
            if is_new and self._confirmed and sent_at < self._switched_at:
                # A late response in a contract that the service has dropped since.
                return [], []
            if is_new:
                self._switched_at = self._moment
            waiting, self._waiting = self._waiting, []
            self._contract = contract
            self._confirmed = self._known = True
            absent = [state for state in waiting if contract in state.absent_in]
            # A response to a request sent before the absence was recorded proves nothing about it.
            self._waiting = [state for state in absent if state.absent_at > sent_at]
        not_found = [state for state in absent if state.absent_at <= sent_at]
        return not_found, [state for state in waiting if contract not in state.absent_in]

    def record_absence(self, state: QueryState) -> tuple[AbsenceAction, list[QueryState]]:
        """Record a 404 or 405: what to do with the query, and the waiting queries to retry with the other contract.

        With `WAIT`, the query is held here until `confirm`, `record_absence` or `take_waiting` returns it.
        """
        with self._lock:
            self._moment += 1
            state.absent_at = self._moment
            if self._configured or state.absent_in.issuperset(Contract):
                return AbsenceAction.NOT_FOUND, []
            if not self._confirmed or self._contract not in state.absent_in:
                return AbsenceAction.TRY_OTHER, []
            self._waiting.append(state)
            if len({waiting.query.customer_id for waiting in self._waiting}) < _IN_A_ROW:
                return AbsenceAction.WAIT, []
            self._confirmed = False
            retry, self._waiting = self._waiting, []
            return AbsenceAction.WAIT, retry

    def take_waiting(self) -> list[QueryState]:
        """Remove and return the queries still waiting when there is nothing left to send."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting
