"""One request, bounded in time and size: what came back, or why nothing did.

`requests` bounds each single wait for the network, so an answer that dribbles byte by byte can take for ever. Here the
whole of a request ends in time: urllib3 counts connecting and sending against one total, and from then on every read of
the answer, of its headers too, gets only what is left (`_BoundedReader`). Looking up a host's name has no bound but the
resolver's own.

The transport adapter of `requests` is used without its Session: that leaves out, by construction, following redirects
(the bearer token must not travel), cookies, and credentials from a .netrc file, and it can be shared between threads.
"""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from seat_report.avepoint.parsing import UnreadableAnswerError, read_json
from seat_report.domain import ProblemKind, clean, quote

# Several times what `answers.MOST_TENANTS` take up. Many are read at once, and become far larger as Python's objects.
LARGEST_BODY = 4 * 1024 * 1024
_PIECE = 65536
# Of a request's time, how much connecting may take: hosts often have two addresses, and both should get their chance.
_SHARE_FOR_CONNECTING = 0.5
# The last two come from lengths that are none: Python's own client takes a chunk of -5 bytes at its word.
_BROKEN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
    OverflowError,
)


# Where the service gives the id of a request, which its support asks for: in headers, or in the body of an error.
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-ms-request-id", "x-correlation-id")
_REQUEST_ID_FIELDS = ("requestId", "traceId")
_LONGEST_REQUEST_ID = 100
_LONGEST_MESSAGE = 160


class Reply(NamedTuple):
    """What came back, whatever its status; header names match in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """The service's name for the request, from a header or an error's body; "" if it gave none."""
        given: object = next((self.headers[name] for name in _REQUEST_ID_HEADERS if self.headers.get(name)), None)
        if given is None and self.status >= 400:
            error = self._error
            given = next((error[name] for name in _REQUEST_ID_FIELDS if error.get(name)), None)
        return clean(given, _LONGEST_REQUEST_ID) if isinstance(given, str) else ""

    @property
    def error_message(self) -> str:
        """What an error's body says, or else its first characters."""
        error = self._error
        messages = [error.get("message")]
        details = error.get("errors")
        if isinstance(details, list):
            messages += [detail.get("message") for detail in details if isinstance(detail, dict)]
        text = " ".join(message for message in messages if isinstance(message, str))
        return clean(text, _LONGEST_MESSAGE) if text.strip() else quote(self.body)

    @property
    def _error(self) -> dict[str, object]:
        try:
            value = read_json(self.body)
        except UnreadableAnswerError:
            return {}
        return value if isinstance(value, dict) else {}


