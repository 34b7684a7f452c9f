"""The facts in a scratch spreadsheet, on a clock of their own: quotas, and services that don't answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError, TransportError

from seat_report.check.client import Client, TimeIsUpError, sign_in
from seat_report.check.facts import FACTS
from seat_report.check.findings import Verdict
from seat_report.check.scratch_spreadsheet import ScratchSpreadsheet
from seat_report.errors import SpreadsheetError
from seat_report.workbook.sheets_api.client import connect
from tests.emulators.sheets.service import Handle, running
from tests.support.clocks import ManualClock
from tests.support.environment import load_with

# Of Google's answers; those of small batches mostly take less.
LATENCY_SECONDS = 0.4


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(clock: ManualClock) -> Iterator[Handle]:
    """A service whose every answer takes its time on the clock."""
    with running(clock=clock) as handle:
        handle.before_request = lambda *_: clock.advance(LATENCY_SECONDS)
        yield handle


def scratch_id_in(service: Handle) -> str:
    """A new spreadsheet's id."""
    headers = {"Authorization": "Bearer token"}
    made = requests.post(f"{service.url}/v4/spreadsheets", headers=headers, json={}, timeout=30).json()
    return str(made["spreadsheetId"])


def test_google_s_quota_lets_all_be_tried_in_two_minutes(service: Handle, clock: ManualClock) -> None:
    """With 60 reads and 60 writes a minute, as Google gives one account, every fact is tried in time."""
    settings = load_with(CHECK_SPREADSHEET_ID=scratch_id_in(service))
    service.conduct.quota = (60, 60)
    http = connect(service.host)
    began = clock.monotonic()
    found = list(ScratchSpreadsheet(settings, http, clock, began + 100).findings())
    http.session.close()
    assert [finding for finding in found if finding.verdict is not Verdict.AS_EXPECTED] == []
    assert len(found) == len(FACTS) + 1
    assert clock.monotonic() - began < 120


@pytest.mark.parametrize("action", ["reset", "503"])
def test_without_an_answer_a_fact_is_no_fact(service: Handle, clock: ManualClock, action: str) -> None:
    """A write without an answer, or out of order, is not repeated: the fact is told as different, the rest is tried."""
    settings = load_with(CHECK_SPREADSHEET_ID=scratch_id_in(service))
    http = connect(service.host)
    service.fail(action, method="POST", kind="addTable")
    found = list(ScratchSpreadsheet(settings, http, clock, clock.monotonic() + 600).findings())
    http.session.close()
    (told,) = [finding for finding in found if finding.verdict is not Verdict.AS_EXPECTED]
    assert told.verdict is Verdict.DIFFERS
    assert ("did not answer" if action == "reset" else "found 503") in told.found


def test_time_that_is_up_ends_the_client(service: Handle, clock: ManualClock) -> None:
    """No request is sent past the deadline, none is waited for beyond it, and an answer must come before it."""
    http = connect(service.host)
    client = Client(http, scratch_id_in(service), clock=clock, deadline=clock.monotonic() + 15)
    service.fail(503, times=9)
    with pytest.raises(TimeIsUpError, match="503"):
        client.get(fields="spreadsheetId")
    clock.advance(20)
    service.requests.clear()
    with pytest.raises(TimeIsUpError):
        client.get(fields="spreadsheetId")
    assert service.requests == []
    client.extend(5)
    service.conduct.faults.clear()
    assert client.get(fields="sheets.properties.sheetId")[0] == 200
    http.session.close()


def test_an_answer_that_is_no_json_is_an_error(service: Handle, clock: ManualClock) -> None:
    """What is no JSON is quoted as an error's message; without a service there is no answer."""
    http = connect(service.host)
    client = Client(http, "x/y", clock=clock, deadline=clock.monotonic() + 15)
    status, answer = client.get()
    assert status in (400, 404)
    assert "message" in answer["error"]
    http.session.close()
    nobody = connect("127.0.0.1:9")
    client = Client(nobody, "x", clock=clock, deadline=clock.monotonic() + 15)
    with pytest.raises(SpreadsheetError, match="did not answer"):
        client.get()
    nobody.session.close()


class Account:
    """Credentials that have no token yet, whose service gives none."""

    def __init__(self, error: Exception | None) -> None:
        self.valid = False
        self._error = error

    def refresh(self, request: Any) -> None:
        assert request.keywords["timeout"] <= 10
        if self._error:
            raise self._error
        self.valid = True


def test_signing_in_takes_bounded_time(service: Handle) -> None:
    """A token is asked for with a timeout; only a service that can't be reached ends the check of Google."""
    http = connect(service.host)
    for error in (None, RefreshError("invalid_grant")):  # type: ignore[no-untyped-call] # google-auth is untyped here
        http.auth = Account(error)  # type: ignore[assignment] # as far as it is used
        sign_in(http)
    http.auth = Account(TransportError("secret"))  # type: ignore[assignment, no-untyped-call] # likewise
    with pytest.raises(SpreadsheetError, match="could not be reached"):
        sign_in(http)
    http.session.close()
