"""Someone who closes the page while a run works: the run goes on, and the request lasts until it has ended."""

import json
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlsplit

import requests

from tests.support.hold import Holding
from tests.support.serving import served
from tests.support.world import SOURCE, World

# With SO_LINGER on and no time, closing resets the connection, as a browser does that is ended.
_RESET = struct.pack("ii", 1, 0)
POST = b"POST / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def deployed() -> Iterator[tuple[str, IO[bytes]]]:
    """The function served as in production: its address, and what it writes."""
    environment = {**os.environ, "THREADS": "8"}
    with served(SOURCE.parent, environment, log=subprocess.PIPE) as (address, process):
        assert process.stdout
        yield address, process.stdout


def event(output: IO[bytes], message: str) -> dict[str, object]:
    """The next event of that name, when it has been logged."""
    for line in output:
        # The server says what it does in other words.
        entry: dict[str, object] = json.loads(line) if line.startswith(b"{") else {}
        if entry.get("message") == message:
            return entry
    raise AssertionError(f"the function ended without {message!r}")


def test_a_connection_that_breaks(world: World, holding: Holding) -> None:
    """A connection that is reset in the middle of the page stops nothing: the run keeps others out and is done."""
    world.list_customers()
    with holding(3) as hold, deployed() as (address, output):
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
            connection.sendall(POST)
            page = b""
            while b"3 of 36" not in page.replace(b"<strong>", b"").replace(b"</strong>", b""):
                piece = connection.recv(65536)
                assert piece
                page += piece
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        hold.wait()
        assert requests.post(address, timeout=30).status_code == 409
        hold.release()
        assert event(output, "run finished")["outcome"] == "ok"
        assert requests.get(f"{address}/health", timeout=30).status_code == 200
        assert requests.post(address, timeout=60).json()["changes"]["rows_added"] == 0
    assert world.report_seats() == world.service_seats()


def test_the_request_lasts_as_long_as_the_run(world: World, holding: Holding) -> None:
    """A request whose client has left is over only when the run is: so the platform keeps the instance going."""
    world.list_customers()
    with holding(3) as hold:
        answer = world.function.post("/", headers={"Accept": "text/html"}, buffered=False)
        hold.wait()
        closing = threading.Thread(target=answer.close)
        closing.start()
        closing.join(timeout=0.2)
        assert closing.is_alive()
        hold.release()
        closing.join()
    assert world.report_seats() == world.service_seats()
    assert world.run()["outcome"] == "ok"


def test_a_client_that_waits_for_json_and_leaves(world: World, holding: Holding) -> None:
    """The same holds for a client that wants JSON."""
    world.list_customers()
    with holding(3) as hold, deployed() as (address, output):
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
            connection.sendall(POST.replace(b"text/html", b"*/*"))
            hold.wait()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        hold.release()
        assert event(output, "run finished")["outcome"] == "ok"
    assert world.report_seats() == world.service_seats()
