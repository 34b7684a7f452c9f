"""One connection to the function as gunicorn serves it, without a process: exactly these bytes arrive."""

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from gunicorn.config import Config  # type: ignore[import-untyped] # it has no types
from gunicorn.http import get_parser, wsgi  # type: ignore[import-untyped] # it has no types
from gunicorn.http.errors import NoMoreData, ParseException  # type: ignore[import-untyped] # it has no types

_ADDRESS = ("127.0.0.1", 8080)
# With SO_LINGER on and a timeout of zero, closing resets the connection, as a client that ends does.
_RESET = struct.pack("ii", 1, 0)
_RECEIVED_BYTES = 65536

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve_one(application: Application, connection: socket.socket) -> bool:
    """Serve one request; returns whether another one may follow on the connection."""
    config = Config()
    parser = get_parser(config, connection, _ADDRESS)
    try:
        request = next(parser)
    except (ParseException, NoMoreData, StopIteration):
        # Gunicorn itself answers, or there is nobody to answer to.
        return False
    response, environ = wsgi.create(request, connection, _ADDRESS, _ADDRESS, config)
    parts = application(environ, response.start_response)
    # Whoever has left gets no response.
    with suppress(ConnectionError):
        for part in parts:
            response.write(part)
        response.close()
    if hasattr(parts, "close"):
        parts.close()
    assert connection.gettimeout() is None
    return not response.should_close() and not request.body.failed


def status_after(application: Application, received: bytes) -> int | None:
    """The status of the response to these bytes, after which the client sends no more; None if there is none."""
    client, server = socket.socketpair()
    with closing(client), closing(server):
        # A socket's buffer holds less than some requests.
        sending = threading.Thread(target=_send, args=(client, received))
        sending.start()
        serve_one(application, server)
        server.close()
        sending.join()
        return _status(client)


@contextmanager
def connected(application: Application) -> Iterator[socket.socket]:
    """A client's end of a TCP connection whose one request is served in the background."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with closing(client), closing(server):
        serving = threading.Thread(target=_serve_and_close, args=(application, server))
        serving.start()
        try:
            yield client
        finally:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            serving.join()


def reset(client: socket.socket) -> None:
    """End the connection abruptly."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    client.close()


def response_of(client: socket.socket) -> bytes:
    """All that the client receives until the server closes the connection."""
    response = b""
    with suppress(ConnectionError):
        while more := client.recv(_RECEIVED_BYTES):
            response += more
    return response


def _serve_and_close(application: Application, server: socket.socket) -> None:
    with closing(server):
        serve_one(application, server)


def _send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)


def _status(client: socket.socket) -> int | None:
    head = response_of(client).split(b" ", 2)
    return int(head[1]) if head[0].startswith(b"HTTP/") else None
