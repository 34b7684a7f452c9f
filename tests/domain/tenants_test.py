"""The domain's vocabulary: tenant types, kinds of problems and results of queries."""

import pytest

from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult, UnusableTenant
from seat_report.domain.tenants import Status, TenantKey, TenantRow, TenantType


def test_numbers_names_and_labels() -> None:
    """Each type has the number of the API's specification, the name used in settings and a label for people."""
    assert [(tenant_type.number, str(tenant_type), tenant_type.label) for tenant_type in TenantType] == [
        (0, "microsoft-365", "Microsoft 365"),
        (1, "salesforce", "Salesforce"),
        (2, "google", "Google"),
        (3, "dynamics-365", "Dynamics 365"),
    ]


@pytest.mark.parametrize("text", ["", " ", "4", "-1", "00", "0.0", "microsoft", "google-workspace", "-google", "True"])
def test_parse_refuses_other_texts(text: str) -> None:
    """Anything else is refused with the text and the valid values."""
    with pytest.raises(ValueError, match="use one or more of") as caught:
        TenantType.parse(text)
    message = str(caught.value)
    assert message.startswith(f"{text.strip()!r} is not valid; ")
    assert all(f"{tenant_type} ({tenant_type.number})" in message for tenant_type in TenantType)


def test_parse_shortens_a_long_text() -> None:
    """A message repeats only the start of a very long text."""
    with pytest.raises(ValueError, match="… is not valid; use one or more of") as caught:
        TenantType.parse("x" * 50_000)
    assert len(str(caught.value)) < 250


def test_notices() -> None:
    """A blank or duplicate ID and an unclear Include are notices; every other problem means that data is missing."""
    notices = {kind for kind in ProblemKind if kind.is_notice}
    assert notices == {ProblemKind.BLANK_CUSTOMER_ID, ProblemKind.DUPLICATE_CUSTOMER_ID, ProblemKind.INVALID_INCLUDE}


def test_kinds_are_stable_names() -> None:
    """Kinds are stable names in lower case with hyphens, suitable for log filters."""
    assert all(kind.value == kind.name.lower().replace("_", "-") for kind in ProblemKind)


def test_problems_of_a_result() -> None:
    """A result's problems are its failure, then those of its unusable tenants in their order."""
    query = Query("c-1", TenantType.GOOGLE)
    failure, first, second = (Problem(ProblemKind.BAD_ANSWER, detail) for detail in ("failure", "first", "second"))
    unusable = (UnusableTenant("t-1", "One", first), UnusableTenant(None, "", second))
    assert SeatResult(query).problems == ()
    assert SeatResult(query, failure=failure).problems == (failure,)
    assert SeatResult(query, unusable=unusable, failure=failure).problems == (failure, first, second)


@pytest.mark.parametrize(
    ("assigned", "available", "has_numbers"), [(1, 2, True), (0, 0, True), (1, None, False), (None, 2, False)]
)
def test_a_row_has_numbers_if_it_has_both(assigned: int | None, available: int | None, has_numbers: bool) -> None:
    """One count alone makes no sum."""
    key = TenantKey.of("c", TenantType.GOOGLE, "t")
    assert TenantRow(key, "c", "C", "t", "T", Status.STALE, "", assigned, available).has_numbers is has_numbers
