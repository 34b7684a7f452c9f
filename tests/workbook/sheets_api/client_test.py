"""What reaches Google Sheets, and what comes of each way in which it may fail."""

import io
import json
from collections.abc import Callable, Iterator
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
from tests.proof.clock import HastyClock

EMPTY: dict[str, Any] = {
    "spreadsheetId": "s-1",
    "spreadsheetUrl": "https://sheets.example/s-1",
    "properties": {"timeZone": "UTC"},
    "sheets": [{"properties": {"sheetId": 1, "title": "Runs", "gridProperties": {"rowCount": 1, "columnCount": 1}}}],
}
FILLED: dict[str, Any] = {**EMPTY, "sheets": [{**EMPTY["sheets"][0], "data": [{"rowData": [{}]}]}]}
DONE = b'{"spreadsheetId": "s-1"}'
DISABLED = "Google Sheets API has not been used in project 1 before or it is disabled."


class Reply(NamedTuple):
    """What is answered, to a request that showed this token."""

    content: bytes
    status: int = 200
    token: str = "owner"


Said = Reply | bytes | Exception


def refused(status: int, message: str) -> Reply:
    """A refusal as Google writes it."""
    error = {"code": status, "message": message, "status": "X"}
    return Reply(json.dumps({"error": error}).encode(), status)


class Scripted(HTTPClient):
    """A client that answers as told, the last answer for ever, and notes what was asked."""

    def __init__(self, *answers: Said) -> None:
        super().__init__(google.auth.credentials.AnonymousCredentials())  # type: ignore[no-untyped-call] # google-auth
        self.asked: list[str] = []
        self._answers = self._following(answers)

    def request(self, method: str, *_: Any, **__: Any) -> requests.Response:
        """The next answer."""
        self.asked.append(method)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        response = requests.Response()
        response.status_code = reply.status
        response.raw = io.BytesIO(reply.content)
        response.request = requests.PreparedRequest()
        response.request.prepare(method, "https://sheets.example/", headers={"Authorization": f"Bearer {reply.token}"})
        return response

    @staticmethod
    def _following(answers: tuple[Said, ...]) -> Iterator[Said]:
        yield from answers
        while True:
            yield answers[-1]


@pytest.fixture
def opened() -> Iterator[Callable[..., tuple[Spreadsheet, Scripted]]]:
    """Opens a spreadsheet whose service answers as told, with so many seconds left."""
    clients = []

    def made(*answers: Said, left: float = 600.0) -> tuple[Spreadsheet, Scripted]:
        client = Scripted(*answers)
        clients.append(client)
        clock = HastyClock("2026-01-05 06:00")
        return Spreadsheet(client, "s-1", clock=clock, deadline=clock.monotonic() + left, column_key=MARK_KEY), client

    yield made
    for client in clients:
        client.session.close()


Opened = Callable[..., tuple[Spreadsheet, Scripted]]


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no default credentials, the error names the setting that brings some."""

    def found_none(**_: Any) -> None:
        raise google.auth.exceptions.DefaultCredentialsError("none")  # type: ignore[no-untyped-call] # google-auth

    monkeypatch.setattr("google.auth.default", found_none)
    with pytest.raises(ConfigurationError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        connect(None)


def test_with_credentials_they_are_asked_for_spreadsheets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one scope is that of spreadsheets, and the address is Google's own."""
    asked = []

    def found(*, scopes: list[str]) -> tuple[google.auth.credentials.Credentials, str]:
        asked.extend(scopes)
        return google.auth.credentials.AnonymousCredentials(), "project"  # type: ignore[no-untyped-call] # google-auth

    monkeypatch.setattr("google.auth.default", found)
    client = connect(None)
    assert asked == ["https://www.googleapis.com/auth/spreadsheets"]
    assert isinstance(client, HTTPClient)
    client.session.close()


def test_an_access_token_that_cannot_be_had_is_tried_again(opened: Opened) -> None:
    """Without a token nothing was sent, so even a write may be sent again, and succeeds when there is one."""
    trouble = google.auth.exceptions.TransportError("no metadata server")  # type: ignore[no-untyped-call] # google-auth
    spreadsheet, client = opened(trouble, trouble, DONE)
    spreadsheet.write([])
    assert client.asked == ["post"] * 3


