"""Queries for seats and their results."""

from typing import NamedTuple

from seat_report.domain.problems import Problem
from seat_report.domain.tenants import TenantSeats, TenantType


class Query(NamedTuple):
    """One request for seats: those of one customer's tenants of one type."""

    customer_id: str
    tenant_type: TenantType


class UnusableTenant(NamedTuple):
    """A tenant in a response whose numbers can't be used; `tenant_id` is None if even that is missing."""

    tenant_id: str | None
    name: str
    problem: Problem


class SeatResult(NamedTuple):
    """The result of one query: its tenants (possibly none), or in `failure` the reason why there is no answer.

    `unusable` holds tenants whose numbers could not be used; the other tenants are valid.
    """

    query: Query
    tenants: tuple[TenantSeats, ...] = ()
    unusable: tuple[UnusableTenant, ...] = ()
    failure: Problem | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that went wrong with this query, most important first."""
        failures = (self.failure,) if self.failure else ()
        return failures + tuple(tenant.problem for tenant in self.unusable)


class Traffic(NamedTuple):
    """The requests that were sent, how many were retries, how many were throttled, and what to be warned of."""

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    warnings: tuple[str, ...] = ()


class Collection(NamedTuple):
    """All results of one run, one per query, and what it took to get them."""

    results: tuple[SeatResult, ...]
    contract: str | None
    requests: int
    retries: int
    throttled: int
    warnings: tuple[str, ...] = ()
