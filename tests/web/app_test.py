"""The URL: what each request is answered, through the deployed source."""

import io
import json
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from seat_report.monitored_run import MonitoredRun
from seat_report.run import Run
from tests.emulators.avepoint.faults import Fault
from tests.support.hold import Holding
from tests.support.world import World

PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCHEDULER = {"X-CloudScheduler": "true", "X-CloudScheduler-JobName": "projects/p/locations/l/jobs/daily"}


def asked(world: World) -> int:
    """How many questions AvePoint was asked."""
    return len(world.avepoint.log.requests("seats"))


def break_down(*_: Any, **__: Any) -> None:
    """What nobody foresaw."""
    raise KeyError("inside")


class Call:
    """A request that is under way in a thread of its own."""

    def __init__(self, client: FlaskClient, **arguments: Any) -> None:
        self.answer: Any = None
        self._client, self._arguments = client, arguments
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def _call(self) -> None:
        self.answer = self._client.post("/", **self._arguments)

    def wait(self) -> Any:
        """The answer, when it is there."""
        self._thread.join()
        return self.answer


@pytest.mark.parametrize("path", ["/nothing", "/health/", "/health/deep", "/run"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_such_address(world: World, method: str, path: str) -> None:
    """Any other address is 404 and says which there are."""
    answer = world.function.open(path, method=method)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert "/health" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/", "PUT", "GET, POST"),
        ("/", "DELETE", "GET, POST"),
        ("/", "HEAD", "GET, POST"),
        ("/", "OPTIONS", "GET, POST"),
        ("/", "PATCH", "GET, POST"),
        ("/health", "POST", "GET"),
        ("/health", "HEAD", "GET"),
    ],
)
def test_other_methods(world: World, path: str, method: str, allowed: str) -> None:
    """Any other method is 405, says which are allowed, and does nothing."""
    world.list_customers()
    answer = world.function.open(path, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert asked(world) == 0


@pytest.mark.parametrize("query", ["", "?format=html", "?dry_run=false&format=html", "?tenant_type=google"])
def test_a_page_that_is_got_never_runs(world: World, query: str) -> None:
    """A GET that asks for HTML shows the form and touches nothing, whatever its parameters."""
    world.list_customers()
    answer = world.function.get(f"/{query}", headers=PAGE)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "<form" in answer.text
    assert world.avepoint.log.requests() == []


def test_a_plain_get_runs(world: World) -> None:
    """A GET by a tool that asks for nothing special runs the report and answers JSON."""
    world.list_customers()
    answer = world.function.get("/")
    assert answer.get_json()["outcome"] == "ok"
    assert world.report_seats() == world.service_seats()


def test_limits(world: World) -> None:
    """Only the customers and types named are asked about, and the rows of others stay exactly as they are."""
    world.list_customers()
    world.run()
    first, second = world.avepoint.directory.customers[:2]
    others = [row for row in world.rows() if row["Customer ID"] != first.id]
    world.avepoint.directory.let_a_month_pass(seed=3)
    before = asked(world)
    answer = world.run(customer_id=[first.id], tenant_type="microsoft-365")
    assert asked(world) == before + 1
    assert answer["customers"] == {"listed": 36, "queried": 1, "failed": 0, "skipped": 35}
    assert [row for row in world.rows() if row["Customer ID"] != first.id] == others
    assert second.id in {row["Customer ID"] for row in others}


def test_not_listed(world: World) -> None:
    """An ID that the Customers tab lacks is a problem of that name, nobody else is asked about, and nothing changes."""
    world.list_customers()
    world.run()
    grid, before = world.grid(), asked(world)
    answer = world.run(customer_id="nobody")
    (problem,) = answer["problems"]
    assert (problem["problem"], problem["customer_id"]) == ("not-listed", "nobody")
    assert "add it there first" in problem["detail"]
    assert answer["outcome"] == "partial"
    assert asked(world) == before
    assert world.grid() == grid


def test_dry_run(world: World) -> None:
    """A dry run asks AvePoint and shows the patch row by row; the spreadsheet stays as it is, without a new tab."""
    world.list_customers()
    answer = world.run(dry_run=True)
    assert asked(world) > 0
    assert len(answer["preview"]) == answer["changes"]["rows_added"] > 0
    assert [tab.title for tab in world.book.worksheets() if tab.title not in {"Sheet1", "Customers"}] == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("headers", [{}, PAGE])
def test_another_site(world: World, site: str, headers: dict[str, str]) -> None:
    """A POST that a browser marks as another site's is refused, whatever answer it wants."""
    world.list_customers()
    answer = world.function.post("/", headers={**headers, "Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "Another site" in answer.text
    assert asked(world) == 0


def test_another_sites_picture(world: World) -> None:
    """A GET that would run is refused likewise: a picture on another site's page sends one."""
    world.list_customers()
    answer = world.function.get("/", headers={"Sec-Fetch-Site": "cross-site", "Accept": "image/avif,*/*;q=0.8"})
    assert answer.status_code == 403
    assert asked(world) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        # Through a proxy on the person's own machine the function goes by another name.
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "https://localhost.elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
    ],
)
def test_who_may_run(world: World, headers: dict[str, str], status: int) -> None:
    """What a browser says of a request's origin decides; an older browser's Origin must be the function's own."""
    assert world.function.post("/?dry_run=1", headers=headers).status_code == status


def test_a_run_is_under_way(world: World, holding: Holding) -> None:
    """A second run is refused with 409, as a page too; the scheduler gets 202, as its retry would be no help."""
    world.list_customers()
    with holding(0) as hold:
        first = Call(world.function)
        hold.wait()
        refused = world.function.post("/")
        page = world.function.post("/", headers=PAGE)
        form = world.function.post("/", data={"format": "html"})
        scheduled = world.function.post("/", headers=SCHEDULER)
        health = world.function.get("/health")
        hold.release()
        assert first.wait().status_code == 200
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert "Wait" in refused.get_json()["detail"]
    assert (page.status_code, page.mimetype) == (form.status_code, form.mimetype) == (409, "text/html")
    assert (scheduled.status_code, scheduled.get_json()) == (202, {"outcome": "under way"})
    assert health.status_code == 200
    assert world.run()["outcome"] == "ok"


def test_a_run_of_another_instance_is_under_way(world: World, holding: Holding) -> None:
    """The same holds if the other run is another instance's: the Runs tab knows of it."""
    world.list_customers()
    with holding(0) as hold:
        first = Call(world.function)
        hold.wait()
        other = world.deploy()
        statuses = [other.post("/", headers=headers).status_code for headers in ({}, PAGE, SCHEDULER)]
        hold.release()
        first.wait()
    assert statuses == [409, 409, 202]


@pytest.mark.parametrize(
    ("headers", "trigger", "by"),
    [
        ({}, "manual", ""),
        (SCHEDULER, "schedule", SCHEDULER["X-CloudScheduler-JobName"]),
        ({"X-Goog-Authenticated-User-Email": "accounts.google.com:ada@example.com"}, "manual", "ada@example.com"),
        ({"X-Goog-Authenticated-User-Email": "=1+1\x01\x85 \t" + "x" * 500}, "manual", ("=1+1 " + "x" * 500)[:200]),
    ],
)
def test_who_asked(world: World, headers: dict[str, str], trigger: str, by: str) -> None:
    """Who or what asked for a run stands in its row, as text of one line, however long and strange it was."""
    world.list_customers(world.avepoint.directory.customers[:1])
    world.function.post("/", headers=headers)
    (row,) = world.rows("Runs")
    assert (row["Trigger"], row["By"]) == (trigger, by)


@pytest.mark.parametrize("headers", [{}, PAGE])
def test_unexpected_error_in_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that nobody foresaw tells the run's ID and nothing of the inside; the next run goes ahead."""
    world.list_customers()
    with monkeypatch.context() as patch:
        patch.setattr(Run, "go", break_down)
        answer = world.function.post("/", headers=headers)
    (error,) = [line for line in lines(capsys) if line["message"] == "unexpected error"]
    assert error["run_id"] in answer.text
    assert "inside" not in answer.text
    assert "Traceback" not in answer.text
    if headers:
        # The page has begun, so it tells the outcome itself.
        assert answer.status_code == 200
        assert "The run failed" in answer.text
    else:
        assert answer.status_code == 500
        assert answer.get_json()["run_id"] == error["run_id"]
        assert answer.content_type == "application/problem+json"
    assert error["severity"] == "ERROR"
    assert error["stack_trace"].startswith("Traceback (most recent call last):")
    assert error["@type"].endswith("ReportedErrorEvent")
    assert world.run()["outcome"] == "ok"


@pytest.mark.parametrize("headers", [{}, PAGE])
def test_unexpected_error_before_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same holds before a run has begun, and the next one is not kept out."""
    world.list_customers()
    with monkeypatch.context() as patch:
        patch.setattr(MonitoredRun, "__init__", break_down)
        answer = world.function.post("/", headers=headers)
    (error,) = [line for line in lines(capsys) if line["message"] == "unexpected error"]
    assert answer.status_code == 500
    assert error["run_id"] in answer.text
    assert "inside" not in answer.text
    assert world.run()["outcome"] == "ok"


@pytest.mark.parametrize("headers", [{}, PAGE])
def test_wrong_settings(world: World, headers: dict[str, str]) -> None:
    """Every wrong setting is named with what to do, before anything is asked, as JSON and as a page."""
    world.configure(SPREADSHEET_ID="not an id", TENANT_TYPES="tea", AVEPOINT_CLIENT_SECRET=None)
    answer = world.function.post("/", headers=headers)
    assert answer.status_code == 500
    for name in ("SPREADSHEET_ID", "TENANT_TYPES", "AVEPOINT_CLIENT_SECRET"):
        assert name in answer.text
    if not headers:
        assert all(fault["remedy"] for fault in answer.get_json()["faults"])


@pytest.mark.parametrize("headers", [{}, PAGE])
@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("AVEPOINT_CLIENT_SECRET", "another", "AVEPOINT_CLIENT_SECRET"),
        ("SPREADSHEET_ID", "nowhere", "SPREADSHEET_ID"),
        ("CUSTOMERS_TAB", "Clients", "CUSTOMERS_TAB"),
    ],
)
def test_configuration_that_shows_only_in_a_run(
    world: World, setting: str, value: str, told: str, headers: dict[str, str]
) -> None:
    """What only the services can tell is wrong with the configuration is 500 as well, also for a page."""
    world.list_customers()
    world.configure(**{setting: value})
    answer = world.function.post("/", headers=headers)
    assert answer.status_code == 500
    assert told in answer.text


def test_avepoint_answers_for_nobody(world: World) -> None:
    """If AvePoint answers for no customer, JSON is 502 with all that was found out; a page is 200 and says so."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    answer = world.function.post("/")
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["outcome"]) == (502, 502, "failed")
    assert body["customers"]["failed"] == 36
    assert body["run_id"]
    page = world.function.post("/", headers=PAGE)
    assert page.status_code == 200
    assert "The run failed" in page.text
    assert "AvePoint answered for no customer" in page.text


