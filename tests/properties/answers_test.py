"""AvePoint's responses: whatever they are, each query ends soon, with numbers as sent or with a named problem."""

import json
import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from seat_report.avepoint import client
from seat_report.avepoint.client import AvePoint
from seat_report.avepoint.parsing import MOST_SEATS
from seat_report.avepoint.transport import Reply
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Collection, Query, SeatResult
from seat_report.domain.tenants import TenantType
from seat_report.errors import ConfigurationError
from tests.proof.sampling import many
from tests.properties.corpus import CORPUS, HALVES
from tests.support.avepoint_client import LONG, SkippingClock
from tests.support.avepoint_client import settings as client_settings

HEALTHY = Query("healthy", TenantType.GOOGLE)
FAULTY = Query("faulty", TenantType.GOOGLE)
GOOD_ENTRY = {"id": "t", "name": "T", "assignedUserSeat": 7, "availableUserSeat": 8}
# The most requests one query may take: all its pages, each after some failures.
MOST_REQUESTS = 400
SENT_COUNT = re.compile(r'"(?:assigned|available)UserSeat"\s*:\s*"?(-?[0-9][0-9.eE+-]*)')

many_examples = settings(max_examples=many(50, 3000))

ReplyScript = Callable[[str, int], Reply]


def reply(body: bytes | object, status: int = 200, **headers: str) -> Reply:
    """A reply with this body, or with this value as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, CaseInsensitiveDict({name.replace("_", "-"): text for name, text in headers.items()}), content)


class ScriptedTransport:
    """Replaces the transport: issues tokens, responds correctly for one customer, and as scripted for the other."""

    def __init__(self, script: ReplyScript, contract: str) -> None:
        self._script = script
        self._contract = contract
        self.request_count = 0

    def post(self, url: str, headers: dict[str, str], body: bytes | str, timeout: float, *, largest: int = 0) -> Reply:
        """The reply to one request."""
        assert headers
        assert timeout > 0
        assert largest >= 0
        if url.endswith("/token"):
            return reply({"access_token": "hush-hush", "expires_in": 3600})
        if self._contract not in url.rpartition("/type/")[2].replace("/", "-"):
            return reply({}, 404)
        if "/healthy/" in url:
            batch = {"data": [{**GOOD_ENTRY, "tenantId": "t"}], "metadata": {"totalCount": 1}}
            return reply([GOOD_ENTRY] if self._contract == "users" else batch)
        self.request_count += 1
        return self._script(str(body), self.request_count)

    def close_connections(self) -> None:
        """Do nothing: there are no connections."""


def collect(script: ReplyScript, contract: str) -> tuple[Collection, ScriptedTransport]:
    """A client's collection from such a transport, and the transport."""
    transport = ScriptedTransport(script, contract)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "Transport", lambda *_: transport)
        clock = SkippingClock()
        avepoint = AvePoint(client_settings(avepoint_concurrency=2, avepoint_seats_contract=contract), clock=clock)
        collection = avepoint.collect([HEALTHY, FAULTY], stop_at=clock.monotonic() + LONG)
    return collection, transport


def checked_result(script: ReplyScript, contract: str = "users") -> tuple[SeatResult, ScriptedTransport]:
    """The result of the faulty customer, after checking that the healthy one's is correct in any case."""
    collection, transport = collect(script, contract)
    healthy, faulty = collection.results
    assert [(seats.assigned, seats.available) for seats in healthy.tenants] == [(7, 8)]
    assert not healthy.problems
    assert faulty.query == FAULTY
    assert transport.request_count <= MOST_REQUESTS
    for problem in faulty.problems:
        assert len(problem.detail) < 1000
        assert not set(problem.detail) & set(map(chr, range(32)))
        problem.detail.encode()
    return faulty, transport


def numbers_sent(replies: Sequence[Reply]) -> set[float]:
    """Every number sent as a count in any reply."""
    numbers = set()
    for sent_reply in replies:
        text = sent_reply.body.decode(json.detect_encoding(sent_reply.body), "replace")
        numbers |= {float(number) for number in SENT_COUNT.findall(text)}
    return numbers


def check_numbers(result: SeatResult, replies: Sequence[Reply]) -> None:
    """Check that no number in the result is invented."""
    sent = numbers_sent(replies)
    for seats in result.tenants:
        for number in (seats.assigned, seats.available):
            assert type(number) is int
            assert 0 <= number <= MOST_SEATS
            assert float(number) in sent


