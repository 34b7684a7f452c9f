"""One request: bounded in time and size, whatever comes back; and nothing of it in what is said about a failure."""

import gzip
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from seat_report.avepoint.transport import LARGEST_BODY, Reply, Transport, UnansweredError
from seat_report.domain.problems import ProblemKind
from tests.support.raw_server import Script, at_once, byte_by_byte, saying

SECRET = "a-secret-that-must-not-travel"
HEADERS = {"Authorization": f"Bearer {SECRET}"}
# Long enough for a busy machine to answer in, short enough for a test to wait for.
SHORT = 0.3


@contextmanager
def http() -> Iterator[Transport]:
    made = Transport("seat-report/0", connections=2)
    try:
        yield made
    finally:
        made.forget_connections()


def post(script: Script, timeout: float = 5, path: str = "/") -> Reply:
    with saying(script) as url, http() as sender:
        return sender.post(url + path, HEADERS, b"{}", timeout)


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def failure(script: Script, timeout: float = 5) -> UnansweredError:
    with pytest.raises(UnansweredError) as raised:
        post(script, timeout)
    return raised.value


def refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_plain_answer() -> None:
    """Status, headers in any case and the body come back."""
    reply = post(at_once(b"HTTP/1.1 418 Teapot\r\nX-Request-Id: r-1\r\nContent-Length: 5\r\n\r\nhello"))
    assert (reply.status, reply.headers["x-request-id"], reply.body) == (418, "r-1", b"hello")


def test_a_packed_answer() -> None:
    """A body that came packed is unpacked."""
    packed = gzip.compress(b"[]" * 100)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    assert post(at_once(head.encode(), packed)).body == b"[]" * 100


def test_a_redirect_is_not_followed() -> None:
    """A redirect is an answer like any other: the token goes nowhere else."""
    went_there: list[bytes] = []

    def elsewhere(connection: socket.socket) -> None:
        went_there.append(b"!")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with saying(elsewhere) as other:
        head = f"HTTP/1.1 307 Elsewhere\r\nLocation: {other}/\r\nContent-Length: 0\r\n\r\n"
        assert post(at_once(head.encode())).status == 307
    assert not went_there


@pytest.mark.parametrize(
    "script",
    [
        byte_by_byte(b"H"),
        byte_by_byte(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50),
        byte_by_byte(b"x", head=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
        byte_by_byte(b"1\r\nx\r\n", head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        silent,
    ],
    ids=["status line", "headers", "body", "chunks", "nothing"],
)
def test_time_is_bounded_in_total(script: Script) -> None:
    """An answer that dribbles is over after the request's time, not after each byte's."""
    began = time.monotonic()
    error = failure(script, timeout=SHORT)
    assert time.monotonic() - began < SHORT + 2
    assert error.kind is ProblemKind.TIMEOUT


@pytest.mark.parametrize(
    "script",
    [
        at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        at_once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        at_once(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf"),
        at_once(b"this is not HTTP\r\n\r\n"),
        at_once(),
        lambda connection: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    ],
    ids=["truncated", "truncated chunk", "not packed", "no HTTP", "closed", "reset"],
)
def test_an_answer_that_is_broken_off(script: Script) -> None:
    """What comes in part, or in no form at all, is no answer; asking again may help."""
    error = failure(script)
    assert error.kind is ProblemKind.UNAVAILABLE
    assert error.what == "AvePoint broke the connection off"


def test_nobody_there() -> None:
    """A port that nobody listens at is a service that can't be reached."""
    with http() as sender, pytest.raises(UnansweredError) as raised:
        sender.post(f"http://127.0.0.1:{refused_port()}/", HEADERS, b"", 5)
    assert (raised.value.kind, raised.value.what) == (ProblemKind.UNAVAILABLE, "AvePoint could not be reached")


def test_no_secure_connection() -> None:
    """A service that doesn't speak TLS where it should is not spoken to."""
    with saying(at_once(b"HTTP/1.1 200 OK\r\n\r\n")) as url, http() as sender, pytest.raises(UnansweredError) as raised:
        sender.post(url.replace("http:", "https:") + "/", HEADERS, b"", SHORT)
    assert raised.value.kind in {ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT}


def test_size_is_bounded() -> None:
    """An answer that is too large is given up, also if it only gets so large when unpacked."""
    packed = gzip.compress(b" " * (LARGEST_BODY + 1))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    error = failure(at_once(head.encode(), packed))
    assert error.kind is ProblemKind.BAD_ANSWER
    assert "larger than 4 MB" in error.what


def test_nothing_of_the_request_is_told() -> None:
    """Neither the error nor what it came from says anything of headers or body."""
    error = failure(at_once())
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert SECRET not in f"{error!r} {error} {vars(error)}"


def test_a_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request goes over the connection of the first, and none of them asks a .netrc file for credentials."""
    monkeypatch.setenv("NETRC", "/nonexistent")
    received: list[bytes] = []

    def twice(connection: socket.socket) -> None:
        for _ in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")
            received.append(connection.recv(65536))

    with saying(twice) as url, http() as sender:
        sender.post(url + "/", HEADERS, b"", 5)
        sender.post(url + "/", HEADERS, b"", 5)
    assert received[0].startswith(b"POST / ")
    assert f"Authorization: Bearer {SECRET}".encode() in received[0]
    assert b"User-Agent: seat-report/0" in received[0]
    assert b"Cookie" not in received[0]


def test_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is used, and bounded in time as well."""
    with saying(at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) as proxy, http() as sender:
        monkeypatch.setenv("http_proxy", proxy)
        assert sender.post("http://avepoint.invalid/", HEADERS, b"", 5).body == b"hi"
    with saying(byte_by_byte(b"HTTP/1.1 200 OK\r\nA: b\r\n")) as proxy, http() as sender:
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(UnansweredError) as raised:
            sender.post("https://avepoint.invalid/", HEADERS, b"", SHORT)
    assert raised.value.kind is ProblemKind.TIMEOUT
