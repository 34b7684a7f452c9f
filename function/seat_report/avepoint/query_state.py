"""The progress of one query through a run."""

from dataclasses import dataclass, field
from typing import NamedTuple

from seat_report.avepoint.contracts import Contract, RequestFactory, SeatRequest, seat_request
from seat_report.domain import Problem, Query


class Doubt(NamedTuple):
    """Why the contract of a query is doubted: the failure in it, and whether it is one that a retry may mend."""

    contract: Contract
    problem: Problem
    is_transient: bool


@dataclass(slots=True, eq=False)
class QueryState:
    """A query, its index among the results, and its history so far; held by one worker at a time."""

    index: int
    query: Query
    new_request: RequestFactory = seat_request
    contract: Contract = Contract.USERS
    request: SeatRequest | None = None
    absent_in: set[Contract] = field(default_factory=set)
    # While the other contract is tried for it, and whether that has been done.
    doubt: Doubt | None = None
    was_doubted: bool = False
    # If both contracts failed for it, the refusal of the one that got further.
    refusal: Problem | None = None
    # When its last request was sent and its last absence recorded, as counted by the contract detection.
    sent_at: int = 0
    absent_at: int = 0
    # Whether any request was sent for it, and whether its next request is a retry.
    was_sent: bool = False
    is_retry: bool = False
    failures: int = 0
    timeouts: int = 0
    throttles: int = 0
    total_pause: float = 0
    unauthorised: int = 0
    renewals: int = 0
    last_problem: Problem | None = None

    def start(self, contract: Contract) -> None:
        """Start over with this contract."""
        self.contract = contract
        self.request = self.new_request(contract, self.query)
