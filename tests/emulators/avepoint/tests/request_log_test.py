from tests.emulators.avepoint.request_log import RequestLog
from tests.emulators.avepoint.tests.client import ACME, BATCH, Client
from tests.support.clocks import ManualClock


def test_requests_are_noted(client: Client, clock: ManualClock) -> None:
    """The log has who asked what, and when, as it arrived."""
    clock.advance(5)
    client.seats(ACME, 1, BATCH, body={"tenantIds": ["t-3"]}, pageIndex=1)
    entry = client.service.log.requests()[-1]
    assert entry.at == clock.now().timestamp()
    assert (entry.method, entry.endpoint, entry.contract) == ("POST", "seats", "tenants-batch")
    assert (entry.customer_id, entry.tenant_type, entry.query) == (ACME.id, 1, {"pageIndex": "1"})
    assert entry.path == client.url(ACME, 1, BATCH).removeprefix(client.service.url)
    assert (entry.body, entry.status, entry.fault) == ('{"tenantIds": ["t-3"]}', 200, None)
    assert entry.headers["authorization"].startswith("Bearer ")


def test_endpoints_apart(client: Client) -> None:
    """The log can be asked for one endpoint; paths that don't exist are in it too."""
    client.seats()
    client.session.get(client.service.url + "/nothing", timeout=20)
    assert [entry.endpoint for entry in client.service.log.requests()] == ["token", "seats", None]
    assert [entry.path for entry in client.service.log.requests("token")] == ["/connect/token"]


def test_clear(client: Client) -> None:
    """A cleared log starts anew."""
    client.seats()
    client.service.log.clear()
    assert client.service.log.requests() == []
    client.seats()
    assert len(client.service.log.requests()) == 1


def test_in_flight() -> None:
    """The log knows the most requests that were in hand at once, since it was cleared."""
    log = RequestLog()
    with log.in_flight(), log.in_flight(), log.in_flight():
        pass
    assert log.in_flight_max == 3
    with log.in_flight():
        log.clear()
        assert log.in_flight_max == 1
        with log.in_flight():
            pass
    assert log.in_flight_max == 2


def test_in_flight_over_http(client: Client) -> None:
    """One request after the other is one at a time."""
    client.seats()
    client.seats()
    assert client.service.log.in_flight_max == 1
