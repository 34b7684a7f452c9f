"""One HTTP request, bounded in time and size: its reply, or why there is none.

`requests` bounds only each single wait for the network, so a response that dribbles in byte by byte can take for ever.
Here the entire request has one deadline: urllib3 counts connecting and sending against a total timeout, and from then
on every read of the response, including its headers, gets only the remaining time (`_BoundedReader`). A DNS lookup is
bounded only by the resolver itself.

The transport adapter of `requests` is used without a Session: by construction, it follows no redirects (the bearer
token must not be forwarded), keeps no cookies, reads no credentials from a .netrc file, and is thread-safe.
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

from seat_report.avepoint.parsing import MOST_TENANTS, UnreadableResponseError, member, read_json
from seat_report.domain import ProblemKind, clean, quote

# Several times the size of `parsing.MOST_TENANTS` tenants. Many are read concurrently, and grow as Python objects.
LARGEST_BODY = 4 * 1024 * 1024
# A refusal or an access token needs far less than this; of a refusal's body, the rest is left out.
LARGEST_SHORT_BODY = 64 * 1024
# JSON's structure costs many times its length as Python objects, and escapes do while secrets are searched for. So
# there is a limit to both: an entry as documented has a brace, five colons and six commas.
MOST_STRUCTURE = 20 * MOST_TENANTS
_STRUCTURE = (b"{", b"[", b",", b":")
_ESCAPES = (b"\\", b"&", b"%")
_CHUNK = 65536
# The share of the timeout available for connecting: hosts often have two addresses, and both should be tried.
_CONNECT_SHARE = 0.5
# The last two are raised for invalid lengths: Python's HTTP client accepts a chunk of -5 bytes.
_CONNECTION_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
    OverflowError,
)
# Where the service returns the request ID, which its support asks for: in headers, or in the body of an error.
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-ms-request-id", "x-correlation-id")
_REQUEST_ID_FIELDS = ("requestId", "traceId")
_LONGEST_REQUEST_ID = 100
_LONGEST_MESSAGE = 160


class Reply(NamedTuple):
    """A reply of any status; header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """The service's ID of the request, from a header or an error's body; "" if it gave none."""
        request_id: object = next((self.headers[name] for name in _REQUEST_ID_HEADERS if self.headers.get(name)), None)
        if request_id is None and self.status >= 400:
            error = self._error_object
            request_id = next(filter(None, (member(error, name) for name in _REQUEST_ID_FIELDS)), None)
        return clean(request_id, _LONGEST_REQUEST_ID) if isinstance(request_id, str) else ""

    @property
    def error_message(self) -> str:
        """The messages in an error's body, or else its first characters."""
        error = self._error_object
        messages = [member(error, "message")]
        details = member(error, "errors")
        if isinstance(details, list):
            messages += [member(detail, "message") for detail in details if isinstance(detail, dict)]
        text = " ".join(message for message in messages if isinstance(message, str))
        return clean(text, _LONGEST_MESSAGE) if text.strip() else quote(self.body)

    @property
    def _error_object(self) -> dict[str, object]:
        try:
            value = read_json(self.body)
        except UnreadableResponseError:
            return {}
        return value if isinstance(value, dict) else {}


class RequestFailedError(Exception):
    """A request got no usable reply: the kind of problem, and in `what` a sentence without its full stop."""

    def __init__(self, kind: ProblemKind, what: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what


class Transport:
    """Sends requests over kept-alive connections; safe to use from any thread."""

    def __init__(self, user_agent: str, connections: int) -> None:
        """Keep at most this many connections alive per host."""
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._adapter = _BoundedAdapter(pool_connections=4, pool_maxsize=connections, max_retries=0)
        self._environment: dict[str, dict[str, Any]] = {}

    def post(
        self, url: str, headers: dict[str, str], body: bytes | str, timeout: float, *, largest: int = LARGEST_BODY
    ) -> Reply:
        """Send a POST request and return its reply within `timeout` seconds.

        Raises RequestFailedError, also for a good reply whose body is larger than `largest` bytes, or holds more
        structure or escapes than any documented one.
        """
        return self._send("POST", url, headers, body, timeout, largest)

    def get(self, url: str, headers: dict[str, str], timeout: float) -> Reply:
        """Send a GET request and return its reply within `timeout` seconds. Raises RequestFailedError, as `post`."""
        return self._send("GET", url, headers, None, timeout, LARGEST_BODY)

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: bytes | str | None, timeout: float, largest: int
    ) -> Reply:
        try:
            request = requests.Request(method, url, headers=self._headers | headers, data=body).prepare()
            limits = urllib3.Timeout(total=timeout, connect=timeout * _CONNECT_SHARE)
            response = self._adapter.send(
                request,
                stream=True,
                timeout=limits,  # type: ignore[arg-type] # documented for the adapter, missing in its stubs
                **self._environment_for(url),
            )
            try:
                content = _read_content(response, largest)
            except BaseException:
                # The rest of the response is still due on this connection, so it can't be reused.
                response.close()
                raise
        except _CONNECTION_ERRORS as error:
            # Not chained: these errors hold the request, with tokens and secrets in its headers and body.
            raise _request_failure(error) from None
        return Reply(response.status_code, response.headers, content)

    def close_connections(self) -> None:
        """Close the kept-alive connections; new ones are opened on demand."""
        self._adapter.close()

    def _environment_for(self, url: str) -> dict[str, Any]:
        """The proxies and certificate authorities that the environment configures for the URL's host."""
        origin = url[: url.find("/", len("https://"))]
        if origin not in self._environment:
            with requests.Session() as session:
                configured = session.merge_environment_settings(url, {}, None, None, None)
            self._environment[origin] = {"proxies": configured["proxies"], "verify": configured["verify"] or True}
        return self._environment[origin]


