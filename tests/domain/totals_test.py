"""Sums of seats: what is expected, what is known of it, and that no sum lacks a part without saying so."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.customers import Customer
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.report_data import ReportData
from seat_report.domain.tenants import Number, Status, TenantKey, TenantRow, TenantType
from seat_report.domain.totals import Knowledge, PartKey, ReportTotals, SeatSum

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
TYPES = (M365, GOOGLE)


def data(
    *customers: Customer, results: Iterable[SeatResult] = (), unusable_ids: int = 0, has_unreadable_ids: bool = False
) -> ReportData:
    """The data of a run for these customers."""
    return ReportData(
        started=datetime(2026, 11, 23, tzinfo=UTC),
        zone=UTC,
        customers=customers,
        results={(one.query.customer_id, one.query.tenant_type): one for one in results},
        tenant_types=TYPES,
        unusable_ids=unusable_ids,
        has_unreadable_ids=has_unreadable_ids,
    )


def listed(customer_id: str, *types: TenantType, is_included: bool = True) -> Customer:
    """A customer in the Customers tab, limited to these types if there are any."""
    return Customer(customer_id, customer_id.upper(), 2, types or None, is_included)


def row(
    customer: str,
    tenant_type: TenantType | None,
    tenant: str = "t",
    assigned: Number | None = None,
    *,
    status: Status = Status.CURRENT,
    checked: float | None = 46_000.0,
) -> TenantRow:
    """A row of the Seat Report; available seats are as many as the assigned ones."""
    key = TenantKey.of(customer, tenant_type, tenant)
    return TenantRow(
        key, customer, customer, tenant, tenant, status, "", assigned, assigned, None, last_checked=checked
    )


def no_data(customer: str, tenant_type: TenantType, tenant: str = "", checked: float | None = None) -> TenantRow:
    """A row without numbers."""
    return row(customer, tenant_type, tenant, status=Status.NO_DATA, checked=checked)


def knowledge(totals: ReportTotals) -> Mapping[PartKey, Knowledge]:
    """What is known of each part."""
    return {(part.customer, part.tenant_type): part.knowledge for parts in totals.customers.values() for part in parts}


def test_a_sum_of_current_parts_is_complete() -> None:
    """A type that an earlier run found to have no tenant is known, and counts as none."""
    totals = ReportTotals(data(listed("a")), [row("a", M365, "t", 3), row("a", M365, "u", 4)], [("a", GOOGLE)])
    assert totals.by_type[M365] == SeatSum(2, 7, 7, 14, known=1, expected=1)
    assert totals.by_type[GOOGLE] == SeatSum(0, 0, 0, 0, known=1, expected=1)
    assert totals.overall == SeatSum(2, 7, 7, 14, known=2, expected=2)
    assert totals.overall.is_complete
    assert totals.overall.gap == ""


def test_a_part_that_nobody_asked_for_is_missing() -> None:
    """Neither a row nor an answer says anything of it: that is not zero."""
    totals = ReportTotals(data(listed("a"), listed("b")), [row("a", M365, "t", 3)])
    assert totals.by_type[M365] == SeatSum(1, 3, 3, 6, known=1, expected=2)
    assert totals.by_type[GOOGLE] == SeatSum(expected=2)
    assert totals.overall.gap == "incomplete, 3 of 4 missing"


def test_an_answer_without_tenants_is_zero() -> None:
    answers = [SeatResult(Query("a", tenant_type)) for tenant_type in TYPES]
    totals = ReportTotals(data(listed("a"), results=answers), [row("a", None, "", status=Status.NO_TENANTS)])
    assert totals.overall == SeatSum(0, 0, 0, 0, known=2, expected=2)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("a", M365, "t", 3), row("a", M365, "u", 4, status=Status.STALE)], Knowledge.STALE),
        # When it last answered there was no tenant.
        ([no_data("a", M365, checked=46_000.0)], Knowledge.STALE),
        ([no_data("a", M365)], Knowledge.MISSING),
        # A tenant that can't be told stands beside those that are known.
        ([row("a", M365, "t", 3), no_data("a", M365)], Knowledge.MISSING),
        ([row("a", M365, "t", 3), no_data("a", M365, "u")], Knowledge.MISSING),
        # Somebody cleared a number, or overwrote the status.
        ([row("a", M365, "t", None)], Knowledge.MISSING),
        ([row("a", M365, "t", 3, status=Status.NOT_REPORTED)], Knowledge.MISSING),
    ],
)
def test_what_is_known_of_a_part(rows: list[TenantRow], expected: Knowledge) -> None:
    totals = ReportTotals(data(listed("a", M365)), rows, [("a", M365)])
    assert knowledge(totals) == {("a", M365): expected}
    assert totals.overall.is_complete == (expected is not Knowledge.MISSING)


def test_nothing_is_expected_of_types_and_customers_that_are_left_out() -> None:
    """A customer limited to a type that the report does not cover leaves nothing incomplete."""
    customers = [listed("a", M365), listed("b", TenantType.SALESFORCE), listed("c", is_included=False)]
    rows = [row("a", M365, "t", 3), row("a", GOOGLE, "u", 5), row("c", M365, "v", 7), row("gone", M365, "w", 9)]
    totals = ReportTotals(data(*customers), rows)
    assert list(totals.customers) == ["a"]
    assert totals.by_type == {M365: SeatSum(1, 3, 3, 6, known=1, expected=1)}


def test_nothing_expected_is_not_complete() -> None:
    totals = ReportTotals(data(), [row("a", M365, "t", 3)])
    assert totals.by_type == {}
    assert not totals.overall.is_complete


def test_a_customer_whose_id_cannot_be_used_is_missing_everywhere() -> None:
    totals = ReportTotals(data(listed("a", M365), unusable_ids=2), [row("a", M365, "t", 3)])
    assert totals.by_type[M365] == SeatSum(1, 3, 3, 6, known=1, expected=3)
    assert totals.by_type[GOOGLE] == SeatSum(expected=2)


def test_customers_stay_in_the_sums_while_an_id_cannot_be_read() -> None:
    """Any of them may be the one that the ID means."""
    run = data(listed("a", M365), unusable_ids=1, has_unreadable_ids=True)
    totals = ReportTotals(run, [row("a", M365, "t", 3), row("b", M365, "u", 5)])
    assert totals.by_type[M365] == SeatSum(2, 8, 8, 16, known=1, expected=2)
    assert totals.overall.assigned == 8


STATUSES = st.sampled_from([Status.CURRENT, Status.STALE, Status.NO_DATA, Status.NOT_REPORTED])
ROWS = st.lists(
    st.builds(
        lambda customer, tenant_type, tenant, number, status, checked: row(
            customer, tenant_type, tenant, number, status=status, checked=checked
        ),
        st.sampled_from("abc"),
        st.sampled_from(TYPES),
        st.sampled_from(["", "t", "u"]),
        st.none() | st.integers(0, 9),
        STATUSES,
        st.none() | st.just(46_000.0),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(ROWS, st.integers(0, 2))
def test_sums_add_up(rows: list[TenantRow], unusable_ids: int) -> None:
    """Those of the types, of the customers and the overall one are of the same parts."""
    totals = ReportTotals(data(listed("a"), listed("b", GOOGLE), unusable_ids=unusable_ids), rows)
    overall, by_type = totals.overall, totals.by_type.values()
    assert overall.expected == 3 + 2 * unusable_ids == sum(one.expected for one in by_type)
    assert overall.known == sum(one.known for one in by_type)
    assert overall.tenants == sum(one.tenants for one in by_type)
    assert (overall.assigned or 0) == sum(one.assigned or 0 for one in by_type)
    customers = [totals.of_customer(customer) for customer in totals.customers]
    assert overall.known == sum(one.known for one in customers)
    assert (overall.assigned or 0) == sum(one.assigned or 0 for one in customers)
    for customer, parts in totals.customers.items():
        of_parts = [totals.of_part(customer, part.tenant_type) for part in parts]
        assert totals.of_customer(customer).known == sum(one.known for one in of_parts)


@given(ROWS)
def test_a_complete_sum_lacks_no_number(rows: list[TenantRow]) -> None:
    """Each row with a status that stands for a tenant has its numbers in the sum."""
    totals = ReportTotals(data(listed("a"), listed("b")), rows)
    for customer in ("a", "b"):
        for tenant_type in TYPES:
            seats = totals.of_part(customer, tenant_type)
            own = [one for one in rows if (one.key.customer, one.tenant_type) == (customer, tenant_type)]
            if seats.is_complete:
                assert own
                assert all(one.has_numbers for one in own if one.is_shown)
                assert not any(one.status is Status.NO_DATA and one.key.tenant for one in own)
                assert seats.assigned == sum(one.assigned or 0 for one in own if one.is_shown)
            elif seats.assigned is not None:
                assert seats.gap
