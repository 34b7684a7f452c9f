"""How the service behaves for everyone, as against faults, which strike single requests."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Behaviour that is set when the service starts and may be changed while it runs.

    contract: which published contract is served; the other one answers `absent_status`.
    absent_as: what that answer carries: the vendor's JSON, a gateway's page, or nothing.
    members: how the members of good answers and of the vendor's errors are spelled.
    numbers: whether the numbers in good answers come as numbers or as text of digits.
    counts: with "all" every answer of the contract `users` has both counts. With "asked" it has only the count that
        `licenseAssignedStatus` asked for, with "asked-null" the other one is null. The contract `tenants-batch` has no
        such filter and always answers both.
    unfiltered: which count comes when nothing was asked for and `counts` isn't "all".
    unpurchased: what is answered for purchased seats where none were bought: a count of 0, 204 or 404.
    latency_ms: time before each answer, tokens apart.
    rate, burst: requests a second that are taken, tokens apart, and how many at once; no rate, no limit. The burst is
        one second's worth unless it is given.
    counted: what the rate limits: places in a bucket of `burst`, requests in each second of the clock, or requests in
        any second that has just passed.
    retry_after: how a refused request is told when to come back.
    token_lifetime_seconds: `expires_in` of new tokens.
    token_uses: a token is no longer good after this many uses.
    """

    contract: Literal["users", "tenants-batch", "both"] = "both"
    absent_status: Literal[400, 403, 404, 405, 500] = 404
    absent_as: Literal["json", "html", "empty"] = "json"
    members: Literal["camel-case", "pascal-case"] = "camel-case"
    numbers: Literal["number", "text"] = "number"
    counts: Literal["all", "asked", "asked-null"] = "all"
    unfiltered: Literal["assigned", "available"] = "assigned"
    unpurchased: Literal["zero", "no-content", "not-found"] = "zero"
    latency_ms: float = 0.0
    rate: float | None = None
    burst: int | None = None
    counted: Literal["bucket", "fixed-window", "sliding-window"] = "bucket"
    retry_after: Literal["seconds", "date", "none"] = "seconds"
    token_lifetime_seconds: int = 3600
    token_uses: int | None = None

    __pydantic_config__ = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if self.latency_ms < 0 or self.token_lifetime_seconds < 0:
            raise ValueError("A time can't be negative.")
        if (self.rate is not None and self.rate <= 0) or (self.burst is not None and self.burst < 1):
            raise ValueError("A rate must be above 0 and a burst at least 1.")
