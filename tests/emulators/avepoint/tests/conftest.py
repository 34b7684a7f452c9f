from collections.abc import Iterator

import pytest
import requests

from tests.emulators.avepoint.service import Handle, running
from tests.emulators.avepoint.tests.client import ACME, MANY, NOON, STRANGER, Client, x509_time
from tests.support.clocks import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """The service's clock."""
    return ManualClock(x509_time(NOON))


@pytest.fixture
def service(clock: ManualClock) -> Iterator[Handle]:
    """A running service with a few customers."""
    with running((ACME, MANY, STRANGER), clock=clock) as handle:
        yield handle


@pytest.fixture
def client(service: Handle) -> Iterator[Client]:
    """A client that has a token."""
    with requests.Session() as session:
        yield Client(service, session)
