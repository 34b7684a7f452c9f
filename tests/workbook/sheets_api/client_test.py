"""Requests to Google Sheets, and how each kind of failure is handled."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import google.auth.credentials
import google.auth.exceptions
import pytest
import requests
from gspread.http_client import HTTPClient

from seat_report.errors import ConfigurationError, SpreadsheetError
from seat_report.workbook.sheets_api.client import (
    ATTEMPTS,
    RequestRefusedError,
    Spreadsheet,
    WriteUncertainError,
    connect,
)
from seat_report.workbook.tables.columns import MARK_KEY
from tests.support.clocks import HastyClock

EMPTY: dict[str, Any] = {
    "spreadsheetId": "s-1",
    "spreadsheetUrl": "https://sheets.example/s-1",
    "properties": {"timeZone": "UTC"},
    "sheets": [{"properties": {"sheetId": 1, "title": "Runs", "gridProperties": {"rowCount": 1, "columnCount": 1}}}],
}
FILLED: dict[str, Any] = {**EMPTY, "sheets": [{**EMPTY["sheets"][0], "data": [{"rowData": [{}]}]}]}
DONE = b'{"spreadsheetId": "s-1"}'
DISABLED = "Google Sheets API has not been used in project 1 before or it is disabled."


class FakeResponse(NamedTuple):
    """A response to a request with this access token."""

    content: bytes
    status: int = 200
    token: str = "owner"


Scripted = FakeResponse | bytes | Exception


def refusal(status: int, message: str) -> FakeResponse:
    """A refusal in Google's format."""
    error = {"code": status, "message": message, "status": "X"}
    return FakeResponse(json.dumps({"error": error}).encode(), status)


class ScriptedClient(HTTPClient):
    """A client with scripted responses, repeating the last one, that records the methods of the requests."""

    def __init__(self, *responses: Scripted) -> None:
        super().__init__(google.auth.credentials.AnonymousCredentials())  # type: ignore[no-untyped-call] # google-auth
        self.methods: list[str] = []
        self.clock = HastyClock("2026-01-05 06:00")
        self._responses = self._sequence(responses)

    def request(self, method: str, *_: Any, **__: Any) -> requests.Response:
        """Return the next response, or raise it if it is an exception."""
        self.methods.append(method)
        scripted = next(self._responses)
        if isinstance(scripted, Exception):
            raise scripted
        fake = scripted if isinstance(scripted, FakeResponse) else FakeResponse(scripted)
        response = requests.Response()
        response.status_code = fake.status
        response.raw = io.BytesIO(fake.content)
        response.request = requests.PreparedRequest()
        response.request.prepare(method, "https://sheets.example/", headers={"Authorization": f"Bearer {fake.token}"})
        return response

    @staticmethod
    def _sequence(responses: tuple[Scripted, ...]) -> Iterator[Scripted]:
        yield from responses
        while True:
            yield responses[-1]


OpenSpreadsheet = Callable[..., tuple[Spreadsheet, ScriptedClient]]


@pytest.fixture
def open_spreadsheet() -> Iterator[OpenSpreadsheet]:
    """Opens a spreadsheet on a service with scripted responses, with this many seconds until the deadline."""
    clients = []

    def open_scripted(*responses: Scripted, remaining: float = 600.0) -> tuple[Spreadsheet, ScriptedClient]:
        client = ScriptedClient(*responses)
        clients.append(client)
        clock = client.clock
        return Spreadsheet(
            client, "s-1", clock=clock, deadline=clock.monotonic() + remaining, column_key=MARK_KEY
        ), client

    yield open_scripted
    for client in clients:
        client.session.close()


