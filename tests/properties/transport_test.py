"""Transport: what AvePoint's host does with bytes costs neither memory nor time without bound, and learns no secret."""

import contextlib
import gzip
import io
import json
import socket
import tracemalloc
import zlib

import pytest
import structlog

from seat_report.avepoint.transport import LARGEST_BODY, Transport, UnansweredError
from seat_report.reporting import logs
from tests.support.raw_server import Script, at_once, saying

SECRET = "a-secret-that-must-not-travel"
HEAD = b"HTTP/1.1 200 OK\r\n"
MOST_MEMORY = 8 * LARGEST_BODY


def ask(script: Script, timeout: float = 20) -> str:
    """What becomes of a request to such a host: its status, or why there is none."""
    with saying(script) as url:
        sender = Transport("seat-report/0", connections=1)
        try:
            return str(sender.post(f"{url}/", {"Authorization": f"Bearer {SECRET}"}, b"{}", timeout).status)
        except UnansweredError as error:
            return error.what
        finally:
            sender.forget_connections()


def endless(head: bytes, piece: bytes) -> Script:
    """A script that never stops sending."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return script


def packed(body: bytes, times: int) -> bytes:
    """The body, packed so many times over."""
    for _ in range(times):
        body = gzip.compress(body)
    return body


CHUNK = b"%x\r\n" % 65536 + b" " * 65536 + b"\r\n"
BOMB = packed(b" " * 64 * 1024**2, 1)
BOMB_IN_BOMB = packed(b" " * 256 * 1024**2, 2)


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (endless(HEAD + b"\r\n", b" " * 65536), "larger than 4 MB"),
        (endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK), "larger than 4 MB"),
        (endless(HEAD + b"Content-Length: 99999999999\r\n\r\n", b" " * 65536), "larger than 4 MB"),
        (at_once(HEAD, b"Content-Encoding: gzip\r\n\r\n", BOMB), "larger than 4 MB"),
        (at_once(HEAD, b"Content-Encoding: deflate\r\n\r\n", zlib.compress(b" " * 64 * 1024**2)), "larger than 4 MB"),
        (at_once(HEAD, b"Content-Encoding: gzip, gzip\r\n\r\n", BOMB_IN_BOMB), "larger than 4 MB"),
        (at_once(HEAD, b"Content-Encoding: ", b"gzip, " * 500, b"gzip\r\n\r\n", BOMB), "broke the connection off"),
        (endless(HEAD, b"A: b\r\n"), "broke the connection off"),
        (endless(HEAD + b"A: ", b"b" * 65536), "broke the connection off"),
        (endless(b"HTTP/1.1 200 ", b"O" * 65536), "broke the connection off"),
    ],
    ids=["body", "chunks", "promise", "gzip", "deflate", "twice", "500 times", "headers", "header", "status line"],
)
def test_size_is_bounded(script: Script, what: str) -> None:
    """What never ends, or grows when it is unpacked, is given up before it takes up much memory."""
    tracemalloc.start()
    try:
        told = ask(script)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert what in told
    assert peak < MOST_MEMORY


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "999"),
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "AvePoint broke the connection off"),
        (b"HTTP/1.1 -1 Odd\r\nContent-Length: 0\r\n\r\n", "AvePoint broke the connection off"),
        (b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n", "AvePoint broke the connection off"),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200"),
        (HEAD + b"Content-Length: -5\r\n\r\n[]", "200"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Content-Length: two\r\n\r\n[]", "200"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n[]\r\n0\r\n\r\n", "AvePoint broke the connection off"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 999 + b"\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n[]", "200"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]", "AvePoint broke the connection off"),
        (HEAD + b"Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (HEAD + b"no colon\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (HEAD + b"X: \xff\xfe\x00\r\n folded\r\nContent-Length: 2\r\n\r\n[]", "200"),
        (b"\x00" * 100 + b"\r\n\r\n", "AvePoint broke the connection off"),
    ],
    ids=lambda value: ascii(value[:50]) if isinstance(value, bytes) else None,
)
def test_broken_heads(head: bytes, told: str) -> None:
    """A head that no server should send is an answer or none, never an error of another kind."""
    assert ask(at_once(head)) == told


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{}", "//{}", "http://{}/a?b", "/elsewhere", "\\\\{}", "javascript:a"])
def test_credentials_stay(status: int, location: str) -> None:
    """A redirect is not followed, wherever it leads: no second request is sent, and so no token."""
    received: list[bytes] = []

    def elsewhere(connection: socket.socket) -> None:
        received.append(connection.recv(65536))

    with saying(elsewhere) as other:
        place = location.format(other.removeprefix("http://"))
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
        assert ask(at_once(head.encode())) == str(status)
    assert received == []


def test_headers_that_echo_are_not_logged() -> None:
    """A head that can't be read and echoes the token is not quoted in the log by the library that reads it."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        logs.configure("DEBUG")
        head = f"HTTP/1.1 200 OK\r\nno colon, but {SECRET}\r\nContent-Length: 2\r\n\r\n[]"
        assert ask(at_once(head.encode())) == "200"
    structlog.reset_defaults()
    assert SECRET not in output.getvalue()
    assert [json.loads(line)["message"] for line in output.getvalue().splitlines()] == []
