"""The Google Sheets API, as far as this project uses it: list tabs, read some whole, apply a batch of requests.

The only module that knows gspread. Reads are repeated while that may help; a write is repeated only when Google says
that it was not done (429).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NoReturn

import google.auth
import requests
import structlog
import tenacity
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL
from gspread.utils import absolute_range_name

from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, Fault, SpreadsheetError
from seat_report.workbook.answer import CHUNK, text_of
from seat_report.workbook.columns import MARK_KEY
from seat_report.workbook.requests import Request
from seat_report.workbook.snapshot import CONTENT_MASK, PROPERTIES_MASK, Snapshot, parse

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
# Google's "Usage limits": a request that takes longer than this is timed out over there.
REQUEST_SECONDS = 180
CONNECT_SECONDS = 10
ATTEMPTS = 5

log = structlog.get_logger()


class RequestRefusedError(SpreadsheetError):
    """What was asked for was refused as a whole: nothing of it was done."""


class WriteUncertainError(SpreadsheetError):
    """No answer, or none that tells whether a batch was done: read again before anything else."""


class _Again(Exception):  # noqa: N818 - a signal to the retrying loop, never seen outside
    """The request was not done and may be sent again."""


class _NoTimeLeft(tenacity.stop.stop_base):
    """Stops trying when the wait before the next attempt would outlast the run."""

    def __init__(self, clock: Clock, deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._clock.monotonic() + retry_state.upcoming_sleep >= self._deadline


class _LocalClient(HTTPClient):
    """gspread's client, speaking plain http to a service on this machine instead of Google's."""

    def __init__(self, host: str) -> None:
        session = requests.Session()
        session.trust_env = False
        # What Google's own clients send to Google's own emulators.
        session.headers["Authorization"] = "Bearer owner"
        super().__init__(AnonymousCredentials(), session)  # type: ignore[no-untyped-call] # google-auth is untyped here
        self._base = f"http://{host}"

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        local = endpoint.replace("https://sheets.googleapis.com", self._base, 1)
        return super().request(method, local, *args, **kwargs)


def connect(emulator_host: str | None) -> HTTPClient:
    """A client for Google's service with the default credentials, or for the local one at `host:port`.

    Raises ConfigurationError if there are no credentials.
    """
    client = _LocalClient(emulator_host) if emulator_host else _google_client()
    # A large workbook's answer is read as it comes: whole, it and its text would be in memory together.
    client.session.stream = True
    return client


def _google_client() -> HTTPClient:
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as error:
        remedy = "Deployed, the function has a service account's; elsewhere set GOOGLE_APPLICATION_CREDENTIALS"
        raise ConfigurationError(Fault("Google credentials", "found none", remedy)) from error
    return HTTPClient(credentials)


class Spreadsheet:
    """One spreadsheet during one run.

    `deadline` is when the run must be over, on the clock's monotonic scale: no request outlasts it. Every method
    raises ConfigurationError for what only an operator can mend and SpreadsheetError for the rest.
    """

    def __init__(self, client: HTTPClient, spreadsheet_id: str, *, clock: Clock, deadline: float) -> None:
        self._client = client
        self._id = spreadsheet_id
        self._clock = clock
        self._deadline = deadline
        self._listed: Snapshot | None = None

    def list_tabs(self) -> Snapshot:
        """The spreadsheet's facts and its tabs, without their content."""
        self._listed = self._get({"fields": PROPERTIES_MASK})
        return self._listed

    def read(self, titles: Sequence[str]) -> Snapshot:
        """The spreadsheet with the whole content of the tabs named, in one request, so that it is of one moment.

        A tab that is not there is not in what comes back. If one of those named is missing, what comes back has the
        others of the spreadsheet too, without their content; otherwise it may not.
        """
        for _ in range(ATTEMPTS):
            there = [tab.title for title in titles if (tab := self._listed.tab(title))] if self._listed else titles
            if not there:
                return self._listed or self.list_tabs()
            try:
                found = self._get({"fields": CONTENT_MASK, "ranges": [absolute_range_name(title) for title in there]})
            except RequestRefusedError:
                # One is missing, or was renamed since they were listed.
                self.list_tabs()
            else:
                return self._merged(found)
        raise SpreadsheetError("The spreadsheet's tabs keep changing while they are read; run again when they rest.")

    def write(self, batch: Sequence[Request]) -> None:
        """Apply the requests, all or none.

        Raises RequestRefusedError if nothing was done, WriteUncertainError if that can't be told.
        """
        if any("addSheet" in request for request in batch):
            self._listed = None
        self._post(_encoded({"requests": batch}), "spreadsheetId")

    def write_and_read(self, batch: Sequence[Request], titles: Sequence[str]) -> Snapshot:
        """Apply the requests, all or none; the tabs named, as they stand the moment that is done.

        Nobody can have moved anything in between. Only where a tab is yet to be made is that another request. Raises
        as `write` does.
        """
        if self._listed is not None or any("addSheet" in request for request in batch):
            self.write(batch)
            return self.read(titles)
        ranges = [absolute_range_name(title) for title in titles]
        body = _encoded({"requests": batch, "includeSpreadsheetInResponse": True, "responseRanges": ranges})
        answer = self._post(body, f"updatedSpreadsheet({CONTENT_MASK})")
        try:
            return self._parsed(answer)
        except SpreadsheetError:
            # What it was to write is written, whatever it answers.
            return self.read(titles)

    def _post(self, body: bytes, fields: str) -> str:
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        headers = {"Content-Type": "application/json"}
        return self._send(
            lambda: self._client.request("post", url, params=params, data=body, headers=headers), is_write=True
        )

    def _get(self, params: Mapping[str, Any]) -> Snapshot:
        url = SPREADSHEET_URL % self._id
        asked = {**params, "prettyPrint": "false"}
        return self._parsed(self._send(lambda: self._client.request("get", url, params=asked), is_write=False))

    def _merged(self, found: Snapshot) -> Snapshot:
        """What was read, with the other tabs as they were listed."""
        others = {} if self._listed is None else self._listed.tabs
        read_ids = found.sheet_ids
        kept = {title: tab for title, tab in others.items() if tab.sheet_id not in read_ids}
        return replace(found, tabs={**kept, **found.tabs})

    def _parsed(self, answer: str) -> Snapshot:
        try:
            return parse(answer, MARK_KEY)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SpreadsheetError("Google Sheets answered something that is no spreadsheet; run again.") from error

    def _send(self, request: Callable[[], requests.Response], *, is_write: bool) -> str:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            wait=tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(ATTEMPTS), _NoTimeLeft(self._clock, self._deadline)),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return retrying(self._send_once, request, is_write=is_write)
        except _Again as error:
            raise SpreadsheetError(f"Google Sheets can't be used at the moment ({error}); run again later.") from error

    def _send_once(self, request: Callable[[], requests.Response], *, is_write: bool) -> str:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise SpreadsheetError("The run's time was used up before the spreadsheet was done; run again.")
        self._client.set_timeout((min(CONNECT_SECONDS, left), min(REQUEST_SECONDS, left)))
        try:
            with request() as answer:
                return text_of(answer.iter_content(CHUNK))
        except UnicodeDecodeError as error:
            self._lost("an answer that is no text", is_write=is_write, cause=error)
        except APIError as error:
            self._told(error, is_write=is_write)
        except requests.RequestException as error:
            log.debug("Google Sheets did not answer", error=type(error).__name__, write=is_write)
            self._lost(type(error).__name__, is_write=is_write, cause=error)
        except GoogleAuthError as error:
            # No access token, so nothing was sent.
            raise _Again(f"no access token: {type(error).__name__}") from error

    def _lost(self, what: str, *, is_write: bool, cause: Exception) -> NoReturn:
        if is_write:
            raise WriteUncertainError(f"Google Sheets did not say whether it wrote ({what}); run again.") from cause
        raise _Again(what) from cause

    def _told(self, error: APIError, *, is_write: bool) -> NoReturn:
        status = error.response.status_code
        message = str(error.error.get("message", ""))[:500]
        log.debug("Google Sheets refused", status=status, said=message, write=is_write)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _Again("429, its quota is used up") from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._lost(str(status), is_write=is_write, cause=error)
        if fault := self._fault(status, message):
            raise ConfigurationError(fault) from error
        raise RequestRefusedError(f"Google Sheets refused with {status}: {message}") from error

    def _fault(self, status: int, message: str) -> Fault | None:
        if status == HTTPStatus.NOT_FOUND:
            wrong = f"there is no spreadsheet {self._id!r}"
            return Fault("SPREADSHEET_ID", wrong, "Copy the address from the browser; it may have been deleted")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            if "disabled" in message or "has not been used" in message:
                return Fault("Google Sheets API", "it is not enabled in this project", "Enable sheets.googleapis.com")
            remedy = f"Share the spreadsheet with {self.account} as an editor"
            return Fault("SPREADSHEET_ID", f"Google refuses access to {self._id!r}", remedy)
        if "not supported for this document" in message:
            remedy = "Open it and choose File, Save as Google Sheets, then give the new one's address"
            return Fault("SPREADSHEET_ID", f"{self._id!r} is an Office file, not a Google spreadsheet", remedy)
        if "protected cell or object" in message:
            remedy = f"Ask its owner to let {self.account} edit the protected ranges, or to remove them"
            return Fault("SPREADSHEET_ID", "somebody has protected cells that the report must write", remedy)
        return None

    @property
    def account(self) -> str:
        """Whom to share the spreadsheet with."""
        email: str | None = getattr(getattr(self._client, "auth", None), "service_account_email", None)
        return email if email and email != "default" else "the function's service account"


def _encoded(body: Mapping[str, Any]) -> bytes:
    """Without the spaces that `requests` would put in: a step's size is counted so."""
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
