"""Purchased seats: the request for them, and what its answers mean. No I/O.

What the service answers without a subscription is not documented: a count of 0 and 204 mean that nothing was bought. A
404 may mean that, or that there is no such endpoint or customer: it means that nothing was bought only if the endpoint
has answered a count in the same run. Anything else is not known.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from seat_report.avepoint.contracts import NO_CONTENT, NOT_THERE, Contract, MergedTenants, Method
from seat_report.avepoint.parsing import UnreadableResponseError, as_object, count_in, is_text_count, member
from seat_report.avepoint.retry_policy import ReplyKind, classify
from seat_report.avepoint.transport import Reply
from seat_report.domain import PurchasedByPart, PurchasedSeats, Query, SeatResult, TenantType, canonical_id

# The vendor's numbers of the four backup products.
PRODUCT_TYPES: Mapping[TenantType, int] = {
    TenantType.MICROSOFT_365: 2048,
    TenantType.SALESFORCE: 32,
    TenantType.GOOGLE: 33554432,
    TenantType.DYNAMICS_365: 131072,
}
_NOT_FOUND = (
    "AvePoint doesn't know this subscription and reported no purchased seats in this run. Check the customer in "
    "AvePoint Elements; if this applies to every customer, ask AvePoint support whether this API reports purchased "
    "seats."
)


def classify_purchased(reply: Reply) -> ReplyKind:
    """The kind of a reply about purchased seats: a 404 is an answer, and a 405 is not."""
    if reply.status == 404:
        return ReplyKind.SUCCESS
    return ReplyKind.UNEXPECTED if reply.status == 405 else classify(reply)


class PurchasedRequests:
    """Makes the requests of one run, and keeps their answers."""

    def __init__(self) -> None:
        # The count; None for a 404.
        self._answers: dict[Query, int | None] = {}
        self._has_answered = False

    def new_request(self, _: Contract, query: Query) -> "OverviewRequest":
        """The request of one query; there is only one contract for it."""
        return OverviewRequest(self, query)

    def record(self, query: Query, seats: int | None, *, is_count: bool = False) -> None:
        """Keep an answer; `is_count` says that the endpoint answered with a count."""
        self._answers[query] = seats
        self._has_answered |= is_count

    def results(self, results: Iterable[SeatResult]) -> PurchasedByPart:
        """The purchased seats of every query, given how each of them ended."""
        return {
            (canonical_id(result.query.customer_id), result.query.tenant_type): self._seats(result)
            for result in results
        }

    def _seats(self, result: SeatResult) -> PurchasedSeats:
        if result.failure is not None:
            return PurchasedSeats(None, result.failure.detail)
        if (seats := self._answers[result.query]) is not None:
            return PurchasedSeats(seats)
        return PurchasedSeats(0) if self._has_answered else PurchasedSeats(None, _NOT_FOUND)


class OverviewRequest:
    """The overview of one product of a customer."""

    method: Method = "GET"
    body = b""

    def __init__(self, requests: PurchasedRequests, query: Query) -> None:
        self._requests = requests
        self._query = query
        self._product = PRODUCT_TYPES[query.tenant_type]
        self.has_text_counts = False
        customer = quote(query.customer_id, safe="")
        self.path = f"/partner/external/v3/general/customers/{customer}/avpt-products/type/{self._product}/overview"

    def receive(self, value: object) -> bool:
        """Keep the answer, which is complete; raises UnreadableResponseError if it is not as documented."""
        if value is NO_CONTENT or value is NOT_THERE:
            self._requests.record(self._query, 0 if value is NO_CONTENT else None)
            return True
        answer = as_object(value)
        # The sample has a number here, the table says text.
        if str(product := member(answer, "productType")) != str(self._product) and product is not None:
            raise UnreadableResponseError("answered about another product")
        sent = member(answer, "purchasedUserSeat")
        self._requests.record(self._query, count_in(sent), is_count=True)
        self.has_text_counts = is_text_count(sent)
        return True

    def result(self, _: str) -> MergedTenants:
        """No tenants: the answer is about the customer."""
        return (), ()
