"""A server that says just the bytes it is told to, for what no decent service would say."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


@contextmanager
def saying(script: Script) -> Iterator[str]:
    """Let each connection be seen to by the script, after its request came; gives the server's address."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    open_ones: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_ones.append(connection)
                threads.append(threading.Thread(target=see_to, args=(connection,)))
                threads[-1].start()

    def see_to(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            received = b""
            while more := connection.recv(65536):
                received += more
                # To end a connection with something unread in it would take back what was sent.
                if _is_whole(received):
                    script(connection)
                    break

    accepting = threading.Thread(target=serve)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for one in (listener, *open_ones):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= int(length[1] if length else 0)


def at_once(*parts: bytes) -> Script:
    """A script that sends these bytes and ends the connection."""

    def script(connection: socket.socket) -> None:
        connection.sendall(b"".join(parts))

    return script


def byte_by_byte(text: bytes, head: bytes = b"", seconds: float = 0.05) -> Script:
    """A script that sends a head, then a byte, waits, sends the next, and so on for ever."""

    def script(connection: socket.socket) -> None:
        waiting = threading.Event()
        connection.sendall(head)
        for byte in text * 1000:
            connection.sendall(bytes([byte]))
            waiting.wait(seconds)

    return script
