"""Clients that disconnect during a run: the run continues, and the request lasts until the run has ended."""

import json
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast
from urllib.parse import urlsplit

import pytest
import requests

from seat_report.monitored_run import MonitoredRun
from seat_report.web.background import BackgroundRun
from tests.support.hold import Holding
from tests.support.serving import served
from tests.support.world import CUSTOMER_COUNT, SOURCE, World

# With SO_LINGER on and a timeout of zero, closing resets the connection, as a closed browser does.
_RESET = struct.pack("ii", 1, 0)
POST = b"POST / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def served_function() -> Iterator[tuple[str, IO[bytes]]]:
    """The function served as in production: its address and its output."""
    environment = {**os.environ, "THREADS": "8"}
    with served(SOURCE.parent, environment, log=subprocess.PIPE) as (address, process):
        assert process.stdout
        yield address, process.stdout


def next_event(output: IO[bytes], message: str) -> dict[str, object]:
    """Wait for the next event with this message."""
    for line in output:
        # The server's own lines are not JSON.
        entry: dict[str, object] = json.loads(line) if line.startswith(b"{") else {}
        if entry.get("message") == message:
            return entry
    raise AssertionError(f"the function ended without {message!r}")


def test_connection_reset(world: World, holding: Holding) -> None:
    """A connection reset in the middle of the page does not stop the run, which keeps others out and completes."""
    world.list_customers()
    with holding(3) as hold, served_function() as (address, output):
        url = urlsplit(address)
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            connection.sendall(POST)
            page = b""
            while f"3 of {CUSTOMER_COUNT}".encode() not in page.replace(b"<strong>", b"").replace(b"</strong>", b""):
                data = connection.recv(65536)
                assert data
                page += data
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        hold.wait()
        assert requests.post(address, timeout=30).status_code == 409
        hold.release()
        assert next_event(output, "run finished")["outcome"] == "ok"
        assert requests.get(f"{address}/health", timeout=30).status_code == 200
        assert requests.post(address, timeout=60).json()["changes"]["rows_added"] == 0
    assert world.report_seats() == world.service_seats()


def test_request_lasts_as_long_as_the_run(world: World, holding: Holding) -> None:
    """A request whose client has left ends only when the run does, so that the platform keeps the instance alive."""
    world.list_customers()
    with holding(3) as hold:
        response = world.function.post("/", headers={"Accept": "text/html"}, buffered=False)
        hold.wait()
        closing = threading.Thread(target=response.close)
        closing.start()
        closing.join(timeout=0.2)
        assert closing.is_alive()
        hold.release()
        closing.join()
    assert world.report_seats() == world.service_seats()
    assert world.run()["outcome"] == "ok"


def test_json_client_disconnects(world: World, holding: Holding) -> None:
    """The same applies to a client that requests JSON."""
    world.list_customers()
    with holding(3) as hold, served_function() as (address, output):
        url = urlsplit(address)
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            connection.sendall(POST.replace(b"text/html", b"*/*"))
            hold.wait()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        hold.release()
        assert next_event(output, "run finished")["outcome"] == "ok"
    assert world.report_seats() == world.service_seats()


class StubbedRun:
    """A run that is admitted, and ends, when a test says so."""

    def __init__(self) -> None:
        self.is_admitted = False
        self.may_end = threading.Event()

    def go(self) -> None:
        """Run until the test ends it."""
        assert self.may_end.wait(60)


@pytest.mark.parametrize("is_admitted", [True, False])
@pytest.mark.parametrize("ends", [True, False])
def test_a_run_that_goes_on_with_the_lock(is_admitted: bool, ends: bool) -> None:
    """Only a run that holds the lock and has not ended does what was asked."""
    stub = StubbedRun()
    run = BackgroundRun(cast("MonitoredRun", stub), lambda: None)
    stub.is_admitted = is_admitted
    if ends or not is_admitted:
        stub.may_end.set()
        run.wait()
    assert run.wait_until_admitted() == (is_admitted and not ends)
    stub.may_end.set()
    run.wait()
