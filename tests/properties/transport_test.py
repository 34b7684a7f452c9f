"""The transport: no bytes that a host sends use unbounded memory or time, or obtain a secret."""

import contextlib
import gzip
import io
import json
import socket
import tracemalloc
import zlib

import pytest
import structlog

from seat_report.avepoint.transport import LARGEST_BODY, RequestFailedError, Transport
from seat_report.reporting import logs
from tests.support.raw_server import Script, raw_server, send

SECRET = "a-secret-that-must-not-travel"
HEAD = b"HTTP/1.1 200 OK\r\n"
MOST_MEMORY = 8 * LARGEST_BODY


def request_outcome(script: Script, timeout: float = 20) -> str:
    """The outcome of a request to such a host: its status, or why there is none."""
    with raw_server(script) as url:
        transport = Transport("seat-report/0", connections=1)
        try:
            return str(transport.post(f"{url}/", {"Authorization": f"Bearer {SECRET}"}, b"{}", timeout).status)
        except RequestFailedError as error:
            return error.what
        finally:
            transport.close_connections()


def send_endlessly(head: bytes, chunk: bytes) -> Script:
    """A script that sends without end."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(chunk)

    return script


def compressed(body: bytes, times: int) -> bytes:
    """The body, compressed this many times over."""
    for _ in range(times):
        body = gzip.compress(body)
    return body


CHUNK = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
BOMB = compressed(b" " * 64 * 1024**2, 1)
BOMB_IN_BOMB = compressed(b" " * 256 * 1024**2, 2)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (send_endlessly(HEAD + b"\r\n", b" " * 65536), "larger than 4 MB"),
        (send_endlessly(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK), "larger than 4 MB"),
        (send_endlessly(HEAD + b"Content-Length: 99999999999\r\n\r\n", b" " * 65536), "larger than 4 MB"),
        (send(HEAD, b"Content-Encoding: gzip\r\n\r\n", BOMB), "larger than 4 MB"),
        (send(HEAD, b"Content-Encoding: deflate\r\n\r\n", zlib.compress(b" " * 64 * 1024**2)), "larger than 4 MB"),
        (send(HEAD, b"Content-Encoding: gzip, gzip\r\n\r\n", BOMB_IN_BOMB), "larger than 4 MB"),
        (send(HEAD, b"Content-Encoding: ", b"gzip, " * 500, b"gzip\r\n\r\n", BOMB), "closed the connection"),
        (send_endlessly(HEAD, b"A: b\r\n"), "closed the connection"),
        (send_endlessly(HEAD + b"A: ", b"b" * 65536), "closed the connection"),
        (send_endlessly(b"HTTP/1.1 200 ", b"O" * 65536), "closed the connection"),
    ],
    ids=["body", "chunks", "length", "gzip", "deflate", "twice", "500 times", "headers", "header", "status line"],
)
def test_size_is_bounded(script: Script, expected: str) -> None:
    """A response that never ends, or grows when decompressed, is rejected before it uses much memory."""
    tracemalloc.start()
    try:
        outcome = request_outcome(script)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert expected in outcome
    assert peak < MOST_MEMORY


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "999"),
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "AvePoint closed the connection"),
        (b"HTTP/1.1 -1 Odd\r\nContent-Length: 0\r\n\r\n", "AvePoint closed the connection"),
        (b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n", "AvePoint closed the connection"),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200"),
        (HEAD + b"Content-Length: -5\r\n\r\n[]", "200"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Content-Length: two\r\n\r\n[]", "200"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n[]\r\n0\r\n\r\n", "AvePoint closed the connection"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 999 + b"\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n[]", "200"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]", "AvePoint closed the connection"),
        (HEAD + b"Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (HEAD + b"no colon\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (HEAD + b"X: \xff\xfe\x00\r\n folded\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (b"\x00" * 100 + b"\r\n\r\n", "AvePoint closed the connection"),
    ],
    ids=lambda value: ascii(value[:50]) if isinstance(value, bytes) else None,
)
def test_broken_heads(head: bytes, expected: str) -> None:
    """A malformed head yields a reply or a failed request, never another error."""
    assert request_outcome(send(head)) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{}", "//{}", "http://{}/a?b", "/elsewhere", "\\\\{}", "javascript:a"])
def test_redirects_are_not_followed(status: int, location: str) -> None:
    """A redirect is not followed, whatever its target: there is no second request, and so no token is sent."""
    received: list[bytes] = []

    def record_contact(connection: socket.socket) -> None:
        received.append(connection.recv(65536))

    with raw_server(record_contact) as other_url:
        target = location.format(other_url.removeprefix("http://"))
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        assert request_outcome(send(head.encode())) == str(status)
    assert received == []


def test_echoing_headers_are_not_logged() -> None:
    """The HTTP library does not log a malformed head that echoes the token."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        logs.configure("DEBUG")
        head = f"HTTP/1.1 200 OK\r\nno colon, but {SECRET}\r\nContent-Length: 2\r\n\r\n[]"
        assert request_outcome(send(head.encode())) == "200"
    structlog.reset_defaults()
    assert SECRET not in output.getvalue()
    assert [json.loads(line)["message"] for line in output.getvalue().splitlines()] == []