def test_missing_credentials_name_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without default credentials, the error names the setting that provides some."""

    def find_none(**_: Any) -> None:
        raise google.auth.exceptions.DefaultCredentialsError("none")  # type: ignore[no-untyped-call] # google-auth

    monkeypatch.setattr("google.auth.default", find_none)
    with pytest.raises(ConfigurationError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        connect(None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "Is a directory"),
        ("", "no complete credentials"),
        ("[]", "no complete credentials"),
        ("null", "no complete credentials"),
        ("{}", "no complete credentials"),
        ("[" * 100_000, "no complete credentials"),
        ('{"type": "service_account", "private_key": "hush"}', "no complete credentials"),
        ('{"type": "service_account", "client_email": 5, "token_uri": 5, "private_key": 5}', "no complete credentials"),
        ('{"type": "impersonated_service_account"}', "no complete credentials"),
        ("missing", "No such file"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_without_usable_credentials_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, reason: str
) -> None:
    """A folder, JSON of another shape and an incomplete account are a fault with what to do, and never quoted."""
    path = tmp_path / "file" if content is not None else tmp_path
    if content not in (None, "missing"):
        path.write_text(content or "", encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(ConfigurationError) as caught:
        connect(None)
    (fault,) = caught.value.faults
    assert fault.setting == "GOOGLE_APPLICATION_CREDENTIALS"
    assert reason in fault.wrong
    assert "service account's key file" in fault.remedy
    assert caught.value.__cause__ is None
    assert "hush" not in str(caught.value)


def test_credentials_are_scoped_to_spreadsheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only scope is that of spreadsheets, and the client is Google's."""
    requested = []

    def find(*, scopes: list[str]) -> tuple[google.auth.credentials.Credentials, str]:
        requested.extend(scopes)
        return google.auth.credentials.AnonymousCredentials(), "project"  # type: ignore[no-untyped-call] # google-auth

    monkeypatch.setattr("google.auth.default", find)
    client = connect(None)
    assert requested == ["https://www.googleapis.com/auth/spreadsheets"]
    assert isinstance(client, HTTPClient)
    client.session.close()


def test_a_failed_access_token_is_retried(open_spreadsheet: OpenSpreadsheet) -> None:
    """Without a token nothing was sent, so even a write may be retried, and succeeds once there is one."""
    error = google.auth.exceptions.TransportError("no metadata server")  # type: ignore[no-untyped-call] # google-auth
    spreadsheet, client = open_spreadsheet(error, error, DONE)
    spreadsheet.write([])
    assert client.methods == ["post"] * 3


def test_access_token_failures_end_the_run(open_spreadsheet: OpenSpreadsheet) -> None:
    """After the last attempt the run ends with the reason."""
    error = google.auth.exceptions.RefreshError("no")  # type: ignore[no-untyped-call] # google-auth
    spreadsheet, client = open_spreadsheet(error)
    with pytest.raises(SpreadsheetError, match="no access token: RefreshError"):
        spreadsheet.write([])
    assert len(client.methods) == ATTEMPTS


def test_a_deleted_key_is_a_configuration_error(open_spreadsheet: OpenSpreadsheet) -> None:
    """Google will never accept it, so it is not asked again, and the error says what to do."""
    said = ("invalid_grant: Invalid JWT Signature.", {"error": "invalid_grant"})
    error = google.auth.exceptions.RefreshError(*said)  # type: ignore[no-untyped-call] # google-auth
    spreadsheet, client = open_spreadsheet(error)
    with pytest.raises(ConfigurationError, match=r"Google credentials: .*key may have been deleted.*Make a new key"):
        spreadsheet.write([])
    assert len(client.methods) == 1


def test_quota_waits_outlast_the_minute_in_which_it_is_refilled(open_spreadsheet: OpenSpreadsheet) -> None:
    """Five attempts spread over more than a minute, a write among them, as a 429 was not applied."""
    spreadsheet, client = open_spreadsheet(*[refusal(429, "Quota exceeded")] * (ATTEMPTS - 1), DONE)
    before = client.clock.monotonic()
    spreadsheet.write([])
    assert len(client.methods) == ATTEMPTS
    assert client.clock.monotonic() - before > 60


@pytest.mark.parametrize(("idle", "connections"), [(59, 0), (61, 1)])
def test_an_idle_connection_is_not_used_for_a_write(
    open_spreadsheet: OpenSpreadsheet, monkeypatch: pytest.MonkeyPatch, idle: float, connections: int
) -> None:
    """After a minute whoever is at the other end may have dropped it, and the write's fate would be unknown."""
    spreadsheet, client = open_spreadsheet(json.dumps(EMPTY).encode(), DONE)
    spreadsheet.list_tabs()
    closed = []
    monkeypatch.setattr(client.session, "close", lambda: closed.append(True))
    client.clock.sleep(idle)
    spreadsheet.write([])
    assert len(closed) == connections


def test_the_user_agent_asks_for_compressed_answers() -> None:
    """Google compresses answers only for clients whose User-Agent says gzip too."""
    client = connect("127.0.0.1:1")
    assert "(gzip)" in str(client.session.headers["User-Agent"])
    client.session.close()


