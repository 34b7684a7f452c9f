"""Access tokens, over HTTP: fetching, renewal, replacement, and failures of the token endpoint."""

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
    certificate_pem,
    client_harness,
    failure_kinds,
    failure_of,
    key_pem,
    rsa_key,
    settings,
)
from tests.support.clocks import NOON


def test_token_is_shared() -> None:
    """All workers and runs share one token while it is valid."""
    with client_harness(40) as harness:
        for _ in range(2):
            collection = harness.collect()
            assert harness.all_correct(collection.results)
        assert harness.service.tokens.issued == 1


def test_certificate_credential() -> None:
    """A certificate gets valid tokens, too."""
    ends = NOON + timedelta(days=400)
    pem = certificate_pem(rsa_key(), ends)
    with client_harness(avepoint_client_secret=None, avepoint_certificate=Secret(pem + key_pem(rsa_key()))) as harness:
        harness.service.registration.certificates.append(pem.encode())
        assert harness.all_correct(harness.collect().results)
        assert harness.client.credential_ends == ends.date()


def test_token_is_renewed_before_it_expires() -> None:
    """A token about to expire is renewed before any request is refused."""
    with client_harness(options=Options(token_lifetime_seconds=100)) as harness:
        harness.collect()
        harness.clock.sleep(91)
        collection = harness.collect()
        assert collection.retries == 0
        assert (harness.service.tokens.issued, harness.service.tokens.refused) == (2, 0)


def test_tokens_that_expire_during_a_run() -> None:
    """An invalidated token is replaced once, not once per worker, and no customer is lost."""
    with client_harness(200, options=Options(token_uses=60)) as harness:
        collection = harness.collect()
        assert harness.all_correct(collection.results)
        assert harness.service.tokens.issued <= 5


def test_token_revoked_between_runs() -> None:
    """A remembered token that was revoked costs one renewal."""
    with client_harness(30) as harness:
        harness.collect()
        harness.service.tokens.revoke_all()
        assert harness.all_correct(harness.collect().results)
        assert harness.service.tokens.issued == 2


@pytest.mark.parametrize("kind", ["status", "html", "reset", "truncated"])
def test_token_endpoint_recovers(kind: str) -> None:
    """Transient failures of the token endpoint are retried, and have no further effect."""
    with client_harness() as harness:
        status = 503 if kind == "status" else None
        harness.service.faults.add(Fault(kind=kind, endpoint="token", status=status, times=2))
        assert harness.all_correct(harness.collect().results)


def test_token_endpoint_with_retry_after() -> None:
    """Retry-After from the token endpoint is respected."""
    with client_harness() as harness:
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=429, retry_after="20", times=1))
        assert harness.all_correct(harness.collect().results)
        assert 19.9 < harness.clock.skipped < 25


@pytest.mark.parametrize(
    ("status", "kind"), [(500, ProblemKind.UNAVAILABLE), (503, ProblemKind.UNAVAILABLE), (429, ProblemKind.THROTTLED)]
)
def test_token_endpoint_stays_down(status: int, kind: ProblemKind) -> None:
    """Without a token every query fails with the reason, after few attempts in all, and the run has one warning."""
    with client_harness(50) as harness:
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=status))
        collection = harness.collect()
        assert failure_kinds(collection.results) == {kind}
        assert len(collection.results) == 50
        assert harness.request_count("token") == 4
        assert not harness.service.log.requests("seats")
        assert len(collection.warnings) == 1


class _BarrierLock:
    """A lock that is granted only once this many threads are waiting for it."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count)
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._barrier.wait(timeout=30)
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_failure_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers waiting for the same token share its failure instead of each retrying in turn."""
    with client_harness(1) as harness:
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        tokens = harness.client._tokens
        monkeypatch.setattr(tokens, "_lock", _BarrierLock(8))
        stop_at = harness.clock.monotonic() + 60
        with ThreadPoolExecutor(8) as workers:
            futures = [workers.submit(tokens.get, stop_at) for _ in range(8)]
        assert {type(future.exception()) for future in futures} == {NoTokenError}
        assert harness.request_count("token") == 4


def test_token_endpoint_hangs() -> None:
    """A token endpoint that never responds is a timeout for every query."""
    with client_harness(2, avepoint_request_timeout_seconds=0.2) as harness:
        harness.service.faults.add(Fault(kind="hang", endpoint="token"))
        assert failure_kinds(harness.collect().results) == {ProblemKind.TIMEOUT}


def test_failed_renewal_keeps_a_valid_token() -> None:
    """If renewal fails, the current token is used until it expires."""
    with client_harness(options=Options(token_lifetime_seconds=1000)) as harness:
        harness.collect()
        harness.clock.sleep(945)
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        assert harness.all_correct(harness.collect().results)


