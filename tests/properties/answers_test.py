"""AvePoint's answers: whatever comes, each query ends with numbers that were sent or with a named gap, and soon."""

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
STRUCK = Query("struck", TenantType.GOOGLE)
GOOD_ENTRY = {"id": "t", "name": "T", "assignedUserSeat": 7, "availableUserSeat": 8}
# As many requests as one query may take: all its pages, each after some failures.
MOST_REQUESTS = 400
SENT = re.compile(r'"(?:assigned|available)UserSeat"\s*:\s*(-?[0-9][0-9.eE+-]*)')

unhurried = settings(max_examples=many(100, 3000))

Said = Callable[[str, int], Reply]


def reply(body: bytes | object, status: int = 200, **headers: str) -> Reply:
    """A reply with this body, or with this value in JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, CaseInsensitiveDict({name.replace("_", "-"): text for name, text in headers.items()}), content)


class Host:
    """In AvePoint's place: gives tokens, answers well about one customer, and about the other as it is told."""

    def __init__(self, said: Said, contract: str) -> None:
        self._said = said
        self._contract = contract
        self.asked = 0

    def post(self, url: str, headers: dict[str, str], body: bytes | str, timeout: float) -> Reply:
        """The answer to one request."""
        assert headers
        assert timeout > 0
        if url.endswith("/token"):
            return reply({"access_token": "hush-hush", "expires_in": 3600})
        if self._contract not in url.rpartition("/type/")[2].replace("/", "-"):
            return reply({}, 404)
        if "/healthy/" in url:
            batch = {"data": [{**GOOD_ENTRY, "tenantId": "t"}], "metadata": {"totalCount": 1}}
            return reply([GOOD_ENTRY] if self._contract == "users" else batch)
        self.asked += 1
        return self._said(str(body), self.asked)

    def forget_connections(self) -> None:
        """There are none."""


def collected(said: Said, contract: str) -> tuple[Collection, Host]:
    """What a client makes of such a host, and the host."""
    host = Host(said, contract)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "Transport", lambda *_: host)
        clock = SkippingClock()
        made = AvePoint(client_settings(avepoint_concurrency=2, avepoint_seats_contract=contract), clock=clock)
        collection = made.collect([HEALTHY, STRUCK], stop_at=clock.monotonic() + LONG)
    return collection, host


def outcome(said: Said, contract: str = "users") -> tuple[SeatResult, Host]:
    """The answer about the struck customer; the other one's is right whatever happens beside it."""
    collection, host = collected(said, contract)
    healthy, struck = collection.results
    assert [(seats.assigned, seats.available) for seats in healthy.tenants] == [(7, 8)]
    assert not healthy.problems
    assert struck.query == STRUCK
    assert host.asked <= MOST_REQUESTS
    for problem in struck.problems:
        assert len(problem.detail) < 1000
        assert not set(problem.detail) & set(map(chr, range(32)))
        problem.detail.encode()
    return struck, host


def numbers_sent(replies: Sequence[Reply]) -> set[float]:
    """Every number that stood under the name of a count in any reply."""
    found = set()
    for one in replies:
        text = one.body.decode(json.detect_encoding(one.body), "replace")
        found |= {float(number) for number in SENT.findall(text)}
    return found


def check_numbers(answer: SeatResult, replies: Sequence[Reply]) -> None:
    """No number in the answer is made up."""
    sent = numbers_sent(replies)
    for seats in answer.tenants:
        for number in (seats.assigned, seats.available):
            assert type(number) is int
            assert 0 <= number <= MOST_SEATS
            assert float(number) in sent


texts = st.sampled_from([one.text for one in CORPUS + HALVES]) | st.text(st.characters(exclude_categories=[]))
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
in_json = (lists | pages | anything).map(lambda value: json.dumps(value).encode())


def _twice(body: bytes) -> bytes:
    """Each count a second time, with another number."""
    return re.sub(rb'("assignedUserSeat": )([0-9]+)', rb"\1\2, \g<1>1\2", body)