def test_blank_ids_of_a_form(world: World) -> None:
    """The page's empty field means all customers; a tool's empty parameter is a mistake, and nothing runs."""
    world.list_customers()
    page = world.function.post("/", data={"format": "html", "customer_id": " \r\n "})
    assert "All 36 customers answered" in page.text
    assert world.function.post("/", data={"customer_id": ""}).status_code == 400
    assert world.function.post("/?format=html&customer_id=").status_code == 400


def test_a_body_that_breaks_off(world: World) -> None:
    """A client that leaves before its body is whole starts no run; whoever still listens is told."""
    world.list_customers()
    answer = world.function.post("/", input_stream=io.BytesIO(b'{"dry_'), headers={"Content-Length": "40"})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert world.avepoint.log.requests() == []


def test_bad_request_is_a_page_for_people(world: World) -> None:
    """What can't be understood is 400, for a browser as a page that shows the text as text."""
    answer = world.function.post("/", data={"customer_id": "<b>/</b>"}, headers=PAGE)
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert "&lt;b&gt;/&lt;/b&gt;" in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["/?format=html", "/?format=html&x=1", "/nowhere?format=html"])
def test_headers_of_pages(world: World, path: str) -> None:
    """Every page has a policy that allows its own style and form and nothing else, and is kept by nobody."""
    answer = world.function.get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    nonce = policy.pop("style-src").removeprefix("'nonce-").removesuffix("'")
    assert f'<style nonce="{nonce}">' in answer.text
    assert answer.text.count("<style") == 1
    assert " style=" not in answer.text
    assert policy == {
        "default-src": "'none'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert nonce not in world.function.get(path).text


def test_a_renewed_secret_is_used(world: World) -> None:
    """A warm instance takes settings as they are at each request."""
    world.list_customers()
    world.configure(AVEPOINT_CLIENT_SECRET="old")
    assert world.function.post("/").status_code == 500
    world.configure(AVEPOINT_CLIENT_SECRET="local-secret")
    assert world.run()["outcome"] == "ok"


def test_a_warm_instance_keeps_its_token(world: World) -> None:
    """The second run of an instance gets along with the first one's access token."""
    world.list_customers()
    world.run()
    world.run()
    assert world.avepoint.tokens.issued == 1


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
