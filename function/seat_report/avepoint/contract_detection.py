"""Which of the two contracts the service speaks, found out with the fewest extra calls. No I/O.

An absent contract answers 404 or 405, and so does an unknown customer. So a 404 is told apart only by the other
contract answering the same query; and once a contract has answered anything, 404 means the customer. Until it has
answered in this run, the one remembered from an earlier run is only the one to try first.

A service may change its contract in the middle of a run: then every customer is absent from that moment on. So an
absence is believed only when the contract answers a query that was asked after it; if it is absent for several
customers in a row instead, the other contract is asked about them.
"""

import enum
import threading

from seat_report.avepoint.contracts import Contract
from seat_report.avepoint.query_state import QueryState

_IN_A_ROW = 3


class AbsenceAction(enum.Enum):
    """What to do with a query that is absent."""

    NOT_FOUND = enum.auto()
    ASK_THE_OTHER = enum.auto()
    WAIT = enum.auto()


class ContractDetection:
    """One run's knowledge of the contract; safe to use from any thread."""

    def __init__(self, fixed: Contract | None, remembered: Contract | None) -> None:
        """Start with a contract that was set, or one that an earlier run found; with neither, it is unknown."""
        self._fixed = fixed
        self._contract = fixed or remembered or Contract.USERS
        self._confirmed = False
        self._known = bool(fixed or remembered)
        self._waiting: list[QueryState] = []
        # Absences so far: the order in which requests are sent and absences are told, without a clock.
        self._moment = 0
        self._left_at = 0
        self._lock = threading.Lock()
        self.settled = threading.Event()
        if self._known:
            self.settled.set()

    @property
    def contract(self) -> Contract:
        """The contract to ask by."""
        return self._contract

    @property
    def known(self) -> Contract | None:
        """The contract that the service speaks, as far as that is known."""
        return self._contract if self._known else None

    @property
    def moment(self) -> int:
        """When a request is sent, to be told with its answer."""
        return self._moment

    def answered(self, contract: Contract, asked_at: int) -> tuple[list[QueryState], list[QueryState]]:
        """The service answered by this contract a request that was sent at that moment.

        Gives the waiting queries that are absent after all, and those to ask by this contract.
        """
        if self._confirmed and contract is self._contract and not self._waiting:
            return [], []
        with self._lock:
            is_new = contract is not self._contract
            if is_new and self._confirmed and asked_at < self._left_at:
                # A late answer by the contract that the service has given up since.
                return [], []
            if is_new:
                self._left_at = self._moment
            waiting, self._waiting = self._waiting, []
            self._contract = contract
            self._confirmed = self._known = True
            self.settled.set()
            absent = [state for state in waiting if contract in state.absent_by]
            # Asked before the absence was told, the answer says nothing about it.
            self._waiting = [state for state in absent if state.absent_at > asked_at]
        believed = [state for state in absent if state.absent_at <= asked_at]
        return believed, [state for state in waiting if contract not in state.absent_by]

    def absent(self, state: QueryState) -> tuple[AbsenceAction, list[QueryState]]:
        """The service answered 404 or 405: what to do with the query, and those that waited and are to be asked again.

        With `WAIT`, the query is kept here until `answered`, `absent` or `remaining` gives it back.
        """
        with self._lock:
            self._moment += 1
            state.absent_at = self._moment
            if self._fixed or state.absent_by.issuperset(Contract):
                return AbsenceAction.NOT_FOUND, []
            if not self._confirmed or self._contract not in state.absent_by:
                return AbsenceAction.ASK_THE_OTHER, []
            self._waiting.append(state)
            if len({waiting.query.customer_id for waiting in self._waiting}) < _IN_A_ROW:
                return AbsenceAction.WAIT, []
            self._confirmed = False
            again, self._waiting = self._waiting, []
            return AbsenceAction.WAIT, again

    def remaining(self) -> list[QueryState]:
        """The queries that still wait when nothing is left to ask."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting
