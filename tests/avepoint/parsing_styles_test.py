"""Members in camelCase and PascalCase, and counts as text, as the vendor's pages show them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.avepoint.parsing import MOST_SEATS, TenantMerge
from tests.avepoint.parsing_test import FIELDS, QUERY, entry, few_examples, merge


@few_examples
@given(st.integers(0, MOST_SEATS), st.integers(0, MOST_SEATS))
def test_plain_digits_are_counts(assigned: int, available: int) -> None:
    """Text of plain digits is the number that it spells, and that there was any is noted."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(assignedUserSeat=str(assigned), availableUserSeat=available)])
    assert merged.has_text_counts
    (tenant,), _ = merged.result(QUERY)
    assert (tenant.assigned, tenant.available) == (assigned, available)


def test_numbers_are_not_noted_as_text() -> None:
    """The note is about counts that came as text only."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(), entry(id="b", assignedUserSeat="N/A")])
    assert not merged.has_text_counts


@pytest.mark.parametrize("style", [str, lambda name: name[0].upper() + name[1:]], ids=["camelCase", "PascalCase"])
def test_members_in_both_styles(style: Callable[[str], str]) -> None:
    """The vendor's pages show members in camelCase and in PascalCase; both are read."""
    tenants, unusable = merge({style(name): value for name, value in entry().items()})
    assert (tenants, unusable) == merge(entry())


def test_camel_case_comes_first() -> None:
    """If a service sends both, the documented style counts."""
    (tenant,), _ = merge({**entry(), "AssignedUserSeat": 99})
    assert tenant.assigned == entry()["assignedUserSeat"]


@pytest.mark.parametrize("order", [1, -1])
def test_text_counts_are_noted_whichever_entry_has_them(order: int) -> None:
    """One entry with numbers does not hide another with text, nor does a filtered response."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(assignedUserSeat="1000000000"), entry(id="b", availableUserSeat=None)][::order])
    assert merged.has_text_counts
    merged.fill("available", [entry(id="b", availableUserSeat=5)])
    assert merged.has_text_counts
    later = TenantMerge(FIELDS)
    later.add([entry(availableUserSeat=None)])
    assert not later.has_text_counts
    later.fill("available", [entry(availableUserSeat="5")])
    assert later.has_text_counts