class UnansweredError(Exception):
    """Nothing usable came back: the kind of problem that is, and in `what` a sentence without its full stop."""

    def __init__(self, kind: ProblemKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what


class Transport:
    """Requests over kept connections; safe to use from any thread."""

    def __init__(self, user_agent: str, connections: int) -> None:
        """Keep at most so many connections to a host for the next request."""
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._adapter = _BoundedAdapter(pool_connections=4, pool_maxsize=connections, max_retries=0)
        self._environment: dict[str, dict[str, Any]] = {}

    def post(self, url: str, headers: dict[str, str], body: bytes | str, timeout: float) -> Reply:
        """Send a request that is over, one way or the other, after `timeout` seconds.

        Raises UnansweredError.
        """
        try:
            request = requests.Request("POST", url, headers=self._headers | headers, data=body).prepare()
            limits = urllib3.Timeout(total=timeout, connect=timeout * _SHARE_FOR_CONNECTING)
            response = self._adapter.send(
                request,
                stream=True,
                timeout=limits,  # type: ignore[arg-type] # documented for the adapter, missing in its stubs
                **self._environment_for(url),
            )
            try:
                content = _content(response)
            except BaseException:
                # The rest of the answer is still to come on this connection, so it can't be used again.
                response.close()
                raise
        except _BROKEN as error:
            # Not chained: these errors carry the request with its headers and body, tokens and secrets among them.
            raise _unanswered(error) from None
        return Reply(response.status_code, response.headers, content)

    def forget_connections(self) -> None:
        """Close the kept connections; new ones are made when needed."""
        self._adapter.close()

    def _environment_for(self, url: str) -> dict[str, Any]:
        """Proxies and certificate authorities that the environment prescribes for the address's host."""
        origin = url[: url.find("/", len("https://"))]
        if origin not in self._environment:
            with requests.Session() as session:
                prescribed = session.merge_environment_settings(url, {}, None, None, None)
            self._environment[origin] = {"proxies": prescribed["proxies"], "verify": prescribed["verify"] or True}
        return self._environment[origin]


def _content(response: requests.Response) -> bytes:
    pieces, size = [], 0
    for piece in response.raw.stream(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_BODY:
            raise UnansweredError(
                ProblemKind.BAD_ANSWER, f"AvePoint's answer is larger than {LARGEST_BODY // 1024**2} MB"
            )
    return b"".join(pieces)


def _unanswered(error: Exception) -> UnansweredError:
    """The error in our words; its own text goes nowhere, as it may quote what was sent."""
    reasons = _reasons(error)
    # First of all, as to urllib3 it is a kind of time-out.
    if any(isinstance(reason, urllib3.exceptions.NewConnectionError) for reason in reasons):
        return UnansweredError(ProblemKind.UNAVAILABLE, "AvePoint could not be reached")
    if any(isinstance(reason, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError) for reason in reasons):
        return UnansweredError(ProblemKind.TIMEOUT, "AvePoint did not answer in time")
    if any(isinstance(reason, requests.exceptions.SSLError | urllib3.exceptions.SSLError) for reason in reasons):
        return UnansweredError(ProblemKind.UNAVAILABLE, "AvePoint could not prove who it is (TLS)")
    return UnansweredError(ProblemKind.UNAVAILABLE, "AvePoint broke the connection off")


def _reasons(error: BaseException) -> list[BaseException]:
    """The error and those that it wraps in its arguments or in `reason`, as `requests` and urllib3 do."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        reason = todo.pop()
        if isinstance(reason, BaseException) and reason not in found:
            found.append(reason)
            todo += [*reason.args, getattr(reason, "reason", None)]
    return found


class _BoundedReader(io.RawIOBase):
    """Reads from a connection until a deadline: each read waits only for what is left."""

    def __init__(self, connection: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self._connection = connection
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, at least one byte; raises TimeoutError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the file and what it reads from."""
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    """An answer whose reading ends by a deadline."""

    def __init__(self, deadline: float, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp.detach(), deadline))


class _Bounded:
    """Makes a connection read its answers by a deadline: its time-out from now, which counts down since connecting."""

    timeout: Any
    response_class: Any

    def connect(self) -> None:
        """Connect; a proxy answers, too."""
        self._bind()
        super().connect()  # type: ignore[misc] # of the class that this is mixed into

    def getresponse(self) -> Any:
        """Read the answer's headers, and give what reads its body."""
        self._bind()
        return super().getresponse()  # type: ignore[misc] # likewise

    def _bind(self) -> None:
        self.response_class = partial(_BoundedResponse, time.monotonic() + self.timeout)


class _BoundedConnection(_Bounded, HTTPConnection):
    pass


class _BoundedSecureConnection(_Bounded, HTTPSConnection):
    pass


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedSecurePool(HTTPSConnectionPool):
    ConnectionCls = _BoundedSecureConnection


class _BoundedAdapter(HTTPAdapter):
    """The adapter of `requests` with the connections above, direct or through a proxy."""

    _POOLS: ClassVar = {"http": _BoundedPool, "https": _BoundedSecurePool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the manager of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The manager of connections through a proxy; those of a SOCKS proxy are of its own kind and stay so."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._POOLS
        return manager