texts = st.sampled_from([hostile.text for hostile in CORPUS + HALVES]) | st.text(st.characters(exclude_categories=[]))
numbers = st.sampled_from(
    [0, -0.0, 7, -1, 2**31, 2**53 + 1, 2**63, 10**30, 10**400, 1e300, 1e308, 0.5, 25.0, 5e-324, float("nan")]
) | st.floats(allow_nan=True, allow_infinity=True)
counts: st.SearchStrategy[Any] = (
    st.integers(0, 50) | numbers | texts | st.none() | st.booleans() | st.just([]) | st.just({"value": 5})
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
ids = st.sampled_from(["t", "T", " t", "u", "", "t\u200b", 5, 5.0, "5", True, None]) | texts
entries = st.fixed_dictionaries(
    {},
    optional={
        "id": ids,
        "tenantId": ids,
        "name": texts | anything,
        "tenantName": texts | anything,
        "assignedUserSeat": st.integers(0, 50) | counts,
        "availableUserSeat": st.integers(0, 50) | counts,
        "extra": anything,
    },
)
totals = st.integers(-2, 300) | counts
lists = st.lists(entries | anything, max_size=5)
pages = st.fixed_dictionaries(
    {"data": lists | anything},
    optional={"metadata": st.fixed_dictionaries({}, optional={"totalCount": totals}) | anything, "nextLink": texts},
)
json_bodies = (lists | pages | anything).map(lambda value: json.dumps(value).encode())


def _duplicate_counts(body: bytes) -> bytes:
    """Repeat each count with another number."""
    return re.sub(rb'("assignedUserSeat": )([0-9]+)', rb"\1\2, \g<1>1\2", body)


bodies = st.one_of(
    json_bodies,
    json_bodies.map(lambda body: b"\xef\xbb\xbf" + body),
    json_bodies.map(lambda body: body.decode().encode("utf-16")),
    json_bodies.map(lambda body: body[: len(body) // 2]),
    json_bodies.map(lambda body: body + body),
    json_bodies.map(_duplicate_counts),
    json_bodies.map(lambda body: body.replace(b'"', b"'")),
    json_bodies.map(lambda body: body.replace(b"a", b"\xff")),
    st.binary(),
)
statuses = st.sampled_from(
    [200] * 12 + [201, 202, 204, 206, 299, 301, 307, 400, 403, 404, 408, 409, 418, 429, 500, 503]
)
retry_after_values = texts | st.sampled_from(
    [
        *("-1", "0", "1", "30", "31", "999999999", "9" * 400, "1e9", "NaN", "inf", "٣", "soon", "1, 2", " 5 ", "0x5"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "1 Jan"),
        *("Thu, 01 Jan 2026 00:00:00 +9999", "Thu, 99 Foo 2026 99:99:99 GMT", "Mon, 23 Nov 2026 12:00:00 -0000"),
    ]
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Retry_After": retry_after_values,
        "Date": retry_after_values,
        "Location": texts,
        "Content_Type": texts,
        "X_Request_Id": texts,
    },
)
replies = st.builds(lambda body, status, headers: reply(body, status, **headers), bodies, statuses, headers)


@many_examples
@given(st.lists(replies, min_size=1, max_size=5), st.sampled_from(["users", "tenants-batch"]))
def test_any_replies(script: list[Reply], contract: str) -> None:
    """Any sequence of replies yields numbers as sent or named problems, never an exception."""
    result, _ = checked_result(lambda _, number: script[(number - 1) % len(script)], contract)
    check_numbers(result, script)
    if result.failure:
        assert not result.tenants


@pytest.mark.parametrize(
    "number",
    [
        *(
            "1e400",
            "-1e400",
            "NaN",
            "Infinity",
            "-Infinity",
            "-1",
            "-0.5",
            "2.5",
            "1e-5",
            "9223372036854775808",
            "1e18",
        ),
        *('"７"', "true", "false", "null", "[]", "[7]", "{}", '{"7": 7}', "1" * 5000, "-" + "1" * 5000),
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
def test_invalid_counts(number: str, contract: str) -> None:
    """A value that isn't a whole number from 0 is a problem of its tenant, with a reason; other tenants are kept."""
    bad = f'{{"id": "b", "tenantId": "b", "assignedUserSeat": {number}, "availableUserSeat": 1}}'
    good = '{"id": "g", "tenantId": "g", "assignedUserSeat": 3, "availableUserSeat": 4}'
    body = (
        f"[{bad}, {good}]" if contract == "users" else f'{{"data": [{bad}, {good}], "metadata": {{"totalCount": 2}}}}'
    )
    result, _ = checked_result(lambda *_: reply(body.encode()), contract)
    assert [(seats.tenant_id, seats.assigned, seats.available) for seats in result.tenants] == [("g", 3, 4)]
    assert [(tenant.tenant_id, tenant.problem.kind) for tenant in result.unusable] == [("b", ProblemKind.BAD_ANSWER)]


@pytest.mark.parametrize("number", ["7", "7.0", "70e-1", "0.7e1", "7.000"])
def test_valid_counts(number: str) -> None:
    """A number in another notation is that number."""
    body = f'[{{"id": "t", "assignedUserSeat": {number}, "availableUserSeat": 0}}]'
    result, _ = checked_result(lambda *_: reply(body.encode()))
    assert [(seats.assigned, seats.available) for seats in result.tenants] == [(7, 0)]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'[{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        b"\xff\xfe",
        b'["\xff\xfe"]',
        b'[{"id": "\xed\xa0\x80"}',
        b"[" + b"0," * 1_000_000 + b"0]",
        b"[" + b"{}," * 20_000 + b"{}]",
        b"[" + b'{"id":"a"},' * 20_000 + b"{}]",
        b'{"data": [' + b"{}," * 20_000 + b"{}]}",
        b'"' + b"x" * 3_000_000 + b'"',
        b"9" * 3_000_000,
        b"-",
        b"\x00",
        b"{}{}",
        b"while(1);[]",
        b"<!doctype html><title>Sign in</title>",
        b"",
    ],
    ids=lambda body: repr(body[:14]),
)
@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
def test_invalid_bodies(body: bytes, contract: str) -> None:
    """A body that is too deep, too large or not as documented fails the query with a reason, after one request."""
    result, transport = checked_result(lambda *_: reply(body), contract)
    assert result.failure
    assert result.failure.kind is ProblemKind.BAD_ANSWER
    assert transport.request_count == 1


def page(*names: object, total: object = None) -> Reply:
    """A page with these tenants."""
    data = [{"tenantId": name, "tenantName": "T", "assignedUserSeat": 1, "availableUserSeat": 1} for name in names]
    return reply({"data": data, "metadata": {"totalCount": total}})


@pytest.mark.parametrize(
    "total",
    [
        lambda _: None,
        lambda number: number + 1,
        lambda number: number * 1000,
        lambda number: -number,
        lambda number: 10_000 - number,
        lambda _: 10_000,
        lambda number: 0 if number % 2 else 9,
        lambda _: "many",
        lambda _: 1e400,
        lambda _: 10**4000,
    ],
    ids=["none", "one more", "growing", "negative", "shrinking", "all", "to and fro", "words", "infinite", "digits"],
)
@pytest.mark.parametrize("size", [1, 99])
def test_endless_pages(total: Callable[[int], object], size: int) -> None:
    """Pages that always bring something new end after as many as any customer could fill, at the latest.

    A list that shows on its second page that it changes is begun twice more.
    """
    names = count()
    result, transport = checked_result(
        lambda _, number: page(*(f"t{next(names)}" for _ in range(size)), total=total(number)), "tenants-batch"
    )
    assert transport.request_count <= 102 + 2 * 2
    assert result.failure is None or result.failure.kind is ProblemKind.BAD_ANSWER
    assert len(result.tenants) <= 10_000


def test_one_new_tenant_per_page() -> None:
    """Pages that repeat tenants with one new one each end once the limit of tenants has been sent."""
    result, transport = checked_result(lambda _, number: page(*range(100), f"new {number}"), "tenants-batch")
    assert result.failure
    assert transport.request_count <= 101 + 2 * 2


@pytest.mark.parametrize(
    "status", [100, 101, 202, 206, 300, 301, 302, 303, 304, 307, 308, 402, 410, 451, 499, 599, 999]
)
def test_undocumented_statuses(status: int) -> None:
    """An undocumented status fails the query, however valid the body, and no redirect is followed."""
    result, transport = checked_result(lambda *_: reply([GOOD_ENTRY], status, Location="https://evil.example/"))
    assert result.failure
    assert not result.tenants
    assert transport.request_count <= 4


def token_transport(token_reply: Reply) -> Any:
    """A transport with this reply at the token endpoint."""

    class TokenTransport(ScriptedTransport):
        def post(
            self, url: str, headers: dict[str, str], body: bytes | str, timeout: float, *, largest: int = 0
        ) -> Reply:
            usual_reply = super().post(url, headers, body, timeout, largest=largest)
            return token_reply if url.endswith("/token") else usual_reply

    return TokenTransport(lambda *_: reply([GOOD_ENTRY]), "users")


@settings(max_examples=many(60, 1500))
@given(
    st.builds(
        lambda value, status, headers: reply(json.dumps(value).encode(), status, **headers),
        st.fixed_dictionaries(
            {},
            optional={"access_token": texts | anything, "expires_in": counts, "token_type": texts, "error": texts},
        )
        | anything,
        statuses,
        headers,
    )
    | replies
)
def test_any_token_reply(token_reply: Reply) -> None:
    """Any reply of the token endpoint yields a usable token, a faulty setting, or a failure of every query."""
    with pytest.MonkeyPatch.context() as patch:
        transport = token_transport(token_reply)
        patch.setattr(client, "Transport", lambda *_: transport)
        clock = SkippingClock()
        avepoint = AvePoint(client_settings(avepoint_seats_contract="users"), clock=clock)
        try:
            collection = avepoint.collect([FAULTY], stop_at=clock.monotonic() + LONG)
        except ConfigurationError as error:
            description = str(error)
        else:
            failure = collection.results[0].failure
            description = failure.detail if failure else "a token"
    assert 0 < len(description) < 1000
