"""What a run logs: every event and figure that alerts and dashboards rely on, and never a secret."""

import json
from datetime import timedelta
from typing import Any

import pytest
import structlog

from seat_report.avepoint.transport import Transport
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.support.hold import Holding
from tests.support.world import World

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NUMBERS = {
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
    "not_ok_in_a_row",
}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged since the last look."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def events(found: list[dict[str, Any]], message: str) -> list[dict[str, Any]]:
    """The events of that name."""
    return [line for line in found if line["message"] == message]


def test_a_good_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that goes well logs that it started, and once that it finished, with every figure."""
    world.list_customers()
    answer = world.run()
    found = lines(capsys)
    assert [line["message"] for line in found] == ["run started", "run finished"]
    started, finished = found
    assert {line["run_id"] for line in found} == {answer["run_id"]}
    assert {line["severity"] for line in found} == {"INFO"}
    assert (started["trigger"], started["dry_run"], started["limited"]) == ("manual", False, False)
    assert {name for name, value in finished.items() if type(value) in (int, float)} == NUMBERS
    assert (finished["outcome"], finished["dry_run"], finished["limited"]) == ("ok", False, False)
    assert finished["customers"] == answer["customers"]["queried"] == 36
    assert finished["tenants"] == answer["tenants"]
    assert finished["assigned"] == sum(seats["assigned"] for seats in answer["seats"].values())
    assert finished["available_google"] == answer["seats"]["google"]["available"]
    assert finished["rows_changed"] == finished["rows_added"] == answer["changes"]["rows_added"]
    assert finished["requests"] == answer["avepoint"]["requests"]
    assert finished["not_ok_in_a_row"] == 0
    assert "failure" not in finished


def test_a_run_with_problems(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each problem is an event of its own, and the run's end a warning; mere notices are no warnings."""
    customers = world.avepoint.directory.customers[:3]
    world.put("Customers", [["Customer ID"], *([one.id] for one in customers), [customers[0].id], ["a/b"]])
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customers[1].id, tenant_type=2))
    answer = world.run()
    found = lines(capsys)
    told = {(one["problem"], one["severity"], one["row"]) for one in events(found, "problem")}
    assert told == {
        ("not-authorised", "WARNING", 3),
        ("duplicate-customer-id", "INFO", 5),
        ("invalid-customer-id", "WARNING", 6),
    }
    (hidden,) = (one for one in found if one.get("problem") == "not-authorised")
    assert (hidden["customer_id"], hidden["tenant_type"]) == (customers[1].id, "google")
    assert hidden["detail"]
    (finished,) = events(found, "run finished")
    assert (finished["severity"], finished["outcome"], finished["failed"]) == ("WARNING", "partial", 1)
    assert finished["problems"] == len(answer["problems"]) == 3
    assert finished["not_ok_in_a_row"] == 1


def test_runs_that_fail(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed run is an error that says which kind, and how many in a row have not been ok."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    for _ in range(2):
        world.run(expect=502)
    counts = [one["not_ok_in_a_row"] for one in events(lines(capsys), "run finished")]
    assert counts == [1, 2]
    world.configure(AVEPOINT_CLIENT_SECRET="another")
    world.run(expect=500)
    found = lines(capsys)
    (finished,) = events(found, "run finished")
    assert (finished["severity"], finished["failure"]) == ("ERROR", "configuration")
    (fault,) = events(found, "configuration fault")
    assert "AVEPOINT_CLIENT_SECRET" in fault["setting"]
    assert fault["remedy"]


def test_configuration_before_a_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong before a run can begin is an error all the same, each fault an event."""
    world.configure(SPREADSHEET_ID=None, TENANT_TYPES="tea")
    world.run(expect=500)
    found = lines(capsys)
    assert {(one["setting"], one["severity"]) for one in found} == {
        ("SPREADSHEET_ID", "ERROR"),
        ("TENANT_TYPES", "ERROR"),
    }


def test_limited_dry_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A limited run and a dry run say that they are, so that dashboards can leave them out."""
    world.list_customers()
    world.run(dry_run=True, tenant_type="google")
    (finished,) = events(lines(capsys), "run finished")
    assert (finished["dry_run"], finished["limited"]) == (True, True)
    assert "assigned_google" in finished
    assert "assigned_salesforce" not in finished


@pytest.mark.parametrize("days", [400, 12, 0, -3])
def test_credential_days(world: World, capsys: pytest.CaptureFixture[str], days: int) -> None:
    """How many days the credential has left is a figure, also when it has ended."""
    world.list_customers(world.avepoint.directory.customers[:1])
    ends = world.clock.now().date() + timedelta(days=days)
    world.configure(AVEPOINT_CREDENTIAL_EXPIRES=str(ends))
    world.run()
    found = lines(capsys)
    (finished,) = events(found, "run finished")
    assert finished["credential_days_left"] == days
    assert len(events(found, "warning")) == (days <= 30)


def test_refused_run(world: World, capsys: pytest.CaptureFixture[str], holding: Holding) -> None:
    """A run that is refused since another one works is no failure in the logs."""
    world.list_customers()
    with holding(0) as hold:
        first = world.function.post("/", headers={"Accept": "text/html"}, buffered=False)
        hold.wait()
        world.run(expect=409)
        world.deploy().post("/")
        hold.release()
        first.close()
    found = lines(capsys)
    assert len(events(found, "run refused")) == 2
    assert {one["severity"] for one in events(found, "run refused")} == {"INFO"}
    assert len(events(found, "run finished")) == 1


def test_every_line_of_a_run(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of worker threads carry the run's ID and the request's trace as well."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    world.configure(LOG_LEVEL="DEBUG")
    world.list_customers(world.avepoint.directory.customers[:4])
    world.avepoint.faults.add(Fault(kind="status", status=503, times=2))
    answer = world.function.post("/", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    found = lines(capsys)
    retries = [line for line in found if line["message"] == "AvePoint is asked again"]
    assert len(retries) == 2
    assert all((line["severity"], line["why"]) == ("DEBUG", "status 503") for line in retries)
    assert {line["run_id"] for line in found} == {answer.get_json()["run_id"]}
    assert {line["logging.googleapis.com/trace"] for line in found} == {f"projects/my-project/traces/{TRACE}"}
    world.function.get("/health?fresh=1h")
    assert all("run_id" not in line and "logging.googleapis.com/trace" not in line for line in lines(capsys))


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
    """Whatever goes wrong, no log line and no answer holds the client's secret or an access token, at DEBUG either."""
    world.configure(LOG_LEVEL="DEBUG")
    world.list_customers(world.avepoint.directory.customers[:8])
    world.avepoint.faults.add(*FAULTS)
    answers = [world.function.post("/").text, world.function.post("/", headers={"Accept": "text/html"}).text]
    tokens = {
        request.headers["authorization"].removeprefix("Bearer ") for request in world.avepoint.log.requests("seats")
    }
    assert len(tokens) >= 2
    token = min(tokens)

    def quote_everything(*arguments: Any) -> None:
        raise ValueError(f"unforeseen: {arguments}")

    monkeypatch.setattr(Transport, "post", quote_everything)
    answers.append(world.function.post("/").text)
    structlog.get_logger().error("by mistake", header=f"Bearer {token}", body=f"client_secret={CLIENT_SECRET}&x=y")
    captured = capsys.readouterr()
    written = "".join([captured.out, captured.err, *answers])
    assert "unexpected error" in written
    assert "by mistake" in written
    for secret in (*tokens, CLIENT_SECRET):
        assert secret not in written
