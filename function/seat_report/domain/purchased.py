"""Purchased seats: how many seats of a product a customer has bought from AvePoint."""

from collections.abc import Mapping
from typing import NamedTuple

from seat_report.domain.tenants import TenantType


class PurchasedSeats(NamedTuple):
    """The seats that one customer has bought for one tenant type; None while not known, with the reason."""

    seats: int | None
    reason: str = ""


# By the customer's `canonical_id` and the tenant type.
PurchasedByPart = Mapping[tuple[str, TenantType], PurchasedSeats]
