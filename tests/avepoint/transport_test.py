"""One HTTP request: bounded in time and size, whatever the response; errors reveal nothing of the request."""

import gzip
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from seat_report.avepoint.parsing import MOST_TENANTS
from seat_report.avepoint.transport import (
    LARGEST_BODY,
    LARGEST_SHORT_BODY,
    MOST_STRUCTURE,
    Reply,
    RequestFailedError,
    Transport,
)
from seat_report.domain.problems import ProblemKind
from tests.support.raw_server import Script, raw_server, send, send_byte_by_byte

SECRET = "a-secret-that-must-not-travel"
HEADERS = {"Authorization": f"Bearer {SECRET}"}
# A timeout long enough for a busy machine to respond in, short enough for a test to wait for.
SHORT_TIMEOUT = 0.3


@contextmanager
def new_transport() -> Iterator[Transport]:
    transport = Transport("seat-report/0", connections=2)
    try:
        yield transport
    finally:
        transport.close_connections()


def post(script: Script, timeout: float = 5, path: str = "/") -> Reply:
    with raw_server(script) as url, new_transport() as transport:
        return transport.post(url + path, HEADERS, b"{}", timeout)


def send_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def failure(script: Script, timeout: float = 5) -> RequestFailedError:
    with pytest.raises(RequestFailedError) as raised:
        post(script, timeout)
    return raised.value


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_reply() -> None:
    """Status, body and case-insensitive headers are returned."""
    reply = post(send(b"HTTP/1.1 418 Teapot\r\nX-Request-Id: r-1\r\nContent-Length: 5\r\n\r\nhello"))
    assert (reply.status, reply.headers["x-request-id"], reply.body) == (418, "r-1", b"hello")


def test_error_in_pascal_case() -> None:
    """An error's members are read in PascalCase too."""
    body = b'{"RequestId": "r-1", "Message": "Wrong.", "Errors": [{"Message": "The type."}]}'
    assert (Reply(400, {}, body).request_id, Reply(400, {}, body).error_message) == ("r-1", "Wrong. The type.")


def send_body(body: bytes, status: str = "200 OK") -> Script:
    return send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status.encode(), len(body)), body)


