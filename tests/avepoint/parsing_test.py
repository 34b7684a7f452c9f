"""Answers: any JSON comes to seats or to problems, never to an exception and never to a made-up number."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.parsing import (
    MOST_SEATS,
    Fields,
    TenantMerge,
    UnreadableAnswerError,
    as_list,
    as_object,
    read_json,
)
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query, UnusableTenant
from seat_report.domain.sanitising import clean
from seat_report.domain.tenants import TenantSeats, TenantType

QUERY = Query("a-customer", TenantType.GOOGLE)
FIELDS = Fields("id", "name")
LEFT_OUT = "AvePoint left it out"

# More of these find nothing more.
some = settings(max_examples=60)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
counts = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
entries = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b", "A"]) | anything,
        "name": anything,
        "assignedUserSeat": st.integers(0, 5) | counts,
        "availableUserSeat": st.integers(0, 5) | counts,
        "extra": anything,
    },
)


def came_to(*items: Any) -> tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]:
    tally = TenantMerge(FIELDS)
    tally.add(items)
    return tally.result(QUERY)


def entry(**changes: Any) -> dict[str, Any]:
    return {"id": "t", "name": "Tenant", "assignedUserSeat": 3, "availableUserSeat": 4} | changes


def why(*items: Any) -> str:
    tenants, unusable = came_to(*items)
    assert not tenants
    (tenant,) = unusable
    return tenant.problem.detail


@some
@given(st.lists(entries | anything, max_size=6))
def test_whatever_the_entries_are(items: list[Any]) -> None:
    """Any list of entries comes to seats that were sent just so, and to problems."""
    tenants, unusable = came_to(*items)
    for tenant in tenants:
        sent = [
            item for item in items if isinstance(item, dict) and clean(str(item.get("id")), 200) == tenant.tenant_id
        ]
        numbers = [(item["assignedUserSeat"], item["availableUserSeat"]) for item in sent]
        assert (tenant.assigned, tenant.available) in numbers
        assert type(tenant.assigned) is int
        assert type(tenant.available) is int
        assert min(tenant.assigned, tenant.available) >= 0
        assert max(tenant.assigned, tenant.available) <= MOST_SEATS
        assert tenant.tenant_id
    names = [one.name for one in tenants] + [one.name for one in unusable]
    for text in [one.problem.detail for one in unusable] + names + [one.tenant_id for one in tenants]:
        text.encode()
        assert not set(text) & set(map(chr, range(32)))


@some
@given(st.lists(entries, max_size=6), st.sampled_from(["assigned", "available"]))
def test_filling_never_changes_a_number(items: list[Any], measure: Any) -> None:
    """The answer to a question for one count fills that count alone, and only where there was none."""
    tally = TenantMerge(FIELDS)
    tally.add([entry(id="a"), entry(id="b", assignedUserSeat=None), entry(id="c", availableUserSeat=None)])
    tally.fill(measure, items)
    tenants, _ = tally.result(QUERY)
    found = {tenant.tenant_id: tenant for tenant in tenants}
    assert found["a"] == TenantSeats("a", "Tenant", 3, 4)
    assert "b" not in found or (measure == "assigned" and found["b"].available == 4)
    assert "c" not in found or (measure == "available" and found["c"].assigned == 3)


@some
@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_body_is(body: bytes) -> None:
    """Any body comes to a JSON value or to the one error that says it has none."""
    try:
        value = read_json(body)
    except UnreadableAnswerError:
        return
    for shape in (as_list, as_object):
        with suppress(UnreadableAnswerError):
            shape(value)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'[{"id": "t"',
        b"\xff\xfe\xfa",
        b'["\\ud800"',
        b"<html><body>Sign in</body></html>",
        b"",
        b"[1]]",
    ],
)
def test_what_is_not_json(body: bytes) -> None:
    """Deep nesting, broken text, pages and nothing at all are no JSON, without an exception of another kind."""
    with pytest.raises(UnreadableAnswerError):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"  <!doctype html>", "answered with a web page"),
        (b"OK", "answered with something that is not JSON"),
        (b"", "answered with nothing"),
    ],
)
def test_what_came_instead_of_json(body: bytes, expected: str) -> None:
    """A web page is called one, as it usually comes from something in front of the service."""
    with pytest.raises(UnreadableAnswerError) as caught:
        read_json(body)
    assert str(caught.value) == expected


def test_what_came_instead_of_the_documented_shape() -> None:
    """The sentence goes on after "AvePoint" and says which shape was expected."""
    with pytest.raises(UnreadableAnswerError) as caught:
        as_list({})
    assert str(caught.value) == "answered with something other than the documented list of tenants"
    with pytest.raises(UnreadableAnswerError) as caught:
        as_object([])
    assert str(caught.value) == "answered with something other than the documented object"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("null", "AvePoint left it out"),
        ("-1", "-1 is negative"),
        ("2.5", "2.5 is not a whole number"),
        ("true", "true is not a whole number"),
        ("false", "false is not a whole number"),
        ('"12"', "the text “12” is not a whole number"),
        ("NaN", "nan is not a whole number"),
        ("-Infinity", "-inf is not a whole number"),
        ("1e400", "inf is not a whole number"),
        ("[3]", "a list is not a whole number"),
        ("{}", "an object is not a whole number"),
        ("1000000001", "1000000001 is impossibly many"),
        ("9" * 40, f"{'9' * 40} is impossibly many"),
        ("1" + "0" * 40, "a number of more than 40 digits is impossibly many"),
        ("-1" + "0" * 40, "a number of more than 40 digits is negative"),
        ("9" * 5000, "inf is not a whole number"),
    ],
)
def test_counts_that_cannot_be_used(count: str, expected: str) -> None:
    """A count that is no whole number from 0 is the problem of its tenant; the others stand."""
    body = (
        f'[{{"id": "t", "assignedUserSeat": {count}, "availableUserSeat": 1}},'
        '{"id": "u", "assignedUserSeat": 5, "availableUserSeat": 6}]'
    )
    tenants, (unusable,) = came_to(*as_list(read_json(body.encode())))
    assert [tenant.tenant_id for tenant in tenants] == ["u"]
    assert unusable.tenant_id == "t"
    assert unusable.problem.kind is ProblemKind.BAD_ANSWER
    assert (unusable.problem.customer_id, unusable.problem.tenant_type) == ("a-customer", TenantType.GOOGLE)
    assert f"assignedUserSeat: {expected}." in unusable.problem.detail


@pytest.mark.parametrize("count", [0, MOST_SEATS])
def test_the_least_and_the_most(count: int) -> None:
    """None at all is a count, and so is the largest that is believed."""
    tenants, _ = came_to(entry(assignedUserSeat=count, availableUserSeat=count))
    assert tenants == (TenantSeats("t", "Tenant", count, count),)


@pytest.mark.parametrize(
    ("item", "called", "reason"),
    [
        ({"id": "t", "name": "T"}, "T", f"assignedUserSeat: {LEFT_OUT}; availableUserSeat: {LEFT_OUT}"),
        (entry(name="", assignedUserSeat=-1), "t", "assignedUserSeat: -1 is negative"),
        (entry(id=None, name=""), "a tenant without a name", "id: AvePoint gave no usable id"),
        ("x" * 60, "a tenant without a name", f"it is not an object but the text “{'x' * 40}”"),
    ],
)
def test_what_is_told_of_a_tenant_that_cannot_be_used(item: Any, called: str, reason: str) -> None:
    """Which it is, what is wrong with each number, and what to do; at most so much of what came."""
    expected = f"The numbers of {called} can't be used: {reason}. If this stays so, tell AvePoint's support."
    assert why(item) == expected


def test_a_whole_number_written_as_a_fraction() -> None:
    """25.0 is 25: JSON has one kind of number."""
    tenants, unusable = came_to(entry(assignedUserSeat=25.0))
    assert tenants == (TenantSeats("t", "Tenant", 25, 4),)
    assert type(tenants[0].assigned) is int
    assert not unusable


def test_a_count_that_is_missing() -> None:
    """A count that isn't there is not 0."""
    assert "availableUserSeat: AvePoint left it out" in why({"id": "t", "assignedUserSeat": 1})


