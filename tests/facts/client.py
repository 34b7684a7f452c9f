"""A plain HTTP client of the Sheets API, for one spreadsheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import requests

Json = dict[str, Any]

_TIMEOUT = 180
_BUSY = frozenset({429, 503})
# A quota is refilled by the minute.
_PAUSE_SECONDS = 20
_ATTEMPTS = 6


class Client:
    """Speaks about one spreadsheet to the service at a base address, with an access token.

    A quota that is used up is waited for. So is a service that is out of order, which is known not to have written
    only if it was asked to read.
    """

    def __init__(
        self, base_url: str, token: str, spreadsheet_id: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/v4/spreadsheets/{quote(spreadsheet_id, safe='')}"
        self._pause = pause
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, **query: Any) -> tuple[int, Json]:
        """Read the spreadsheet; give the status and the answer."""
        return self._send("GET", "", query, None)

    def batch(self, body: Mapping[str, Any], **query: Any) -> tuple[int, Json]:
        """Send a batchUpdate; give the status and the answer."""
        return self._send("POST", ":batchUpdate", query, body)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _send(self, method: str, path: str, query: Mapping[str, Any], body: Any) -> tuple[int, Json]:
        for attempt in range(_ATTEMPTS):
            answer = self._session.request(method, self._url + path, params=query, json=body, timeout=_TIMEOUT)
            may_repeat = answer.status_code == requests.codes.too_many or method == "GET"
            if answer.status_code not in _BUSY or not may_repeat or attempt == _ATTEMPTS - 1:
                break
            self._pause(_PAUSE_SECONDS)
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, {"error": {"message": answer.text[:500]}}
