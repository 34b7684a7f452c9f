"""Access tokens, as a client comes by them and by new ones, over HTTP."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from seat_report.avepoint.client import AvePoint, AvePointUnavailableError
from seat_report.avepoint.tokens import NoTokenError, Token
from seat_report.domain.problems import ProblemKind
from seat_report.errors import ConfigurationError, RunError
from seat_report.settings.secret import Secret
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.support.avepoint_client import (
    SkippingClock,
    bench,
    certificate_pem,
    customer,
    key_pem,
    queries,
    right,
    rsa_key,
    settings,
)
from tests.support.clocks import NOON


def test_one_token_for_all() -> None:
    """However many workers and runs, one token serves them while it is good."""
    with bench(40) as it:
        for _ in range(2):
            collection = it.collect()
            assert all(right(it, answer) for answer in collection.results)
        assert it.service.tokens.issued == 1


def test_by_certificate() -> None:
    """A certificate gets tokens that are as good."""
    ends = NOON + timedelta(days=400)
    pem = certificate_pem(rsa_key(), ends)
    with bench(avepoint_client_secret=None, avepoint_certificate=Secret(pem + key_pem(rsa_key()))) as it:
        it.service.registration.certificates.append(pem.encode())
        assert all(right(it, answer) for answer in it.collect().results)
        assert it.client.credential_ends == ends.date()


def test_a_token_is_renewed_before_it_ends() -> None:
    """A token that is about to end is replaced without a single refusal."""
    with bench(options=Options(token_lifetime_seconds=100)) as it:
        it.collect()
        it.clock.sleep(91)
        collection = it.collect()
        assert collection.retries == 0
        assert (it.service.tokens.issued, it.service.tokens.refused) == (2, 0)


def test_tokens_that_die_mid_run() -> None:
    """Tokens that are no longer good are replaced once, not once a worker, and cost no customer."""
    with bench(200, options=Options(token_uses=60)) as it:
        collection = it.collect()
        assert all(right(it, answer) for answer in collection.results)
        assert it.service.tokens.issued <= 5


def test_a_token_revoked_between_runs() -> None:
    """A remembered token that was revoked costs one renewal."""
    with bench(30) as it:
        it.collect()
        it.service.tokens.revoke_all()
        assert all(right(it, answer) for answer in it.collect().results)
        assert it.service.tokens.issued == 2


@pytest.mark.parametrize("kind", ["status", "html", "reset", "truncated"])
def test_a_token_endpoint_that_recovers(kind: str) -> None:
    """Failures of the token endpoint are asked again, and then forgotten."""
    with bench() as it:
        status = 503 if kind == "status" else None
        it.service.faults.add(Fault(kind=kind, endpoint="token", status=status, times=2))
        assert all(right(it, answer) for answer in it.collect().results)


def test_a_token_endpoint_that_wants_time() -> None:
    """Retry-After of the token endpoint is heeded."""
    with bench() as it:
        it.service.faults.add(Fault(kind="status", endpoint="token", status=429, retry_after="20", times=1))
        assert all(right(it, answer) for answer in it.collect().results)
        assert 19.9 < it.clock.skipped < 25


@pytest.mark.parametrize(
    ("status", "kind"), [(500, ProblemKind.UNAVAILABLE), (503, ProblemKind.UNAVAILABLE), (429, ProblemKind.THROTTLED)]
)
def test_a_token_endpoint_that_stays_down(status: int, kind: ProblemKind) -> None:
    """Without a token every query ends with the reason, after few attempts in all, and it is said once for the run."""
    with bench(50) as it:
        it.service.faults.add(Fault(kind="status", endpoint="token", status=status))
        collection = it.collect()
        assert {answer.failure.kind for answer in collection.results if answer.failure} == {kind}
        assert len([answer for answer in collection.results if answer.failure]) == 50
        assert len(it.service.log.requests("token")) == 4
        assert not it.service.log.requests("seats")
        assert len(collection.warnings) == 1


class _ForAllAtOnce:
    """A lock that lets the first one in when so many want it."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._barrier.wait(timeout=30)
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_failure_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that wait for the same token go through its failure together, not one after the other."""
    with bench(1) as it:
        it.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        tokens = it.client._tokens
        monkeypatch.setattr(tokens, "_lock", _ForAllAtOnce(8))
        stop_at = it.clock.monotonic() + 60
        with ThreadPoolExecutor(8) as workers:
            asked = [workers.submit(tokens.get, stop_at) for _ in range(8)]
        assert {type(one.exception()) for one in asked} == {NoTokenError}
        assert len(it.service.log.requests("token")) == 4


def test_a_token_endpoint_that_hangs() -> None:
    """A token endpoint that never answers is a time-out for every query."""
    with bench(2, avepoint_request_timeout_seconds=0.2) as it:
        it.service.faults.add(Fault(kind="hang", endpoint="token"))
        failures = [answer.failure for answer in it.collect().results]
        assert {failure.kind for failure in failures if failure} == {ProblemKind.TIMEOUT}


def test_a_renewal_that_fails_while_the_old_token_is_good() -> None:
    """A token is used to its end if there is no other to be had."""
    with bench(options=Options(token_lifetime_seconds=1000)) as it:
        it.collect()
        it.clock.sleep(945)
        it.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        assert all(right(it, answer) for answer in it.collect().results)


@pytest.mark.parametrize(
    ("code", "setting", "remedy"),
    [
        ("invalid_client", "AVEPOINT_CLIENT_ID, AVEPOINT_CLIENT_SECRET", "this credential is listed"),
        ("unauthorized_client", "AVEPOINT_CLIENT_ID", "the app is active"),
        ("invalid_scope", "AVEPOINT_CLIENT_ID", "Grant the app the permission elements.license.read.all"),
        ("unsupported_grant_type", "AVEPOINT_CLIENT_ID", "Compare client ID"),
    ],
)
def test_what_only_an_operator_can_mend(code: str, setting: str, remedy: str) -> None:
    """Each refusal of the token endpoint says which setting and what to check, at once, and tells no secret."""
    with bench(30) as it:
        it.service.faults.add(Fault(kind="status", endpoint="token", status=400, error=code))
        with pytest.raises(ConfigurationError) as raised:
            it.collect()
        (fault,) = raised.value.faults
        assert setting in fault.setting
        assert remedy in fault.remedy
        assert CLIENT_SECRET not in str(raised.value)
        assert len(it.service.log.requests("token")) == 1


def test_a_wrong_secret() -> None:
    """A secret that the service doesn't know is a fault of the settings, and isn't told."""
    with bench(avepoint_client_secret=Secret("a-wrong-secret")) as it, pytest.raises(ConfigurationError) as raised:
        it.collect()
    assert "invalid_client" in str(raised.value)
    assert "a-wrong-secret" not in str(raised.value)


def test_a_wrong_address() -> None:
    """An address that gives no tokens is a fault of the environment or the address."""
    with bench() as it:
        it.service.faults.add(Fault(kind="status", endpoint="token", status=404))
        with pytest.raises(ConfigurationError, match="AVEPOINT_ENVIRONMENT / AVEPOINT_TOKEN_URL"):
            it.client.check()


@pytest.mark.parametrize("body", ['{"access_token": 5}', '{"access_token": "a\\nb"}', "[]", '{"access_token": ""}'])
def test_something_other_than_a_token(body: str) -> None:
    """What can't be a token is none, and never goes into a header."""
    with bench() as it:
        it.service.faults.add(Fault(kind="body", endpoint="token", body=body))
        with pytest.raises(AvePointUnavailableError, match="something other than an access token"):
            it.client.check()