def test_two_values_under_one_key() -> None:
    """Of two different values under one key neither is chosen; the same value twice is that value."""
    body = (
        b'[{"id": "t", "assignedUserSeat": 1, "assignedUserSeat": 2, "availableUserSeat": 3, "availableUserSeat": 3}]'
    )
    assert "assignedUserSeat: AvePoint gave two different values." in why(*as_list(read_json(body)))
    beside_a_huge_number = body.replace(b'"t"', b'"t", "serial": ' + b"9" * 5000)
    assert "assignedUserSeat: AvePoint gave two different values." in why(*as_list(read_json(beside_a_huge_number)))


def test_a_tenant_that_comes_twice() -> None:
    """The same numbers count once, whatever the case of a GUID; different numbers are a problem and not a sum."""
    guid = "0aF00000-0000-4000-8000-000000000000"
    tenants, _ = came_to(entry(id=guid), entry(id=guid.lower(), name="Other"))
    assert tenants == (TenantSeats(guid, "Tenant", 3, 4),)
    assert "two different values" in why(entry(), entry(assignedUserSeat=4))
    assert "two different values" in why(entry(), entry(assignedUserSeat=4), entry())
    assert "two different values" in why(entry(), entry(assignedUserSeat=None))
    assert "availableUserSeat: AvePoint gave two different values." in why(entry(), entry(availableUserSeat=5))


