"""Which purchased seats a run asks for."""

from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.purchased import purchased_queries
from seat_report.domain.queries import Query, SeatResult, UnusableTenant
from seat_report.domain.tenants import TenantSeats, TenantType

FAILURE = Problem(ProblemKind.TIMEOUT, "No.")
GUID = "AAAAAAAA-0000-4000-8000-000000000001"
QUERIES = [Query(customer, tenant_type) for customer in ("c-1", GUID) for tenant_type in TenantType]
kinds = st.sampled_from(["tenants", "unusable", "none", "failed"])


def result_of(query: Query, kind: str) -> SeatResult:
    """A result of this kind."""
    if kind == "tenants":
        return SeatResult(query, (TenantSeats("t", "T", 0, 0),))
    if kind == "unusable":
        return SeatResult(query, unusable=(UnusableTenant("t", "T", FAILURE),))
    return SeatResult(query, failure=FAILURE if kind == "failed" else None)


@given(
    st.lists(kinds, min_size=len(QUERIES), max_size=len(QUERIES)),
    st.sets(st.sampled_from(QUERIES)),
    st.sets(st.sampled_from(QUERIES)),
)
def test_only_where_there_are_tenants_or_an_invoice(
    given_kinds: list[str], known: set[Query], billed: set[Query]
) -> None:
    """Each once, in order; a failed query counts if there were tenants before, whatever the spelling of the ID."""
    results = [result_of(query, kind) for query, kind in zip(QUERIES, given_kinds, strict=True)]
    canonical = {query._replace(customer_id=query.customer_id.lower()) for query in known}
    expected = [
        query
        for query, kind in zip(QUERIES, given_kinds, strict=True)
        if kind in ("tenants", "unusable") or (kind == "failed" and query in known) or query in billed
    ]
    assert purchased_queries(results, canonical, billed.__contains__) == expected
