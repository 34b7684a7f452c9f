"""A plain client of the stand-in: what a test says to it, over HTTP."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.service import Handle
from tests.emulators.avepoint.tokens import ASSERTION_TYPE, CLIENT_ID, CLIENT_SECRET, SEATS_SCOPE

TIMEOUT = 20

# A moment in the life of every certificate that the tests make.
NOON = 1_800_000_000.0

ACME = Customer(
    id="11111111-1111-4111-8111-111111111111",
    organization="Acme",
    tenants=(
        Tenant("t-1", "Acme Head Office", TenantType.MICROSOFT_365, 80, 20),
        Tenant("t-2", "Acme Branch", TenantType.MICROSOFT_365, 7, 3),
        Tenant("t-3", "Acme Sales", TenantType.SALESFORCE, 40, 0),
    ),
)
MANY = Customer(
    id="22222222-2222-4222-8222-222222222222",
    organization="Many",
    tenants=tuple(Tenant(f"m-{n}", f"Many {n}", TenantType.MICROSOFT_365, n, 1) for n in range(250)),
)
STRANGER = Customer(id="33333333-3333-4333-8333-333333333333", organization="Stranger", in_scope=False)

USERS = "users"
BATCH = "tenants/batch"


@dataclass
class Client:
    """A client with a token, gotten once with the secret."""

    service: Handle
    session: requests.Session

    def __post_init__(self) -> None:
        self.renew()

    @property
    def authorization(self) -> str:
        """The header with the token."""
        return str(self.session.headers["Authorization"])

    def renew(self, **changes: str | None) -> requests.Response:
        """Ask for a token and use it from now on; the changes are to the form, None leaves a field out."""
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": SEATS_SCOPE,
        }
        response = self.session.post(
            self.service.token_url,
            data={name: value for name, value in (form | changes).items() if value is not None},
            headers={"Authorization": None},
            timeout=TIMEOUT,
        )
        if response.status_code == 200:
            self.session.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
        return response

    def url(self, customer: Customer | str = ACME, tenant_type: object = 0, contract: str = USERS) -> str:
        """Return the address of a query."""
        customer_id = customer if isinstance(customer, str) else customer.id
        path = f"/partner/external/v3/general/customers/{customer_id}/3rd-party-products/type/{tenant_type}/{contract}"
        return self.service.url + path

    def purchased(self, customer: Customer | str = ACME, product: object = 2048) -> requests.Response:
        """Ask for the purchased seats of a product."""
        customer_id = customer if isinstance(customer, str) else customer.id
        path = f"/partner/external/v3/general/customers/{customer_id}/avpt-products/type/{product}/overview"
        return self.session.get(self.service.url + path, timeout=TIMEOUT)

    def customers(self, *, body: object = None, **query: object) -> requests.Response:
        """Ask for the list of customers."""
        return self.session.post(
            f"{self.service.url}/partner/external/v3/general/customers/batch",
            params={name: str(value) for name, value in query.items()},
            json=body,
            timeout=TIMEOUT,
        )

    def seats(
        self,
        customer: Customer | str = ACME,
        tenant_type: object = 0,
        contract: str = USERS,
        *,
        body: object = None,
        **query: object,
    ) -> requests.Response:
        """Ask for seats; without a body, none is sent."""
        return self.session.post(
            self.url(customer, tenant_type, contract),
            params={name: str(value) for name, value in query.items()},
            json=body,
            timeout=TIMEOUT,
        )


@dataclass(frozen=True)
class Credential:
    """A certificate with its private key."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def pem_with_key(self) -> bytes:
        """The private key and the certificate in one file."""
        return self.key_pem + self.pem

    @property
    def key_pem(self) -> bytes:
        """The private key alone."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def thumbprint(self) -> bytes:
        """The SHA-1 of the certificate."""
        return self.certificate.fingerprint(hashes.SHA1())  # noqa: S303 - what x5t is made of

    def header(self, **changes: object) -> dict[str, object]:
        """Return the header of an assertion."""
        x5t = base64.urlsafe_b64encode(self.thumbprint).rstrip(b"=").decode()
        return {"alg": "RS256", "typ": "JWT", "x5t": x5t, "kid": self.thumbprint.hex().upper(), **changes}

    def sign(self, header: dict[str, object], claims: dict[str, object]) -> str:
        """Return a JWT."""
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return (signed + b"." + _encoded(self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))).decode()


def assertion_form(assertion: str) -> dict[str, str | None]:
    """Return the changes that make a secret's form an assertion's."""
    return {"client_secret": None, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


@cache
def credential(name: str) -> Credential:
    """Return a certificate that is valid for a year around NOON; making one takes a while, so each is kept."""
    # 2,048 bits are the least that are accepted; more would only take longer.
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    noon = x509_time(NOON)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(noon - timedelta(days=365))
        .not_valid_after(noon + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return Credential(key, certificate)


def x509_time(seconds: float) -> datetime:
    """Return a moment as certificates have it."""
    return datetime.fromtimestamp(seconds, UTC)


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
