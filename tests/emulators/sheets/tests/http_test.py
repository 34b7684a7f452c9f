from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.emulators.sheets.service import Handle, running
from tests.support.clocks import ManualClock

from .book import Book, create


@pytest.fixture
def strict() -> Any:
    """Give a service of its own, whose conduct a test may change."""
    with running() as handle:
        yield handle


def test_the_form_of_answers(book: Book) -> None:
    """Answers are indented by two, end in a newline, keep non-ASCII, and carry the front end's headers."""
    book.write("A1", [["日本"]])
    answer = book.session.get(f"{book.url}/values/A1", timeout=30)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.headers["Cache-Control"] == "private"
    assert answer.headers["Vary"] == "Origin, X-Origin, Referer"
    assert answer.headers["Server"] == "ESF"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["Content-Encoding"] == "gzip"
    expected = '{\n  "range": "S!A1",\n  "majorDimension": "ROWS",\n  "values": [\n    [\n      "日本"\n    ]\n  ]\n}\n'
    assert answer.content.decode() == expected
    empty = book.session.get(book.url, params={"fields": "namedRanges"}, timeout=30)
    assert empty.text == "{}\n"
    compact = book.session.get(f"{book.url}/values/A1", params={"prettyPrint": "false"}, timeout=30)
    assert compact.text == '{"range":"S!A1","majorDimension":"ROWS","values":[["日本"]]}\n'


def test_grid_data_is_indented_like_everything_else(book: Book) -> None:
    """Answers that are written piece by piece read like those written at once."""
    book.write("A1", [["a"], [], ["b"]])
    text = book.session.get(book.url, params={"fields": "sheets.data.rowData.values.formattedValue"}, timeout=30).text
    lines = text.splitlines()
    assert all(
        len(line) - len(line.lstrip()) == depth for line, depth in zip(lines[:6], (0, 2, 4, 6, 8, 10), strict=True)
    )
    assert lines[-1] == "}"


