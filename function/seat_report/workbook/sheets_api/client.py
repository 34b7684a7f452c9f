"""The Google Sheets API, as far as this project uses it: list tabs, read some whole, apply a batch of requests.

The only module that knows gspread. Reads are repeated while that may help; a write is repeated only when Google says
that it was not done (429).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar

import google.auth
import requests
import structlog
import tenacity
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL
from gspread.utils import absolute_range_name

from seat_report.clock import Clock
from seat_report.domain import quote, shortened
from seat_report.errors import ConfigurationError, Fault, SpreadsheetError
from seat_report.settings import hidden
from seat_report.workbook.sheets_api.decoding import CHUNK
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import CONTENT_MASK, PROPERTIES_MASK, Snapshot, parse

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
# Google's "Usage limits": a request that takes longer than this is timed out over there.
REQUEST_SECONDS = 180
CONNECT_SECONDS = 10
ATTEMPTS = 5
_LONGEST_MESSAGE = 500

log = structlog.get_logger()

_Found = TypeVar("_Found")
# Makes something of an answer while it comes.
_Reader = Callable[[Iterable[bytes]], _Found]


class RequestRefusedError(SpreadsheetError):
    """What was asked for was refused as a whole: nothing of it was done."""


class WriteUncertainError(SpreadsheetError):
    """No answer, or none that tells whether a batch was done: read again before anything else."""


class _Again(Exception):  # noqa: N818 - a signal to the retrying loop, never seen outside
    """The request was not done and may be sent again."""


class _NoSpreadsheetError(SpreadsheetError):
    """What came as an answer is no spreadsheet, or not the one that was asked for."""


class _NoTimeLeft(tenacity.stop.stop_base):
    """Stops trying when the wait before the next attempt would outlast the run."""

    def __init__(self, clock: Clock, deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._clock.monotonic() + retry_state.upcoming_sleep >= self._deadline


class _Client(HTTPClient):
    """gspread's client, but that every answer is given back, whatever its status, and none leads elsewhere.

    gspread makes an error of a refusal, but only if its body is such as Google's are.
    """

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        options = {"timeout": self.timeout, "allow_redirects": False, **kwargs}
        return self.session.request(method, endpoint, *args, **options)


class _LocalClient(_Client):
    """The client, speaking plain http to a service on this machine instead of Google's."""

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
    # A large workbook's answer is read as it comes: whole, it would be most of what is in memory.
    client.session.stream = True
    return client


def _google_client() -> HTTPClient:
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as error:
        remedy = "Deployed, the function has a service account's; elsewhere set GOOGLE_APPLICATION_CREDENTIALS"
        raise ConfigurationError(Fault("Google credentials", "found none", remedy)) from error
    return _Client(credentials)