spoilt = st.one_of(
    in_json,
    in_json.map(lambda body: b"\xef\xbb\xbf" + body),
    in_json.map(lambda body: body.decode().encode("utf-16")),
    in_json.map(lambda body: body[: len(body) // 2]),
    in_json.map(lambda body: body + body),
    in_json.map(_twice),
    in_json.map(lambda body: body.replace(b'"', b"'")),
    in_json.map(lambda body: body.replace(b"a", b"\xff")),
    st.binary(),
)
statuses = st.sampled_from(
    [200] * 12 + [201, 202, 204, 206, 299, 301, 307, 400, 403, 404, 408, 409, 418, 429, 500, 503]
)
waits = texts | st.sampled_from(
    [
        *("-1", "0", "1", "30", "31", "999999999", "9" * 400, "1e9", "NaN", "inf", "٣", "soon", "1, 2", " 5 ", "0x5"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "1 Jan"),
        *("Thu, 01 Jan 2026 00:00:00 +9999", "Thu, 99 Foo 2026 99:99:99 GMT", "Mon, 23 Nov 2026 12:00:00 -0000"),
    ]
)
headers = st.fixed_dictionaries(
    {},
    optional={"Retry_After": waits, "Date": waits, "Location": texts, "Content_Type": texts, "X_Request_Id": texts},
)
replies = st.builds(lambda body, status, more: reply(body, status, **more), spoilt, statuses, headers)


@unhurried
@given(st.lists(replies, min_size=1, max_size=5), st.sampled_from(["users", "tenants-batch"]))
def test_whatever_is_answered(said: list[Reply], contract: str) -> None:
    """Any answers one after the other come to numbers that were sent or to named gaps, never to an exception."""
    answer, _ = outcome(lambda _, number: said[(number - 1) % len(said)], contract)
    check_numbers(answer, said)
    if answer.failure:
        assert not answer.tenants


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
        *('"7"', '"７"', "true", "false", "null", "[]", "[7]", "{}", '{"7": 7}', "1" * 5000, "-" + "1" * 5000),
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize("contract", ["users", "tenants-batch"])
def test_what_is_no_count(number: str, contract: str) -> None:
    """What is no whole number from 0 on makes a gap with a reason at that tenant, and its neighbour stands."""
    bad = f'{{"id": "b", "tenantId": "b", "assignedUserSeat": {number}, "availableUserSeat": 1}}'
    good = '{"id": "g", "tenantId": "g", "assignedUserSeat": 3, "availableUserSeat": 4}'
    body = (
        f"[{bad}, {good}]" if contract == "users" else f'{{"data": [{bad}, {good}], "metadata": {{"totalCount": 2}}}}'
    )
    answer, _ = outcome(lambda *_: reply(body.encode()), contract)
    assert [(seats.tenant_id, seats.assigned, seats.available) for seats in answer.tenants] == [("g", 3, 4)]
    assert [(one.tenant_id, one.problem.kind) for one in answer.unusable] == [("b", ProblemKind.BAD_ANSWER)]


@pytest.mark.parametrize("number", ["7", "7.0", "70e-1", "0.7e1", "7.000"])
def test_what_is_a_count(number: str) -> None:
    """One number in other digits is that number."""
    body = f'[{{"id": "t", "assignedUserSeat": {number}, "availableUserSeat": 0}}]'
    answer, _ = outcome(lambda *_: reply(body.encode()))
    assert [(seats.assigned, seats.available) for seats in answer.tenants] == [(7, 0)]


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
def test_what_is_no_answer(body: bytes, contract: str) -> None:
    """A body that is too deep, too much, or not what is documented is a gap that says so, after one question."""
    answer, host = outcome(lambda *_: reply(body), contract)
    assert answer.failure
    assert answer.failure.kind is ProblemKind.BAD_ANSWER
    assert host.asked == 1


def page(*names: object, total: object = None) -> Reply:
    """A page of these tenants."""
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
def test_pages_without_end(total: Callable[[int], object], size: int) -> None:
    """Pages that always bring something new end, at the latest after as many as any customer could fill."""
    names = count()
    answer, host = outcome(
        lambda _, number: page(*(f"t{next(names)}" for _ in range(size)), total=total(number)), "tenants-batch"
    )
    assert host.asked <= 102
    assert answer.failure is None or answer.failure.kind is ProblemKind.BAD_ANSWER
    assert len(answer.tenants) <= 10_000


def test_one_new_tenant_among_old_ones() -> None:
    """Pages of old tenants with a new one in each end when as many were sent as any customer has."""
    answer, host = outcome(lambda _, number: page(*range(100), f"new {number}"), "tenants-batch")
    assert answer.failure
    assert host.asked <= 101


@pytest.mark.parametrize(
    "status", [100, 101, 202, 206, 300, 301, 302, 303, 304, 307, 308, 402, 410, 451, 499, 599, 999]
)
def test_any_status(status: int) -> None:
    """A status that nobody documented is a gap, however good the body looks, and no address in it is followed."""
    answer, host = outcome(lambda *_: reply([GOOD_ENTRY], status, Location="https://evil.example/"))
    assert answer.failure
    assert not answer.tenants
    assert host.asked <= 4


def token_hosts(*said: Reply) -> Any:
    """A host that answers like this where tokens are given."""

    class TokenHost(Host):
        def post(self, url: str, headers: dict[str, str], body: bytes | str, timeout: float) -> Reply:
            given = super().post(url, headers, body, timeout)
            return next(iter(said)) if url.endswith("/token") else given

    return TokenHost(lambda *_: reply([GOOD_ENTRY]), "users")


@settings(max_examples=many(60, 1500))
@given(
    st.builds(
        lambda value, status, more: reply(json.dumps(value).encode(), status, **more),
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
def test_whatever_is_given_for_a_token(given_back: Reply) -> None:
    """Any answer instead of a token is a token that can be sent, a fault of the settings, or a gap at everybody."""
    with pytest.MonkeyPatch.context() as patch:
        host = token_hosts(given_back)
        patch.setattr(client, "Transport", lambda *_: host)
        clock = SkippingClock()
        made = AvePoint(client_settings(avepoint_seats_contract="users"), clock=clock)
        try:
            collection = made.collect([STRUCK], stop_at=clock.monotonic() + LONG)
        except ConfigurationError as error:
            told = str(error)
        else:
            failure = collection.results[0].failure
            told = failure.detail if failure else "a token"
    assert 0 < len(told) < 1000
