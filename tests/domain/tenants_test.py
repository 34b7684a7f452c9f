"""The domain's vocabulary: tenant types, kinds of problems, and when two IDs are one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.domain.identity import canonical_id, looks_like_guid
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult, UnusableTenant
from seat_report.domain.tenants import TenantType

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_numbers_names_and_labels() -> None:
    """Each type has the number of the API's specification, the name of our settings and a label for people."""
    assert [(one.number, str(one), one.label) for one in TenantType] == [
        (0, "microsoft-365", "Microsoft 365"),
        (1, "salesforce", "Salesforce"),
        (2, "google", "Google"),
        (3, "dynamics-365", "Dynamics 365"),
    ]


@pytest.mark.parametrize("tenant_type", TenantType)
@settings(max_examples=50)
@given(st.data())
def test_parse_whatever_the_case_and_spacing(tenant_type: TenantType, data: st.DataObject) -> None:
    """A type is known by its name, label or number, in any case, with any spacing between its words and around."""
    gap = st.text(" \t\n\u00a0_-", min_size=1, max_size=3)
    around = st.text(" \t\n\u00a0", max_size=2)
    text = data.draw(st.sampled_from([tenant_type.value, tenant_type.label, str(tenant_type.number)]))
    text = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(text)
    text = data.draw(gap).join(text.replace("-", " ").split(" "))
    assert TenantType.parse(data.draw(around) + text + data.draw(around)) is tenant_type


@pytest.mark.parametrize("text", ["", " ", "4", "-1", "00", "0.0", "microsoft", "google-workspace", "-google", "True"])
def test_parse_refuses_the_rest(text: str) -> None:
    """Anything else is refused with what was found and what is possible."""
    with pytest.raises(ValueError, match="expected some of") as caught:
        TenantType.parse(text)
    told = str(caught.value)
    assert told.startswith(f"found {text.strip()!r}, ")
    assert all(f"{one} ({one.number})" in told for one in TenantType)


def test_parse_repeats_only_the_start_of_a_long_text() -> None:
    """A text beyond measure does not make the message one."""
    with pytest.raises(ValueError, match="…, expected some of") as caught:
        TenantType.parse("x" * 50_000)
    assert len(str(caught.value)) < 250


def test_only_three_kinds_are_notices() -> None:
    """A blank or repeated ID and an unclear Include take nothing away from the report; every other problem does."""
    notices = {kind for kind in ProblemKind if kind.is_notice}
    assert notices == {ProblemKind.BLANK_CUSTOMER_ID, ProblemKind.DUPLICATE_CUSTOMER_ID, ProblemKind.INVALID_INCLUDE}


def test_kinds_are_written_as_one_word() -> None:
    """Kinds are stable names in small letters and hyphens, each its own, fit for a log's filter."""
    assert all(kind.value == kind.name.lower().replace("_", "-") for kind in ProblemKind)


@pytest.mark.parametrize("text", [GUID, GUID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_guids(text: str) -> None:
    """A GUID is known in either case."""
    assert looks_like_guid(text)


@pytest.mark.parametrize(
    "text",
    ["", GUID[:-1], GUID + "0", f"{{{GUID}}}", GUID.replace("-", ""), GUID.replace("0", "g"), f"{GUID}\n", f" {GUID}"],
)
def test_no_guids(text: str) -> None:
    """What is a little more or less than a GUID is none."""
    assert not looks_like_guid(text)


def test_same_id() -> None:
    """A GUID's case means nothing; another ID's does."""
    assert canonical_id(GUID) == canonical_id(GUID.upper())
    assert canonical_id("Contoso") != canonical_id("contoso")


def test_problems_of_an_answer() -> None:
    """An answer's problems begin with what failed it, then come those of its entries in their order."""
    query = Query("c-1", TenantType.GOOGLE)
    failure, first, second = (Problem(ProblemKind.BAD_ANSWER, detail) for detail in ("failure", "first", "second"))
    unusable = (UnusableTenant("t-1", "One", first), UnusableTenant(None, "", second))
    assert SeatResult(query).problems == ()
    assert SeatResult(query, failure=failure).problems == (failure,)
    assert SeatResult(query, unusable=unusable, failure=failure).problems == (failure, first, second)