def test_an_access_token_that_never_comes_ends_the_run(opened: Opened) -> None:
    """After so many attempts it is over, and said."""
    trouble = google.auth.exceptions.RefreshError("no")  # type: ignore[no-untyped-call] # google-auth
    spreadsheet, client = opened(trouble)
    with pytest.raises(SpreadsheetError, match="no access token: RefreshError"):
        spreadsheet.write([])
    assert len(client.asked) == ATTEMPTS


def test_waiting_ends_where_the_run_would(opened: Opened) -> None:
    """An attempt that would come after the run's end is not waited for."""
    spreadsheet, client = opened(refused(429, "Quota exceeded"), left=0.5)
    with pytest.raises(SpreadsheetError, match="429"):
        spreadsheet.list_tabs()
    assert len(client.asked) == 1


def test_without_time_nothing_is_asked(opened: Opened) -> None:
    """When the run's time is up, no request is sent at all."""
    spreadsheet, client = opened(b"{}", left=0)
    with pytest.raises(SpreadsheetError, match="time was used up"):
        spreadsheet.write([])
    assert client.asked == []


def test_an_answer_that_is_no_text_is_read_again(opened: Opened) -> None:
    """Bytes that are no UTF-8 are no answer."""
    spreadsheet, client = opened(b"\xff\xfe", json.dumps(EMPTY).encode())
    assert set(spreadsheet.list_tabs().tabs) == {"Runs"}
    assert len(client.asked) == 2


def test_an_answer_that_is_no_text_tells_nothing_of_a_write(opened: Opened) -> None:
    """It may have been done, so it is not sent again."""
    spreadsheet, client = opened(b"\xff\xfe")
    with pytest.raises(WriteUncertainError, match="no text"):
        spreadsheet.write([])
    assert len(client.asked) == 1


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"sheets": 5}', b"null", b"[" * 100_000])
def test_an_answer_that_is_no_spreadsheet(opened: Opened, answer: bytes) -> None:
    """Whatever a proxy may say in Google's place ends the run with a sentence, not with a stack trace."""
    spreadsheet, _ = opened(answer)
    with pytest.raises(SpreadsheetError, match="no spreadsheet"):
        spreadsheet.list_tabs()


def test_tabs_that_keep_changing_end_the_run(opened: Opened) -> None:
    """Somebody who renames a tab between listing and reading each time is waited for only so long."""
    gone = refused(400, "Unable to parse range: Runs")
    answers = [answer for _ in range(ATTEMPTS) for answer in (gone, json.dumps(EMPTY).encode())]
    spreadsheet, client = opened(*answers)
    with pytest.raises(SpreadsheetError, match="keep changing"):
        spreadsheet.read(["Runs"])
    assert len(client.asked) == 2 * ATTEMPTS


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
def test_what_only_an_operator_can_mend_says_how(opened: Opened, status: int, message: str, remedy: str) -> None:
    """Each refusal that has a remedy comes with it, and is not asked again."""
    spreadsheet, client = opened(refused(status, message))
    with pytest.raises(ConfigurationError, match=remedy):
        spreadsheet.write([])
    assert len(client.asked) == 1


def test_any_other_refusal_quotes_google(opened: Opened) -> None:
    """A 400 that says nothing we know was certainly not done."""
    spreadsheet, _ = opened(refused(400, "Invalid requests[0]: no grid with id: 5"))
    with pytest.raises(RequestRefusedError, match="no grid with id: 5"):
        spreadsheet.write([])


@pytest.mark.parametrize(
    ("email", "told"),
    [("robot@example.iam", "robot@example.iam"), ("default", "the function's service account")],
)
def test_whom_to_share_with(opened: Opened, monkeypatch: pytest.MonkeyPatch, email: str, told: str) -> None:
    """The account is named where it is known; the metadata server knows it only as `default` at first."""
    spreadsheet, client = opened(b"{}")
    monkeypatch.setattr(client.auth, "service_account_email", email, raising=False)
    assert spreadsheet.account == told


