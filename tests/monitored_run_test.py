"""The log of a run: every event and field that alerts and dashboards rely on, and no secrets."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
import structlog

from seat_report.avepoint.transport import Transport
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.reporting.logs_test import BrokenOutput
from tests.support.hold import Holding
from tests.support.log_lines import LogLine, log_lines, with_message
from tests.support.world import CUSTOMER_COUNT, World

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NUMBER_FIELDS = {
    "seconds",
    "customers",
    "answered",
    "failed",
    "listed",
    "skipped",
    "tenants",
    "assigned",
    "available",
    "assigned_microsoft_365",
    "available_microsoft_365",
    "assigned_salesforce",
    "available_salesforce",
    "assigned_google",
    "available_google",
    "assigned_dynamics_365",
    "available_dynamics_365",
    "requests",
    "retries",
    "throttled",
    "rows_added",
    "rows_updated",
    "rows_removed",
    "rows_changed",
    "cells_changed",
    "problems",
    "warnings",
    "missing",
    "not_ok_in_a_row",
}


def logged(capsys: pytest.CaptureFixture[str]) -> list[LogLine]:
    """The lines logged since the last call."""
    return log_lines(capsys.readouterr().out)


def test_ok_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A good run logs its start and, once, its end with every field."""
    world.list_customers()
    response = world.run()
    lines = logged(capsys)
    assert [line["message"] for line in lines] == ["run started", "run finished"]
    started, finished = lines
    assert {line["run_id"] for line in lines} == {response["run_id"]}
    assert {line["severity"] for line in lines} == {"INFO"}
    assert (started["trigger"], started["dry_run"], started["limited"]) == ("manual", False, False)
    assert {name for name, value in finished.items() if type(value) in (int, float)} == NUMBER_FIELDS
    assert (finished["outcome"], finished["dry_run"], finished["limited"]) == ("ok", False, False)
    assert finished["customers"] == response["customers"]["queried"] == CUSTOMER_COUNT
    assert finished["tenants"] == response["tenants"]
    assert finished["assigned"] == sum(seats["assigned"] for seats in response["seats"].values())
    assert finished["available_google"] == response["seats"]["google"]["available"]
    assert finished["rows_changed"] == finished["rows_added"] == response["changes"]["rows_added"]
    assert finished["requests"] == response["avepoint"]["requests"]
    assert finished["not_ok_in_a_row"] == 0
    assert "failure" not in finished


@pytest.mark.parametrize("arguments", [{"dry_run": True}, {"nonsense": "1"}, {}])
def test_a_log_that_cannot_be_written_changes_nothing(world: World, arguments: dict[str, Any]) -> None:
    """The run, its response and the spreadsheet are the same as ever."""
    world.list_customers()
    with contextlib.redirect_stdout(BrokenOutput(OSError("No space left"))):
        response = world.function.post("/", json=arguments)
    assert response.status_code == (400 if "nonsense" in arguments else 200)
    assert arguments or world.report_seats() == world.service_seats()


def test_partial_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each problem is an event of its own, and the end of the run is a warning; notices are not warnings."""
    customers = world.avepoint.directory.customers[:3]
    world.put("Customers", [["Customer ID"], *([customer.id] for customer in customers), [customers[0].id], ["a/b"]])
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customers[1].id, tenant_type=2))
    response = world.run()
    lines = logged(capsys)
    problems = {(line["problem"], line["severity"], line["row"]) for line in with_message(lines, "problem")}
    assert problems == {
        ("not-authorised", "WARNING", 3),
        ("duplicate-customer-id", "INFO", 5),
        ("invalid-customer-id", "WARNING", 6),
    }
    (hidden,) = (line for line in lines if line.get("problem") == "not-authorised")
    assert (hidden["customer_id"], hidden["tenant_type"]) == (customers[1].id, "google")
    assert hidden["detail"]
    (finished,) = with_message(lines, "run finished")
    assert (finished["severity"], finished["outcome"], finished["failed"]) == ("WARNING", "partial", 1)
    assert finished["problems"] == len(response["problems"]) == 3
    assert finished["not_ok_in_a_row"] == 1


def test_failed_runs(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed run is an error with its kind and the number of runs in a row that were not ok."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    for _ in range(2):
        world.run(expect=502)
    counts = [line["not_ok_in_a_row"] for line in with_message(logged(capsys), "run finished")]
    assert counts == [1, 2]
    world.configure(AVEPOINT_CLIENT_SECRET="another")
    world.run(expect=500)
    lines = logged(capsys)
    (finished,) = with_message(lines, "run finished")
    assert (finished["severity"], finished["failure"]) == ("ERROR", "configuration")
    (fault,) = with_message(lines, "configuration fault")
    assert "AVEPOINT_CLIENT_SECRET" in fault["setting"]
    assert fault["remedy"]


def test_wrong_configuration_before_a_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrong setting found before a run begins is an error of its own."""
    world.configure(SPREADSHEET_ID=None, TENANT_TYPES="tea")
    world.run(expect=500)
    lines = logged(capsys)
    assert {(line["setting"], line["severity"]) for line in lines} == {
        ("SPREADSHEET_ID", "ERROR"),
        ("TENANT_TYPES", "ERROR"),
    }