def test_no_retry_after_the_deadline(open_spreadsheet: OpenSpreadsheet) -> None:
    """An attempt that would start after the deadline is not waited for."""
    spreadsheet, client = open_spreadsheet(refusal(429, "Quota exceeded"), remaining=0.5)
    with pytest.raises(SpreadsheetError, match="429"):
        spreadsheet.list_tabs()
    assert len(client.methods) == 1


def test_no_request_without_time(open_spreadsheet: OpenSpreadsheet) -> None:
    """After the deadline no request is sent."""
    spreadsheet, client = open_spreadsheet(b"{}", remaining=0)
    with pytest.raises(SpreadsheetError, match="time was used up"):
        spreadsheet.write([])
    assert client.methods == []


def test_a_read_that_is_not_text_is_retried(open_spreadsheet: OpenSpreadsheet) -> None:
    """Bytes that are not UTF-8 are not a response."""
    spreadsheet, client = open_spreadsheet(b"\xff\xfe", json.dumps(EMPTY).encode())
    assert set(spreadsheet.list_tabs().tabs) == {"Runs"}
    assert len(client.methods) == 2


def test_a_write_whose_response_is_not_text_is_uncertain(open_spreadsheet: OpenSpreadsheet) -> None:
    """It may have been applied, so it is not sent again."""
    spreadsheet, client = open_spreadsheet(b"\xff\xfe")
    with pytest.raises(WriteUncertainError, match="no text"):
        spreadsheet.write([])
    assert len(client.methods) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"sheets": 5}', b"null", b"[" * 100_000])
def test_a_response_that_is_not_a_spreadsheet(open_spreadsheet: OpenSpreadsheet, body: bytes) -> None:
    """Whatever a proxy sends in Google's place ends the run with a sentence, not a stack trace."""
    spreadsheet, _ = open_spreadsheet(body)
    with pytest.raises(SpreadsheetError, match="no spreadsheet"):
        spreadsheet.list_tabs()


def test_tabs_that_keep_changing_end_the_run(open_spreadsheet: OpenSpreadsheet) -> None:
    """If somebody renames a tab between listing and reading every time, the run gives up after a few attempts."""
    missing = refusal(400, "Unable to parse range: Runs")
    responses = [response for _ in range(ATTEMPTS) for response in (missing, json.dumps(EMPTY).encode())]
    spreadsheet, client = open_spreadsheet(*responses)
    with pytest.raises(SpreadsheetError, match="keep changing"):
        spreadsheet.read(["Runs"])
    assert len(client.methods) == 2 * ATTEMPTS


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (404, "Requested entity was not found.", "Copy the address"),
        (403, DISABLED, "Enable sheets.googleapis.com"),
        (403, "The caller does not have permission", "Share the spreadsheet with the function's service account"),
        (400, "This operation is not supported for this document", "Save as Google Sheets"),
        (400, "You are trying to edit a protected cell or object.", "Ask its owner"),
    ],
)
def test_refusals_with_a_remedy(open_spreadsheet: OpenSpreadsheet, status: int, message: str, remedy: str) -> None:
    """Each refusal that an operator can fix comes with its remedy and is not retried."""
    spreadsheet, client = open_spreadsheet(refusal(status, message))
    with pytest.raises(ConfigurationError, match=remedy):
        spreadsheet.write([])
    assert len(client.methods) == 1


def test_other_refusals_quote_google(open_spreadsheet: OpenSpreadsheet) -> None:
    """A 400 with an unknown message was certainly not applied."""
    spreadsheet, _ = open_spreadsheet(refusal(400, "Invalid requests[0]: no grid with id: 5"))
    with pytest.raises(RequestRefusedError, match="no grid with id: 5"):
        spreadsheet.write([])


@pytest.mark.parametrize(
    ("email", "expected"),
    [("robot@example.iam", "robot@example.iam"), ("default", "the function's service account")],
)
def test_account_to_share_with(
    open_spreadsheet: OpenSpreadsheet, monkeypatch: pytest.MonkeyPatch, email: str, expected: str
) -> None:
    """The account is named if known; the metadata server initially knows it only as `default`."""
    spreadsheet, client = open_spreadsheet(b"{}")
    monkeypatch.setattr(client.auth, "service_account_email", email, raising=False)
    assert spreadsheet.account == expected


