"""URLs and headers: text from outside becomes exactly one path segment, or is not sent at all."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.contracts import Contract, seat_request
from seat_report.domain.customers import invalid_id_reason
from seat_report.domain.identity import bare_id
from seat_report.domain.problems import ProblemKind
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantType
from tests.emulators.avepoint.core import TOKEN_PATH
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.proof.sampling import many
from tests.properties.corpus import CORPUS, HALVES, Hostile, Kind
from tests.properties.journey import Journey
from tests.support.avepoint_client import Harness, client_harness

HOSTILE_TEXTS = CORPUS + HALVES
SEGMENT = r"[A-Za-z0-9._~%-]+"
PATHS = {
    Contract.USERS: re.compile(rf"/partner/external/v3/general/customers/({SEGMENT})/3rd-party-products/type/2/users"),
    Contract.TENANTS_BATCH: re.compile(
        rf"/partner/external/v3/general/customers/({SEGMENT})/3rd-party-products/type/2/tenants/batch"
    ),
}


def check_requests(harness: Harness, contract: Contract, customer_ids: list[str]) -> set[str]:
    """Check that every request has a known path and only our headers; return the customer IDs that were sent."""
    origin = urlsplit(harness.service.url).netloc
    sent = set()
    for request in harness.service.log.requests():
        assert request.headers["host"] == origin
        assert set(request.headers) <= {
            *("host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "authorization")
        }
        assert CLIENT_SECRET not in f"{request.path} {request.query} {request.headers}"
        if request.path == TOKEN_PATH:
            assert not request.query
            continue
        match = PATHS[contract].fullmatch(request.path)
        assert match, request.path
        assert request.query.keys() <= {"pageIndex", "pageSize"}
        assert unquote(match[1]) in customer_ids
        sent.add(unquote(match[1]))
    return sent


@pytest.mark.parametrize("contract", Contract)
def test_any_customer_id(contract: Contract) -> None:
    """Any text as a customer ID is sent exactly as it is, or is a problem of that customer alone."""
    texts = [hostile.text for hostile in HOSTILE_TEXTS if len(hostile.text) <= 1000]
    with client_harness(0, avepoint_seats_contract=contract.value) as harness:
        collection = harness.collect([Query(text, TenantType.GOOGLE) for text in texts])
        sent = check_requests(harness, contract, texts)
    kinds = {result.query.customer_id: result.failure.kind for result in collection.results if result.failure}
    rejected = {text for text, kind in kinds.items() if kind is ProblemKind.INVALID_CUSTOMER_ID}
    assert rejected == {".", "..", " ", *(hostile.text for hostile in HALVES)}
    assert sent == set(texts) - rejected


def test_only_valid_ids_are_sent(journey: Journey) -> None:
    """An invalid ID is never sent to AvePoint, whoever typed it; a valid one is sent bare, and otherwise as it is."""
    sent = {request.customer_id for request in journey.world.avepoint.log.requests() if request.customer_id is not None}
    typed = [bare_id(hostile.text.encode("utf-8", "replace").decode()) for hostile in journey.texts]
    possible = {text for text in typed if text and invalid_id_reason(text) is None}
    assert {customer_id for customer_id in sent if not re.fullmatch(r"[hti]-\d+", customer_id)} == possible
    assert [request.path for request in journey.world.avepoint.log.requests() if request.endpoint is None] == []


@pytest.mark.parametrize("hostile", [text for text in HOSTILE_TEXTS if text.kind in (Kind.PATH, Kind.HEADER)], ids=str)
def test_path_and_header_injection(hostile: Hostile) -> None:
    """Text with a meaning in a URL or a header is not a valid ID, or loses that meaning when quoted."""
    if invalid_id_reason(hostile.text.strip()) is None:
        path = seat_request(Contract.USERS, Query(hostile.text, TenantType.GOOGLE)).path
        match = PATHS[Contract.USERS].fullmatch(path)
        assert match
        assert unquote(match[1]) == hostile.text
        assert not set(hostile.text) & set("/\\?#%\r\n\x00 ")
        assert ".." not in hostile.text


@settings(max_examples=many(100, 10_000))
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(TenantType))
def test_any_text_is_one_segment(text: str, tenant_type: TenantType) -> None:
    """Any text encodable in UTF-8 becomes one path segment that decodes to the same text."""
    path = seat_request(Contract.USERS, Query(text, tenant_type)).path
    assert path.isascii()
    customers, segment, products, kind, number, endpoint = path.removeprefix("/partner/external/v3/general/").split("/")
    assert (customers, products, kind, endpoint) == ("customers", "3rd-party-products", "type", "users")
    assert re.fullmatch(SEGMENT, segment)
    assert unquote(segment) == text
    assert number == str(tenant_type.number)
