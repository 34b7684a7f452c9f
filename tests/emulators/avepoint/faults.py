"""What a fault says. `fault_book` decides which request it strikes, `fault_kinds` lists what can go wrong."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict, JsonValue

from tests.emulators.avepoint.contracts import ContractName

Endpoint = Literal["seats", "purchased", "customers", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong, and for which requests.

    kind: what goes wrong, a name of `fault_kinds.KINDS`.

    Which requests: those to the `endpoint` that are about the customer, the tenant type, the contract and the page,
    where these are given. Without a contract, only requests to a contract that is served; with one, also requests to it
    while it is absent. Of these, the first `skip` are let pass and the next `times` are struck (all, if None); with
    `each_query`, so many of each customer and type.

    What, where the kind needs it: `status`; `retry_after`, sent as it is, or with `retry_after_as="date"` as the date
    so many seconds from now; `html`, a page instead of the vendor's JSON (None: as such a status usually comes);
    `error`, the code in the token endpoint's answer; `seconds`; `field` and `value` of a count; `tenant_id`, if only
    one entry is struck; `body`, a whole body.
    """

    kind: str
    endpoint: Endpoint = "seats"
    customer_id: str | None = None
    tenant_type: int | None = None
    contract: ContractName | None = None
    page_index: int | None = None
    skip: int = 0
    times: int | None = None
    each_query: bool = False
    status: int | None = None
    retry_after: str | None = None
    retry_after_as: Literal["as-is", "date"] = "as-is"
    html: bool | None = None
    error: str | None = None
    seconds: float | None = None
    field: Literal["assigned", "available", "both"] = "both"
    value: JsonValue = None
    tenant_id: str | None = None
    body: str | None = None

    __pydantic_config__ = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse what could never strike or never be sent."""
        if self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError("skip must be 0 or more, and times 1 or more, or None for always.")
        if self.seconds is not None and self.seconds < 0:
            raise ValueError("seconds can't be negative.")
        if self.retry_after_as == "date" and not (self.retry_after or "").isdecimal():
            raise ValueError("retry_after_as='date' needs retry_after in whole seconds.")
