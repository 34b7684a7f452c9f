import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.emulators.avepoint.documents import customers_to_json
from tests.emulators.avepoint.flags import parser, service_of
from tests.emulators.avepoint.sample_customers import sample_customers
from tests.emulators.avepoint.tests.client import ACME, MANY, STRANGER, TIMEOUT, credential
from tests.emulators.avepoint.tokens import CLIENT_ID, CLIENT_SECRET, SEATS_SCOPE

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-m", "tests.emulators.avepoint"]


@contextmanager
def started(*flags: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the command while this lasts; gives the address that it prints."""
    with subprocess.Popen([*COMMAND, *flags], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            match = re.fullmatch(r"AvePoint service on (http://127\.0\.0\.1:[0-9]+)\n", first)
            assert match, first
            yield match[1], process
        finally:
            process.kill()


def test_serves_and_stops() -> None:
    """The command prints its address, serves, and ends well on SIGTERM even in the middle of a hang."""
    with started("--port", "0", "--fault", '{"kind": "hang"}') as (url, process):
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": SEATS_SCOPE,
        }
        token = requests.post(f"{url}/connect/token", data=form, timeout=TIMEOUT).json()["access_token"]
        path = f"/partner/external/v3/general/customers/{sample_customers()[0].id}/3rd-party-products/type/0/users"
        with pytest.raises(requests.ReadTimeout):
            requests.post(url + path, headers={"Authorization": f"Bearer {token}"}, timeout=(TIMEOUT, 0.1))
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0


def test_stops_on_interrupt() -> None:
    """The command ends well on SIGINT."""
    with started() as (_, process):
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 0


def test_port_that_is_taken() -> None:
    """A port that is taken is one sentence, not a stack of them."""
    with started() as (url, _):
        port = url.rpartition(":")[2]
        second = subprocess.run([*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert "address already in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_defaults() -> None:
    """Without flags the service has the sample customers and both contracts."""
    service = service_of(parser().parse_args([]))
    assert service.directory.customers == sample_customers()
    assert service.options.contract == "both"
    assert service.faults.standing() == []


def test_flags(tmp_path: Path) -> None:
    """Each flag reaches the service."""
    data = tmp_path / "customers.json"
    data.write_bytes(customers_to_json([ACME, MANY, STRANGER]))
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(credential("flags").pem_with_key)
    flags = (
        f"--data {data} --certificate {certificate} --out-of-scope {MANY.id} --client-id me --client-secret mine "
        "--contract users --absent-status 405 --counts asked-null --unfiltered available --latency-ms 20 --rate 5 "
        "--burst 7 --retry-after date --token-lifetime-seconds 60 --token-uses 9 "
        "--absent-as empty --members pascal-case --numbers text"
    ).split()
    fault = {"kind": "status", "status": 503, "customer_id": ACME.id}
    service = service_of(parser().parse_args([*flags, "--fault", json.dumps(fault)]))
    assert [customer.in_scope for customer in service.directory.customers] == [True, False, False]
    assert service.registration.certificates == [credential("flags").pem]
    assert (service.registration.client_id, service.registration.client_secret) == ("me", "mine")
    options = service.options
    assert (options.contract, options.absent_status) == ("users", 405)
    assert (options.absent_as, options.members, options.numbers) == ("empty", "pascal-case", "text")
    assert (options.counts, options.unfiltered) == ("asked-null", "available")
    assert (options.latency_ms, options.rate, options.burst, options.retry_after) == (20, 5, 7, "date")
    assert (options.token_lifetime_seconds, options.token_uses) == (60, 9)
    assert [(fault.kind, fault.status) for fault, _ in service.faults.standing()] == [("status", 503)]


@pytest.mark.parametrize(
    ("flags", "raises"),
    [
        (["--fault", '{"kind": "flood"}'], ValueError),
        (["--fault", "reset"], ValueError),
        (["--out-of-scope", "nobody"], ValueError),
        (["--rate", "0"], ValueError),
        (["--data", "/nowhere/customers.json"], OSError),
        (["--certificate", "/nowhere/certificate.pem"], OSError),
        (["--contract", "none"], SystemExit),
    ],
)
def test_wrong_flags(flags: list[str], raises: type[BaseException]) -> None:
    """A flag that can't be is refused before anything is served."""
    with pytest.raises(raises):
        service_of(parser().parse_args(flags))


def test_wrong_flags_of_the_command() -> None:
    """The command says what is wrong with its flags, and ends with 2."""
    finished = subprocess.run([*COMMAND, "--rate", "0"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "A rate must be above 0" in finished.stderr
