"""Parsing of responses: any JSON yields seats or problems, never an exception or an invented number."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint import parsing
from seat_report.avepoint.parsing import (
    MOST_SEATS,
    Fields,
    TenantMerge,
    UnreadableResponseError,
    as_list,
    as_object,
    read_json,
)
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query, UnusableTenant
from seat_report.domain.sanitising import clean
from seat_report.domain.tenants import TenantSeats, TenantType
from tests.proof.sampling import many

QUERY = Query("a-customer", TenantType.GOOGLE)
FIELDS = Fields("id", "name")
MISSING = "AvePoint left it out"

# More examples find nothing more.
few_examples = settings(max_examples=many(30, 300))

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


def merge(*items: Any) -> tuple[tuple[TenantSeats, ...], tuple[UnusableTenant, ...]]:
    merged = TenantMerge(FIELDS)
    merged.add(items)
    return merged.result(QUERY)


def entry(**changes: Any) -> dict[str, Any]:
    return {"id": "t", "name": "Tenant", "assignedUserSeat": 3, "availableUserSeat": 4} | changes


def unusable_detail(*items: Any) -> str:
    tenants, unusable = merge(*items)
    assert not tenants
    (tenant,) = unusable
    return tenant.problem.detail


@few_examples
@given(st.lists(entries | anything, max_size=6))
def test_any_entries(items: list[Any]) -> None:
    """Any list of entries yields seats exactly as sent, and problems."""
    tenants, unusable = merge(*items)
    for tenant in tenants:
        sent = [
            item for item in items if isinstance(item, dict) and clean(str(item.get("id")), 200) == tenant.tenant_id
        ]
        sent_counts = [(item["assignedUserSeat"], item["availableUserSeat"]) for item in sent]
        numbers = [tuple(int(count) if isinstance(count, str) else count for count in pair) for pair in sent_counts]
        assert (tenant.assigned, tenant.available) in numbers
        assert type(tenant.assigned) is int
        assert type(tenant.available) is int
        assert min(tenant.assigned, tenant.available) >= 0
        assert max(tenant.assigned, tenant.available) <= MOST_SEATS
        assert tenant.tenant_id
    names = [tenant.name for tenant in tenants] + [tenant.name for tenant in unusable]
    for text in [tenant.problem.detail for tenant in unusable] + names + [tenant.tenant_id for tenant in tenants]:
        text.encode()
        assert not set(text) & set(map(chr, range(32)))


@few_examples
@given(st.lists(entries, max_size=6), st.sampled_from(["assigned", "available"]))
def test_filling_never_changes_a_count(items: list[Any], measure: Any) -> None:
    """A response filtered for one count fills only that count, and only where it is missing."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(id="a"), entry(id="b", assignedUserSeat=None), entry(id="c", availableUserSeat=None)])
    merged.fill(measure, items)
    tenants, _ = merged.result(QUERY)
    by_id = {tenant.tenant_id: tenant for tenant in tenants}
    assert by_id["a"] == TenantSeats("a", "Tenant", 3, 4)
    assert "b" not in by_id or (measure == "assigned" and by_id["b"].available == 4)
    assert "c" not in by_id or (measure == "available" and by_id["c"].assigned == 3)


@few_examples
@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_any_body(body: bytes) -> None:
    """Any body yields a JSON value or the one error for content that isn't JSON."""
    try:
        value = read_json(body)
    except UnreadableResponseError:
        return
    for shape in (as_list, as_object):
        with suppress(UnreadableResponseError):
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
def test_invalid_json(body: bytes) -> None:
    """Deep nesting, broken text, web pages and empty bodies are not JSON, and raise no other exception."""
    with pytest.raises(UnreadableResponseError):
        read_json(body)


