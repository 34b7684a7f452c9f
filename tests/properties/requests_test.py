"""Hostile requests: whatever bytes arrive, none is an error of ours, and nothing runs unless all of it was received."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import functions_framework
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.domain.outcome import Outcome
from seat_report.domain.scope import RunRequest
from seat_report.monitored_run import MonitoredRun
from seat_report.reporting.result import RunResult
from tests.proof.sampling import many
from tests.support.environment import MINIMAL
from tests.support.gunicorn_connection import status_after
from tests.support.world import SOURCE

many_examples = settings(max_examples=many(80, 3000))

FORM_BODIES = [b"", b"dry_run=true", b"tenant_type=google&dry_run=1", b"format=html&dry_run=true", b"x=1", b"%"]
JSON_BODIES = [b"{}", b'{"dry_run": true}', b'{"customer_id": ["a", "b"]}', b'{"x": 1}', b"[", b'{"format": "html"}']
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

targets = st.sampled_from(
    ["/", "/?dry_run=1", "/?format=html", "/?x=%ff", "/health", "/health?x=1", "/nowhere", "/%00"]
)
methods = st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "BREW"])
header_values = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=20)
header_lines = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Accept",
                "Origin",
                "Sec-Fetch-Site",
                "Traceparent",
                "X-CloudScheduler",
                "X-CloudScheduler-JobName",
                "Expect",
                "Cookie",
            ]
        ),
        st.sampled_from(["http://[x", "http://x:y", "null", "text/html", "*/*;q=x", "true", "same-origin", ""])
        | header_values,
    ),
    max_size=3,
).map(lambda headers: "".join(f"{name}: {value}\r\n" for name, value in headers))
hosts = st.sampled_from(["x", "", "[", "[::1", "a b", "x:y", "x,y", "http://x", "é"])


class Sent(NamedTuple):
    """A request as it is sent; `body` is its body without framing."""

    head: bytes
    framed_body: bytes
    body: bytes

    @property
    def data(self) -> bytes:
        """All bytes."""
        return self.head + b"\r\n\r\n" + self.framed_body


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """A complete request, odd in any part except its framing."""
    content_type, body = draw(
        st.sampled_from([(FORM, body) for body in FORM_BODIES] + [(JSON, body) for body in JSON_BODIES])
        | st.tuples(st.sampled_from([FORM, JSON, "multipart/form-data; boundary=x", "x"]), st.binary(max_size=50))
    )
    head = f"{draw(methods)} {draw(targets)} HTTP/1.1\r\nHost: {draw(hosts)}\r\n{draw(header_lines)}"
    head += f"Content-Type: {content_type}\r\n"
    if draw(st.booleans()):
        return Sent(f"{head}Content-Length: {len(body)}".encode("latin-1"), body, body)
    cuts = sorted({0, *draw(st.lists(st.integers(0, len(body)), max_size=3)), len(body)})
    chunks = [body[start:end] for start, end in pairwise(cuts)]
    framed_body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    return Sent(f"{head}Transfer-Encoding: chunked".encode("latin-1"), framed_body, body)


class Function:
    """The function as deployed, in which a run only records that it was started."""

    def __init__(self, application: Flask) -> None:
        self._application = application.wsgi_app
        self.started: list[RunRequest] = []

    def record(self, run: MonitoredRun) -> RunResult:
        """Start a run that is over at once."""
        self.started.append(run.result.request)
        return replace(run.result, outcome=Outcome.OK)

    def status_after(self, data: bytes) -> int | None:
        """The status of the response to these bytes, None if the function was not reached."""
        self.started.clear()
        return status_after(self._application, data)


@pytest.fixture(scope="module")
def function() -> Iterator[Function]:
    """The function, for all examples of a module."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in MINIMAL.items():
            patch.setenv(name, value)
        patch.setenv("SHEETS_EMULATOR_HOST", "127.0.0.1:9")
        created = Function(functions_framework.create_app("seat_report", str(SOURCE)))  # type: ignore[no-untyped-call] # untyped
        patch.setattr(MonitoredRun, "go", lambda run: created.record(run))
        yield created


@many_examples
@given(sent=requests())
def test_a_complete_request_is_never_an_error_of_ours(function: Function, sent: Sent) -> None:
    """It is done or refused; a run is started only by a request that may start one."""
    status = function.status_after(sent.data)
    assert status is None or status < 500
    assert not function.started or status == 200
    assert not function.started or re.match(rb"(POST|GET) /(\?\S*)? ", sent.head)


@many_examples
@given(sent=requests(), data=st.data())
def test_a_request_that_is_cut_off_starts_nothing(function: Function, sent: Sent, data: st.DataObject) -> None:
    """Wherever it is cut off, before the end of its head or of its body."""
    complete = sent.data
    status = function.status_after(complete[: data.draw(st.integers(0, len(complete) - 1))])
    assert function.started == []
    assert status is None or 400 <= status < 500


@many_examples
@given(sent=requests(), missing=st.integers(1, 10**12))
def test_a_request_with_less_than_it_announced_starts_nothing(function: Function, sent: Sent, missing: int) -> None:
    """However much is missing, and whatever did arrive."""
    announced = b"Content-Length: %d" % (len(sent.body) + missing)
    head = re.sub(rb"(Transfer-Encoding|Content-Length): .*$", announced, sent.head)
    status = function.status_after(head + b"\r\n\r\n" + sent.body)
    assert function.started == []
    assert status is None or 400 <= status < 500


@many_examples
@given(sent=requests(), data=st.data())
def test_broken_bytes_are_never_an_error_of_ours(function: Function, sent: Sent, data: st.DataObject) -> None:
    """If bytes are changed, lost or added, what runs is at most what the received parameters say."""
    complete = bytearray(sent.data)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(complete) - 1))
        complete[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    status = function.status_after(bytes(complete))
    assert status is None or status < 500
    assert not function.started or status == 200


@many_examples
@given(framing=st.binary(max_size=40))
def test_broken_chunks_start_nothing(function: Function, framing: bytes) -> None:
    """A chunked body that does not end as such a body does was not received completely."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    status = function.status_after(head + framing)
    is_complete = re.match(rb"0+(;[^\r\n]*)?\r\n", framing) or b"\r\n0" in framing
    assert is_complete or function.started == []
    assert status is None or (status == 200 and is_complete) or 400 <= status < 500


@given(data=st.binary(max_size=200))
def test_any_bytes(function: Function, data: bytes) -> None:
    """Bytes that are no request reach nothing."""
    assert function.status_after(data) is None
    assert function.started == []


def test_a_proper_request_starts_what_it_asks_for(function: Function) -> None:
    """The tests above notice a run."""
    request = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 12\r\n\r\ndry_run=true" % FORM.encode()
    )
    assert function.status_after(request) == 200
    assert function.started == [RunRequest(dry_run=True)]