@pytest.mark.parametrize("answer", [json.dumps({"updatedSpreadsheet": FILLED}).encode(), b"{}"])
def test_what_was_written_is_read_back_with_it_or_else_after_it(
    opened: Callable[..., tuple[Spreadsheet, Scripted]], answer: bytes
) -> None:
    """A service that leaves the spreadsheet out of its answer to a write is asked for it."""
    spreadsheet, client = opened(answer, json.dumps(FILLED).encode())
    assert list(spreadsheet.write_and_read([{}], ["Runs"]).tabs) == ["Runs"]
    assert client.asked == (["post"] if answer != b"{}" else ["post", "get"])


def test_a_tab_that_is_yet_to_be_made_is_read_after_it(
    opened: Callable[..., tuple[Spreadsheet, Scripted]],
) -> None:
    """Whether a range in it may be named in the write that makes it is nowhere said."""
    spreadsheet, client = opened(DONE, json.dumps(FILLED).encode())
    assert list(spreadsheet.write_and_read([{"addSheet": {}}], ["Runs"]).tabs) == ["Runs"]
    assert client.asked == ["post", "get"]


@pytest.mark.parametrize("answer", [b"", b"<html>Sign in</html>", b"[]", b"{}", b"null", b"5", b"[" * 100_000])
def test_a_write_is_done_only_when_google_says_so(opened: Opened, answer: bytes) -> None:
    """Any other answer, such as a proxy's page, tells nothing of it, and it is not sent again."""
    spreadsheet, client = opened(answer)
    with pytest.raises(WriteUncertainError, match="did not say whether it wrote"):
        spreadsheet.write([])
    assert len(client.asked) == 1


@pytest.mark.parametrize("answer", [EMPTY, {**EMPTY, "sheets": []}])
def test_a_tab_without_its_content_is_not_taken_for_an_empty_one(opened: Opened, answer: dict[str, Any]) -> None:
    """An empty tab comes with content too; without any, or without the tab, it is no answer to what was asked."""
    spreadsheet, _ = opened(json.dumps(answer).encode())
    with pytest.raises(SpreadsheetError, match="expected the content of the tab 'Runs', found none"):
        spreadsheet.read(["Runs"])


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 500, 503, 599])
def test_a_status_that_google_does_not_have_tells_nothing_of_a_write(opened: Opened, status: int) -> None:
    """Only 200 says that it was done, and only a refusal that it was not."""
    spreadsheet, client = opened(Reply(DONE, status))
    with pytest.raises(WriteUncertainError, match=str(status)):
        spreadsheet.write([])
    assert len(client.asked) == 1


def test_a_status_that_google_does_not_have_is_read_again(opened: Opened) -> None:
    """Whatever answered in Google's place, it may be gone the next time."""
    spreadsheet, client = opened(Reply(b"", 204), Reply(b"elsewhere", 302), json.dumps(EMPTY).encode())
    assert set(spreadsheet.list_tabs().tabs) == {"Runs"}
    assert client.asked == ["get"] * 3


@pytest.mark.parametrize(
    ("body", "told"),
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
def test_a_refusal_of_any_form_is_told(opened: Opened, body: bytes, told: str) -> None:
    """What refuses may be anybody's: its words are quoted on one line, if it has any."""
    spreadsheet, _ = opened(Reply(body, 400))
    with pytest.raises(RequestRefusedError, match=told):
        spreadsheet.write([])


def test_a_refusal_that_repeats_the_access_token_is_told_without_it(opened: Opened) -> None:
    """An error page may echo the request that it refuses; errors are shown and logged."""
    token = "ya29.canary/of+a-token=="
    body = json.dumps({"error": {"message": f"Bearer {token} is not for you"}}).encode()
    spreadsheet, _ = opened(Reply(body, 400, token))
    with pytest.raises(RequestRefusedError, match=r"Bearer \(hidden\) is not for you"):
        spreadsheet.write([])