def test_what_is_not_there(service: Handle, book: Book) -> None:
    """An unknown spreadsheet is a JSON 404 without details, an unknown path or method an HTML page."""
    missing = book.session.get(f"{service.url}/v4/spreadsheets/nope", timeout=30)
    not_found = {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    assert (missing.status_code, missing.json()) == (404, {"error": not_found})
    for method, path in (("GET", "/v5/x"), ("DELETE", f"/v4/spreadsheets/{book.id}"), ("GET", "/v4/spreadsheets")):
        answer = book.session.request(method, service.url + path, timeout=30)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_body_that_is_not_json(book: Book) -> None:
    """A body that can't be parsed is a 400."""
    answer = book.session.post(f"{book.url}:batchUpdate", data=b"{nope", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received. Unexpected token.")


def test_tokens(strict: Handle) -> None:
    """A token is required, one may be refused, and tokens or spreadsheets may get no access."""
    with create(strict) as book:
        missing = requests.get(book.url, timeout=30)
        assert missing.status_code == 401
        assert missing.json()["error"]["status"] == "UNAUTHENTICATED"
        assert missing.json()["error"]["message"].startswith("Request is missing required authentication credential.")
        strict.conduct.anonymous = True
        assert requests.get(book.url, timeout=30).status_code == 200

        def ask(token: str) -> Any:
            return book.session.get(book.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

        assert ask("anything").status_code == 200
        strict.conduct.refused_tokens.add("bad")
        assert ask("bad").json()["error"]["message"].startswith("Request had invalid authentication credentials.")
        strict.conduct.forbidden.add("stranger")
        assert ask("stranger").json()["error"] == {
            "code": 403,
            "message": "The caller does not have permission",
            "status": "PERMISSION_DENIED",
        }
        strict.conduct.forbidden.add(book.id)
        assert ask("anything").status_code == 403


def test_the_quota_a_minute() -> None:
    """Past the quota is a 429 with its details; reads and writes count apart, and a minute later all is well."""
    clock = ManualClock()
    with running(clock=clock) as strict, create(strict) as book:
        strict.conduct.quota = (2, 1)
        assert "error" not in book.get()
        assert "error" not in book.get()
        error = book.get()["error"]
        assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
        assert error["message"] == (
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
            "of service 'sheets.googleapis.com' for consumer 'project_number:1'."
        )
        info = error["details"][0]
        assert info["reason"] == "RATE_LIMIT_EXCEEDED"
        assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
        assert info["metadata"]["quota_limit_value"] == "2"
        assert "error" not in book.write("A1", [[1]])
        assert "Write requests" in book.write("A1", [[2]])["error"]["message"]
        clock.advance(61)
        assert book.values("A1") == [["1"]]


@pytest.mark.parametrize(("when", "left"), [("before", []), ("after", [["1"]])])
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_chosen_request_fails_before_or_after_it_is_applied(
    strict: Handle, when: str, left: Any, status: int
) -> None:
    """The n-th matching request fails; whether it was carried out is the fault's choice."""
    with create(strict) as book:
        strict.fail(status, nth=2, when=when, method="PUT", path="/values/")
        assert "error" not in book.write("B1", [[0]])
        assert book.write("A1", [[1]])["error"]["code"] == status
        assert "error" not in book.write("C1", [[2]])
        assert book.values("A1") == left


def test_a_fault_may_choose_by_the_kind_of_request(strict: Handle) -> None:
    """A fault for a kind strikes only batches that hold it, as often as it is told."""
    with create(strict) as book:
        strict.fail(503, kind="addSheet", times=2)
        other = {"updateSpreadsheetProperties": {"properties": {"title": "T"}, "fields": "title"}}
        assert "error" not in book.batch(other)
        assert "error" in book.batch({"addSheet": {}})
        assert "error" in book.batch({"addSheet": {}})
        assert "error" not in book.batch({"addSheet": {}})
        assert strict.conduct.faults == []


def test_a_connection_can_break(strict: Handle) -> None:
    """A reset leaves the client without an answer, after the request was applied if told so."""
    with create(strict) as book:
        strict.fail("reset", when="after", method="PUT")
        with pytest.raises(requests.ConnectionError):
            book.write("A1", [[1]])
        assert book.values("A1") == [["1"]]


def test_a_request_can_hang(strict: Handle) -> None:
    """A hanging request gives no answer until the client leaves."""
    with create(strict) as book:
        strict.fail("hang", method="GET")
        with pytest.raises(requests.ReadTimeout):
            book.session.get(book.url, timeout=0.2)
        assert "error" not in book.get()


def test_a_test_can_act_between_two_requests(strict: Handle) -> None:
    """before_request is called with each request and may itself use the service."""
    with create(strict) as book:
        seen = []

        def person(request: Any) -> None:
            seen.append((request.method, request.kinds))
            if request.kinds == ("addSheet",):
                book.write("A1", [["mine"]])

        strict.before_request = person
        book.batch({"addSheet": {}})
        strict.before_request = None
        assert seen == [("POST", ("addSheet",))]
        assert book.values("A1") == [["mine"]]


def test_the_log_of_requests(strict: Handle) -> None:
    """Method, path and size of every request are kept until they are cleared."""
    with create(strict) as book:
        strict.requests.clear()
        book.batch({"addSheet": {}})
        book.values("A1")
        assert [(entry.method, entry.path) for entry in strict.requests] == [
            ("POST", f"/v4/spreadsheets/{book.id}:batchUpdate"),
            ("GET", f"/v4/spreadsheets/{book.id}/values/A1"),
        ]
        assert strict.requests[0].size == len(b'{"requests": [{"addSheet": {}}]}')


def test_the_control_api(strict: Handle) -> None:
    """Another process changes the conduct, reads the log and forgets spreadsheets over HTTP."""
    with create(strict) as book:
        control = f"{strict.url}/emulator"
        ask = book.session.request
        changed = ask("PATCH", control, json={"latency": 0.001, "quota": [9, 9]}, timeout=30).json()
        assert (changed["latency"], changed["quota"]) == (0.001, [9, 9])
        assert ask("PATCH", control, json={"nope": 1}, timeout=30).status_code == 400
        assert ask("POST", f"{control}/faults", json={"action": "teapot"}, timeout=30).status_code == 400
        faults = ask("POST", f"{control}/faults", json={"action": 503, "nth": 1}, timeout=30).json()["faults"]
        assert faults[0]["action"] == "503"
        assert book.get()["error"]["code"] == 503
        assert ask("GET", f"{control}/requests", timeout=30).json()[-1]["method"] == "GET"
        assert ask("DELETE", f"{control}/requests", timeout=30).json() == {}
        assert ask("DELETE", f"{control}/spreadsheets", timeout=30).json() == {}
        assert book.get()["error"]["code"] == 404
        assert ask("GET", f"{control}/nope", timeout=30).status_code == 404


def test_requests_are_atomic_under_load(strict: Handle) -> None:
    """Of many who create the same id at once, exactly one gets it."""
    with create(strict) as book:
        made = {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataId": 1,
                    "metadataKey": "lock",
                    "visibility": "DOCUMENT",
                    "location": {"spreadsheet": True},
                }
            }
        }
        statuses: list[int] = []

        def ask() -> None:
            headers = {"Authorization": "Bearer x"}
            answer = requests.post(f"{book.url}:batchUpdate", json={"requests": [made]}, headers=headers, timeout=30)
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, *[400] * 7]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_line(number: signal.Signals) -> None:
    """The service says where it is on its first line and stops cleanly when told to."""
    command = [sys.executable, "-m", "tests.emulators.sheets", "--port", "0", "--quota", "5", "5"]
    root = Path(__file__).parents[4]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"Sheets service on (http://127\.0\.0\.1:\d+)\n", line)
            assert found
            assert requests.post(f"{found[1]}/v4/spreadsheets", timeout=30).status_code == 401
            process.send_signal(number)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (
            "/values/A1",
            {"nope": "1"},
            (
                'Invalid JSON payload received. Unknown name "nope": Cannot bind query parameter. '
                "Field 'nope' could not be found in request message."
            ),
        ),
        (
            "/values/A1",
            {"valueRenderOption": "NOPE"},
            (
                "Invalid value at 'value_render_option' "
                '(type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), "NOPE"'
            ),
        ),
    ],
)
def test_malformed_queries_are_refused(book: Book, path: str, query: Any, message: str) -> None:
    """A parameter that the method doesn't take, or a value it doesn't know, is a 400."""
    assert book.call("GET", path, **query)["error"]["message"] == message


def test_a_refused_answer_means_that_nothing_was_done(book: Book) -> None:
    """A mask or a range of the answer that can't be read refuses the request before it is carried out."""
    body = {"requests": [{"addSheet": {"properties": {"title": "T"}}}]}
    assert "error" in book.call("POST", ":batchUpdate", body, fields="nope")
    assert "error" in book.batch(*body["requests"], includeSpreadsheetInResponse=True, responseRanges=["Nope!A1"])
    query = {"valueInputOption": "RAW", "responseValueRenderOption": "NOPE", "includeValuesInResponse": True}
    assert "error" in book.call("PUT", "/values/A1", {"values": [[1]]}, **query)
    assert "error" in book.call("PUT", "/values/A1", {"values": [[1]]}, valueInputOption="RAW", fields="nope")
    assert len(book.get()["sheets"]) == 1
    assert book.values("S") == []
