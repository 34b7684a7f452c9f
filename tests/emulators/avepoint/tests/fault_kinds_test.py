import json
import math
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests

from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tests.client import ACME, BATCH, MANY, NOON, TIMEOUT, USERS, Client

HEAD_OFFICE = {"id": "t-1", "name": "Acme Head Office", "availableUserSeat": 20, "assignedUserSeat": 80}
BRANCH = {"id": "t-2", "name": "Acme Branch", "availableUserSeat": 3, "assignedUserSeat": 7}


def users(client: Client, fault: Fault) -> object:
    """Return the struck answer of the contract `users`."""
    client.service.faults.add(fault)
    response = client.seats()
    assert response.status_code == 200
    return response.json()


def batch(client: Client, fault: Fault, **query: object) -> object:
    """Return the struck answer of the contract `tenants-batch`."""
    client.service.faults.add(fault)
    response = client.seats(MANY if query else ACME, contract=BATCH, **query)
    assert response.status_code == 200
    return response.json()


def ask_for_token(client: Client) -> requests.Response:
    """Return what the token endpoint answers, whatever it is."""
    return client.session.post(client.service.token_url, data={}, timeout=TIMEOUT)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_status_of_the_service(client: Client, status: int) -> None:
    """The service's own failures have the vendor's error body."""
    client.service.faults.add(Fault(kind="status", status=status))
    response = client.seats()
    assert response.status_code == response.json()["statusCode"] == status
    assert response.json()["requestId"] == response.headers["x-request-id"]
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(("status", "html"), [(502, None), (504, None), (503, True)])
def test_status_of_a_gateway(client: Client, status: int, html: bool | None) -> None:
    """A gateway's failures are pages."""
    client.service.faults.add(Fault(kind="status", status=status, html=html))
    response = client.seats()
    assert (response.status_code, response.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert str(status) in response.text


@pytest.mark.parametrize("retry_after", ["30", "86400", "0", "soon", "-1"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(client: Client, status: int, retry_after: str) -> None:
    """Retry-After is sent as the fault has it, sensible or not."""
    client.service.faults.add(Fault(kind="status", status=status, retry_after=retry_after))
    assert client.seats().headers["Retry-After"] == retry_after


def test_retry_after_as_a_date(client: Client) -> None:
    """Retry-After may be a date, by the service's clock."""
    client.service.faults.add(Fault(kind="status", status=429, retry_after="30", retry_after_as="date"))
    date = parsedate_to_datetime(client.seats().headers["Retry-After"])
    assert date == datetime.fromtimestamp(NOON + 30, UTC)


def test_no_content(client: Client) -> None:
    """204 has neither a body nor a type."""
    client.service.faults.add(Fault(kind="no-content"))
    response = client.seats()
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers


def test_page_with_200(client: Client) -> None:
    """A portal that answers a page says 200."""
    client.service.faults.add(Fault(kind="html"))
    response = client.seats()
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_any_body(client: Client) -> None:
    """Any body can be answered, with any status."""
    client.service.faults.add(Fault(kind="body", body='{"data": 3}'))
    assert client.seats().json() == {"data": 3}
    client.service.faults.clear()
    client.service.faults.add(Fault(kind="body", body="", status=201))
    response = client.seats()
    assert (response.status_code, response.content) == (201, b"")


def test_reset(client: Client) -> None:
    """The connection may be reset; the next one works."""
    client.service.faults.add(Fault(kind="reset", times=1))
    with pytest.raises(requests.ConnectionError, match="reset"):
        client.seats()
    assert client.seats().status_code == 200


def test_hang(client: Client) -> None:
    """A service that hangs never answers, and stops all the same when the test is over."""
    client.service.faults.add(Fault(kind="hang"))
    with pytest.raises(requests.ReadTimeout):
        client.session.post(client.url(), timeout=(TIMEOUT, 0.1))
    client.service.faults.clear()
    assert client.seats().status_code == 200


def test_slow(client: Client) -> None:
    """A slow answer is a good one that comes late."""
    client.service.faults.add(Fault(kind="slow", seconds=600))
    with pytest.raises(requests.ReadTimeout):
        client.session.post(client.url(), timeout=(TIMEOUT, 0.1))
    client.service.faults.clear()
    client.service.faults.add(Fault(kind="slow", seconds=0))
    assert client.seats().json() == [HEAD_OFFICE, BRANCH]


def test_dribble(client: Client) -> None:
    """A body that dribbles comes byte by byte, the head at once."""
    client.service.faults.add(Fault(kind="dribble", seconds=600, times=1), Fault(kind="dribble", seconds=0))
    address = urlsplit(client.service.url)
    with closing(HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)) as connection:
        headers = {"Authorization": client.authorization}
        connection.request("POST", urlsplit(client.url()).path, headers=headers)
        with connection.getresponse() as response:
            assert int(response.headers["Content-Length"]) > 100
            assert response.read(1) == b"["
            connection.sock.settimeout(0.05)
            with pytest.raises(TimeoutError):
                response.read(1)
    assert client.seats().json() == [HEAD_OFFICE, BRANCH]


def test_truncated(client: Client) -> None:
    """A truncated body is shorter than its Content-Length."""
    client.service.faults.add(Fault(kind="truncated", times=1))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.seats()
    assert client.seats().status_code == 200


@pytest.mark.parametrize("contract", [USERS, BATCH])
def test_malformed(client: Client, contract: str) -> None:
    """Malformed JSON is as long as it says, but no JSON."""
    client.service.faults.add(Fault(kind="malformed"))
    response = client.seats(contract=contract)
    assert response.headers["Content-Type"].startswith("application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("shape-object", {"0": HEAD_OFFICE, "1": BRANCH}),
        ("shape-array", [[HEAD_OFFICE], [BRANCH]]),
        ("shape-nested", [[HEAD_OFFICE, BRANCH]]),
        (
            "shape-other-contract",
            {"data": [HEAD_OFFICE, BRANCH], "metadata": {"pageIndex": 1, "pageSize": 50, "totalCount": 2}},
        ),
        ("shape-text", "OK"),
        ("shape-null", None),
        ("shape-null-data", None),
    ],
)
def test_shapes_of_users(client: Client, kind: str, document: object) -> None:
    """The contract `users` may answer another shape than an array of objects."""
    assert users(client, Fault(kind=kind)) == document


@pytest.mark.parametrize(
    "kind",
    [
        "shape-object",
        "shape-array",
        "shape-nested",
        "shape-other-contract",
        "shape-text",
        "shape-null",
        "shape-null-data",
        "no-metadata",
    ],
)
def test_shapes_of_tenants_batch(client: Client, kind: str) -> None:
    """The contract `tenants-batch` may answer another shape than its envelope."""
    good = client.seats(contract=BATCH).json()
    data, metadata = good["data"], good["metadata"]
    expected = {
        "shape-object": {"data": {"0": data[0], "1": data[1]}, "metadata": metadata},
        "shape-array": data,
        "shape-nested": {"data": good},
        "shape-other-contract": data,
        "shape-text": "OK",
        "shape-null": None,
        "shape-null-data": {"data": None, "metadata": metadata},
        "no-metadata": {"data": data},
    }
    assert batch(client, Fault(kind=kind)) == expected[kind]


@pytest.mark.parametrize("value", [None, -1, 2.5, "12", True, 10**18, [], {}])
def test_counts(client: Client, value: int | None) -> None:
    """Counts may be anything, and keep their JSON type."""
    assert users(client, Fault(kind="count", value=value)) == [
        {**entry, "availableUserSeat": value, "assignedUserSeat": value} for entry in (HEAD_OFFICE, BRANCH)
    ]
    assert client.seats().text.count(json.dumps(value, separators=(",", ":"))) >= 4


def test_one_count_of_one_tenant(client: Client) -> None:
    """A fault may be about one count of one tenant."""
    fault = Fault(kind="count", field="available", value=None, tenant_id="t-2")
    assert users(client, fault) == [HEAD_OFFICE, {**BRANCH, "availableUserSeat": None}]


def test_count_that_was_not_answered(client: Client) -> None:
    """A fault of a count doesn't bring one that the service leaves out."""
    client.service.configure(counts="asked")
    fault = Fault(kind="count", value=-1, tenant_id="t-2")
    assert users(client, fault) == [
        {"id": "t-1", "name": "Acme Head Office", "assignedUserSeat": 80},
        {"id": "t-2", "name": "Acme Branch", "assignedUserSeat": -1},
    ]


def test_missing_count(client: Client) -> None:
    """A count may be missing."""
    assert users(client, Fault(kind="count-missing", field="assigned", tenant_id="t-1")) == [
        {"id": "t-1", "name": "Acme Head Office", "availableUserSeat": 20},
        BRANCH,
    ]


def test_entries_without_id(client: Client) -> None:
    """An entry may lack its id, in both contracts by its own name."""
    document = users(client, Fault(kind="no-id", tenant_id="t-1"))
    assert document == [{name: value for name, value in HEAD_OFFICE.items() if name != "id"}, BRANCH]
    client.service.faults.clear()
    document = batch(client, Fault(kind="no-id"))
    assert isinstance(document, dict)
    assert all("tenantId" not in entry for entry in document["data"])


def test_strange_ids(client: Client) -> None:
    """An id may be something else than text."""
    document = users(client, Fault(kind="id", value=5, tenant_id="t-1"))
    assert document == [{**HEAD_OFFICE, "id": 5}, BRANCH]


def test_entries_that_are_none(client: Client) -> None:
    """An entry may be something else than an object."""
    assert users(client, Fault(kind="entry", value="t-1", tenant_id="t-1")) == ["t-1", BRANCH]


def test_tenant_twice(client: Client) -> None:
    """A tenant may come twice, with the same numbers or others."""
    assert users(client, Fault(kind="twice", tenant_id="t-2")) == [HEAD_OFFICE, BRANCH, BRANCH]
    client.service.faults.clear()
    document = users(client, Fault(kind="twice-different", tenant_id="t-2"))
    assert document == [HEAD_OFFICE, BRANCH, {**BRANCH, "availableUserSeat": 10, "assignedUserSeat": 14}]


def test_extra_fields(client: Client) -> None:
    """Unknown fields may come along, in entries and envelope."""
    document = batch(client, Fault(kind="extra-fields"))
    assert isinstance(document, dict)
    assert set(document) == {"data", "metadata", "nextLink"}
    assert {"region", "licences", "tenantId", "assignedUserSeat"} < set(document["data"][0])


@pytest.mark.parametrize(("fault", "total"), [("total-too-big", 350), ("total-too-small", 125)])
def test_total_that_lies(client: Client, fault: str, total: int) -> None:
    """The total may be too big or too small, while the pages are right."""
    document = batch(client, Fault(kind=fault), pageIndex=2, pageSize=100)
    assert isinstance(document, dict)
    assert document["metadata"] == {"pageIndex": 2, "pageSize": 100, "totalCount": total}
    assert document["data"][0]["tenantId"] == "m-100"


def test_total_by_hand(client: Client) -> None:
    """By how much the total is too big can be said."""
    document = batch(client, Fault(kind="total-too-big", value=1), pageIndex=1)
    assert isinstance(document, dict)
    assert document["metadata"]["totalCount"] == 251


def test_empty_page(client: Client) -> None:
    """A page may be empty though the total says there is more."""
    document = batch(client, Fault(kind="empty-page", page_index=2), pageIndex=2)
    assert document == {"data": [], "metadata": {"pageIndex": 2, "pageSize": 50, "totalCount": 250}}
    assert len(client.seats(MANY, contract=BATCH, pageIndex=3).json()["data"]) == 50


def test_same_page(client: Client) -> None:
    """Every page may be the first one again, whatever its number says."""
    document = batch(client, Fault(kind="same-page"), pageIndex=3)
    assert isinstance(document, dict)
    assert document["metadata"]["pageIndex"] == 3
    assert [entry["tenantId"] for entry in document["data"]] == [f"m-{n}" for n in range(50)]


@pytest.mark.parametrize(("kind", "total", "first"), [("list-shrinks", 249, "m-51"), ("list-grows", 251, "m-49")])
def test_list_that_changes_while_it_is_paged(client: Client, kind: str, total: int, first: str) -> None:
    """The second page may show that a tenant went or came in before it."""
    document = batch(client, Fault(kind=kind, page_index=2), pageIndex=2)
    assert isinstance(document, dict)
    assert (document["metadata"]["totalCount"], document["data"][0]["tenantId"]) == (total, first)


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        (Fault(kind="status", endpoint="token", status=401, times=1), 401, "invalid_client"),
        (Fault(kind="status", endpoint="token", status=400, error="invalid_scope", times=1), 400, "invalid_scope"),
        (Fault(kind="status", endpoint="token", status=429, retry_after="5", times=1), 429, "temporarily_unavailable"),
    ],
)
def test_token_errors(client: Client, fault: Fault, status: int, error: str) -> None:
    """The token endpoint may refuse, and be well again."""
    client.service.faults.add(fault)
    response = client.renew()
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.headers.get("Retry-After") == fault.retry_after
    assert client.renew().status_code == 200


