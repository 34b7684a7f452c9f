"""Shared by the client's tests: a client with a local service, a clock that skips waits, settings, certificates."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from seat_report.avepoint.client import AvePoint
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Collection, Query, SeatResult
from seat_report.domain.tenants import TenantType
from seat_report.settings import Settings
from seat_report.settings.secret import Secret
from tests.emulators.avepoint.data import Customer, Tenant
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.faults import Endpoint
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.service import Handle, running
from tests.emulators.avepoint.tokens import CLIENT_ID, CLIENT_SECRET
from tests.support.clocks import NOON

LONG = 3600.0


class SkippingClock:
    """Time from NOON on, except that sleeping takes none: the clock skips to the moment the sleeper would wake up."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment, including skipped time."""
        return NOON + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        """Monotonic seconds, including skipped time."""
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip ahead this many seconds; overlapping sleepers share the skipped time."""
        wake = self.monotonic() + seconds
        with self._lock:
            self._skipped = max(self._skipped, wake - time.monotonic())

    @property
    def skipped(self) -> float:
        """The total time skipped."""
        return self._skipped


def settings(service: Handle | None = None, **changes: Any) -> Settings:
    """Settings for the local service, or for an address where no service is listening."""
    values: dict[str, Any] = {
        "spreadsheet_id": "a-spreadsheet",
        "avepoint_client_id": CLIENT_ID,
        "avepoint_client_secret": Secret(CLIENT_SECRET),
        "avepoint_request_timeout_seconds": 5,
        "avepoint_api_url": service.url if service else "http://127.0.0.1:9",
        "avepoint_token_url": service.token_url if service else "http://127.0.0.1:9/connect/token",
    }
    return Settings(**values | changes)


def customer(number: int, **changes: Any) -> Customer:
    """A customer with one Microsoft 365 tenant, whose counts identify it."""
    values: dict[str, Any] = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "organization": f"Customer {number}",
        "tenants": (Tenant(f"tenant-{number}", f"Tenant {number}", Number.MICROSOFT_365, number, 1000 - number),),
    }
    return Customer(**values | changes)


def queries(customers: Sequence[Customer], types: Sequence[TenantType] = (TenantType.MICROSOFT_365,)) -> list[Query]:
    """A query for each customer and type, in order."""
    return [Query(customer.id, tenant_type) for customer in customers for tenant_type in types]


@dataclass
class Harness:
    """A local service with customers, a client connected to it, and the results passed to the client's callback."""

    service: Handle
    client: AvePoint
    clock: SkippingClock
    customers: list[Customer]
    delivered: list[SeatResult] = field(default_factory=list)

    def collect(self, batch: Sequence[Query] | None = None, *, seconds: float = LONG) -> Collection:
        """Collect the results of these queries, or of one query per customer."""
        return self.client.collect(
            queries(self.customers) if batch is None else batch,
            stop_at=self.clock.monotonic() + seconds,
            on_result=self.delivered.append,
        )

    def request_count(self, endpoint: Endpoint = "seats") -> int:
        """How many requests the endpoint received."""
        return len(self.service.log.requests(endpoint))

    def is_correct(self, result: SeatResult) -> bool:
        """Whether the result matches the service's data and has no problem."""
        owner = next(customer for customer in self.customers if customer.id == result.query.customer_id)
        expected = [
            (tenant.id, tenant.name, tenant.assigned, tenant.available)
            for tenant in owner.of_type(result.query.tenant_type.number)
        ]
        actual = [(tenant.tenant_id, tenant.name, tenant.assigned, tenant.available) for tenant in result.tenants]
        return not result.problems and sorted(actual) == sorted(expected)

    def all_correct(self, results: Sequence[SeatResult]) -> bool:
        """Whether there are results and every one is correct."""
        return bool(results) and all(self.is_correct(result) for result in results)

    def all_correct_except(self, index: int, results: Sequence[SeatResult]) -> bool:
        """Whether every result but the one at this index is correct."""
        return self.all_correct([*results[:index], *results[index + 1 :]])


@contextmanager
def client_harness(
    customers: int | Sequence[Customer] = 3, options: Options | None = None, **changes: Any
) -> Iterator[Harness]:
    """Run a service with these customers, or this many, on the client's clock; `changes` are settings."""
    clock = SkippingClock()
    directory = [customer(n + 1) for n in range(customers)] if isinstance(customers, int) else list(customers)
    with running(directory, options=options or Options(), clock=clock) as service:
        client = AvePoint(settings(service, **changes), clock=clock)
        try:
            yield Harness(service, client, clock, directory)
        finally:
            client.close()


def failure_of(result: SeatResult) -> Problem:
    """The failure of a result that must have one."""
    assert result.failure
    return result.failure


def failure_kinds(results: Sequence[SeatResult]) -> set[ProblemKind]:
    """The kinds of the failures of results that must all have failed."""
    return {failure_of(result).kind for result in results}


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key, generated once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate_pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, ends: datetime, *, begins: datetime | None = None
) -> str:
    """A self-signed certificate for this key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "seat-report")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins or ends - timedelta(days=700))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    """A private key, in PEM."""
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()
