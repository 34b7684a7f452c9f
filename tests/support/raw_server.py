"""A TCP server that sends exactly the scripted bytes, for responses that no proper HTTP server would send."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


@contextmanager
def raw_server(script: Script) -> Iterator[str]:
    """Run a server that calls the script for each connection once its request has arrived; yields the server's URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threads.append(threading.Thread(target=handle, args=(connection,)))
                threads[-1].start()

    def handle(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            received = b""
            while more := connection.recv(65536):
                received += more
                # Closing a connection with unread data would discard what was sent.
                if _is_complete(received):
                    script(connection)
                    break

    accepting = threading.Thread(target=serve)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for open_socket in (listener, *connections):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _is_complete(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= int(length[1] if length else 0)


def send(*parts: bytes) -> Script:
    """A script that sends these bytes and closes the connection."""

    def script(connection: socket.socket) -> None:
        connection.sendall(b"".join(parts))

    return script


def send_byte_by_byte(text: bytes, head: bytes = b"", seconds: float = 0.05) -> Script:
    """A script that sends a head, then the text over and over, one byte at a time with a pause after each."""

    def script(connection: socket.socket) -> None:
        pause = threading.Event()
        connection.sendall(head)
        for byte in text * 1000:
            connection.sendall(bytes([byte]))
            pause.wait(seconds)

    return script
