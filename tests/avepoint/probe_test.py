"""Single questions to AvePoint: answers are given as they came, without secrets, and nothing is repeated."""

import json
from collections.abc import Iterator

import pytest

from seat_report.avepoint.client import AvePointUnavailableError
from seat_report.avepoint.probe import CONTRACTS, Probe
from seat_report.domain import Query, TenantType
from seat_report.errors import ConfigurationError
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.service import Handle, running
from tests.emulators.avepoint.tokens import CLIENT_ID, CLIENT_SECRET
from tests.support.clocks import ManualClock
from tests.support.environment import load_with


@pytest.fixture
def service() -> Iterator[Handle]:
    with running() as handle:
        yield handle


def probe_of(service: Handle, **settings: str) -> Probe:
    """A probe without a token yet."""
    given = {
        "AVEPOINT_API_URL": service.url,
        "AVEPOINT_TOKEN_URL": service.token_url,
        "AVEPOINT_CLIENT_ID": CLIENT_ID,
        "AVEPOINT_CLIENT_SECRET": CLIENT_SECRET,
        "AVEPOINT_REQUEST_TIMEOUT_SECONDS": "5",
    }
    return Probe(load_with(**(given | settings)), ManualClock())


@pytest.fixture
def probe(service: Handle) -> Iterator[Probe]:
    """A probe with a token."""
    made = probe_of(service)
    assert made.get_token(1e9) == pytest.approx(3600)
    yield made
    made.close()


def query_of(service: Handle) -> Query:
    """A query that has tenants."""
    customer = next(one for one in service.directory.customers if len(one.of_type(0)) == 1)
    return Query(customer.id, TenantType.MICROSOFT_365)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_seats(service: Handle, probe: Probe, contract: str) -> None:
    """The first answer comes as it was, with what the contract makes of it; one request is enough."""
    answer = probe.ask_seats(contract, query_of(service), 1e9)
    assert (answer.first.status, answer.tenants, answer.unusable, answer.unreadable) == (200, 1, 0, "")
    assert "assignedUserSeat" in json.dumps(answer.first.value)
    assert "x-request-id" in answer.first.headers
    assert len(service.log.requests("seats")) == 1


def test_an_absent_contract_and_an_unknown_route(service: Handle, probe: Probe) -> None:
    """A refusal is an answer like any other."""
    service.configure(contract="users")
    assert probe.ask_seats("tenants-batch", query_of(service), 1e9).first.status == 404
    assert probe.ask_unknown_route(1e9).status == 404


@pytest.mark.parametrize(
    ("fault", "status", "unreadable"),
    [
        (Fault(kind="status", status=503), 503, ""),
        (Fault(kind="body", body="<p>hello"), 200, "answered with a web page"),
        (Fault(kind="body", body='{"a": 1}'), 200, "answered"),
        (Fault(kind="body", body="[]"), 200, ""),
    ],
    ids=str,
)
def test_other_answers(service: Handle, probe: Probe, fault: Fault, status: int, unreadable: str) -> None:
    """What can't be read is said, nothing is asked again."""
    service.faults.add(fault)
    answer = probe.ask_seats("users", query_of(service), 1e9)
    assert answer.first.status == status
    assert answer.unreadable.startswith(unreadable)
    assert bool(answer.unreadable) == bool(unreadable)
    assert len(service.log.requests("seats")) == 1


def test_echoed_secrets_are_hidden(service: Handle, probe: Probe) -> None:
    """The token and the client secret are in no answer."""
    (sent,) = [*service.log.requests("token")]
    assert CLIENT_SECRET in str(sent.body)
    token = str(probe._token.value) if probe._token else ""
    service.faults.add(Fault(kind="body", body=json.dumps({token: [CLIENT_SECRET], "message": token})))
    answer = probe.ask_seats("users", query_of(service), 1e9).first
    assert token not in str(answer)
    assert CLIENT_SECRET not in str(answer)


def test_without_time_nothing_is_sent(service: Handle, probe: Probe) -> None:
    """Past its end, a probe says so."""
    assert probe.ask_unknown_route(0).failure == "The check's time was up"
    assert probe.ask_seats("users", query_of(service), 0).first.failure
    assert service.log.requests("seats") == []


def test_no_token(service: Handle) -> None:
    """A refused credential is a fault in the configuration; a service that gives none for now is not."""
    refused = probe_of(service, AVEPOINT_CLIENT_SECRET="another")
    with pytest.raises(ConfigurationError, match="AVEPOINT_CLIENT_SECRET"):
        refused.get_token(1e9)
    refused.close()
    service.faults.add(Fault(kind="status", status=503, endpoint="token"))
    unavailable = probe_of(service)
    with pytest.raises(AvePointUnavailableError):
        unavailable.get_token(1e9)
    unavailable.close()


def test_nobody_answers(service: Handle, probe: Probe) -> None:
    """Without a connection there is no answer, and why is said."""
    service.faults.add(Fault(kind="reset"))
    assert probe.ask_seats("users", query_of(service), 1e9).first.failure.startswith("AvePoint")
