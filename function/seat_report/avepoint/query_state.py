"""One query on its way through a run: how far it has come, and what it has been through."""

from dataclasses import dataclass, field

from seat_report.avepoint.contracts import Contract, SeatRequest, seat_request
from seat_report.domain import Problem, Query


@dataclass(slots=True, eq=False)
class QueryState:
    """A query, its place among the answers, and what happened to it so far; one worker at a time has it."""

    index: int
    query: Query
    contract: Contract = Contract.USERS
    request: SeatRequest | None = None
    absent_by: set[Contract] = field(default_factory=set)
    # When its last request was sent and its last absence told, as the negotiation counts.
    asked_at: int = 0
    absent_at: int = 0
    # Whether it was asked at all, and whether its next request repeats one.
    asked: bool = False
    again: bool = False
    failures: int = 0
    timeouts: int = 0
    refusals: int = 0
    paused: float = 0
    unauthorised: int = 0
    renewals: int = 0
    last: Problem | None = None

    def ask_by(self, contract: Contract) -> None:
        """Begin anew by this contract."""
        self.contract = contract
        self.request = seat_request(contract, self.query)
