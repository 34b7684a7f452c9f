"""The customers that AvePoint shows to this app, whether or not they are listed."""

from typing import NamedTuple


class FoundCustomer(NamedTuple):
    """One customer as AvePoint knows it."""

    customer_id: str
    name: str


class FoundCustomers(NamedTuple):
    """What a run has found out about them: `reason` says in a sentence why that is not all, or nothing at all.

    `is_complete` says that there are no others.
    """

    customers: tuple[FoundCustomer, ...] = ()
    is_complete: bool = False
    reason: str = ""

    @property
    def was_read(self) -> bool:
        """Whether at least a part of the list could be read."""
        return self.is_complete or bool(self.customers)
