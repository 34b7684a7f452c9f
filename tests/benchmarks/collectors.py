"""Ways to query AvePoint for many customers: our collector, and simple ones that check nothing."""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from seat_report.avepoint.client import AvePoint
from seat_report.domain.queries import Query
from seat_report.domain.tenants import TenantType
from seat_report.settings import load
from tests.benchmarks.services import AvePointService
from tests.benchmarks.table import median
from tests.emulators.avepoint import tokens
from tests.emulators.avepoint.data import Customer

_LONGEST_SECONDS = 600.0
_REQUEST_SECONDS = 30
_RETRIES = 8
_PROBES = 25


@dataclass(frozen=True, slots=True)
class Collected:
    """The number of useful responses, and the seconds from a cold start (no token, no connection) to the last."""

    responses: int
    seconds: float

    @property
    def rate(self) -> float:
        """Useful responses per second."""
        return self.responses / self.seconds


Collect = Callable[[AvePointService, Sequence[Query], int], Collected]


def queries_of(customers: Sequence[Customer]) -> list[Query]:
    """A query for each customer and type, customer by customer, as in a run."""
    return [Query(customer.id, tenant_type) for customer in customers for tenant_type in TenantType]


def ours(service: AvePointService, queries: Sequence[Query], concurrency: int) -> Collected:
    """Our collector, which detects the service's contract by itself."""
    settings = load({**service.settings, "SPREADSHEET_ID": "none", "AVEPOINT_CONCURRENCY": str(concurrency)})
    began = time.perf_counter()
    avepoint = AvePoint(settings)
    try:
        collection = avepoint.collect(queries, stop_at=time.monotonic() + _LONGEST_SECONDS)
    finally:
        avepoint.close()
    useful = sum(result.failure is None for result in collection.results)
    return Collected(useful, time.perf_counter() - began)


def bare_pool(service: AvePointService, queries: Sequence[Query], concurrency: int) -> Collected:
    """A thread pool over one `requests` session that accepts any JSON."""
    with _session(service, concurrency) as session, ThreadPoolExecutor(concurrency) as pool:
        began = time.perf_counter()
        _authorise(session, service)
        responses = list(pool.map(lambda query: _post(session, service, query).json(), queries))
        return Collected(len(responses), time.perf_counter() - began)


def patient_pool(service: AvePointService, queries: Sequence[Query], concurrency: int) -> Collected:
    """The same with urllib3's retries for 429: each thread waits on its own, as long as Retry-After says."""
    retry = Retry(total=_RETRIES, status_forcelist=[429], allowed_methods=None, backoff_factor=1)
    retry.raise_on_status = False
    with _session(service, concurrency, retry) as session, ThreadPoolExecutor(concurrency) as pool:
        began = time.perf_counter()
        _authorise(session, service)
        useful = sum(pool.map(lambda query: _post(session, service, query).ok, queries))
        return Collected(useful, time.perf_counter() - began)


def one_by_one(service: AvePointService, queries: Sequence[Query], concurrency: int = 1) -> Collected:
    """A loop over one `requests` session."""
    with _session(service, concurrency) as session:
        began = time.perf_counter()
        _authorise(session, service)
        responses = [_post(session, service, query).json() for query in queries]
        return Collected(len(responses), time.perf_counter() - began)


def response_seconds(service: AvePointService, query: Query) -> float:
    """The median latency that an otherwise idle caller sees with Python's simplest client."""
    path, headers = _path(query), {"Authorization": f"Bearer {_token(service)}"}
    connection = http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=_REQUEST_SECONDS)
    latencies = []
    for _ in range(_PROBES):
        began = time.perf_counter()
        connection.request("POST", path, headers=headers)
        connection.getresponse().read()
        latencies.append(time.perf_counter() - began)
    connection.close()
    return median(latencies)


@contextmanager
def _session(service: AvePointService, connections: int, retry: Retry | None = None) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount(service.url, HTTPAdapter(pool_maxsize=connections, max_retries=retry or 0))
        yield session


def _authorise(session: requests.Session, service: AvePointService) -> None:
    session.headers["Authorization"] = f"Bearer {_token(service)}"


def _token(service: AvePointService) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": tokens.CLIENT_ID,
        "client_secret": tokens.CLIENT_SECRET,
        "scope": tokens.SEATS_SCOPE,
    }
    response = requests.post(f"{service.url}/connect/token", data=form, timeout=_REQUEST_SECONDS)
    return str(response.json()["access_token"])


def _post(session: requests.Session, service: AvePointService, query: Query) -> requests.Response:
    return session.post(service.url + _path(query), timeout=_REQUEST_SECONDS)


def _path(query: Query) -> str:
    customer, number = query.customer_id, query.tenant_type.number
    return f"/partner/external/v3/general/customers/{customer}/3rd-party-products/type/{number}/users"
