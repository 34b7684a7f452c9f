"""Client for the part of the Google Sheets API used here: list tabs, read tabs with content, apply a batch of requests.

The only module that uses gspread. Reads are retried while that may help; a write is retried only if Google says that
it was not applied (429).
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar

import google.auth
import requests
import structlog
import tenacity
from google.auth.credentials import AnonymousCredentials
from google.auth.environment_vars import CREDENTIALS
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL
from gspread.utils import absolute_range_name

from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, Fault, SpreadsheetError
from seat_report.workbook.sheets_api.decoding import CHUNK
from seat_report.workbook.sheets_api.refusals import Refusal, fault_of, parse_refusal, token_fault
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import Snapshot
from seat_report.workbook.sheets_api.snapshot_parsing import CONTENT_MASK, PROPERTIES_MASK, parse

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
# Google's "Usage limits": requests that take longer than this time out on Google's side.
REQUEST_SECONDS = 180
CONNECT_SECONDS = 10
ATTEMPTS = 5
# Servers and what stands before them drop idle connections, and a write on one would be of unknown fate.
_IDLE_SECONDS = 60
_USUAL_WAIT = tenacity.wait_exponential(multiplier=1, max=30) + tenacity.wait_random(0, 1)
# "Usage limits": quotas are refilled every minute. 5 + 10 + 20 + 40 seconds outlast one.
_QUOTA_WAIT = tenacity.wait_exponential(multiplier=5, max=40) + tenacity.wait_random(0, 1)
# Google compresses its answers only for clients whose User-Agent says so too ("Improve performance").
_USER_AGENT = "seat-report (gzip)"

log = structlog.get_logger()

_Parsed = TypeVar("_Parsed")
# Parses a response body as it arrives.
_BodyParser = Callable[[Iterable[bytes]], _Parsed]


class RequestRefusedError(SpreadsheetError):
    """The request was refused as a whole: none of it was applied."""


class WriteUncertainError(SpreadsheetError):
    """No response, or none that says whether a batch was applied: read again before anything else."""


class _RetryableError(Exception):
    """The request was not applied and may be sent again; never leaves the retry loop."""


class _QuotaError(_RetryableError):
    """The quota is used up; Google refills it by the minute."""


class _NotASpreadsheetError(SpreadsheetError):
    """The response is not a spreadsheet, or lacks the content that was requested."""


class _StopAtDeadline(tenacity.stop.stop_base):
    """Stops retrying if the wait before the next attempt would reach the deadline."""

    def __init__(self, clock: Clock, deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._clock.monotonic() + retry_state.upcoming_sleep >= self._deadline


def _wait(retry_state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt: longer for a quota, so that all waits together outlast the minute of it."""
    failure = retry_state.outcome.exception() if retry_state.outcome else None
    return (_QUOTA_WAIT if isinstance(failure, _QuotaError) else _USUAL_WAIT)(retry_state)


class _Client(HTTPClient):
    """gspread's client, but every response is returned, whatever its status, and redirects are not followed.

    gspread raises an error for a refusal, but only handles bodies in Google's format.
    """

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        options = {"timeout": self.timeout, "allow_redirects": False, **kwargs}
        return self.session.request(method, endpoint, *args, **options)


class _LocalClient(_Client):
    """A client that uses plain HTTP to a service on this machine instead of Google's."""

    def __init__(self, host: str) -> None:
        session = requests.Session()
        session.trust_env = False
        # Google's own clients send this to Google's own emulators.
        session.headers["Authorization"] = "Bearer owner"
        super().__init__(AnonymousCredentials(), session)  # type: ignore[no-untyped-call] # google-auth is untyped here
        self._base = f"http://{host}"

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        local = endpoint.replace("https://sheets.googleapis.com", self._base, 1)
        return super().request(method, local, *args, **kwargs)


def connect(emulator_host: str | None) -> HTTPClient:
    """A client for Google's service with the default credentials, or for a local one at `host:port`.

    Raises ConfigurationError if there are no credentials, or none that can be used.
    """
    client = _LocalClient(emulator_host) if emulator_host else _google_client()
    client.session.headers["User-Agent"] = _USER_AGENT
    # Stream responses: that of a large workbook would dominate memory use.
    client.session.stream = True
    return client


def _google_client() -> HTTPClient:
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except Exception as error:  # noqa: BLE001 - the library lets out any error about a file unlike those it expects
        # Not chained: such an error may quote what the file holds.
        raise ConfigurationError(_credentials_fault(error)) from None
    return _Client(credentials)