@pytest.mark.parametrize("life", ["null", "-5", "true", '"soon"', "1e999", "1e9"])
def test_a_token_whose_life_is_not_told(life: str) -> None:
    """A token without a usable life is kept for a while, and never for ever."""
    with bench() as it:
        body = f'{{"access_token": "t", "expires_in": {life}}}'
        it.service.faults.add(Fault(kind="body", endpoint="token", body=body))
        it.client.check()
        held = it.client._tokens.get(it.clock.monotonic() + 5)
        assert 200 < held.renew_at - it.clock.monotonic() <= 24 * 3600


def test_checking() -> None:
    """A check gets a new token each time, and says in its own error that there is none for now."""
    with bench() as it:
        it.client.check()
        it.client.check()
        assert it.service.tokens.issued == 2
        it.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        with pytest.raises(AvePointUnavailableError, match=r"AvePoint gave no access token \(status 503\)\.") as raised:
            it.client.check()
        assert isinstance(raised.value, RunError)


def test_every_customer_unauthorised() -> None:
    """Tokens that are given and then refused for every customer are a fault of the settings, found after few calls."""
    with bench(100) as it:
        it.service.faults.add(Fault(kind="status", status=401))
        with pytest.raises(ConfigurationError, match="then refuses them for every customer"):
            it.collect()
        assert it.service.tokens.issued == 2
        assert len(it.service.log.requests("seats")) < 40


def test_the_only_customer_unauthorised() -> None:
    """So it is if there is only one customer."""
    with bench(1) as it:
        it.service.faults.add(Fault(kind="status", status=401))
        with pytest.raises(ConfigurationError):
            it.collect()


def test_one_customer_unauthorised() -> None:
    """A customer whose token is refused again and again, while others' isn't, is that customer's problem."""
    with bench(20) as it:
        it.service.faults.add(Fault(kind="status", status=401, customer_id=it.customers[7].id))
        collection = it.collect()
        for one, answer in zip(it.customers, collection.results, strict=True):
            if one is it.customers[7]:
                assert answer.failure
                assert answer.failure.kind is ProblemKind.NOT_AUTHORISED
            else:
                assert right(it, answer)
        assert it.service.tokens.issued <= 3


def test_warnings_of_a_credential() -> None:
    """A credential that ends soon is a warning of every run, and known to who asks."""
    ends = NOON.date() + timedelta(days=5)
    with bench(avepoint_credential_expires=ends) as it:
        assert it.client.credential_ends == ends
        (warning,) = it.collect().warnings
        assert f"client secret ends on {ends}" in warning


def test_a_bad_certificate_is_refused_at_once() -> None:
    """A certificate that can't be used is found when the client is made, before anything is asked."""
    with pytest.raises(ConfigurationError):
        AvePoint(
            settings(avepoint_client_secret=None, avepoint_certificate=Secret("no certificate")), clock=SkippingClock()
        )


def test_a_token_does_not_show() -> None:
    """A token's value is in none of its representations."""
    assert "hush" not in repr(Token("hush", 1.0, 1.0, in_place_of_another=False))
    assert len(queries([customer(1)])) == 1