def test_endless_texts_are_not_cleaned_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a text as long as a body, only the beginning is looked at, wherever it comes."""
    cleaned: list[int] = []

    def clean(text: str, longest: int) -> str:
        cleaned.append(len(text))
        return text[:longest]

    monkeypatch.setattr(parsing, "clean", clean)
    endless = "\n" * 3_000_000
    merge(endless, {"id": endless}, entry(name=endless, assignedUserSeat=endless))
    assert max(cleaned) < 10_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"  <!doctype html>", "answered with a web page"),
        (b"OK", "answered with something that is not JSON"),
        (b"", "answered with nothing"),
    ],
)
def test_description_of_invalid_json(body: bytes, expected: str) -> None:
    """A web page is called one, as it usually comes from something in front of the service."""
    with pytest.raises(UnreadableResponseError) as raised:
        read_json(body)
    assert str(raised.value) == expected


def test_description_of_another_shape() -> None:
    """The error text continues "AvePoint …" and names the expected shape."""
    with pytest.raises(UnreadableResponseError) as raised:
        as_list({})
    assert str(raised.value) == "answered with something other than the documented list of tenants"
    with pytest.raises(UnreadableResponseError) as raised:
        as_object([])
    assert str(raised.value) == "answered with something other than the documented object"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("null", "AvePoint left it out"),
        ("-1", "-1 is negative"),
        ("2.5", "2.5 is not a whole number"),
        ("true", "true is not a whole number"),
        ("false", "false is not a whole number"),
        ('"N/A"', "the text “N/A” is not a whole number"),
        ('"1,200"', "the text “1,200” is not a whole number"),
        ('" 12"', "the text “12” is not a whole number"),
        ('"١٢"', "the text “١٢” is not a whole number"),
        ('"12345678901"', "the text “12345678901” is not a whole number"),
        ("NaN", "nan is not a whole number"),
        ("-Infinity", "-inf is not a whole number"),
        ("1e400", "inf is not a whole number"),
        ("[3]", "a list is not a whole number"),
        ("{}", "an object is not a whole number"),
        ("1000000001", "1000000001 is impossibly high"),
        ("9" * 40, f"{'9' * 40} is impossibly high"),
        ("1" + "0" * 40, "a number of more than 40 digits is impossibly high"),
        ("-1" + "0" * 40, "a number of more than 40 digits is negative"),
        ("9" * 5000, "inf is not a whole number"),
    ],
)
def test_unusable_counts(count: str, expected: str) -> None:
    """A count that isn't a whole number from 0 makes only its tenant unusable."""
    body = (
        f'[{{"id": "t", "assignedUserSeat": {count}, "availableUserSeat": 1}},'
        '{"id": "u", "assignedUserSeat": 5, "availableUserSeat": 6}]'
    )
    tenants, (unusable,) = merge(*as_list(read_json(body.encode())))
    assert [tenant.tenant_id for tenant in tenants] == ["u"]
    assert unusable.tenant_id == "t"
    assert unusable.problem.kind is ProblemKind.BAD_ANSWER
    assert (unusable.problem.customer_id, unusable.problem.tenant_type) == ("a-customer", TenantType.GOOGLE)
    assert f"assignedUserSeat: {expected}." in unusable.problem.detail


@pytest.mark.parametrize("count", [0, MOST_SEATS])
def test_smallest_and_largest_count(count: int) -> None:
    """0 is a count, and so is the largest accepted number."""
    tenants, _ = merge(entry(assignedUserSeat=count, availableUserSeat=count))
    assert tenants == (TenantSeats("t", "Tenant", count, count),)


@pytest.mark.parametrize(
    ("item", "label", "reason"),
    [
        ({"id": "t", "name": "T"}, "T", f"assignedUserSeat: {MISSING}; availableUserSeat: {MISSING}"),
        (entry(name="", assignedUserSeat=-1), "t", "assignedUserSeat: -1 is negative"),
        (entry(id=None, name=""), "a tenant without a name", "id: AvePoint sent no usable ID"),
        ("x" * 60, "a tenant without a name", f"it is not an object but the text “{'x' * 40}”"),
    ],
)
def test_detail_of_an_unusable_tenant(item: Any, label: str, reason: str) -> None:
    """The detail names the tenant, what is wrong with each count, and what to do; content is quoted only in part."""
    expected = f"The numbers for {label} can't be used: {reason}. If this persists, contact AvePoint support."
    assert unusable_detail(item) == expected


def test_whole_number_written_as_a_float() -> None:
    """25.0 is 25: JSON has one kind of number."""
    tenants, unusable = merge(entry(assignedUserSeat=25.0))
    assert tenants == (TenantSeats("t", "Tenant", 25, 4),)
    assert type(tenants[0].assigned) is int
    assert not unusable


def test_missing_count() -> None:
    """A missing count is not 0."""
    assert "availableUserSeat: AvePoint left it out" in unusable_detail({"id": "t", "assignedUserSeat": 1})


def test_duplicate_keys() -> None:
    """A key with two different values is unusable; the same value twice is that value."""
    body = (
        b'[{"id": "t", "assignedUserSeat": 1, "assignedUserSeat": 2, "availableUserSeat": 3, "availableUserSeat": 3}]'
    )
    assert "assignedUserSeat: AvePoint sent two different values." in unusable_detail(*as_list(read_json(body)))
    beside_a_huge_number = body.replace(b'"t"', b'"t", "serial": ' + b"9" * 5000)
    assert "assignedUserSeat: AvePoint sent two different values." in unusable_detail(
        *as_list(read_json(beside_a_huge_number))
    )


