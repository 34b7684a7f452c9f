"""Receives a request's body: the whole of it within a bounded time, or the request is refused.

A body that is cut off would look like one with fewer parameters, so that a preview could become a real run.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from flask import Request

from seat_report.clock import Clock
from seat_report.domain import repeated
from seat_report.web.parameters import MAX_BODY_BYTES, BadRequestError

# How long a body may take in all, and how much of that without a byte.
LONGEST_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 5.0
_PIECE_BYTES = 65_536
# Where gunicorn and werkzeug's own server keep the connection.
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")


def receive(request: Request, clock: Clock) -> None:
    """Receive the body; from then on the request holds it, however often and by whomever it is read.

    Raises BadRequestError if the body does not arrive completely or not in time. The request then has no body. Of a
    body that is too large, only as much is kept as shows that it is.
    """
    # If reading fails, the framework must not try again before it responds.
    stream, request.stream = _stream(request), io.BytesIO()
    expected = _announced_length(request)
    try:
        with _bounded_waiting(request):
            body, length = _read(stream, clock)
    except BadRequestError:
        raise
    except Exception:  # noqa: BLE001 - each server has errors of its own for a bad chunk or a client that has left
        raise BadRequestError("The request body did not arrive completely, or not in time. Nothing was done") from None
    if expected is not None and length < expected:
        raise BadRequestError(f"Only {length:,} of {expected:,} bytes of the request body arrived. Nothing was done")
    request.stream = io.BytesIO(body)


def _stream(request: Request) -> IO[bytes]:
    """The stream of the body, which ends where the body does."""
    environ = request.environ
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("wsgi.input_terminated"):
        raise BadRequestError("The request body has an unknown length; send a Content-Length")
    return request.stream


def _announced_length(request: Request) -> int | None:
    text = request.environ.get("CONTENT_LENGTH", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadRequestError(f"Content-Length: {repeated(text)} is not valid; send the number of bytes in the body")
    return int(text)


def _read(stream: IO[bytes], clock: Clock) -> tuple[bytes, int]:
    """The beginning of the body and the length of all of it."""
    stop_at = clock.monotonic() + LONGEST_SECONDS
    kept, length = b"", 0
    while piece := stream.read(_PIECE_BYTES):
        if clock.monotonic() > stop_at:
            raise BadRequestError(f"the body took longer than {LONGEST_SECONDS:.0f} seconds; nothing was done")
        kept += piece[: MAX_BODY_BYTES + 1 - len(kept)]
        length += len(piece)
    return kept, length


@contextmanager
def _bounded_waiting(request: Request) -> Iterator[None]:
    """Bound the time that reading from the connection may wait: servers wait for the next byte as long as it takes.

    A read that waits too long raises an error, upon which the server does not use the connection again: the rest of
    the body would look like the next request.
    """
    connection = next((request.environ[name] for name in _SOCKETS if name in request.environ), None)
    if connection is None:
        yield
        return
    lock, is_over = threading.Lock(), False

    def stop_waiting() -> None:
        # The server may read many times for one piece; from now on it gets what has arrived, or an error.
        with lock, suppress(OSError):
            if not is_over:
                connection.settimeout(0)

    connection.settimeout(LONGEST_PAUSE_SECONDS)
    timer = threading.Timer(LONGEST_SECONDS - LONGEST_PAUSE_SECONDS, stop_waiting)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock, suppress(OSError):
            is_over = True
            connection.settimeout(None)