def _read_content(response: requests.Response, largest: int) -> bytes:
    is_refusal = response.status_code >= 400
    content = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=True):
        content += chunk
        if is_refusal and len(content) > LARGEST_SHORT_BODY:
            # The rest is still due on this connection, so it can't be reused.
            response.close()
            return bytes(content[:LARGEST_SHORT_BODY])
        if len(content) > largest:
            size = f"{largest // 1024**2} MB" if largest >= 1024**2 else f"{largest // 1024} KB"
            raise RequestFailedError(ProblemKind.BAD_ANSWER, f"AvePoint's answer is larger than {size}")
    if any(sum(map(content.count, marks)) > MOST_STRUCTURE for marks in (_STRUCTURE, _ESCAPES)):
        raise RequestFailedError(
            ProblemKind.BAD_ANSWER, f"AvePoint's answer holds more than {MOST_TENANTS:,} tenants can need"
        )
    return bytes(content)


def _request_failure(error: Exception) -> RequestFailedError:
    """The error in our own words; its original text is dropped, as it may quote secrets."""
    errors = _wrapped_errors(error)
    # Checked first, because urllib3 derives it from its timeout error.
    if any(isinstance(wrapped, urllib3.exceptions.NewConnectionError) for wrapped in errors):
        return RequestFailedError(ProblemKind.UNAVAILABLE, "AvePoint could not be reached")
    if any(
        isinstance(wrapped, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError) for wrapped in errors
    ):
        return RequestFailedError(ProblemKind.TIMEOUT, "AvePoint did not answer in time")
    if any(isinstance(wrapped, requests.exceptions.SSLError | urllib3.exceptions.SSLError) for wrapped in errors):
        return RequestFailedError(ProblemKind.UNAVAILABLE, "AvePoint's TLS certificate could not be verified")
    return RequestFailedError(ProblemKind.UNAVAILABLE, "AvePoint closed the connection")


def _wrapped_errors(error: BaseException) -> list[BaseException]:
    """The error and those it wraps in its arguments or in `reason`, as `requests` and urllib3 do."""
    errors: list[BaseException] = []
    pending: list[Any] = [error]
    while pending:
        wrapped = pending.pop()
        if isinstance(wrapped, BaseException) and wrapped not in errors:
            errors.append(wrapped)
            pending += [*wrapped.args, getattr(wrapped, "reason", None)]
    return errors


class _BoundedReader(io.RawIOBase):
    """Reads from a connection until a deadline: each read waits only for the remaining time."""

    def __init__(self, connection: socket.socket, raw: io.RawIOBase, deadline: float) -> None:
        self._connection = connection
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read the available bytes, at least one; raises TimeoutError at the deadline."""
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(remaining)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close this reader and the underlying one."""
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    """A response that is read until a deadline."""

    def __init__(self, deadline: float, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedReader(sock, self.fp.detach(), deadline))


class _Bounded:
    """Makes a connection read its responses by a deadline: its remaining timeout, as urllib3 counts it, from now."""

    timeout: Any
    response_class: Any

    def connect(self) -> None:
        """Connect; a proxy sends a response here, too."""
        self._set_deadline()
        super().connect()  # type: ignore[misc] # defined by the class it is mixed into

    def getresponse(self) -> Any:
        """Read the response's headers and return the response."""
        self._set_deadline()
        return super().getresponse()  # type: ignore[misc] # defined by the class it is mixed into

    def _set_deadline(self) -> None:
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
    """The adapter of `requests` with bounded connections, direct or through a proxy."""

    _POOLS: ClassVar = {"http": _BoundedPool, "https": _BoundedSecurePool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pool manager for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The pool manager for a proxy; SOCKS proxies keep their own kind of pools."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._POOLS
        return manager