@pytest.mark.parametrize(
    ("code", "setting", "remedy"),
    [
        ("invalid_client", "AVEPOINT_CLIENT_ID, AVEPOINT_CLIENT_SECRET", "this credential is listed"),
        ("unauthorized_client", "AVEPOINT_CLIENT_ID", "the app is active"),
        ("invalid_scope", "AVEPOINT_CLIENT_ID", "Grant the app the permission elements.license.read.all"),
        ("unsupported_grant_type", "AVEPOINT_CLIENT_ID", "Compare client ID"),
    ],
)
def test_faults_that_an_operator_must_fix(code: str, setting: str, remedy: str) -> None:
    """Each refusal by the token endpoint names the setting and what to check, at once, and contains no secret."""
    with client_harness(30) as harness:
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=400, error=code))
        with pytest.raises(ConfigurationError) as raised:
            harness.collect()
        (fault,) = raised.value.faults
        assert setting in fault.setting
        assert remedy in fault.remedy
        assert CLIENT_SECRET not in str(raised.value)
        assert harness.request_count("token") == 1


def test_wrong_secret() -> None:
    """A secret unknown to the service is a faulty setting, and is not quoted."""
    with (
        client_harness(avepoint_client_secret=Secret("a-wrong-secret")) as harness,
        pytest.raises(ConfigurationError) as raised,
    ):
        harness.collect()
    assert "invalid_client" in str(raised.value)
    assert "a-wrong-secret" not in str(raised.value)


def test_wrong_url() -> None:
    """A URL that issues no tokens is a fault of the environment or URL setting."""
    with client_harness() as harness:
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=404))
        with pytest.raises(ConfigurationError, match="AVEPOINT_ENVIRONMENT / AVEPOINT_TOKEN_URL"):
            harness.client.check()


@pytest.mark.parametrize("body", ['{"access_token": 5}', '{"access_token": "a\\nb"}', "[]", '{"access_token": ""}'])
def test_invalid_token(body: str) -> None:
    """Content that can't be a token is rejected, and never sent in a header."""
    with client_harness() as harness:
        harness.service.faults.add(Fault(kind="body", endpoint="token", body=body))
        with pytest.raises(AvePointUnavailableError, match="something other than an access token"):
            harness.client.check()


def test_endless_token_answer() -> None:
    """An answer larger than any token is not read to its end, and is no token."""
    with client_harness() as harness:
        harness.service.faults.add(Fault(kind="body", endpoint="token", body=" " * 100_000))
        collection = harness.collect()
        assert "larger than 64 KB" in failure_of(collection.results[0]).detail


@pytest.mark.parametrize("expires_in", ["null", "-5", "true", '"soon"', "1e999", "1e9"])
def test_token_with_unusable_lifetime(expires_in: str) -> None:
    """A token without a usable lifetime is kept for a while, but never for ever."""
    with client_harness() as harness:
        body = f'{{"access_token": "t", "expires_in": {expires_in}}}'
        harness.service.faults.add(Fault(kind="body", endpoint="token", body=body))
        harness.client.check()
        token = harness.client._tokens.get(harness.clock.monotonic() + 5)
        assert 200 < token.renew_at - harness.clock.monotonic() <= 24 * 3600


def test_check() -> None:
    """A check fetches a new token each time, and raises its own error if none is available."""
    with client_harness() as harness:
        harness.client.check()
        harness.client.check()
        assert harness.service.tokens.issued == 2
        harness.service.faults.add(Fault(kind="status", endpoint="token", status=503))
        with pytest.raises(
            AvePointUnavailableError, match=r"AvePoint issued no access token \(status 503\)\."
        ) as raised:
            harness.client.check()
        assert isinstance(raised.value, RunError)


def test_all_customers_unauthorised() -> None:
    """If tokens are issued but refused for every customer, the settings are at fault; few requests suffice to tell."""
    with client_harness(100) as harness:
        harness.service.faults.add(Fault(kind="status", status=401))
        with pytest.raises(ConfigurationError, match="but rejects them for every customer"):
            harness.collect()
        assert harness.service.tokens.issued == 2
        assert harness.request_count() < 40


def test_only_customer_unauthorised() -> None:
    """The same holds if there is only one customer."""
    with client_harness(1) as harness:
        harness.service.faults.add(Fault(kind="status", status=401))
        with pytest.raises(ConfigurationError):
            harness.collect()


def test_one_customer_unauthorised() -> None:
    """If tokens are refused for one customer but not for others, only that customer fails."""
    with client_harness(20) as harness:
        harness.service.faults.add(Fault(kind="status", status=401, customer_id=harness.customers[7].id))
        collection = harness.collect()
        assert len(collection.results) == len(harness.customers)
        assert failure_of(collection.results[7]).kind is ProblemKind.NOT_AUTHORISED
        assert harness.all_correct_except(7, collection.results)
        assert harness.service.tokens.issued <= 3


def test_expiry_warning() -> None:
    """A credential that expires soon causes a warning in every run, and its expiry date is available."""
    ends = NOON.date() + timedelta(days=5)
    with client_harness(avepoint_credential_expires=ends) as harness:
        assert harness.client.credential_ends == ends
        (warning,) = harness.collect().warnings
        assert f"client secret expires on {ends}" in warning


def test_unusable_certificate_is_rejected_at_once() -> None:
    """An unusable certificate is rejected when the client is created, before any request."""
    with pytest.raises(ConfigurationError):
        AvePoint(
            settings(avepoint_client_secret=None, avepoint_certificate=Secret("no certificate")), clock=SkippingClock()
        )


def test_repr_hides_the_token() -> None:
    """A token's representation does not contain its value."""
    assert "hush" not in repr(Token("hush", 1.0, 1.0, is_replacement=False))
