"""The body of a request: received completely and in time, or nothing is done."""

import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import IO, Any

import pytest
from flask import Request
from werkzeug.test import create_environ

from seat_report.web import body
from seat_report.web.body import receive
from seat_report.web.parameters import MAX_BODY_BYTES, BadRequestError
from tests.support.clocks import ManualClock
from tests.support.gunicorn_connection import connected, reset, response_of
from tests.support.log_lines import log_lines
from tests.support.world import World

BODY = b"dry_run=true"


@contextmanager
def request_with(stream: IO[bytes] | io.RawIOBase, **environ: Any) -> Iterator[Request]:
    """A request whose body comes from this stream."""
    with closing(Request({**create_environ(method="POST"), "wsgi.input": stream, **environ})) as request:
        yield request


def post(*body_parts: bytes, headers: str) -> bytes:
    """A POST request with these headers and body."""
    return f"POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode() + b"".join(body_parts)


@pytest.fixture
def no_run(world: World, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    """A world in which nothing may run and nothing unexpected may be logged."""
    world.list_customers()
    yield world
    assert world.avepoint.log.requests() == []
    assert [line["message"] for line in log_lines(capsys.readouterr().out)] == []


@pytest.mark.parametrize(
    "sent",
    [
        post(headers="Content-Length: 12"),
        post(b"dry_run=tru", headers="Content-Length: 12"),
        post(b'{"dry_run": true', headers="Content-Length: 20"),
        post(headers="Transfer-Encoding: chunked"),
        post(b"c\r\ndry_run=true\r\n", headers="Transfer-Encoding: chunked"),
        post(b"c\r\ndry_run=true\r\n0\r\n", headers="Transfer-Encoding: chunked"),
        post(b"f\r\ndry_run=true\r\n0\r\n\r\n", headers="Transfer-Encoding: chunked"),
        post(b"x\r\ndry_run=true\r\n0\r\n\r\n", headers="Transfer-Encoding: chunked"),
        post(headers="Content-Length: 12").replace(b"POST /", b"GET /"),
        post(headers="Content-Length: 12").replace(b"POST /", b"GET /health"),
        post(headers="Content-Length: 12").replace(b"POST /", b"PUT /"),
        post(b"x\r\n", headers="Transfer-Encoding: chunked").replace(b"POST /", b"POST /nowhere"),
    ],
)
@pytest.mark.parametrize("leaves", ["at once", "later"])
def test_a_body_that_is_cut_off_is_refused_and_nothing_runs(no_run: World, sent: bytes, leaves: str) -> None:
    """Whether the client waits for the response or has gone: a limit or a preview may be in the missing part."""
    with connected(no_run.function.application) as client:
        client.sendall(sent)
        if leaves == "at once":
            reset(client)
        else:
            client.shutdown(1)
            assert response_of(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("sent", [post(BODY[:1], headers="Content-Length: 12"), post(headers="Content-Length: 12")])
@pytest.mark.parametrize("trickles", [False, True])
def test_a_body_that_takes_too_long_is_refused(
    no_run: World, monkeypatch: pytest.MonkeyPatch, sent: bytes, trickles: bool
) -> None:
    """A client that sends nothing more, or one byte now and then, gets its response in time and starts nothing."""
    monkeypatch.setattr(body, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(body, "LONGEST_PAUSE_SECONDS", 0.1)
    sent = sent.replace(b": 12", b": 1000000") if trickles else sent
    over = threading.Event()
    with connected(no_run.function.application) as client:
        client.sendall(sent)

        def trickle() -> None:
            while trickles and not over.wait(0.01):
                try:
                    client.sendall(b"x")
                except OSError:
                    break

        trickling = threading.Thread(target=trickle)
        trickling.start()
        try:
            assert response_of(client).startswith(b"HTTP/1.1 400 ")
        finally:
            over.set()
            trickling.join()


def test_a_body_without_an_end_is_refused_after_ten_seconds() -> None:
    """A client that never stops sending is not read for longer either."""
    clock = ManualClock()

    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            clock.advance(1)
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    with (
        request_with(Endless(), **{"CONTENT_LENGTH": "", "wsgi.input_terminated": True}) as request,
        pytest.raises(BadRequestError, match="longer than 10 seconds"),
    ):
        receive(request, clock)
    assert clock.monotonic() == 111


def test_a_complete_body_is_kept() -> None:
    """It can be read as often as needed, as bytes and as a form."""
    with request_with(
        io.BytesIO(BODY), CONTENT_LENGTH="12", CONTENT_TYPE="application/x-www-form-urlencoded"
    ) as request:
        receive(request, ManualClock())
        assert request.get_data() == request.get_data() == BODY
        assert request.form.to_dict() == {"dry_run": "true"}


def test_only_the_beginning_of_a_large_body_is_kept() -> None:
    """A body far too large takes no memory, and still looks too large."""
    large = b"x" * (4 * MAX_BODY_BYTES)
    with request_with(io.BytesIO(large), CONTENT_LENGTH=str(len(large))) as request:
        receive(request, ManualClock())
        assert len(request.get_data()) == MAX_BODY_BYTES + 1


@pytest.mark.parametrize("length", ["-1", "1e1", "0x1", "twelve", "+1", "1,1", "१"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    """The framework takes a length that it can't read for an empty body."""
    with (
        request_with(io.BytesIO(BODY), CONTENT_LENGTH=length) as request,
        pytest.raises(BadRequestError, match="Content-Length"),
    ):
        receive(request, ManualClock())
    assert request.get_data() == b""


def test_a_body_of_unknown_length_is_refused() -> None:
    """A server that does not tell where a chunked body ends would have the framework take it for empty."""
    with (
        request_with(io.BytesIO(BODY), CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked") as request,
        pytest.raises(BadRequestError, match="unknown length"),
    ):
        receive(request, ManualClock())