class Spreadsheet:
    """One spreadsheet during one run.

    `deadline` is when the run must be over, on the clock's monotonic scale: no request outlasts it. `column_key` is the
    key of the developer metadata that is read as marks of columns. Every method raises ConfigurationError for what only
    an operator can mend and SpreadsheetError for the rest.
    """

    def __init__(
        self, client: HTTPClient, spreadsheet_id: str, *, clock: Clock, deadline: float, column_key: str
    ) -> None:
        self._client = client
        self._column_key = column_key
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
            asked = {"fields": CONTENT_MASK, "ranges": [absolute_range_name(title) for title in there]}
            try:
                found = self._get(asked, whole=there)
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
        if not self._post(_encoded({"requests": batch}), "spreadsheetId", _is_done):
            raise WriteUncertainError(
                "Google Sheets did not say whether it wrote (expected the spreadsheet's id, found something else); "
                "run again."
            )

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
        try:
            return self._post(body, f"updatedSpreadsheet({CONTENT_MASK})", _snapshot_with(self._column_key, titles))
        except _NoSpreadsheetError:
            # Whatever it answers: what is read says whether it is written.
            return self.read(titles)

    def _post(self, body: bytes, fields: str, read: _Reader[_Found]) -> _Found:
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        headers = {"Content-Type": "application/json"}
        return self._send(
            lambda: self._client.request("post", url, params=params, data=body, headers=headers), read, is_write=True
        )

    def _get(self, params: Mapping[str, Any], whole: Sequence[str] = ()) -> Snapshot:
        url = SPREADSHEET_URL % self._id
        asked = {**params, "prettyPrint": "false"}
        read = _snapshot_with(self._column_key, whole)
        return self._send(lambda: self._client.request("get", url, params=asked), read, is_write=False)

    def _merged(self, found: Snapshot) -> Snapshot:
        """What was read, with the other tabs as they were listed."""
        others = {} if self._listed is None else self._listed.tabs
        read_ids = found.sheet_ids
        kept = {title: tab for title, tab in others.items() if tab.sheet_id not in read_ids}
        return replace(found, tabs={**kept, **found.tabs})

    def _send(self, request: Callable[[], requests.Response], read: _Reader[_Found], *, is_write: bool) -> _Found:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            wait=tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(ATTEMPTS), _NoTimeLeft(self._clock, self._deadline)),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            found: _Found = retrying(self._send_once, request, read, is_write=is_write)
        except _Again as error:
            raise SpreadsheetError(f"Google Sheets can't be used at the moment ({error}); run again later.") from error
        return found

    def _send_once(self, request: Callable[[], requests.Response], read: _Reader[_Found], *, is_write: bool) -> _Found:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise SpreadsheetError("The run's time was used up before the spreadsheet was done; run again.")
        self._client.set_timeout((min(CONNECT_SECONDS, left), min(REQUEST_SECONDS, left)))
        try:
            with request() as answer:
                status = answer.status_code
                if status == HTTPStatus.OK:
                    return read(answer.iter_content(CHUNK))
                said = _said(next(answer.iter_content(CHUNK), b""), answer.request)
        except UnicodeDecodeError as error:
            raise _lost("an answer that is no text", is_write=is_write) from error
        except requests.RequestException as error:
            log.debug("Google Sheets did not answer", error=type(error).__name__, write=is_write)
            raise _lost(type(error).__name__, is_write=is_write) from error
        except GoogleAuthError as error:
            # No access token, so nothing was sent.
            raise _Again(f"no access token: {type(error).__name__}") from error
        log.debug("Google Sheets refused", status=status, said=said, write=is_write)
        raise self._refused(status, said, is_write=is_write)

    def _refused(self, status: int, said: str, *, is_write: bool) -> Exception:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return _Again("429, its quota is used up")
        if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _lost(str(status), is_write=is_write)
        if fault := self._fault(status, said):
            return ConfigurationError(fault)
        return RequestRefusedError(f"Google Sheets refused with {status}: {said}")

    def _fault(self, status: int, said: str) -> Fault | None:
        if status == HTTPStatus.NOT_FOUND:
            wrong = f"there is no spreadsheet {self._id!r}"
            return Fault("SPREADSHEET_ID", wrong, "Copy the address from the browser; it may have been deleted")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            if "disabled" in said or "has not been used" in said:
                return Fault("Google Sheets API", "it is not enabled in this project", "Enable sheets.googleapis.com")
            remedy = f"Share the spreadsheet with {self.account} as an editor"
            return Fault("SPREADSHEET_ID", f"Google refuses access to {self._id!r}", remedy)
        if "not supported for this document" in said:
            remedy = "Open it and choose File, Save as Google Sheets, then give the new one's address"
            return Fault("SPREADSHEET_ID", f"{self._id!r} is an Office file, not a Google spreadsheet", remedy)
        if "protected cell or object" in said:
            remedy = f"Ask its owner to let {self.account} edit the protected ranges, or to remove them"
            return Fault("SPREADSHEET_ID", "somebody has protected cells that the report must write", remedy)
        return None

    @property
    def account(self) -> str:
        """Whom to share the spreadsheet with."""
        email: str | None = getattr(getattr(self._client, "auth", None), "service_account_email", None)
        return email if email and email != "default" else "the function's service account"


def _snapshot_with(column_key: str, whole: Sequence[str]) -> _Reader[Snapshot]:
    """Reads an answer that holds the spreadsheet, and the content of the tabs of these titles."""

    def read(chunks: Iterable[bytes]) -> Snapshot:
        try:
            return parse(chunks, column_key, whole=whole)
        except UnicodeDecodeError:
            # It did not come as it was sent.
            raise
        except ValueError as error:
            raise _NoSpreadsheetError(
                f"Google Sheets answered something that is no spreadsheet ({error}); run again, and if that does not "
                "help, look for what may answer in its place, such as a proxy."
            ) from error

    return read


def _encoded(body: Mapping[str, Any]) -> bytes:
    """Without the spaces that `requests` would put in: a step's size is counted so."""
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()


def _lost(what: str, *, is_write: bool) -> Exception:
    if is_write:
        return WriteUncertainError(f"Google Sheets did not say whether it wrote ({what}); run again.")
    return _Again(what)


def _is_done(chunks: Iterable[bytes]) -> bool:
    """Whether a write's answer is what says that it was done: the spreadsheet's id is all that was asked for."""
    answer = b"".join(chunks).decode()
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and bool(said.get("spreadsheetId"))


def _said(body: bytes, request: requests.PreparedRequest) -> str:
    """What a refusal says: its message, or how it begins; without the access token, should it repeat that."""
    body = hidden(body, request.headers.get("Authorization", "").removeprefix("Bearer "))
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        message = None
    return shortened(message, _LONGEST_MESSAGE) if isinstance(message, str) else quote(body)
