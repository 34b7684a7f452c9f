"""What the tests of the client share: settings for the local service, a clock that skips, queries, certificates."""

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
from seat_report.domain.queries import Collection, Query, SeatResult
from seat_report.domain.tenants import TenantType
from seat_report.settings import Settings
from seat_report.settings.secret import Secret
from tests.emulators.avepoint.data import Customer, Tenant
from tests.emulators.avepoint.data import TenantType as Number
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.service import Handle, running
from tests.emulators.avepoint.tokens import CLIENT_ID, CLIENT_SECRET
from tests.support.clocks import NOON

LONG = 3600.0


class SkippingClock:
    """Time from NOON on, except that sleeping costs none: the clock skips to the moment when the sleeper would wake."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment, skipped time included."""
        return NOON + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        """Seconds, skipped time included."""
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Skip to so many seconds from now; sleepers that overlap share what is skipped."""
        wake = self.monotonic() + seconds
        with self._lock:
            self._skipped = max(self._skipped, wake - time.monotonic())

    @property
    def skipped(self) -> float:
        """How much was slept."""
        return self._skipped


def settings(service: Handle | None = None, **changes: Any) -> Settings:
    """Settings for the local service, or for one that isn't there."""
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
    """A customer with one tenant of Microsoft 365, whose numbers tell it from others."""
    values: dict[str, Any] = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "organization": f"Customer {number}",
        "tenants": (Tenant(f"tenant-{number}", f"Tenant {number}", Number.MICROSOFT_365, number, 1000 - number),),
    }
    return Customer(**values | changes)


def queries(customers: Sequence[Customer], types: Sequence[TenantType] = (TenantType.MICROSOFT_365,)) -> list[Query]:
    """A query for each customer and type, in order."""
    return [Query(one.id, tenant_type) for one in customers for tenant_type in types]


@dataclass
class Bench:
    """A local service with customers, a client of it, and the answers that were passed on."""

    service: Handle
    client: AvePoint
    clock: SkippingClock
    customers: list[Customer]
    passed_on: list[SeatResult] = field(default_factory=list)

    def collect(self, asked: Sequence[Query] | None = None, *, seconds: float = LONG) -> Collection:
        """Collect the answers to these queries, or to one for each customer."""
        return self.client.collect(
            queries(self.customers) if asked is None else asked,
            stop_at=self.clock.monotonic() + seconds,
            on_result=self.passed_on.append,
        )


@contextmanager
def bench(customers: int | Sequence[Customer] = 3, options: Options | None = None, **changes: Any) -> Iterator[Bench]:
    """A service with these customers, or with so many, that lives on the client's time; `changes` are settings."""
    clock = SkippingClock()
    there = [customer(n + 1) for n in range(customers)] if isinstance(customers, int) else list(customers)
    with running(there, options=options or Options(), clock=clock) as service:
        client = AvePoint(settings(service, **changes), clock=clock)
        try:
            yield Bench(service, client, clock, there)
        finally:
            client.close()


def right(bench: Bench, answer: SeatResult) -> bool:
    """Whether the answer is what the service's data says, with nothing wrong."""
    there = next(one for one in bench.customers if one.id == answer.query.customer_id)
    expected = [
        (tenant.id, tenant.name, tenant.assigned, tenant.available)
        for tenant in there.of_type(answer.query.tenant_type.number)
    ]
    came = [(tenant.tenant_id, tenant.name, tenant.assigned, tenant.available) for tenant in answer.tenants]
    return not answer.problems and sorted(came) == sorted(expected)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate_pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, ends: datetime, *, begins: datetime | None = None
) -> str:
    """A certificate of this key, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "seat-report")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins or ends - timedelta(days=700))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    """A private key, in PEM."""
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()