def test_token_pages(client: Client) -> None:
    """The token endpoint may answer pages, with a failure and with 200."""
    faults = (Fault(kind="status", endpoint="token", status=503, times=1), Fault(kind="html", endpoint="token"))
    client.service.faults.add(*faults)
    answers = [ask_for_token(client) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert all(answer.text.startswith("<html>") for answer in answers)


def test_token_that_hangs(client: Client) -> None:
    """The token endpoint may hang; no token is issued by that."""
    issued = client.service.tokens.issued
    client.service.faults.add(Fault(kind="hang", endpoint="token"))
    with pytest.raises(requests.ReadTimeout):
        client.session.post(client.service.token_url, timeout=(TIMEOUT, 0.1))
    assert client.service.tokens.issued == issued


def test_token_answers_that_are_broken(client: Client) -> None:
    """The token endpoint's answer may be any, or break on its way."""
    client.service.faults.add(
        Fault(kind="body", endpoint="token", body='{"token_type": "Bearer"}', times=1),
        Fault(kind="truncated", endpoint="token", times=1),
    )
    assert ask_for_token(client).json() == {"token_type": "Bearer"}
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.renew()


def test_numbers_that_json_does_not_have(client: Client) -> None:
    """NaN isn't JSON, but some services say it."""
    assert "NaN" in json.dumps(users(client, Fault(kind="count", value=math.nan)))
