"""Addresses and headers: what comes from outside is one segment of the address that is meant, or is not sent at all."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.contracts import Contract, seat_request
from seat_report.domain.customers import invalid_id_reason
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.core import TOKEN_PATH
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.proof.sampling import many
from tests.properties.corpus import CORPUS, HALVES, Hostile, Kind
from tests.properties.journey import Journey
from tests.support.avepoint_client import Bench, bench

EVERYTHING = CORPUS + HALVES
SEGMENT = r"[A-Za-z0-9._~%-]+"
PATH = {
    Contract.USERS: re.compile(rf"/partner/external/v3/general/customers/({SEGMENT})/3rd-party-products/type/2/users"),
    Contract.TENANTS_BATCH: re.compile(
        rf"/partner/external/v3/general/customers/({SEGMENT})/3rd-party-products/type/2/tenants/batch"
    ),
}


def check_requests(it: Bench, contract: Contract, asked: list[str]) -> set[str]:
    """Every request went to an address of ours, with our headers; gives the customers that were asked about."""
    origin = urlsplit(it.service.url).netloc
    found = set()
    for one in it.service.log.requests():
        assert one.headers["host"] == origin
        assert set(one.headers) <= {
            *("host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "authorization")
        }
        assert CLIENT_SECRET not in f"{one.path} {one.query} {one.headers}"
        if one.path == TOKEN_PATH:
            assert not one.query
            continue
        match = PATH[contract].fullmatch(one.path)
        assert match, one.path
        assert one.query.keys() <= {"pageIndex", "pageSize"}
        assert unquote(match[1]) in asked
        found.add(unquote(match[1]))
    return found


@pytest.mark.parametrize("contract", Contract)
def test_any_customer_id(contract: Contract) -> None:
    """Any text as a customer's ID is asked about as that very text, or is a problem of that customer alone."""
    texts = [one.text for one in EVERYTHING if len(one.text) <= 1000]
    with bench(0, avepoint_seats_contract=contract.value) as it:
        collection = it.collect([Query(text, TenantType.GOOGLE) for text in texts])
        found = check_requests(it, contract, texts)
    kinds = {answer.query.customer_id: answer.failure.kind for answer in collection.results if answer.failure}
    refused = {text for text, kind in kinds.items() if kind is ProblemKind.INVALID_CUSTOMER_ID}
    assert refused == {".", "..", " ", *(one.text for one in HALVES)}
    assert found == set(texts) - refused


def test_only_ids_from_the_tab_are_sent(journey: Journey) -> None:
    """What can't be an ID never leaves for AvePoint, whoever typed it; what can be one is asked about as it is."""
    sent = {one.customer_id for one in journey.world.avepoint.log.requests() if one.customer_id is not None}
    whole = [one.text.encode("utf-8", "replace").decode().strip() for one in journey.texts]
    possible = {text for text in whole if text and invalid_id_reason(text) is None}
    assert {customer_id for customer_id in sent if not re.fullmatch(r"[hti]-\d+", customer_id)} == possible
    assert [one.path for one in journey.world.avepoint.log.requests() if one.endpoint is None] == []


@pytest.mark.parametrize("hostile", [one for one in EVERYTHING if one.kind in (Kind.PATH, Kind.HEADER)], ids=str)
def test_what_leads_elsewhere_is_no_id(hostile: Hostile) -> None:
    """What has a meaning in an address or ends a header's line is no ID, or has none once it is quoted."""
    if invalid_id_reason(hostile.text.strip()) is None:
        path = seat_request(Contract.USERS, Query(hostile.text, TenantType.GOOGLE)).path
        match = PATH[Contract.USERS].fullmatch(path)
        assert match
        assert unquote(match[1]) == hostile.text
        assert not set(hostile.text) & set("/\\?#%\r\n\x00 ")
        assert ".." not in hostile.text


@settings(max_examples=many(200, 10_000))
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(TenantType))
def test_any_text_is_one_segment(text: str, tenant_type: TenantType) -> None:
    """Any text that UTF-8 knows is one segment, from which the very text comes back."""
    path = seat_request(Contract.USERS, Query(text, tenant_type)).path
    assert path.isascii()
    customers, segment, products, kind, number, users = path.removeprefix("/partner/external/v3/general/").split("/")
    assert (customers, products, kind, users) == ("customers", "3rd-party-products", "type", "users")
    assert re.fullmatch(SEGMENT, segment)
    assert unquote(segment) == text
    assert number == str(tenant_type.number)
