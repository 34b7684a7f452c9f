"""One spreadsheet, spoken to request by request: every answer is given as it came."""

import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request as GoogleRequest
from gspread.http_client import HTTPClient

from seat_report.clock import Clock
from seat_report.errors import SpreadsheetError

Json = dict[str, Any]

_URL = "https://sheets.googleapis.com/v4/spreadsheets/"
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_CHUNK = 65536
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# A quota is refilled by the minute.
_PAUSE_SECONDS = 10.0
_MOST_QUOTED = 500


def sign_in(http: HTTPClient) -> None:
    """Get an access token of Google in bounded time; later requests use it, and would wait for minutes for another.

    Raises SpreadsheetError if Google can't be reached. What else may be wrong, the first request says.
    """
    # A client of a local service has none.
    credentials = getattr(http, "auth", None)
    if credentials is None or credentials.valid:
        return
    try:
        credentials.refresh(partial(GoogleRequest(), timeout=_CONNECT_SECONDS))
    except TransportError:
        raise SpreadsheetError("Google gave no access token: it could not be reached.") from None
    except GoogleAuthError:
        return


class TimeIsUpError(SpreadsheetError):
    """The check's time is up."""


class Client:
    """Speaks about one spreadsheet until `deadline` on the clock's monotonic scale.

    A quota that is used up is waited for. So is a service that is out of order, which is known not to have written
    only if it was asked to read. Everything else is an answer; without one SpreadsheetError is raised.
    """

    def __init__(self, http: HTTPClient, spreadsheet_id: str, *, clock: Clock, deadline: float) -> None:
        self._http = http
        self._url = _URL + quote(spreadsheet_id, safe="")
        self._clock = clock
        self._deadline = deadline
        # How the last answer was encoded, "" if it was not.
        self.encoding = ""

    def get(self, **query: Any) -> tuple[int, Json]:
        """Read the spreadsheet; gives the status and the answer."""
        return self._send("get", self._url, query, None)

    def batch(self, body: Mapping[str, Any], **query: Any) -> tuple[int, Json]:
        """Send a batchUpdate; gives the status and the answer."""
        return self._send("post", f"{self._url}:batchUpdate", query, body)

    def extend(self, seconds: float) -> None:
        """Give the client this long from now, if that is longer than it has."""
        self._deadline = max(self._deadline, self._clock.monotonic() + seconds)

    def _send(self, method: str, url: str, query: Mapping[str, Any], body: Any) -> tuple[int, Json]:
        while True:
            status, content = self._send_once(method, url, query, body)
            may_repeat = status == HTTPStatus.TOO_MANY_REQUESTS or method == "get"
            if status not in _BUSY or not may_repeat:
                return status, _answer(content)
            if self._clock.monotonic() + _PAUSE_SECONDS >= self._deadline:
                raise TimeIsUpError(f"The check's time was up while it waited for Google Sheets ({status}).")
            self._clock.sleep(_PAUSE_SECONDS)

    def _send_once(self, method: str, url: str, query: Mapping[str, Any], body: Any) -> tuple[int, bytes]:
        remaining = self._remaining()
        self._http.set_timeout((min(_CONNECT_SECONDS, remaining), min(_ANSWER_SECONDS, remaining)))
        try:
            with self._http.request(method, url, params=dict(query), json=body) as response:
                self.encoding = response.headers.get("Content-Encoding", "")
                content = b""
                for chunk in response.iter_content(_CHUNK):
                    content += chunk
                    self._remaining()
                return response.status_code, content
        except (requests.RequestException, GoogleAuthError) as error:
            # Its own text is dropped: it may quote a token.
            raise SpreadsheetError(f"Google Sheets did not answer ({type(error).__name__}).") from None

    def _remaining(self) -> float:
        remaining = self._deadline - self._clock.monotonic()
        if remaining <= 0:
            raise TimeIsUpError("The check's time was up.")
        return remaining


def _answer(content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error", {}), dict):
        return answer
    return {"error": {"message": content[:_MOST_QUOTED].decode("utf-8", "replace")}}
