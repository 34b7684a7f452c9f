"""Purchased seats: how many seats of a product a customer has bought from AvePoint."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from seat_report.domain.identity import canonical_id
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.tenants import TenantType


class PurchasedSeats(NamedTuple):
    """The seats that one customer has bought for one tenant type; None while not known, with the reason."""

    seats: int | None
    reason: str = ""


# By the customer's `canonical_id` and the tenant type.
PurchasedByPart = Mapping[tuple[str, TenantType], PurchasedSeats]


def purchased_queries(
    results: Iterable[SeatResult], known: Collection[Query], is_billed: Callable[[Query], bool]
) -> list[Query]:
    """The customers and types whose purchased seats matter, in the order of the results.

    That is where there are tenants, or where an invoice is compared. Where a query failed, `known` (with canonical
    customer IDs) says where there were tenants before.
    """

    def matters(result: SeatResult) -> bool:
        query = result.query
        has_tenants = bool(result.tenants or result.unusable) or (
            result.failure is not None and query._replace(customer_id=canonical_id(query.customer_id)) in known
        )
        return has_tenants or is_billed(query)

    return [result.query for result in results if matters(result)]