def test_duplicate_tenant() -> None:
    """Equal counts are counted once, whatever the case of a GUID; different counts are a problem, not a sum."""
    guid = "0aF00000-0000-4000-8000-000000000000"
    tenants, _ = merge(entry(id=guid), entry(id=guid.lower(), name="Other"))
    assert tenants == (TenantSeats(guid, "Tenant", 3, 4),)
    assert "two different values" in unusable_detail(entry(), entry(assignedUserSeat=4))
    assert "two different values" in unusable_detail(entry(), entry(assignedUserSeat=4), entry())
    assert "two different values" in unusable_detail(entry(), entry(assignedUserSeat=None))
    assert "availableUserSeat: AvePoint sent two different values." in unusable_detail(
        entry(), entry(availableUserSeat=5)
    )


def test_duplicate_tenant_with_a_name_only_once() -> None:
    """The name is taken from whichever entry has it."""
    tenants, _ = merge(entry(name=None), entry())
    assert [tenant.name for tenant in tenants] == ["Tenant"]


@pytest.mark.parametrize("tenant_id", [None, "", "  ", "\x00", True, 1.5, [], {}, "x" * 201, f"{'x' * 200} y", 10**40])
def test_entry_without_id(tenant_id: object) -> None:
    """An entry without a usable ID is a problem without an ID, under its name."""
    _, (unusable,) = merge(entry(id=tenant_id))
    assert unusable.tenant_id is None
    assert unusable.name == "Tenant"
    assert "no usable ID" in unusable.problem.detail


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
def test_tenant_ids(given_id: object, expected: str) -> None:
    """Surrounding space is removed from an ID, a number becomes its digits, and unencodable text is replaced."""
    tenants, _ = merge(entry(id=given_id))
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
def test_tenant_names(name: object, expected: str) -> None:
    """A name is displayable text or empty; it is never a reason to reject a tenant."""
    tenants, _ = merge(entry(name=name))
    assert tenants[0].name == expected


@pytest.mark.parametrize("item", [None, 5, "tenant", ["t"], True])
def test_entry_that_is_not_an_object(item: object) -> None:
    """Anything else among the entries is reported, and doesn't affect the others."""
    tenants, (unusable,) = merge(item, entry())
    assert len(tenants) == 1
    assert "not an object but" in unusable.problem.detail


def test_missing_counts() -> None:
    """Only counts missing for some tenant are listed, not unusable ones."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(), entry(id="u", assignedUserSeat=-1), entry(id="v", availableUserSeat=None)])
    assert merged.missing_counts() == ("available",)


def test_filling_missing_counts() -> None:
    """A second response is merged by tenant; a tenant only in the second response is a problem."""
    merged = TenantMerge(FIELDS)
    merged.add([{"id": "t", "name": "T", "assignedUserSeat": 3}, {"id": "u", "assignedUserSeat": 5}])
    merged.fill("available", [{"id": "t", "availableUserSeat": 8}, {"id": "w", "availableUserSeat": 9}, "?"])
    tenants, unusable = merged.result(QUERY, "r-1")
    assert tenants == (TenantSeats("t", "T", 3, 8),)
    assert [tenant.tenant_id for tenant in unusable] == ["u", "w", None]
    assert "request id: r-1" in unusable[0].problem.evidence


@pytest.mark.parametrize("measure", ["assigned", "available"])
def test_filtered_response_provides_only_its_count(measure: Any) -> None:
    """A tenant found only in a filtered response has only the count filtered for."""
    merged = TenantMerge(FIELDS)
    merged.fill(measure, [entry()])
    tenants, (unusable,) = merged.result(QUERY)
    assert not tenants
    other = "availableUserSeat" if measure == "assigned" else "assignedUserSeat"
    assert f"can't be used: {other}: AvePoint left it out." in unusable.problem.detail


def test_entries_without_id_in_any_response() -> None:
    """Entries without an ID are reported from the first response and from the filtered ones."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(id=None, name="One")])
    merged.fill("available", [entry(id=None, name="Other")])
    _, unusable = merged.result(QUERY)
    assert [tenant.name for tenant in unusable] == ["One", "Other"]


def test_many_entries_without_id_are_summarised() -> None:
    """Beyond ten, two or more are summarised, a single one is not; each has the request ID."""
    eleven, twelve = TenantMerge(FIELDS), TenantMerge(FIELDS)
    eleven.add([entry(id=None)] * 11)
    twelve.add([entry(id=None)] * 12)
    assert [tenant.name for tenant in eleven.result(QUERY)[1]] == ["Tenant"] * 11
    unusable = twelve.result(QUERY, "r-1")[1]
    assert [tenant.name for tenant in unusable] == ["Tenant"] * 10 + ["2 more tenants"]
    assert all("request id: r-1" in tenant.problem.evidence for tenant in unusable)
    assert "for 2 more tenants can't be used: AvePoint sent no usable IDs." in unusable[-1].problem.detail


def test_evidence_without_a_request_id() -> None:
    """Not every response carries an ID; then none is mentioned."""
    merged = TenantMerge(FIELDS)
    merged.add([entry(assignedUserSeat=None)])
    _, (unusable,) = merged.result(QUERY)
    assert unusable.problem.evidence == ""