@pytest.mark.parametrize("unit", [b"{},", b"[],", b"[", b'{"a":', b"1,", b"\\n", b"&lt;", b"%41"], ids=repr)
def test_more_than_any_answer_needs(unit: bytes) -> None:
    """A body with more structure or escapes than a documented one is refused, before it costs any memory."""
    error = failure(send_body(unit * (LARGEST_BODY // len(unit))))
    assert error.kind is ProblemKind.BAD_ANSWER
    assert "more than 10,000 tenants can need" in error.what


def test_as_many_tenants_as_there_can_be() -> None:
    """As many tenants as are taken fit into one answer, in the larger entries and with escapes in their names."""
    entry = {"type": 0, "tenantId": "t" * 36, "tenantName": "Müller & Söhne", "availableUserSeat": 1}
    body = json.dumps({"data": [entry | {"assignedUserSeat": number} for number in range(MOST_TENANTS)]}).encode()
    assert len(post(send_body(body)).body) == len(body)
    assert sum(map(body.count, (b"{", b"[", b",", b":"))) < MOST_STRUCTURE


@pytest.mark.parametrize("status", ["400 Bad Request", "503 Service Unavailable"])
def test_only_the_first_part_of_a_refusal_is_read(status: str) -> None:
    """The rest of a refusal's body is of no use, however large it is and whatever it holds."""
    reply = post(send_body(b"[{}," * (LARGEST_BODY // 4), status))
    assert (reply.status, len(reply.body)) == (int(status[:3]), LARGEST_SHORT_BODY)


def test_compressed_body() -> None:
    """A compressed body is decompressed."""
    compressed = gzip.compress(b"[]" * 100)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(compressed)}\r\n\r\n"
    assert post(send(head.encode(), compressed)).body == b"[]" * 100


def test_redirect_is_not_followed() -> None:
    """A redirect is a reply like any other: the token is not sent elsewhere."""
    contacted: list[bytes] = []

    def record_contact(connection: socket.socket) -> None:
        contacted.append(b"!")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with raw_server(record_contact) as other_url:
        head = f"HTTP/1.1 307 Elsewhere\r\nLocation: {other_url}/\r\nContent-Length: 0\r\n\r\n"
        assert post(send(head.encode())).status == 307
    assert not contacted


@pytest.mark.parametrize(
    "script",
    [
        send_byte_by_byte(b"H"),
        send_byte_by_byte(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50),
        send_byte_by_byte(b"x", head=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"),
        send_byte_by_byte(b"1\r\nx\r\n", head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        send_nothing,
    ],
    ids=["status line", "headers", "body", "chunks", "nothing"],
)
def test_total_time_is_bounded(script: Script) -> None:
    """A response that dribbles in ends at the request's timeout, which is not restarted by each byte."""
    started = time.monotonic()
    error = failure(script, timeout=SHORT_TIMEOUT)
    assert time.monotonic() - started < SHORT_TIMEOUT + 2
    assert error.kind is ProblemKind.TIMEOUT


@pytest.mark.parametrize(
    "script",
    [
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf"),
        send(b"this is not HTTP\r\n\r\n"),
        send(),
        lambda connection: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    ],
    ids=["truncated", "truncated chunk", "not compressed", "no HTTP", "closed", "reset"],
)
def test_broken_responses(script: Script) -> None:
    """A partial or malformed response is a failed request; a retry may help."""
    error = failure(script)
    assert error.kind is ProblemKind.UNAVAILABLE
    assert error.what == "AvePoint closed the connection"


def test_connection_refused() -> None:
    """A port without a listener is a service that can't be reached."""
    with new_transport() as transport, pytest.raises(RequestFailedError) as raised:
        transport.post(f"http://127.0.0.1:{unused_port()}/", HEADERS, b"", 5)
    assert (raised.value.kind, raised.value.what) == (ProblemKind.UNAVAILABLE, "AvePoint could not be reached")


def test_server_without_tls() -> None:
    """A server that doesn't speak TLS on an https URL is a failed request."""
    with (
        raw_server(send(b"HTTP/1.1 200 OK\r\n\r\n")) as url,
        new_transport() as transport,
        pytest.raises(RequestFailedError) as raised,
    ):
        transport.post(url.replace("http:", "https:") + "/", HEADERS, b"", SHORT_TIMEOUT)
    assert raised.value.kind in {ProblemKind.UNAVAILABLE, ProblemKind.TIMEOUT}


def test_size_is_bounded() -> None:
    """A response that is too large is rejected, even if it only becomes so when decompressed."""
    compressed = gzip.compress(b" " * (LARGEST_BODY + 1))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(compressed)}\r\n\r\n"
    error = failure(send(head.encode(), compressed))
    assert error.kind is ProblemKind.BAD_ANSWER
    assert "larger than 4 MB" in error.what


def test_errors_reveal_nothing_of_the_request() -> None:
    """Neither the error nor its cause contains headers or body."""
    error = failure(send())
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert SECRET not in f"{error!r} {error} {vars(error)}"


def test_connection_is_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second request reuses the connection; no cookies are sent, and no .netrc credentials are used."""
    monkeypatch.setenv("NETRC", "/nonexistent")
    received: list[bytes] = []

    def respond_twice(connection: socket.socket) -> None:
        for _ in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")
            received.append(connection.recv(65536))

    with raw_server(respond_twice) as url, new_transport() as transport:
        transport.post(url + "/", HEADERS, b"", 5)
        transport.post(url + "/", HEADERS, b"", 5)
    assert received[0].startswith(b"POST / ")
    assert f"Authorization: Bearer {SECRET}".encode() in received[0]
    assert b"User-Agent: seat-report/0" in received[0]
    assert b"Cookie" not in received[0]


def test_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy configured in the environment is used, and is bounded in time as well."""
    with raw_server(send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) as proxy, new_transport() as transport:
        monkeypatch.setenv("http_proxy", proxy)
        assert transport.post("http://avepoint.invalid/", HEADERS, b"", 5).body == b"hi"
    with raw_server(send_byte_by_byte(b"HTTP/1.1 200 OK\r\nA: b\r\n")) as proxy, new_transport() as transport:
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(RequestFailedError) as raised:
            transport.post("https://avepoint.invalid/", HEADERS, b"", SHORT_TIMEOUT)
    assert raised.value.kind is ProblemKind.TIMEOUT
