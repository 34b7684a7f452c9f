from collections.abc import Iterator

import pytest
import requests

from tests.emulators.avepoint.service import Handle, running
from tests.emulators.avepoint.tests.client import ACME, MANY, STRANGER, Client, Clock


@pytest.fixture
def clock() -> Clock:
    """The service's clock."""
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Iterator[Handle]:
    """A running service with a few customers."""
    with running((ACME, MANY, STRANGER), clock=clock) as handle:
        yield handle


@pytest.fixture
def client(service: Handle) -> Iterator[Client]:
    """A client that has a token."""
    with requests.Session() as session:
        yield Client(service, session)