def test_a_tenant_that_comes_with_its_name_only_the_second_time() -> None:
    """The name is taken from wherever it is."""
    tenants, _ = came_to(entry(name=None), entry())
    assert [tenant.name for tenant in tenants] == ["Tenant"]


@pytest.mark.parametrize("tenant_id", [None, "", "  ", "\x00", True, 1.5, [], {}, "x" * 201, f"{'x' * 200} y", 10**40])
def test_an_entry_without_an_id(tenant_id: object) -> None:
    """An entry that can't be told from others is a problem without an id, under its name."""
    _, (unusable,) = came_to(entry(id=tenant_id))
    assert unusable.tenant_id is None
    assert unusable.name == "Tenant"
    assert "no usable id" in unusable.problem.detail


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        (" t ", "t"),
        (1234, "1234"),
        (10**39, f"{10**39}"),
        ("x" * 200, "x" * 200),
        ("a\x07b", "a b"),
        ("\ud800", "\ufffd"),
    ],
)
def test_ids_as_they_are_kept(given_id: object, expected: str) -> None:
    """Space around an id is no part of it, a number is its digits, and what can't be written is replaced."""
    tenants, _ = came_to(entry(id=given_id))
    assert tenants[0].tenant_id == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, ""),
        (5, ""),
        ("=1+1", "=1+1"),
        ("A\nB\x00C\u2028D", "A B C D"),
        ("\ud83d", "\ufffd"),
        ("abc\u202etxt", "abctxt"),
        ("東京 ☕", "東京 ☕"),
        ("n" * 600, "n" * 500),
    ],
)
def test_names_as_they_are_kept(name: object, expected: str) -> None:
    """A name is text that can be written and shown, or nothing; it is no reason to refuse a tenant."""
    tenants, _ = came_to(entry(name=name))
    assert tenants[0].name == expected


@pytest.mark.parametrize("item", [None, 5, "tenant", ["t"], True])
def test_an_entry_that_is_no_object(item: object) -> None:
    """Something else among the entries is told, and costs the others nothing."""
    tenants, (unusable,) = came_to(item, entry())
    assert len(tenants) == 1
    assert "not an object but" in unusable.problem.detail


def test_what_was_left_out() -> None:
    """The counts that any tenant came without are known, unfit ones not among them."""
    tally = TenantMerge(FIELDS)
    tally.add([entry(), entry(id="u", assignedUserSeat=-1), entry(id="v", availableUserSeat=None)])
    assert tally.left_out() == ("available",)


def test_filling_in_what_was_left_out() -> None:
    """A second answer is joined by tenant; a tenant that only the second answer has is a problem."""
    tally = TenantMerge(FIELDS)
    tally.add([{"id": "t", "name": "T", "assignedUserSeat": 3}, {"id": "u", "assignedUserSeat": 5}])
    tally.fill("available", [{"id": "t", "availableUserSeat": 8}, {"id": "w", "availableUserSeat": 9}, "?"])
    tenants, unusable = tally.result(QUERY, "r-1")
    assert tenants == (TenantSeats("t", "T", 3, 8),)
    assert [one.tenant_id for one in unusable] == ["u", "w", None]
    assert "request id: r-1" in unusable[0].problem.detail


@pytest.mark.parametrize("measure", ["assigned", "available"])
def test_a_filtered_answer_says_nothing_of_the_other_count(measure: Any) -> None:
    """A tenant that only such an answer has is known by the count that was asked for alone."""
    tally = TenantMerge(FIELDS)
    tally.fill(measure, [entry()])
    tenants, (unusable,) = tally.result(QUERY)
    assert not tenants
    other = "availableUserSeat" if measure == "assigned" else "assignedUserSeat"
    assert f"can't be used: {other}: AvePoint left it out." in unusable.problem.detail


def test_entries_without_an_id_in_any_answer_are_told() -> None:
    """Those of the first answer and those of the answers that fill it."""
    tally = TenantMerge(FIELDS)
    tally.add([entry(id=None, name="One")])
    tally.fill("available", [entry(id=None, name="Other")])
    _, unusable = tally.result(QUERY)
    assert [one.name for one in unusable] == ["One", "Other"]


def test_entries_without_an_id_are_told_one_by_one_as_long_as_they_are_few() -> None:
    """Two more than ten are told together, a single one is not; each with the service's name for its answer."""
    eleven, twelve = TenantMerge(FIELDS), TenantMerge(FIELDS)
    eleven.add([entry(id=None)] * 11)
    twelve.add([entry(id=None)] * 12)
    assert [one.name for one in eleven.result(QUERY)[1]] == ["Tenant"] * 11
    told = twelve.result(QUERY, "r-1")[1]
    assert [one.name for one in told] == ["Tenant"] * 10 + ["2 more tenants"]
    assert all("request id: r-1" in one.problem.detail for one in told)
    assert "of 2 more tenants can't be used: AvePoint gave no usable ids." in told[-1].problem.detail