def _credentials_fault(error: Exception) -> Fault:
    path = os.environ.get(CREDENTIALS)
    if not path:
        wrong = "found none" if isinstance(error, DefaultCredentialsError) else "found some that can't be used"
        remedy = f"Deployed, the function has a service account's; elsewhere set {CREDENTIALS}"
        return Fault("Google credentials", wrong, remedy)
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    elif not os.path.exists(path):  # noqa: PTH110 - never raises, whatever the path
        reason = "No such file"
    else:
        reason = "it holds no complete credentials in JSON"
    remedy = "Give the path of a service account's key file as Google made it; deployed, unset it"
    return Fault(CREDENTIALS, f"the file that it names can't be used: {reason}", remedy)


class Spreadsheet:
    """One spreadsheet during one run.

    `deadline` is the end of the run on the clock's monotonic scale: no request outlasts it. `column_key` is the key of
    the developer metadata that is read as column marks. Every method raises ConfigurationError for what only an
    operator can fix and SpreadsheetError for everything else.
    """

    def __init__(
        self, client: HTTPClient, spreadsheet_id: str, *, clock: Clock, deadline: float, column_key: str
    ) -> None:
        self._client = client
        self._column_key = column_key
        self._id = spreadsheet_id
        self._clock = clock
        self._deadline = deadline
        self._last_request = clock.monotonic()
        self._listing: Snapshot | None = None

    def list_tabs(self) -> Snapshot:
        """Read the spreadsheet's properties and its tabs, without content."""
        self._listing = self._get({"fields": PROPERTIES_MASK})
        return self._listing

    def read(self, titles: Sequence[str], first_rows_of: Sequence[str] = ()) -> Snapshot:
        """Read the spreadsheet with all content of the named tabs, in one request and so as of one moment.

        Of the tabs in `first_rows_of` only the first row is read. A tab that does not exist is not in the result. If a
        named tab is missing, the result also has the spreadsheet's other tabs, without content; otherwise it may not.
        """
        for _ in range(ATTEMPTS):
            listing = self._listing
            wanted = [*titles, *first_rows_of]
            existing = [tab.title for title in wanted if (tab := listing.tab(title))] if listing else wanted
            if listing:
                _refuse_without_cells(listing, existing)
            if not existing:
                return self._listing or self.list_tabs()
            rows = {title.casefold(): "1:1" for title in first_rows_of}
            ranges = [absolute_range_name(title, rows.get(title.casefold())) for title in existing]
            params = {"fields": CONTENT_MASK, "ranges": ranges}
            try:
                snapshot = self._get(params, content_of=existing)
            except RequestRefusedError:
                # A tab is missing, or was renamed since the tabs were listed.
                self.list_tabs()
            else:
                _refuse_without_cells(snapshot, existing)
                return self._with_other_tabs(snapshot)
        raise SpreadsheetError("The spreadsheet's tabs keep changing while they are read; run again when they rest.")

    def write(self, batch: Sequence[Request]) -> None:
        """Apply the requests, all or none.

        Raises RequestRefusedError if nothing was applied, WriteUncertainError if that is unknown.
        """
        if any("addSheet" in request for request in batch):
            self._listing = None
        if not self._post(_encode({"requests": batch}), "spreadsheetId", _confirms_write):
            raise WriteUncertainError(
                "Google Sheets did not say whether it wrote (expected the spreadsheet's id, found something else); "
                "run again."
            )

    def write_and_read(self, batch: Sequence[Request], titles: Sequence[str]) -> Snapshot:
        """Apply the requests, all or none, and return the named tabs as they are at that moment.

        Nobody can have changed anything in between, except if a tab has yet to be created, which takes a second
        request. Raises like `write`.
        """
        if self._listing is not None or any("addSheet" in request for request in batch):
            self.write(batch)
            return self.read(titles)
        ranges = [absolute_range_name(title) for title in titles]
        body = _encode({"requests": batch, "includeSpreadsheetInResponse": True, "responseRanges": ranges})
        try:
            return self._post(body, f"updatedSpreadsheet({CONTENT_MASK})", _snapshot_parser(self._column_key, titles))
        except _NotASpreadsheetError:
            # Whatever the response was, reading shows whether the write was applied.
            return self.read(titles)

    def _post(self, body: bytes, fields: str, parse_body: _BodyParser[_Parsed]) -> _Parsed:
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        headers = {"Content-Type": "application/json"}
        return self._send(
            lambda: self._client.request("post", url, params=params, data=body, headers=headers),
            parse_body,
            is_write=True,
        )

    def _get(self, params: Mapping[str, Any], content_of: Sequence[str] = ()) -> Snapshot:
        url = SPREADSHEET_URL % self._id
        compact = {**params, "prettyPrint": "false"}
        parse_body = _snapshot_parser(self._column_key, content_of)
        return self._send(lambda: self._client.request("get", url, params=compact), parse_body, is_write=False)

    def _with_other_tabs(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot completed by the other tabs as listed."""
        listed = {} if self._listing is None else self._listing.tabs
        read_ids = snapshot.sheet_ids
        others = {title: tab for title, tab in listed.items() if tab.sheet_id not in read_ids}
        return replace(snapshot, tabs={**others, **snapshot.tabs})

    def _send(
        self, request: Callable[[], requests.Response], parse_body: _BodyParser[_Parsed], *, is_write: bool
    ) -> _Parsed:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_RetryableError),
            wait=_wait,
            stop=tenacity.stop_any(tenacity.stop_after_attempt(ATTEMPTS), _StopAtDeadline(self._clock, self._deadline)),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            parsed: _Parsed = retrying(self._send_once, request, parse_body, is_write=is_write)
        except _RetryableError as error:
            raise SpreadsheetError(f"Google Sheets can't be used at the moment ({error}); run again later.") from error
        return parsed

    def _send_once(
        self, request: Callable[[], requests.Response], parse_body: _BodyParser[_Parsed], *, is_write: bool
    ) -> _Parsed:
        remaining = self._deadline - self._clock.monotonic()
        if remaining <= 0:
            raise SpreadsheetError("The run's time was used up before the spreadsheet was done; run again.")
        self._drop_idle_connection()
        self._client.set_timeout((min(CONNECT_SECONDS, remaining), min(REQUEST_SECONDS, remaining)))
        try:
            with request() as response:
                status = response.status_code
                if status == HTTPStatus.OK:
                    return parse_body(response.iter_content(CHUNK))
                token = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
                refusal = parse_refusal(status, next(response.iter_content(CHUNK), b""), token)
        except UnicodeDecodeError as error:
            raise _unanswered("an answer that is no text", is_write=is_write) from error
        except requests.RequestException as error:
            log.debug("Google Sheets did not answer", error=type(error).__name__, write=is_write)
            raise _unanswered(type(error).__name__, is_write=is_write) from error
        except GoogleAuthError as error:
            # Without an access token nothing was sent.
            if fault := token_fault(error):
                raise ConfigurationError(fault) from error
            raise _RetryableError(f"no access token: {type(error).__name__}") from error
        log.debug("Google Sheets refused", status=status, said=refusal.message, write=is_write)
        raise self._refusal(refusal, is_write=is_write)

    def _drop_idle_connection(self) -> None:
        now = self._clock.monotonic()
        if now - self._last_request > _IDLE_SECONDS:
            # The session stays usable, it only connects anew.
            self._client.session.close()
        self._last_request = now

    def _refusal(self, refusal: Refusal, *, is_write: bool) -> Exception:
        status = refusal.status
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return _QuotaError("429, its quota is used up")
        if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _unanswered(str(status), is_write=is_write)
        if fault := fault_of(refusal, self._id, self.account):
            return ConfigurationError(fault)
        return RequestRefusedError(f"Google Sheets refused with {status}: {refusal.message}")

    @property
    def account(self) -> str:
        """The account to share the spreadsheet with."""
        email: str | None = getattr(getattr(self._client, "auth", None), "service_account_email", None)
        return email if email and email != "default" else "the function's service account"


def _refuse_without_cells(snapshot: Snapshot, titles: Sequence[str]) -> None:
    """Raise ConfigurationError if one of these tabs is a chart or connected data on a tab of its own."""
    for title in titles:
        if (tab := snapshot.tab(title)) is not None and not tab.is_grid:
            wrong = f"the tab {title!r} has no cells to write: it is a chart or connected data on a tab of its own"
            raise ConfigurationError(Fault("SPREADSHEET_ID", wrong, "Rename that tab; the report makes its own"))


def _snapshot_parser(column_key: str, content_of: Sequence[str]) -> _BodyParser[Snapshot]:
    """A parser of responses that hold the spreadsheet, with the content of the tabs of these titles."""

    def parse_snapshot(chunks: Iterable[bytes]) -> Snapshot:
        try:
            return parse(chunks, column_key, content_of=content_of)
        except UnicodeDecodeError:
            # Damaged in transit.
            raise
        except ValueError as error:
            raise _NotASpreadsheetError(
                f"Google Sheets answered something that is no spreadsheet ({error}); run again, and if that does not "
                "help, look for what may answer in its place, such as a proxy."
            ) from error

    return parse_snapshot


def _encode(body: Mapping[str, Any]) -> bytes:
    """The body as compact JSON, as step sizes are counted; `requests` would put spaces in."""
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()


def _unanswered(reason: str, *, is_write: bool) -> Exception:
    if is_write:
        return WriteUncertainError(f"Google Sheets did not say whether it wrote ({reason}); run again.")
    return _RetryableError(reason)


def _confirms_write(chunks: Iterable[bytes]) -> bool:
    """Whether the response to a write confirms it: only the spreadsheet's id was requested."""
    body = b"".join(chunks).decode()
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(value.get("spreadsheetId"))