@pytest.mark.parametrize("body", [json.dumps({"updatedSpreadsheet": FILLED}).encode(), b"{}"])
def test_write_and_read_without_the_spreadsheet_in_the_response(open_spreadsheet: OpenSpreadsheet, body: bytes) -> None:
    """If the response to a write lacks the spreadsheet, it is read separately."""
    spreadsheet, client = open_spreadsheet(body, json.dumps(FILLED).encode())
    assert list(spreadsheet.write_and_read([{}], ["Runs"]).tabs) == ["Runs"]
    assert client.methods == (["post"] if body != b"{}" else ["post", "get"])


def test_write_and_read_reads_a_new_tab_separately(
    open_spreadsheet: OpenSpreadsheet,
) -> None:
    """Whether a write that adds a tab may name a range in it is not documented."""
    spreadsheet, client = open_spreadsheet(DONE, json.dumps(FILLED).encode())
    assert list(spreadsheet.write_and_read([{"addSheet": {}}], ["Runs"]).tabs) == ["Runs"]
    assert client.methods == ["post", "get"]


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b"[]", b"{}", b"null", b"5", b"[" * 100_000])
def test_a_write_counts_only_if_google_confirms_it(open_spreadsheet: OpenSpreadsheet, body: bytes) -> None:
    """Any other response, such as a proxy's page, leaves the write uncertain, and it is not sent again."""
    spreadsheet, client = open_spreadsheet(body)
    with pytest.raises(WriteUncertainError, match="did not say whether it wrote"):
        spreadsheet.write([])
    assert len(client.methods) == 1


@pytest.mark.parametrize("resource", [EMPTY, {**EMPTY, "sheets": []}])
def test_a_tab_without_content_is_not_an_empty_tab(open_spreadsheet: OpenSpreadsheet, resource: dict[str, Any]) -> None:
    """Even an empty tab arrives with content; without it, or without the tab, the response is not usable."""
    spreadsheet, _ = open_spreadsheet(json.dumps(resource).encode())
    with pytest.raises(SpreadsheetError, match="expected the content of the tab 'Runs', found none"):
        spreadsheet.read(["Runs"])


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 500, 503, 599])
def test_a_write_with_an_unexpected_status_is_uncertain(open_spreadsheet: OpenSpreadsheet, status: int) -> None:
    """Only 200 confirms a write, and only a refusal says that it was not applied."""
    spreadsheet, client = open_spreadsheet(FakeResponse(DONE, status))
    with pytest.raises(WriteUncertainError, match=str(status)):
        spreadsheet.write([])
    assert len(client.methods) == 1


def test_a_read_with_an_unexpected_status_is_retried(open_spreadsheet: OpenSpreadsheet) -> None:
    """Whatever responded in Google's place may be gone next time."""
    spreadsheet, client = open_spreadsheet(
        FakeResponse(b"", 204), FakeResponse(b"elsewhere", 302), json.dumps(EMPTY).encode()
    )
    assert set(spreadsheet.list_tabs().tabs) == {"Runs"}
    assert client.methods == ["get"] * 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error": "denied"}', r"400: {\"error\": \"denied\"}"),
        (b'{"error": {"message": 5}}', r"400: {\"error\": {\"message\": 5}}"),
        (b'{"error": {}}', "400: {"),
        (b'["error"]', "400: "),
        (b"<html>\r\n<b>No</b>", "400: <html> <b>No</b>"),
        (b"\xff\xfe", "400: "),
        (b"[" * 100_000, "400: "),
        (b"", "400: "),
        (b'{"error": {"message": "one\\ntwo\\u202e"}}', "400: one two$"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_refusals_of_any_form_are_quoted(open_spreadsheet: OpenSpreadsheet, body: bytes, expected: str) -> None:
    """A refusal may come from anything: its text, if any, is quoted on one line."""
    spreadsheet, _ = open_spreadsheet(FakeResponse(body, 400))
    with pytest.raises(RequestRefusedError, match=expected):
        spreadsheet.write([])


def test_the_access_token_is_hidden_in_quoted_refusals(open_spreadsheet: OpenSpreadsheet) -> None:
    """An error page may echo the request that it refuses; errors are shown and logged."""
    token = "ya29.canary/of+a-token=="
    body = json.dumps({"error": {"message": f"Bearer {token} is not for you"}}).encode()
    spreadsheet, _ = open_spreadsheet(FakeResponse(body, 400, token))
    with pytest.raises(RequestRefusedError, match=r"Bearer \(hidden\) is not for you"):
        spreadsheet.write([])
