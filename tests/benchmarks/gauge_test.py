import http.client
import socket
import threading

from tests.benchmarks.gauge import measured

_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_counts_bytes_on_the_wire() -> None:
    """All bytes of a request and its response are counted, headers included."""
    received = []

    def serve(listener: socket.socket) -> None:
        with listener.accept()[0] as peer:
            received.append(peer.recv(65536))
            peer.send(_RESPONSE)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)
        with measured() as figures:
            connection.request("GET", "/")
            body = connection.getresponse().read()
        connection.close()
        server.join(timeout=10)
    assert body == b"hello"
    assert (figures.sent, figures.received) == (len(received[0]), len(_RESPONSE))


def test_counting_ends_with_the_context() -> None:
    """Afterwards sockets are back to normal."""
    before = socket.socket.sendall, socket.SocketIO.readinto
    with measured():
        pass
    assert (socket.socket.sendall, socket.SocketIO.readinto) == before
