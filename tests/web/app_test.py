"""The HTTP application: the response to each kind of request, through the deployed source."""

import io
import re
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from seat_report.monitored_run import MonitoredRun
from seat_report.run import Run
from seat_report.workbook.sheets_api.client import Spreadsheet, WriteUncertainError
from tests.emulators.avepoint.faults import Fault
from tests.support.log_lines import LogLine, log_lines, with_message
from tests.support.world import CUSTOMER_COUNT, World

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCHEDULER = {"X-CloudScheduler": "true", "X-CloudScheduler-JobName": "projects/p/locations/l/jobs/daily"}


def seat_requests(world: World) -> int:
    """How many requests for seats AvePoint has received."""
    return len(world.avepoint.log.requests("seats"))


def raise_unexpected_error(*_: Any, **__: Any) -> None:
    """An error that nothing expects."""
    raise KeyError("inside")


def unexpected_error(capsys: pytest.CaptureFixture[str]) -> LogLine:
    """The only unexpected error that was logged."""
    (error,) = with_message(log_lines(capsys.readouterr().out), "unexpected error")
    return error


@pytest.mark.parametrize("path", ["/nothing", "/health/", "/health/deep", "/run"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path(world: World, method: str, path: str) -> None:
    """Any other path is 404 with the valid ones."""
    response = world.function.open(path, method=method)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert "/health" in response.get_json()["detail"]


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
def test_method_not_allowed(world: World, path: str, method: str, allowed: str) -> None:
    """Any other method is 405 with the allowed ones, and does nothing."""
    world.list_customers()
    response = world.function.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == allowed
    assert seat_requests(world) == 0


@pytest.mark.parametrize("query", ["", "?format=html", "?dry_run=false&format=html", "?tenant_type=google"])
def test_get_of_a_page_never_runs(world: World, query: str) -> None:
    """A GET for HTML shows the form and does nothing else, whatever its parameters."""
    world.list_customers()
    response = world.function.get(f"/{query}", headers=BROWSER)
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "<form" in response.text
    assert world.avepoint.log.requests() == []


def test_plain_get_runs(world: World) -> None:
    """A GET by a tool without preferences runs the report and returns JSON."""
    world.list_customers()
    response = world.function.get("/")
    assert response.get_json()["outcome"] == "ok"
    assert world.report_seats() == world.service_seats()


def test_limits(world: World) -> None:
    """Only the given customers and types are queried, and rows of others stay exactly as they are."""
    world.list_customers()
    world.run()
    first, second = world.avepoint.directory.customers[:2]
    other_rows = [row for row in world.rows() if row["Customer ID"] != first.id]
    world.avepoint.directory.let_a_month_pass(seed=3)
    requests_before = seat_requests(world)
    response = world.run(customer_id=[first.id], tenant_type="microsoft-365")
    assert seat_requests(world) == requests_before + 1
    assert response["customers"] == {"listed": CUSTOMER_COUNT, "queried": 1, "failed": 0, "skipped": CUSTOMER_COUNT - 1}
    assert [row for row in world.rows() if row["Customer ID"] != first.id] == other_rows
    assert second.id in {row["Customer ID"] for row in other_rows}


def test_not_listed(world: World) -> None:
    """An ID missing from the Customers tab is a problem; nothing is queried and nothing changes."""
    world.list_customers()
    world.run()
    grid, requests_before = world.grid(), seat_requests(world)
    response = world.run(customer_id="nobody")
    (problem,) = response["problems"]
    assert (problem["problem"], problem["customer_id"]) == ("not-listed", "nobody")
    assert "Add it there first" in problem["detail"]
    assert response["outcome"] == "partial"
    assert seat_requests(world) == requests_before
    assert world.grid() == grid


def test_dry_run(world: World) -> None:
    """A dry run queries AvePoint and shows the changes row by row; the spreadsheet stays unchanged, with no new tab."""
    world.list_customers()
    response = world.run(dry_run=True)
    assert seat_requests(world) > 0
    assert len(response["preview"]) == response["changes"]["rows_added"] > 0
    assert [tab.title for tab in world.book.worksheets() if tab.title not in {"Sheet1", "Customers"}] == []


def test_the_page_of_a_run_shows_what_its_preview_announced(world: World) -> None:
    """After the run, the page has the same rows as the preview before it, worded as done."""
    first, second = customers = world.avepoint.directory.customers[:2]
    world.list_customers(customers)
    world.run()
    tenant = first.tenants[0]
    world.avepoint.directory.put_tenant(first.id, replace(tenant, assigned=tenant.assigned + 4))
    world.avepoint.directory.remove_tenant(second.id, second.tenants[0].id)
    announced = world.function.post("/?dry_run=true", headers=BROWSER).text
    page = world.function.post("/", headers=BROWSER).text
    assert 'aria-label="Rows that would change"' in announced
    assert 'aria-label="Rows that changed"' in page
    rows = re.findall(r"<tr><td>.*?</tr>", page)
    assert len(rows) == 4
    assert rows == [row.replace("would be removed", "removed") for row in re.findall(r"<tr><td>.*?</tr>", announced)]


def fail_to_write(*_: Any) -> NoReturn:
    """A write whose outcome is not known."""
    raise WriteUncertainError("Google did not say.")


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_a_run_that_could_not_write_claims_no_change(
    world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """What was planned but perhaps never written is not reported as done."""
    world.list_customers()
    monkeypatch.setattr(Spreadsheet, "write_and_read", fail_to_write)
    response = world.function.post("/", headers=headers)
    if headers:
        assert "No change is confirmed." in response.text
        assert "Rows that changed" not in response.text
    else:
        assert response.status_code == 503
        assert set(response.get_json()["changes"].values()) == {0}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_cross_site_post(world: World, site: str, headers: dict[str, str]) -> None:
    """A POST that a browser marks as cross-site is refused, whatever response it accepts."""
    world.list_customers()
    response = world.function.post("/", headers={**headers, "Sec-Fetch-Site": site})
    assert response.status_code == 403
    assert "another site" in response.text
    assert seat_requests(world) == 0


def test_cross_site_get(world: World) -> None:
    """A cross-site GET that would start a run is refused: an image on another site's page can send one."""
    world.list_customers()
    response = world.function.get("/", headers={"Sec-Fetch-Site": "cross-site", "Accept": "image/avif,*/*;q=0.8"})
    assert response.status_code == 403
    assert seat_requests(world) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        # Through a proxy on the person's own machine, the function has another host name.
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "https://localhost.elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Origin": "http://[x"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_origin_of_a_request(world: World, headers: dict[str, str], status: int) -> None:
    """The browser's Sec-Fetch-Site decides; the Origin of an older browser must be the function's own."""
    assert world.function.post("/?dry_run=1", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "trigger", "by"),
    [
        ({}, "manual", ""),
        (SCHEDULER, "schedule", SCHEDULER["X-CloudScheduler-JobName"]),
        ({"X-Goog-Authenticated-User-Email": "accounts.google.com:ada@example.com"}, "manual", "ada@example.com"),
        ({"X-Goog-Authenticated-User-Email": "=1+1\x01\x85 \t" + "x" * 500}, "manual", ("=1+1 " + "x" * 500)[:200]),
    ],
)
def test_trigger_and_requester(world: World, headers: dict[str, str], trigger: str, by: str) -> None:
    """The run's row has its trigger and requester as text on one line, however long and strange they were."""
    world.list_customers(world.avepoint.directory.customers[:1])
    world.function.post("/", headers=headers)
    (row,) = world.rows("Runs")
    assert (row["Trigger"], row["By"]) == (trigger, by)


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_unexpected_error_in_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An unexpected error shows the run's ID and no internals; the next run is not affected."""
    world.list_customers()
    with monkeypatch.context() as patch:
        patch.setattr(Run, "go", raise_unexpected_error)
        response = world.function.post("/", headers=headers)
    error = unexpected_error(capsys)
    assert error["run_id"] in response.text
    assert "inside" not in response.text
    assert "Traceback" not in response.text
    if headers:
        # The page has begun, so it shows the outcome itself.
        assert response.status_code == 200
        assert "The run failed" in response.text
    else:
        assert response.status_code == 500
        assert response.get_json()["run_id"] == error["run_id"]
        assert response.content_type == "application/problem+json"
    assert error["severity"] == "ERROR"
    assert error["stack_trace"].startswith("Traceback (most recent call last):")
    assert error["@type"].endswith("ReportedErrorEvent")
    assert world.run()["outcome"] == "ok"


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_unexpected_error_before_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same applies before a run has begun, and the next one is not locked out."""
    world.list_customers()
    with monkeypatch.context() as patch:
        patch.setattr(MonitoredRun, "__init__", raise_unexpected_error)
        response = world.function.post("/", headers=headers)
    error = unexpected_error(capsys)
    assert response.status_code == 500
    assert error["run_id"] in response.text
    assert "inside" not in response.text
    assert world.run()["outcome"] == "ok"


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_wrong_settings(world: World, headers: dict[str, str]) -> None:
    """Every wrong setting is named with its remedy, before any other request, as JSON and as a page."""
    world.configure(SPREADSHEET_ID="not an id", TENANT_TYPES="tea", AVEPOINT_CLIENT_SECRET=None)
    response = world.function.post("/", headers=headers)
    assert response.status_code == 500
    for name in ("SPREADSHEET_ID", "TENANT_TYPES", "AVEPOINT_CLIENT_SECRET"):
        assert name in response.text
    if not headers:
        assert all(fault["remedy"] for fault in response.get_json()["faults"])


@pytest.mark.parametrize("headers", [{}, BROWSER])
@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("AVEPOINT_CLIENT_SECRET", "another", "AVEPOINT_CLIENT_SECRET"),
        ("SPREADSHEET_ID", "nowhere", "SPREADSHEET_ID"),
        ("CUSTOMERS_TAB", "Clients", "CUSTOMERS_TAB"),
    ],
)
def test_wrong_configuration_found_during_a_run(
    world: World, setting: str, value: str, expected: str, headers: dict[str, str]
) -> None:
    """A wrong configuration that only the services detect is 500 as well, also as a page."""
    world.list_customers()
    world.configure(**{setting: value})
    response = world.function.post("/", headers=headers)
    assert response.status_code == 500
    assert expected in response.text


def test_avepoint_answers_for_no_customer(world: World) -> None:
    """If AvePoint answers for no customer, JSON is 502 with all members; a page is 200 and says so."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    response = world.function.post("/")
    body = response.get_json()
    assert (response.status_code, body["status"], body["outcome"]) == (502, 502, "failed")
    assert body["customers"]["failed"] == CUSTOMER_COUNT
    assert body["run_id"]
    page = world.function.post("/", headers=BROWSER)
    assert page.status_code == 200
    assert "The run failed" in page.text
    assert "AvePoint answered for no customer" in page.text


def test_blank_ids(world: World) -> None:
    """The page's empty field means all customers; a tool's empty parameter is refused, and nothing runs."""
    world.list_customers()
    page = world.function.post("/", data={"format": "html", "customer_id": " \r\n "})
    assert f"All {CUSTOMER_COUNT} customers answered" in page.text
    assert world.function.post("/", data={"customer_id": ""}).status_code == 400
    assert world.function.post("/?format=html&customer_id=").status_code == 400


def test_incomplete_body(world: World) -> None:
    """A client that leaves before its body is complete starts no run; the response is an error."""
    world.list_customers()
    response = world.function.post("/", input_stream=io.BytesIO(b'{"dry_'), headers={"Content-Length": "40"})
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert world.avepoint.log.requests() == []


def test_bad_request_as_a_page(world: World) -> None:
    """An invalid request is 400, for a browser as a page that shows its text escaped."""
    response = world.function.post("/", data={"customer_id": "<b>/</b>"}, headers=BROWSER)
    assert response.status_code == 400
    assert response.mimetype == "text/html"
    assert "&lt;b&gt;/&lt;/b&gt;" in response.text
    assert "<b>" not in response.text


@pytest.mark.parametrize(
    "arguments",
    [
        {"data": {"format": "html", "customer_id": "a/b"}},
        {"data": {"format": "html", "nonsense": "1"}},
        {"data": {"format": " HTML", "x": "1"}, "content_type": "multipart/form-data"},
        {"json": {"format": "html", "dry_run": "maybe"}},
    ],
)
def test_bad_request_as_the_page_that_its_body_asks_for(world: World, arguments: dict[str, Any]) -> None:
    """The body's `format` decides how an error is shown, as it does for a run."""
    response = world.function.post("/", **arguments)
    assert (response.status_code, response.mimetype) == (400, "text/html")


def test_wrong_settings_as_the_page_that_a_form_asks_for(world: World) -> None:
    """The same applies to an error that comes before the parameters."""
    world.configure(TENANT_TYPES="tea")
    response = world.function.post("/", data={"format": "html"})
    assert (response.status_code, response.mimetype) == (500, "text/html")


@pytest.mark.parametrize("path", ["/?format=html", "/?format=html&x=1", "/nowhere?format=html"])
def test_headers_of_pages(world: World, path: str) -> None:
    """Every page has a policy that allows only its own style and form, and is not cached."""
    response = world.function.get(path)
    policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    nonce = policy.pop("style-src").removeprefix("'nonce-").removesuffix("'")
    assert f'<style nonce="{nonce}">' in response.text
    assert response.text.count("<style") == 1
    assert " style=" not in response.text
    assert policy == {
        "default-src": "'none'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert nonce not in world.function.get(path).text


def test_rotated_secret(world: World) -> None:
    """A warm instance reads the settings at each request."""
    world.list_customers()
    world.configure(AVEPOINT_CLIENT_SECRET="old")
    assert world.function.post("/").status_code == 500
    world.configure(AVEPOINT_CLIENT_SECRET="local-secret")
    assert world.run()["outcome"] == "ok"


def test_warm_instance_keeps_its_token(world: World) -> None:
    """The second run of an instance reuses the first one's access token."""
    world.list_customers()
    world.run()
    world.run()
    assert world.avepoint.tokens.issued == 1