def test_limited_dry_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A limited run and a dry run are marked as such, so that dashboards can exclude them."""
    world.list_customers()
    world.run(dry_run=True, tenant_type="google")
    (finished,) = with_message(logged(capsys), "run finished")
    assert (finished["dry_run"], finished["limited"]) == (True, True)
    assert "assigned_google" in finished
    assert "assigned_salesforce" not in finished


@pytest.mark.parametrize("days", [400, 12, 0, -3])
def test_credential_days(world: World, capsys: pytest.CaptureFixture[str], days: int) -> None:
    """The days until the credential expires are a field, also after it has expired."""
    world.list_customers(world.avepoint.directory.customers[:1])
    expires = world.clock.now().date() + timedelta(days=days)
    world.configure(AVEPOINT_CREDENTIAL_EXPIRES=str(expires))
    world.run()
    lines = logged(capsys)
    (finished,) = with_message(lines, "run finished")
    assert finished["credential_days_left"] == days
    assert len(with_message(lines, "warning")) == (days <= 30)


def test_refused_run(world: World, capsys: pytest.CaptureFixture[str], holding: Holding) -> None:
    """A run that is refused because another one is under way is not logged as a failure."""
    world.list_customers()
    with holding(0) as hold:
        first = world.function.post("/", headers={"Accept": "text/html"}, buffered=False)
        hold.wait()
        world.run(expect=409)
        world.deploy().post("/")
        hold.release()
        first.close()
    lines = logged(capsys)
    assert len(with_message(lines, "run refused")) == 2
    assert {line["severity"] for line in with_message(lines, "run refused")} == {"INFO"}
    assert len(with_message(lines, "run finished")) == 1


def test_context_of_every_line(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line has the run's ID and the request's trace, also those of worker threads."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    world.configure(LOG_LEVEL="DEBUG")
    world.list_customers(world.avepoint.directory.customers[:4])
    world.avepoint.faults.add(Fault(kind="status", status=503, skip=1, times=2))
    response = world.function.post("/", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    lines = logged(capsys)
    retries = [line for line in lines if line["message"] == "AvePoint is asked again"]
    assert len(retries) == 2
    assert all((line["severity"], line["why"]) == ("DEBUG", "status 503") for line in retries)
    assert {line["run_id"] for line in lines} == {response.get_json()["run_id"]}
    assert {line["logging.googleapis.com/trace"] for line in lines} == {f"projects/my-project/traces/{TRACE}"}
    world.function.get("/health?fresh=1h")
    assert all("run_id" not in line and "logging.googleapis.com/trace" not in line for line in logged(capsys))


FAULTS = [
    Fault(kind="status", status=500, endpoint="token", times=1),
    Fault(kind="status", status=401, skip=3, times=1),
    Fault(kind="status", status=429, retry_after="0", skip=5, times=1),
    Fault(kind="reset", skip=7, times=1),
    Fault(kind="truncated", skip=9, times=1),
    Fault(kind="html", skip=11, times=1),
    Fault(kind="status", status=400, skip=13, times=2),
    Fault(kind="shape-text", skip=15, times=1),
]


def test_no_secret_at_any_level(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, no log line or response has the client secret or an access token, not even at DEBUG."""
    world.configure(LOG_LEVEL="DEBUG")
    world.list_customers(world.avepoint.directory.customers[:8])
    world.avepoint.faults.add(*FAULTS)
    responses = [world.function.post("/").text, world.function.post("/", headers={"Accept": "text/html"}).text]
    tokens = {
        request.headers["authorization"].removeprefix("Bearer ") for request in world.avepoint.log.requests("seats")
    }
    assert len(tokens) >= 2
    token = min(tokens)

    def raise_with_arguments(*arguments: Any) -> None:
        raise ValueError(f"unforeseen: {arguments}")

    monkeypatch.setattr(Transport, "post", raise_with_arguments)
    responses.append(world.function.post("/").text)
    structlog.get_logger().error("by mistake", header=f"Bearer {token}", body=f"client_secret={CLIENT_SECRET}&x=y")
    captured = capsys.readouterr()
    output = "".join([captured.out, captured.err, *responses])
    assert "unexpected error" in output
    assert "by mistake" in output
    for secret in (*tokens, CLIENT_SECRET):
        assert secret not in output
